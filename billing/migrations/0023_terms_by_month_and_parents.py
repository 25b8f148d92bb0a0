import django.db.models.deletion
from django.db import migrations, models

import tenants.tables
from tenants.operations import TenantTable


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0022_po_numbers_and_prices_with_tax"),
        ("tenants", "0005_what_the_operator_decides"),
    ]

    operations = [
        migrations.AddField(
            model_name="customer",
            name="parent",
            field=tenants.tables.TenantForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="children",
                to="billing.customer",
            ),
        ),
        migrations.AddField(
            model_name="term",
            name="day_of_month",
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="term",
            name="next_month_days",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddConstraint(
            model_name="customer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("parent", None),
                    models.Q(("parent", models.F("id")), _negated=True),
                    _connector="OR",
                ),
                name="customer_is_not_its_own_parent",
            ),
        ),
        migrations.AddConstraint(
            model_name="term",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("day_of_month", None),
                    models.Q(("day_of_month__gte", 1), ("day_of_month__lte", 31)),
                    _connector="OR",
                ),
                name="term_day_is_one_of_a_month",
            ),
        ),
        TenantTable("Customer"),
    ]
