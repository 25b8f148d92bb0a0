"""Takes in what an answer of theirs holds: gathers the facts, has them judged, does what was decided."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError

from integrations.documents import (
    Held,
    Illegible,
    Kind,
    called,
)
from integrations.errors import KeepsOther
from integrations.inbound import (
    apply,
    credit_elsewhere,
    customer_fields,
    customers,
    customers_there,
    delegated_tax,
    drift,
    echoes,
    invoices_there,
    ruled,
    same_change,
    same_payment,
    taking_back,
)
from integrations.inbound.facts import gather
from integrations.inbound.from_now_on import FromNowOn
from integrations.inbound.marks import Marks
from integrations.inbound.matching import (
    CREDIT_APPLIED,
    MADE_BY_LOST,
    AlreadyOurs,
    BringIn,
    CustomerGone,
    Decision,
    Differs,
    Facts,
    FollowCreditMemo,
    FollowInvoice,
    Ignore,
    ReapplyPayment,
    RecordCreditMemo,
    RecordPayment,
    ReversePayment,
    SamePayment,
    SettleIntent,
    SettleMore,
    TakeBack,
    VoidCreditMemo,
    decide,
    is_gone,
    unknown_credits,
)
from integrations.models import (
    Connection,
    Discrepancy,
    Doorbell,
    Intent,
    Link,
    policies_in_force,
)
from integrations.outbound import (
    customer_links,
    jobs,
    links,
    locked_there,
    number_taken,
    safe_mode,
    settled,
)
from integrations.outbound.effects import CommitAnswer
from integrations.outbound.lease import LeaseLost
from integrations.outbound.push import ChangedOverThere, PaidOverThere, is_void
from integrations.outbound.recognise import as_kept, kept_otherwise
from integrations.outbound.settled import SETTLED_BY_PAYMENTS
from integrations.outbound.store import Store, stored_intent
from integrations.policies import UnpaidEdit

log = structlog.get_logger()

BROKEN = "Regentra itself failed on it. It is tried again by itself; send this line to support."
# Their payments last: what they settle and use must be known by then.
ORDER: dict[Kind, int] = {kind: place for place, kind in enumerate(Kind) if kind is not Kind.MAIL}


def _follow_invoice(connection: Connection, held: Held, decision: FollowInvoice) -> None:
    apply.follow_invoice(connection, held, decision.local_id)


# What changes our books; billing may refuse each.
_BOOKINGS: dict[type, Callable[[Connection, Held, Any], None]] = {
    RecordPayment: apply.record_payment,
    ReapplyPayment: apply.reapply_payment,
    ReversePayment: apply.reverse_payment,
    RecordCreditMemo: apply.record_credit_memo,
    FollowCreditMemo: apply.follow_credit_memo,
    VoidCreditMemo: apply.void_credit_memo,
    FollowInvoice: _follow_invoice,
    SettleMore: apply.settle_more,
}


_BRINGING_IN: dict[Kind, Callable[[Connection, Held], None]] = {
    Kind.INVOICE: invoices_there.bring_in_late,
    Kind.CUSTOMER: customers_there.bring_in_late,
}


@dataclass(slots=True)
class Intake:
    """Takes documents in for one connection, under its lease."""

    store: Store
    marks: Marks = field(init=False)
    from_now_on: FromNowOn = field(init=False)
    read: tuple[Held, ...] = ()

    def __post_init__(self) -> None:
        self.marks, self.from_now_on = Marks(self.connection), FromNowOn(self.connection)

    @property
    def connection(self) -> Connection:
        return self.store.connection

    def take(self, documents: tuple[Held, ...]) -> None:
        """Each document in a transaction of its own, so that one that is refused holds up no other."""
        self.read = documents
        for held in sorted(self._news(documents), key=_place):
            with self._contained(held):
                self._take_one(held)
        if any(held.kind is Kind.CREDIT_MEMO for held in documents):
            with self.store.transaction():
                credit_elsewhere.note(self.connection, documents)

    def cannot_read(self, illegible: Iterable[Illegible]) -> None:
        """A question for each; it closes when the document can be read."""
        for one in illegible:
            held = Held(one.kind, one.id, one.version, None)
            with self.store.transaction():
                drift.open_one(
                    self.connection, held, code=drift.ILLEGIBLE, sentence=_illegible(one)
                )

    def _news(self, documents: tuple[Held, ...]) -> list[Held]:
        news: list[Held] = []
        for chunk in echoes.chunks(documents):
            self.store.lease.beat()
            with self.store.transaction():
                news += echoes.to_judge(self.connection, chunk)
        return news

    def _take_one(self, held: Held) -> None:
        """Judged and booked in one transaction: what staff do meanwhile waits, or is seen."""
        # A full comparison takes in more than one lease lasts.
        self.store.lease.beat()
        with self.store.together():
            self._judge(held)

    def _judge(self, held: Held) -> None:
        facts, decision = self._decided(held)
        if facts.forgotten and not _was_asked(self.connection, held):
            safe_mode.enter(self.connection.pk)
        if isinstance(decision, SettleIntent):
            if not self._settle(held, decision):
                # Once linked it is judged like any other.
                self._judge(held)
            return
        try:
            with self.store.transaction():
                self._carry_out(held, decision)
                if held.kind is Kind.INVOICE:
                    number_taken.follow(self.connection, held)
                self._settle_more(facts)
                self._look_for_credit(facts, decision)
        except apply.CannotApply as refusal:
            self._cannot(held, str(refusal))

    def _decided(self, held: Held) -> tuple[Facts, Decision]:
        facts = self._gathered(held)
        decision = decide(facts)
        if facts.link is None or type(decision) not in _BOOKINGS:
            return facts, decision
        # Nobody changes ours from here on; somebody may have since it was looked at.
        customer_links.NAMING[held.kind].objects.select_for_update().get(pk=facts.link.local_id)
        facts = self._gathered(held)
        return facts, decide(facts)

    def _gathered(self, held: Held) -> Facts:
        return gather(self.connection, held, self.marks, self.from_now_on, self.read)

    @contextmanager
    def _contained(self, held: Held) -> Iterator[None]:
        """A document that fails in a way nobody foresaw is a question by itself and holds up no other."""
        try:
            yield
        except (LeaseLost, OperationalError, InterfaceError):
            raise
        except Exception:
            log.exception("intake broke", kind=str(held.kind), remote_id=held.id)
            self._cannot(held, BROKEN)

    def _cannot(self, held: Held, why: str) -> None:
        with self.store.transaction():
            drift.open_one(
                self.connection, held, code=drift.CANNOT_APPLY, sentence=_cannot(held, why)
            )

    def _carry_out(self, held: Held, decision: Decision) -> None:
        match decision:
            case AlreadyOurs():
                self._see(held)
            case _ if type(decision) in _BOOKINGS:
                _BOOKINGS[type(decision)](self.connection, held, decision)
                drift.close_all(self.connection, held)
            case BringIn():
                _BRINGING_IN[held.kind](self.connection, held)
            case CustomerGone():
                customers.gone(self.connection, held, decision.local_id)
            case TakeBack():
                self._take_back(held, decision.local_id)
            case SamePayment():
                self._link_payment(held, decision)
            case Differs():
                self._ask(held, decision)
            case Ignore():
                drift.close_theirs(self.connection, held)
            case SettleIntent():
                pass

    def _settle(self, held: Held, decision: SettleIntent) -> bool:
        """What our unfinished write made has turned up; nothing is sent for it again. False when it may be changed."""
        with self.store.transaction():
            row = Intent.objects.select_related("job").get(pk=decision.intent)
            intent = stored_intent(row)
        kept, as_sent = as_kept(intent, held, found=True)
        self.store.commit_answer(row.job, CommitAnswer(intent, kept, adopted=True, as_sent=as_sent))
        with self.store.transaction():
            row.job.connection = self.connection
            if as_sent:
                jobs.agreed(row.job, intent.version)
            else:
                jobs.holds_other(row.job, kept_otherwise(intent, held))
        return kept == held

    def _take_back(self, held: Held, local_id: UUID) -> None:
        """Once linked it is judged like any other."""
        taking_back.take_back(self.connection, held, local_id)
        self._carry_out(held, decide(self._gathered(held)))

    def _link_payment(self, held: Held, decision: SamePayment) -> None:
        """Likewise."""
        if not decision.is_certain:
            same_payment.ask(self.connection, held, decision.local_id)
            return
        same_payment.link(self.connection, held, decision.local_id)
        self._carry_out(held, decide(self._gathered(held)))

    def _look_for_credit(self, facts: Facts, decision: Decision) -> None:
        """Credit from before the company was watched is read by its id, once, and the payment again after it."""
        held = facts.held
        is_asked = isinstance(decision, Differs) and decision.code == CREDIT_APPLIED
        if not is_asked or facts.credit_looked_for:
            return
        for credit in unknown_credits(facts):
            Doorbell.ring_again(self.connection, Kind.CREDIT_MEMO, credit)
        Doorbell.ring_again(self.connection, held.kind, held.id)

    def _settle_more(self, facts: Facts) -> None:
        """Where their total has moved there may be room now for what a payment could not settle."""
        held, link = facts.held, facts.link
        if link is None or held.total is None or held.total.minor == link.total_minor:
            return
        settled.settle_what_had_no_room(self.connection, held.kind, link.local_id)

    def _see(self, held: Held) -> None:
        link = links.of_remote(self.connection, held.kind, held.id)
        if link is None:
            return
        if held.kind is not Kind.CUSTOMER:
            links.see(link, held)
            if not self._stays_locked(link, held):
                self._close(link, held)
        else:
            customer_fields.follow(link, held)
            if drift.is_asked(self.connection, held):
                return
        jobs.take_up_parked(link, ChangedOverThere.__name__)
        if not held.settled_by:
            jobs.take_up_parked(link, PaidOverThere.__name__)

    def _stays_locked(self, link: Link, held: Held) -> bool:
        """Whether a change of ours that they let nobody make is still asked about; nothing differs from before."""
        if not is_gone(held):
            return locked_there.see(link, held)
        locked_there.go_on(link)
        return False

    def _close(self, link: Link, held: Held) -> None:
        """The difference is gone. What a merge by field had to send back waited for the answer, and goes now."""
        if not drift.close_all(self.connection, held):
            return
        if held.kind is Kind.PAYMENT:
            # What it settles may have got room while it was asked about.
            settled.go_on(self.connection, link.local_id, link.our_document())
        by_field = policies_in_force().unpaid_edit_owner is UnpaidEdit.PER_FIELD
        if by_field and held.kind is Kind.INVOICE:
            jobs.want(self.connection, held.kind, link.local_id)

    def _ask(self, held: Held, decision: Differs) -> None:
        if delegated_tax.follow(self.connection, held):
            drift.close_all(self.connection, held)
            return
        link = links.of_remote(self.connection, held.kind, held.id)
        if link is not None and same_change.agree_on(link, held):
            locked_there.go_on(link)
            self._close(link, held)
            jobs.take_up_parked(link, ChangedOverThere.__name__, KeepsOther.__name__)
            return
        drift.open_one(
            self.connection,
            held,
            code=decision.code,
            sentence=decision.sentence,
            local_id=link.local_id if link else None,
            ours=link.our_document() if link else None,
        )
        ruled.answer(self.connection, held)


def _place(held: Held) -> tuple[bool, int, int, str]:
    """What has become nothing over there goes last, as its payments leave it before."""
    emptied = held.kind in SETTLED_BY_PAYMENTS and (held.document is None or is_void(held.document))
    return (emptied, ORDER[held.kind], len(held.id), held.id)


def _was_asked(connection: Connection, held: Held) -> bool:
    """Whether it was met before and belongs to nothing here, which no comparison changes."""
    about = {"connection": connection, "kind": held.kind, "remote_id": held.id}
    codes = (MADE_BY_LOST, drift.CANNOT_APPLY)
    return Discrepancy.objects.filter(**about, reason_code__in=codes).exists()


def _illegible(one: Illegible) -> str:
    if one.refusal:
        return (
            f"QuickBooks refused to show its {called(one.kind)} {one.id} (it answered {one.refusal}), so changes there "
            "are not taken over. Send this line to support."
        )
    return (
        f"The {called(one.kind)} {one.id} in QuickBooks has a form that Regentra cannot read, so changes there are "
        "not taken over. Send this line to support."
    )


def _cannot(held: Held, why: str) -> str:
    return f"The {called(held.kind)} recorded in QuickBooks could not be booked here: {why}"
