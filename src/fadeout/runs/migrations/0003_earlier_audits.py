"""What an earlier end of a run found stays on record when the run goes on."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runs", "0002_brakes")]

    operations = [
        migrations.AddField("run", "earlier_audits", models.JSONField(default=list)),
    ]
