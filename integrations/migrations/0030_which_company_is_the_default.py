from django.db import migrations

from tenants.operations import TenantTable

# The one that is connected or, where none is, the one that was last.
IN_USE = """
UPDATE integrations_connection SET is_default = true WHERE id IN (
    SELECT DISTINCT ON (organization_id, vendor) id FROM integrations_connection
    ORDER BY organization_id, vendor, status = 'disconnected', connected_at DESC
)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0029_several_companies"),
    ]

    operations = [
        # Lifts FORCE for the statement below, which is the owner's, and puts it back.
        TenantTable("Connection"),
        migrations.RunSQL(IN_USE, migrations.RunSQL.noop),
    ]
