"""Settings → Members: who belongs here, who is invited, and what each may do."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tenants import people
from tenants.access import requires
from tenants.forms import InvitationForm, RoleForm
from tenants.letters import send_invitation
from tenants.models import Invitation, Membership, Role
from tenants.people import NotPossible
from tenants.scope import within
from tenants.submissions import token_of


@require_GET
@requires(Role.READ_ONLY)
def members(request: Any, organization: str) -> HttpResponse:
    """Owners and admins change it, everybody sees it."""
    return render(request, "tenants/members.html", _page(request))


@require_POST
@requires(Role.ADMIN, transaction=False)
def invite(request: Any, organization: str) -> HttpResponse:
    """Invites by mail. The answer is the only page that ever shows the link."""
    form = InvitationForm(request.POST, most=Role(request.membership.role))
    if not form.is_valid():
        with within(request.organization):
            return render(request, "tenants/members.html", _page(request, form=form))
    try:
        with within(request.organization):
            invited = people.invite(
                email=form.cleaned_data["email"],
                role=Role(form.cleaned_data["role"]),
                by=request.membership,
                form=token_of(request.POST),
            )
    except NotPossible as refusal:
        return _back(request, refusal)
    link = f"{settings.BASE_URL}{reverse('tenants:invitation', args=[invited.token])}"
    context: dict[str, Any] = {"link": link, "invited": invited}
    if invited.is_new:
        context["is_mailed"] = send_invitation(invited.invitation, request.organization, link)
    with within(request.organization):
        return render(request, "tenants/members.html", {**_page(request), **context})


@require_POST
@requires(Role.ADMIN)
def withdraw(request: Any, organization: str, invitation_id: UUID) -> HttpResponse:
    """The link of this invitation works no more."""
    invitation = get_object_or_404(Invitation, pk=invitation_id)
    try:
        people.withdraw(invitation, by=request.membership)
    except NotPossible as refusal:
        return _back(request, refusal)
    messages.success(request, f"The invitation of {invitation.email} is withdrawn.")
    return _back(request)


@require_POST
@requires(Role.ADMIN)
def change_role(request: Any, organization: str, membership_id: UUID) -> HttpResponse:
    """Gives a member another role."""
    place = _member(request, membership_id)
    form = RoleForm(request.POST)
    if not form.is_valid():
        return _back(request, NotPossible("Choose one of the roles."))
    try:
        people.change_role(place, Role(form.cleaned_data["role"]), by=request.membership)
    except NotPossible as refusal:
        return _back(request, refusal)
    messages.success(request, f"{place.user} is {place.get_role_display()} now.")
    return _back(request)


@require_http_methods(["GET", "POST"])
@requires(Role.ADMIN)
def remove(request: Any, organization: str, membership_id: UUID) -> HttpResponse:
    """Asks first, saying what ends; then takes the place away."""
    place = _member(request, membership_id)
    if request.method == "GET":
        return render(request, "tenants/remove_member.html", {"member": place})
    try:
        people.remove(place, by=request.membership)
    except NotPossible as refusal:
        return _back(request, refusal)
    messages.success(request, f"{place.user} is removed from {request.organization.name}.")
    if place.user_id == request.user.pk:
        return redirect(reverse("tenants:home"))
    return _back(request)


def _member(request: Any, membership_id: UUID) -> Membership:
    return get_object_or_404(people.members(), pk=membership_id)


def _page(request: Any, form: InvitationForm | None = None) -> dict[str, Any]:
    may_change = request.membership.allows(Role.ADMIN)
    most = Role(request.membership.role)
    return {
        "members": people.members(),
        "may_change": may_change,
        "removable": people.removable(by=request.membership) if may_change else set(),
        "roles": [role for role in Role if most.allows(role)],
        "invitations": people.open_invitations().order_by("email") if may_change else [],
        "form": form or InvitationForm(most=most),
    }


def _back(request: Any, refusal: NotPossible | None = None) -> HttpResponse:
    if refusal is not None:
        messages.error(request, str(refusal))
    return redirect(reverse("tenants:members", args=[request.organization.slug]))
