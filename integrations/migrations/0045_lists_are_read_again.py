"""The mirror keeps customers' names and addresses whole; what it was read before is read once more."""

from django.db import migrations

from tenants.operations import TenantTable

# As if somebody had asked for it; what is sent meanwhile goes by the lists that are there.
READ_AGAIN = """
UPDATE integrations_connection SET lists_asked_at = now()
WHERE status = 'connected' AND lists_read_at IS NOT NULL
"""
# Within the hour, not all at once.
HAVE_IT_SERVED = """
UPDATE integrations_syncdue due
SET send_due_at = least(due.send_due_at, now() + random() * interval '1 hour')
FROM integrations_connection company
WHERE company.id = due.connection_id AND company.lists_asked_at IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [("integrations", "0044_what_was_taken_of_invoices")]

    operations = [
        # Lifts FORCE for the statements below, which are the owner's, and puts it back.
        TenantTable("Connection"),
        migrations.RunSQL(READ_AGAIN, migrations.RunSQL.noop),
        migrations.RunSQL(HAVE_IT_SERVED, migrations.RunSQL.noop),
    ]
