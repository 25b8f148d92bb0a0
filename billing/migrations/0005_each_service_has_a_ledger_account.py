from django.db import migrations

from tenants.operations import TenantTable

FIRST_CODE_IS_DEFAULT = """
UPDATE billing_ledgeraccount SET is_default = true WHERE id IN (
    SELECT DISTINCT ON (organization_id) id FROM billing_ledgeraccount ORDER BY organization_id, code
)
"""
ONE_WHERE_THERE_IS_NONE = """
INSERT INTO billing_ledgeraccount (id, organization_id, code, name, kind, is_default)
SELECT gen_random_uuid(), organization_id, '4000', 'Service revenue', 'income', true
FROM billing_service GROUP BY organization_id
ON CONFLICT DO NOTHING
"""
ALL_SERVICES_HAVE_ONE = """
UPDATE billing_service SET ledger_account_id = account.id FROM billing_ledgeraccount account
WHERE account.organization_id = billing_service.organization_id AND account.is_default
AND ledger_account_id IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0004_default_ledger_account"),
    ]

    operations = [
        # Lifts FORCE for the statements below, which are the owner's, and puts it back.
        TenantTable("LedgerAccount"),
        TenantTable("Service"),
        migrations.RunSQL(
            [FIRST_CODE_IS_DEFAULT, ONE_WHERE_THERE_IS_NONE, ALL_SERVICES_HAVE_ONE],
            migrations.RunSQL.noop,
        ),
    ]
