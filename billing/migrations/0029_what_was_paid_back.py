"""What live refunds took of each payment, kept on its row; also of refunds from before."""

from django.db import migrations, models

from billing.migrations._adding_up import REFUNDS_ADD_UP, REFUNDS_NEED_NOT
from tenants.operations import HoldTables, TenantTable

BY_REFUNDS_OF_BEFORE = """
UPDATE billing_payment p SET paid_back_minor = gone.minor
FROM (SELECT payment_id, sum(amount_minor) AS minor FROM billing_refund
      WHERE voided_at IS NULL GROUP BY payment_id) gone
WHERE gone.payment_id = p.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0028_closing_documents_of_parts"),
        ("tenants", "0005_what_the_operator_decides"),
    ]

    operations = [
        HoldTables("billing_creditmemo", "billing_customer", "billing_payment", "billing_refund"),
        migrations.AddField(
            model_name="payment",
            name="paid_back_minor",
            field=models.BigIntegerField(
                db_default=0, default=0, help_text="sum of its live refunds"
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(("paid_back_minor__gte", 0)),
                name="payment_paid_back_not_below_zero",
            ),
        ),
        # Lifts FORCE for the statements below, which are the owner's, and puts it back.
        TenantTable("Payment"),
        TenantTable("Refund"),
        migrations.RunSQL(BY_REFUNDS_OF_BEFORE, migrations.RunSQL.noop),
        migrations.RunSQL(REFUNDS_ADD_UP, REFUNDS_NEED_NOT),
    ]
