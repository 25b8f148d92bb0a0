import uuid

import django.db.models.deletion
from django.db import migrations, models

import regentra.clock


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("tenants", "0002_submission"),
    ]

    operations = [
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("vendor", models.CharField(max_length=40)),
                ("event_hash", models.CharField(max_length=64, unique=True)),
                ("account_hash", models.CharField(blank=True, max_length=64)),
                ("connection_id", models.UUIDField(null=True)),
                ("kind", models.CharField(blank=True, max_length=40)),
                ("remote_id", models.CharField(blank=True, max_length=64)),
                ("merged_away_id", models.CharField(blank=True, max_length=64)),
                ("operation", models.CharField(blank=True, max_length=20)),
                ("event_at", models.DateTimeField()),
                ("received_at", models.DateTimeField(default=regentra.clock.now)),
                ("handed_over_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("body_sealed", models.TextField(blank=True)),
                (
                    "organization",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenants.organization",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(
                            ("handed_over_at__isnull", True), ("organization__isnull", False)
                        ),
                        fields=["organization", "connection_id", "received_at"],
                        name="deliveries_waiting",
                    ),
                    models.Index(fields=["received_at"], name="deliveries_by_age"),
                ],
            },
        ),
    ]
