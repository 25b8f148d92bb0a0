"""Payments: recorded, changed, voided, with their parts on invoices."""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, TypedDict, Unpack
from uuid import UUID

from django.db import transaction

from billing import elsewhere, events
from billing.errors import IllegalStep, OverAllocated
from billing.home import local_today
from billing.models import Customer, Invoice, Method, Payment
from billing.money import Money
from billing.rules.allocation import check_amount
from billing.rules.dates import plausible
from billing.rules.exchange import checked_rate
from billing.rules.lifecycle import Step, require
from billing.services import applying, crediting
from billing.services.applying import Parts
from billing.services.changes import differing, save
from billing.services.chronicle import actor_id, enter, note
from billing.services.words import checked
from regentra import clock
from tenants.models import User


class Edits(TypedDict, total=False):
    """What can be changed; what is not passed stays as it is."""

    amount: Money
    allocations: Mapping[UUID, Money]
    used: Mapping[UUID, Money]
    outside: Money
    received_on: date
    method: Method
    reference: str
    memo: str
    exchange_rate: Decimal | None


@transaction.atomic
def record(
    *,
    customer: Customer,
    amount: Money,
    allocations: Mapping[UUID, Money],
    received_on: date | None = None,
    method: Method | str = Method.OTHER,
    reference: str = "",
    memo: str = "",
    used: Mapping[UUID, Money] | None = None,
    outside: Money | None = None,
    exchange_rate: Decimal | None = None,
    paid_for: Collection[UUID] = (),
    actor: User | None = None,
    origin: str = "",
) -> Payment:
    """Money that came in and credit that is used, spread over invoices; what is not spread stays unapplied.

    The invoices become part paid or paid; a draft among them is finalised. `received_on` is a local
    date, today unless given; `outside` is what documents elsewhere take; `paid_for` are other customers whose invoices
    and credit it may settle, as the payer is above them. Raises a `BillingError`, and records nothing, when refused.
    """
    used, outside = used or {}, outside or Money.zero(amount.currency)
    columns = _columns(amount, allocations, used, outside)
    invoices, memos = applying.locked(allocations), crediting.locked(used)
    customers = {customer.pk, *paid_for}
    crediting.check(used, memos, customers=customers, former={}, origin=origin)
    room = _room(amount, used, outside)
    applying.check_parts(room, allocations, invoices, customers=customers, former={})
    payment = Payment.objects.create(
        customer=customer,
        received_on=plausible(received_on or local_today(), name="The payment date"),
        method=Method(method),
        origin=origin,
        **columns,
        exchange_rate=checked_rate(exchange_rate),
        **checked({"reference": reference, "memo": memo}),
    )
    applying.write(payment, allocations)
    crediting.write(payment, used)
    crediting.move(memos, former={}, used=used, actor=actor, origin=origin)
    _move(invoices, former={}, parts=allocations, actor=actor, origin=origin)
    event = events.PaymentRecorded(
        payment_id=payment.pk,
        invoice_ids=frozenset(invoices),
        credit_memo_ids=frozenset(memos),
        origin=origin,
        actor_id=actor_id(actor),
    )
    words = (amount or _sum(used, amount.currency)).code
    enter(event, "payment.recorded", payment, actor=actor, amount=words, **_numbers(invoices))
    return payment


@transaction.atomic
def mark_paid(
    *,
    invoice: Invoice,
    received_on: date | None = None,
    method: Method | str = Method.OTHER,
    reference: str = "",
    memo: str = "",
    exchange_rate: Decimal | None = None,
    actor: User | None = None,
) -> Payment:
    """Records a payment of everything that is open. Of two at once, the second is refused."""
    invoice = invoice.reload_locked()
    require(Step.PAY, invoice.standing, number=invoice.number)
    if not invoice.balance:
        raise IllegalStep(f"{invoice.number} comes to nothing. Send it, and it is paid.")
    return record(
        customer=invoice.customer,
        amount=invoice.balance,
        allocations={invoice.pk: invoice.balance},
        received_on=received_on,
        method=method,
        reference=reference,
        memo=memo,
        exchange_rate=exchange_rate,
        actor=actor,
    )


@transaction.atomic
def change(
    *,
    payment: Payment,
    paid_for: Collection[UUID] = (),
    actor: User | None = None,
    origin: str = "",
    **edits: Unpack[Edits],
) -> Payment:
    """Changes what differs; invoices that lose a part are open again. Raises a `BillingError`.

    `paid_for` is as for `record`; what it settles of other customers already it may go on settling.
    What was paid back is put on no other invoice; only what comes from elsewhere is taken as it stands in those books.
    """
    payment = payment.reload_locked()
    _require_alive(payment)
    former, lent = applying.parts_of(payment), crediting.parts_of(payment)
    parts, used = dict(edits.pop("allocations", former)), dict(edits.pop("used", lent))
    amount, outside = edits.pop("amount", payment.amount), edits.pop("outside", payment.outside)
    columns = _columns(amount, parts, used, outside)
    _require_what_was_paid_back(payment, amount)
    invoices, memos = applying.locked([*former, *parts]), crediting.locked([*lent, *used])
    customers = {payment.customer_id, *paid_for}
    crediting.check(used, memos, customers=customers, former=lent, origin=origin)
    room = _room(amount, used, outside)
    applying.check_parts(room, parts, invoices, customers=customers, former=former)
    if not origin:
        _require_money_that_is_here(payment, room, parts=parts, former=former)
    changes = differing(payment, {**columns, **_checked(edits)})
    if parts != former or used != lent or changes:
        elsewhere.require_changeable(payment.pk, origin)
        applying.rewrite(payment, parts)
        crediting.rewrite(payment, used)
        save(payment, changes)
        crediting.move(memos, former=lent, used=used, actor=actor, origin=origin)
        _move(invoices, former=former, parts=parts, actor=actor, origin=origin)
        fields = _field_names(changes, reallocated=parts != former)
        event = events.PaymentChanged(
            payment_id=payment.pk,
            invoice_ids=frozenset(invoices),
            credit_memo_ids=frozenset(memos),
            fields=fields,
            origin=origin,
            actor_id=actor_id(actor),
        )
        detail = {"fields": sorted(fields), "amount": amount.code, **_numbers(invoices)}
        enter(event, "payment.changed", payment, actor=actor, **detail)
    return payment


