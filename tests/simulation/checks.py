"""The invariants after everything has come to rest; numbers as in the reliability reference, 5.4.

They compare rows of ours with records of theirs and hold no rule of the product: what differs must be equal, or stand
on the list of things that wait for a person.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q

from billing.models import (
    Allocation,
    CreditMemo,
    CreditUse,
    Customer,
    Invoice,
    OutboxEvent,
    Payment,
    PostedAs,
    Refund,
    Wake,
)
from integrations import invariants
from integrations.documents import (
    CreditMemoDocument,
    Held,
    Kind,
    MailDocument,
    changed_fields,
    fingerprint,
)
from integrations.inbound import importing
from integrations.models import (
    ApiCall,
    Connection,
    Credential,
    Discrepancy,
    Doorbell,
    ImportRun,
    Intent,
    Link,
    Mapping,
    MappingSubject,
    MirrorEntry,
    SyncDue,
    SyncJob,
    policies_in_force,
)
from integrations.outbound import materials
from integrations.outbound.compose import compose
from integrations.outbound.composing.composed import Composed
from integrations.outbound.prerequisites import Need
from integrations.outbound.push import MailUncertain, is_void
from integrations.outbound.settled import settled_by
from integrations.policies import UnpaidEdit
from integrations.quickbooks_online.mapping.held import ENTITIES, held
from tenants.models import AuditEntry
from tests.simulation.people import People
from webhooks.models import Delivery

REFUNDS = (Kind.EXPENSE, Kind.REFUND_RECEIPT)
FOLLOWED = (Kind.CUSTOMER, Kind.INVOICE, Kind.CREDIT_MEMO, Kind.PAYMENT, *REFUNDS)
MODELS: dict[Kind, Any] = {
    Kind.CUSTOMER: Customer,
    Kind.INVOICE: Invoice,
    Kind.CREDIT_MEMO: CreditMemo,
    Kind.PAYMENT: Payment,
    Kind.EXPENSE: Refund,
    Kind.REFUND_RECEIPT: Refund,
}
Body = dict[str, Any]
# What the mapping page decides of a document and of its lines.
MAPPED = (
    "term", "tracking_class", "location", "method", "deposit_account", "account", "expense_account",
    "custom_fields", "pay_by_card", "pay_by_bank",
)  # fmt: skip
MAPPED_IN_LINES = ("item", "tracking_class")
# The texts of a document by the rule that words them.
WORDED = {"message_wording": "customer_memo", "memo_wording": "memo"}
# What QuickBooks writes on the payments it makes by itself to use credit; it says in front of it that one is void.
MADE_BY_ITSELF = "Created by QB Online to link credits to charges."
# What staff have left open: how a refund is posted, and from which account.
LEFT_OPEN = (Need.REFUND, Need.REFUND_ACCOUNT)
# How far the two clocks may be apart.
SKEW = timedelta(minutes=5)


@dataclass
class Picture:
    """Both sides of one company, read once. Built inside ``within()``."""

    connection: Connection
    people: People
    innocent: bool
    wanted: set[UUID] = field(default_factory=set)
    # How often staff asked for each invoice to be e-mailed.
    mails_asked: Counter[UUID] = field(default_factory=Counter)
    # Whether our rows went back to a backup: what was entered after it stands over there alone, and is asked about.
    restored: bool = False
    # Whether nothing may ever have stood there twice, as neither a pause nor the vendor itself could have made it so.
    once: bool = False
    # Whether the vendor itself has done one of our writes twice.
    copied: bool = False
    bodies: dict[tuple[Kind, str], Body] = field(init=False)
    helds: dict[tuple[Kind, str], Held] = field(init=False)
    links: list[Link] = field(init=False)
    jobs: dict[tuple[Kind, UUID], SyncJob] = field(init=False)
    asked: set[tuple[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        company = self.connection.company_settings()
        self.bodies = {
            (kind, body["Id"]): body
            for kind in FOLLOWED
            for body in self.people.held(ENTITIES[kind])
        }
        self.helds = {key: held(key[0], body, company) for key, body in self.bodies.items()}
        self.links = list(Link.objects.filter(connection=self.connection))
        rows = SyncJob.objects.filter(connection=self.connection)
        self.jobs = {(Kind(row.kind), row.local_id): row for row in rows}
        open_ones = Discrepancy.objects.filter(connection=self.connection, closed_at=None)
        self.asked = set(open_ones.values_list("kind", "remote_id"))

    def link_of(self, kind: Kind, local_id: UUID) -> Link | None:
        return next((x for x in self.links if (x.kind, x.local_id) == (kind, local_id)), None)

    def link_to(self, kind: Kind, remote_id: str) -> Link | None:
        return next((x for x in self.links if (x.kind, x.remote_id) == (kind, remote_id)), None)

    def waits(self, link: Link) -> bool:
        """Whether a person has been told of this document: a question is open, or its job says why it is stuck."""
        job = self.jobs.get((Kind(link.kind), link.local_id))
        stuck = job is not None and job.state in ("errored", "blocked")
        return stuck or (link.kind, link.remote_id) in self.asked

    def payments_of(self, link: Link) -> Iterator[Link | None]:
        """The links of the payments on either side that touch an invoice; None for one that has no link."""
        ours = Payment.objects.filter(allocations__invoice_id=link.local_id).values_list(
            "pk", flat=True
        )
        for local_id in ours:
            yield self.link_of(Kind.PAYMENT, local_id)
        for (kind, remote_id), body in self.bodies.items():
            if kind is Kind.PAYMENT and link.remote_id in _applied(body):
                yield self.link_to(Kind.PAYMENT, remote_id)
        for one in self.links:
            if one.kind == Kind.PAYMENT and link.remote_id in str(one.theirs):
                yield one

    def without_room(self, link: Link) -> dict[UUID, int]:
        """By how much less our payments settle an invoice there, or use a credit memo, where that counts less there."""
        found = {}
        for payment_id, here in _settling(link).values_list("payment", "amount_minor"):
            payment = self.link_of(Kind.PAYMENT, payment_id)
            body = self.bodies.get((Kind.PAYMENT, payment.remote_id)) if payment else None
            if body is not None:
                less = here - _part_of(body, ENTITIES[Kind(link.kind)], link.remote_id)
                found[payment_id] = max(0, min(less, self.room_missing(payment_id)))
        return found

    def beyond(self, link: Link) -> int:
        """By how much more payments settle an invoice there, or use a credit memo, where that counts more there."""
        here: dict[UUID, int] = dict(_settling(link).values_list("payment", "amount_minor"))
        more = 0
        for (kind, remote_id), body in self.bodies.items():
            payment = self.link_to(kind, remote_id) if kind is Kind.PAYMENT else None
            if payment is not None:
                there = _part_of(body, ENTITIES[Kind(link.kind)], link.remote_id)
                more += max(0, there - here.get(payment.local_id, 0))
        return min(more, max(0, link.variance_minor))

    def room_missing(self, payment_id: UUID) -> int:
        """By how much what a payment touches counts less there, in minor units."""
        touched = settled_by(Payment.objects.get(pk=payment_id))
        links = [self.link_of(*local) for local in touched]
        return sum(max(0, self._less_there(link)) for link in links if link is not None)

    def _less_there(self, link: Link) -> int:
        """By how much the total of ours is more than theirs, whether that was agreed on or is asked about."""
        body = self.bodies.get((Kind(link.kind), link.remote_id))
        if body is None or _is_void(link):
            return 0
        ours: Any = MODELS[Kind(link.kind)].objects.get(pk=link.local_id)
        total: int = ours.total.minor
        return total - _minor(body["TotalAmt"])

    def users_of(self, link: Link) -> Iterator[Link | None]:
        """The links of the payments on either side that use a credit memo; None for one of ours that has no link."""
        ours = Payment.objects.filter(credit_uses__credit_memo_id=link.local_id)
        for local_id in ours.values_list("pk", flat=True):
            yield self.link_of(Kind.PAYMENT, local_id)
        for (kind, remote_id), body in self.bodies.items():
            known = self.link_to(Kind.PAYMENT, remote_id) if kind is Kind.PAYMENT else None
            if known is not None and link.remote_id in _used(body):
                yield known
        for one in self.links:
            if one.kind == Kind.PAYMENT and link.remote_id in str(one.theirs):
                yield one


def violations(picture: Picture) -> list[str]:
    """Everything that is wrong with one company, one line each."""
    parts = (
        _unfinished, _forgotten, _stuck, _doubled, _ever_doubled, _orphans, _invoices, _payments, _theirs, _mails,
        _credits, _their_credits, _refunds, _brought_in,
        _agreed, _innocent, _audited, _secrets, _own_checks,
    )  # fmt: skip
    return [line for part in parts for line in part(picture)]


def _unfinished(picture: Picture) -> Iterator[str]:
    """I15: nothing is left half done."""
    mine = {"connection": picture.connection}
    for intent in Intent.objects.filter(**mine, state="open"):
        yield f"I15: intent {intent.operation} {intent.kind} of {intent.local_id} is open"
    for job in picture.jobs.values():
        if job.state == "pending":
            yield f"I15: job {job.kind} {job.local_id} is pending: {job.reason_code} {job.reason}"
    for bell in Doorbell.objects.filter(**mine, closed_at=None):
        yield f"I15: doorbell {bell.kind} {bell.remote_id} is open"
    for row in OutboxEvent.objects.filter(relayed_at=None):
        yield f"I15: event {row.kind} was not relayed"
    organization = picture.connection.organization_id
    if Wake.objects.filter(organization_id=organization).exists():
        yield "I15: a wake-up is left"
    if Delivery.objects.filter(organization_id=organization, handed_over_at=None).exists():
        yield "I15: a delivery was not handed over"
    due = SyncDue.objects.get(connection_id=picture.connection.pk)
    if due.safe_since is not None:
        yield "I15: safe mode has not ended"
    if due.send_due_at is not None:
        yield "I15: something is due to be sent"


def _forgotten(picture: Picture) -> Iterator[str]:
    """F3: whatever staff wanted to be over there is owed to it, and so is each payment of such an invoice."""
    for invoice in Invoice.objects.filter(pk__in=picture.wanted):
        if (Kind.INVOICE, invoice.pk) not in picture.jobs:
            yield f"F3: {invoice.number} was wanted over there and nobody knows"
    paid = Payment.objects.filter(allocations__invoice_id__in=picture.wanted, origin="").distinct()
    for payment in paid:
        if (Kind.PAYMENT, payment.pk) not in picture.jobs:
            yield f"F3: payment {payment.pk} is owed over there and nobody knows"
    for memo in CreditMemo.objects.filter(invoice_id__in=picture.wanted, origin=""):
        if (Kind.CREDIT_MEMO, memo.pk) not in picture.jobs:
            yield f"F3: {memo.number} is owed over there and nobody knows"
    for refund in Refund.objects.filter(payment__in=paid, voided_at=None):
        posted = {(kind, refund.pk) for kind in REFUNDS} | {
            (Kind.CREDIT_MEMO, refund.credit_memo_id)
        }
        if not posted & picture.jobs.keys():
            yield f"F3: {refund.number} is owed over there and nobody knows"


def _stuck(picture: Picture) -> Iterator[str]:
    """A job is Blocked only by what is really missing, and none is there because we broke."""
    for job in picture.jobs.values():
        if job.reason_code == "Broken":
            yield f"job {job.kind} {job.local_id} broke"
        if job.state != "blocked":
            continue
        if job.reason_code in ("needs_consent", "company_not_confirmed", "lists_not_read"):
            yield f"I15: job {job.kind} is blocked for {job.reason_code}, and that is mended"
        kind, _, local_id = job.waits_for.partition(":")
        if local_id and _is_there(picture, job, Kind(kind), UUID(local_id)):
            yield f"I15: job {job.kind} {job.local_id} waits for {job.waits_for}, which is linked"


def _is_there(picture: Picture, job: SyncJob, kind: Kind, local_id: UUID) -> bool:
    """Whether what a job waits for has come: the other document, or that it is there as it stands here."""
    other = picture.jobs.get((kind, local_id))
    as_it_stands = job.kind == Kind.MAIL or job.reason_code in (Need.PAYMENT, Need.VOID)
    if as_it_stands and other is not None and other.state != "synced":
        return False
    return picture.link_of(kind, local_id) is not None


def _doubled(picture: Picture) -> Iterator[str]:
    """I2, I3, I18: our marker stands in one document of each."""
    marked = Counter(
        (kind, one.marker)
        for (kind, remote_id), one in picture.helds.items()
        if one.marker and (ENTITIES[kind], remote_id) not in picture.people.made
    )
    for (kind, marker), count in marked.items():
        if count > 1 and not picture.copied:
            yield f"I2: {count} documents of kind {kind} bear the mark {marker}"


def _ever_doubled(picture: Picture) -> Iterator[str]:
    """I2: no second copy was made of what could have been found, though it would be taken away again."""
    if picture.once:
        for entry in AuditEntry.objects.filter(action__endswith=".second_copy_voided"):
            yield f"I2: a second copy of {entry.object_id} was made, and taken away again"


def _orphans(picture: Picture) -> Iterator[str]:
    """I18: what we made over there is linked; what people copied from it was noticed."""
    unlinked = AuditEntry.objects.filter(action="customer.unlinked")
    left = set(unlinked.values_list("detail__remote_id", flat=True))
    for (kind, remote_id), body in picture.bodies.items():
        ours = (ENTITIES[kind], remote_id) not in picture.people.made
        # A customer bears no mark. Renamed over there before its lost answer was looked for, it cannot be told again.
        ours = ours and not (kind is Kind.CUSTOMER and body["SyncToken"] != "0")
        # Staff have said that it is not the one.
        ours = ours and not (kind is Kind.CUSTOMER and remote_id in left)
        ours = ours and not body.get("PrivateNote", "").endswith(MADE_BY_ITSELF)
        # What they did twice is taken away by us or asked about.
        ours = ours and not picture.copied
        ours = ours and not (picture.restored and _was_lost(picture, kind, remote_id))
        if ours and picture.link_to(kind, remote_id) is None:
            yield f"I18: {kind} {remote_id} was made by us and belongs to nothing here"
    for link in picture.links:
        gone = link.kind in FOLLOWED and (Kind(link.kind), link.remote_id) not in picture.bodies
        if gone and not _is_void(link) and not picture.waits(link):
            yield f"I18: {link.kind} {link.local_id} is linked to {link.remote_id}, which is gone"


def _was_lost(picture: Picture, kind: Kind, remote_id: str) -> bool:
    """Its own row is gone: staff were asked. A customer bears no mark by which anybody could ask."""
    void = getattr(picture.helds[kind, remote_id].document, "voided", False)
    return kind is Kind.CUSTOMER or void or (kind, remote_id) in picture.asked


def _invoices(picture: Picture) -> Iterator[str]:
    """I1: total and balance are the same on both sides to the cent."""
    for link in picture.links:
        body = picture.bodies.get((Kind(link.kind), link.remote_id))
        if link.kind != Kind.INVOICE or body is None or picture.waits(link):
            continue
        invoice = Invoice.objects.get(pk=link.local_id)
        total = 0 if _is_void(link) else invoice.total.minor
        if _minor(body["TotalAmt"]) != total + link.variance_minor:
            yield f"I1: {invoice.number} is {total} here and {body['TotalAmt']} there"
        touching = list(picture.payments_of(link))
        if any(one is None or picture.waits(one) for one in touching):
            continue
        balance = 0 if _is_void(link) else invoice.balance.minor
        without_room = sum(picture.without_room(link).values())
        open_there = balance + link.variance_minor + without_room - picture.beyond(link)
        if _minor(body["Balance"]) != open_there:
            yield f"I1: {invoice.number} has {balance} open here and {body['Balance']} there"


def _payments(picture: Picture) -> Iterator[str]:
    """I3, I8: each payment stands on both sides with the same amount and the same part unapplied."""
    for link in picture.links:
        if link.kind != Kind.PAYMENT or picture.waits(link):
            continue
        payment = Payment.objects.get(pk=link.local_id)
        body = picture.bodies.get((Kind.PAYMENT, link.remote_id), {"TotalAmt": 0})
        if payment.is_void and _was_given_away(link, body):
            continue
        amount = 0 if payment.is_void else payment.amount.minor
        if _minor(body["TotalAmt"]) != amount and not _partly_ours(picture, body):
            yield f"I3: payment {payment.pk} is {amount} here and {body['TotalAmt']} there"
        unapplied, here = _minor(body.get("UnappliedAmt", 0)), _on_no_invoice(payment)
        differs = here + _left_over(picture, payment) != unapplied
        if differs and not _partly_ours(picture, body):
            yield f"I8: payment {payment.pk} has {here} unapplied here, {unapplied} there"


def _on_no_invoice(payment: Payment) -> int:
    """Also what was paid back, which stays unapplied over there."""
    left = payment.amount + payment.credit - payment.allocated - payment.outside
    return 0 if payment.is_void else left.minor


def _theirs(picture: Picture) -> Iterator[str]:
    """I7: money applied over there to an invoice of ours is booked here, or somebody was asked."""
    for (kind, remote_id), body in picture.bodies.items():
        if kind is not Kind.PAYMENT or picture.link_to(kind, remote_id) is not None:
            continue
        ours = [one for one in _applied(body) if picture.link_to(Kind.INVOICE, one) is not None]
        if ours and (kind, remote_id) not in picture.asked:
            yield f"I7: payment {remote_id} of theirs on our invoice {ours[0]} is not booked here"
    for payment in Payment.objects.filter(origin=picture.connection.origin, voided_at=None):
        if picture.link_of(Kind.PAYMENT, payment.pk) is None:
            yield f"I3: payment {payment.pk} came from there and is linked to nothing"


def _credits(picture: Picture) -> Iterator[str]:
    """I1: a credit memo comes to the same on both sides, and as much of it is left."""
    for link in picture.links:
        body = picture.bodies.get((Kind(link.kind), link.remote_id))
        if link.kind != Kind.CREDIT_MEMO or body is None or picture.waits(link):
            continue
        memo = CreditMemo.objects.get(pk=link.local_id)
        total = 0 if memo.is_void else memo.total.minor
        if _minor(body["TotalAmt"]) != total + link.variance_minor:
            yield f"I1: {memo.number} is {total} here and {body['TotalAmt']} there"
        if any(one is None or picture.waits(one) for one in picture.users_of(link)):
            continue
        without_room = sum(picture.without_room(link).values())
        left = memo.remaining.minor + link.variance_minor + without_room - picture.beyond(link)
        # What is not here uses the cents, too, that they alone count.
        used_up = link.variance_minor if memo.elsewhere and not memo.remaining else 0
        if _minor(body["Balance"]) not in range(left - max(0, used_up), left + 1):
            yield f"I1: {memo.number} has {memo.remaining.minor} left here and {body['Balance']} there"


def _their_credits(picture: Picture) -> Iterator[str]:
    """I7: credit that was given over there to a customer of ours is here, or somebody was asked."""
    for (kind, remote_id), one in picture.helds.items():
        document = one.document
        if kind is not Kind.CREDIT_MEMO or one.marker or picture.restored:
            continue
        if not isinstance(document, CreditMemoDocument) or document.voided:
            continue
        customer = picture.link_to(Kind.CUSTOMER, document.customer)
        known = customer is not None and one.created_at is not None
        if not known or customer.linked_at > one.created_at - SKEW:  # type: ignore[union-attr, operator]
            continue
        if picture.link_to(kind, remote_id) is None and (kind, remote_id) not in picture.asked:
            yield f"I7: credit memo {remote_id} of theirs is not here"


def _refunds(picture: Picture) -> Iterator[str]:
    """I5: a refund stands over there in one way only, over its amount."""
    standing: Counter[UUID] = Counter()
    for link in picture.links:
        body = picture.bodies.get((Kind(link.kind), link.remote_id))
        if link.kind not in REFUNDS or body is None or picture.waits(link):
            continue
        refund = Refund.objects.get(pk=link.local_id)
        is_live = not refund.is_void and refund.posting != PostedAs.CREDIT_MEMO
        amount = refund.amount.minor if is_live else 0
        if _minor(body["TotalAmt"]) != amount + link.variance_minor:
            yield f"I5: {refund.number} is {amount} here and {body['TotalAmt']} there"
        standing[refund.pk] += bool(_minor(body["TotalAmt"])) + (refund.credit_memo_id is not None)
    for refund_id, times in standing.items():
        if times > 1:
            yield f"I5: refund {refund_id} is posted {times} times"


def _mails(picture: Picture) -> Iterator[str]:
    """I2: the customer got an e-mail for each time a person asked and none besides; what is said to be out is."""
    sent = Counter(picture.people.mails())
    for link in picture.links:
        most = picture.mails_asked[link.local_id] + picture.people.mailed[link.remote_id]
        if link.kind == Kind.INVOICE and sent[link.remote_id] > most:
            yield f"I2: invoice {link.remote_id} was mailed {sent[link.remote_id]} times, asked for {most} times"
        if link.kind == Kind.MAIL and not sent[link.remote_id]:
            yield f"I2: the e-mail of invoice {link.remote_id} is said to be out and is not"


def _brought_in(picture: Picture) -> Iterator[str]:
    """What came in is linked to what it came from, and an import that somebody began has ended."""
    origin = picture.connection.origin
    for invoice in Invoice.objects.filter(origin=origin):
        link = picture.link_of(Kind.INVOICE, invoice.pk)
        job = picture.jobs.get((Kind.INVOICE, invoice.pk))
        if link is not None and link.made_by_us:
            yield f"I2: {invoice.number} came in from there and was made there by us"
        # One that is gone there and is to be made again stands nowhere until it goes.
        if link is None and (job is None or job.state == "synced"):
            yield f"I2: {invoice.number} came in from there and is linked to nothing"
    runs = ImportRun.objects.filter(connection=picture.connection)
    for run in runs.filter(state__in=("counting", "running")):
        yield f"I15: {run} has not ended"
    last = runs.filter(state="done").order_by("-ended_at").first()
    if last is not None and not picture.restored:
        yield from _left_out(picture, last)


def _left_out(picture: Picture, run: ImportRun) -> Iterator[str]:
    """What stood there when an import began is here, or somebody was asked."""
    for (kind, remote_id), one in picture.helds.items():
        theirs = kind is Kind.INVOICE and not one.marker and one.created_at is not None
        if not theirs or one.created_at >= run.started_at - SKEW:  # type: ignore[operator]
            continue
        if picture.link_to(kind, remote_id) is None and (kind, remote_id) not in picture.asked:
            yield f"A-01: invoice {remote_id} of theirs was there and did not come in"


def _agreed(picture: Picture) -> Iterator[str]:
    """I2: what is Synced holds what we hold; what was changed over there is known."""
    for (kind, local_id), job in picture.jobs.items():
        link = picture.link_of(kind, local_id)
        if job.state == "synced" and not _waits_for_an_answer(picture, link):
            is_asked = link is not None and (link.kind, link.remote_id) in picture.asked
            yield from _synced(job, link, is_asked=is_asked)
        if link is None or kind is Kind.CUSTOMER or picture.waits(link):
            continue
        theirs = picture.helds.get((kind, link.remote_id))
        document = theirs.document if theirs else None
        if document is not None and fingerprint(document) != link.their_fingerprint:
            known = link.their_document()
            what = sorted(changed_fields(known, document)) if known else "all of it"
            yield f"{kind} {local_id} was changed over there and nobody knows: {what}"


def _waits_for_an_answer(picture: Picture, link: Link | None) -> bool:
    """Put together field by field, ours goes back only once a person has decided what both sides changed."""
    is_by_field = policies_in_force().unpaid_edit_owner is UnpaidEdit.PER_FIELD
    return is_by_field and link is not None and (link.kind, link.remote_id) in picture.asked


def _stays_here(job: SyncJob) -> bool:
    """Another one bears its number there, and somebody has left it at that until it is changed or sent again."""
    left = AuditEntry.objects.filter(action="invoice.number_leave", object_id=str(job.local_id))
    return left.filter(at__gte=job.state_since).exists()


def _synced(job: SyncJob, link: Link | None, *, is_asked: bool) -> Iterator[str]:
    """Somebody who is asked about a document that a merge gave to another customer decides whose it is."""
    composed = compose(job, materials.gather(job.connection, [job]))
    if not isinstance(composed, Composed) or composed.document is None:
        return
    if link is None:
        if not (getattr(composed.document, "voided", False) or _stays_here(job)):
            yield f"I2: job {job.kind} {job.local_id} is synced and linked to nothing"
    elif isinstance(composed.document, MailDocument):
        ours = link.our_document()
        if isinstance(ours, MailDocument) and ours.asked_at < composed.document.asked_at:
            yield f"I2: job {job.kind} {job.local_id} is synced and its e-mail is owed"
    elif is_void(composed.document) and is_void(link.our_document()):
        return
    elif link.made_by_us and (
        fields := _owed(job, link.our_document(), composed.document)
        - ({"customer"} if is_asked else set())
    ):
        both = [
            (getattr(link.our_document(), x), getattr(composed.document, x)) for x in sorted(fields)
        ]
        yield f"I2: {job.kind} {job.local_id} is synced and differs in {sorted(fields)}: {both}"


def _owed(job: SyncJob, sent: Any, now: Any) -> frozenset[str]:
    """What differs from what was sent. What was chosen on the mapping page since then holds for what is sent next.

    So does what it says of the customer: the address, where it has none of its own, and the name in worded texts.
    """
    names = [*MAPPED, *_said_of_customer(job)]
    chosen = {name: getattr(sent, name) for name in names if hasattr(now, name)}
    if hasattr(now, "lines") and len(sent.lines) == len(now.lines):
        pairs = zip(sent.lines, now.lines, strict=True)
        chosen["lines"] = tuple(
            replace(line, **{name: getattr(former, name) for name in MAPPED_IN_LINES})
            for former, line in pairs
        )
    return changed_fields(sent, replace(now, **chosen))


def _said_of_customer(job: SyncJob) -> Iterator[str]:
    """What a document takes from its customer when it is put together."""
    if job.kind == Kind.CUSTOMER:
        return
    if not Invoice.objects.filter(pk=job.local_id).exclude(email="").exists():
        yield "email"
    rules = policies_in_force()
    for wording, field_name in WORDED.items():
        if "{customer}" in getattr(rules, wording):
            yield field_name


def _innocent(picture: Picture) -> Iterator[str]:
    """Where only machines misbehaved nobody has anything to decide."""
    if not picture.innocent:
        return
    for job in picture.jobs.values():
        # Whether an e-mail went out without an answer only a person can find out.
        meant = (MailUncertain.__name__, *LEFT_OPEN)
        if job.state != "synced" and job.reason_code not in meant:
            yield f"nobody did wrong, and job {job.kind} {job.local_id} is {job.state}: {job.reason}"
    for kind, remote_id in picture.asked:
        yield f"nobody did wrong, and a question about {kind} {remote_id} is open"


def _audited(picture: Picture) -> Iterator[str]:
    """I10: each change of money has one line in the log."""
    wanted = {
        "invoice.generated": Invoice.objects.filter(origin="").count(),
        "invoice.taken_over": Invoice.objects.exclude(origin="").count(),
        # One that was void there before it came in was never sent, and its line is that it came in.
        "invoice.voided": Invoice.objects.exclude(voided_at=None)
        .exclude(~Q(origin=""), sent_at=None)
        .count(),
        "payment.recorded": Payment.objects.count(),
        "payment.voided": Payment.objects.exclude(voided_at=None).count(),
        "creditmemo.issued": CreditMemo.objects.count(),
        "creditmemo.voided": CreditMemo.objects.exclude(voided_at=None).count(),
        "refund.recorded": Refund.objects.count(),
        "refund.voided": Refund.objects.exclude(voided_at=None).count(),
    }
    for action, count in wanted.items():
        lines = AuditEntry.objects.filter(action=action).count()
        if lines != count:
            yield f"I10: {count} times {action}, {lines} lines in the log"


def _own_checks(picture: Picture) -> Iterator[str]:
    """What the product checks of itself every 15 minutes never raises a false alarm."""
    for each in invariants.violations():
        yield f"{each.check.name}: {each.words}"


def _secrets(picture: Picture) -> Iterator[str]:
    """I17: no token and no company id in what is kept for reading."""
    texts = [str(row) for row in AuditEntry.objects.values_list("detail", flat=True)]
    texts += [" ".join(row) for row in ApiCall.objects.values_list("path", "outcome", "reference")]
    yield from secret_in(texts, picture.people.realm)


def secret_in(texts: list[str], *more: str) -> Iterator[str]:
    """Which secrets stand in a text."""
    for word in ("eyJlbmMi", "RT1-", *more):
        if any(word in text for text in texts):
            yield f"I17: {word[:8]}… stands in a text"


def settled(connection: Connection) -> bool:
    """Whether nothing moves any more by itself."""
    mine = {"connection": connection}
    return not (
        SyncJob.objects.filter(**mine, state="pending").exists()
        or Intent.objects.filter(**mine, state="open").exists()
        or Doorbell.objects.filter(**mine, closed_at=None).exists()
        or OutboxEvent.objects.filter(relayed_at=None).exists()
        or importing.going_on(connection)
    )


def lasting() -> dict[tuple[str, UUID], Any]:
    """I12, I13: what only ever rises, or never changes once it stands. Inside ``within()``."""
    found: dict[tuple[str, UUID], Any] = {}
    services = Mapping.objects.filter(subject=MappingSubject.SERVICE)
    chosen = {(UUID(key), item) for key, item in services.values_list("local_key", "remote_id")}
    # The trace of an e-mail moves with an invoice that is made again and mailed again.
    for link in Link.objects.exclude(kind=Kind.MAIL):
        # A service is another item once staff chose that one for it.
        if link.kind == Kind.ITEM and (link.local_id, link.remote_id) in chosen:
            continue
        found["is", link.pk] = (ENTITIES[Kind(link.kind)], link.remote_id)
    for job in SyncJob.objects.all():
        found["done", job.pk] = job.done
    for credential in Credential.objects.all():
        found["generation", credential.pk] = credential.generation
    for due in SyncDue.objects.filter(connection_id__in=Connection.objects.values("pk")):
        found["token", due.connection_id] = due.lease_token
    return found


def fallen(
    before: dict[Any, Any], after: dict[Any, Any], merged: set[tuple[str, str]]
) -> Iterator[str]:
    """What has gone back between two looks. A counterpart that was ``merged`` into another one is that one since."""
    for key in before.keys() & after.keys():
        same = key[0] == "is"
        if before[key] in merged:
            continue
        if (before[key] != after[key]) if same else (before[key] > after[key]):
            yield f"I12: {key[0]} of {key[1]} went from {before[key]} to {after[key]}"


def final_state(connection: Connection) -> dict[str, Any]:
    """I19: what must be the same however often the same events come. Inside ``within()``."""
    return {
        "payments": sorted(
            Payment.objects.values_list("pk", "amount_minor", "allocated_minor", "voided_at")
        ),
        "invoices": sorted(Invoice.objects.values_list("pk", "status", "applied_minor")),
        "credit memos": sorted(
            CreditMemo.objects.values_list("pk", "applied_minor", "elsewhere_minor", "voided_at")
        ),
        "refunds": sorted(Refund.objects.values_list("pk", "posting", "voided_at")),
        "links": sorted(Link.objects.values_list("local_id", "remote_id", "fingerprint")),
        "questions": sorted(
            Discrepancy.objects.filter(closed_at=None).values_list(
                "kind", "remote_id", "reason_code"
            )
        ),
        "mirror": sorted(MirrorEntry.objects.values_list("kind", "remote_id", "name", "active")),
    }


def _left_over(picture: Picture, payment: Payment) -> int:
    """What finds no room there on what it settles; less of what it uses brings less."""
    signs = {Kind.INVOICE: 1, Kind.CREDIT_MEMO: -1}
    links = [picture.link_of(*local) for local in settled_by(payment)]
    return sum(
        signs[Kind(link.kind)] * picture.without_room(link).get(payment.pk, 0)
        for link in links
        if link is not None
    )


def _settling(link: Link) -> Any:
    """What payments here settle of an invoice, or use of a credit memo."""
    if link.kind == Kind.CREDIT_MEMO:
        return CreditUse.objects.filter(credit_memo=link.local_id)
    return Allocation.objects.filter(invoice=link.local_id)


def _part_of(body: Body, entity: str, remote_id: str) -> int:
    """How much of a payment of theirs belongs to this document of theirs, in minor units."""
    return sum(
        _minor(line["Amount"])
        for line in body.get("Line", [])
        for part in line.get("LinkedTxn", [])
        if (part["TxnType"], part["TxnId"]) == (entity, remote_id)
    )


def _is_void(link: Link) -> bool:
    row = MODELS[Kind(link.kind)].objects.get(pk=link.local_id)
    return getattr(row, "voided_at", None) is not None


def _applied(body: Body) -> set[str]:
    parts = [part for line in body.get("Line", []) for part in line.get("LinkedTxn", [])]
    return {part["TxnId"] for part in parts if part["TxnType"] == "Invoice"}


def _used(body: Body) -> set[str]:
    parts = [part for line in body.get("Line", []) for part in line.get("LinkedTxn", [])]
    return {part["TxnId"] for part in parts if part["TxnType"] == "CreditMemo"}


def _was_given_away(link: Link, body: Body) -> bool:
    """Whether it is another customer's there now: it is nothing of ours until it pays something of ours."""
    return bool(link.ours["customer"] != body.get("CustomerRef", {}).get("value", ""))


def _partly_ours(picture: Picture, body: Body) -> bool:
    """Whether a payment of theirs also settles invoices, or uses credit, that are not ours."""
    foreign = [one for one in _applied(body) if picture.link_to(Kind.INVOICE, one) is None]
    return bool(foreign) or any(
        picture.link_to(Kind.CREDIT_MEMO, one) is None for one in _used(body)
    )


def _minor(amount: Any) -> int:
    return int(Decimal(str(amount)) * 100)
