"""Commits what a push has decided or learned: one transaction per effect, each only while the lease is still ours."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from uuid import UUID

from django.db import transaction

from billing.models import Customer
from integrations import journal
from integrations.documents import (
    Document,
    Held,
    Kind,
    MailDocument,
    Operation,
    from_json,
    to_json,
)
from integrations.documents import fingerprint as fingerprint_of
from integrations.models import (
    Connection,
    ConnectionStatus,
    Intent,
    IntentState,
    Link,
    SyncJob,
)
from integrations.outbound import (
    auto_link,
    customer_links,
    edited_meanwhile,
    entered_again,
    links,
    mails,
    materials,
    name_taken,
    new_entries,
    number_taken,
    safe_mode,
    settled,
    wishes,
)
from integrations.outbound.closed_books import posting_of
from integrations.outbound.compose import compose
from integrations.outbound.composing.composed import Composed
from integrations.outbound.effects import (
    CommitAnswer,
    CommitIntent,
    CommitRebase,
    CommitRefusal,
    CommitResend,
    IntentDraft,
    Linked,
    OpenIntent,
    Work,
)
from integrations.outbound.lease import Lease, LeaseLost
from integrations.outbound.materials import Materials
from integrations.outbound.prerequisites import Missing
from integrations.outbound.push import SEND_WITHIN
from integrations.outbound.recognise import as_answered
from integrations.ports import CallRecord
from regentra import clock
from tenants.scope import within


class MayNotSend(LeaseLost):
    """Nothing more is sent to this company; what is under way is finished."""


@dataclass(slots=True)
class Store:
    """The database half of serving one connection."""

    organization_id: UUID
    connection: Connection
    lease: Lease
    is_open: bool = False
    may_send: bool = False
    rippled: set[links.Theirs] = field(default_factory=set)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction that commits only while nobody else serves this connection. Raises `LeaseLost`."""
        if self.is_open:
            with transaction.atomic():
                yield
            return
        with within(self.organization_id):
            self.lease.hold()
            yield

    @contextmanager
    def together(self) -> Iterator[None]:
        """The transactions inside become parts of this one. No request may be made meanwhile. Raises `LeaseLost`."""
        if self.is_open:
            yield
            return
        with self.transaction():
            self.is_open = True
            try:
                yield
            finally:
                self.is_open = self.may_send = False

    @contextmanager
    def sending(self) -> Iterator[None]:
        """A transaction for something that will be sent: also only while this very consent lasts (design 7) and no
        failed check of our own rows has stopped sending.

        Answers are stored after a disconnect, too; new writes are not begun. Raises `LeaseLost`, `MayNotSend`.
        """
        with self.transaction():
            if not self.may_send:
                self._make_sure_of_consent()
            # Writes that are committed together leave together: they are asked about once.
            self.may_send = self.is_open
            yield

    def _make_sure_of_consent(self) -> None:
        alive = Connection.objects.filter(
            pk=self.connection.pk,
            epoch=self.connection.epoch,
            status=ConnectionStatus.CONNECTED,
            stopped_at=None,
            paused_at=None,
        )
        if not alive.exists():
            raise MayNotSend

    def gather(self, ready: Sequence[SyncJob]) -> Materials:
        """What the documents of these jobs are built from."""
        with self.sending():
            return materials.gather(self.connection, ready)

    def take_up(self, job: SyncJob, gathered: Materials) -> Work | list[Missing]:
        """All that a push needs to know, or what is missing. Asks nobody."""
        local = (Kind(job.kind), job.local_id)
        link, intent = gathered.links.get(local), gathered.open_intents.get(job.id)
        composed = compose(job, gathered)
        if isinstance(composed, list) and intent is None:
            return composed
        if isinstance(composed, Composed):
            self._note(job, composed)
        doubt = safe_mode.doubt(self.lease.safe_since, gathered.born_at(*local))
        shared = gathered.policies.shared_customer_fields
        work = self._work(job, composed, link, intent)
        lost = gathered.lost.claim(work) if link is None else ""
        return replace(work, doubt=doubt, shared=shared, lost=lost)

    def link_by_match(self, job: SyncJob) -> bool:
        """Links a customer to the one over there that the sync rules take for it. Sends nothing."""
        with self.transaction():
            customer = Customer.objects.get(pk=job.local_id)
            return auto_link.recognise(self.connection, customer)

    def commit_intent(self, job: SyncJob, effect: CommitIntent) -> OpenIntent:
        """Raises `Stale` when the customer was linked anew since the document was put together."""
        draft, kind = effect.draft, Kind(job.kind)
        with self.sending():
            customer_links.check(
                self.connection, kind, job.local_id, draft.operation, draft.document
            )
            row = Intent.objects.create(**_intent_values(job, effect.draft, self.connection))
            return stored_intent(row)

    def commit_answer(self, job: SyncJob, effect: CommitAnswer) -> None:
        intent, held = effect.intent, effect.held
        moved: set[links.Theirs] = set()
        with self.transaction():
            state = IntentState.ADOPTED if effect.adopted else IntentState.ANSWERED
            _settle(intent, state, answer=_answer(held))
            if isinstance(intent.document, MailDocument):
                mails.note_sent(self.connection, job.local_id, intent.document, held)
                return
            if effect.adopted:
                entered_again.close(self.connection, job.local_id, held)
                held = edited_meanwhile.left_out(_link(job), intent, held)
            ours: Document = intent.document
            if not effect.as_sent and held.document is not None:
                ours = as_answered(intent, held.document)
            before = _link(job) if self._is_asked_before(intent) else None
            ours = links.rated_since(before, ours)
            links.agree(self.connection, intent.kind, job.local_id, ours=ours, held=held)
            # Once in a turn for each that is moved: a turn is much shorter than the mark lasts.
            moved = links.moved_by(intent.document) - self.rippled
            links.ripple(self.connection, moved)
            if intent.kind is Kind.CUSTOMER and intent.operation is Operation.CREATE:
                customer_links.look_at_alike(self.connection, job.local_id)
                wishes.want_advances(self.connection, job.local_id)
            new_entries.take_over(self.connection, job.local_id, intent.operation, ours, held)
            if intent.kind is Kind.INVOICE and intent.operation is Operation.CREATE:
                number_taken.close(job.local_id)
                mails.settle_forgotten(self.connection, [held], asked_by=clock.now())
            if intent.operation is Operation.UPDATE:
                settled.settle_what_had_no_room(self.connection, intent.kind, job.local_id)
            if intent.kind is Kind.PAYMENT:
                if intent.operation is Operation.CREATE:
                    wishes.want_refunds_of(job.local_id)
                links.back_there(before, ours)
                settled.let_go(self.connection, before.our_document() if before else None, ours)
                if effect.as_sent:
                    settled.go_on(self.connection, job.local_id, intent.document)
        self.rippled |= moved

    def _is_asked_before(self, intent: OpenIntent) -> bool:
        """Whether what was agreed before this answer matters."""
        may_be_rated = self.connection.company_settings().multicurrency
        return intent.kind is Kind.PAYMENT or (
            may_be_rated and intent.operation is Operation.UPDATE and intent.kind is Kind.INVOICE
        )

    def commit_refusal(self, job: SyncJob, effect: CommitRefusal) -> None:
        with self.transaction():
            _settle(effect.intent, IntentState.REFUSED, answer={"refused": str(effect.error)})
            if effect.counted:
                job.refusals += 1
                job.save(update_fields=["refusals"])

    def commit_resend(self, job: SyncJob, effect: CommitResend) -> OpenIntent:
        with self.sending():
            row = Intent.objects.get(pk=effect.intent.id)
            row.send_deadline = clock.now() + SEND_WITHIN
            row.sends += 1
            row.save(update_fields=["send_deadline", "sends"])
            return stored_intent(row)

    def commit_rebase(self, job: SyncJob, effect: CommitRebase) -> None:
        with self.transaction():
            link = _link(job)
            if link is not None:
                links.see(link, effect.held)

    def namesakes(self, job: SyncJob, found: list[Held]) -> list[Held]:
        """Of what was found by name that which may be this one; every customer found is known from now on."""
        with self.transaction():
            name_taken.note(self.connection, found)
            return name_taken.not_of_others(self.connection, job, found)

    def settled_by_strangers(self, held: Held) -> Held:
        """What was read, settled by those payments alone of which nothing is here."""
        with self.transaction():
            mine = Link.objects.filter(connection=self.connection, kind=Kind.PAYMENT)
            here = set(
                mine.filter(remote_id__in=held.settled_by).values_list("remote_id", flat=True)
            )
        return replace(held, settled_by=tuple(one for one in held.settled_by if one not in here))

    def record_calls(self, job: SyncJob, records: list[CallRecord]) -> None:
        """Writes the call ledger. Needs no lease: what was called was called."""
        if records:
            with nullcontext() if self.is_open else within(self.organization_id):
                journal.store(self.connection, records, kind=job.kind, local_id=job.local_id)

    def _note(self, job: SyncJob, composed: Composed) -> None:
        """The day it goes under is kept, so that it does not move when the books are closed further or opened.

        So is whether something of it is withheld, for the day on which QuickBooks does not own that any more.
        """
        posting = composed.posting or posting_of(job)
        if posting == posting_of(job) and composed.withheld == job.withheld:
            return
        with self.transaction():
            if posting is not None:
                job.posted_on, job.instead_of = posting.on, posting.instead_of
            job.withheld = composed.withheld
            job.save(update_fields=["posted_on", "instead_of", "withheld"])

    def _work(
        self,
        job: SyncJob,
        composed: Composed | list[Missing],
        link: Link | None,
        intent: Intent | None,
    ) -> Work:
        ready = composed if isinstance(composed, Composed) else None
        return Work(
            organization=self.organization_id,
            account=self.connection.account_hash,
            kind=Kind(job.kind),
            local_id=job.local_id,
            label=ready.label if ready else "",
            version=job.wanted,
            incarnation=job.incarnation,
            refusals=job.refusals,
            document=ready.document if ready else None,
            linked=_as_linked(link) if link else None,
            open_intent=open_intent_of(intent, link) if intent else None,
            now=clock.now(),
        )


