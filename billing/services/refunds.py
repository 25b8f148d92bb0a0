"""Refunds: recorded on a payment, posted once, changed, voided. They open no invoice again unless staff say so."""

from datetime import date
from uuid import UUID

from django.db import transaction

from billing import events, refund_posting
from billing.errors import AmountRefused, IllegalStep, OverAllocated
from billing.home import local_today
from billing.models import Allocation, Method, Payment, PostedAs, Refund
from billing.money import Money
from billing.rules.dates import plausible
from billing.services import credit_memos, numbering, payments
from billing.services.changes import differing, save
from billing.services.chronicle import actor_id, enter, note
from billing.services.words import checked
from regentra import clock
from tenants.models import User

SEQUENCE = "refund"


def refundable(payment: Payment) -> Money:
    """What of the money that came in has not been paid back."""
    if payment.is_void:
        return Money.zero(payment.currency)
    return payment.amount - payment.paid_back


@transaction.atomic
def record(
    *,
    payment: Payment,
    amount: Money,
    refunded_on: date | None = None,
    method: Method | str = Method.OTHER,
    reference: str = "",
    memo: str = "",
    reopen: bool = False,
    actor: User | None = None,
) -> Refund:
    """Money that was paid back; with `reopen` its invoices are open again by that much. Raises a `BillingError`."""
    payment = payment.reload_locked()
    _check(payment, amount)
    if reopen:
        _reopen(payment, amount, actor)
    payment = payment.reload_locked()
    save(payment, {"paid_back_minor": (payment.paid_back + amount).minor})
    refund = Refund.objects.create(
        number=numbering.take(SEQUENCE),
        payment=payment,
        customer=payment.customer,
        refunded_on=plausible(refunded_on or local_today(), name="The date"),
        currency=amount.currency,
        amount_minor=amount.minor,
        method=Method(method),
        posting=refund_posting.chosen(),
        **checked({"reference": reference, "memo": memo}),
    )
    if refund.posting == PostedAs.CREDIT_MEMO:
        _credit(refund, actor)
    event = events.RefundRecorded(
        refund_id=refund.pk, payment_id=payment.pk, actor_id=actor_id(actor)
    )
    enter(event, "refund.recorded", refund, actor=actor, amount=amount.code)
    note("payment.refunded", payment, actor=actor, amount=amount.code, reopened=reopen)
    return refund


@transaction.atomic
def issue_credit_memo(*, refund: Refund, actor: User | None = None) -> Refund:
    """Posts a refund that was not decided on as a credit memo. Raises `IllegalStep` when it is posted already."""
    refund = refund.reload_locked()
    if refund.is_void or refund.posting != PostedAs.ASKED:
        raise IllegalStep(f"{refund.number} is void or posted already.")
    save(refund, {"posting": PostedAs.CREDIT_MEMO})
    _credit(refund, actor)
    event = events.RefundChanged(refund_id=refund.pk, actor_id=actor_id(actor))
    enter(event, "refund.posted", refund, actor=actor, as_=PostedAs.CREDIT_MEMO.value)
    return refund


@transaction.atomic
def change(
    *,
    refund: Refund,
    amount: Money | None = None,
    refunded_on: date | None = None,
    reference: str | None = None,
    memo: str | None = None,
    actor: User | None = None,
    origin: str = "",
) -> Refund:
    """Changes what differs; what is not passed stays as it is. Raises a `BillingError`."""
    payment = refund.payment.reload_locked()
    refund = refund.reload_locked()
    if refund.is_void:
        raise IllegalStep(f"{refund.number} is void and cannot be changed any more.")
    before = refund.amount
    amount = before if amount is None else amount
    _check_amount(amount, left=refundable(payment) + before)
    day = plausible(refunded_on or refund.refunded_on, name="The date")
    texts = {
        "reference": refund.reference if reference is None else reference,
        "memo": refund.memo if memo is None else memo,
    }
    wanted = {"amount_minor": amount.minor, "refunded_on": day, **checked(texts)}
    if changes := differing(refund, wanted):
        save(refund, changes)
        save(payment, {"paid_back_minor": (payment.paid_back - before + amount).minor})
        event = events.RefundChanged(refund_id=refund.pk, origin=origin, actor_id=actor_id(actor))
        fields = sorted("amount" if name == "amount_minor" else name for name in changes)
        enter(event, "refund.changed", refund, actor=actor, fields=fields, amount=amount.code)
    return refund


@transaction.atomic
def void(*, refund: Refund, actor: User | None = None, origin: str = "") -> Refund:
    """As if nothing had been paid back; its credit memo is void with it. Raises `IllegalStep`."""
    payment = refund.payment.reload_locked()
    refund = refund.reload_locked()
    if refund.is_void:
        raise IllegalStep(f"{refund.number} is void already.")
    save(refund, {"voided_at": clock.now()})
    save(payment, {"paid_back_minor": (payment.paid_back - refund.amount).minor})
    if refund.credit_memo and not refund.credit_memo.is_void:
        credit_memos.void(credit_memo=refund.credit_memo, actor=actor, origin=origin)
    event = events.RefundVoided(refund_id=refund.pk, origin=origin, actor_id=actor_id(actor))
    enter(event, "refund.voided", refund, actor=actor, amount=refund.amount.code)
    return refund


def _check(payment: Payment, amount: Money) -> None:
    if payment.is_void:
        raise IllegalStep("This payment is void, so nothing of it can be paid back.")
    _check_amount(amount, left=refundable(payment))


def _check_amount(amount: Money, *, left: Money) -> None:
    if amount.minor <= 0:
        raise AmountRefused("A refund must be above zero.")
    if amount > left:
        raise OverAllocated(f"Of this payment {left} can be paid back, so {amount} cannot.")


def _credit(refund: Refund, actor: User | None) -> None:
    memo = credit_memos.issue_for_refund(
        payment=refund.payment, amount=refund.amount, issued_on=refund.refunded_on, actor=actor
    )
    save(refund, {"credit_memo_id": memo.pk})


def _reopen(payment: Payment, amount: Money, actor: User | None) -> None:
    """Takes so much off its invoices, the one that is due last first."""
    rows = Allocation.objects.filter(payment=payment).order_by(
        "-invoice__due_on", "-invoice__number"
    )
    parts: dict[UUID, Money] = {}
    left = amount
    for row in rows:
        part = Money(row.amount_minor, payment.currency)
        off = min(part, left)
        left -= off
        if part != off:
            parts[row.invoice_id] = part - off
    if left == amount:
        raise IllegalStep("This payment is applied to no invoice, so none can be opened again.")
    payments.reallocate(payment=payment, allocations=parts, actor=actor)
