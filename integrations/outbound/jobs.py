"""The sync jobs of an organization: made, moved between their states, released. Everything runs inside ``within()``."""

import random
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When
from django.db.models.functions import Coalesce

from integrations.documents import Kind
from integrations.errors import KeepsOther, SyncError, Temporary
from integrations.job_states import MAX_ATTEMPTS, JobState, retry_delay_seconds
from integrations.labels import of_fields
from integrations.models import Connection, Intent, IntentState, Link, SyncJob
from integrations.outbound import due
from integrations.outbound.batch_plan import Backlog
from integrations.outbound.prerequisites import (
    ASKED_NEEDS,
    BROUGHT,
    CLOSED_NEEDS,
    RULE_NEEDS,
    Missing,
    Need,
    waits_for,
)
from regentra import clock
from tenants.scope import current_organization_id

RANK = {kind: rank for rank, kind in enumerate(Kind)}
# Taking a payment back goes before the invoices it was applied to: their void would change it under our hands.
VOIDED_PAYMENT_RANK = RANK[Kind.INVOICE] - 1

# What brings along what it waits for; a customer brings the one it is a part of.
BRINGING = (Kind.INVOICE, Kind.CREDIT_MEMO, Kind.CUSTOMER)
# Why a job goes out once more at once.
HOLDS_OTHER = "holds_other"
# Why a job waits for the night.
NIGHTLY = "goes_by_night"
# What is only waiting for the connection itself, and goes on when that is mended.
CONNECTION_NEEDS = (Need.CONSENT, Need.HELD, Need.STOPPED, Need.PAUSED)
# What holds up all of a company.
COMPANY_NEEDS = (*CONNECTION_NEEDS, Need.COMPANY)


def want(
    connection: Connection,
    kind: Kind,
    local_id: UUID,
    *,
    urgent: bool = False,
    rank: int | None = None,
    night: datetime | None = None,
) -> None:
    """This document should look the same over there. Ten wishes are one job.

    ``rank`` is its place in the order of a turn when that is not the one of its kind. With ``night`` it goes then,
    unless it goes earlier for another reason.
    """
    now = clock.now()
    blank = SyncJob(
        connection=connection,
        kind=kind,
        local_id=local_id,
        rank=RANK[kind],
        wanted=0,
        state=JobState.PENDING,
    )
    job = SyncJob.objects.filter(connection=connection, kind=kind, local_id=local_id)
    place = RANK[kind] if rank is None else rank
    at = _moment(job.first(), night) if night else now
    # First, as a turn holds this row before any job: two that begin at either end would wait for each other.
    due.send_by(connection.id, at, urgent=urgent and not night)
    SyncJob.objects.bulk_create([blank], ignore_conflicts=True)
    job.update(wanted=F("wanted") + 1, attempts=0, rank=place, **_pending(now))
    if at > now:
        job.update(next_attempt_at=at, **_by_night())
    if urgent and not night:
        job.update(urgent=True)


def let_go(connection: Connection, kind: Kind) -> None:
    """QuickBooks no longer owns a field of this kind: what was withheld for that is owed from now on.

    What is on its way may have been put together by the former rules, and is once more.
    """
    rows = SyncJob.objects.filter(connection=connection, kind=kind)
    due.send_by(connection.id, clock.now())
    rows.filter(state=JobState.PENDING).update(wanted=F("wanted") + 1)
    _want_withheld(connection, rows)


def decided(
    connection: Connection, invoice_id: UUID, *, ours: frozenset[str], theirs: frozenset[str]
) -> None:
    """A question about this invoice was answered: parts that are ours go also where QuickBooks owns them.

    What was answered of other parts before holds until it has gone. After `want`, which holds the row.
    """
    row = SyncJob.objects.filter(connection=connection, kind=Kind.INVOICE, local_id=invoice_id)
    job = row.get()
    row.update(ours_by_answer=sorted(ours.union(job.ours_by_answer) - theirs))


def forgo(connection: Connection, kind: Kind, local_id: UUID) -> bool:
    """It was held back, by the sync rules or for an answer, and is owed no more. Says whether it was."""
    job = SyncJob.objects.filter(connection=connection, kind=kind, local_id=local_id)
    held = job.filter(state=JobState.BLOCKED, reason_code__in=(*RULE_NEEDS, *ASKED_NEEDS))
    return bool(held.update(done=F("wanted"), attempts=0, **_synced(clock.now())))


