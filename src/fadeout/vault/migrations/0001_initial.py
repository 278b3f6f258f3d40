from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="VaultKey",
            fields=[
                ("id", models.UUIDField(primary_key=True, serialize=False)),
                ("made_at", models.DateTimeField()),
                ("expires_on", models.DateField()),
                ("wrapped_digest", models.TextField()),
                ("destroyed_at", models.DateTimeField(null=True)),
            ],
            options={"db_table": "vault_key"},
        ),
        migrations.CreateModel(
            name="VaultRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key_id", models.UUIDField()),
                ("expires_on", models.DateField()),
                ("sealed", models.BinaryField()),
            ],
            options={"db_table": "vault_record"},
        ),
        # What is encrypted cannot be made smaller: PostgreSQL need not try.
        migrations.RunSQL(
            "ALTER TABLE vault_record ALTER COLUMN sealed SET STORAGE EXTERNAL",
            migrations.RunSQL.noop,
        ),
    ]
