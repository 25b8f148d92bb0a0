"""What the organization sells."""

from typing import Any
from uuid import UUID

from django.forms import model_to_dict
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from billing.forms.catalogue import ServiceForm
from billing.forms.filters import ServiceFilter
from billing.forms.refusals import refusals_on
from billing.models import Service
from billing.services import bundles
from billing.services import catalogue as service
from billing.views.listing import Column, Listing, csv_file
from billing.views.places import done, to_change
from tenants.access import requires
from tenants.models import Role
from tenants.submissions import submitted_once

SORTS = {"name": ("name",), "price": ("unit_price", "name")}

FILE: list[Column] = [
    ("Name", lambda each: each.name),
    ("Description", lambda each: each.description),
    ("Price", lambda each: each.unit_price),
    ("Taxable", lambda each: "yes" if each.taxable else "no"),
    ("Ledger account", lambda each: str(each.ledger_account or "")),
    ("Active", lambda each: "yes" if each.active else "no"),
]


@require_GET
@requires(Role.READ_ONLY)
def catalogue(request: Any, organization: str) -> HttpResponseBase:
    """All services; retired ones on request."""
    rows = Service.objects.select_related("ledger_account")
    filterset = ServiceFilter(request.GET, queryset=rows, request=request)
    listing = Listing(request, filterset, sorts=SORTS, default="name")
    if listing.wants_file:
        return csv_file("catalogue", FILE, listing.rows)
    return render(request, "billing/catalogue.html", {"listing": listing})


@require_http_methods(["GET", "POST"])
@requires(Role.STAFF)
@submitted_once
def create(request: Any, organization: str) -> HttpResponse:
    """Adds a service."""
    form = ServiceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            parts = form.cleaned_data.pop("parts")
            added = service.create_service(actor=request.user, **form.cleaned_data)
            bundles.set_parts(service=added, text=parts, actor=request.user)
            return done(request, f"{added.name} is in the catalogue.", "billing:catalogue")
    return render(request, "billing/service_form.html", {"form": form})


@require_http_methods(["GET", "POST"])
@requires(Role.STAFF)
def edit(request: Any, organization: str, service_id: UUID) -> HttpResponse:
    """Changes a service, or retires it and brings it back (``active``)."""
    row = to_change(request, Service.objects.all(), service_id)
    if "active" in request.POST:
        return _retire(request, row, active=request.POST["active"] == "yes")
    known = {**model_to_dict(row), "parts": bundles.parts_text(row)}
    form = ServiceForm(request.POST or None, initial=known, changing=row)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            changes = form.changes
            parts = changes.pop("parts", None)
            service.update_service(service=row, actor=request.user, **changes)
            if parts is not None:
                bundles.set_parts(service=row, text=parts, actor=request.user)
            return done(request, f"{form.cleaned_data['name']} is saved.", "billing:catalogue")
    return render(request, "billing/service_form.html", {"form": form, "service": row})


def _retire(request: Any, row: Service, *, active: bool) -> HttpResponse:
    service.update_service(service=row, actor=request.user, active=active)
    words = "is sold again." if active else "is retired. Invoices that have it keep it."
    return done(request, f"{row.name} {words}", "billing:catalogue")