def take_all_back(connection: Connection, kind: Kind, local_ids: Iterable[UUID]) -> list[UUID]:
    """Forgets the wishes for those of these that wait and were never tried. Says which it could. After `due.hold`.

    In safe mode, too: what is there all the same has our mark, by which the full comparison links it.
    """
    tried = Intent.objects.filter(job=OuterRef("pk"))
    unsent = lying(connection, kind, local_ids).exclude(state=JobState.ERRORED)
    waiting = unsent.filter(~Exists(tried))
    found = dict(waiting.select_for_update(of=("self",)).values_list("pk", "local_id"))
    SyncJob.objects.filter(pk__in=found).delete()
    return list(found.values())


def lying(connection: Connection, kind: Kind, local_ids: Iterable[UUID]) -> QuerySet[SyncJob]:
    """What waits, was refused or is to go in a night to come, and of which nothing was written or may still be.

    While the company is held no worker takes it up, and one that works already was not given what is to go later.
    """
    by_night = Q(state=JobState.PENDING) & _kept_for_night()
    written = Intent.objects.filter(job=OuterRef("pk")).exclude(state=IntentState.REFUSED)
    there = Link.objects.filter(connection=connection, kind=kind, local_id=OuterRef("local_id"))
    rows = SyncJob.objects.filter(connection=connection, kind=kind, local_id__in=list(local_ids))
    unwritten = rows.filter(~Exists(written), ~Exists(there), done=0)
    return unwritten.filter(by_night | Q(state__in=(JobState.BLOCKED, JobState.ERRORED)))


def held_by_rules(connection: Connection) -> list[UUID]:
    """The invoices that the sync rules hold back."""
    held = SyncJob.objects.filter(connection=connection, kind=Kind.INVOICE, state=JobState.BLOCKED)
    return list(held.filter(reason_code__in=RULE_NEEDS).values_list("local_id", flat=True))


def waiting_by_rules(connection: Connection) -> list[UUID]:
    """The invoices that the sync rules hold back, and those that are to go in the night."""
    return [*held_by_rules(connection), *waiting_for_night(connection, Kind.INVOICE)]


def waiting_for_night(connection: Connection, kind: Kind) -> list[UUID]:
    """The documents of this kind that are to go in the night."""
    pending, blocked = _for_night(connection)
    return list((pending | blocked).filter(kind=kind).values_list("local_id", flat=True))


def make_again(connection: Connection, kind: Kind, local_id: UUID) -> None:
    """Somebody has decided that what was lost over there is made anew, as another document than before."""
    Link.objects.filter(connection=connection, kind=kind, local_id=local_id).delete()
    want(connection, kind, local_id, urgent=True)
    name_anew(connection, kind, local_id)


def name_anew(connection: Connection, kind: Kind, local_id: UUID) -> None:
    """It stands for its counterpart no more, so no answer to a write of before is told again to a later one."""
    job = SyncJob.objects.filter(connection=connection, kind=kind, local_id=local_id)
    job.update(incarnation=F("incarnation") + 1)


def wanted_by(kind: Kind, local_ids: list[UUID]) -> list[SyncJob]:
    """The jobs of these documents, whatever company they belong to."""
    return list(
        SyncJob.objects.filter(kind=kind, local_id__in=local_ids).select_related("connection")
    )


def ready(connection: Connection, limit: int) -> list[SyncJob]:
    """Jobs of one kind that may go out now: what a person waits for first, in the order of kinds, the oldest first."""
    first = list(_ready(connection).order_by("-urgent", "rank", "next_attempt_at", "id")[:limit])
    for job in first:
        job.connection = connection
    alike = first[:1] and (first[0].urgent, first[0].rank)
    return [job for job in first if (job.urgent, job.rank) == alike]


def any_ready(connection: Connection) -> bool:
    """Whether anything may go out now."""
    return _ready(connection).exists()


def any_by_day(connection: Connection) -> bool:
    """Whether anything is on its way that is not kept for a night to come."""
    return _pending_of(connection).exclude(_kept_for_night()).exists()


def backlog(connection: Connection, at_most: int | None = None) -> Backlog:
    """How much may go out now, counted up to ``at_most``, and since when the oldest of it waits."""
    ready = _ready(connection)
    times = ready.order_by("next_attempt_at").values_list("next_attempt_at", flat=True)
    since = times.first()
    return Backlog(ready[:at_most].count() if since else 0, since)


def room_may_come(payment: SyncJob) -> bool:
    """Whether another payment, or a change of an invoice or credit memo, is on its way to this company."""
    others = _pending_of(payment.connection).exclude(pk=payment.pk)
    return others.filter(kind__in=[Kind.PAYMENT, Kind.INVOICE, Kind.CREDIT_MEMO]).exists()


