"""Since when what is made over there comes in by itself is asked rarely, and found at once."""

from datetime import timedelta

import pytest
from django.db import connections as databases

from integrations import rule_changes
from integrations.documents import Held, Kind
from integrations.inbound.from_now_on import FromNowOn
from integrations.models import RULES_CHANGED, changes_of
from regentra import clock
from tests.features.test_import_rows import look, their_customer, their_invoice
from tests.integrations.world import World
from tests.statements import statements

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


def choose(world: World, rule: str) -> None:
    with world.inside():
        rule_changes.adopt({"invoices_made_there": rule}, actor=world.owner)


def test_look_asks_the_history_once(world: World) -> None:
    adatum = their_customer(world)
    bills = [their_invoice(world, adatum, number=f"Q-{number}") for number in range(6)]
    choose(world, "bring_in")
    for bill in bills:
        changed = {"Id": bill["Id"], "SyncToken": bill["SyncToken"], "sparse": True}
        world.bookkeeper("Invoice", {**changed, "PrivateNote": "checked"})
    with statements() as asked:
        look(world)
    assert len([sql for sql in asked if RULES_CHANGED in sql]) == 1


def test_rule_that_is_chosen_during_a_look_holds_for_the_rest_of_it(world: World) -> None:
    from_now_on = FromNowOn(world.connection)
    held = Held(Kind.INVOICE, "1", "0", None, created_at=clock.now())
    with world.inside():
        assert from_now_on.holds("invoices_made_there", held)
    with clock.frozen(clock.now() + timedelta(minutes=20)):
        choose(world, "bring_in")
    with world.inside():
        assert not from_now_on.holds("invoices_made_there", held)


def test_history_is_asked_by_its_index(world: World) -> None:
    """It has a line for each change of each document."""
    choose(world, "bring_in")
    with world.inside(), databases["default"].cursor() as cursor:
        cursor.execute(
            "INSERT INTO tenants_auditentry (organization_id, action, object_kind, object_id, detail, at)"
            " SELECT app_organization(), 'invoice.changed', 'invoice', gen_random_uuid()::text, '{}', now()"
            " FROM generate_series(1, 20000)"
        )
    with databases["owner"].cursor() as cursor:
        cursor.execute("ANALYZE tenants_auditentry")
    with world.inside():
        assert "audit_by_object" in changes_of("invoices_made_there")[:1].explain()
