"""Had the lists of companies read once more. Since 0052 the row of each company says whether they are to be."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("integrations", "0044_what_was_taken_of_invoices")]
