"""Pause and cancel, the account of a run chunk by chunk, and brakes that were lifted."""

import django.db.models.deletion
from django.db import migrations, models

STATES = ["running", "paused", "cancelled", "done", "incomplete"]
MOVE_ACCOUNTS = """
INSERT INTO runs_chunk (id, run_id, stage, committed_at, seconds, rows, requalified, digest, removed)
SELECT gen_random_uuid(), id, 'strike', started_at, 0, 0, 0, struck_digest, removed FROM runs_run
"""


class Migration(migrations.Migration):
    dependencies = [
        ("institution", "0002_brakes"),
        ("plans", "0001_initial"),
        ("runs", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            "chunk",
            "stage",
            models.TextField(
                choices=[("strike", "Strike"), ("tickets", "Tickets")], default="strike"
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "chunk", "digest", models.JSONField(default=["0", "0", "0"]), preserve_default=False
        ),
        migrations.AddField(
            "chunk", "removed", models.JSONField(default={}), preserve_default=False
        ),
        migrations.RunSQL(MOVE_ACCOUNTS, migrations.RunSQL.noop),
        migrations.RemoveField("run", "struck_digest"),
        migrations.RemoveField("run", "removed"),
        migrations.AddField(
            "run",
            "wish",
            models.TextField(choices=[("pause", "Pause"), ("cancel", "Cancel")], null=True),
        ),
        migrations.AlterField(
            "run",
            "state",
            models.TextField(choices=[(state, state.capitalize()) for state in STATES]),
        ),
        migrations.RemoveConstraint("run", "run_state"),
        migrations.AddConstraint(
            "run",
            models.CheckConstraint(condition=models.Q(("state__in", STATES)), name="run_state"),
        ),
        migrations.AddConstraint(
            "run",
            models.CheckConstraint(
                condition=models.Q(
                    ("wish__isnull", True), ("wish__in", ["pause", "cancel"]), _connector="OR"
                ),
                name="run_wish",
            ),
        ),
        migrations.AddConstraint(
            "chunk",
            models.CheckConstraint(
                condition=models.Q(("stage__in", ["strike", "tickets"])), name="chunk_stage"
            ),
        ),
        migrations.CreateModel(
            name="Override",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("overridden_at", models.DateTimeField()),
                ("brakes", models.JSONField()),
                ("reason", models.TextField(null=True)),
                (
                    "overridden_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="institution.operator",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="overrides",
                        to="plans.plan",
                    ),
                ),
            ],
        ),
    ]
