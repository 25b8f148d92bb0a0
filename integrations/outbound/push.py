"""How one document comes to stand over there exactly once.

`push` is a pure generator: it decides, and yields what is to be done as effects (`effects.py`). A small executor
performs them in production (`perform.py`); tests and the simulation step, drop, pause and double the very same
generator. Before and after each effect the process may die; ``CRASH_POINTS`` names those places.

The order is always: commit the intent, send, commit the answer. What was sent without an answer is looked for before
anything is sent again, and is sent again only unchanged.
"""

from collections.abc import Generator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from integrations.documents import (
    Document,
    Held,
    Kind,
    MailDocument,
    Operation,
    changed_fields,
    fingerprint,
    holder_of,
)
from integrations.errors import (
    AlreadyThere,
    AppRefused,
    NeedsConsent,
    OutcomeUnknown,
    Refused,
    Stale,
    Temporary,
    Vanished,
    Waiting,
)
from integrations.outbound.effects import (
    Agreed,
    CommitAnswer,
    CommitIntent,
    CommitRebase,
    CommitRefusal,
    CommitResend,
    Doubt,
    Effect,
    HoldsOther,
    IntentDraft,
    Linked,
    LookAgain,
    LookUp,
    OpenIntent,
    ReadTarget,
    Send,
    Steps,
    Work,
)
from integrations.outbound.keys import change_key, create_key, marker
from integrations.outbound.recognise import (
    as_agreed,
    as_kept,
    bearer_of_number,
    holds_all_that_changed,
    is_entered_again,
    is_out,
    kept_otherwise,
    ours_among,
    was_mailed,
)
from integrations.ports import Bodies

# Not made against a version of theirs; where one is out of date, it is that of something they refer to.
OF_NO_VERSION = (Operation.CREATE, Operation.SEND)

# QuickBooks cuts a request off after 120 s (reference quickbooks 2.1); what has not appeared 10 s later never will.
IN_FLIGHT_WINDOW = timedelta(seconds=130)
# A worker may put a committed write on the wire this long; later copies of it are impossible.
SEND_WITHIN = timedelta(seconds=20)
# Sent again so often without an answer, a write gives way to a newer one of its document; and so often, it is given up.
GIVES_WAY_AFTER = 2
GIVEN_UP_AFTER = 8
LONGEST_PATIENCE = timedelta(hours=1)


class ChangedOverThere(Refused):
    """It was changed over there since we last agreed; decide whose version holds."""


class PaidOverThere(Refused):
    """A payment that is not here is on it there, so it is not voided. It goes once that is here, or off the invoice."""

    def __init__(self, payments: tuple[str, ...]) -> None:
        super().__init__()
        self.payments = payments


class MailUncertain(Refused):
    """No answer came, and it does not show over there that the e-mail went out. Ask the customer, or send it again."""


class NeverArrives(Refused):
    """QuickBooks fails whenever it is sent, and does not have it. Try again, or change the document first."""


class AnswerOfAnother(Temporary):
    """QuickBooks answered about another document than the one that was changed; it is sent anew by itself."""


class NumberTaken(AlreadyThere):
    """Another invoice over there bears this number; ``bearer`` is that one."""

    def __init__(self, refusal: AlreadyThere, bearer: Held) -> None:
        said = {name: getattr(refusal, name) for name in ("code", "reference", "hint", "detail")}
        super().__init__(refusal.words, **said)
        self.bearer = bearer


def push(work: Work, bodies: Bodies) -> Steps:
    """Brings one document over, or finds out what became of an earlier try. Raises what nothing settled."""
    if work.open_intent is not None:
        return (yield from _settle(work, work.open_intent))
    if work.doubt is not None and _must_wait(work.document, work.doubt, work.now):
        return LookAgain(work.doubt.until)
    if _needs_theirs(work, bodies):
        return (yield from _against_newest(work, bodies))
    draft = next_write(work, bodies)
    if draft is None:
        return Agreed(work.version)
    intent = yield CommitIntent(draft)
    lost = yield from _entered_again(work, intent)
    if lost is not None:
        return (yield from _claim(intent, lost))
    try:
        return (yield from _first_send(work, intent))
    except Stale:
        if intent.operation in OF_NO_VERSION:
            raise
        return (yield from _against_newest(work, bodies))


