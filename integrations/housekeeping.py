"""Removes what has been kept long enough (`regentra.keeping` says how long, and why), a little at a time.

A batch is a transaction of its own, so nobody waits for it and a worker that dies in between loses nothing: what is
left is removed the next night.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.contrib.sessions.models import Session
from django.db.models import F
from django.db.models.functions import TruncMonth

from billing.models import OutboxEvent
from integrations.calls_of_month import SUMS, sums
from integrations.models import ApiCall, CallTotal, Doorbell, Notification, OAuthState
from regentra import clock, keeping
from regentra.removing import AT_ONCE, first_keys, remove_all, remove_some
from tenants.models import Organization, Submission
from tenants.scope import within

log = structlog.get_logger()


def clean_organizations(after: str, ends_at: float) -> str | None:
    """Removes what is old of the organizations behind this id. Where time is up: the id to go on after."""
    behind = Organization.objects.filter(pk__gt=after) if after else Organization.objects.all()
    done = after
    for organization_id in list(behind.order_by("pk").values_list("pk", flat=True)):
        if not _cleaned(organization_id, ends_at):
            return done
        done = str(organization_id)
    return None


def _cleaned(organization_id: UUID, ends_at: float) -> bool:
    """What fails in a way nobody foresaw keeps the rows of this organization, and of no other."""
    try:
        return clean_organization(organization_id, ends_at)
    except Exception:
        log.exception("clean-up broke", organization=str(organization_id))
        return True


def clean_organization(organization_id: UUID, ends_at: float) -> bool:
    """Removes what is old of one organization. Says whether it was done by ``ends_at``, in ticks of this process."""
    for step in OF_AN_ORGANIZATION:
        removed = AT_ONCE
        while removed == AT_ONCE:
            if clock.ticks() >= ends_at:
                return False
            with within(organization_id):
                removed = step()
    return True


def clean_platform() -> None:
    """Removes what is old and belongs to no organization: log-ins that ended, sign-ins begun at a vendor."""
    tickets = OAuthState.objects.filter(expires_at__lt=_before(keeping.SIGN_IN_TICKETS))
    ended = Session.objects.filter(expire_date__lt=clock.now())
    remove_all(tickets)
    remove_all(ended)


def _events() -> int:
    return remove_some(OutboxEvent.objects.filter(relayed_at__lt=_before(keeping.RELAYED_EVENTS)))


def _doorbells() -> int:
    return remove_some(Doorbell.objects.filter(closed_at__lt=_before(keeping.CLOSED_DOORBELLS)))


def _form_tokens() -> int:
    return remove_some(Submission.objects.filter(at__lt=_before(keeping.FORM_TOKENS)))


def _notices() -> int:
    return remove_some(Notification.objects.filter(closed_at__lt=_before(keeping.SETTLED_NOTICES)))


def _calls() -> int:
    """The lines go in the transaction that adds them to the sums of their month."""
    old = ApiCall.objects.filter(started_at__lt=_before(keeping.CALLS)).order_by("started_at")
    taken = ApiCall.objects.filter(pk__in=first_keys(old))
    by_month = taken.annotate(month=TruncMonth("started_at", tzinfo=UTC))
    for row in sums(by_month, "connection_id", "month", "kind", "lane"):
        _add(row)
    return remove_some(taken)


OF_AN_ORGANIZATION: tuple[Callable[[], int], ...] = (
    _events,
    _doorbells,
    _form_tokens,
    _notices,
    _calls,
)


def _add(row: dict[str, Any]) -> None:
    more = {name: F(name) + row.pop(name) for name in SUMS}
    total, _ = CallTotal.objects.get_or_create(**{**row, "month": row["month"].date()})
    CallTotal.objects.filter(pk=total.pk).update(**more)


def _before(kept: timedelta) -> datetime:
    return clock.now() - kept
