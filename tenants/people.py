"""Who belongs to an organization: invited, given another role, removed. Runs inside ``within()``.

Nobody gives a role above their own or touches somebody above them, and an organization always keeps an owner.
"""

from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from regentra import clock
from tenants import audit
from tenants.models import (
    Invitation,
    Membership,
    Organization,
    Role,
    Route,
    Submission,
    User,
)
from tenants.scope import current_organization_id

# The kind of `Route` that leads from the token of a link to its invitation.
ROUTE = "invitation"
LIFETIME = timedelta(days=7)


class NotPossible(Exception):
    """Nothing was changed. The message is for the person who tried."""


class Invited(NamedTuple):
    """An invitation, the token of its link, and whether the form that asks for it was sent for the first time."""

    invitation: Invitation
    token: str
    is_new: bool


def invite(*, email: str, role: Role, by: Membership, form: UUID) -> Invited:
    """A new invitation and the token of its link, which is kept nowhere. One before to the same address is withdrawn.

    The same form sent again is answered with what it made. Raises `NotPossible`.
    """
    _lock()
    _refuse_stranger(by)
    _refuse_above(by, role)
    address = email.strip().lower()
    if members().filter(user__email__iexact=address).exists():
        raise NotPossible(f"{address} is a member already.")
    token = _token_of(form, address, role, by)
    if Submission.objects.filter(token=form).exists():
        return Invited(_made_with(token), token, is_new=False)
    for former in open_invitations().filter(email=address):
        withdraw(former, by=by)
    made = Invitation.objects.create(
        email=address, role=role, invited_by=by.user, expires_at=clock.now() + LIFETIME
    )
    Route.objects.create(
        kind=ROUTE,
        key_hash=Route.hash_of(token),
        organization_id=current_organization_id(),
        object_id=made.id,
    )
    Submission.objects.create(token=form, user=by.user, digest=Route.hash_of(token))
    _note("invited", by.user, made, email=address, role=role)
    return Invited(made, token, is_new=True)


def withdraw(invitation: Invitation, *, by: Membership) -> None:
    """The link works no more. Nothing happens to one that was used or withdrawn before. Raises `NotPossible`."""
    if invitation.is_open:
        _refuse_above(by, Role(invitation.role))
        _withdraw(invitation, by)


def accept(invitation: Invitation, *, user: User) -> Membership:
    """Makes the invited person a member, once. Raises `NotPossible`."""
    now = clock.now()
    usable = open_invitations().filter(pk=invitation.pk, expires_at__gt=now)
    if not usable.update(accepted_at=now, accepted_by=user):
        raise NotPossible("This invitation was used, withdrawn or has expired.")
    _forget_link(invitation)
    place, _ = Membership.objects.get_or_create(
        organization_id=current_organization_id(), user=user, defaults={"role": invitation.role}
    )
    _note("joined", user, invitation, email=user.email, role=place.role)
    return place


def change_role(place: Membership, role: Role, *, by: Membership) -> None:
    """Gives a member another role; invitations they sent to one that they could not give now end.

    Raises `NotPossible`.
    """
    _lock()
    _refuse_stranger(by)
    _look_again(place)
    _refuse_above(by, Role(place.role), role)
    if role is not Role.OWNER:
        _refuse_last_owner(place)
    former, place.role = place.role, role
    place.save(update_fields=["role"])
    for sent in open_invitations().filter(invited_by=place.user):
        if not place.allows(Role(sent.role)):
            _withdraw(sent, by)
    audit.record(
        "member.role_changed",
        actor=by.user,
        object_kind="member",
        object_id=place.id,
        email=place.user.email,
        role=f"{former} → {role}",
    )


def remove(place: Membership, *, by: Membership) -> None:
    """Takes a member's place away, and with it the invitations they sent. Raises `NotPossible`."""
    _lock()
    _refuse_stranger(by)
    _look_again(place)
    _refuse_above(by, Role(place.role))
    _refuse_last_owner(place)
    for sent in open_invitations().filter(invited_by=place.user):
        _withdraw(sent, by)
    audit.record(
        "member.removed",
        actor=by.user,
        object_kind="member",
        object_id=place.id,
        email=place.user.email,
        role=place.role,
    )
    place.delete()


def members() -> QuerySet[Membership]:
    """Everybody who belongs to the organization in force."""
    places = Membership.objects.filter(organization_id=current_organization_id())
    return places.select_related("user").order_by("user__name", "user__email")


def removable(*, by: Membership) -> set[UUID]:
    """The places that `remove` would take away if this person asked."""
    places = list(members())
    owners = [one for one in places if one.role == Role.OWNER and one.user.is_active]
    kept = {owners[0].pk} if len(owners) == 1 else set()
    return {one.pk for one in places if by.allows(Role(one.role))} - kept


def open_invitations() -> QuerySet[Invitation]:
    """Those that nobody used or withdrew; their time may be over."""
    return Invitation.objects.filter(accepted_at=None, withdrawn_at=None)


def invitation_of(token: str) -> tuple[UUID, UUID] | None:
    """The organization and the invitation that a link leads to. Needs no ``within()``."""
    route = Route.objects.filter(kind=ROUTE, key_hash=Route.hash_of(token)).first()
    return (route.organization_id, route.object_id) if route else None


def _token_of(form: UUID, address: str, role: Role, by: Membership) -> str:
    """It follows from the form and what was typed, so that a double click shows the one link there is."""
    said = f"{by.organization_id} {by.user_id} {form} {address} {role}"
    digest = salted_hmac("tenants.people.invite", said, algorithm="sha256").digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def _made_with(token: str) -> Invitation:
    found = invitation_of(token)
    if found is None:
        raise NotPossible("This form was sent before. To invite somebody, open it anew.")
    return Invitation.objects.get(pk=found[1])


def _withdraw(invitation: Invitation, by: Membership) -> None:
    invitation.withdrawn_at = clock.now()
    invitation.save(update_fields=["withdrawn_at"])
    _forget_link(invitation)
    _note("invitation_withdrawn", by.user, invitation, email=invitation.email)


def _forget_link(invitation: Invitation) -> None:
    Route.objects.filter(kind=ROUTE, object_id=invitation.pk).delete()


def _note(what: str, actor: User, invitation: Invitation, **detail: str) -> None:
    audit.record(
        f"member.{what}",
        actor=actor,
        object_kind="invitation",
        object_id=invitation.id,
        **detail,
    )


def _refuse_above(by: Membership, *roles: Role) -> None:
    if not all(by.allows(role) for role in roles):
        raise NotPossible("Only an owner can do this to an owner or make one.")


def _refuse_last_owner(place: Membership) -> None:
    others = members().filter(role=Role.OWNER, user__is_active=True).exclude(pk=place.pk)
    if place.role == Role.OWNER and not others.exists():
        raise NotPossible(f"{place.user} is the last owner. Make somebody else an owner first.")


def _refuse_stranger(by: Membership) -> None:
    """Under the lock, whoever asks is looked at again: they may have been removed or given less while they waited."""
    _look_again(by)
    if not by.allows(Role.ADMIN):
        raise NotPossible("Only owners and admins do this, and you are none any more.")


def _look_again(place: Membership) -> None:
    """Under the lock; somebody else may have been quicker."""
    try:
        place.refresh_from_db(fields=["role"])
    except Membership.DoesNotExist:
        raise NotPossible(f"{place.user} is no member any more.") from None


def _lock() -> None:
    """Two owners must not take each other's role at the same moment."""
    Organization.objects.select_for_update(no_key=True).get(pk=current_organization_id())
