"""What waits for a person to judge is found without reading all that was found."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("residue", "0001_initial"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="finding",
            index=models.Index(
                condition=models.Q(
                    ("row__isnull", False), models.Q(("done", "redacted"), _negated=True)
                ),
                fields=["run_number"],
                name="finding_to_judge",
            ),
        ),
    ]
