"""What staff or a webhook does to the rows of a turn waits for its transaction; neither is thrown out for the other."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from billing.models import Customer, Invoice, Payment
from billing.services import customers, payments
from integrations import credentials, gateway, rule_changes, sealed
from integrations.documents import Kind, ListKind
from integrations.inbound import apply, decisions, doorbells, drift, number_choice
from integrations.inbound.same_number import Answer
from integrations.models import (
    Connection,
    Discrepancy,
    Doorbell,
    IntuitApp,
    MirrorEntry,
    SyncJob,
    policies_in_force,
    set_policies,
)
from integrations.outbound import customer_choice, customer_links, due, lease, wishes
from integrations.outbound.drain import THREADS
from integrations.outbound.perform import unobserved
from integrations.outbound.store import Store
from integrations.policies import Policies
from integrations.ports import Event
from integrations.serving import Turn, store_of
from regentra import clock
from tenants.models import Role, Route
from tests import factories
from tests.integrations.shown import with_what_was_shown
from tests.integrations.waiting import until_waiting
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def store(world: World) -> Iterator[Store]:
    held = lease.take_now(world.connections[-1])
    assert held is not None
    yield store_of(held)
    held.release()


@pytest.fixture
def somebody() -> Iterator[Executor]:
    """Another process of ours."""
    with ThreadPoolExecutor(1) as executor:
        yield executor


def begun(somebody: Executor, work: Callable[[], None]) -> "Future[None]":
    """Their transaction, which by now waits for one that is open here."""

    def elsewhere() -> None:
        try:
            work()
        finally:
            connections.close_all()

    theirs = somebody.submit(elsewhere)
    until_waiting()
    return theirs


def test_customer_linked_by_hand_while_a_turn_links_customers(
    world: World, store: Store, somebody: Executor
) -> None:
    theirs = world.bookkeeper("Customer", {"DisplayName": "Adatum"})
    world.due_now()
    customer, connection = world.customer(), world.connection
    with world.inside():
        values = {"connection": connection, "kind": ListKind.CUSTOMER, "remote_id": theirs["Id"]}
        MirrorEntry.objects.create(**values, name="Adatum", name_key="adatum", remote_version="0")

    def by_hand() -> None:
        with world.inside():
            customer_choice.link(connection, customer, theirs["Id"], actor=world.owner)

    with store.transaction():
        linked = begun(somebody, by_hand)
        assert customer_links.locked(connection, customer.pk) is None
    linked.result()
    assert world.link(customer).remote_id == theirs["Id"]


def test_payment_that_staff_change_while_a_look_judges_it_is_not_overwritten(
    world: World, somebody: Executor
) -> None:
    invoice = world.invoice(world.linked_customer())
    world.work()
    theirs = world.pays(invoice, "50")
    world.due_now()
    world.work()
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Payment", {**keys, "sparse": True, "PaymentRefNum": "theirs"})
    world.due_now()
    with world.inside():
        payment = payments.change(payment=Payment.objects.get(), reference="ours")
        looked = begun(somebody, world.serve)
    looked.result()
    assert world.fresh(payment).reference == "ours"
    with world.inside():
        assert Discrepancy.objects.get(closed_at=None).reason_code == "changed_there"


def test_webhook_about_a_document_whose_mark_a_turn_closes(
    world: World, store: Store, somebody: Executor
) -> None:
    now = clock.now()
    event = Event("1", world.realm, Kind.INVOICE, "77", "updated", now)
    later = Event("2", world.realm, Kind.INVOICE, "77", "updated", now + timedelta(seconds=1))
    place = (world.organization.pk, store.connection.pk)
    with world.inside():
        doorbells.ring(*place, [event])

    def webhook() -> None:
        with world.inside():
            doorbells.ring(*place, [later])

    with store.transaction():
        rung = begun(somebody, webhook)
        doorbells.close(store.connection, {("invoice", "77")}, now)
    rung.result()
    with world.inside():
        assert Doorbell.objects.get(closed_at=None).event_at == later.at


def changed(world: World, entity: str, **fields: Any) -> None:
    """The bookkeeper changes the only one of its kind, and Regentra looks."""
    (theirs,) = world.held(entity)
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper(entity, {**keys, "sparse": True, **fields})
    world.due_now()
    world.work()


def disputed(world: World) -> Invoice:
    """An invoice whose due date was changed in QuickBooks, which staff are asked about."""
    invoice = world.invoice(world.linked_customer())
    world.work()
    changed(world, "Invoice", DueDate="2027-03-31")
    return invoice


def open_question() -> Discrepancy:
    return Discrepancy.objects.select_related("connection").get(closed_at=None)


def rules(**chosen: str) -> Policies:
    return Policies.of({**policies_in_force().to_choices(), **chosen})


@contextmanager
def turn(world: World) -> Iterator[Store]:
    """A worker's turn, in the transaction in which it takes in a document."""
    held = lease.take_now(world.connections[-1])
    assert held is not None
    store = store_of(held)
    with store.transaction():
        yield store
    held.release()


