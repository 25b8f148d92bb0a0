"""The OAuth state: a random, single-use ticket for one attempt to connect.

Stored as a hash and bound to browser session, user, organization and vendor, so neither a stolen nor a forged answer
connects anything (L-79).
"""

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID

from integrations.models import OAuthState
from regentra import clock
from tenants.models import Organization, User

LIFETIME = timedelta(minutes=10)


class BadTicket(Exception):
    """This sign-in did not start here. Press Connect QuickBooks to start again."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


class UsedTicket(BadTicket):
    """This sign-in was used already. Press Connect QuickBooks to start again."""


class ExpiredTicket(BadTicket):
    """The sign-in took longer than 10 minutes. Press Connect QuickBooks to start again."""


class ForeignTicket(BadTicket):
    """This sign-in began in another browser session. Press Connect QuickBooks and finish it in the same window."""


def issue(
    *,
    user: User,
    organization: Organization,
    session_key: str,
    vendor: str,
    beside: bool = False,
    replaces: UUID | None = None,
) -> str:
    """A new state for the vendor's consent page; see `OAuthState` for what becomes of other companies."""
    now = clock.now()
    state = secrets.token_urlsafe(32)
    OAuthState.objects.create(
        state_hash=_hash(state),
        session_hash=_hash(session_key),
        user=user,
        organization=organization,
        vendor=vendor,
        beside=beside,
        replaces=replaces,
        expires_at=now + LIFETIME,
    )
    return state


def redeem(state: str, *, user: User, session_key: str, vendor: str) -> OAuthState:
    """The ticket, with the organization it was issued for; it is used up with this. Raises a `BadTicket`."""
    ticket = _find(state, vendor)
    if ticket.session_hash != _hash(session_key) or ticket.user_id != user.pk:
        raise ForeignTicket
    if ticket.expires_at <= clock.now():
        raise ExpiredTicket
    # Two answers with the same state may arrive at once; the update lets one through.
    if not OAuthState.objects.filter(pk=ticket.pk, used_at=None).update(used_at=clock.now()):
        raise UsedTicket
    return ticket


def _find(state: str, vendor: str) -> OAuthState:
    found = OAuthState.objects.filter(state_hash=_hash(state), vendor=vendor)
    ticket = found.select_related("organization").first()
    if ticket is None:
        raise BadTicket
    return ticket


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()
