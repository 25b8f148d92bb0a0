"""The only place that opens an adapter, and the only way to a vendor's readers and consent pages.

Nobody above knows which vendor answers. Never called with a transaction open: a vendor may take minutes.
"""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connection as database
from django.urls import reverse

from integrations import sealed, tokens
from integrations.documents import Company, Kind, ListKind, Settings
from integrations.errors import NeedsConsent, TokenRejected
from integrations.governor import pace as paces
from integrations.governor import reads
from integrations.governor.gate import Gate
from integrations.governor.pace import Pace
from integrations.models import (
    QUICKBOOKS,
    Connection,
    Environment,
    IntuitApp,
    own_app,
    policies_in_force,
)
from integrations.policies import OAuthApp
from integrations.ports import AccountingSystem, App, Bodies, CallRecord, Credentials, Event
from integrations.quickbooks_online import oauth, webhook
from integrations.quickbooks_online.adapter import QuickBooksOnline
from integrations.quickbooks_online.mapping.bodies import QuickBooksBodies
from integrations.quickbooks_online.webhook import Unreadable
from integrations.tokens import InsideTransaction, Refresh, Token, TokenSet
from regentra import clock
from tenants.models import Route
from tenants.scope import within

__all__ = ["QUICKBOOKS", "Books", "Event", "InsideTransaction", "Unreadable", "open_books"]

log = structlog.get_logger()

Answer = TypeVar("Answer")

# The kind of `tenants.models.Route` that leads from a company's id to its organization.
QUICKBOOKS_COMPANY = "quickbooks_company"
# And the one that leads there from the address that an organization's own app posts to.
QUICKBOOKS_WEBHOOK = "quickbooks_webhook"
# What is asked of a company.
SCOPE: str = oauth.SCOPE


class Ledger:
    """Collects the calls of each thread apart, so that they are booked under the document they were made for."""

    def __init__(self) -> None:
        self._own = threading.local()

    def add(self, record: CallRecord) -> None:
        self._records().append(record)

    def take(self) -> list[CallRecord]:
        """This thread's calls since it last asked."""
        records, self._own.records = self._records(), []
        return records

    def _records(self) -> list[CallRecord]:
        if not hasattr(self._own, "records"):
            self._own.records = []
        return self._own.records  # type: ignore[no-any-return]


class Books:
    """The door to one connected company. ``system`` may be used by I/O threads; it never touches the database."""

    system: AccountingSystem
    bodies: Bodies
    gate: Gate

    def __init__(
        self, connection: Connection, account: str, token: Token, refresh: Refresh, gate: Gate
    ) -> None:
        self._connection, self._account, self._token = connection, account, token
        self._refresh, self.gate = refresh, gate
        self._company = connection.company_settings()
        self._ledger = Ledger()
        self._asking = threading.local()
        self.bodies = QuickBooksBodies(self._company)
        self.system = self._opened()

    @property
    def generation(self) -> int:
        """Of the token in use; rises with `renew`."""
        return self._token.generation

    def renew(self) -> None:
        """Another adapter with a newer token, after `TokenRejected`. Touches the database: not for I/O threads."""
        self._token = tokens.renew(self._connection, self._token.generation, self._refresh)
        self.system = self._opened()

    def asked(
        self, question: Callable[[AccountingSystem], Answer], *, between: Callable[[], None]
    ) -> Answer:
        """The answer to a read, with a newer token where this one is rejected; not for I/O threads either.

        ``between`` is called after each of its requests. Raises `NeedsConsent` when the newer token is rejected, too.
        """
        self._asking.between = between
        try:
            return self._asked(question)
        finally:
            del self._asking.between

    def take_records(self) -> list[CallRecord]:
        """The calls this thread has made since it last asked."""
        return self._ledger.take()

    def _asked(self, question: Callable[[AccountingSystem], Answer]) -> Answer:
        try:
            return question(self.system)
        except TokenRejected:
            self.renew()
        try:
            return question(self.system)
        except TokenRejected as again:
            raise NeedsConsent(again.words, reference=again.reference) from again

    def _opened(self) -> AccountingSystem:
        where = Credentials(
            self._account, self._token.value, _base_url(self._connection.environment)
        )
        return QuickBooksOnline(
            where,
            record=self._record,
            now=clock.now,
            company=self._company,
            admit=self.gate.admit,
        )

    def _record(self, record: CallRecord) -> None:
        self._ledger.add(record)
        self.gate.notice(record)
        _log(record)
        if between := getattr(self._asking, "between", None):
            between()


