"""Moves what payments have put on invoices; both sides and the allocations stay equal."""

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from billing import events
from billing.errors import WrongCustomer
from billing.models import Allocation, Invoice, Payment, Status
from billing.money import Money
from billing.rules.allocation import OpenInvoice, check
from billing.rules.lifecycle import Step, require, standing
from billing.services.changes import save
from billing.services.chronicle import actor_id, enter, note
from regentra import clock
from tenants.models import User

Parts = Mapping[UUID, Money]


def locked(invoice_ids: Iterable[UUID]) -> dict[UUID, Invoice]:
    """The invoices, locked in one order by everybody, so that no two wait for one another."""
    rows = Invoice.objects.select_for_update(no_key=True).order_by("id")
    return {invoice.pk: invoice for invoice in rows.filter(pk__in=set(invoice_ids))}


def parts_of(payment: Payment) -> dict[UUID, Money]:
    """What the payment has put on each invoice."""
    rows = Allocation.objects.filter(payment=payment)
    return {each.invoice_id: Money(each.amount_minor, payment.currency) for each in rows}


def check_parts(
    amount: Money,
    parts: Parts,
    invoices: Mapping[UUID, Invoice],
    *,
    customers: Collection[UUID],
    former: Parts,
) -> None:
    """Raises unless the payment may be spread so over invoices of these customers, its former parts taken off."""
    nothing = Money.zero(amount.currency)
    opened = {}
    for key, invoice in invoices.items():
        taken_off = former.get(key, nothing)
        if key in parts:
            _require_payable(invoice, taken_off, customers)
        balance = invoice.balance + taken_off if taken_off else invoice.balance
        opened[key] = OpenInvoice(key, invoice.number, invoice.due_on, balance)
    check(amount, parts, opened)


def rewrite(payment: Payment, parts: Parts) -> None:
    """Makes the payment's allocations these; `Payment.allocated_minor` is the caller's to save."""
    Allocation.objects.filter(payment=payment).delete()
    write(payment, parts)


def write(payment: Payment, parts: Parts) -> None:
    """The allocations of a new payment."""
    Allocation.objects.bulk_create(
        Allocation(payment=payment, invoice_id=key, amount_minor=part.minor)
        for key, part in parts.items()
    )


def move(
    invoice: Invoice, *, off: Money | None, on: Money | None, actor: User | None, origin: str
) -> None:
    """Takes one part off the invoice, puts another on, and lets the status follow."""
    change = (on.minor if on else 0) - (off.minor if off else 0)
    if change == 0:
        return
    if invoice.standing is Status.DRAFT:
        _finalise(invoice, actor=actor, origin=origin)
    applied = Money(invoice.applied_minor + change, invoice.currency)
    status = standing(total=invoice.total, applied=applied)
    save(invoice, {"applied_minor": applied.minor, "status": status.value})
    moved = Money(abs(change), invoice.currency)
    action = "invoice.payment_applied" if change > 0 else "invoice.payment_released"
    note(action, invoice, actor=actor, amount=moved.code, status=status.value, origin=origin)


def _require_payable(invoice: Invoice, taken_off: Money, customers: Collection[UUID]) -> None:
    # What this very payment has paid can be paid by it again.
    if taken_off:
        return
    if invoice.customer_id not in customers:
        raise WrongCustomer(f"{invoice.number} belongs to another customer.")
    require(Step.PAY, invoice.standing, number=invoice.number)


def _finalise(invoice: Invoice, *, actor: User | None, origin: str) -> None:
    """A draft that gets a payment has reached the customer, whoever sent it."""
    save(invoice, {"status": Status.SENT.value, "sent_at": clock.now()})
    event = events.InvoiceSent(invoice_id=invoice.pk, origin=origin, actor_id=actor_id(actor))
    enter(event, "invoice.sent", invoice, actor=actor, by_payment=True)