def take_rate(*, payment: Payment, rate: Decimal, origin: str) -> None:
    """What one unit of its currency was worth where it was booked, until then unknown here."""
    row = Payment.objects.filter(pk=payment.pk, exchange_rate=None)
    if row.update(exchange_rate=checked_rate(rate)):
        note("payment.rate_taken", payment, actor=None, rate=f"{rate:f}", origin=origin)


def reallocate(
    *,
    payment: Payment,
    allocations: Mapping[UUID, Money],
    actor: User | None = None,
    origin: str = "",
) -> Payment:
    """Spreads the payment anew. Raises `IllegalStep` for one that uses credit."""
    if payment.credit:
        raise IllegalStep("This payment uses a credit memo. Void it, then apply the credit anew.")
    return change(payment=payment, allocations=allocations, actor=actor, origin=origin)


@transaction.atomic
def void(*, payment: Payment, actor: User | None = None, origin: str = "") -> Payment:
    """Takes the payment back; its invoices are open again. Raises `IllegalStep` when void already."""
    payment = payment.reload_locked()
    _require_alive(payment)
    elsewhere.require_changeable(payment.pk, origin)
    if refund := payment.refunds.filter(voided_at=None).first():
        raise IllegalStep(f"{refund} paid a part of this payment back. Void it first.")
    former, lent = applying.parts_of(payment), crediting.parts_of(payment)
    invoices, memos = applying.locked(former), crediting.locked(lent)
    words = (payment.amount or payment.credit).code
    applying.rewrite(payment, {})
    crediting.rewrite(payment, {})
    emptied = dict.fromkeys(("allocated_minor", "credit_minor", "outside_minor"), 0)
    save(payment, {**emptied, "voided_at": clock.now()})
    crediting.move(memos, former=lent, used={}, actor=actor, origin=origin)
    _move(invoices, former=former, parts={}, actor=actor, origin=origin)
    event = events.PaymentVoided(
        payment_id=payment.pk,
        invoice_ids=frozenset(invoices),
        credit_memo_ids=frozenset(memos),
        origin=origin,
        actor_id=actor_id(actor),
    )
    enter(event, "payment.voided", payment, actor=actor, amount=words, **_numbers(invoices))
    return payment


def _require_alive(payment: Payment) -> None:
    if payment.is_void:
        raise IllegalStep("This payment is void and cannot be changed any more.")


def _require_what_was_paid_back(payment: Payment, amount: Money) -> None:
    """Raises `OverAllocated` when it would come to less than was paid back of it."""
    gone = payment.paid_back
    if amount < gone and amount < payment.amount:
        raise OverAllocated(
            f"{gone} of this payment has been paid back, so it cannot come to {amount}. "
            "Void the refund first."
        )


def _require_money_that_is_here(
    payment: Payment, room: Money, *, parts: Parts, former: Parts
) -> None:
    """Raises `OverAllocated` when more is put on invoices than before, and that was paid back."""
    wanted, left = _sum(parts, room.currency), room - payment.paid_back
    if wanted > left and wanted > _sum(former, room.currency):
        raise OverAllocated(
            f"{payment.paid_back} of this payment has been paid back, so {wanted} of it cannot be applied to invoices."
        )


def _sum(parts: Parts, currency: str) -> Money:
    return Money.total(parts.values(), currency)


def _columns(amount: Money, parts: Parts, used: Parts, outside: Money) -> dict[str, Any]:
    """Raises `AmountRefused` when nothing came in and no credit is used."""
    credit = _sum(used, amount.currency)
    check_amount(amount, credit=credit)
    return {
        "amount_minor": amount.minor,
        "currency": amount.currency,
        "allocated_minor": _sum(parts, amount.currency).minor,
        "credit_minor": credit.minor,
        "outside_minor": outside.minor,
    }


def _room(amount: Money, used: Parts, outside: Money) -> Money:
    """What there is to spread over invoices."""
    return amount + _sum(used, amount.currency) - outside


def _checked(edits: Any) -> dict[str, Any]:
    if "received_on" in edits:
        plausible(edits["received_on"], name="The payment date")
    checked_rate(edits.get("exchange_rate"))
    if "method" in edits:
        edits["method"] = Method(edits["method"])
    return checked(edits)


def _field_names(changes: Mapping[str, Any], *, reallocated: bool) -> frozenset[str]:
    """The changed columns by the names of `Edits`."""
    called = {"amount_minor": "amount", "credit_minor": "used", "outside_minor": "outside"}
    names = {called.get(name, name) for name in changes}
    names -= {"allocated_minor", "currency"}
    return frozenset(names | {"allocations"} if reallocated else names)


def _move(
    invoices: Mapping[UUID, Invoice],
    *,
    former: Parts,
    parts: Parts,
    actor: User | None,
    origin: str,
) -> None:
    for key, invoice in invoices.items():
        applying.move(invoice, off=former.get(key), on=parts.get(key), actor=actor, origin=origin)


def _numbers(invoices: Mapping[UUID, Invoice]) -> dict[str, list[str]]:
    return {"invoices": sorted(invoice.number for invoice in invoices.values())}
