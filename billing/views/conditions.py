"""Payment terms, tax regions, locations and ledger accounts, below the settings."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.forms import ModelForm, model_to_dict
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from billing.forms.catalogue import LedgerAccountForm, LocationForm, TaxRegionForm, TermForm
from billing.forms.refusals import refusals_on
from billing.models import LedgerAccount, Location, TaxRegion, Term
from billing.services import catalogue as service
from billing.views.places import done, to_change
from tenants.access import requires
from tenants.models import Role
from tenants.submissions import submitted_once


@dataclass(frozen=True)
class Condition:
    """One kind of them: a page that lists all, and a form with which admins add one."""

    title: str
    page: str
    template: str
    model: Any
    order: tuple[str, ...]
    adding: str
    new_page: str
    form: type[ModelForm]
    add: Callable[..., Model]


TERMS = Condition(
    title="Payment terms",
    page="billing:terms",
    template="billing/terms.html",
    model=Term,
    order=("due_days", "name"),
    adding="Add terms",
    new_page="billing:term_new",
    form=TermForm,
    add=service.create_term,
)
TAX_REGIONS = Condition(
    title="Tax regions",
    page="billing:tax_regions",
    template="billing/tax_regions.html",
    model=TaxRegion,
    order=("name",),
    adding="Add region",
    new_page="billing:tax_region_new",
    form=TaxRegionForm,
    add=service.create_tax_region,
)
LOCATIONS = Condition(
    title="Locations",
    page="billing:locations",
    template="billing/locations.html",
    model=Location,
    order=("name",),
    adding="Add location",
    new_page="billing:location_new",
    form=LocationForm,
    add=service.create_location,
)
LEDGER_ACCOUNTS = Condition(
    title="Ledger accounts",
    page="billing:ledger_accounts",
    template="billing/ledger_accounts.html",
    model=LedgerAccount,
    order=("code",),
    adding="Add account",
    new_page="billing:ledger_account_new",
    form=LedgerAccountForm,
    add=service.create_ledger_account,
)


@require_GET
@requires(Role.READ_ONLY)
def conditions(request: Any, organization: str, condition: Condition) -> HttpResponse:
    """All of one kind."""
    rows = condition.model.objects.order_by(*condition.order)
    return render(request, condition.template, {"condition": condition, "rows": rows})


@require_http_methods(["GET", "POST"])
@requires(Role.ADMIN)
@submitted_once
def new(request: Any, organization: str, condition: Condition) -> HttpResponse:
    """Adds one."""
    form = condition.form(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            row = condition.add(actor=request.user, **form.cleaned_data)
            return done(request, f"{row} is added.", condition.page)
    return render(request, "billing/condition_form.html", {"condition": condition, "form": form})


@require_http_methods(["GET", "POST"])
@requires(Role.ADMIN)
def ledger_account(request: Any, organization: str, account_id: UUID) -> HttpResponse:
    """Changes a ledger account, or makes it the default one (``default``)."""
    row = to_change(request, LedgerAccount.objects.all(), account_id)
    if "default" in request.POST:
        service.update_ledger_account(account=row, actor=request.user, is_default=True)
        words = f"{row} is the account of services and lines that name none."
        return done(request, words, "billing:ledger_accounts")
    form = LedgerAccountForm(request.POST or None, initial=model_to_dict(row), changing=row)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            changed = service.update_ledger_account(account=row, actor=request.user, **form.changes)
            return done(request, f"{changed} is saved.", "billing:ledger_accounts")
    context = {"form": form, "account": row, "condition": LEDGER_ACCOUNTS}
    return render(request, "billing/ledger_account_form.html", context)
