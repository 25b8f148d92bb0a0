"""Writes down what happened, in the same transaction, for whoever wants to know.

The rows are what counts. The wake-up after the commit only makes them be read sooner: it may get lost.
"""

from collections.abc import Callable
from uuid import UUID

from django.db import transaction

from billing.events import Event
from billing.models import OutboxEvent, Wake
from tenants.scope import current_organization_id

Callback = Callable[[UUID], None]

_callbacks: list[Callback] = []


def record(event: Event) -> None:
    """Adds the event to the current transaction and organization."""
    organization_id = current_organization_id()
    OutboxEvent.objects.create(kind=event.kind, payload=event.to_payload())
    Wake.objects.create(organization_id=organization_id)
    for callback in _callbacks:
        # Robust: Django logs what the callback raises, and the request goes on.
        transaction.on_commit(_wake_up(callback, organization_id), robust=True)


def on_recorded(callback: Callback) -> None:
    """Calls back with the organization's id after each commit that recorded something."""
    if callback not in _callbacks:
        _callbacks.append(callback)


def forget(callback: Callback) -> None:
    """Stops calling back."""
    _callbacks.remove(callback)


def _wake_up(callback: Callback, organization_id: UUID) -> Callable[[], None]:
    # A function of its own: Django logs its name, which a functools.partial does not have.
    def wake_up() -> None:
        callback(organization_id)

    return wake_up
