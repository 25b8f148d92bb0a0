"""Payments of theirs, ours that they changed, and what was paid back."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import transaction

from billing.errors import BillingError
from billing.models import (
    CreditMemo,
    Customer,
    Invoice,
    Payment,
    Refund,
    Status,
)
from billing.money import Money
from billing.services import (
    payments,
    refunds,
)
from integrations.documents import (
    Document,
    ExpenseDocument,
    Held,
    Kind,
    PaymentDocument,
    RefundReceiptDocument,
    changed_since,
)
from integrations.inbound.apply.refusals import CannotApply, was_given_away
from integrations.inbound.matching import (
    ReapplyPayment,
    RecordPayment,
    ReversePayment,
    SettleMore,
    Spread,
    concerning_us,
    is_gone,
)
from integrations.models import (
    Connection,
    Link,
)
from integrations.outbound import jobs, links, paid_from_above, settled
from integrations.outbound.beyond import beyond_ours
from integrations.outbound.mirror import method_of
from integrations.outbound.push import PaidOverThere
from tenants.models import User

MAX_REFERENCE = 100
# The same of their payment, beside its method and what it is spread over.
OURS_OF_PAYMENT = {
    "received_on": "received_on",
    "reference": "reference",
    "memo": "memo",
    "exchange_rate": "exchange_rate",
}

# And of their refund, beside its amount, which is in the lines of a receipt.
OURS_OF_REFUND = {"paid_on": "refunded_on", "reference": "reference", "memo": "memo"}
AMOUNT_OF_REFUND = frozenset({"amount", "lines", "tax"})

Owners = Mapping[UUID, Customer]

# How it is spread, which is taken as one.
SPREAD = frozenset({"amount", "applications", "credits", "others"})


def record_payment(
    connection: Connection, held: Held, decision: RecordPayment, *, actor: User | None = None
) -> None:
    """Books a payment that was recorded over there. Raises `CannotApply`."""
    document = _payment_of(held)
    owners = _owners(decision.spread)
    customer = _customer(connection, document, owners)
    try:
        payment = payments.record(
            customer=customer,
            paid_for=_paid_for(connection, document, owners, customer.pk),
            **_spread(decision.spread),
            received_on=document.received_on,
            method=method_of(connection, document.method),
            reference=document.reference[:MAX_REFERENCE],
            memo=document.memo,
            exchange_rate=document.exchange_rate,
            origin=connection.origin,
            actor=actor,
        )
    except BillingError as refusal:
        raise CannotApply(str(refusal)) from refusal
    # One of ours that stood for it is void.
    Link.objects.filter(connection=connection, kind=Kind.PAYMENT, remote_id=held.id).delete()
    links.agree(connection, Kind.PAYMENT, payment.id, ours=document, held=held, made_by_us=False)
    _void_what_it_pays(connection, decision.spread)


def reapply_payment(connection: Connection, held: Held, decision: ReapplyPayment) -> None:
    """Follows a change of a payment over there. Raises `CannotApply`.

    One that was given to another customer is void here, and booked anew where it pays what is here.
    """
    document = _payment_of(held)
    payment = Payment.objects.get(pk=decision.local_id)
    is_given_away = was_given_away(connection, held, payment.pk)
    if is_given_away and not _stays_whose_it_is(connection, payment, document, decision.spread):
        _give_away(connection, held, decision)
        return
    link = _link(connection, payment.pk)
    try:
        payments.change(
            payment=payment,
            **_spread(decision.spread),
            **_payment_details(connection, document, changed_of_payment(link, document)),
            paid_for=_paid_for(connection, document, _owners(decision.spread), payment.customer_id),
            origin=connection.origin,
        )
    except BillingError as refusal:
        raise CannotApply(str(refusal)) from refusal
    before = _agreed(connection, decision.local_id)
    links.agree(connection, Kind.PAYMENT, decision.local_id, ours=document, held=held)
    settled.let_go(connection, before, document)


def _give_away(
    connection: Connection, held: Held, decision: ReapplyPayment, *, actor: User | None = None
) -> None:
    """Ours is void, and another one is booked for whose invoices it pays or whose credit it uses, if any."""
    with transaction.atomic():
        reverse_payment(connection, held, ReversePayment(decision.local_id), actor=actor)
        if decision.spread.allocations or decision.spread.used:
            record_payment(connection, held, RecordPayment(decision.spread), actor=actor)


def settle_more(connection: Connection, held: Held, decision: SettleMore) -> None:
    """Puts our payment also on what it pays over there and what came here since. Raises `CannotApply`."""
    link = _link(connection, decision.local_id)
    payment = Payment.objects.get(pk=decision.local_id)
    came = settled.came_here(connection, [link]).get(payment.pk, {})
    former = {part.invoice_id: part.amount for part in payment.allocations.all()}
    inside = min(payment.outside, Money.total(came.values(), payment.currency))
    ours = _agreed(connection, payment.pk)
    try:
        payments.change(
            payment=payment,
            allocations={**former, **came},
            outside=payment.outside - inside,
            paid_for=_paid_for(connection, ours, _paid_by(came), payment.customer_id),
            origin=connection.origin,
        )
    except BillingError as refusal:
        raise CannotApply(str(refusal)) from refusal
    links.agree(connection, Kind.PAYMENT, payment.pk, ours=ours, held=held)


def take_outside(
    connection: Connection, payment: Payment, parts: Mapping[UUID, int], outside: int
) -> None:
    """Makes what a payment settles here, and what it takes outside, these minor units. Raises `CannotApply`."""
    ours = _agreed(connection, payment.pk)
    try:
        payments.change(
            payment=payment,
            allocations={
                invoice_id: Money(minor, payment.currency) for invoice_id, minor in parts.items()
            },
            outside=Money(outside, payment.currency),
            paid_for=_paid_for(connection, ours, _paid_by(parts), payment.customer_id),
            origin=connection.origin,
        )
    except BillingError as refusal:
        raise CannotApply(str(refusal)) from refusal


def _link(connection: Connection, payment_id: UUID) -> Link:
    return Link.objects.get(connection=connection, kind=Kind.PAYMENT, local_id=payment_id)


def _agreed(connection: Connection, payment_id: UUID) -> PaymentDocument:
    ours = _link(connection, payment_id).our_document()
    assert isinstance(ours, PaymentDocument)
    return ours


def _stays_whose_it_is(
    connection: Connection, payment: Payment, document: PaymentDocument, spread: Spread
) -> bool:
    """Whether the other customer there is whoever it is from here, as after a merge of customers there.

    Then invoices of theirs still get something; or, of a payer who is not here, any of what it settled or used so far.
    """
    settled = {invoice for invoice, _ in spread.allocations}
    if Invoice.objects.filter(pk__in=settled, customer=payment.customer_id).exists():
        return True
    if links.of_remote(connection, Kind.CUSTOMER, document.customer) is not None:
        return False
    used = {memo for memo, _ in spread.used}
    return (
        payment.allocations.filter(invoice__in=settled).exists()
        or payment.credit_uses.filter(credit_memo__in=used).exists()
    )


def reverse_payment(
    connection: Connection, held: Held, decision: ReversePayment, *, actor: User | None = None
) -> None:
    """Takes a payment back that was voided or deleted over there. Raises `CannotApply`."""
    payment = Payment.objects.get(pk=decision.local_id)
    try:
        payments.void(payment=payment, origin=connection.origin, actor=actor)
    except BillingError as refusal:
        raise CannotApply(str(refusal)) from refusal
    ours = _agreed(connection, payment.id)
    void = replace(ours, voided=True)
    links.agree(connection, Kind.PAYMENT, payment.id, ours=void, held=held)
    jobs.take_up_void(connection, Kind.PAYMENT, payment.id)
    settled.let_go(connection, ours, void)


def take_refund(
    connection: Connection,
    refund: Refund,
    held: Held,
    changed: frozenset[str],
    *,
    actor: User | None,
) -> None:
    """Makes our refund what theirs is, in these fields; void where that is gone. Raises `CannotApply`."""
    where: Any = {"refund": refund, "origin": connection.origin, "actor": actor}
    try:
        if is_gone(held):
            refunds.void(**where)
        else:
            refunds.change(**where, **_refund_details(refund, held.document, changed))
    except BillingError as refusal:
        raise CannotApply(str(refusal)) from refusal


def _refund_details(
    refund: Refund, document: Document | None, changed: frozenset[str]
) -> dict[str, Any]:
    assert isinstance(document, ExpenseDocument | RefundReceiptDocument)
    details = {
        ours: getattr(document, theirs)
        for theirs, ours in OURS_OF_REFUND.items()
        if theirs in changed
    }
    if changed & AMOUNT_OF_REFUND:
        details["amount"] = _paid_back(document)
        if details["amount"].currency != refund.currency:
            raise CannotApply("It is in another currency in QuickBooks.")
    return details


def _paid_back(document: ExpenseDocument | RefundReceiptDocument) -> Money:
    if isinstance(document, ExpenseDocument):
        return document.amount
    parts = [line.amount for line in document.lines]
    return Money.total([*parts, document.tax] if document.tax else parts, document.currency)


def take_payment(
    connection: Connection,
    payment: Payment,
    held: Held,
    changed: frozenset[str],
    *,
    actor: User | None,
) -> None:
    """Makes our payment what theirs is, in these fields. Raises `CannotApply`.

    One that was made there and left all that is here is void here, and one that was given to another customer is
    booked for that one, as where nobody had to be asked. One that is void here is booked anew.
    """
    document = _payment_of(held)
    spread = _taken(connection, payment, document)
    if payment.is_void:
        record_payment(connection, held, RecordPayment(spread), actor=actor)
        return
    is_given_away = was_given_away(connection, held, payment.pk)
    if is_given_away and not _stays_whose_it_is(connection, payment, document, spread):
        _give_away(connection, held, ReapplyPayment(payment.pk, spread), actor=actor)
        return
    changes = _payment_details(connection, document, changed)
    if changed & SPREAD:
        if _link(connection, payment.pk).made_by_us:
            spread = _all_of_it(spread, document)
        elif spread.is_nothing:
            reverse_payment(connection, held, ReversePayment(payment.pk), actor=actor)
            return
        changes |= _spread(spread)
        changes["paid_for"] = _paid_for(connection, document, _owners(spread), payment.customer_id)
    try:
        payments.change(payment=payment, **changes, origin=connection.origin, actor=actor)
    except BillingError as refusal:
        raise CannotApply(str(refusal)) from refusal


def changed_of_payment(link: Link, theirs: PaymentDocument) -> frozenset[str]:
    """What of a payment they have changed since both sides agreed."""
    return taken_together(changed_since(link.their_document(), theirs))


def taken_together(fields: frozenset[str]) -> frozenset[str]:
    """These fields of a payment with those that are taken only with them."""
    return fields | SPREAD if fields & SPREAD else fields


def _taken(connection: Connection, payment: Payment, document: PaymentDocument) -> Spread:
    """Theirs as far as it concerns us."""
    paid = links.ours_of(connection, Kind.INVOICE, [part.invoice for part in document.applications])
    lent = links.ours_of(
        connection, Kind.CREDIT_MEMO, [part.credit_memo for part in document.credits]
    )
    beyond = beyond_ours(connection, document, payment.pk)
    return concerning_us(document, paid.items(), lent.items(), beyond)


def _all_of_it(spread: Spread, document: PaymentDocument) -> Spread:
    """Of a payment that was made here all of the money came in here; what documents of theirs take of it is taken."""
    off_the_money = document.amount - spread.amount
    return replace(spread, amount=document.amount, outside=spread.outside + off_the_money)


def _void_what_it_pays(connection: Connection, spread: Spread) -> None:
    """The voids that waited there for this payment to be here go now."""
    paid = {"kind": Kind.INVOICE, "local_id__in": _void_among(spread)}
    for link in Link.objects.filter(connection=connection, **paid):
        jobs.take_up_parked(link, PaidOverThere.__name__)


def _void_among(spread: Spread) -> set[UUID]:
    """The invoices it pays that are void here, and soon will be there, which leaves the money unapplied.

    Credit cannot be left so: a payment that uses some waits until the void has let go of it.
    """
    if spread.used:
        return set()
    paid = Invoice.objects.filter(pk__in=[invoice for invoice, _ in spread.allocations])
    return set(paid.filter(status=Status.VOID).values_list("pk", flat=True))


def _spread(spread: Spread) -> dict[str, Any]:
    void = _void_among(spread)
    return {
        "amount": spread.amount,
        "allocations": {
            invoice: part for invoice, part in spread.allocations if part and invoice not in void
        },
        "used": dict(spread.used),
        "outside": spread.outside,
    }


def _payment_details(
    connection: Connection, document: PaymentDocument, changed: frozenset[str]
) -> dict[str, Any]:
    """What changes only with theirs: several methods may be one of ours, a long memo is shorter there."""
    here = replace(document, reference=document.reference[:MAX_REFERENCE])
    details = {
        ours: getattr(here, theirs) for theirs, ours in OURS_OF_PAYMENT.items() if theirs in changed
    }
    if "method" in changed:
        details["method"] = method_of(connection, document.method)
    return details


def _payment_of(held: Held) -> PaymentDocument:
    assert isinstance(held.document, PaymentDocument)
    return held.document


def _customer(connection: Connection, document: PaymentDocument, owners: Owners) -> Customer:
    """The customer of ours who paid: the linked one, else the first whose invoice was paid or credit was used.

    Raises `CannotApply` where there is none.
    """
    payer = links.of_remote(connection, Kind.CUSTOMER, document.customer)
    if payer is not None:
        return owners.get(payer.local_id) or Customer.objects.get(pk=payer.local_id)
    if not owners:
        raise CannotApply("Its customer in QuickBooks is linked to none here.")
    return next(iter(owners.values()))


def _paid_for(
    connection: Connection, document: PaymentDocument, owners: Owners, customer_id: UUID
) -> frozenset[UUID]:
    """Those beside this customer who are the payer over there, or a part of it."""
    others = owners.keys() - {customer_id}
    if not others:
        return frozenset()
    named = Link.objects.filter(connection=connection, kind=Kind.CUSTOMER, local_id__in=others)
    return frozenset(
        link.local_id
        for link in named
        if link.remote_id == document.customer
        or paid_from_above.is_above(connection, document.customer, link.remote_id)
    )


def _owners(spread: Spread) -> dict[UUID, Customer]:
    """Whose invoices it pays and whose credit it uses, in that order."""
    lent = [memo for memo, _ in spread.used]
    memos = CreditMemo.objects.select_related("customer").in_bulk(lent) if lent else {}
    paid = _paid_by(invoice for invoice, _ in spread.allocations)
    return paid | {memos[one].customer_id: memos[one].customer for one in lent}


def _paid_by(invoice_ids: Iterable[UUID]) -> dict[UUID, Customer]:
    paid = list(invoice_ids)
    invoices = Invoice.objects.select_related("customer").in_bulk(paid) if paid else {}
    return {invoices[one].customer_id: invoices[one].customer for one in paid}
