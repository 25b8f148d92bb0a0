"""Connects and disconnects a company: what is checked before a connection is believed, and what ends with it.

Vendors are called outside transactions; what follows from their answers is one transaction.
"""

from dataclasses import dataclass, field
from uuid import UUID

import structlog
from django.db import IntegrityError, OperationalError
from psycopg.errors import DeadlockDetected, LockNotAvailable

from integrations import causes, gateway, journal, sealed, tokens
from integrations.errors import NeedsConsent, SyncError, Temporary
from integrations.gateway import QUICKBOOKS, QUICKBOOKS_COMPANY, Found
from integrations.models import (
    Connection,
    ConnectionStatus,
    Credential,
    latest_connection,
    live_connection,
    live_connections,
)
from integrations.models.connection import company_to_json
from integrations.outbound import due, jobs, restored, safe_mode
from integrations.outbound.cursor import OVERLAP
from integrations.ports import App
from integrations.vault import Unsealable
from regentra import clock
from tenants import audit
from tenants.models import Organization, Route, User
from tenants.scope import current_organization_id, within

log = structlog.get_logger()

START_AGAIN = "Nothing was stored; press Connect QuickBooks to try again."
BUSY = "Regentra is speaking to QuickBooks for this company at this moment."


@dataclass(frozen=True, slots=True)
class Consent:
    """What is told to the vendor when its consent is needed no more."""

    refresh_token: str = field(repr=False)
    app: App


class ConnectRefused(Exception):
    """The company was not connected and nothing was stored. The message is for the person who tried."""


class DisconnectRefused(Exception):
    """The company is connected as before. The message is for the person who tried."""


def connect(
    organization: Organization,
    *,
    user: User,
    code: str,
    account: str,
    beside: bool = False,
    replaces: UUID | None = None,
) -> Connection:
    """Trades the code for tokens, reads the company with them, and only then stores. Raises `ConnectRefused`.

    ``account`` comes unsigned from the browser; that the new token opens it is what proves it. Where another company
    takes the place of the one that ``replaces`` names, that is ended; ``beside`` ends none. Where neither is said, none
    was connected when the person asked. One that is connected already takes nobody's place: only its access is renewed.
    """
    app = _app(organization)
    granted = _granted(code, app)
    found = _found(account, granted.access_token)
    _refuse_taken(organization, account, found)
    _refuse_environment(organization, found, granted, app)
    _refuse_currency(organization, found, granted, app)
    restored.notice()
    try:
        with within(organization):
            _lock_credentials()
            due.hold_all()
            former = None if beside else _former(replaces, account)
            connection, replaced = _believe(account, found, granted, app, user, former)
    except ConnectRefused:
        _let_go(account, granted, app)
        raise
    except IntegrityError:
        # Two sign-ins finished at the same moment; the database let one through.
        _refuse_taken(organization, account, found)
        _let_go(account, granted, app)
        raise ConnectRefused(
            f"A company was connected just now by somebody else. {START_AGAIN}"
        ) from None
    except OperationalError as error:
        if not _is_busy(error):
            raise
        _let_go(account, granted, app)
        raise ConnectRefused(f"{BUSY} {START_AGAIN}") from None
    for ended in replaced:
        _revoke(ended)
    return connection


def disconnect(
    organization: Organization, *, user: User, connection_id: UUID | None = None
) -> bool:
    """Ends a live connection, the default one if none is named, here at once, then at Intuit; False when Intuit could
    not be told. Raises `DisconnectRefused`.

    Tokens and route go; links, history and what is still owed stay. Nothing is left to do where somebody else ends it
    at the same moment.
    """
    try:
        with within(organization):
            connection = _locked_live(connection_id)
            ended = _end(connection, user) if connection else None
    except OperationalError as error:
        if not _is_busy(error):
            raise
        raise DisconnectRefused(
            f"{BUSY} Nothing was disconnected; press Disconnect again in a minute."
        ) from None
    return connection is None or _revoke(ended)


def make_default(connection: Connection, *, user: User) -> None:
    """From now on documents go to this company unless another one is named. What was sent stays where it is.

    Inside ``within()``.
    """
    if not connection.is_default:
        _mark_default(connection)
        connection.save(update_fields=["is_default"])
        audit.record(
            "quickbooks.default_company_chosen",
            actor=user,
            object_kind="connection",
            object_id=connection.id,
            company=connection.company_name,
        )


def use_company(connection: Connection, *, user: User) -> None:
    """From now on this company is written to, though another one was connected before. Inside ``within()``."""
    due.hold(connection.pk)
    if Connection.objects.filter(pk=connection.pk, held=True).update(held=False):
        audit.record(
            "quickbooks.company_confirmed",
            actor=user,
            object_kind="connection",
            object_id=connection.id,
            company=connection.company_name,
        )
        connection.held = False
        jobs.connected(connection)


def _app(organization: Organization) -> App:
    with within(organization):
        app = gateway.app_to_connect()
    if app is None:
        raise ConnectRefused(f"The keys of the Intuit app were removed meanwhile. {START_AGAIN}")
    return app


