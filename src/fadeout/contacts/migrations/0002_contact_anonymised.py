"""Anonymous contacts are found at once: an import asks whether there are any."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contacts", "0001_initial")]

    operations = [
        migrations.AddIndex(
            "contact",
            models.Index(
                condition=models.Q(("anonymised_on__isnull", False)),
                fields=["id"],
                name="contact_anonymised",
            ),
        ),
    ]
