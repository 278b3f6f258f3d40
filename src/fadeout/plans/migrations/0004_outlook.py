"""What is due and when, as it was counted last."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("plans", "0003_lists"),
    ]

    operations = [
        migrations.CreateModel(
            name="Outlook",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("changes", models.BigIntegerField(default=0)),
                ("counted_changes", models.BigIntegerField(null=True)),
                ("counted_at", models.DateTimeField(null=True)),
                ("as_of", models.DateField(null=True)),
                ("months", models.PositiveSmallIntegerField(null=True)),
                ("figures", models.JSONField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="outlook_is_one")
                ],
            },
        ),
    ]
