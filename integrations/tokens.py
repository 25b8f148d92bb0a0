"""The one place where access tokens are renewed: look, lock, look again, renew, store, commit, and only then use.

The row of the credential is the lock, so however many workers find the token stale there is one call. Holding that row
lock during the call is the one exception to "never call out while holding a transaction": the vendor replaces the
refresh token with its answer, so a second call made meanwhile would look like theft to it.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

import structlog
from django.db import OperationalError
from django.db import connection as database
from psycopg.errors import LockNotAvailable

from integrations import sealed
from integrations.errors import NeedsConsent, Temporary
from integrations.models import Connection, ConnectionStatus, Credential
from integrations.vault import Unsealable
from regentra import clock
from tenants import audit
from tenants.scope import within

log = structlog.get_logger()

# Intuit's access tokens live an hour; at 55 minutes no request in flight can outlive its token.
STALE_BEFORE_EXPIRY = timedelta(minutes=5)


class InsideTransaction(RuntimeError):
    """A vendor may not be called while a transaction is open."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and the generation it belongs to; never stored, never logged."""

    value: str = field(repr=False)
    generation: int


class TokenSet(Protocol):
    """What a vendor's token endpoint answers, whichever vendor it is."""

    @property
    def access_token(self) -> str: ...
    @property
    def refresh_token(self) -> str: ...
    @property
    def access_expires_in_seconds(self) -> int: ...
    @property
    def refresh_expires_in_seconds(self) -> int: ...
    @property
    def hard_expires_in_seconds(self) -> int | None: ...


# Takes a refresh token. Raises NeedsConsent when the vendor no longer knows it, AppRefused when it does not accept our
# app, Temporary when it gave no answer.
Refresh = Callable[[str], TokenSet]


# What else happens, in the same transaction, when a vendor takes its consent back.
Listener = Callable[[Connection], None]
_when_consent_ends: list[Listener] = []


def when_consent_ends(listener: Listener) -> None:
    """Registers what else happens, in the same transaction, when a vendor takes its consent back."""
    if listener not in _when_consent_ends:
        _when_consent_ends.append(listener)


def access_token(connection: Connection, refresh: Refresh) -> Token:
    """A token good for minutes yet.

    Raises `NeedsConsent`, `AppRefused`, `Temporary`; `InsideTransaction` when one is open.
    """
    return _newer_than(0, connection, refresh)


def renew(connection: Connection, rejected_generation: int, refresh: Refresh) -> Token:
    """A token newer than the one the vendor rejected; no call when somebody has renewed it already."""
    return _newer_than(rejected_generation, connection, refresh)


def end_consent(connection: Connection) -> None:
    """The vendor lets us in no more: an admin has to reconnect; nothing that is owed is lost. Inside ``within()``."""
    # A worker of before must not end a consent given since.
    live = Connection.objects.filter(
        pk=connection.pk, epoch=connection.epoch, status=ConnectionStatus.CONNECTED
    )
    if not live.update(status=ConnectionStatus.NEEDS_CONSENT):
        return
    connection.status = ConnectionStatus.NEEDS_CONSENT
    audit.record("quickbooks.consent_ended", object_kind="connection", object_id=connection.id)
    for listener in _when_consent_ends:
        listener(connection)
    log.warning("consent ended", connection=str(connection.id))


def grant(credential: Credential, answer: TokenSet) -> None:
    """Puts the tokens of a new consent, sealed, on the row; what was there before is forgotten. Does not save."""
    now = clock.now()
    sealed.write(credential, "access", answer.access_token)
    sealed.write(credential, "refresh", answer.refresh_token)
    credential.previous_refresh_sealed = ""
    credential.refreshed_at = now
    credential.access_expires_at = now + timedelta(seconds=answer.access_expires_in_seconds)
    credential.refresh_expires_at = now + timedelta(seconds=answer.refresh_expires_in_seconds)
    wall = answer.hard_expires_in_seconds
    credential.hard_expires_at = None if wall is None else now + timedelta(seconds=wall)


def _newer_than(rejected: int, connection: Connection, refresh: Refresh) -> Token:
    if database.in_atomic_block:
        raise InsideTransaction
    with _inside(connection):
        token = _usable(_credential(connection), rejected)
    return token or _renewed(rejected, connection, refresh)


def _renewed(rejected: int, connection: Connection, refresh: Refresh) -> Token:
    with _inside(connection):
        credential = _locked(connection)
        token = _usable(credential, rejected)
        if token is None:
            token = _refreshed(credential, refresh)
        if token is None:
            end_consent(connection)
    if token is None:
        raise NeedsConsent
    return token


def _inside(connection: Connection) -> AbstractContextManager[None]:
    assert connection.organization_id is not None  # a stored row always has one
    return within(connection.organization_id)


def _credential(connection: Connection) -> Credential:
    found = Credential.objects.filter(
        connection=connection, connection__status=ConnectionStatus.CONNECTED
    ).first()
    if found is None:
        raise NeedsConsent("QuickBooks is not connected.")
    return found


def _locked(connection: Connection) -> Credential:
    try:
        return _credential(connection).reload_locked()
    except Credential.DoesNotExist:
        raise NeedsConsent("QuickBooks was disconnected.") from None
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise Temporary("Another worker is still renewing the access.") from None
        raise


def _usable(credential: Credential, rejected: int) -> Token | None:
    fresh_until = credential.access_expires_at - STALE_BEFORE_EXPIRY
    if credential.generation <= rejected or clock.now() >= fresh_until:
        return None
    try:
        return Token(sealed.read(credential, "access"), credential.generation)
    except Unsealable as lost:
        # Whoever renewed it may know a newer key, with which this process is started anew soon.
        log.warning("access token not opened", reason=str(lost))
        raise Temporary("The stored access cannot be opened with the keys at hand.") from None


def _refreshed(credential: Credential, refresh: Refresh) -> Token | None:
    """The stored new token, or None when the vendor knows neither refresh token any more, or they cannot be opened."""
    for name in ("refresh", "previous_refresh"):
        # The previous one still works when a crash came between the vendor's answer and our commit, for as long as
        # the vendor lets the replaced value live.
        value = sealed.readable(credential, name)
        answer = _answer(refresh, value) if value else None
        if answer is not None:
            return _stored(credential, answer)
    return None


def _answer(refresh: Refresh, refresh_token: str) -> TokenSet | None:
    try:
        return refresh(refresh_token)
    except NeedsConsent:
        return None


def _stored(credential: Credential, answer: TokenSet) -> Token:
    former, wall = sealed.readable(credential, "refresh"), credential.hard_expires_at
    before = credential.previous_refresh_sealed
    grant(credential, answer)
    credential.previous_refresh_sealed = before
    if former != answer.refresh_token:
        sealed.write(credential, "previous_refresh", former)
    # A vendor that does not repeat the five-year wall has not moved it.
    credential.hard_expires_at = credential.hard_expires_at or wall
    credential.generation += 1
    credential.save()
    return Token(answer.access_token, credential.generation)
