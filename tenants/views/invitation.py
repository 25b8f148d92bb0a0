"""Where the link of an invitation leads: works without a log-in, once, for the address that was invited."""

from typing import Any
from uuid import UUID

from django.contrib.auth import login
from django.db import IntegrityError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from regentra import clock
from tenants import people
from tenants.forms import JoinForm
from tenants.models import Invitation, Organization, User
from tenants.people import NotPossible
from tenants.scope import within

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@require_http_methods(["GET", "POST"])
def invitation(request: Any, token: str) -> HttpResponse:
    """Says who invites to what; a press joins. People without an account choose a password on the way."""
    found = _found(token)
    if found is None:
        return render(request, "tenants/invitation_over.html", status=404)
    organization, invited = found
    known = User.objects.filter(email__iexact=invited.email).first()
    form = None if known else JoinForm(request.POST or None, email=invited.email)
    context = {"organization": organization, "invitation": invited, "known": known, "form": form}
    if request.method == "GET":
        return render(request, "tenants/invitation.html", context)
    if known is not None and known != request.user:
        return render(request, "tenants/invitation.html", context, status=403)
    if form is not None and not form.is_valid():
        return render(request, "tenants/invitation.html", context)
    return _join(request, organization, invited, form)


def _join(
    request: Any, organization: Organization, invited: Invitation, form: JoinForm | None
) -> HttpResponse:
    """The account and the place are made together or not at all."""
    try:
        with within(organization):
            person = form.make() if form else request.user
            people.accept(invited, user=person)
    except (NotPossible, IntegrityError):
        # Pressed twice: the other press has joined, and the link is used.
        return render(request, "tenants/invitation_over.html", status=404)
    if form is not None:
        login(request, person, backend=BACKEND)
    return redirect(reverse("billing:overview", args=[organization.slug]))


def _found(token: str) -> tuple[Organization, Invitation] | None:
    place = people.invitation_of(token)
    if place is None:
        return None
    organization_id, invitation_id = place
    with within(organization_id):
        invited = _usable(invitation_id)
    return (Organization.objects.get(pk=organization_id), invited) if invited else None


def _usable(invitation_id: UUID) -> Invitation | None:
    usable = people.open_invitations().filter(pk=invitation_id, expires_at__gt=clock.now())
    return usable.select_related("invited_by").first()