def test_difference_that_staff_answer_while_a_turn_follows_the_same_invoice(
    world: World, somebody: Executor
) -> None:
    invoice = disputed(world)

    def answer() -> None:
        with world.inside():
            decisions.take_theirs(open_question(), actor=world.owner)

    with turn(world):
        answered = begun(somebody, answer)
        Invoice.objects.select_for_update().get(pk=invoice.pk)
    answered.result()
    assert str(world.fresh(invoice).due_on) == "2027-03-31"


def test_difference_that_a_turn_closes_while_staff_answer_it(
    world: World, somebody: Executor, client: Client
) -> None:
    invoice = disputed(world)
    before = world.fresh(invoice).due_on
    with world.inside():
        question = open_question()
    client.force_login(world.owner)
    address = reverse("integrations:answer_difference", args=[world.organization.slug, question.pk])
    sent = with_what_was_shown(world, question, "theirs")

    def answer() -> None:
        client.post(address, sent)

    with turn(world):
        answered = begun(somebody, answer)
        drift.close(question)
    answered.result()
    assert world.fresh(invoice).due_on == before


def test_number_that_staff_decide_about_while_a_turn_follows_the_same_invoice(
    world: World, somebody: Executor
) -> None:
    customer = world.linked_customer()
    invoice = world.invoice(customer)
    line = {"DetailType": "SalesItemLineDetail", "Amount": "100", "SalesItemLineDetail": {}}
    whose = {"CustomerRef": {"value": world.link(customer).remote_id}}
    world.bookkeeper("Invoice", {**whose, "DocNumber": invoice.number, "Line": [line]})
    world.work()

    def answer() -> None:
        with world.inside():
            number_choice.answer(open_question(), Answer.TAKE, actor=world.owner)

    with turn(world):
        answered = begun(somebody, answer)
        Invoice.objects.select_for_update().get(pk=invoice.pk)
    answered.result()
    (theirs,) = world.held("Invoice")
    assert world.link(invoice).remote_id == theirs["Id"]


def test_rules_that_are_saved_while_a_turn_takes_in_a_customer_they_are_about(
    world: World, somebody: Executor
) -> None:
    with world.inside():
        set_policies(rules(customer_phone_owner="ask"))
    customer = world.linked_customer()
    with world.inside():
        customers.update(customer=customer, phone="555 0001")
    changed(world, "Customer", PrimaryPhone={"FreeFormNumber": "555 0002"})

    def save() -> None:
        with world.inside():
            rule_changes.adopt({"customer_phone_owner": "theirs"}, actor=world.owner)

    with turn(world) as store:
        saved = begun(somebody, save)
        apply.take_customer(store.connection, Customer.objects.get(), {"phone": "555 0002"})
    saved.result()
    assert world.fresh(customer).phone == "555 0002"


def test_rules_that_are_saved_while_an_answer_is_to_be_remembered(
    world: World, somebody: Executor
) -> None:
    disputed(world)

    def save() -> None:
        with world.inside():
            rule_changes.adopt({"push_when": "button"}, actor=world.owner)

    with world.inside():
        decisions.send_ours(open_question(), actor=world.owner)
        saved = begun(somebody, save)
        rule_changes.adopt({"due_date_owner": "ours"}, actor=world.owner)
    saved.result()
    with world.inside():
        rules = policies_in_force().to_choices()
    assert (rules["push_when"], rules["due_date_owner"]) == ("button", "ours")


@pytest.mark.parametrize("chosen_before", [{}, {"closed_period": "hold"}])
def test_rules_that_two_people_change_at_once_both_hold(
    world: World, somebody: Executor, chosen_before: dict[str, str]
) -> None:
    def change(**chosen: str) -> None:
        with world.inside():
            rule_changes.adopt(chosen, actor=world.owner)

    change(**chosen_before)
    with world.inside():
        rule_changes.adopt({"push_when": "never"}, actor=world.owner)
        other = begun(somebody, partial(change, tax_mode="mapped"))
    other.result()
    with world.inside():
        rules = policies_in_force().to_choices()
    assert (rules["push_when"], rules["tax_mode"]) == ("never", "mapped")
    assert chosen_before.items() <= rules.items()