def _needs_theirs(work: Work, bodies: Bodies) -> bool:
    """Whether the next write is a change that has to repeat all that they hold, or of what nobody has met yet."""
    if work.document is None or work.linked is None or is_void(work.document):
        return False
    changed = changed_fields(work.linked.ours, work.document)
    is_unmet = bool(changed) and not work.linked.remote_version
    return is_unmet or bodies.needs_whole(work.document, changed)


def _must_wait(document: Document | None, doubt: Doubt, now: datetime) -> bool:
    """An e-mail cannot be taken back, so it is not begun while a forgotten call may still bring it about."""
    return isinstance(document, MailDocument) and now < doubt.until


def next_write(work: Work, bodies: Bodies, newest: Held | None = None) -> IntentDraft | None:
    """The one write that brings the other side closer, or None when it holds what we hold.

    ``newest`` is theirs where it has just been read.
    """
    if work.document is None:
        return None
    if isinstance(work.document, MailDocument):
        return _mail(work, work.document, bodies)
    if work.linked is None:
        return None if is_void(work.document) else _create(work, work.document, bodies)
    if is_void(work.document):
        return (
            None if is_void(work.linked.ours) else _void(work, work.document, work.linked, bodies)
        )
    changed = changed_fields(work.linked.ours, work.document)
    if not changed:
        return None
    whole = newest.payload if newest else None
    return _update(work, work.document, work.linked, changed, bodies, whole)


def is_void(document: Document) -> bool:
    """Whether a document stands at zero for good."""
    return bool(getattr(document, "voided", False))


def _settle(work: Work, intent: OpenIntent) -> Steps:
    found = yield from _find(intent)
    if found is not None:
        return (yield from _conclude(intent, found, adopted=True))
    if work.now < _patience_ends(intent):
        return LookAgain(_patience_ends(intent))
    lost = yield from _entered_again(work, intent)
    if lost is not None:
        return (yield from _claim(intent, lost))
    if intent.operation is Operation.SEND:
        uncertain = MailUncertain()
        yield CommitRefusal(intent, uncertain, counted=True)
        raise uncertain
    if intent.sends >= GIVEN_UP_AFTER or _gives_way(work, intent):
        yield CommitRefusal(intent, NeverArrives(), counted=True)
        if not _gives_way(work, intent):
            raise NeverArrives
        # What it is now is put together in the next turn, and may lack something.
        return LookAgain(work.now)
    again = yield CommitResend(intent)
    return (yield from _send(again, was_sent=True))


def _patience_ends(intent: OpenIntent) -> datetime:
    """When no copy of it can arrive any more; later and later, as each look costs metered calls."""
    patience = (
        timedelta(minutes=2**intent.sends) if intent.sends >= GIVES_WAY_AFTER else timedelta()
    )
    return intent.send_deadline + max(IN_FLIGHT_WINDOW, min(patience, LONGEST_PATIENCE))


def _gives_way(work: Work, intent: OpenIntent) -> bool:
    """Whether staff have changed the document since, so that another write may be one they do not fail on."""
    return intent.sends >= GIVES_WAY_AFTER and work.version != intent.version


def _first_send(work: Work, intent: OpenIntent) -> Steps:
    """In safe mode what may be there already is looked for before, as after a lost answer."""
    if work.doubt is None or intent.operation not in OF_NO_VERSION:
        return (yield from _send(intent))
    if work.now < work.doubt.until:
        return (yield from _after_silence(intent))
    found = yield from _find(intent)
    if found is not None:
        return (yield from _conclude(intent, found, adopted=True))
    return (yield from _send(intent))


def _send(intent: OpenIntent, *, was_sent: bool = False) -> Steps:
    try:
        held = yield Send(intent)
        _require_target(intent, held)
    except OutcomeUnknown:
        return (yield from _after_silence(intent))
    except AlreadyThere as refusal:
        return (yield from _after_duplicate(intent, refusal))
    except Stale as stale:
        is_new = intent.operation in OF_NO_VERSION
        if intent.operation is Operation.VOID or (was_sent and not is_new):
            return (yield from _unless_it_is_so(intent, stale))
        yield CommitRefusal(intent, stale, counted=is_new)
        raise
    except (Temporary, Waiting) as definite:
        yield CommitRefusal(intent, definite, counted=_is_of_the_company(definite))
        raise
    except (Refused, Vanished) as definite:
        if isinstance(definite, Vanished) and intent.operation is Operation.VOID:
            return (yield from _conclude_gone(intent))
        yield CommitRefusal(intent, definite, counted=True)
        raise
    return (yield from _conclude(intent, held, adopted=False))


