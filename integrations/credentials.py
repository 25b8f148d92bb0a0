"""The keys of an organization's own Intuit app: saved, changed and removed by its admins. Runs inside ``within()``."""

import secrets
from collections.abc import Mapping

from django.db.models import QuerySet

from integrations import gateway, sealed
from integrations.models import Connection, IntuitApp, live_connections
from integrations.outbound import due
from regentra import clock
from tenants import audit
from tenants.models import Route, User
from tenants.scope import current_organization_id

KEYS = ("client_id", "client_secret", "verifier")


class CredentialsRefused(Exception):
    """Nothing was saved or removed. The message is for the person who tried."""


def save(typed: Mapping[str, str], *, kept_by: str, user: User) -> IntuitApp:
    """Stores what was typed; a key left empty stays as it is. Raises `CredentialsRefused`.

    The secret and the verifier may be replaced at any time, as when they are rotated at Intuit. The client ID may not
    while a company is connected: its consent belongs to the app.
    """
    app, _ = IntuitApp.objects.select_for_update().get_or_create()
    if not app.keeps("webhook_token"):
        _give_address(app)
    _refuse_another_app(app, typed.get("client_id", ""))
    written = [name for name in KEYS if typed.get(name)]
    for name in written:
        sealed.write(app, name, typed[name])
    if "client_id" in written:
        app.client_hash = Route.hash_of(typed["client_id"])
    app.kept_by, app.saved_at, app.saved_by = kept_by, clock.now(), user
    app.save()
    audit.record("quickbooks.credentials_saved", actor=user, saved=written, kept_by=kept_by)
    if "client_secret" in written:
        _try_again(app)
    return app


def remove(*, user: User) -> None:
    """Forgets all keys and the address that Intuit posts to. Raises `CredentialsRefused` while they are in use."""
    app = IntuitApp.objects.select_for_update().first()
    if app is None:
        return
    if company := connected_through(app):
        raise CredentialsRefused(
            f"{company} is connected through this app. Disconnect it first; its access could not be renewed any more."
        )
    Route.objects.filter(kind=gateway.QUICKBOOKS_WEBHOOK, object_id=app.id).delete()
    app.delete()
    audit.record("quickbooks.credentials_removed", actor=user)


def connected_through(app: IntuitApp) -> str:
    """The name of a company that is connected through this app; empty when there is none."""
    connection = _through(app).first()
    return str(connection) if connection else ""


def _through(app: IntuitApp) -> QuerySet[Connection]:
    return live_connections().filter(client_hash=app.client_hash).exclude(client_hash="")


def _try_again(app: IntuitApp) -> None:
    """Intuit may have refused the former secret; what is put off for that waits no longer."""
    for connection in _through(app):
        due.send_by(connection.id, clock.now())


def _refuse_another_app(app: IntuitApp, client_id: str) -> None:
    if not client_id or Route.hash_of(client_id) == app.client_hash:
        return
    if company := connected_through(app):
        raise CredentialsRefused(
            f"{company} is connected through the app with the former client ID. Disconnect it first, then save the "
            "new one and connect again. A new secret or verifier of the same app can be saved at any time."
        )


def _give_address(app: IntuitApp) -> None:
    """A random one of its own for Intuit's posts. One whose key is lost is listened to still, but not known."""
    token = secrets.token_urlsafe(32)
    sealed.write(app, "webhook_token", token)
    Route.objects.create(
        kind=gateway.QUICKBOOKS_WEBHOOK,
        key_hash=Route.hash_of(token),
        organization_id=current_organization_id(),
        object_id=app.id,
    )
