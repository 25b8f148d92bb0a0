"""Recurring agreements: the list, the page of one with its next invoice, adding, changing, billing by hand."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from billing.errors import BillingError
from billing.forms.agreements import (
    ADVANCE,
    PREFIX,
    AgreementEditForm,
    AgreementForm,
    AgreementLineFormSet,
    PriceForm,
    QuantityForm,
)
from billing.forms.refusals import refusals_on
from billing.models import Agreement
from billing.money import Money
from billing.rules.agreements import Interval, Plan
from billing.services import agreement_bill
from billing.services import agreements as service
from billing.services.agreements import LineWish, Next
from billing.views.history import history_of
from billing.views.places import done, found, to, to_change
from tenants.access import requires
from tenants.models import Role
from tenants.submissions import submitted_once


@require_GET
@requires(Role.READ_ONLY)
def agreements(request: Any, organization: str) -> HttpResponse:
    """All of them, what is billed next first."""
    rows = Agreement.objects.select_related("customer").order_by("next_on", "name")
    return render(request, "billing/agreements.html", {"agreements": rows})


@require_http_methods(["GET", "POST"])
@requires(Role.STAFF)
@submitted_once
def new(request: Any, organization: str) -> HttpResponse:
    """Makes an agreement; the timetable bills what is due."""
    customer = {"customer": request.GET.get("customer")}
    form = AgreementForm(request.POST or None, organization=request.organization, initial=customer)
    lines = AgreementLineFormSet(request.POST or None, prefix=PREFIX)
    if request.method == "POST" and form.is_valid() and lines.is_valid():
        with refusals_on(form):
            made = service.create(
                plan=_plan(form.cleaned_data),
                lines=[_wish(line) for line in lines.filled],
                actor=request.user,
                **_head(form.cleaned_data, "customer", "name", "terms", "prorated"),
            )
            return done(request, f"{made.name} is made.", "billing:agreement", made.pk)
    return render(request, "billing/agreement_form.html", {"form": form, "lines": lines})


@require_GET
@requires(Role.READ_ONLY)
def agreement(request: Any, organization: str, agreement_id: UUID) -> HttpResponse:
    """Its lines, the next invoice as it would be now, what was billed."""
    return _page(request, _found(agreement_id))


@require_http_methods(["GET", "POST"])
@requires(Role.STAFF)
@submitted_once
def edit(request: Any, organization: str, agreement_id: UUID) -> HttpResponse:
    """Changes name, end, terms and destinations."""
    row = to_change(request, _rows(), agreement_id)
    initial = {
        "name": row.name,
        "ends_on": row.ends_on,
        "terms": row.terms_id,
        "destinations": row.destinations,
    }
    form = AgreementEditForm(
        request.POST or None, organization=request.organization, initial=initial, changing=row
    )
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            changed = service.change(agreement=row, actor=request.user, **form.changes)
            return done(request, f"{changed.name} is saved.", "billing:agreement", row.pk)
    return render(request, "billing/agreement_edit.html", {"form": form, "agreement": row})


@require_POST
@requires(Role.STAFF)
@submitted_once
def quantity(request: Any, organization: str, agreement_id: UUID) -> HttpResponse:
    """From a day on there are so many."""
    row = _found(agreement_id)
    form = QuantityForm(request.POST, agreement=row, organization=request.organization)
    if form.is_valid():
        with refusals_on(form):
            service.set_quantity(actor=request.user, **form.cleaned_data)
            return done(request, "The quantity is noted.", "billing:agreement", row.pk)
    return _page(request, row, form)


@require_POST
@requires(Role.STAFF)
@submitted_once
def price(request: Any, organization: str, agreement_id: UUID) -> HttpResponse:
    """From a period on a line costs so much."""
    row = _found(agreement_id)
    form = PriceForm(request.POST, agreement=row, organization=request.organization)
    if form.is_valid():
        with refusals_on(form):
            service.set_price(
                line=form.cleaned_data["priced_line"],
                effective_on=form.cleaned_data["priced_from"],
                unit_price=form.cleaned_data["unit_price"],
                actor=request.user,
            )
            return done(request, "The price is noted.", "billing:agreement", row.pk)
    return _page(request, row, price_form=form)


@require_POST
@requires(Role.STAFF)
@submitted_once
def bill_again(request: Any, organization: str, agreement_id: UUID) -> HttpResponse:
    """Another invoice in the place of a void one."""
    row = _found(agreement_id)
    with _refusals_said(request):
        invoice = service.bill_again(agreement=row, first=_first(request), actor=request.user)
        return done(request, f"{invoice.number} is generated.", "billing:invoice", invoice.pk)
    return to(request, "billing:agreement", row.pk)


@require_POST
@requires(Role.STAFF)
@submitted_once
def bill(request: Any, organization: str, agreement_id: UUID) -> HttpResponse:
    """The invoice of the period that the page showed."""
    row = _found(agreement_id)
    with _refusals_said(request):
        invoice = service.bill(agreement=row, first=_first(request), actor=request.user)
        if invoice is not None:
            return done(request, f"{invoice.number} is generated.", "billing:invoice", invoice.pk)
        messages.info(request, "There was nothing to bill in this period.")
    return to(request, "billing:agreement", row.pk)


@require_POST
@requires(Role.STAFF)
@submitted_once
def credit(request: Any, organization: str, agreement_id: UUID) -> HttpResponse:
    """The credit memo over what was billed too much, as the page showed it."""
    row = _found(agreement_id)
    with _refusals_said(request):
        memo = service.credit(agreement=row, first=_first(request), actor=request.user)
        return done(request, f"{memo.number} is issued.", "billing:credit_memo", memo.pk)
    return to(request, "billing:agreement", row.pk)


def _first(request: Any) -> date:
    """The day that the page asks by. Raises `ValueError` for what is no day."""
    return date.fromisoformat(request.POST.get("first", ""))


@contextmanager
def _refusals_said(request: Any) -> Iterator[None]:
    """What cannot be done is said on the agreement's page."""
    try:
        yield
    except ValueError:
        messages.error(request, "Choose the period from the page again.")
    except BillingError as refusal:
        messages.error(request, str(refusal))


