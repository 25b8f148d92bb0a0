"""The causes that people are told of, and in which words. Runs inside ``within()``."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from integrations import notices
from integrations.errors import AppRefused, Temporary, Waiting
from integrations.models import (
    Connection,
    Credential,
    NoticeKind,
    RuleProposal,
    Severity,
)
from regentra import clock

# Days before the end of a consent at which people are warned.
WARN_DAYS = (2, 7, 14)

# Why nothing goes to and comes from a company, by the error that turns end with; else Regentra itself has failed.
WHY_BEHIND = {
    Temporary.__name__: "QuickBooks has been busy or away for more than an hour, so what goes to and comes from "
    "{company} waits. Nothing is lost; it goes on by itself.",
    Waiting.__name__: "QuickBooks has refused everything of {company} for more than an hour. Put the company right in "
    "QuickBooks; nothing is lost, and it goes on by itself then.",
}
FAILED_HERE = (
    "Regentra itself has failed at {company} for more than an hour, so what goes to and comes from it waits. "
    "Please tell support; nothing is lost."
)

# The key of what the checks find late; it concerns no connection alone.
CHECKS = "checks"


def consent_ended(connection: Connection) -> None:
    """The vendor lets us in no more (L-73)."""
    notices.close(NoticeKind.CONSENT_EXPIRES, connection.id)
    notices.tell(
        NoticeKind.CONSENT_ENDED,
        connection.id,
        severity=Severity.ACT_NOW,
        title="Accounting connection needs attention",
        sentence=f"QuickBooks no longer accepts our access to {connection.company_name}. Documents "
        "wait until an owner or admin reconnects it; nothing is lost.",
    )


def consent_given(connection: Connection) -> None:
    """It was connected anew."""
    notices.close(NoticeKind.CONSENT_ENDED, connection.id)
    notices.close(NoticeKind.CONSENT_EXPIRES, connection.id)


def left(connection: Connection) -> None:
    """It was disconnected on purpose: nothing about it needs anybody any more."""
    for kind in NoticeKind:
        notices.close(kind, connection.id)


def consent_expires(connection: Connection) -> None:
    """Warns ahead of the day on which renewing by itself ends, at 14, 7 and 2 days; silent before."""
    ends_at = _consent_ends_at(connection)
    days = _warning(ends_at) if ends_at else None
    if ends_at is None or days is None:
        notices.close(NoticeKind.CONSENT_EXPIRES, connection.id)
        return
    zone = ZoneInfo(connection.organization.timezone)
    notices.tell(
        NoticeKind.CONSENT_EXPIRES,
        connection.id,
        severity=Severity.ACT_NOW if days == min(WARN_DAYS) else Severity.SOON,
        title=f"Access to QuickBooks ends within {days} days",
        sentence=f"Our access to {connection.company_name} ends on {ends_at.astimezone(zone):%Y-%m-%d}. "
        "Reconnect QuickBooks before, and nothing is held up.",
    )


def documents_refused(connection: Connection, refused: int) -> None:
    """One notice for all documents that wait for a person, with their number; it rings whenever that rises."""
    if not refused:
        notices.close(NoticeKind.DOCUMENTS_REFUSED, connection.id)
        return
    waiting = "1 document waits" if refused == 1 else f"{refused} documents wait"
    notices.tell(
        NoticeKind.DOCUMENTS_REFUSED,
        connection.id,
        severity=Severity.SOON,
        title="QuickBooks refused documents",
        sentence=f"{waiting} for a person: put right what was refused and try again.",
        counted=refused,
    )


def sending_stopped(connection: Connection, *, holds_again: bool) -> None:
    """A check of our own rows failed; what it found stands on the connection's page."""
    what_now = (
        "All holds again; an owner or admin can resume sending."
        if holds_again
        else "The QuickBooks page says what was found. Nothing is lost; it is checked every 15 minutes."
    )
    notices.tell(
        NoticeKind.SENDING_STOPPED,
        connection.id,
        severity=Severity.ACT_NOW,
        title="Sending to QuickBooks is stopped",
        sentence=f"Regentra found records of its own that do not add up and stopped sending to "
        f"{connection.company_name}. {what_now}",
    )


def sending_resumed(connection: Connection) -> None:
    """A person has resumed it."""
    notices.close(NoticeKind.SENDING_STOPPED, connection.id)


def company_late(connection: Connection) -> None:
    """It should have been served by now."""
    _behind(
        connection,
        f"What goes to and comes from {connection.company_name} takes longer than usual. "
        "Nothing is lost; it goes on by itself.",
    )


def company_fails(connection: Connection, ended: str) -> None:
    """Every turn has failed for long, the last one with the error of this name."""
    if ended == AppRefused.__name__:
        _app_refused(connection)
        return
    says = WHY_BEHIND.get(ended, FAILED_HERE)
    _behind(connection, says.format(company=connection.company_name))


def documents_put_off(connection: Connection) -> None:
    """A document has been tried in vain for long."""
    _behind(
        connection,
        f"A document for {connection.company_name} has been tried again for more than an hour, and QuickBooks was busy "
        "or away each time. Nothing is lost; it goes on by itself.",
    )


def _app_refused(connection: Connection) -> None:
    """The keys of the app are the business of whoever keeps it: the organization, or the installation."""
    what_now = (
        "Save the new client secret on the QuickBooks page"
        if connection.client_hash
        else "It is Regentra's own app, so please tell support"
    )
    notices.tell(
        NoticeKind.WORK_LATE,
        connection.id,
        severity=Severity.ACT_NOW,
        title="Intuit does not accept the app",
        sentence="For more than an hour Intuit has not accepted the client ID and secret of the app through which "
        f"{connection.company_name} is connected. {what_now}. Nothing is lost; then it goes on by itself.",
    )


def _behind(connection: Connection, sentence: str) -> None:
    notices.tell(
        NoticeKind.WORK_LATE,
        connection.id,
        severity=Severity.SOON,
        title="QuickBooks is behind",
        sentence=sentence,
    )


def company_on_time(connection: Connection) -> None:
    """It is served again."""
    notices.close(NoticeKind.WORK_LATE, connection.id)


def change_proposed(proposal: RuleProposal) -> None:
    """Somebody else has to approve it."""
    notices.tell(
        NoticeKind.RULES_PROPOSED,
        proposal.pk,
        severity=Severity.SOON,
        title="A change of the sync rules waits for approval",
        sentence=f"{proposal.proposed_by} proposed it. It counts once another owner or admin has approved it.",
    )


def change_decided(proposal: RuleProposal) -> None:
    """It was approved or rejected."""
    notices.close(NoticeKind.RULES_PROPOSED, proposal.pk)


def checks_late(found: list[str]) -> None:
    """Checks found something that should have happened by now; one notice for all of it."""
    if not found:
        notices.close(NoticeKind.WORK_LATE, CHECKS)
        return
    notices.tell(
        NoticeKind.WORK_LATE,
        CHECKS,
        severity=Severity.SOON,
        title="Something is late",
        sentence=" ".join(found),
    )


def _warning(ends_at: datetime) -> int | None:
    """The smallest number of days to warn at that the end is within."""
    rest = ends_at - clock.now()
    return next((days for days in WARN_DAYS if rest <= timedelta(days=days)), None)


def _consent_ends_at(connection: Connection) -> datetime | None:
    """The earlier of the refresh token's end, which use moves on, and the five years that nothing moves."""
    credential = Credential.objects.filter(connection=connection).first()
    if credential is None or not connection.is_connected:
        return None
    return min(filter(None, (credential.refresh_expires_at, credential.hard_expires_at)))
