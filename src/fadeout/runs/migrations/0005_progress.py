"""What a run is at, and the last sign of life of whoever works on it."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runs", "0004_recovery")]

    operations = [
        migrations.CreateModel(
            "Progress",
            fields=[
                (
                    "run",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="progress",
                        serialize=False,
                        to="runs.run",
                    ),
                ),
                ("stage", models.TextField()),
                ("done", models.BigIntegerField()),
                ("total", models.BigIntegerField()),
                ("seen_at", models.DateTimeField()),
            ],
            options={"db_table": "runs_progress"},
        ),
    ]