def test_second_person_is_needed_by_a_change_that_was_begun_before_that_was_chosen(
    world: World, somebody: Executor
) -> None:
    asked = []

    def ask() -> None:
        with world.inside():
            asked.append(rule_changes.need_second_person())

    factories.member(world.organization, "dora@example.com", Role.ADMIN)
    with world.inside():
        rule_changes.adopt({"rule_changes": "second_person"}, actor=world.owner)
        other = begun(somebody, ask)
    other.result()
    assert asked == [True]


def test_rules_that_are_saved_while_a_relay_has_both_companies_sent_to(
    world: World, somebody: Executor
) -> None:
    customer, one = world.customer(), world.connection
    with world.inside():
        other = Connection.objects.create(account_hash="other", environment=one.environment)
        due.ensure(world.organization.pk, other.pk)
    first, last = sorted([one, other], key=lambda each: each.pk)

    def save() -> None:
        with world.inside():
            rule_changes.adopt({"push_when": "button"}, actor=world.owner)

    with world.inside():
        wishes.send_to(last, Kind.CUSTOMER, customer.pk)
        saved = begun(somebody, save)
        wishes.send_to(first, Kind.CUSTOMER, customer.pk)
    saved.result()
    with world.inside():
        assert policies_in_force().to_choices()["push_when"] == "button"
        assert set(SyncJob.objects.values_list("connection_id", flat=True)) == {first.pk, last.pk}


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("use_company", {}),
        ("pause", {"pause": "now"}),
        ("pause", {"pause": "after_batch"}),
        ("pause", {"pause": "end"}),
        ("resume", {}),
        ("read_settings", {}),
        ("refresh_lists", {}),
        ("sync_now", {}),
        ("disconnect", {}),
    ],
)
def test_what_a_person_presses_for_a_company_while_a_turn_is_at_it(
    world: World, store: Store, somebody: Executor, client: Client, name: str, typed: dict[str, str]
) -> None:
    world.invoice(world.linked_customer())
    with world.inside():
        stopped = clock.now() if name == "resume" else None
        Connection.objects.update(held=name == "use_company", stopped_at=stopped)
        rule_changes.adopt({"sync_cadence": "manual"}, actor=world.owner)
    client.force_login(world.owner)
    address = reverse(f"integrations:{name}", args=[world.organization.slug])
    address += world.connection.query

    def press() -> None:
        assert client.post(address, typed).status_code == 302

    with store.transaction():
        pressed = begun(somebody, press)
        Connection.objects.update(changes_since=clock.now())
    pressed.result()


def test_connecting_anew_while_a_turn_is_at_the_company(
    world: World, store: Store, somebody: Executor
) -> None:
    with store.transaction():
        connected = begun(somebody, partial(world.connect, realm=world.realm))
        Connection.objects.update(changes_since=clock.now())
    connected.result()
    assert world.connection.is_connected


def test_turn_that_sees_how_a_company_stands_while_a_person_changes_that(
    world: World, store: Store, somebody: Executor
) -> None:
    with world.inside():
        due.hold(store.connection.pk)
        rested = begun(somebody, Turn(store, None, unobserved, THREADS).rest)
        Connection.objects.update(changes_since=clock.now())
    rested.result()


@pytest.mark.parametrize("removed", [False, True])
def test_keys_of_an_own_app_that_two_people_save_or_remove_at_once(
    unconnected: World, somebody: Executor, removed: bool
) -> None:
    def save(secret: str) -> None:
        with unconnected.inside():
            keys = {"client_id": "AB", "client_secret": secret}
            credentials.save(keys, kept_by="", user=unconnected.owner)

    def remove() -> None:
        with unconnected.inside():
            credentials.remove(user=unconnected.owner)

    if removed:
        save("first")
    with unconnected.inside():
        remove() if removed else save("first")
        theirs = begun(somebody, remove if removed else partial(save, "second"))
    theirs.result()
    with unconnected.inside():
        kept = [sealed.read(app, "client_secret") for app in IntuitApp.objects.all()]
        addresses = Route.objects.filter(kind=gateway.QUICKBOOKS_WEBHOOK).count()
    assert (kept, addresses) == (([], 0) if removed else (["second"], 1))
