"""One look at an organization's own state, every 15 minutes: what to renew, to check, to tell, to mail."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import structlog

from integrations import causes, gateway, mailing, rounds, stopping, tallies, tokens, watchdog
from integrations.errors import NeedsConsent, SyncError
from integrations.inbound import lists
from integrations.models import Connection, Credential, live_connections, policies_in_force
from integrations.outbound import auto_link, due, taking_nothing
from integrations.policies import NightlyLinking
from regentra import clock
from tenants.scope import within

log = structlog.get_logger()

# A refresh token dies after 100 days without use (reference quickbooks 1.5); a week leaves 13 more tries.
RENEW_AFTER = timedelta(days=7)

Step = Callable[[UUID], None]


def check_up_next() -> bool:
    """Looks over the organization whose turn it is. Says False when none is due."""
    organization_id = rounds.take_next()
    if organization_id is not None:
        check_up(organization_id)
    return organization_id is not None


def check_up(organization_id: UUID) -> None:
    """All steps; one that fails in a way nobody foresaw holds up no other."""
    with structlog.contextvars.bound_contextvars(organization=str(organization_id)):
        for step in STEPS:
            try:
                step(organization_id)
            except Exception:
                log.exception("check-up broke", step=step.__name__)


def keep_consent_alive(organization_id: UUID) -> None:
    """Renews the tokens of companies that nobody has spoken to for a week (L-53)."""
    with within(organization_id):
        idle = [each for each in live_connections() if _is_idle(each)]
    for connection in idle:
        _renew(connection)


def read_lists_again(organization_id: UUID) -> None:
    """Once after an update that keeps more of them, also where nobody looks unasked."""
    with within(organization_id):
        for connection in live_connections():
            if connection.is_connected and lists.are_outgrown(connection):
                due.send_by(connection.id, clock.now())


def try_companies_again(organization_id: UUID) -> None:
    """Those that take nothing, where no turn would come back to them."""
    with within(organization_id):
        for connection in live_connections():
            if connection.is_connected:
                taking_nothing.keep_trying(connection)


def link_customers(organization_id: UUID) -> None:
    """Once each night, where the sync rules say so (T-18)."""
    with within(organization_id):
        waiting = [one for one in live_connections() if _is_linking_due(one)]
    for connection in waiting:
        auto_link.link_all(connection, lambda: within(organization_id))


def _is_linking_due(connection: Connection) -> bool:
    """Once after set-up whatever the rules say, also when the worker that began it has died (T-17)."""
    if connection.lists_read_at is None or not connection.is_connected:
        return False
    last, rule = connection.customers_linked_at, policies_in_force().nightly_linking
    return last is None or (rule is NightlyLinking.ON and clock.now() >= due.night_after(last))


def tell_what_is(organization_id: UUID) -> None:
    """Opens, follows and closes the notices about each connection."""
    with within(organization_id):
        for connection in live_connections():
            causes.consent_expires(connection)
            causes.documents_refused(connection, tallies.count(connection))
            _tell_if_late(connection)


def check_rows(organization_id: UUID) -> None:
    """Looks whether what must always hold does, and stops sending where it does not."""
    with within(organization_id):
        stopping.check()


def count_what_is(organization_id: UUID) -> None:
    """How its companies stand, for /metrics; also of those that no worker serves any more."""
    with within(organization_id):
        for connection in Connection.objects.all():
            tallies.count(connection)


def _tell_if_late(connection: Connection) -> None:
    if not connection.is_connected:
        causes.company_on_time(connection)
    elif ended := watchdog.failing(connection):
        causes.company_fails(connection, ended)
    elif watchdog.is_put_off(connection):
        causes.documents_put_off(connection)
    elif watchdog.is_late(connection):
        causes.company_late(connection)
    else:
        causes.company_on_time(connection)


def _is_idle(connection: Connection) -> bool:
    a_week_ago = clock.now() - RENEW_AFTER
    credential = Credential.objects.filter(connection=connection, refreshed_at__lte=a_week_ago)
    return connection.is_connected and credential.exists()


def _renew(connection: Connection) -> None:
    """An access token as old as that has ended long ago, so asking for one renews it."""
    try:
        tokens.access_token(connection, gateway.refresh_of(connection))
    except NeedsConsent:
        log.info("idle company needs consent")  # the notice was opened with the end of the consent
    except SyncError as error:
        log.warning("idle company not renewed", outcome=type(error).__name__, code=error.code)


STEPS: tuple[Step, ...] = (
    keep_consent_alive,
    check_rows,
    read_lists_again,
    try_companies_again,
    link_customers,
    tell_what_is,
    count_what_is,
    mailing.mail_notices,
)