def _granted(code: str, app: App) -> tokens.TokenSet:
    try:
        return gateway.exchange(code, app)
    except NeedsConsent:
        raise ConnectRefused(
            f"The sign-in code from Intuit has expired or was used already. {START_AGAIN}"
        ) from None
    except SyncError as error:
        raise ConnectRefused(_vendor_sentence(error)) from None


def _found(account: str, access_token: str) -> Found:
    try:
        return gateway.find_company(account, access_token)
    except NeedsConsent:
        raise ConnectRefused(
            f"Intuit did not let us into the company that was chosen. {START_AGAIN}"
        ) from None
    except SyncError as error:
        raise ConnectRefused(_vendor_sentence(error)) from None


def _vendor_sentence(error: SyncError) -> str:
    what = "QuickBooks did not answer." if isinstance(error, Temporary) else error.words
    reference = f"(Intuit's reference: {error.reference})" if error.reference else ""
    return " ".join(filter(None, [what, error.hint, reference, START_AGAIN]))


def _refuse_taken(organization: Organization, account: str, found: Found) -> None:
    # Not revoked: Intuit would end the other organization's access to the company with it.
    routes = Route.objects.filter(kind=QUICKBOOKS_COMPANY, key_hash=Route.hash_of(account))
    if routes.exclude(organization=organization).exists():
        raise ConnectRefused(
            f"{found.company.name} is connected to another Regentra organization already. "
            "Disconnect it there first; nothing was stored."
        )


def _refuse_environment(
    organization: Organization, found: Found, granted: tokens.TokenSet, app: App
) -> None:
    """Where the operator has fixed it (C-11), a company of the other kind is not taken."""
    if organization.environment in ("", found.environment):
        return
    _revoke(Consent(granted.refresh_token, app))
    raise ConnectRefused(
        f"{found.company.name} is a {found.environment} company, and {organization.name} may only connect "
        f"{organization.environment} companies: the operator of this installation has fixed it. Nothing was stored."
    )


def _refuse_currency(
    organization: Organization, found: Found, granted: tokens.TokenSet, app: App
) -> None:
    theirs = found.company.currency
    if theirs == organization.currency:
        return
    _revoke(Consent(granted.refresh_token, app))
    raise ConnectRefused(
        f"{found.company.name} keeps its books in {theirs}, {organization.name} bills in "
        f"{organization.currency}. Connect a company whose home currency is {organization.currency}; "
        "nothing was stored."
    )


def _let_go(account: str, granted: tokens.TokenSet, app: App) -> None:
    """The consent is needed no more, unless the company is connected: Intuit would end that access with it."""
    connected = Route.objects.filter(kind=QUICKBOOKS_COMPANY, key_hash=Route.hash_of(account))
    if not connected.exists():
        _revoke(Consent(granted.refresh_token, app))


def _believe(
    account: str,
    found: Found,
    granted: tokens.TokenSet,
    app: App,
    user: User,
    former: Connection | None,
) -> tuple[Connection, list[Consent | None]]:
    """The stored connection, and the consents of what it replaces, to be revoked after the commit."""
    known = _revived(account, found)
    connection = known or _new(account, found)
    former = None if _is_live(known) else former
    connection.held = connection.held or _is_another(connection, former)
    _give_default(connection, former)
    replaced = [_end(former, user)] if former and former.pk != connection.pk else []
    if connection.client_hash != gateway.client_hash(app):
        replaced.append(_readable_consent(connection, _credential_of(connection)))
    _describe(connection, found, app, user)
    connection.save()
    _store_tokens(connection, granted)
    Route.objects.update_or_create(
        kind=QUICKBOOKS_COMPANY,
        key_hash=connection.account_hash,
        organization_id=current_organization_id(),
        defaults={"object_id": connection.id},
    )
    journal.store(connection, found.calls)
    audit.record(
        "quickbooks.connected",
        actor=user,
        object_kind="connection",
        object_id=connection.id,
        company=connection.company_name,
        environment=connection.environment,
        held=connection.held,
    )
    jobs.connected(connection)
    if known is None:
        safe_mode.enter_as_new(connection)
    causes.consent_given(connection)
    return connection, replaced


def _is_busy(error: OperationalError) -> bool:
    """Whether somebody else held what was to be changed for too long, as while the access is renewed."""
    return isinstance(error.__cause__, LockNotAvailable | DeadlockDetected)


def _locked_live(named: UUID | None) -> Connection | None:
    """A live connection, the default one if none is named, with its credential locked: who waited for another one that
    ended it finds none any more.
    """
    found = _live(named) if named else live_connection()
    if found is None:
        return None
    list(Credential.objects.select_for_update().filter(connection=found))
    return _live(found.pk)


def _former(replaces: UUID | None, account: str) -> Connection | None:
    """The company whose place is taken. Raises `ConnectRefused` where none was to be, and another one is there now."""
    if replaces is not None:
        return _live(replaces)
    default = live_connection()
    if default is not None and default.account_hash != Route.hash_of(account):
        raise ConnectRefused(
            f"{default} was connected meanwhile, and nothing was stored. Look at it before you connect another company."
        )
    return default