def _require_target(intent: OpenIntent, held: Held) -> None:
    """What was answered once to a write of the same name may be told again, and says nothing about this one."""
    if intent.target_id and held.id != intent.target_id:
        raise AnswerOfAnother(answered=True)


def _is_of_the_company(refusal: Temporary | Waiting) -> bool:
    """Whether the company refused, and may say so again under the same key; a throttle or the door keep no answer."""
    if isinstance(refusal, Temporary):
        return refusal.answered
    return not isinstance(refusal, NeedsConsent | AppRefused)


def _after_silence(intent: OpenIntent) -> Steps:
    found = yield from _find(intent)
    if found is None:
        return LookAgain(_patience_ends(intent))
    return (yield from _conclude(intent, found, adopted=True))


def _after_duplicate(intent: OpenIntent, refusal: AlreadyThere) -> Steps:
    """The number or name is taken: by a copy of ours that we lost sight of, or by somebody else's document."""
    if intent.operation is not Operation.CREATE:
        return (yield from _after_duplicate_change(intent, refusal))
    candidates = yield LookUp(intent)
    found = ours_among(candidates, intent)
    if found is not None:
        return (yield from _conclude(intent, found, adopted=True))
    yield CommitRefusal(intent, refusal, counted=True)
    bearer = bearer_of_number(candidates, intent.document)
    raise NumberTaken(refusal, bearer) if bearer else refusal


def _after_duplicate_change(intent: OpenIntent, refusal: AlreadyThere) -> Steps:
    found = yield from _find_changed(intent)
    if found is not None:
        return (yield from _conclude(intent, found, adopted=True))
    yield CommitRefusal(intent, refusal, counted=True)
    raise refusal


def _unless_it_is_so(intent: OpenIntent, stale: Stale) -> Steps:
    """What moved the version on may be the first copy of this change, held up on its way and looked for too early, or
    the same void by a person.
    """
    found = yield from _find_changed(intent)
    if found is not None:
        return (yield from _conclude(intent, found, adopted=True))
    yield CommitRefusal(intent, stale, counted=False)
    raise stale


def _conclude(intent: OpenIntent, held: Held, *, adopted: bool) -> Steps:
    if intent.operation is Operation.SEND:
        yield CommitAnswer(intent, held, adopted=adopted, as_sent=True)
        return Agreed(intent.version)
    if held.deleted:
        return (yield from _conclude_gone(intent))
    if adopted and intent.operation is not Operation.CREATE:
        # It was found by what it holds; what else they changed since is met by the next look.
        kept, as_sent = held, True
    else:
        kept, as_sent = as_kept(intent, held, found=adopted)
    yield CommitAnswer(intent, kept, adopted=adopted, as_sent=as_sent)
    return Agreed(intent.version) if as_sent else HoldsOther(kept_otherwise(intent, held))


def _conclude_gone(intent: OpenIntent) -> Steps:
    """What was to be voided does not exist any more, which is as good."""
    gone = Held(intent.kind, intent.target_id, intent.target_version, None)
    yield CommitAnswer(intent, gone, adopted=True, as_sent=True)
    return Agreed(intent.version)


def _against_newest(work: Work, bodies: Bodies) -> Steps:
    """A change of what they hold now. Where only the version moved it goes over that one, otherwise somebody must
    decide.
    """
    assert work.linked is not None
    held = yield ReadTarget(work.kind, work.linked.remote_id)
    if held.document is None:
        raise Vanished
    if _collides(work, work.linked, held.document):
        raise ChangedOverThere
    if work.document is not None and is_void(work.document) and held.settled_by:
        raise PaidOverThere(held.settled_by)
    yield CommitRebase(held)
    rebased = Linked(held.id, held.version, work.linked.ours, held.document)
    draft = next_write(replace(work, linked=rebased), bodies, held)
    if draft is None:
        return Agreed(work.version)
    intent = yield CommitIntent(draft)
    return (yield from _send(intent))


def _collides(work: Work, linked: Linked, theirs: Document) -> bool:
    """Whether both sides changed it, and not to the same. Customers may be edited on both sides, in different fields
    (X-108); what is kept equal is put together by the next look first.
    """
    if linked.theirs is None or work.document is None:
        return False
    changed_there = changed_fields(linked.theirs, theirs) & changed_fields(work.document, theirs)
    if work.kind is Kind.CUSTOMER:
        changed_here = changed_fields(linked.ours, work.document)
        return bool(changed_there & (changed_here | work.shared))
    return bool(changed_there)


