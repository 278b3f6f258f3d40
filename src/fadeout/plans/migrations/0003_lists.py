"""The list of a plan is paged by outcome, reasons and recency; whoever was kept after all is found at once."""

from django.db import migrations

from fadeout.plans import listing


class Migration(migrations.Migration):
    dependencies = [("plans", "0002_plan_kind")]

    operations = [
        migrations.RunSQL(
            listing.index_statements(), [f"DROP INDEX {name}" for name in listing.INDEXES]
        ),
    ]