def _live(named: UUID) -> Connection | None:
    return live_connections().filter(pk=named).first()


def _is_live(known: Connection | None) -> bool:
    return known is not None and known.status != ConnectionStatus.DISCONNECTED


def _stays_beside(former: Connection | None) -> bool:
    """Whether companies stay connected beside the one that is connected now, which then replaces none."""
    return former is None and live_connections().exists()


def _is_another(connection: Connection, former: Connection | None) -> bool:
    """Whether it comes where another company was: nothing is written to it until an admin says so.

    Also when it is known from earlier. Beside others only what names it goes there.
    """
    if _stays_beside(former):
        return False
    before = former or latest_connection()
    return before is not None and before.pk != connection.pk


def _give_default(connection: Connection, former: Connection | None) -> None:
    """The first company is the default one, and so is what takes the place of the default one."""
    takes_place = former is not None and former.is_default
    if takes_place or not live_connections().exists():
        _mark_default(connection)


def _mark_default(connection: Connection) -> None:
    # All of them in one order: two who choose at the same moment wait for each other.
    every = Connection.objects.select_for_update(no_key=True).filter(vendor=QUICKBOOKS)
    list(every.order_by("pk").values_list("pk", flat=True))
    marked = Connection.objects.filter(vendor=QUICKBOOKS, is_default=True)
    marked.exclude(pk=connection.pk).update(is_default=False)
    connection.is_default = True


def _lock_credentials() -> None:
    """Before any connection, as a renewal does it; the other way round the two could wait for each other."""
    rows = Credential.objects.filter(connection__vendor=QUICKBOOKS).order_by("pk")
    list(rows.select_for_update(of=("self",)))


def _revived(account: str, found: Found) -> Connection | None:
    """The row of the same company from before: its links stay good, work of before never sends (a new epoch)."""
    former = Connection.objects.select_for_update().filter(
        vendor=QUICKBOOKS, account_hash=Route.hash_of(account), environment=found.environment
    )
    connection: Connection | None = former.first()
    if connection is not None:
        connection.epoch += 1
        # Also where it cannot be opened any more: the key it was sealed with may be lost.
        sealed.write(connection, "account", account)
        # Where nobody has looked yet, what happened since it was connected first is still to be looked at.
        connection.changes_since = connection.changes_since or connection.connected_at - OVERLAP
    return connection


def _new(account: str, found: Found) -> Connection:
    connection = Connection(
        vendor=QUICKBOOKS,
        account_hash=Route.hash_of(account),
        environment=found.environment,
    )
    sealed.write(connection, "account", account)
    return connection


def _describe(connection: Connection, found: Found, app: App, user: User) -> None:
    connection.status = ConnectionStatus.CONNECTED
    connection.client_hash = gateway.client_hash(app)
    connection.company_name = found.company.name
    connection.company = company_to_json(found.company)
    connection.company_read_at, connection.company_asked_at = clock.now(), None
    connection.connected_at = clock.now()
    connection.connected_by = user
    connection.disconnected_at = None


def _store_tokens(connection: Connection, granted: tokens.TokenSet) -> None:
    credential = Credential.objects.select_for_update().filter(connection=connection).first()
    if credential is None:
        credential = Credential(connection=connection)
    else:
        credential.generation += 1
    tokens.grant(credential, granted)
    credential.save()


def _end(connection: Connection, user: User) -> Consent | None:
    """Takes the connection's keys away; what they were is returned to be revoked after the commit."""
    # The credential first, as a renewal does it: it holds that lock while it talks to the vendor.
    credential = Credential.objects.select_for_update().filter(connection=connection).first()
    due.hold(connection.pk)
    consent = _readable_consent(connection, credential)
    if credential is not None:
        credential.delete()
    Route.objects.filter(kind=QUICKBOOKS_COMPANY, key_hash=connection.account_hash).delete()
    locked = connection.reload_locked()
    locked.status, locked.epoch = ConnectionStatus.DISCONNECTED, locked.epoch + 1
    locked.disconnected_at = clock.now()
    locked.save(update_fields=["status", "epoch", "disconnected_at"])
    audit.record(
        "quickbooks.disconnected",
        actor=user,
        object_kind="connection",
        object_id=locked.id,
        company=locked.company_name,
    )
    jobs.disconnected(locked)
    causes.left(locked)
    return consent


def _credential_of(connection: Connection) -> Credential | None:
    return Credential.objects.filter(connection=connection).first()


def _readable_consent(connection: Connection, credential: Credential | None) -> Consent | None:
    if credential is None:
        return None
    try:
        return Consent(sealed.read(credential, "refresh"), gateway.app_of(connection))
    except (Unsealable, NeedsConsent):
        # The key is gone from the ring; disconnecting must work all the same.
        return None


def _revoke(consent: Consent | None) -> bool:
    if consent is None or not consent.refresh_token:
        return False
    try:
        gateway.revoke(consent.refresh_token, consent.app)
    except SyncError as error:
        log.warning("not revoked at the vendor", reason=error.words, reference=error.reference)
        return False
    return True