@dataclass(frozen=True, slots=True)
class Found:
    """The company behind a new token, the environment it was found in, and the calls that took."""

    company: Company
    environment: Environment
    calls: list[CallRecord]


def open_books(
    organization_id: UUID, connection_id: UUID, *, epoch: int, pace: Pace | None = None
) -> Books:
    """Opens a company for work of this epoch, at the pace all workers share unless another is given.

    Raises `NeedsConsent` when it is not connected or was reconnected since or its id cannot be opened any more,
    `AppRefused` or `Temporary` when no token can be had now, `InsideTransaction` when a transaction is open.
    """
    _refuse_inside_transaction()
    with within(organization_id):
        connection: Connection = Connection.objects.get(pk=connection_id)
        account = sealed.readable(connection, "account")
        readable = reads.may_look_up(connection)
    if not connection.is_connected or connection.epoch != epoch:
        raise NeedsConsent("This company was disconnected or reconnected meanwhile.")
    refresh = refresh_of(connection)
    token = tokens.access_token(connection, refresh)
    if not account:
        raise NeedsConsent("The stored company ID cannot be opened with the keys at hand.")
    gate = Gate(connection.account_hash, pace or paces.shared(), readable)
    return Books(connection, account, token, refresh, gate)


def find_company(account: str, access_token: str) -> Found:
    """Reads the company with a new token, where it is let in: production first, then the vendor's test companies.

    Raises `NeedsConsent` when neither lets it in, so that a company id nobody vouches for is never believed.
    """
    _refuse_inside_transaction()
    ledger = Ledger()
    for environment in Environment:
        try:
            where = Credentials(account, access_token, _base_url(environment))
            company = QuickBooksOnline(where, record=ledger.add, now=clock.now).company()
        except (NeedsConsent, TokenRejected):
            continue
        return Found(company, environment, ledger.take())
    raise NeedsConsent


def app_to_connect() -> App | None:
    """The app that the next company is connected through, by the organization's rules; None while its keys are missing.

    Inside ``within()``.
    """
    if policies_in_force().oauth_app is OAuthApp.TENANT:
        return _opened(own_app())
    return platform_app() if settings.INTUIT_CLIENT_ID and settings.INTUIT_CLIENT_SECRET else None


def app_of(connection: Connection) -> App:
    """The app that a company was connected through: nobody else may renew or revoke its tokens. Inside ``within()``.

    Raises `NeedsConsent` where its keys are gone or cannot be opened.
    """
    if not connection.client_hash:
        return platform_app()
    app = _opened(IntuitApp.objects.filter(client_hash=connection.client_hash).first())
    if app is None:
        raise NeedsConsent("The app that this company was connected through is gone.")
    return app


def refresh_of(connection: Connection) -> Refresh:
    """How tokens of this company are renewed; what it returns is for `tokens`, which calls it inside ``within()``."""
    return lambda refresh_token: refresh(refresh_token, app_of(connection))


def platform_app() -> App:
    """The installation's own app at Intuit."""
    return _app(settings.INTUIT_CLIENT_ID, settings.INTUIT_CLIENT_SECRET)


def client_hash(app: App) -> str:
    """How connections and budgets name an app; empty for the platform's."""
    is_ours = app.client_id == settings.INTUIT_CLIENT_ID
    return "" if is_ours else Route.hash_of(app.client_id)


def consent_page(state: str, app: App) -> str:
    """Where the browser is sent to let us into a company. Raises `Temporary`."""
    _refuse_inside_transaction()
    return oauth.authorize_url(app, state=state)