def is_urgent(connection: Connection) -> bool:
    """Whether a person waits for something of this company."""
    return _pending_of(connection).filter(urgent=True).exists()


def next_due(connection: Connection) -> datetime | None:
    """When the next job of this company may go out."""
    times = _pending_of(connection).order_by("next_attempt_at")
    return times.values_list("next_attempt_at", flat=True).first()


def tried_in_vain(connection: Connection, *, since: datetime) -> bool:
    """Whether one whose first attempt was before then has been put off at each."""
    return _pending_of(connection).filter(attempts__gt=0, tried_since__lt=since).exists()


def attempts_of(jobs_shown: Iterable[SyncJob]) -> dict[UUID, int]:
    """How often each was tried since it was wanted last, with those whose outcome is not known yet."""
    tried = {job.pk: job.attempts for job in jobs_shown}
    writes = Intent.objects.filter(job__in=list(tried), state=IntentState.OPEN)
    for job_id, resent in writes.values_list("job_id", "sends"):
        tried[job_id] += resent + 1
    return tried


def agreed(job: SyncJob, version: int, *, is_awaited: bool = True) -> None:
    """Both sides hold this version; the job is finished unless more was wanted meanwhile.

    ``is_awaited`` is False where it is known that no job waits for a document.
    """
    now = clock.now()
    row = SyncJob.objects.filter(pk=job.pk)
    if row.filter(wanted=version).update(done=version, attempts=0, **_synced(now)):
        if is_awaited:
            release(job.connection, waits_for(Kind(job.kind), job.local_id))
    else:
        row.update(done=version, attempts=0, **_pending(now))
        due.send_by(job.connection.id, now)


def holds_other(job: SyncJob, fields: Collection[str]) -> None:
    """They hold something else than was sent: the difference goes out once, then it is a matter for a person."""
    if job.reason_code == HOLDS_OTHER:
        named = ", ".join(of_fields(fields))
        park(job, KeepsOther(hint=f"Not as sent: {named}" if named else ""))
        return
    now = clock.now()
    _as_taken_up(job).update(**{**_pending(now), "reason_code": HOLDS_OTHER})
    due.send_by(job.connection.id, now)


def block(job: SyncJob, missing: list[Missing]) -> None:
    """Waits until what is missing is there. Costs no attempt."""
    _as_taken_up(job).update(
        state=JobState.BLOCKED,
        reason=" ".join(one.sentence for one in missing),
        reason_code=missing[0].need,
        waits_for=missing[0].waits_for,
        next_attempt_at=None,
        **_since(job, JobState.BLOCKED),
    )
    if _brings(Kind(job.kind), [one.need for one in missing]):
        _bring(job.connection, missing[0].waits_for)


def look_again(job: SyncJob, at: datetime) -> None:
    """The outcome of the last call is unknown until then."""
    _as_taken_up(job).update(
        next_attempt_at=at,
        reason="No answer came back; we look whether it arrived before sending it again.",
        reason_code="outcome_unknown",
    )


def retry(job: SyncJob, error: Temporary) -> None:
    """The other side was busy or away; tried again by itself, however long that lasts."""
    delay = error.retry_after_seconds or retry_delay_seconds(
        job.attempts + 1, spread=random.random()
    )
    _as_taken_up(job).update(
        attempts=F("attempts") + 1,
        tried_since=_tried_since(),
        next_attempt_at=clock.now() + timedelta(seconds=delay),
        reason=error.words,
        reason_code=error.code or "temporary",
        reference=error.reference,
    )


def _tried_since() -> Coalesce:
    """The first attempt since it is pending: what it has waited for before is not held against QuickBooks."""
    return Coalesce(F("tried_since"), clock.now())


def again_soon(job: SyncJob, error: SyncError) -> None:
    """Something moved over there meanwhile; composed anew at once, and parked when that keeps happening."""
    if job.attempts + 1 >= MAX_ATTEMPTS:
        park(job, error)
        return
    delay = retry_delay_seconds(job.attempts + 1, spread=random.random())
    _as_taken_up(job).update(
        attempts=F("attempts") + 1,
        tried_since=_tried_since(),
        next_attempt_at=clock.now() + timedelta(seconds=delay),
        reason=error.words,
        reason_code=error.code or "stale",
        reference=error.reference,
    )


def park(job: SyncJob, error: SyncError) -> None:
    """Refused: stays here, with the reason, until somebody changes it or asks again."""
    _as_taken_up(job).update(
        state=JobState.ERRORED,
        attempts=F("attempts") + 1,
        reason=_sentences(error.words, error.hint),
        reason_code=error.code or type(error).__name__,
        reference=error.reference,
        next_attempt_at=None,
        **_since(job, JobState.ERRORED),
    )


