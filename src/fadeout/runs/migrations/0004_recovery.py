"""Whether a run seals what it removes, and what each of its transactions sealed.

Runs of before sealed nothing.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runs", "0003_earlier_audits")]

    operations = [
        migrations.AddField("run", "has_recovery", models.BooleanField(default=False)),
        migrations.AddField("chunk", "sealed", models.JSONField(default=dict)),
    ]