def _found(agreement_id: UUID) -> Agreement:
    return found(_rows(), agreement_id)


def _rows() -> QuerySet[Agreement]:
    rows: QuerySet[Agreement] = Agreement.objects.select_related("customer", "terms")
    return rows


def _page(
    request: Any,
    row: Agreement,
    form: QuantityForm | None = None,
    price_form: PriceForm | None = None,
) -> HttpResponse:
    coming, nothing = _coming(row)
    lines = row.lines.prefetch_related("quantities", "prices").select_related("service")
    context = {
        "agreement": row,
        "lines": lines,
        "coming": coming,
        "nothing": nothing,
        "too_early": service.too_early(row, coming) if coming else "",
        "total": _total(row, coming, service.currency_of(row)),
        "billed": row.billed.select_related("invoice").order_by("-first"),
        "history": history_of(row),
        "form": form or QuantityForm(agreement=row, organization=request.organization),
        "price_form": price_form or PriceForm(agreement=row, organization=request.organization),
    }
    return render(request, "billing/agreement.html", context)


def _coming(row: Agreement) -> tuple[Next | None, str]:
    """The next invoice, else why there is none: a line may come to more than one can bear."""
    try:
        return service.upcoming(row), "All of it is billed."
    except BillingError as refusal:
        return None, str(refusal)


def _total(row: Agreement, coming: Next | None, currency: str) -> Money | None:
    """With tax at the customer's rate of now; None where the lines make no invoice, as below zero."""
    if coming is None or not coming.parts:
        return None
    try:
        return agreement_bill.total_of(row, coming.parts, currency)
    except BillingError:
        return None


def _plan(cleaned: Mapping[str, Any]) -> Plan:
    return Plan(
        cleaned["starts_on"],
        cleaned["ends_on"],
        Interval(cleaned["interval"]),
        cleaned["billing_day"],
        cleaned["when"] == ADVANCE,
    )


def _head(cleaned: Mapping[str, Any], *names: str) -> dict[str, Any]:
    chosen = {name: cleaned[name] for name in names}
    return {**chosen, "destinations": frozenset(cleaned["destinations"])}


def _wish(line: Mapping[str, Any]) -> LineWish:
    sold = line["service"]
    return LineWish(
        kind=line["kind"],
        description=line["description"] or sold.name,
        unit_price=line["unit_price"],
        quantity=line["quantity"],
        taxable=line["taxable"],
        service=sold,
    )
