import uuid

import django.db.models.deletion
from django.db import migrations, models

import regentra.clock
import tenants.scope
from tenants.operations import TenantTable


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0006_the_lane_of_a_call"),
        ("tenants", "0002_submission"),
    ]

    operations = [
        migrations.CreateModel(
            name="Notification",
            fields=[
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
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(fields=["organization", "-opened_at"], name="notices_newest"),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at__isnull", True)),
                fields=("organization", "kind", "key"),
                name="one_open_notice",
            ),
        ),
        TenantTable("Notification"),
    ]
