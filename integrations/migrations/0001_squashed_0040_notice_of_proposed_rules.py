"""All tables as they stand after the migrations that this one replaces, for a new database."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.comparison
from django.conf import settings
from django.db import migrations, models

import regentra.clock
import tenants.scope
import tenants.tables
from tenants.operations import TenantTable


class Migration(migrations.Migration):
    replaces = [
        ("integrations", "0001_the_rows_that_sync_keeps"),
        ("integrations", "0002_count_the_parts_of_a_batch"),
        ("integrations", "0003_budgets_batches_and_when_to_serve"),
        ("integrations", "0004_the_version_a_question_is_about"),
        ("integrations", "0005_customers_that_vanish"),
        ("integrations", "0006_the_lane_of_a_call"),
        ("integrations", "0007_what_people_are_told"),
        ("integrations", "0008_why_sending_is_stopped"),
        ("integrations", "0009_safe_mode"),
        ("integrations", "0010_what_is_left_of_old_calls"),
        ("integrations", "0011_counted_for_metrics"),
        ("integrations", "0012_incarnations_belong_to_jobs"),
        ("integrations", "0013_how_invoices_may_be_paid_online"),
        ("integrations", "0014_what_else_is_mapped"),
        ("integrations", "0015_names_that_were_chosen"),
        ("integrations", "0016_accounts_of_new_items"),
        ("integrations", "0017_what_an_organization_chose"),
        ("integrations", "0018_accounts_of_the_chart"),
        ("integrations", "0019_own_intuit_apps"),
        ("integrations", "0020_emails_that_they_send"),
        ("integrations", "0021_how_the_last_round_went"),
        ("integrations", "0022_classes_and_locations"),
        ("integrations", "0023_what_a_question_has_seen"),
        ("integrations", "0024_closed_books"),
        ("integrations", "0025_reads_of_a_day"),
        ("integrations", "0026_credit_memos_are_a_kind"),
        ("integrations", "0027_item_for_adjustments"),
        ("integrations", "0028_links_that_vary"),
        ("integrations", "0029_several_companies"),
        ("integrations", "0030_which_company_is_the_default"),
        ("integrations", "0031_one_default_company"),
        ("integrations", "0032_pause_of_sending"),
        ("integrations", "0033_how_far_an_import_is"),
        ("integrations", "0034_customers_asked_for_and_unlinked"),
        ("integrations", "0035_phones_and_when_customers_were_linked"),
        ("integrations", "0036_refunds_are_kinds"),
        ("integrations", "0037_custom_fields"),
        ("integrations", "0038_merged_items_and_accounts"),
        ("integrations", "0039_rule_proposals"),
        ("integrations", "0040_notice_of_proposed_rules"),
    ]

    initial = True

    dependencies = [
        ("tenants", "0005_what_the_operator_decides"),
        ("tenants", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="KnownDatabase",
            fields=[
                ("id", models.PositiveSmallIntegerField(primary_key=True, serialize=False)),
                ("identity", models.CharField(max_length=100)),
                ("noticed_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Pulse",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Round",
            fields=[
                (
                    "organization",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="tenants.organization",
                    ),
                ),
                ("due_at", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="CompanyCount",
            fields=[
                ("connection_id", models.UUIDField(primary_key=True, serialize=False)),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenants.organization",
                    ),
                ),
                ("status", models.CharField(max_length=16)),
                ("pending", models.PositiveIntegerField(default=0)),
                ("blocked", models.PositiveIntegerField(default=0)),
                ("errored", models.PositiveIntegerField(default=0)),
                ("differences", models.PositiveIntegerField(default=0)),
                ("counted_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Connection",
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
                ("vendor", models.CharField(default="quickbooks_online", max_length=40)),
                ("account_sealed", models.TextField()),
                ("account_hash", models.CharField(max_length=64)),
                ("client_hash", models.CharField(blank=True, max_length=64)),
                (
                    "environment",
                    models.CharField(
                        choices=[("production", "Production"), ("sandbox", "Sandbox")],
                        max_length=12,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("connected", "Connected"),
                            ("needs_consent", "Reconnect needed"),
                            ("disconnected", "Disconnected"),
                        ],
                        max_length=16,
                    ),
                ),
                ("is_default", models.BooleanField(default=False)),
                ("held", models.BooleanField(default=False)),
                ("catch_up", models.BooleanField(default=False)),
                (
                    "pay_now",
                    models.CharField(
                        choices=[("auto", "Automatic"), ("on", "On"), ("off", "Off")],
                        default="auto",
                        max_length=4,
                    ),
                ),
                ("pay_by_card", models.BooleanField(default=True)),
                ("pay_by_bank", models.BooleanField(default=True)),
                ("paused_at", models.DateTimeField(null=True)),
                ("pause_after_batch", models.BooleanField(default=False)),
                ("stopped_at", models.DateTimeField(null=True)),
                ("stopped_for", models.TextField(blank=True)),
                ("epoch", models.PositiveIntegerField(default=1)),
                ("company_name", models.CharField(blank=True, max_length=1024)),
                ("company", models.JSONField(default=dict)),
                ("company_read_at", models.DateTimeField(null=True)),
                ("company_asked_at", models.DateTimeField(null=True)),
                ("changes_since", models.DateTimeField(null=True)),
                ("lists_read_at", models.DateTimeField(null=True)),
                ("lists_asked_at", models.DateTimeField(null=True)),
                ("customers_linked_at", models.DateTimeField(null=True)),
                ("connected_at", models.DateTimeField(default=regentra.clock.now)),
                (
                    "connected_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("disconnected_at", models.DateTimeField(null=True)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "vendor", "account_hash", "environment"),
                        name="connection_once_per_account",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)),
                        fields=("organization", "vendor"),
                        name="one_default_company_per_vendor",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CallTotal",
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
                    "connection",
                    tenants.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="call_totals",
                        to="integrations.connection",
                    ),
                ),
                ("month", models.DateField(help_text="its first day")),
                ("kind", models.CharField(blank=True, max_length=20)),
                (
                    "lane",
                    models.CharField(
                        choices=[("single", "One by one"), ("batch", "Batch"), ("read", "Reading")],
                        max_length=6,
                    ),
                ),
                ("calls", models.BigIntegerField(default=0)),
                ("parts", models.BigIntegerField(default=0)),
                ("metered", models.BigIntegerField(default=0)),
                ("failed", models.BigIntegerField(default=0)),
                ("duration_ms", models.BigIntegerField(default=0)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "connection", "month", "kind", "lane"),
                        name="one_total_of_a_month",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Batch",
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
                    "connection",
                    tenants.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="batches",
                        to="integrations.connection",
                    ),
                ),
                (
                    "intent_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), size=None
                    ),
                ),
                ("request_id", models.CharField(max_length=36)),
                ("epoch", models.PositiveIntegerField()),
                ("created_at", models.DateTimeField(default=regentra.clock.now)),
                ("answered_at", models.DateTimeField(null=True)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        fields=["organization", "connection", "created_at"], name="batches_by_time"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ApiCall",
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
                (
                    "connection",
                    tenants.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="calls",
                        to="integrations.connection",
                    ),
                ),
                ("kind", models.CharField(blank=True, max_length=20)),
                ("local_id", models.UUIDField(null=True)),
                ("method", models.CharField(max_length=8)),
                ("path", models.CharField(max_length=300)),
                ("status", models.PositiveSmallIntegerField(null=True)),
                ("metered", models.BooleanField()),
                ("items", models.PositiveSmallIntegerField(default=1)),
                ("started_at", models.DateTimeField()),
                ("duration_ms", models.PositiveIntegerField()),
                ("reference", models.CharField(blank=True, max_length=100)),
                ("request_id", models.CharField(blank=True, max_length=50)),
                ("outcome", models.CharField(max_length=40)),
                (
                    "lane",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(request_id="", then=models.Value("read")),
                            models.When(path__endswith="/batch", then=models.Value("batch")),
                            default=models.Value("single"),
                        ),
                        output_field=models.CharField(
                            choices=[
                                ("single", "One by one"),
                                ("batch", "Batch"),
                                ("read", "Reading"),
                            ],
                            max_length=6,
                        ),
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        fields=["organization", "kind", "local_id", "id"], name="calls_of_document"
                    ),
                    models.Index(fields=["organization", "started_at"], name="calls_by_moment"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Credential",
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
                    "connection",
                    tenants.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="credentials",
                        to="integrations.connection",
                    ),
                ),
                ("access_sealed", models.TextField(blank=True)),
                ("access_expires_at", models.DateTimeField()),
                ("refresh_sealed", models.TextField(blank=True)),
                ("previous_refresh_sealed", models.TextField(blank=True)),
                ("refresh_expires_at", models.DateTimeField()),
                ("hard_expires_at", models.DateTimeField(null=True)),
                ("generation", models.PositiveIntegerField(default=1)),
                ("refreshed_at", models.DateTimeField(default=regentra.clock.now)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "connection"), name="one_credential_per_connection"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Discrepancy",
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
                    "connection",
                    tenants.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="discrepancies",
                        to="integrations.connection",
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("remote_id", models.CharField(blank=True, max_length=40)),
                ("remote_version", models.CharField(blank=True, max_length=40)),
                ("local_id", models.UUIDField(null=True)),
                ("reason_code", models.CharField(max_length=60)),
                ("sentence", models.TextField()),
                ("ours", models.JSONField(default=dict)),
                ("theirs", models.JSONField(default=dict)),
                ("seen", models.JSONField(default=dict)),
                ("opened_at", models.DateTimeField(default=regentra.clock.now)),
                ("closed_at", models.DateTimeField(null=True)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at__isnull", True)),
                        fields=("organization", "connection", "kind", "remote_id", "reason_code"),
                        name="one_open_discrepancy",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Doorbell",
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
                    "connection",
                    tenants.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="doorbells",
                        to="integrations.connection",
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("remote_id", models.CharField(max_length=40)),
                ("event_at", models.DateTimeField()),
                ("rung_at", models.DateTimeField(default=regentra.clock.now)),
                ("deleted", models.BooleanField(default=False)),
                ("closed_at", models.DateTimeField(null=True)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at__isnull", True)),
                        fields=("organization", "connection", "kind", "remote_id"),
                        name="one_open_doorbell",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportRun",
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
                    "connection",
                    tenants.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="imports",
                        to="integrations.connection",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("counting", "Counting"),
                            ("counted", "Waits for your word"),
                            ("running", "Under way"),
                            ("done", "Done"),
                            ("ended", "Ended"),
                        ],
                        default="counting",
                        max_length=8,
                    ),
                ),
                ("stage", models.CharField(default="customer", max_length=20)),
                ("position", models.PositiveIntegerField(default=1)),
                ("tail", models.JSONField(default=list)),
                ("found", models.JSONField(default=dict)),
                ("looked_at", models.JSONField(default=dict)),
                ("brought", models.JSONField(default=dict)),
                ("calls", models.PositiveIntegerField(default=0)),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("asked_at", models.DateTimeField(default=regentra.clock.now)),
                ("started_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("done", "ended")), _negated=True),
                        fields=("organization", "connection"),
                        name="one_import_at_a_time",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="IntuitApp",
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
                ("client_id_sealed", models.TextField(blank=True)),
                ("client_secret_sealed", models.TextField(blank=True)),
                ("verifier_sealed", models.TextField(blank=True)),
                ("webhook_token_sealed", models.TextField(blank=True)),
                ("client_hash", models.CharField(blank=True, max_length=64)),
                ("kept_by", models.CharField(blank=True, max_length=200)),
                ("saved_at", models.DateTimeField(default=regentra.clock.now)),
                (
                    "saved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization",), name="one_intuit_app_of_its_own"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Link",
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
                    "connection",
                    tenants.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="links",
                        to="integrations.connection",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("customer", "customer"),
                            ("account", "account"),
                            ("item", "item"),
                            ("invoice", "invoice"),
                            ("creditmemo", "creditmemo"),
                            ("payment", "payment"),
                            ("expense", "expense"),
                            ("refundreceipt", "refundreceipt"),
                            ("mail", "mail"),
                        ],
                        max_length=20,
                    ),
                ),
                ("local_id", models.UUIDField()),
                ("remote_id", models.CharField(max_length=40)),
                ("remote_version", models.CharField(max_length=40)),
                ("remote_updated_at", models.DateTimeField(null=True)),
                ("remote_number", models.CharField(blank=True, max_length=40)),
                ("ours", models.JSONField(default=dict)),
                ("fingerprint", models.CharField(max_length=64)),
                ("theirs", models.JSONField(null=True)),
                ("their_fingerprint", models.CharField(blank=True, max_length=64)),
                ("their_total_minor", models.BigIntegerField(null=True)),
                ("variance_minor", models.BigIntegerField(default=0)),
                ("made_by_us", models.BooleanField(default=True)),
                ("ripples_until", models.DateTimeField(null=True)),
                ("linked_at", models.DateTimeField(default=regentra.clock.now)),
                ("agreed_at", models.DateTimeField(default=regentra.clock.now)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(("variance_minor", 0), _negated=True),
                        fields=["organization", "connection"],
                        name="links_that_vary",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "connection", "kind", "local_id"),
                        name="link_ours_once",
                    ),
                    models.UniqueConstraint(
                        fields=("organization", "connection", "kind", "remote_id"),
                        name="link_theirs_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Mapping",
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
                    "connection",
                    tenants.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mappings",
                        to="integrations.connection",
                    ),
                ),
                (
                    "subject",
                    models.CharField(
                        choices=[
                            ("default_item", "Default service item"),
                            ("adjustment_item", "Item for write-offs and rounding"),
                            ("default_income_account", "Default income account"),
                            ("tax_region", "Tax region"),
                            ("untaxed", "Lines without tax"),
                            ("service", "Service"),
                            ("new_item_account", "Income account of an item to be made"),
                            ("ledger_account", "Ledger account"),
                            ("term", "Payment terms"),
                            ("payment_method", "Payment method"),
                            ("deposit_account", "Account that payments go to"),
                            ("default_class", "Default class"),
                            ("service_class", "Class of a service"),
                            ("default_location", "Default location"),
                            ("location", "Location"),
                            ("custom_field", "Custom field"),
                            ("refund_account", "Account that refunds are paid from"),
                            ("refund_expense_account", "Expense account of refunds"),
                            ("own_customer", "Customer that only shares a mailbox"),
                            ("wanted_customer", "Customer that is to be made"),
                            ("merged_customer", "Customer of theirs that was merged into another"),
                            ("merged_item", "Item of theirs that was merged into another"),
                            ("merged_account", "Account of theirs that was merged into another"),
                            ("unlinked_customer", "Customer that was taken off its link"),
                            ("lost_customer", "Customer that has to be chosen anew"),
                        ],
                        max_length=30,
                    ),
                ),
                ("local_key", models.CharField(blank=True, max_length=64)),
                ("remote_id", models.CharField(blank=True, max_length=40)),
                ("remote_name", models.CharField(blank=True, max_length=500)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "connection", "subject", "local_key"),
                        name="mapped_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MirrorEntry",
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
                    "connection",
                    tenants.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mirror",
                        to="integrations.connection",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("customer", "customer"),
                            ("vendor", "vendor"),
                            ("employee", "employee"),
                            ("item", "item"),
                            ("account", "account"),
                            ("class", "class"),
                            ("department", "department"),
                            ("term", "term"),
                            ("payment_method", "payment_method"),
                            ("tax_code", "tax_code"),
                            ("custom_field", "custom_field"),
                        ],
                        max_length=20,
                    ),
                ),
                ("remote_id", models.CharField(max_length=40)),
                ("name", models.CharField(max_length=500)),
                ("name_key", models.CharField(max_length=500)),
                ("email_key", models.CharField(blank=True, max_length=200)),
                ("phone_key", models.CharField(blank=True, max_length=30)),
                ("active", models.BooleanField(default=True)),
                ("detail", models.JSONField(default=dict)),
                ("remote_version", models.CharField(blank=True, max_length=40)),
                ("seen_at", models.DateTimeField(default=regentra.clock.now)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        fields=["organization", "connection", "kind", "name_key"],
                        name="mirror_by_name",
                    ),
                    models.Index(
                        fields=["organization", "connection", "kind", "email_key"],
                        name="mirror_by_email",
                    ),
                    models.Index(
                        fields=["organization", "connection", "kind", "phone_key"],
                        name="mirror_by_phone",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "connection", "kind", "remote_id"),
                        name="mirror_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Notification",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("consent_ended", "Reconnect needed"),
                            ("consent_expires", "Consent expires"),
                            ("sending_stopped", "Sending stopped"),
                            ("documents_refused", "Documents refused"),
                            ("work_late", "Work is late"),
                            ("rules_proposed", "Change of the sync rules proposed"),
                        ],
                        max_length=30,
                    ),
                ),
                ("key", models.CharField(max_length=80)),
                (
                    "severity",
                    models.CharField(
                        choices=[("act_now", "Act now"), ("soon", "Soon")], max_length=10
                    ),
                ),
                ("title", models.CharField(max_length=120)),
                ("sentence", models.TextField()),
                ("opened_at", models.DateTimeField(default=regentra.clock.now)),
                ("read_at", models.DateTimeField(null=True)),
                ("mailed_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["organization", "-opened_at"], name="notices_newest")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at__isnull", True)),
                        fields=("organization", "kind", "key"),
                        name="one_open_notice",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OAuthState",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("state_hash", models.CharField(max_length=64, unique=True)),
                ("session_hash", models.CharField(max_length=64)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenants.organization",
                    ),
                ),
                ("vendor", models.CharField(max_length=40)),
                ("beside", models.BooleanField(default=False)),
                ("replaces", models.UUIDField(null=True)),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="ReadBudget",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("client_hash", models.CharField(max_length=64)),
                ("month", models.DateField()),
                ("used", models.BigIntegerField(default=0)),
                ("day", models.DateField(null=True)),
                ("used_on_day", models.BigIntegerField(default=0)),
                ("refused_since", models.DateTimeField(null=True)),
                ("writes_only_until", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("client_hash", "month"), name="one_budget_a_month"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RuleProposal",
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
                    "connection",
                    tenants.tables.TenantForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="integrations.connection",
                    ),
                ),
                ("rules", models.JSONField(default=dict)),
                ("mapping", models.JSONField(default=dict)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waits for approval"),
                            ("approved", "Approved"),
                            ("rejected", "Rejected"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("proposed_at", models.DateTimeField(default=regentra.clock.now)),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_at", None), ("decided_by", None), ("state", "waiting")
                            ),
                            models.Q(
                                models.Q(("state", "waiting"), _negated=True),
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="proposal_is_decided_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by", models.F("proposed_by")),
                            ("state", "approved"),
                            _negated=True,
                        ),
                        name="proposal_is_approved_by_another",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SyncDue",
            fields=[
                (
                    "connection_id",
                    models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenants.organization",
                    ),
                ),
                ("send_due_at", models.DateTimeField(null=True)),
                ("sweep_due_at", models.DateTimeField(null=True)),
                ("paused_until", models.DateTimeField(null=True)),
                ("lease_until", models.DateTimeField(null=True)),
                ("lease_token", models.BigIntegerField(default=0)),
                ("last_served_at", models.DateTimeField(null=True)),
                ("urgent", models.BooleanField(default=False)),
                ("active_at", models.DateTimeField(null=True)),
                ("safe_since", models.DateTimeField(null=True)),
                ("last_result", models.CharField(blank=True, max_length=40)),
                ("look_asked", models.BooleanField(default=False)),
                ("reads_on", models.DateField(null=True)),
                ("reads_used", models.PositiveIntegerField(default=0)),
                (
                    "ready_at",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(
                                send_due_at__isnull=True, sweep_due_at__isnull=True, then=None
                            ),
                            default=django.db.models.functions.comparison.Greatest(
                                django.db.models.functions.comparison.Least(
                                    "send_due_at", "sweep_due_at"
                                ),
                                "paused_until",
                                "lease_until",
                            ),
                        ),
                        output_field=models.DateTimeField(null=True),
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("ready_at__isnull", False)),
                        fields=["ready_at"],
                        include=("urgent", "last_served_at", "connection_id", "organization"),
                        name="ready_to_serve",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SyncJob",
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
                    "connection",
                    tenants.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="jobs",
                        to="integrations.connection",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("customer", "customer"),
                            ("account", "account"),
                            ("item", "item"),
                            ("invoice", "invoice"),
                            ("creditmemo", "creditmemo"),
                            ("payment", "payment"),
                            ("expense", "expense"),
                            ("refundreceipt", "refundreceipt"),
                            ("mail", "mail"),
                        ],
                        max_length=20,
                    ),
                ),
                ("local_id", models.UUIDField()),
                ("rank", models.PositiveSmallIntegerField()),
                ("wanted", models.PositiveIntegerField(default=1)),
                ("done", models.PositiveIntegerField(default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "pending"),
                            ("blocked", "blocked"),
                            ("synced", "synced"),
                            ("errored", "errored"),
                        ],
                        max_length=10,
                    ),
                ),
                ("urgent", models.BooleanField(default=False)),
                ("attempts", models.PositiveIntegerField(default=0)),
                (
                    "incarnation",
                    models.PositiveIntegerField(
                        default=1,
                        help_text="rises when somebody decides to make the document over there again",
                    ),
                ),
                ("refusals", models.PositiveIntegerField(default=0)),
                ("next_attempt_at", models.DateTimeField(null=True)),
                ("posted_on", models.DateField(null=True)),
                ("instead_of", models.DateField(null=True)),
                ("waits_for", models.CharField(blank=True, max_length=60)),
                ("reason", models.TextField(blank=True)),
                ("reason_code", models.CharField(blank=True, max_length=60)),
                ("reference", models.CharField(blank=True, max_length=100)),
                ("state_since", models.DateTimeField(default=regentra.clock.now)),
                ("created_at", models.DateTimeField(default=regentra.clock.now)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "pending")),
                        fields=["organization", "connection", "-urgent", "rank", "next_attempt_at"],
                        name="jobs_in_order",
                    ),
                    models.Index(
                        condition=models.Q(("state", "pending")),
                        fields=["organization", "connection", "next_attempt_at"],
                        name="jobs_by_moment",
                    ),
                    models.Index(
                        fields=["organization", "kind", "local_id"], name="jobs_of_document"
                    ),
                    models.Index(
                        fields=["organization", "state", "state_since"], name="jobs_by_state"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("organization", "connection", "kind", "local_id"),
                        name="one_job_per_document",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("done__lte", models.F("wanted"))), name="done_not_ahead"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "synced"), _negated=True),
                            ("done", models.F("wanted")),
                            _connector="OR",
                        ),
                        name="synced_means_done",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Intent",
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
                    "connection",
                    tenants.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="intents",
                        to="integrations.connection",
                    ),
                ),
                (
                    "job",
                    tenants.tables.TenantForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="intents",
                        to="integrations.syncjob",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("customer", "customer"),
                            ("account", "account"),
                            ("item", "item"),
                            ("invoice", "invoice"),
                            ("creditmemo", "creditmemo"),
                            ("payment", "payment"),
                            ("expense", "expense"),
                            ("refundreceipt", "refundreceipt"),
                            ("mail", "mail"),
                        ],
                        max_length=20,
                    ),
                ),
                ("local_id", models.UUIDField()),
                (
                    "operation",
                    models.CharField(
                        choices=[
                            ("create", "create"),
                            ("update", "update"),
                            ("void", "void"),
                            ("send", "send"),
                        ],
                        max_length=10,
                    ),
                ),
                ("op_key", models.CharField(max_length=64)),
                ("marker", models.CharField(max_length=12)),
                ("body", models.TextField()),
                ("document", models.JSONField()),
                ("fingerprint", models.CharField(max_length=64)),
                ("version", models.PositiveIntegerField()),
                ("target_id", models.CharField(blank=True, max_length=40)),
                ("target_version", models.CharField(blank=True, max_length=40)),
                ("epoch", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Sent or about to be; no answer stored yet"),
                            ("answered", "The answer is stored"),
                            ("adopted", "Found over there after a lost answer"),
                            ("refused", "Definitely not written"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                ("created_at", models.DateTimeField(default=regentra.clock.now)),
                ("send_deadline", models.DateTimeField()),
                ("may_exist_since", models.DateTimeField(null=True)),
                ("sends", models.PositiveSmallIntegerField(default=0)),
                ("settled_at", models.DateTimeField(null=True)),
                ("answer", models.JSONField(null=True)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        fields=["organization", "connection", "marker"], name="intent_by_marker"
                    ),
                    models.Index(
                        fields=["organization", "kind", "local_id", "created_at"],
                        name="intents_of_document",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "open")),
                        fields=("organization", "connection", "kind", "local_id"),
                        name="one_open_intent_per_document",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SyncRules",
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
                ("choices", models.JSONField(default=dict)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("organization",), name="one_set_of_sync_rules")
                ],
            },
        ),
        migrations.CreateModel(
            name="Tally",
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
                ("connection_id", models.UUIDField()),
                ("name", models.CharField(max_length=20)),
                ("kind", models.CharField(blank=True, max_length=20)),
                ("code", models.CharField(blank=True, max_length=60)),
                ("value", models.BigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("connection_id", "name", "kind", "code"), name="one_tally_of_each"
                    )
                ],
            },
        ),
        TenantTable("Connection"),
        TenantTable("CallTotal"),
        TenantTable("Batch"),
        TenantTable("Credential"),
        TenantTable("Discrepancy"),
        TenantTable("Doorbell"),
        TenantTable("ImportRun"),
        TenantTable("IntuitApp"),
        TenantTable("Link"),
        TenantTable("Mapping"),
        TenantTable("MirrorEntry"),
        TenantTable("Notification"),
        TenantTable("RuleProposal"),
        TenantTable("SyncJob"),
        TenantTable("Intent"),
        TenantTable("SyncRules"),
        TenantTable("ApiCall"),
    ]
