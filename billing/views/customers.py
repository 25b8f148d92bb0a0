"""Customers: the list, the page of one, adding, editing and putting away."""

from typing import Any
from uuid import UUID

from django.db.models import Case, Count, F, Q, QuerySet, Sum, Value, When
from django.forms import model_to_dict
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from billing import customer_parts
from billing.customer_parts import Part
from billing.forms.customers import CustomerForm
from billing.forms.filters import CustomerFilter, concerning
from billing.forms.refusals import refusals_on
from billing.models import Customer, Payment, TimeEntry
from billing.money import MoneySum
from billing.services import customers as service
from billing.views.history import history_of
from billing.views.invoices import all_invoices
from billing.views.listing import Column, Listing, csv_file
from billing.views.places import done, found, to_change
from billing.views.work import worth
from tenants.access import requires
from tenants.models import Role, User
from tenants.submissions import submitted_once

SORTS = {"name": ("name",), "email": ("email", "name"), "balance": ("open_minor", "name")}
UNPAID = Q(invoices__status__in=("SENT", "PARTIAL"))
SHOWN = 10

FILE: list[Column] = [
    ("Name", lambda each: each.name),
    ("Contact", lambda each: each.contact_name),
    ("E-mail", lambda each: each.email),
    ("Phone", lambda each: each.phone),
    ("Street", lambda each: each.line1),
    ("Street 2", lambda each: each.line2),
    ("City", lambda each: each.city),
    ("Region", lambda each: each.region),
    ("Postal code", lambda each: each.postal_code),
    ("Country", lambda each: each.country),
    ("Terms", lambda each: str(each.terms or "")),
    ("Tax region", lambda each: str(each.tax_region or "")),
    ("Currency", lambda each: each.currency),
    ("Source", lambda each: each.get_source_display()),
]

TABS = (("archived", "Archived"), ("all", "All"))


def with_balance(currency: str) -> QuerySet[Customer]:
    """Customers with what they owe, in minor units of their currency, which is this one unless they have their own."""
    own = Case(When(currency="", then=Value(currency)), default=F("currency"))
    unpaid = UNPAID & Q(invoices__currency=own)
    left = F("invoices__total_minor") - F("invoices__applied_minor")
    rows: QuerySet[Customer] = Customer.objects.select_related("terms", "tax_region").annotate(
        open_minor=Sum(left, filter=unpaid, default=0), open_count=Count("invoices", filter=unpaid)
    )
    return rows


@require_GET
@requires(Role.READ_ONLY)
def customers(request: Any, organization: str) -> HttpResponseBase:
    """All customers; archived ones on request."""
    currency = request.organization.currency
    filterset = CustomerFilter(request.GET, queryset=with_balance(currency), request=request)
    listing = Listing(request, filterset, sorts=SORTS, default="name")
    if listing.wants_file:
        return csv_file("customers", FILE, listing.rows)
    for row in listing.page:
        row.open_balance = MoneySum(row.open_minor, row.currency or currency)
    tabs = listing.tabs("status", TABS, {})
    tabs[0]["label"] = "Active"
    return render(request, "billing/customers.html", {"listing": listing, "tabs": tabs})


@require_GET
@requires(Role.READ_ONLY)
def customer(request: Any, organization: str, customer_id: UUID) -> HttpResponse:
    """Who they are, what they owe, what they were billed and what is not billed yet."""
    currency = request.organization.currency
    customer = found(with_balance(currency), customer_id)
    payments = Payment.objects.filter(concerning(customer)).select_related("customer")
    unbilled = TimeEntry.objects.filter(customer=customer, invoice_line=None)
    context = {
        "customer": customer,
        "open_balance": MoneySum(customer.open_minor, customer.currency or currency),  # type: ignore[attr-defined]
        "invoices": all_invoices()
        .filter(customer=customer, archived_at=None)
        .order_by("-issued_on", "-number")[:SHOWN],
        "payments": payments.order_by("-received_on", "-created_at")[:SHOWN],
        "unbilled": unbilled.select_related("service").order_by("-worked_on")[:SHOWN],
        "unbilled_worth": worth(unbilled),
        "history": history_of(customer),
    }
    return render(request, "billing/customer.html", context)


@require_http_methods(["GET", "POST"])
@requires(Role.STAFF)
@submitted_once
def create(request: Any, organization: str) -> HttpResponse:
    """Adds a customer."""
    form = CustomerForm(request.POST or None, initial={"country": request.organization.country})
    parts = customer_parts.parts(request.POST or None, None)
    if request.method == "POST" and _are_valid(form, parts):
        with refusals_on(form):
            customer = service.create(actor=request.user, **form.cleaned_data)
            _keep(parts, customer, request.user)
            return done(request, f"{customer.name} is added.", "billing:customer", customer.pk)
    return render(request, "billing/customer_form.html", {"form": form, "parts": parts})


@require_http_methods(["GET", "POST"])
@requires(Role.STAFF)
def edit(request: Any, organization: str, customer_id: UUID) -> HttpResponse:
    """Changes what is known of a customer."""
    customer = to_change(request, Customer.objects.all(), customer_id)
    form = CustomerForm(request.POST or None, initial=_known(customer), changing=customer)
    parts = customer_parts.parts(request.POST or None, customer)
    if request.method == "POST" and _are_valid(form, parts):
        with refusals_on(form):
            changed = service.update(customer=customer, actor=request.user, **form.changes)
            _keep(parts, changed, request.user)
            return done(request, f"{changed.name} is saved.", "billing:customer", changed.pk)
    context = {"form": form, "customer": customer, "parts": parts}
    return render(request, "billing/customer_form.html", context)


def _known(customer: Customer) -> dict[str, Any]:
    parent = customer.parent
    return {**model_to_dict(customer), "parent": parent.name if parent else ""}


def _are_valid(form: CustomerForm, parts: list[Part]) -> bool:
    """Each is asked, so that all that is wrong is said at once."""
    return all([form.is_valid(), *(part.is_valid() for part in parts)])


def _keep(parts: list[Part], customer: Customer, actor: User) -> None:
    for part in parts:
        part.keep(customer, actor=actor)


@require_POST
@requires(Role.STAFF)
def archive(request: Any, organization: str, customer_id: UUID) -> HttpResponse:
    """Puts the customer away, or takes it back when it is away already (``back``)."""
    customer = found(Customer.objects.all(), customer_id)
    if request.POST.get("back"):
        service.restore(customer=customer, actor=request.user)
        return done(request, f"{customer.name} is back.", "billing:customer", customer.pk)
    service.archive(customer=customer, actor=request.user)
    return done(request, f"{customer.name} is archived.", "billing:customer", customer.pk)
