"""Sending all that is owed to one company, counted as it goes, and how it ended."""

from django.db.models import Count, QuerySet

from integrations import by_hand
from integrations.by_hand import CannotNow, Company
from integrations.job_states import JobState
from integrations.management.companies import Advance
from integrations.models import SyncJob
from integrations.outbound.effects import CommitAnswer, CommitRefusal
from integrations.outbound.jobs import NIGHTLY
from integrations.outbound.perform import Effect, LaneEffect
from tenants.scope import within

NOT_TAKEN = "QuickBooks has not confirmed what is pending; it is tried again by itself."


def send_all(company: Company, advance: Advance) -> str:
    """Raises `CannotNow`."""
    sent = 0

    def observe(phase: str, effect: Effect | LaneEffect) -> None:
        nonlocal sent
        if phase == "after" and isinstance(effect, CommitAnswer | CommitRefusal):
            sent += isinstance(effect, CommitAnswer)
            advance(1)

    by_hand.send_all(company, observe)
    return ", ".join([f"{sent} sent", *_left(company)])


def through(company: Company, line: str) -> str:
    """The line again. Raises `CannotNow` with it where QuickBooks was told something and has not taken it."""
    with within(company.organization_id):
        tried = _owed(company).filter(state=JobState.PENDING).exclude(reason_code__in=("", NIGHTLY))
        if tried.exists():
            raise CannotNow(f"{line}. {NOT_TAKEN}")
    return line


def _owed(company: Company) -> QuerySet[SyncJob]:
    return SyncJob.objects.filter(connection_id=company.connection_id)


def _left(company: Company) -> list[str]:
    """What did not go out, by state and reason: "2 blocked (customer_choice)"."""
    with within(company.organization_id):
        left = _owed(company).exclude(state=JobState.SYNCED).order_by("state", "reason_code")
        counts = left.values_list("state", "reason_code").annotate(Count("id"))
        return [_one(*row) for row in counts]


def _one(state: str, reason: str, count: int) -> str:
    return f"{count} {state} ({reason})" if reason else f"{count} {state}"
