"""What is applied equals the allocations, whoever writes: checked when a transaction ends."""

from django.db import migrations

from billing.migrations._adding_up import MONEY_ADDS_UP, MONEY_NEED_NOT


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]

    operations = [migrations.RunSQL(MONEY_ADDS_UP, MONEY_NEED_NOT)]
