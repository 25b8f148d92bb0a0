"""The keys of an organization's own Intuit app: owners and admins only."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from integrations import credentials, gateway
from integrations.credentials import CredentialsRefused
from integrations.credentials_form import CredentialsForm
from integrations.models import own_app, policies_in_force
from integrations.policies import OAuthApp
from integrations.views.places import refused, to
from tenants.access import requires
from tenants.models import Role


@require_POST
@requires(Role.ADMIN)
def save(request: Any, organization: str) -> HttpResponse:
    """Stores what was typed, and says what is still missing."""
    form = CredentialsForm(request.POST)
    if not form.is_valid():
        return refused(request, request.organization, f"Nothing was saved. {form.words()}")
    try:
        app = credentials.save(form.keys(), kept_by=form.cleaned_data["kept_by"], user=request.user)
    except CredentialsRefused as refusal:
        return refused(request, request.organization, f"Nothing was saved. {refusal}")
    rest = (
        "" if app.is_ready else " The client ID and the client secret are both needed to connect."
    )
    messages.success(request, f"The QuickBooks credentials are saved.{rest}")
    return to(request.organization, "integrations:quickbooks")


@require_http_methods(["GET", "POST"])
@requires(Role.ADMIN)
def remove(request: Any, organization: str) -> HttpResponse:
    """Asks first; then forgets the keys, unless a company is connected through them."""
    app = own_app()
    if app is None:
        return to(request.organization, "integrations:quickbooks")
    if request.method == "GET":
        company = credentials.connected_through(app)
        return render(request, "integrations/remove_credentials.html", {"company": company})
    try:
        credentials.remove(user=request.user)
    except CredentialsRefused as refusal:
        return refused(request, request.organization, f"Nothing was removed. {refusal}")
    messages.success(request, "The QuickBooks credentials are removed.")
    return to(request.organization, "integrations:quickbooks")


def card() -> dict[str, Any]:
    """What the page says about the app that companies are connected through."""
    app = own_app()
    return {
        "has_own_app": policies_in_force().oauth_app is OAuthApp.TENANT,
        "own_app": app,
        "webhook_address": gateway.webhook_address(app) if app else "",
        "stored": {name: app.keeps(name) for name in credentials.KEYS} if app else {},
        "credentials_form": CredentialsForm(initial={"kept_by": app.kept_by if app else ""}),
        "redirect_uri": gateway.redirect_uri(),
        "scope": gateway.SCOPE,
    }
