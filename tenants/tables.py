"""The base of every table that belongs to a tenant.

The Python half stands here; the database half (row-level security, composite keys, grants) is made by the migration
operation `tenants.operations.TenantTable`, and `tests/tenants/test_catalog.py` compares the two.
"""

import uuid
from typing import Any, Self, TypeVar

from django.db import models
from django.forms import ModelChoiceField

from tenants.scope import current_organization_id

Row = TypeVar("Row", bound=models.Model, covariant=True)


class TenantManager(models.Manager[Row]):
    """Refuses to build a query when no organization is in force, before the database has to."""

    def get_queryset(self) -> models.QuerySet[Row]:
        current_organization_id()
        return super().get_queryset()


class TenantForeignKey(models.ForeignKey):
    """A reference between two tenant tables; the database checks (organization_id, id) as one key."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        super().__init__(*args, **kwargs)

    def formfield(self, *, using: str | None = None, **kwargs: Any) -> Any:
        """A choice among the rows of the organization in force when the form is shown.

        Django asks the manager already when the form class is made, at import, where there is no organization.
        """
        target = self.remote_field.model
        choices = {
            "form_class": ModelChoiceField,
            "queryset": models.QuerySet(target, using=using),
            "to_field_name": self.remote_field.field_name,
            "blank": self.blank,
        }
        return super(models.ForeignKey, self).formfield(**{**choices, **kwargs})

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("db_constraint", None)
        return name, path, args, kwargs


class _Owned(models.Model):
    organization = models.ForeignKey(
        "tenants.Organization",
        on_delete=models.PROTECT,
        default=current_organization_id,
        db_index=False,
        editable=False,
        related_name="+",
    )

    objects = TenantManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"


class TenantModel(_Owned):
    """A row of one organization that a URL may name: its key is a random uuid."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta(_Owned.Meta):
        abstract = True

    def reload_locked(self) -> Self:
        """This row as it is now, locked until the transaction ends.

        Keys never change, so rows that refer to this one need not wait for the lock.
        """
        return type(self).objects.select_for_update(no_key=True).get(pk=self.pk)


class TenantLog(_Owned):
    """A row of one organization that is only ever added, in order; no URL names it."""

    id = models.BigAutoField(primary_key=True)

    class Meta(_Owned.Meta):
        abstract = True
