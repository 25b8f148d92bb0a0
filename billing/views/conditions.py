"""Payment terms, tax regions, locations and ledger accounts, below the settings."""

from typing import Any
from uuid import UUID

from django.forms import model_to_dict
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from billing.forms.catalogue import LedgerAccountForm, LocationForm, TaxRegionForm, TermForm
from billing.forms.refusals import refusals_on
from billing.models import LedgerAccount, Location, TaxRegion, Term
from billing.services import catalogue as service
from billing.views.places import done, found
from tenants.access import requires
from tenants.models import Role
from tenants.submissions import submitted_once


@require_GET
@requires(Role.READ_ONLY)
def terms(request: Any, organization: str) -> HttpResponse:
    """When invoices are due."""
    return render(
        request, "billing/terms.html", {"terms": Term.objects.order_by("due_days", "name")}
    )


@require_http_methods(["GET", "POST"])
@requires(Role.ADMIN)
@submitted_once
def new_term(request: Any, organization: str) -> HttpResponse:
    """Adds payment terms."""
    form = TermForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            term = service.create_term(actor=request.user, **form.cleaned_data)
            return done(request, f"{term.name} is added.", "billing:terms")
    return render(request, "billing/term_form.html", {"form": form})


@require_GET
@requires(Role.READ_ONLY)
def tax_regions(request: Any, organization: str) -> HttpResponse:
    """Where customers are taxed, and how much."""
    regions = TaxRegion.objects.order_by("name")
    return render(request, "billing/tax_regions.html", {"regions": regions})


@require_http_methods(["GET", "POST"])
@requires(Role.ADMIN)
@submitted_once
def new_tax_region(request: Any, organization: str) -> HttpResponse:
    """Adds a tax region."""
    form = TaxRegionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            region = service.create_tax_region(actor=request.user, **form.cleaned_data)
            return done(request, f"{region.name} is added.", "billing:tax_regions")
    return render(request, "billing/tax_region_form.html", {"form": form})


@require_GET
@requires(Role.READ_ONLY)
def locations(request: Any, organization: str) -> HttpResponse:
    """Where the organization works from."""
    places = Location.objects.order_by("name")
    return render(request, "billing/locations.html", {"locations": places})


@require_http_methods(["GET", "POST"])
@requires(Role.ADMIN)
@submitted_once
def new_location(request: Any, organization: str) -> HttpResponse:
    """Adds a location."""
    form = LocationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            location = service.create_location(actor=request.user, **form.cleaned_data)
            return done(request, f"{location.name} is added.", "billing:locations")
    return render(request, "billing/location_form.html", {"form": form})


@require_GET
@requires(Role.READ_ONLY)
def ledger_accounts(request: Any, organization: str) -> HttpResponse:
    """The organization's own chart of accounts."""
    accounts = LedgerAccount.objects.order_by("code")
    return render(request, "billing/ledger_accounts.html", {"accounts": accounts})


@require_http_methods(["GET", "POST"])
@requires(Role.ADMIN)
@submitted_once
def new_ledger_account(request: Any, organization: str) -> HttpResponse:
    """Adds a ledger account."""
    form = LedgerAccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            account = service.create_ledger_account(actor=request.user, **form.cleaned_data)
            return done(request, f"{account} is added.", "billing:ledger_accounts")
    return render(request, "billing/ledger_account_form.html", {"form": form})


@require_http_methods(["GET", "POST"])
@requires(Role.ADMIN)
def ledger_account(request: Any, organization: str, account_id: UUID) -> HttpResponse:
    """Changes a ledger account, or makes it the default one (``default``)."""
    row = found(LedgerAccount.objects.all(), account_id)
    if "default" in request.POST:
        service.update_ledger_account(account=row, actor=request.user, is_default=True)
        words = f"{row} is the account of services and lines that name none."
        return done(request, words, "billing:ledger_accounts")
    form = LedgerAccountForm(request.POST or None, initial=model_to_dict(row))
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            changed = service.update_ledger_account(
                account=row, actor=request.user, **form.cleaned_data
            )
            return done(request, f"{changed} is saved.", "billing:ledger_accounts")
    return render(request, "billing/ledger_account_form.html", {"form": form, "account": row})
