"""Amounts and the states of billing's documents, the same on every page."""

from decimal import Decimal
from typing import Any

from django import template

from billing.models import CreditMemo, Invoice, Payment
from billing.money import Money
from billing.rules.lifecycle import LABELS, Status
from regentra import clock

register = template.Library()

LOOKS = {
    Status.DRAFT: ("grey", "file-earmark"),
    Status.SENT: ("teal", "send"),
    Status.PARTIAL: ("teal", "circle-half"),
    Status.PAID: ("green", "check-circle-fill"),
    Status.VOID: ("grey", "slash-circle"),
}


@register.filter
def money(value: Money | None) -> str:
    """With its currency: $1,234.50, −€3.00, 12.00 CHF."""
    return "" if value is None else str(value)


@register.filter
def amount(value: Money | None) -> str:
    """Without its currency, which then stands in the head of the column."""
    return "" if value is None else value.digits


@register.filter
def plain(value: Decimal | None) -> str:
    """A quantity, rate or price without needless zeros: 1.5, 120, 0.0825."""
    if value is None:
        return ""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@register.filter
def price(value: Decimal | None) -> str:
    """A unit price: at least two decimals, more only where there are more."""
    text = plain(value)
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals.ljust(2, '0')}" if text else ""


@register.inclusion_tag("components/pill.html", takes_context=True)
def invoice_pill(context: Any, invoice: Invoice, short: bool = False) -> dict[str, Any]:
    """Draft, Sent, Part paid with what is left, Paid, Void, or Overdue with since when.

    ``short`` where a column of its own says what is left; a phone has no room for that column.
    """
    status = invoice.standing
    left = f"{money(invoice.balance)} left" if status is Status.PARTIAL else ""
    return {**_standing(invoice, context), "more": left, "more_on_phones": short}


def _standing(invoice: Invoice, context: Any) -> dict[str, Any]:
    today = clock.today(context["request"].organization.timezone)
    status = invoice.standing
    if invoice.is_overdue_on(today):
        return _overdue(invoice, (today - invoice.due_on).days)
    tone, icon = LOOKS[status]
    return {"tone": tone, "icon": icon, "text": LABELS[status], "struck": status is Status.VOID}


def _overdue(invoice: Invoice, days: int) -> dict[str, Any]:
    since = f"{days} day{'s' if days != 1 else ''} past its due date"
    title = f"{since}; {LABELS[invoice.standing].lower()}"
    return {"tone": "red", "icon": "exclamation-circle", "text": "Overdue", "title": title}


@register.inclusion_tag("components/pill.html")
def payment_pill(payment: Payment) -> dict[str, Any]:
    """Applied, partly applied with what is left, paid back where nothing else became of it, or void."""
    if payment.is_void:
        return {"tone": "grey", "icon": "slash-circle", "text": "Void", "struck": True}
    if payment.unapplied:
        text = f"{money(payment.unapplied)} not applied"
        return {"tone": "amber", "icon": "circle-half", "text": text}
    if payment.paid_back and not payment.allocated:
        return {"tone": "grey", "icon": "arrow-counterclockwise", "text": "Paid back"}
    return {"tone": "green", "icon": "check-circle-fill", "text": "Applied"}


@register.inclusion_tag("components/pill.html")
def credit_pill(memo: CreditMemo) -> dict[str, Any]:
    """Open, partly used with what is left, used up, or void."""
    if memo.is_void:
        return {"tone": "grey", "icon": "slash-circle", "text": "Void", "struck": True}
    if not memo.remaining:
        return {"tone": "green", "icon": "check-circle-fill", "text": "Used up"}
    if memo.applied:
        text = f"{money(memo.remaining)} left"
        return {"tone": "teal", "icon": "circle-half", "text": text}
    return {"tone": "teal", "icon": "circle", "text": "Open"}


@register.filter
def worth(payment: Payment) -> str:
    """What came in; of one over nothing the credit it uses."""
    return money(payment.credit if payment.is_credit_only else payment.amount)
