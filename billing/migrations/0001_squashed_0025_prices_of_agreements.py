"""All tables as they stand after the migrations that this one replaces, for a new database."""

import uuid

import django.db.models.constraints
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
from django.db import migrations, models

import billing.models.catalogue
import billing.rules.lifecycle
import regentra.clock
import tenants.scope
import tenants.tables
from billing.migrations._adding_up import (
    CREDIT_ADDS_UP,
    CREDIT_NEED_NOT,
    MONEY_ADDS_UP,
    MONEY_NEED_NOT,
)
from tenants.operations import TenantTable


class Migration(migrations.Migration):
    replaces = [
        ("billing", "0001_initial"),
        ("billing", "0002_money_adds_up"),
        ("billing", "0003_incarnations_belong_to_sync"),
        ("billing", "0004_default_ledger_account"),
        ("billing", "0005_each_service_has_a_ledger_account"),
        ("billing", "0006_where_invoices_are_emailed"),
        ("billing", "0007_locations"),
        ("billing", "0008_what_invoices_are_written_for"),
        ("billing", "0009_numbers_with_a_suffix"),
        ("billing", "0010_credit_memos"),
        ("billing", "0011_credit_adds_up"),
        ("billing", "0012_kinds_of_lines"),
        ("billing", "0013_currencies_of_customers"),
        ("billing", "0014_bundles"),
        ("billing", "0015_agreements"),
        ("billing", "0016_invoices_on_hold"),
        ("billing", "0017_customers_made_elsewhere"),
        ("billing", "0018_numbers_of_elsewhere"),
        ("billing", "0019_invoices_that_are_put_away"),
        ("billing", "0020_ids_of_customers_elsewhere"),
        ("billing", "0021_refunds"),
        ("billing", "0022_po_numbers_and_prices_with_tax"),
        ("billing", "0023_terms_by_month_and_parents"),
        ("billing", "0024_credit_used_elsewhere"),
        ("billing", "0025_prices_of_agreements"),
    ]

    initial = True

    dependencies = [
        ("tenants", "0005_what_the_operator_decides"),
    ]

    operations = [
        migrations.CreateModel(
            name="LedgerAccount",
            fields=[
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
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("code", models.CharField(max_length=20)),
                ("name", models.CharField(max_length=100)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("income", "Income"),
                            ("expense", "Expense"),
                            ("asset", "Asset"),
                            ("liability", "Liability"),
                            ("equity", "Equity"),
                        ],
                        default="income",
                        max_length=10,
                    ),
                ),
                ("is_default", models.BooleanField(default=False)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "code"), name="ledger_code_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)),
                        fields=("organization",),
                        name="one_default_ledger_account",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Location",
            fields=[
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
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=100)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "name"), name="location_name_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="NumberSequence",
            fields=[
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
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(default="invoice", max_length=20)),
                ("prefix", models.CharField(blank=True, default="INV-", max_length=21)),
                ("suffix", models.CharField(blank=True, max_length=21)),
                ("next_value", models.PositiveBigIntegerField(default=1001)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "kind"), name="number_sequence_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OutboxEvent",
            fields=[
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
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=60)),
                ("payload", models.JSONField()),
                ("created_at", models.DateTimeField(default=regentra.clock.now)),
                ("relayed_at", models.DateTimeField(null=True)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(("relayed_at", None)),
                        fields=["organization", "id"],
                        name="outbox_unrelayed",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Service",
            fields=[
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
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                ("description", models.TextField(blank=True)),
                (
                    "unit_price",
                    billing.models.catalogue.PriceField(decimal_places=6, max_digits=18),
                ),
                ("taxable", models.BooleanField(default=False)),
                (
                    "ledger_account",
                    tenants.tables.TenantForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="billing.ledgeraccount",
                    ),
                ),
                ("active", models.BooleanField(default=True)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "name"), name="service_name_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BundlePart",
            fields=[
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
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "bundle",
                    tenants.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="billing.service",
                    ),
                ),
                (
                    "part",
                    tenants.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="billing.service",
                    ),
                ),
                ("quantity", models.DecimalField(decimal_places=2, max_digits=9)),
                ("position", models.PositiveIntegerField()),
            ],
            options={
                "ordering": ["position"],
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("bundle", "part"), name="bundle_part_once"),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gt", 0)), name="bundle_part_is_something"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TaxRegion",
            fields=[
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
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=100)),
                ("rate_percent", models.DecimalField(decimal_places=4, max_digits=7)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "name"), name="tax_region_name_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rate_percent__gte", 0), ("rate_percent__lte", 100)),
                        name="tax_rate_is_a_percentage",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Term",
            fields=[
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
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=31)),
                (
                    "due_days",
                    models.PositiveSmallIntegerField(help_text="days after the invoice date"),
                ),
                ("day_of_month", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("next_month_days", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "name"), name="term_name_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("day_of_month", None),
                            models.Q(("day_of_month__gte", 1), ("day_of_month__lte", 31)),
                            _connector="OR",
                        ),
                        name="term_day_is_one_of_a_month",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Customer",
            fields=[
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
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("contact_name", models.CharField(blank=True, max_length=200)),
                ("email", models.CharField(blank=True, max_length=254)),
                ("phone", models.CharField(blank=True, max_length=30)),
                ("line1", models.CharField(blank=True, max_length=200)),
                ("line2", models.CharField(blank=True, max_length=200)),
                ("city", models.CharField(blank=True, max_length=100)),
                ("region", models.CharField(blank=True, max_length=100)),
                ("postal_code", models.CharField(blank=True, max_length=30)),
                ("country", models.CharField(blank=True, help_text="ISO 3166 code", max_length=2)),
                ("notes", models.TextField(blank=True)),
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
                (
                    "tax_region",
                    tenants.tables.TenantForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="billing.taxregion",
                    ),
                ),
                (
                    "location",
                    tenants.tables.TenantForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="billing.location",
                    ),
                ),
                (
                    "currency",
                    models.CharField(
                        blank=True,
                        help_text="ISO 4217 code; empty: the organization's",
                        max_length=3,
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("staff", "Staff"),
                            ("intake_form", "Intake form"),
                            ("storefront", "Storefront"),
                            ("quickbooks", "QuickBooks"),
                        ],
                        default="staff",
                        max_length=12,
                    ),
                ),
                (
                    "external_id",
                    models.CharField(
                        blank=True,
                        help_text="its id in the books of record, where somebody knows it",
                        max_length=40,
                    ),
                ),
                (
                    "parent",
                    tenants.tables.TenantForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="billing.customer",
                    ),
                ),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=regentra.clock.now, editable=False)),
                ("updated_at", models.DateTimeField(default=regentra.clock.now, editable=False)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["organization", "name", "id"], name="customer_by_name"),
                    models.Index(
                        models.F("organization"),
                        django.db.models.functions.text.Lower("email"),
                        name="customer_by_email",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="customer_has_name"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("parent", None),
                            models.Q(("parent", models.F("id")), _negated=True),
                            _connector="OR",
                        ),
                        name="customer_is_not_its_own_parent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("source__in", ["staff", "intake_form", "storefront", "quickbooks"])
                        ),
                        name="customer_source_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Agreement",
            fields=[
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
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "customer",
                    tenants.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="agreements",
                        to="billing.customer",
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
                ("destinations", models.JSONField(default=list)),
                ("next_on", models.DateField(blank=True, null=True)),
                ("refusal", models.TextField(blank=True)),
                ("created_at", models.DateTimeField(default=regentra.clock.now, editable=False)),
                ("updated_at", models.DateTimeField(default=regentra.clock.now, editable=False)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(("next_on__isnull", False)),
                        fields=["organization", "next_on"],
                        name="agreements_to_bill",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("billing_day__gte", 1), ("billing_day__lte", 28)),
                        name="billing_day_in_each_month",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_on", None),
                            ("ends_on__gte", models.F("starts_on")),
                            _connector="OR",
                        ),
                        name="agreement_ends_after_start",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AgreementLine",
            fields=[
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
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "agreement",
                    tenants.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="billing.agreement",
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
                ("description", models.TextField()),
                (
                    "unit_price",
                    billing.models.catalogue.PriceField(
                        decimal_places=6, help_text="for a whole period", max_digits=18
                    ),
                ),
                ("taxable", models.BooleanField(default=False)),
            ],
            options={
                "ordering": ["position"],
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Invoice",
            fields=[
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
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.CharField(max_length=21)),
                (
                    "customer",
                    tenants.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invoices",
                        to="billing.customer",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("DRAFT", "Draft"),
                            ("SENT", "Sent"),
                            ("PARTIAL", "Part paid"),
                            ("PAID", "Paid"),
                            ("VOID", "Void"),
                        ],
                        default="DRAFT",
                        max_length=7,
                    ),
                ),
                ("issued_on", models.DateField()),
                ("due_on", models.DateField()),
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
                ("currency", models.CharField(max_length=3)),
                (
                    "exchange_rate",
                    models.DecimalField(
                        blank=True,
                        decimal_places=8,
                        help_text="of the organization's currency for one of its own; None until it is known",
                        max_digits=15,
                        null=True,
                    ),
                ),
                (
                    "tax_region",
                    tenants.tables.TenantForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="billing.taxregion",
                    ),
                ),
                (
                    "tax_rate_percent",
                    models.DecimalField(decimal_places=4, default=0, max_digits=7),
                ),
                (
                    "prices_include_tax",
                    models.BooleanField(
                        default=False,
                        help_text="the lines then come to the total, not to the subtotal",
                    ),
                ),
                (
                    "location",
                    tenants.tables.TenantForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="billing.location",
                    ),
                ),
                (
                    "approval",
                    models.CharField(
                        blank=True,
                        choices=[("", "Not asked"), ("held", "On hold"), ("approved", "Approved")],
                        max_length=8,
                    ),
                ),
                (
                    "po_number",
                    models.CharField(blank=True, help_text="the customer's order", max_length=31),
                ),
                ("notes", models.TextField(blank=True, help_text="the customer reads this")),
                ("memo", models.TextField(blank=True, help_text="only staff read this")),
                (
                    "email",
                    models.CharField(blank=True, help_text="empty: the customer's", max_length=254),
                ),
                (
                    "email_asked_at",
                    models.DateTimeField(
                        blank=True,
                        help_text="when staff last had a destination e-mail it",
                        null=True,
                    ),
                ),
                ("subtotal_minor", models.BigIntegerField()),
                ("tax_minor", models.BigIntegerField()),
                ("total_minor", models.BigIntegerField()),
                (
                    "applied_minor",
                    models.BigIntegerField(default=0, help_text="sum of its allocations"),
                ),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("voided_at", models.DateTimeField(blank=True, null=True)),
                ("archived_at", models.DateTimeField(blank=True, null=True)),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("work", "Work and free lines"),
                            ("order", "Order"),
                            ("quick_sale", "Quick sale"),
                            ("work_order", "Internal work order"),
                            ("service_order", "Service order"),
                        ],
                        default="work",
                        max_length=20,
                    ),
                ),
                (
                    "origin",
                    models.CharField(blank=True, help_text="empty: generated here", max_length=200),
                ),
                ("created_at", models.DateTimeField(default=regentra.clock.now, editable=False)),
                ("updated_at", models.DateTimeField(default=regentra.clock.now, editable=False)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        fields=["organization", "-issued_on", "-number"], name="invoice_newest"
                    ),
                    models.Index(
                        fields=["organization", "status", "due_on"], name="invoice_by_status"
                    ),
                    models.Index(fields=["organization", "number"], name="invoice_by_number"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("origin", "")),
                        fields=("organization", "number"),
                        name="invoice_number_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("number", ""), _negated=True), name="invoice_has_number"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "source__in",
                                ["work", "order", "quick_sale", "work_order", "service_order"],
                            )
                        ),
                        name="invoice_source_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "total_minor",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("subtotal_minor"), "+", models.F("tax_minor")
                                ),
                            )
                        ),
                        name="invoice_total_adds_up",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("applied_minor__gte", 0),
                            ("applied_minor__lte", models.F("total_minor")),
                        ),
                        name="invoice_not_overpaid",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("applied_minor", 0),
                                ("sent_at", None),
                                ("status", billing.rules.lifecycle.Status["DRAFT"]),
                                ("voided_at", None),
                            ),
                            models.Q(
                                ("applied_minor", 0),
                                ("sent_at__isnull", False),
                                ("status", billing.rules.lifecycle.Status["SENT"]),
                                ("total_minor__gt", 0),
                            ),
                            models.Q(
                                ("applied_minor__gt", 0),
                                ("sent_at__isnull", False),
                                ("status", billing.rules.lifecycle.Status["PARTIAL"]),
                                ("applied_minor__lt", models.F("total_minor")),
                            ),
                            models.Q(
                                ("applied_minor", models.F("total_minor")),
                                ("sent_at__isnull", False),
                                ("status", billing.rules.lifecycle.Status["PAID"]),
                            ),
                            models.Q(
                                ("applied_minor", 0),
                                ("status", billing.rules.lifecycle.Status["VOID"]),
                                ("voided_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="invoice_status_consistent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("voided_at", None),
                            ("status", billing.rules.lifecycle.Status["VOID"]),
                            _connector="OR",
                        ),
                        name="invoice_voided_is_void",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("due_on__gte", models.F("issued_on"))),
                        name="invoice_due_after_issue",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CreditMemo",
            fields=[
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
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.CharField(max_length=21)),
                (
                    "customer",
                    tenants.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit_memos",
                        to="billing.customer",
                    ),
                ),
                (
                    "invoice",
                    tenants.tables.TenantForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit_memos",
                        to="billing.invoice",
                    ),
                ),
                ("issued_on", models.DateField()),
                ("currency", models.CharField(max_length=3)),
                (
                    "tax_region",
                    tenants.tables.TenantForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="billing.taxregion",
                    ),
                ),
                (
                    "tax_rate_percent",
                    models.DecimalField(decimal_places=4, default=0, max_digits=7),
                ),
                (
                    "prices_include_tax",
                    models.BooleanField(
                        default=False,
                        help_text="the lines then come to the total, not to the subtotal",
                    ),
                ),
                ("notes", models.TextField(blank=True, help_text="the customer reads this")),
                ("memo", models.TextField(blank=True, help_text="only staff read this")),
                ("subtotal_minor", models.BigIntegerField()),
                ("tax_minor", models.BigIntegerField()),
                ("total_minor", models.BigIntegerField()),
                ("applied_minor", models.BigIntegerField(default=0, help_text="sum of its uses")),
                (
                    "elsewhere_minor",
                    models.BigIntegerField(
                        default=0, help_text="used elsewhere, by what is not here"
                    ),
                ),
                (
                    "origin",
                    models.CharField(blank=True, help_text="empty: issued here", max_length=200),
                ),
                ("voided_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=regentra.clock.now, editable=False)),
                ("updated_at", models.DateTimeField(default=regentra.clock.now, editable=False)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        fields=["organization", "-issued_on", "-number"], name="credit_memo_newest"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "number"), name="credit_memo_number_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "total_minor",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("subtotal_minor"), "+", models.F("tax_minor")
                                ),
                            ),
                            ("total_minor__gt", 0),
                        ),
                        name="credit_memo_total_adds_up",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("applied_minor__gte", 0),
                            (
                                "applied_minor__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("total_minor"), "-", models.F("elsewhere_minor")
                                ),
                            ),
                            ("elsewhere_minor__gte", 0),
                        ),
                        name="credit_memo_not_overused",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("voided_at", None),
                            models.Q(("applied_minor", 0), ("elsewhere_minor", 0)),
                            _connector="OR",
                        ),
                        name="credit_memo_void_unused",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BilledPeriod",
            fields=[
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
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "agreement",
                    tenants.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="billed",
                        to="billing.agreement",
                    ),
                ),
                ("first", models.DateField()),
                ("last", models.DateField()),
                (
                    "invoice",
                    tenants.tables.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="billing.invoice",
                    ),
                ),
                ("created_at", models.DateTimeField(default=regentra.clock.now, editable=False)),
            ],
            options={
                "ordering": ["first"],
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "agreement", "first"),
                        name="a_period_is_billed_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Payment",
            fields=[
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
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "customer",
                    tenants.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="billing.customer",
                    ),
                ),
                ("received_on", models.DateField()),
                ("currency", models.CharField(max_length=3)),
                (
                    "exchange_rate",
                    models.DecimalField(
                        blank=True,
                        decimal_places=8,
                        help_text="of the organization's currency for one of its own; None until it is known",
                        max_digits=15,
                        null=True,
                    ),
                ),
                ("amount_minor", models.BigIntegerField()),
                (
                    "allocated_minor",
                    models.BigIntegerField(default=0, help_text="sum of its allocations"),
                ),
                (
                    "credit_minor",
                    models.BigIntegerField(default=0, help_text="sum of the credit it uses"),
                ),
                ("outside_minor", models.BigIntegerField(default=0)),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("cash", "Cash"),
                            ("check", "Check"),
                            ("card", "Card"),
                            ("bank_transfer", "Bank transfer"),
                            ("other", "Other"),
                        ],
                        default="other",
                        max_length=13,
                    ),
                ),
                (
                    "reference",
                    models.CharField(
                        blank=True, help_text="check number and the like", max_length=100
                    ),
                ),
                ("memo", models.TextField(blank=True)),
                (
                    "origin",
                    models.CharField(blank=True, help_text="empty: recorded here", max_length=200),
                ),
                ("voided_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=regentra.clock.now, editable=False)),
                ("updated_at", models.DateTimeField(default=regentra.clock.now, editable=False)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        fields=["organization", "-received_on", "-id"], name="payment_newest"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount_minor__gte", 0),
                            ("credit_minor__gte", 0),
                            ("outside_minor__gte", 0),
                            models.Q(
                                ("amount_minor__gt", 0),
                                ("credit_minor__gt", 0),
                                ("voided_at__isnull", False),
                                _connector="OR",
                            ),
                        ),
                        name="payment_of_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("allocated_minor__gte", 0),
                            (
                                "allocated_minor__lte",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("amount_minor"), "+", models.F("credit_minor")
                                    ),
                                    "-",
                                    models.F("outside_minor"),
                                ),
                            ),
                        ),
                        name="payment_not_over_allocated",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("voided_at", None),
                            models.Q(
                                ("allocated_minor", 0), ("credit_minor", 0), ("outside_minor", 0)
                            ),
                            _connector="OR",
                        ),
                        name="payment_void_applies_none",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("method__in", ["cash", "check", "card", "bank_transfer", "other"])
                        ),
                        name="payment_method_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CreditUse",
            fields=[
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
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "payment",
                    tenants.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credit_uses",
                        to="billing.payment",
                    ),
                ),
                (
                    "credit_memo",
                    tenants.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uses",
                        to="billing.creditmemo",
                    ),
                ),
                ("amount_minor", models.BigIntegerField()),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("payment", "credit_memo"), name="credit_use_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0)), name="credit_use_above_zero"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Allocation",
            fields=[
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
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "payment",
                    tenants.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="allocations",
                        to="billing.payment",
                    ),
                ),
                (
                    "invoice",
                    tenants.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="allocations",
                        to="billing.invoice",
                    ),
                ),
                ("amount_minor", models.BigIntegerField()),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("payment", "invoice"), name="allocation_once"),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0)), name="allocation_above_zero"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PriceChange",
            fields=[
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
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "line",
                    tenants.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="prices",
                        to="billing.agreementline",
                    ),
                ),
                ("effective_on", models.DateField()),
                (
                    "unit_price",
                    billing.models.catalogue.PriceField(
                        decimal_places=6, help_text="for a whole period", max_digits=18
                    ),
                ),
                ("created_at", models.DateTimeField(default=regentra.clock.now, editable=False)),
            ],
            options={
                "ordering": ["effective_on"],
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "line", "effective_on"), name="one_price_a_day"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="QuantityChange",
            fields=[
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
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "line",
                    tenants.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="quantities",
                        to="billing.agreementline",
                    ),
                ),
                ("effective_on", models.DateField()),
                ("quantity", models.DecimalField(decimal_places=5, max_digits=17)),
                ("created_at", models.DateTimeField(default=regentra.clock.now, editable=False)),
            ],
            options={
                "ordering": ["effective_on"],
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "line", "effective_on"), name="one_quantity_a_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("quantity__gte", 0)), name="quantity_not_negative"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Refund",
            fields=[
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
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.CharField(max_length=21)),
                (
                    "payment",
                    tenants.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refunds",
                        to="billing.payment",
                    ),
                ),
                (
                    "customer",
                    tenants.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refunds",
                        to="billing.customer",
                    ),
                ),
                ("refunded_on", models.DateField()),
                ("currency", models.CharField(max_length=3)),
                ("amount_minor", models.BigIntegerField()),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("cash", "Cash"),
                            ("check", "Check"),
                            ("card", "Card"),
                            ("bank_transfer", "Bank transfer"),
                            ("other", "Other"),
                        ],
                        default="other",
                        max_length=13,
                    ),
                ),
                (
                    "reference",
                    models.CharField(
                        blank=True, help_text="check number and the like", max_length=100
                    ),
                ),
                ("memo", models.TextField(blank=True)),
                (
                    "posting",
                    models.CharField(
                        choices=[
                            ("exception", "Not decided yet"),
                            ("credit_memo", "Credit memo"),
                            ("expense", "Expense"),
                            ("refund_receipt", "Refund receipt"),
                        ],
                        max_length=14,
                    ),
                ),
                (
                    "credit_memo",
                    tenants.tables.TenantForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refunds",
                        to="billing.creditmemo",
                    ),
                ),
                (
                    "origin",
                    models.CharField(blank=True, help_text="empty: recorded here", max_length=200),
                ),
                ("voided_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=regentra.clock.now, editable=False)),
                ("updated_at", models.DateTimeField(default=regentra.clock.now, editable=False)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "number"), name="refund_number_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor__gt", 0)), name="refund_above_zero"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("posting", "credit_memo"), ("credit_memo", None), _connector="OR"
                        ),
                        name="refund_posted_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InvoiceLine",
            fields=[
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
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "invoice",
                    tenants.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="billing.invoice",
                    ),
                ),
                ("position", models.PositiveIntegerField()),
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
                ("description", models.TextField()),
                ("quantity", models.DecimalField(decimal_places=5, max_digits=17)),
                (
                    "unit_price",
                    billing.models.catalogue.PriceField(decimal_places=6, max_digits=18),
                ),
                (
                    "amount_minor",
                    models.BigIntegerField(help_text="in minor units of the invoice's currency"),
                ),
                ("taxable", models.BooleanField(default=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("sale", "Sale"),
                            ("discount", "Discount"),
                            ("adjustment", "Write-off or rounding"),
                        ],
                        default="sale",
                        max_length=10,
                    ),
                ),
                (
                    "discount_percent",
                    models.DecimalField(blank=True, decimal_places=4, max_digits=7, null=True),
                ),
            ],
            options={
                "ordering": ["position"],
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        deferrable=django.db.models.constraints.Deferrable["DEFERRED"],
                        fields=("invoice", "position"),
                        name="invoice_line_position_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "discount")),
                        fields=("invoice",),
                        name="invoice_one_discount",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "discount"), _negated=True),
                            ("amount_minor__lte", 0),
                            _connector="OR",
                        ),
                        name="invoice_discount_takes_off",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CreditMemoLine",
            fields=[
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
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "credit_memo",
                    tenants.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="billing.creditmemo",
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                (
                    "invoice_line",
                    tenants.tables.TenantForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credits",
                        to="billing.invoiceline",
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
                ("description", models.TextField()),
                ("quantity", models.DecimalField(decimal_places=5, max_digits=17)),
                (
                    "unit_price",
                    billing.models.catalogue.PriceField(decimal_places=6, max_digits=18),
                ),
                (
                    "amount_minor",
                    models.BigIntegerField(
                        help_text="in minor units of the credit memo's currency"
                    ),
                ),
                ("taxable", models.BooleanField(default=False)),
            ],
            options={
                "ordering": ["position"],
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("credit_memo", "position"), name="credit_memo_line_position_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TimeEntry",
            fields=[
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
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "customer",
                    tenants.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="time_entries",
                        to="billing.customer",
                    ),
                ),
                (
                    "service",
                    tenants.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="billing.service",
                    ),
                ),
                ("worked_on", models.DateField()),
                ("hours", models.DecimalField(decimal_places=2, max_digits=6)),
                (
                    "rate",
                    billing.models.catalogue.PriceField(
                        decimal_places=6,
                        help_text="per hour, in the organization's currency",
                        max_digits=18,
                    ),
                ),
                ("description", models.TextField(blank=True)),
                (
                    "invoice_line",
                    tenants.tables.TenantForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="time_entries",
                        to="billing.invoiceline",
                    ),
                ),
                ("created_at", models.DateTimeField(default=regentra.clock.now, editable=False)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(("invoice_line", None)),
                        fields=["organization", "customer", "worked_on"],
                        name="time_unbilled",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("hours__gt", 0)), name="time_hours_positive"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Wake",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenants.organization",
                    ),
                ),
                ("created_at", models.DateTimeField(default=regentra.clock.now)),
            ],
        ),
        migrations.CreateModel(
            name="BilledPart",
            fields=[
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
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
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
                ("line_key", models.UUIDField(help_text="of the line, which may be gone by now")),
                (
                    "unit_price",
                    billing.models.catalogue.PriceField(decimal_places=6, max_digits=18),
                ),
                ("amount_minor", models.BigIntegerField()),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["organization", "period"], name="parts_of_period")
                ],
            },
        ),
        TenantTable("LedgerAccount"),
        TenantTable("Location"),
        TenantTable("NumberSequence"),
        TenantTable("Service"),
        TenantTable("BundlePart"),
        TenantTable("TaxRegion"),
        TenantTable("Term"),
        TenantTable("Customer"),
        TenantTable("Agreement"),
        TenantTable("AgreementLine"),
        TenantTable("Invoice"),
        TenantTable("CreditMemo"),
        TenantTable("BilledPeriod"),
        TenantTable("Payment"),
        TenantTable("CreditUse"),
        TenantTable("Allocation"),
        TenantTable("PriceChange"),
        TenantTable("QuantityChange"),
        TenantTable("Refund"),
        TenantTable("InvoiceLine"),
        TenantTable("CreditMemoLine"),
        TenantTable("TimeEntry"),
        TenantTable("BilledPart"),
        TenantTable("OutboxEvent"),
        migrations.RunSQL(MONEY_ADDS_UP, MONEY_NEED_NOT),
        migrations.RunSQL(CREDIT_ADDS_UP, CREDIT_NEED_NOT),
    ]
