"""The mirror keeps customers' names and addresses whole; what it was read before is read once more."""

from django.db import migrations

from tenants.operations import TenantTable

READ_AGAIN = "UPDATE integrations_connection SET lists_read_at = NULL"


class Migration(migrations.Migration):
    dependencies = [("integrations", "0044_what_was_taken_of_invoices")]

    operations = [
        # Lifts FORCE for the statement below, which is the owner's, and puts it back.
        TenantTable("Connection"),
        migrations.RunSQL(READ_AGAIN, migrations.RunSQL.noop),
    ]
