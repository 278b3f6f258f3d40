"""Contacts are found by name, number, e-mail and phone: what makes that fast, of those on file alone."""

from django.db import migrations

from fadeout.contacts import folding
from fadeout.core import sql


class Migration(migrations.Migration):
    dependencies = [("contacts", "0002_contact_anonymised")]

    operations = [
        migrations.RunSQL(
            [sql.load("contacts", "create_fold"), *folding.index_statements()],
            [
                *(f"DROP INDEX {name}" for name in folding.INDEXES),
                "DROP FUNCTION contacts_fold(text)",
            ],
        ),
    ]
