import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0010_what_is_left_of_old_calls"),
        ("tenants", "0002_submission"),
    ]

    operations = [
        migrations.CreateModel(
            name="CompanyCount",
            fields=[
                ("connection_id", models.UUIDField(primary_key=True, serialize=False)),
                ("status", models.CharField(max_length=16)),
                ("pending", models.PositiveIntegerField(default=0)),
                ("blocked", models.PositiveIntegerField(default=0)),
                ("errored", models.PositiveIntegerField(default=0)),
                ("differences", models.PositiveIntegerField(default=0)),
                ("counted_at", models.DateTimeField()),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenants.organization",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("connection_id", models.UUIDField()),
                ("name", models.CharField(max_length=20)),
                ("kind", models.CharField(blank=True, max_length=20)),
                ("code", models.CharField(blank=True, max_length=60)),
                ("value", models.BigIntegerField(default=0)),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenants.organization",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("connection_id", "name", "kind", "code"),
                        name="one_tally_of_each",
                    )
                ],
            },
        ),
    ]