def open_intent_of(row: Intent, link: Link | None) -> OpenIntent:
    """The stored write as the push knows it, beside the link of its document."""
    return OpenIntent(
        id=row.id,
        kind=Kind(row.kind),
        operation=Operation(row.operation),
        op_key=row.op_key,
        marker=row.marker,
        body=row.body,
        document=from_json(row.document),
        version=row.version,
        target_id=row.target_id,
        target_version=row.target_version,
        created_at=row.created_at,
        send_deadline=row.send_deadline,
        sends=row.sends,
        before=_before(row, link),
        may_exist_since=row.may_exist_since,
    )


def stored_intent(row: Intent) -> OpenIntent:
    """The same, with the link that a change is about read beside it."""
    return open_intent_of(row, None if row.operation == Operation.CREATE else _link(row))


def _before(row: Intent, link: Link | None) -> Document | None:
    """Our half of the link that an unfinished change is going to replace."""
    if row.operation == Operation.CREATE or link is None:
        return None
    return link.our_document()


def _as_linked(link: Link) -> Linked:
    return Linked(link.remote_id, link.remote_version, link.our_document(), link.their_document())


def _link(job: SyncJob | Intent) -> Link | None:
    return Link.objects.filter(
        connection_id=job.connection_id, kind=job.kind, local_id=job.local_id
    ).first()


def _intent_values(job: SyncJob, draft: IntentDraft, connection: Connection) -> dict[str, object]:
    now = clock.now()
    return {
        "connection": connection,
        "job": job,
        "kind": job.kind,
        "local_id": job.local_id,
        "operation": draft.operation,
        "op_key": draft.op_key,
        "marker": draft.marker,
        "body": draft.body,
        "document": to_json(draft.document),
        "fingerprint": fingerprint_of(draft.document),
        "version": draft.version,
        "target_id": draft.target_id,
        "target_version": draft.target_version,
        "epoch": connection.epoch,
        "created_at": now,
        "send_deadline": now + SEND_WITHIN,
        "may_exist_since": draft.may_exist_since,
    }


def _settle(intent: OpenIntent, state: IntentState, *, answer: dict[str, object]) -> None:
    Intent.objects.filter(pk=intent.id, state=IntentState.OPEN).update(
        state=state, settled_at=clock.now(), answer=answer
    )


def _answer(held: Held) -> dict[str, object]:
    document: Document | None = held.document
    return {
        "id": held.id,
        "version": held.version,
        "updated_at": held.updated_at.isoformat() if held.updated_at else None,
        "total_minor": held.total.minor if held.total else None,
        "document": to_json(document) if document else None,
    }
