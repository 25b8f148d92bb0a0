import uuid

import django.db.models.deletion
from django.db import migrations, models

import billing.models.catalogue
import regentra.clock
import tenants.scope
import tenants.tables
from tenants.operations import TenantTable


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0014_bundles"),
        ("tenants", "0003_form_tokens_may_go"),
    ]

    operations = [
        migrations.CreateModel(
            name="Agreement",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                (
                    "interval",
                    models.CharField(
                        choices=[
                            ("monthly", "Monthly"),
                            ("quarterly", "Quarterly"),
                            ("yearly", "Yearly"),
                        ],
                        default="monthly",
                        max_length=9,
                    ),
                ),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField(blank=True, null=True)),
                ("billing_day", models.PositiveSmallIntegerField(default=1)),
                ("in_advance", models.BooleanField(default=True)),
                ("prorated", models.BooleanField(default=True)),
                ("destinations", models.JSONField(default=list)),
                ("next_on", models.DateField(blank=True, null=True)),
                ("refusal", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=regentra.clock.now, editable=False)),
                ("updated_at", models.DateTimeField(default=regentra.clock.now, editable=False)),
                (
                    "customer",
                    tenants.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="agreements",
                        to="billing.customer",
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
                (
                    "terms",
                    tenants.tables.TenantForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="billing.term",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="AgreementLine",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("fixed", "Fixed fee"),
                            ("seat", "Per seat"),
                            ("product", "Product"),
                        ],
                        default="fixed",
                        max_length=7,
                    ),
                ),
                ("description", models.TextField()),
                (
                    "unit_price",
                    billing.models.catalogue.PriceField(
                        decimal_places=6, help_text="for a whole period", max_digits=18
                    ),
                ),
                ("taxable", models.BooleanField(default=False)),
                (
                    "agreement",
                    tenants.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="billing.agreement",
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
                (
                    "service",
                    tenants.tables.TenantForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="billing.service",
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="BilledPeriod",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("first", models.DateField()),
                ("last", models.DateField()),
                ("created_at", models.DateTimeField(default=regentra.clock.now, editable=False)),
                (
                    "agreement",
                    tenants.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="billed",
                        to="billing.agreement",
                    ),
                ),
                (
                    "invoice",
                    tenants.tables.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="billing.invoice",
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
            options={
                "ordering": ["first"],
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="BilledPart",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("line_key", models.UUIDField(help_text="of the line, which may be gone by now")),
                (
                    "unit_price",
                    billing.models.catalogue.PriceField(decimal_places=6, max_digits=18),
                ),
                ("amount_minor", models.BigIntegerField()),
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
                (
                    "period",
                    tenants.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="billing.billedperiod",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="QuantityChange",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("effective_on", models.DateField()),
                ("quantity", models.DecimalField(decimal_places=5, max_digits=17)),
                ("created_at", models.DateTimeField(default=regentra.clock.now, editable=False)),
                (
                    "line",
                    tenants.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="quantities",
                        to="billing.agreementline",
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
            options={
                "ordering": ["effective_on"],
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddIndex(
            model_name="agreement",
            index=models.Index(
                condition=models.Q(("next_on__isnull", False)),
                fields=["organization", "next_on"],
                name="agreements_to_bill",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(("billing_day__gte", 1), ("billing_day__lte", 28)),
                name="billing_day_in_each_month",
            ),
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_on", None), ("ends_on__gte", models.F("starts_on")), _connector="OR"
                ),
                name="agreement_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="billedperiod",
            constraint=models.UniqueConstraint(
                fields=("organization", "agreement", "first"), name="a_period_is_billed_once"
            ),
        ),
        migrations.AddIndex(
            model_name="billedpart",
            index=models.Index(fields=["organization", "period"], name="parts_of_period"),
        ),
        migrations.AddConstraint(
            model_name="quantitychange",
            constraint=models.UniqueConstraint(
                fields=("organization", "line", "effective_on"), name="one_quantity_a_day"
            ),
        ),
        migrations.AddConstraint(
            model_name="quantitychange",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__gte", 0)), name="quantity_not_negative"
            ),
        ),
        TenantTable("Agreement"),
        TenantTable("AgreementLine"),
        TenantTable("QuantityChange"),
        TenantTable("BilledPeriod"),
        TenantTable("BilledPart"),
    ]