def any_waits(connection: Connection) -> bool:
    """Whether a job of this company waits for another document."""
    return _blocked_of(connection).exclude(waits_for="").exists()


def release(connection: Connection, what: str) -> None:
    """Takes up again the jobs that waited for this document."""
    _go_on(connection, _blocked_of(connection).filter(waits_for=what))


def take_up_again(connection: Connection, kind: Kind, local_id: UUID) -> None:
    """Takes up this document again if it is Blocked: what it waits for may be there."""
    _go_on(connection, _blocked_of(connection).filter(kind=kind, local_id=local_id))


def take_up_parked(link: Link, *because: str) -> None:
    """Takes up this document again if it was refused for a reason that is gone."""
    now = clock.now()
    mine = SyncJob.objects.filter(
        connection=link.connection, kind=link.kind, local_id=link.local_id
    )
    if mine.filter(state=JobState.ERRORED, reason_code__in=because).update(
        attempts=0, **_pending(now)
    ):
        due.send_by(link.connection_id, now)


def take_up_void(connection: Connection, kind: Kind, local_id: UUID) -> None:
    """Takes up this document again though it was refused or is Blocked: void on both sides, it owes nothing."""
    mine = SyncJob.objects.filter(connection=connection, kind=kind, local_id=local_id)
    _go_on(connection, mine.filter(state__in=(JobState.ERRORED, JobState.BLOCKED)))


def take_up_naming(connection: Connection, customer: str) -> None:
    """Takes up again what was refused while it named this customer of theirs, in whose place is another one now."""
    written = Intent.objects.filter(connection=connection, state=IntentState.REFUSED)
    named = written.filter(document__customer=customer)
    refused = SyncJob.objects.filter(connection=connection, state=JobState.ERRORED)
    _go_on(connection, refused.filter(pk__in=named.values("job")))


def release_all(connection: Connection, *needs: Need) -> None:
    """Takes up again the jobs Blocked for any of these reasons."""
    _go_on(connection, _blocked_of(connection).filter(reason_code__in=needs))


def waiting_for(connection: Connection, *needs: Need) -> int:
    """How many documents are Blocked for any of these reasons."""
    return _blocked_of(connection).filter(reason_code__in=needs).count()


def recheck_blocked(connection: Connection) -> None:
    """Looks at every Blocked job anew: a link made at the very moment of blocking would otherwise be missed."""
    others = (*CONNECTION_NEEDS, *ASKED_NEEDS, *CLOSED_NEEDS)
    needs = [need for need in Need if need not in others]
    release_all(connection, *needs)


def go_before_night(connection: Connection) -> None:
    """What was to go in the night goes now, or with the company when nothing of that can go out."""
    due.hold(connection.id)
    pending, blocked = _for_night(connection)
    blocked.update(next_attempt_at=None)
    _go_on(connection, pending)


def _want_withheld(connection: Connection, rows: QuerySet[SyncJob]) -> None:
    """Has what is withheld of these looked at anew; what still is costs no call."""
    withheld = rows.filter(state=JobState.SYNCED, withheld=True)
    if withheld.exists():
        now = clock.now()
        due.send_by(connection.id, now)
        withheld.update(wanted=F("wanted") + 1, attempts=0, **_pending(now))


def _release_blocked(connection: Connection) -> None:
    """Takes up every Blocked job, whatever it waits for; what is still missing blocks it again, at no cost."""
    _go_on(connection, _blocked_of(connection))


def block_all(connection: Connection, need: Need, sentence: str) -> None:
    """Nothing of this company can go out: all that is pending waits for the same thing.

    What is to go in the night keeps its moment, and goes no earlier when this is over.
    """
    now = clock.now()
    pending = SyncJob.objects.filter(connection=connection, state=JobState.PENDING)
    pending.update(
        state=JobState.BLOCKED,
        reason=sentence,
        reason_code=need,
        waits_for="",
        next_attempt_at=Case(When(reason_code=NIGHTLY, then="next_attempt_at")),
        state_since=now,
    )


def connected(connection: Connection) -> None:
    """The company can be spoken to (again): lists are to be read, waiting jobs go on.

    The sync rules may have changed meanwhile, so that QuickBooks owns less.
    """
    due.ensure(current_organization_id(), connection.id)
    _release_blocked(connection)
    _want_withheld(connection, SyncJob.objects.filter(connection=connection))
    due.sweep_by(connection.id, clock.now())


