"""Damage that no code of ours can do: by the owner of the tables, past triggers and constraints."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connections, transaction

from tests.integrations.world import World


@dataclass(frozen=True)
class Damage:
    """What breaks one check, and what lets the constraints be put back afterwards."""

    check: str
    hurt: tuple[str, ...]
    heal: tuple[str, ...] = ()


def _past_triggers(check: str, table: str, update: str) -> Damage:
    off, on = (f"ALTER TABLE {table} {word} TRIGGER USER" for word in ("DISABLE", "ENABLE"))
    return Damage(check, (off, update, on), (on,))


STOPPING = [
    _past_triggers(
        "invoice_applied",
        "billing_invoice",
        "UPDATE billing_invoice SET applied_minor = 3999 WHERE applied_minor > 0",
    ),
    _past_triggers(
        "payment_allocated",
        "billing_payment",
        "UPDATE billing_payment SET allocated_minor = 3999",
    ),
    _past_triggers(
        "credit_used", "billing_creditmemo", "UPDATE billing_creditmemo SET applied_minor = 1"
    ),
    Damage(
        "credit_memo_lines",
        ("UPDATE billing_creditmemo SET subtotal_minor = 9, total_minor = tax_minor + 9",),
    ),
    Damage(
        "credit_fits",
        (
            """UPDATE billing_creditmemoline SET amount_minor = 10001,
            invoice_line_id = (SELECT id FROM billing_invoiceline LIMIT 1)""",
        ),
    ),
    Damage(
        "invoice_lines",
        ("UPDATE billing_invoice SET subtotal_minor = 10001, total_minor = tax_minor + 10001",),
    ),
    Damage("line_amounts", ("UPDATE billing_invoiceline SET amount_minor = 9999",)),
    Damage("payments_fit", ("UPDATE billing_payment SET currency = 'CAD'",)),
    Damage("history_complete", ("DELETE FROM tenants_auditentry WHERE object_kind = 'invoice'",)),
    _past_triggers(
        "refunded_once", "billing_refund", "UPDATE billing_refund SET amount_minor = 3999"
    ),
    Damage(
        "links_once",
        (
            "ALTER TABLE integrations_link DROP CONSTRAINT link_theirs_once",
            "UPDATE integrations_link SET remote_id = '1' WHERE kind = 'invoice'",
        ),
        (
            "UPDATE integrations_link SET remote_id = id",
            """ALTER TABLE integrations_link ADD CONSTRAINT link_theirs_once
            UNIQUE (organization_id, connection_id, kind, remote_id)""",
        ),
    ),
    Damage(
        "links_lead_somewhere",
        ("UPDATE integrations_link SET local_id = gen_random_uuid() WHERE kind = 'payment'",),
    ),
    Damage("link_halves", ("UPDATE integrations_link SET ours = '{}' WHERE kind = 'payment'",)),
    Damage("made_once", ("UPDATE integrations_intent SET marker = 'm' WHERE kind = 'invoice'",)),
    Damage("nothing_after_disconnect", ("UPDATE integrations_intent SET epoch = 99",)),
    Damage(
        "jobs_lead_somewhere",
        ("UPDATE integrations_syncjob SET local_id = gen_random_uuid() WHERE kind = 'payment'",),
    ),
    Damage(
        "jobs_not_ahead",
        (
            "ALTER TABLE integrations_syncjob DROP CONSTRAINT done_not_ahead",
            "UPDATE integrations_syncjob SET done = 9, state = 'errored' WHERE kind = 'payment'",
        ),
        (
            "UPDATE integrations_syncjob SET wanted = 9, done = 9",
            "ALTER TABLE integrations_syncjob ADD CONSTRAINT done_not_ahead CHECK (done <= wanted)",
        ),
    ),
    Damage(
        "no_write_forgotten",
        ("UPDATE integrations_intent SET state = 'open' WHERE kind = 'payment'",),
    ),
]
LATE = [
    Damage(
        "jobs_have_a_moment",
        (
            """UPDATE integrations_syncjob SET state = 'pending', next_attempt_at = NULL,
            state_since = state_since - interval '1 hour' WHERE kind = 'payment'""",
        ),
        ("UPDATE integrations_syncjob SET state = 'synced' WHERE kind = 'payment'",),
    ),
    Damage(
        "events_relayed",
        (
            """UPDATE billing_outboxevent SET relayed_at = NULL,
            created_at = created_at - interval '1 hour'""",
        ),
        ("UPDATE billing_outboxevent SET relayed_at = created_at",),
    ),
    Damage(
        "pace_kept",
        (
            """INSERT INTO integrations_apicall (organization_id, connection_id, kind, method, path,
            metered, items, started_at, duration_ms, reference, request_id, outcome)
            SELECT organization_id, id, '', 'GET', '/', false, 1,
            date_trunc('minute', clock_timestamp()), 1, '', '', ''
            FROM integrations_connection, generate_series(1, 501)""",
        ),
        ("DELETE FROM integrations_apicall",),
    ),
]


@contextmanager
def done(world: World, damage: Damage) -> Iterator[None]:
    """The organization's rows with this damage in them; healed afterwards."""
    try:
        _as_owner(world, damage.hurt)
        yield
    finally:
        _as_owner(world, damage.heal)


def _as_owner(world: World, statements: tuple[str, ...]) -> None:
    for statement in statements:
        with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            here = str(world.organization.pk)
            cursor.execute("SELECT set_config('app.organization', %s, true)", [here])
            cursor.execute(statement)
