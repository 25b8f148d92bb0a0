"""The facts about one of their documents, by which it is judged. Runs inside ``within()``."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from billing.models import CreditMemo, Customer, Invoice, Payment, PostedAs, Refund, Status
from integrations.announced import unread
from integrations.documents import (
    CreditMemoDocument,
    CustomerDocument,
    Held,
    InvoiceDocument,
    Kind,
    Operation,
    PaymentDocument,
    RefundReceiptDocument,
    changed_fields,
    fingerprint,
)
from integrations.inbound import (
    copies,
    credit_awaited,
    customers_there,
    invoices_there,
    same_payment,
)
from integrations.inbound.from_now_on import FromNowOn
from integrations.inbound.marks import MARKED, Marks
from integrations.inbound.matching import CREDIT_APPLIED, Beyond, Facts, LinkFacts
from integrations.job_states import JobState
from integrations.models import (
    Connection,
    Discrepancy,
    Intent,
    IntentState,
    Link,
    SyncJob,
    policies_in_force,
)
from integrations.outbound import custom_fields, links, settled
from integrations.outbound.beyond import beyond_ours

# Whose number is read from our note where the company counts for itself, else from where QuickBooks has it.
NUMBERED = InvoiceDocument | CreditMemoDocument | RefundReceiptDocument


def gather(
    connection: Connection,
    held: Held,
    marks: Marks,
    from_now_on: FromNowOn,
    beside: Iterable[Held] = (),
) -> Facts:
    """What decides about one of their documents, as both sides stand at this moment; ``beside`` were read with it."""
    link = links.of_remote(connection, held.kind, held.id)
    marked = _intents_marked(connection, held)
    making = [one for one in marked if _is_open_create(one)]
    forgotten = link is None and not marked and _is_marked(held) and not marks.is_foreign(held)
    owner = marks.owner(held) if forgotten else None
    linked = owner is not None and _is_linked(connection, held.kind, owner)
    invoices = _our_invoices(connection, held)
    return Facts(
        held=held,
        link=_link_facts(link, held) if link else None,
        open_intent=making[0].id if making else None,
        being_changed=link is not None and _is_being_changed(link),
        marked_elsewhere=bool(marked) or linked,
        forgotten=forgotten and not linked,
        marked=owner,
        proven_copy=link is None and bool(marked) and _is_proven(connection, held),
        invoices=invoices,
        credit_memos=_our_credit_memos(connection, held),
        beyond=_beyond(connection, held, link),
        same_payment=None if link else same_payment.ours(connection, held, invoices, beside),
        customer=_our_customer(connection, held),
        credit_looked_for=_was_looked_for(connection, held),
        let_go=link is None and _was_let_go(connection, held),
        brings_in=link is None and _brings_in(connection, held, from_now_on),
        left_there=_stays_there(connection, held),
    )


def _brings_in(connection: Connection, held: Held, from_now_on: FromNowOn) -> bool:
    match held.document:
        case InvoiceDocument():
            comes = policies_in_force().invoices_direction.comes
            is_new = comes and from_now_on.holds("invoices_made_there", held)
            return is_new or invoices_there.is_wanted(connection, held)
        case CustomerDocument():
            comes = policies_in_force().customers_direction.comes
            is_new = comes and from_now_on.holds("customers_made_there", held)
            return is_new or (comes and customers_there.is_wanted(connection, held))
        case _:
            return False


def _is_proven(connection: Connection, held: Held) -> bool:
    return copies.is_proven(held, copies.creates_of(connection, held))


def _our_invoices(connection: Connection, held: Held) -> tuple[tuple[str, UUID], ...]:
    if not isinstance(held.document, PaymentDocument):
        return ()
    return _ours(connection, Kind.INVOICE, [part.invoice for part in held.document.applications])


def _our_credit_memos(connection: Connection, held: Held) -> tuple[tuple[str, UUID], ...]:
    if not isinstance(held.document, PaymentDocument) or not held.document.credits:
        return ()
    used = [part.credit_memo for part in held.document.credits]
    return _ours(connection, Kind.CREDIT_MEMO, used)


def _beyond(connection: Connection, held: Held, link: Link | None) -> Beyond:
    if not isinstance(held.document, PaymentDocument):
        return {}
    return beyond_ours(connection, held.document, link.local_id if link else None)


def _our_customer(connection: Connection, held: Held) -> UUID | None:
    if not isinstance(held.document, CreditMemoDocument):
        return None
    link = links.of_remote(connection, Kind.CUSTOMER, held.document.customer)
    return link.local_id if link else None


def _ours(
    connection: Connection, kind: Kind, remote_ids: list[str]
) -> tuple[tuple[str, UUID], ...]:
    return tuple(links.ours_of(connection, kind, remote_ids).items())


def _intents_marked(connection: Connection, held: Held) -> list[Intent]:
    """Our writes of this kind whose marker the document carries."""
    if not held.marker or held.deleted:
        return []
    return list(Intent.objects.filter(connection=connection, marker=held.marker, kind=held.kind))


def _is_marked(held: Held) -> bool:
    """Whether it is live and says that we made it."""
    live = not held.deleted and not getattr(held.document, "voided", False)
    return live and bool(held.marker) and held.kind in MARKED


def _is_linked(connection: Connection, kind: Kind, local_id: UUID) -> bool:
    return Link.objects.filter(connection=connection, kind=kind, local_id=local_id).exists()


def _was_looked_for(connection: Connection, held: Held) -> bool:
    """Whether somebody is being asked about the credit of this version of a payment already."""
    asked = Discrepancy.objects.filter(
        connection=connection, kind=held.kind, remote_id=held.id, reason_code=CREDIT_APPLIED
    )
    return asked.filter(remote_version=held.version).exists()


def _was_let_go(connection: Connection, held: Held) -> bool:
    """Whether our void of an invoice of its customer came between the making of a payment and its last change, by
    their clock: it took the payment off where a payment does not move the invoice's version (reference quickbooks 10).
    """
    if not isinstance(held.document, PaymentDocument) or not held.unapplied:
        return False
    payer = links.of_remote(connection, Kind.CUSTOMER, held.document.customer)
    if payer is None or held.created_at is None or held.updated_at is None:
        return False
    void = Invoice.objects.filter(customer=payer.local_id, status=Status.VOID)
    writes = Intent.objects.filter(
        connection=connection,
        kind=Kind.INVOICE,
        local_id__in=void.values("pk"),
        operation=Operation.VOID,
    )
    answered = writes.values_list("answer__updated_at", flat=True)
    return any(
        held.created_at <= datetime.fromisoformat(at) <= held.updated_at for at in answered if at
    )


def _is_open_create(intent: Intent) -> bool:
    return intent.state == IntentState.OPEN and intent.operation == Operation.CREATE


def _is_being_changed(link: Link) -> bool:
    """Whether the outcome of a change of ours is not known yet."""
    changes = Intent.objects.filter(
        connection=link.connection, kind=link.kind, local_id=link.local_id, state=IntentState.OPEN
    )
    return changes.exclude(operation=Operation.CREATE).exists()


def _link_facts(link: Link, held: Held) -> LinkFacts:
    moving = _is_moving(link)
    return LinkFacts(
        local_id=link.local_id,
        their_fingerprint=_their_fingerprint(link),
        made_by_us=link.made_by_us,
        void=_is_void(link),
        moving=moving,
        beside_us=_is_beside_us(link, held),
        given_up=bool(link.ours.get("voided")),
        pays_more=_pays_more(link, held, moving=moving),
        total_minor=link.their_total_minor,
    )


def _pays_more(link: Link, held: Held, *, moving: bool) -> bool:
    """Whether an invoice came here, by an import or a choice, after what was paid on it had been left out."""
    if not isinstance(held.document, PaymentDocument):
        return False
    if link.made_by_us:
        return not moving and bool(settled.came_here(link.connection, [link]))
    paid = [part.invoice for part in held.document.applications]
    came = Link.objects.filter(connection=link.connection, kind=Kind.INVOICE, remote_id__in=paid)
    return came.filter(linked_at__gt=link.agreed_at).exists()


def _is_beside_us(link: Link, held: Held) -> bool:
    """Whether people wrote into custom fields that nothing of ours stands in, and changed nothing else.

    A number that stands there as it did is no change: it is read from elsewhere once who counts was switched there.
    """
    theirs, now = link.their_document(), held.document
    if not (isinstance(theirs, NUMBERED) and isinstance(now, NUMBERED)):
        return False
    changed = changed_fields(theirs, now)
    if held.number == link.remote_number:
        changed -= {"number"}
    if not (isinstance(theirs, InvoiceDocument) and isinstance(now, InvoiceDocument)):
        return not changed
    in_ours = custom_fields.filled_here(link.connection)
    return changed <= {"custom_fields"} and not custom_fields.differ(theirs, now, in_ours)


def _stays_there(connection: Connection, held: Held) -> bool:
    """Whether the sync rules take in none of its kind, or none of its day, and it comes with no invoice."""
    policies = policies_in_force()
    match held.document:
        case PaymentDocument(received_on=day):
            comes = policies.payments_direction.comes and not policies.payments_since.leaves_out(
                day
            )
            return not (comes or _comes_along(connection, held))
        case CreditMemoDocument() if not policies.credit_memos_direction.comes:
            waiting = credit_awaited.by(connection, held.id)
            return not any(_comes_along(connection, payment) for payment in waiting)
        case _:
            return False


def _comes_along(connection: Connection, payment: Held) -> bool:
    """Whether it was there when an invoice that it settles was brought in, which came with what was paid on it."""
    if not isinstance(payment.document, PaymentDocument) or payment.created_at is None:
        return False
    paid = [part.invoice for part in payment.document.applications]
    came = Link.objects.filter(connection=connection, kind=Kind.INVOICE, remote_id__in=paid)
    return came.filter(made_by_us=False, linked_at__gte=payment.created_at).exists()


def _their_fingerprint(link: Link) -> str:
    """Of what they held, computed anew: what is stored may have been computed before documents had all their fields."""
    theirs = link.their_document()
    return fingerprint(theirs) if theirs is not None else link.their_fingerprint


def _is_moving(link: Link) -> bool:
    """Whether a change of ours is owed, or was made and no worker has read it yet."""
    if unread(Kind(link.kind), [link.local_id]):
        return True
    job = SyncJob.objects.filter(connection=link.connection, kind=link.kind, local_id=link.local_id)
    return job.exclude(state=JobState.SYNCED).exists()


def _is_void(link: Link) -> bool:
    match Kind(link.kind):
        case Kind.INVOICE:
            return Invoice.objects.filter(pk=link.local_id, status=Status.VOID).exists()
        case Kind.CREDIT_MEMO:
            return CreditMemo.objects.filter(pk=link.local_id, voided_at__isnull=False).exists()
        case Kind.EXPENSE | Kind.REFUND_RECEIPT:
            void = Q(voided_at__isnull=False) | Q(posting=PostedAs.CREDIT_MEMO)
            return Refund.objects.filter(void, pk=link.local_id).exists()
        case Kind.PAYMENT:
            return Payment.objects.filter(pk=link.local_id, voided_at__isnull=False).exists()
        case Kind.CUSTOMER:
            return Customer.objects.filter(pk=link.local_id, archived_at__isnull=False).exists()
        case _:
            return False
