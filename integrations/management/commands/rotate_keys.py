"""Seals every secret with the newest key of ENCRYPTION_KEYS, row by row, while the product runs."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import models, transaction

from integrations import sealed
from integrations.vault import Unsealable
from tenants.models import Organization

# So many keys of rows are read at a time.
BATCH = 500


class Command(BaseCommand):
    """`manage.py rotate_keys`: run it after a new key was put in front, before the old one is taken away."""

    help = "Seals every secret with the newest key of ENCRYPTION_KEYS."

    def handle(self, **options: Any) -> None:
        done, lost = 0, 0
        for model, row_id, owner in _outdated():
            try:
                done += _renew(model, row_id, owner)
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


def _outdated() -> Iterator[Row]:
    for model in sealed.sealed_models():
        for owner in sealed.owners(model):
            after: Any = None
            # What cannot be opened stays outdated, so each batch begins after the one before.
            while keys := _batch(model, owner, after):
                yield from ((model, key, owner) for key in keys)
                after = keys[-1]


def _batch(model: type[models.Model], owner: Organization | None, after: Any) -> list[Any]:
    with sealed.inside(owner):
        rows = sealed.outdated(model).order_by("pk")
        rows = rows if after is None else rows.filter(pk__gt=after)
        return list(rows.values_list("pk", flat=True)[:BATCH])


def _renew(model: type[models.Model], row_id: Any, owner: Organization | None) -> int:
    """One short transaction for each row, so that a renewal of its tokens hardly waits."""
    with transaction.atomic(), sealed.inside(owner):
        row = model._default_manager.select_for_update().filter(pk=row_id).first()
        if row is None:
            return 0
        changed = [name for name in sealed.columns(model) if sealed.renew(row, name)]
        if changed:
            row.save(update_fields=[f"{name}{sealed.SUFFIX}" for name in changed])
        return len(changed)
