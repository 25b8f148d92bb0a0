"""Seals every secret with the newest key of ENCRYPTION_KEYS, row by row, while the product runs."""

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import models, transaction

from integrations import sealed
from integrations.vault import Unsealable
from tenants.models import Organization
from tenants.scope import within
from tenants.tables import TenantLog, TenantModel


class Command(BaseCommand):
    """`manage.py rotate_keys`: run it after a new key was put in front, before the old one is taken away."""

    help = "Seals every secret with the newest key of ENCRYPTION_KEYS."

    def handle(self, **options: Any) -> None:
        done, lost = 0, 0
        for model, row_id, organization in _all_rows():
            try:
                done += _renew(model, row_id, organization)
            except Unsealable:
                lost += 1
                self.stderr.write(f"{model._meta.label} {row_id} cannot be opened.")
        self.stdout.write(f"{done} secrets sealed anew.")
        if lost:
            raise CommandError(
                f"{lost} secret{'s' if lost > 1 else ''} could not be opened: the key is not in "
                "ENCRYPTION_KEYS. Put it back behind the others and run this again."
            )


Row = tuple[type[models.Model], Any, Organization | None]


def _all_rows() -> Iterator[Row]:
    for model in sealed.sealed_models():
        if not issubclass(model, TenantModel | TenantLog):
            yield from ((model, key, None) for key in _keys(model))
            continue
        for organization in Organization.objects.order_by("pk"):
            with within(organization):
                keys = _keys(model)
            yield from ((model, key, organization) for key in keys)


def _keys(model: type[models.Model]) -> list[Any]:
    return list(model._default_manager.values_list("pk", flat=True))


def _renew(model: type[models.Model], row_id: Any, organization: Organization | None) -> int:
    """One short transaction for each row, so that a renewal of its tokens hardly waits."""
    with transaction.atomic(), within(organization) if organization else nullcontext():
        row = model._default_manager.select_for_update().filter(pk=row_id).first()
        if row is None:
            return 0
        changed = [name for name in sealed.columns(model) if sealed.renew(row, name)]
        if changed:
            row.save(update_fields=[f"{name}{sealed.SUFFIX}" for name in changed])
        return len(changed)
