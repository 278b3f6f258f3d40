"""How long backups live: so long are the tokens of the erased kept."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("institution", "0002_brakes")]

    operations = [
        migrations.AddField(
            "policyversion",
            "backup_months",
            models.PositiveSmallIntegerField(db_default=12, default=12),
        ),
        migrations.AddConstraint(
            "policyversion",
            models.CheckConstraint(
                condition=models.Q(("backup_months__gte", 1)), name="policy_backup_months"
            ),
        ),
    ]
