"""Organizations, people, and the database's half of keeping tenants apart."""

import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import regentra.clock
import tenants.scope
from tenants.operations import TenantTable, runtime_role

# What the runtime role may do with platform tables: those that exist, and those that later migrations
# of the owner make. TenantTable then narrows it for each tenant table.
RIGHTS = f"""
GRANT USAGE ON SCHEMA public TO "{runtime_role()}";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{runtime_role()}";
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "{runtime_role()}";
ALTER DEFAULT PRIVILEGES IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "{runtime_role()}";
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO "{runtime_role()}";
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM "{runtime_role()}";
"""  # noqa: S608 - the role comes from our own settings

TAKE_RIGHTS_BACK = f"""
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM "{runtime_role()}";
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON SEQUENCES FROM "{runtime_role()}";
"""

# Raises instead of answering NULL: an empty result would read as "no link yet" and make a duplicate.
# After the first transaction that set it, the setting is an empty string rather than absent.
APP_ORGANIZATION = """
CREATE FUNCTION app_organization() RETURNS uuid
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    organization text := current_setting('app.organization', true);
BEGIN
    IF organization IS NULL OR organization = '' THEN
        RAISE EXCEPTION 'no organization is set: tenant data was asked for outside within()'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN organization::uuid;
END
$$;
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.RunSQL(RIGHTS, TAKE_RIGHTS_BACK),
        migrations.RunSQL(APP_ORGANIZATION, "DROP FUNCTION app_organization()"),
        migrations.CreateModel(
            name="Organization",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("slug", models.SlugField(max_length=60, unique=True)),
                (
                    "currency",
                    models.CharField(
                        default="USD", help_text="ISO 4217 home currency", max_length=3
                    ),
                ),
                (
                    "country",
                    models.CharField(default="US", help_text="ISO 3166 code", max_length=2),
                ),
                (
                    "timezone",
                    models.CharField(
                        default="UTC", help_text="IANA name, for dates on documents", max_length=64
                    ),
                ),
                (
                    "features",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        default=list,
                        help_text="what the operator has switched on, such as quickbooks",
                        size=None,
                    ),
                ),
                ("created_at", models.DateTimeField(default=regentra.clock.now, editable=False)),
            ],
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                (
                    "last_login",
                    models.DateTimeField(blank=True, null=True, verbose_name="last login"),
                ),
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("email", models.EmailField(max_length=254, unique=True)),
                ("name", models.CharField(blank=True, max_length=200)),
                ("is_active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(default=regentra.clock.now, editable=False)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Upper("email"),
                        name="user_email_unique_in_any_case",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("owner", "Owner"),
                            ("admin", "Admin"),
                            ("staff", "Staff"),
                            ("read_only", "Read only"),
                        ],
                        default="staff",
                        max_length=12,
                    ),
                ),
                ("created_at", models.DateTimeField(default=regentra.clock.now, editable=False)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to="tenants.organization",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "user"), name="member_once"),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["owner", "admin", "staff", "read_only"])),
                        name="member_role_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("action", models.CharField(max_length=80)),
                ("object_kind", models.CharField(blank=True, max_length=40)),
                ("object_id", models.CharField(blank=True, max_length=64)),
                ("detail", models.JSONField(default=dict)),
                ("at", models.DateTimeField(default=regentra.clock.now)),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(
                        fields=["organization", "object_kind", "object_id", "id"],
                        name="audit_by_object",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Route",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                ("key_hash", models.CharField(max_length=64)),
                ("object_id", models.UUIDField()),
                ("created_at", models.DateTimeField(default=regentra.clock.now, editable=False)),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenants.organization",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "key_hash"), name="route_leads_to_one_place"
                    )
                ],
            },
        ),
        TenantTable("AuditEntry", append_only=True),
    ]
