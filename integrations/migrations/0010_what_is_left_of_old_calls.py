import uuid

import django.db.models.deletion
from django.db import migrations, models

import tenants.scope
import tenants.tables
from tenants.operations import TenantTable


class Migration(migrations.Migration):
    """Lines of the call ledger may go once they are in the sums of their month."""

    dependencies = [
        ("integrations", "0009_safe_mode"),
        ("tenants", "0002_submission"),
    ]

    operations = [
        migrations.CreateModel(
            name="CallTotal",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("month", models.DateField(help_text="its first day")),
                ("kind", models.CharField(blank=True, max_length=20)),
                (
                    "lane",
                    models.CharField(
                        choices=[
                            ("single", "One by one"),
                            ("batch", "Batch"),
                            ("read", "Reading"),
                        ],
                        max_length=6,
                    ),
                ),
                ("calls", models.BigIntegerField(default=0)),
                ("parts", models.BigIntegerField(default=0)),
                ("metered", models.BigIntegerField(default=0)),
                ("failed", models.BigIntegerField(default=0)),
                ("duration_ms", models.BigIntegerField(default=0)),
                (
                    "connection",
                    tenants.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="call_totals",
                        to="integrations.connection",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        default=tenants.scope.current_organization_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenants.organization",
                    ),
                ),
            ],
            options={"abstract": False, "base_manager_name": "objects"},
        ),
        migrations.AddConstraint(
            model_name="calltotal",
            constraint=models.UniqueConstraint(
                fields=("organization", "connection", "month", "kind", "lane"),
                name="one_total_of_a_month",
            ),
        ),
        TenantTable("CallTotal"),
        TenantTable("ApiCall"),
    ]
