"""What is used of credit memos equals the uses, whoever writes: checked when a transaction ends."""

from django.db import migrations

from billing.migrations._adding_up import CREDIT_ADDS_UP, CREDIT_NEED_NOT


class Migration(migrations.Migration):
    dependencies = [("billing", "0010_credit_memos")]

    operations = [migrations.RunSQL(CREDIT_ADDS_UP, CREDIT_NEED_NOT)]
