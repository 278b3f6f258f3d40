"""What holds a run back is a matter of policy."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("institution", "0001_initial")]

    operations = [
        migrations.AddField(
            "policyversion",
            "largest_share",
            models.PositiveSmallIntegerField(db_default=20, default=20),
        ),
        migrations.AddField(
            "policyversion",
            "largest_growth",
            models.PositiveSmallIntegerField(db_default=3, default=3),
        ),
        migrations.AddField(
            "policyversion",
            "plan_days",
            models.PositiveSmallIntegerField(db_default=30, default=30),
        ),
        migrations.AddField(
            "policyversion", "two_people", models.BooleanField(db_default=False, default=False)
        ),
        migrations.AddField(
            "policyversion",
            "created_by",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="institution.operator",
            ),
        ),
        migrations.AddConstraint(
            "policyversion",
            models.CheckConstraint(
                condition=models.Q(("largest_share__gte", 1), ("largest_share__lte", 100)),
                name="policy_largest_share_per_cent",
            ),
        ),
        migrations.AddConstraint(
            "policyversion",
            models.CheckConstraint(
                condition=models.Q(("largest_growth__gte", 1)),
                name="policy_largest_growth_at_least_one",
            ),
        ),
        migrations.AddConstraint(
            "policyversion",
            models.CheckConstraint(
                condition=models.Q(("plan_days__gte", 1)), name="policy_plan_days"
            ),
        ),
    ]
