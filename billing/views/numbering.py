"""How invoices are numbered, below the settings."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from billing.forms.numbering import COLUMNS, NumberingForm
from billing.forms.refusals import refusals_on
from billing.services import numbering as service
from billing.views.places import done
from tenants.access import requires
from tenants.models import Role


@require_GET
@requires(Role.READ_ONLY)
def numbering(request: Any, organization: str) -> HttpResponse:
    """The next number."""
    return render(request, "billing/numbering.html", {"sequence": service.sequence()})


@require_http_methods(["GET", "POST"])
@requires(Role.ADMIN)
def edit(request: Any, organization: str) -> HttpResponse:
    """Chooses how the next numbers look; those that were given out stay as they are."""
    if request.method == "POST":
        service.hold()
    form = NumberingForm(request.POST or None, sequence=service.sequence())
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            look = {COLUMNS[name]: value for name, value in form.changes.items()}
            chosen = service.configure(actor=request.user, **look)
            return done(request, f"The next invoice is {chosen}.", "billing:numbering")
    return render(request, "billing/numbering_form.html", {"form": form})