def disconnected(connection: Connection) -> None:
    """Nothing is sent any more; what was owed stays owed."""
    block_all(
        connection, Need.CONSENT, "QuickBooks is disconnected; reconnect this company to go on."
    )


def open_jobs(connection: Connection) -> int:
    """How many documents are on their way or stuck."""
    return SyncJob.objects.filter(~Q(state=JobState.SYNCED), connection=connection).count()


def _brings(kind: Kind, needs: list[Need]) -> bool:
    """A payment only where it waits for nothing else: its invoice brings the customer, if the rules let that go."""
    if kind is Kind.PAYMENT:
        return needs == [Need.CUSTOMER]
    return needs[0] in BROUGHT and kind in BRINGING


def _bring(connection: Connection, waits_for: str) -> None:
    """What an invoice waits for is owed as well; of a customer a change of the rules may have left that out.

    An item of a ledger account that was made before and is missed now is in use no more: another one is made.
    """
    kind, _, local_id = waits_for.partition(":")
    known = SyncJob.objects.filter(connection=connection, kind=kind, local_id=local_id).first()
    if known is None:
        want(connection, Kind(kind), UUID(local_id), urgent=True)
    elif kind == Kind.ITEM and known.state == JobState.SYNCED:
        make_again(connection, Kind.ITEM, UUID(local_id))


def _go_on(connection: Connection, waiting: QuerySet[SyncJob]) -> None:
    """Takes these up again, each in its night where that is still to come. When the company is due comes first, as in
    `want`.
    """
    if waiting.exists():
        now = clock.now()
        due.send_by(connection.id, now)
        tonight = waiting.filter(state=JobState.BLOCKED, next_attempt_at__gt=now)
        tonight.update(**{**_pending(now), **_by_night(), "next_attempt_at": F("next_attempt_at")})
        waiting.update(**_pending(now))


def _moment(job: SyncJob | None, night: datetime) -> datetime:
    """When a wish for the night goes out: earlier when the document is on its way already, or with its company."""
    if job is None or not (job.state == JobState.PENDING or job.reason_code in COMPANY_NEEDS):
        return night
    return min(job.next_attempt_at or clock.now(), night)


def _for_night(connection: Connection) -> tuple[QuerySet[SyncJob], QuerySet[SyncJob]]:
    """What is to go in the night, and what was until the whole company was held up."""
    pending = _pending_of(connection).filter(reason_code=NIGHTLY)
    return pending, _blocked_of(connection).filter(next_attempt_at__isnull=False)


def _kept_for_night() -> Q:
    return Q(reason_code=NIGHTLY, next_attempt_at__gt=clock.now())


def _by_night() -> dict[str, object]:
    words = (
        "It goes to QuickBooks at 2:00 in the night, as the sync rules say; Try again sends it now."
    )
    return {"reason": words, "reason_code": NIGHTLY}


def _blocked_of(connection: Connection) -> QuerySet[SyncJob]:
    return SyncJob.objects.filter(connection=connection, state=JobState.BLOCKED)


def _pending_of(connection: Connection) -> QuerySet[SyncJob]:
    return SyncJob.objects.filter(connection=connection, state=JobState.PENDING)


def _ready(connection: Connection) -> QuerySet[SyncJob]:
    return _pending_of(connection).filter(next_attempt_at__lte=clock.now())


def _pending(now: datetime) -> dict[str, object]:
    return {
        "state": JobState.PENDING,
        "next_attempt_at": now,
        "tried_since": None,
        "state_since": now,
        **_no_reason(),
    }


def _synced(now: datetime) -> dict[str, object]:
    return {
        "state": JobState.SYNCED,
        "next_attempt_at": None,
        "state_since": now,
        "urgent": False,
        "ours_by_answer": [],
        **_no_reason(),
    }


def _no_reason() -> dict[str, object]:
    return {"reason": "", "reason_code": "", "waits_for": "", "reference": ""}


def _sentences(*parts: str) -> str:
    """Put one after the other, each ending as a sentence does."""
    said = (part.strip() for part in parts if part.strip())
    return " ".join(part if part.endswith((".", "!", "?")) else f"{part}." for part in said)


def _as_taken_up(job: SyncJob) -> QuerySet[SyncJob]:
    """The job unless it was wanted anew or stopped since it was taken up: what came of the old wish is then no news."""
    return SyncJob.objects.filter(pk=job.pk, state=JobState.PENDING, wanted=job.wanted)


def _since(job: SyncJob, state: JobState) -> dict[str, datetime]:
    return {} if job.state == state else {"state_since": clock.now()}
