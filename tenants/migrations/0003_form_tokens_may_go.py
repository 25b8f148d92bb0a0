from django.db import migrations

from tenants.operations import TenantTable


class Migration(migrations.Migration):
    """Old form tokens are removed, so rows of theirs may be, too."""

    dependencies = [("tenants", "0002_submission")]

    operations = [TenantTable("Submission")]
