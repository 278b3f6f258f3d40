"""Plans of other kinds than the rule: of contacts named by hand, and of whoever a restore brought back."""

from django.db import migrations, models

KINDS = ["inactivity", "forget", "replay"]


class Migration(migrations.Migration):
    dependencies = [("plans", "0001_initial")]

    operations = [
        migrations.AddField(
            "plan",
            "kind",
            models.TextField(
                choices=[(kind, kind) for kind in KINDS],
                db_default="inactivity",
                default="inactivity",
            ),
        ),
        migrations.AddConstraint(
            "plan",
            models.CheckConstraint(condition=models.Q(("kind__in", KINDS)), name="plan_kind"),
        ),
    ]
