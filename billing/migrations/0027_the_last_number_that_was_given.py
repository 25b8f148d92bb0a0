from django.db import migrations, models

from tenants.operations import HoldTables, TenantTable

# Where a slip took the next number beyond all that can be chosen, what invoices made here bear is what was given.
GIVEN = """
UPDATE billing_numbersequence SET last_given = CASE WHEN next_value <= 1e15 THEN next_value - 1 ELSE COALESCE((
    SELECT max(bearing.count) FROM (
        SELECT (regexp_match(number, '([0-9]+)[^0-9]*$'))[1]::numeric AS count FROM billing_invoice
        WHERE organization_id = billing_numbersequence.organization_id AND origin = ''
    ) bearing WHERE bearing.count <= 1e15
), 0) END
"""


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0026_payments_taken_outside"),
    ]

    operations = [
        HoldTables(
            "billing_customer",
            "billing_invoice",
            "billing_location",
            "billing_numbersequence",
            "billing_taxregion",
            "billing_term",
        ),
        migrations.AddField(
            model_name="numbersequence",
            name="last_given",
            field=models.PositiveBigIntegerField(db_default=0, default=0, help_text="0: none yet"),
        ),
        # Lifts FORCE for the statement below, which is the owner's, and puts it back.
        TenantTable("NumberSequence"),
        TenantTable("Invoice"),
        migrations.RunSQL(GIVEN, migrations.RunSQL.noop),
    ]
