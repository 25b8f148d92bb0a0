"""Record a payment and spread it over invoices: oldest first unless staff decide otherwise."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from billing.forms.payments import AllocationForm, PaymentForm
from billing.forms.refusals import refusals_on
from billing.models import Customer, Invoice, Payment
from billing.money import Money, MoneySum
from billing.rules.allocation import OpenInvoice, proposed
from billing.services import payments
from billing.views.places import done, to_change
from tenants.access import requires
from tenants.models import Role
from tenants.submissions import submitted_once

PAYABLE = ("SENT", "PARTIAL", "DRAFT")


@require_http_methods(["GET", "POST"])
@requires(Role.STAFF)
@submitted_once
def record(request: Any, organization: str) -> HttpResponse:
    """The form, and the payment it makes. The button "oldest first" only fills the form."""
    if request.method == "GET" or request.POST.get("step"):
        return _page(request, _proposal(request, request.POST or request.GET))
    form = PaymentForm(request.POST, organization=request.organization)
    parts = _typed_parts(request, request.POST)
    if form.is_valid() and parts.is_valid() and form.amount is not None:
        with refusals_on(form):
            payment = _record(request, form, parts)
            words = f"{payment.customer}'s payment is recorded."
            return done(request, words, "billing:payment", payment.pk)
    return _page(request, {"form": form, "parts": parts, **_left(form, parts)})


@require_POST
@requires(Role.STAFF)
def spread(request: Any, organization: str) -> HttpResponse:
    """The invoices with a proposal; with ``keep`` what was typed is only added up. Nothing is saved."""
    if request.POST.get("keep"):
        form = _quiet(request, request.POST)
        parts = _typed_parts(request, request.POST)
        return render(request, "billing/payment_left.html", _left(form, parts))
    return render(request, "billing/payment_spread.html", _proposal(request, request.POST))


@require_http_methods(["GET", "POST"])
@requires(Role.STAFF)
@submitted_once
def apply(request: Any, organization: str, payment_id: UUID) -> HttpResponse:
    """Spreads a recorded payment anew."""
    payment = to_change(request, Payment.objects.select_related("customer"), payment_id)
    current = {each.invoice_id: each for each in payment.allocations.select_related("invoice")}
    invoices = [
        *(each.invoice for each in current.values()),
        *offered(payment.customer, request.POST).exclude(pk__in=current),
    ]
    initial = {
        str(key): _typed(Money(each.amount_minor, payment.currency))
        for key, each in current.items()
    }
    form = forms.Form(request.POST or None)
    parts = AllocationForm(
        request.POST or None,
        invoices=invoices,
        currency=payment.currency,
        initial=initial,
        changing=payment,
    )
    if request.method == "POST" and parts.is_valid():
        with refusals_on(form):
            payments.reallocate(payment=payment, allocations=parts.allocations, actor=request.user)
            return done(
                request, "The payment is applied as you said.", "billing:payment", payment.pk
            )
    return render(
        request, "billing/payment_apply.html", {"payment": payment, "form": form, "parts": parts}
    )


def _record(request: Any, form: PaymentForm, parts: AllocationForm) -> Payment:
    typed = form.cleaned_data
    assert form.amount is not None
    return payments.record(
        customer=typed["customer"],
        amount=form.amount,
        allocations=parts.allocations,
        received_on=typed["received_on"],
        method=typed["method"],
        reference=typed["reference"],
        memo=typed["memo"],
        actor=request.user,
    )


def _page(request: Any, context: dict[str, Any]) -> HttpResponse:
    return render(request, "billing/payment_form.html", context)


def _proposal(request: Any, typed: QueryDict) -> dict[str, Any]:
    """The form as typed and its amount spread over the customer's invoices, oldest due date first."""
    form = _quiet(request, typed)
    invoices = list(payable(_customer(typed)))
    amount = form.amount
    parts = proposed(amount, map(open_invoice, invoices)) if amount and amount.minor > 0 else {}
    initial = {str(key): _typed(part) for key, part in parts.items()}
    currency = _currency(request, _customer(typed))
    shown = AllocationForm(invoices=invoices, currency=currency, initial=initial)
    applied = Money.total(parts.values(), currency)
    left = amount - applied if amount else None
    return {"form": _unjudged(request, typed), "parts": shown, "applied": applied, "left": left}


def _quiet(request: Any, typed: QueryDict) -> PaymentForm:
    """The form cleaned as far as it goes."""
    form = PaymentForm(typed, organization=request.organization)
    form.is_valid()
    return form


def _unjudged(request: Any, typed: QueryDict) -> PaymentForm:
    """The form with what was typed, but without errors: nobody has pressed "Record" yet."""
    initial = {
        name: typed[name] for name in PaymentForm.base_fields.keys() | {"amount"} if name in typed
    }
    return PaymentForm(organization=request.organization, initial=initial)


def _typed_parts(request: Any, typed: QueryDict) -> AllocationForm:
    customer = _customer(typed)
    invoices = list(offered(customer, typed))
    return AllocationForm(typed, invoices=invoices, currency=_currency(request, customer))


def _left(form: PaymentForm, parts: AllocationForm) -> dict[str, Any]:
    """What is applied and what is left over, as far as it can be counted."""
    parts.is_valid()
    applied = MoneySum.total(parts.allocations.values(), parts.currency)
    left = MoneySum.total([form.amount, -applied], parts.currency) if form.amount else None
    return {"applied": applied, "left": left}


def _currency(request: Any, customer: Customer | None) -> str:
    return str((customer and customer.currency) or request.organization.currency)


def _customer(typed: QueryDict) -> Customer | None:
    try:
        key = UUID(typed.get("customer", ""))
    except ValueError:
        return None
    return Customer.objects.filter(pk=key).first()


def payable(customer: Customer | None) -> QuerySet[Invoice]:
    """What the customer can pay, oldest due date first."""
    return _in_order(_payable(customer))


def offered(customer: Customer | None, posted: Mapping[str, str]) -> QuerySet[Invoice]:
    """Likewise, with what an open page sends an amount for though it is paid or void by now: it is refused by name."""
    return _in_order(_payable(customer) | Q(pk__in=AllocationForm.named(posted)))


def _payable(customer: Customer | None) -> Q:
    return Q(customer=customer, status__in=PAYABLE, total_minor__gt=0)


def _in_order(wanted: Q) -> QuerySet[Invoice]:
    rows: QuerySet[Invoice] = Invoice.objects.filter(wanted)
    return rows.order_by("due_on", "number")


def open_invoice(invoice: Invoice) -> OpenInvoice:
    """What an invoice can still take."""
    return OpenInvoice(invoice.pk, invoice.number, invoice.due_on, invoice.balance)


def _typed(part: Money) -> str:
    return f"{part.amount:f}"
