import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import regentra.clock
import tenants.scope
from tenants.operations import TenantTable


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Submission",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("token", models.UUIDField()),
                ("digest", models.CharField(help_text="SHA-256 of what was sent", max_length=64)),
                (
                    "location",
                    models.CharField(help_text="where the first answer led", max_length=500),
                ),
                ("at", models.DateTimeField(default=regentra.clock.now)),
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
                    "user",
                    models.ForeignKey(
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
                        fields=("organization", "token"), name="submission_once"
                    )
                ],
            },
        ),
        TenantTable("Submission", append_only=True),
    ]