def _find(intent: OpenIntent) -> Generator[Effect, Any, Held | None]:
    if intent.operation is not Operation.CREATE:
        return (yield from _find_changed(intent))
    candidates = yield LookUp(intent)
    return ours_among(candidates, intent)


def _entered_again(work: Work, intent: OpenIntent) -> Generator[Effect, Any, Held | None]:
    """What a restore has forgotten here, unless it was voided or changed there since somebody was asked about it."""
    if not work.lost or intent.operation is not Operation.CREATE:
        return None
    try:
        held = yield ReadTarget(work.kind, work.lost)
    except Vanished:
        return None
    return held if is_entered_again(intent.document, held.document) else None


def _claim(intent: OpenIntent, lost: Held) -> Steps:
    """Staff may have entered it otherwise, and it was made by another write: what differs is asked."""
    yield CommitAnswer(intent, as_agreed(intent, lost), adopted=True, as_sent=True)
    return Agreed(intent.version)


def _find_changed(intent: OpenIntent) -> Generator[Effect, Any, Held | None]:
    """Whether a change has happened: the target's version moved on and it holds all that we changed; or was mailed."""
    try:
        held = yield ReadTarget(holder_of(intent.kind), intent.target_id)
    except Vanished as gone:
        if intent.operation is Operation.VOID:
            return Held(intent.kind, intent.target_id, intent.target_version, None)
        yield CommitRefusal(intent, gone, counted=True)
        raise
    if isinstance(intent.document, MailDocument):
        return held if was_mailed(held, intent.oldest, intent.before) else None
    moved_on = held.version != intent.target_version
    return held if moved_on and holds_all_that_changed(intent, held) else None


def _create(work: Work, document: Document, bodies: Bodies) -> IntentDraft:
    key = create_key(
        organization=work.organization,
        account=work.account,
        kind=work.kind,
        local_id=work.local_id,
        incarnation=work.incarnation,
        refusals=work.refusals,
    )
    body = bodies.create(document, marker=_marker(work), label=work.label)
    return IntentDraft(
        Operation.CREATE,
        key,
        _marker(work),
        bodies.text(body),
        document,
        work.version,
        may_exist_since=work.doubt.born_at if work.doubt else None,
    )


def _update(
    work: Work,
    document: Document,
    linked: Linked,
    changed: frozenset[str],
    bodies: Bodies,
    whole: dict[str, Any] | None,
) -> IntentDraft:
    body = bodies.update(
        document,
        id=linked.remote_id,
        version=linked.remote_version,
        changed=changed,
        marker=_marker(work),
        label=work.label,
        whole=whole,
    )
    return _change(work, Operation.UPDATE, document, linked, bodies.text(body))


def _void(work: Work, document: Document, linked: Linked, bodies: Bodies) -> IntentDraft:
    body = bodies.void(work.kind, id=linked.remote_id, version=linked.remote_version)
    return _change(work, Operation.VOID, document, linked, bodies.text(body))


def _mail(work: Work, mail: MailDocument, bodies: Bodies) -> IntentDraft | None:
    """Once for each time that somebody asked."""
    if is_out(mail, work.linked.ours if work.linked else None):
        return None
    linked = Linked(mail.invoice, "", mail, None)
    body = bodies.text(bodies.send(id=mail.invoice))
    draft = _change(work, Operation.SEND, mail, linked, body)
    return replace(draft, may_exist_since=work.doubt.born_at if work.doubt else None)


def _change(
    work: Work, operation: Operation, document: Document, linked: Linked, body: str
) -> IntentDraft:
    key = change_key(
        organization=work.organization,
        account=work.account,
        kind=work.kind,
        operation=operation,
        local_id=work.local_id,
        incarnation=work.incarnation,
        refusals=work.refusals,
        target=linked.remote_id,
        version=linked.remote_version,
        body_fingerprint=fingerprint(document),
    )
    return IntentDraft(
        operation,
        key,
        _marker(work),
        body,
        document,
        work.version,
        target_id=linked.remote_id,
        target_version=linked.remote_version,
    )


def _marker(work: Work) -> str:
    return marker(
        organization=work.organization,
        kind=work.kind,
        local_id=work.local_id,
        incarnation=work.incarnation,
    )