def exchange(code: str, app: App) -> TokenSet:
    """Trades the code of a callback for tokens. Raises `NeedsConsent` when it is spent, `Temporary`, `AppRefused`."""
    _refuse_inside_transaction()
    return oauth.exchange(app, code)


def refresh(refresh_token: str, app: App) -> TokenSet:
    """New tokens for a refresh token; only `tokens` asks, holding its lock.

    Raises `NeedsConsent`, `AppRefused`, `Temporary`.
    """
    return oauth.refresh(app, refresh_token)


def revoke(refresh_token: str, app: App) -> None:
    """Tells the vendor that we need its consent no more. Raises `SyncError`."""
    _refuse_inside_transaction()
    oauth.revoke(app, refresh_token)


def api_address(connection: Connection) -> str:
    """Where the company's interface is reached."""
    return _base_url(connection.environment)


def redirect_uri() -> str:
    """The one address that Intuit may send people back to; registered with the app (L-40)."""
    return f"{settings.BASE_URL}{reverse('integrations:quickbooks_callback')}"


def webhook_address(app: IntuitApp) -> str:
    """Where Intuit is to post for an organization's own app; whoever knows it can post, not be believed.

    Empty where it cannot be opened any more; Intuit may still post there.
    """
    token = sealed.readable(app, "webhook_token")
    path = token and reverse("webhooks:own_quickbooks", args=[token])
    return path and f"{settings.BASE_URL}{path}"


@dataclass(frozen=True, slots=True)
class Listener:
    """The organization whose own app posts to an address, and what its posts are verified with."""

    organization_id: UUID
    verifiers: list[str]


def listener_at(token: str) -> Listener | None:
    """Who listens at the address with this token."""
    routes = Route.objects.filter(kind=QUICKBOOKS_WEBHOOK, key_hash=Route.hash_of(token))
    route = routes.first()
    if route is None:
        return None
    with within(route.organization_id):
        app = IntuitApp.objects.filter(pk=route.object_id).first()
        verifier = sealed.readable(app, "verifier") if app else ""
    return Listener(route.organization_id, [verifier] if verifier else [])


def verify_quickbooks(raw: bytes, signature: str, verifiers: Iterable[str]) -> bool:
    """Whether one of the verifier tokens signed exactly these bytes."""
    return webhook.verify(raw, signature, verifiers)


def read_quickbooks(raw: bytes) -> list[Event]:
    """The events of a verified post. Raises `Unreadable`."""
    return webhook.read(raw)


def kind_named(name: str) -> Kind | ListKind | Settings | None:
    """The kind of document, list or settings of this name, or None for what we do not follow."""
    for kinds in (Kind, ListKind, Settings):
        if name in list(kinds):
            return kinds(name)
    return None


def _log(record: CallRecord) -> None:
    """One line for each call, without the company's id, which is a secret at rest."""
    log.info(
        "called",
        method=record.method,
        what=record.path.rpartition("/company/")[2].partition("/")[2],
        status=record.status,
        outcome=record.outcome,
        metered=record.metered,
        parts=record.items,
        milliseconds=record.duration_ms,
        intuit_tid=record.reference,
        sent_as=record.request_id,
    )


def _opened(app: IntuitApp | None) -> App | None:
    if app is None or not app.is_ready:
        return None
    return _app(sealed.read(app, "client_id"), sealed.read(app, "client_secret"))


def _app(client_id: str, client_secret: str) -> App:
    return App(
        client_id=client_id,
        client_secret=client_secret,
        redirect_uri=redirect_uri(),
        discovery_url=settings.INTUIT_DISCOVERY_URL,
    )


def _base_url(environment: str) -> str:
    if environment == Environment.PRODUCTION:
        return str(settings.QUICKBOOKS_API_URL)
    return str(settings.QUICKBOOKS_SANDBOX_API_URL)


def _refuse_inside_transaction() -> None:
    if database.in_atomic_block:
        raise InsideTransaction
