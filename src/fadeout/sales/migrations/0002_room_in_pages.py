"""Room in every page of orders and lines: a row that is emptied then finds place beside its old version,
and no index has to learn where it went."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("sales", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE sales_order SET (fillfactor = 80)",
            "ALTER TABLE sales_order RESET (fillfactor)",
        ),
        migrations.RunSQL(
            "ALTER TABLE sales_order_line SET (fillfactor = 85)",
            "ALTER TABLE sales_order_line RESET (fillfactor)",
        ),
    ]
