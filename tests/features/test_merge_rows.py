"""N-11: items and accounts that a bookkeeper merges, fifty at once; what is sent afterwards, and what was before."""

from typing import Any

import pytest
import requests

from billing.models import Customer, Invoice, Service
from billing.services import catalogue
from integrations.models import Discrepancy, Link, Mapping, MappingSubject
from tests import factories
from tests.features import steps
from tests.features import test_refund_rows as refunds
from tests.features.pages import Visitor
from tests.features.test_payment_rows import open_invoices, record
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

MAPPING_PAGE = f"{steps.QUICKBOOKS_PAGE}mapping/"
ITEMS, ACCOUNTS = 40, 10


def their_item(world: World, name: str) -> str:
    (income,) = [one["Id"] for one in world.held("Account") if one["Name"] == "Services"]
    body = {"Name": name, "Type": "Service", "IncomeAccountRef": {"value": income}}
    return str(world.bookkeeper("Item", body)["Id"])


def their_account(world: World, name: str, kind: str = "Income") -> str:
    return str(world.bookkeeper("Account", {"Name": name, "AccountType": kind})["Id"])


def merge(world: World, list_name: str, loser: str, survivor: str) -> None:
    """The bookkeeper gives one the name of the other."""
    page = f"{world.box.url}/company/{world.realm}/{list_name}/{loser}"
    merged = requests.post(f"{page}/merge", data={"into": survivor}, timeout=10)
    assert merged.ok, merged.text


def choose(world: World, subject: MappingSubject, key: Any, remote_id: str) -> None:
    with world.inside():
        Mapping.objects.create(
            connection=world.connection, subject=subject, local_key=str(key), remote_id=remote_id
        )


def looked(world: World) -> None:
    world.due_now()
    world.work()
    world.work()


def services(world: World, items: list[str]) -> list[Service]:
    with world.inside():
        made = [factories.service(f"Service {number}") for number in range(len(items))]
    for service, item in zip(made, items, strict=True):
        choose(world, MappingSubject.SERVICE, service.pk, item)
    return made


def sold_as(world: World) -> dict[str, str]:
    """The item of the one line of each invoice there, by its number."""
    return {
        one["DocNumber"]: steps.sold(one)[0]["SalesItemLineDetail"]["ItemRef"]["value"]
        for one in world.held("Invoice")
    }


def invoices(world: World, made: list[Service]) -> list[Invoice]:
    with world.inside():
        customer = Customer.objects.first()
    customer = customer or world.linked_customer()
    found = [world.invoice(customer, lines=[factories.line(service=one)]) for one in made]
    world.work()
    return found


def asked(world: World) -> list[str]:
    with world.inside():
        open_ones = Discrepancy.objects.filter(closed_at=None)
        return list(open_ones.values_list("sentence", flat=True))


def test_N_11_fifty_merged_items_and_accounts_are_followed_and_nothing_is_remapped_wrongly(
    world: World, alice: Visitor
) -> None:
    items = [their_item(world, f"Theirs {number}") for number in range(ITEMS)]
    into = [their_item(world, f"Survivor {number}") for number in range(ITEMS)]
    accounts = [their_account(world, f"Income {number}") for number in range(ACCOUNTS)]
    kept = [their_account(world, f"Kept {number}") for number in range(ACCOUNTS)]
    looked(world)
    made = services(world, items)
    with world.inside():
        ledger = [
            catalogue.create_ledger_account(code=f"41{number:02}", name=f"Own {number}")
            for number in range(ACCOUNTS)
        ]
    for own, theirs in zip(ledger, accounts, strict=True):
        choose(world, MappingSubject.LEDGER_ACCOUNT, own.pk, theirs)
    before = invoices(world, made)
    for loser, survivor in zip(items, into, strict=True):
        merge(world, "items", loser, survivor)
    for loser, survivor in zip(accounts, kept, strict=True):
        merge(world, "accounts", loser, survivor)
    steps.notified(world)
    looked(world)
    assert asked(world) == [], "that their documents name the survivor is no difference"
    assert "Nothing needs you" in alice.go("exceptions/").text
    with world.inside():
        chosen = dict(Mapping.objects.values_list("local_key", "remote_id"))
    assert [chosen[str(one.pk)] for one in made] == into
    assert [chosen[str(own.pk)] for own in ledger] == kept
    world.forget_calls()
    after = invoices(world, made)
    now = sold_as(world)
    assert [now[one.number] for one in before] == into
    assert [now[one.number] for one in after] == into
    writes = [one for one in world.journal() if one["method"] == "POST"]
    assert len(writes) == ITEMS, "nothing of before is written again"
    page = alice.go(MAPPING_PAGE)
    assert not [one for one in page.tree.all("div") if "field-error" in one["class"]]


def test_N_11_lost_event_is_read_off_the_documents_that_moved(world: World, alice: Visitor) -> None:
    loser, survivor = their_item(world, "Theirs"), their_item(world, "Survivor")
    unused, its = their_item(world, "Never sold"), their_item(world, "Other")
    looked(world)
    made = services(world, [loser, unused])
    (before, *_) = invoices(world, made[:1])
    merge(world, "items", loser, survivor)
    merge(world, "items", unused, its)
    looked(world)
    assert asked(world) == []
    with world.inside():
        chosen = dict(Mapping.objects.values_list("local_key", "remote_id"))
    assert chosen[str(made[0].pk)] == survivor
    assert chosen[str(made[1].pk)] == unused, "nobody said into which"
    page = alice.go(MAPPING_PAGE)
    (note,) = [one.text for one in page.tree.all("div") if "field-error" in one["class"]]
    assert "Never sold is deleted or merged into another in QuickBooks" in note
    assert "Invoices with this service wait" in note
    alice.press("Save", {"Item for Service 1": "Other"})
    again, other = invoices(world, made)
    now = sold_as(world)
    assert [now[one.number] for one in (before, again, other)] == [survivor, survivor, its]


def test_N_11_merged_item_that_only_is_inactive_is_followed_as_well(
    world: World, alice: Visitor
) -> None:
    world.control("POST", "switches", {"merged_entry_vanishes": False})
    loser, survivor = their_item(world, "Theirs"), their_item(world, "Survivor")
    looked(world)
    made = services(world, [loser])
    invoices(world, made)
    merge(world, "items", loser, survivor)
    steps.notified(world)
    looked(world)
    assert asked(world) == []
    invoices(world, made)
    assert list(sold_as(world).values()) == [survivor, survivor]


def test_N_11_merged_bank_account_takes_the_payments_of_before_and_after(
    world: World, alice: Visitor
) -> None:
    loser = their_account(world, "Old bank", "Bank")
    survivor = their_account(world, "New bank", "Bank")
    looked(world)
    alice.go(MAPPING_PAGE)
    alice.press("Save", {"Deposit account": "Old bank"})
    world.linked_customer()
    for turn in range(2):
        number = steps.generate(alice)
        steps.send(alice, number)
        steps.mark_paid(alice)
        world.work()
        if not turn:
            merge(world, "accounts", loser, survivor)
            steps.notified(world)
            looked(world)
    assert asked(world) == []
    accounts = [one["DepositToAccountRef"]["value"] for one in world.held("Payment")]
    assert accounts == [survivor, survivor]


@pytest.mark.parametrize("kind", ["items", "accounts"])
def test_N_11_what_was_merged_twice_before_a_look_is_the_one_that_is_left(
    world: World, alice: Visitor, kind: str
) -> None:
    make = their_item if kind == "items" else their_account
    first, second, last = (make(world, name) for name in ("Theirs", "Then", "At last"))
    looked(world)
    with world.inside():
        ours = (
            factories.service()
            if kind == "items"
            else catalogue.create_ledger_account(code="41", name="Own")
        )
    subject = MappingSubject.SERVICE if kind == "items" else MappingSubject.LEDGER_ACCOUNT
    choose(world, subject, ours.pk, first)
    merge(world, kind, first, second)
    merge(world, kind, second, last)
    steps.notified(world)
    looked(world)
    with world.inside():
        chosen = Mapping.objects.get(subject=subject, local_key=str(ours.pk))
        noted = Mapping.objects.filter(subject__in=("merged_item", "merged_account"))
        assert not noted.exists()
    assert (chosen.remote_id, chosen.remote_name) == (last, "At last")


def test_N_11_word_of_merges_in_a_circle_moves_nothing(world: World, alice: Visitor) -> None:
    first, second, last = (their_item(world, name) for name in ("Theirs", "Then", "At last"))
    looked(world)
    (service,) = services(world, [first])
    merge(world, "items", first, last)
    merge(world, "items", second, last)
    choose(world, MappingSubject.MERGED_ITEM, first, second)
    choose(world, MappingSubject.MERGED_ITEM, second, first)
    looked(world)
    with world.inside():
        assert Mapping.objects.get(local_key=str(service.pk)).remote_id == first


def test_N_11_word_of_a_merge_alone_moves_nothing_while_both_are_in_use(
    world: World, alice: Visitor
) -> None:
    """Somebody posts a forged or stale event: what it says is not there."""
    loser, survivor = their_item(world, "Theirs"), their_item(world, "Survivor")
    looked(world)
    (service,) = services(world, [loser])
    with world.inside():
        Mapping.objects.create(
            connection=world.connection,
            subject=MappingSubject.MERGED_ITEM,
            local_key=loser,
            remote_id=survivor,
        )
    looked(world)
    invoices(world, [service])
    assert set(sold_as(world).values()) == {loser}


def merged_unheard(world: World, person: Visitor, minutes: int) -> None:
    """A paid invoice, a part of it paid back; its customer is merged, nobody tells, and staff say who it is now."""
    steps.open_customer(person)
    theirs = world.link(steps.customer(world)).remote_id
    same_address = {"PrimaryEmailAddr": {"Address": steps.customer(world).email}}
    into = world.bookkeeper("Customer", {"DisplayName": "Adatum Group", **same_address})["Id"]
    merge(world, "customers", theirs, into)
    for _ in range(2):
        looked(world)
        world.box.core.clock.offset += minutes * 60
    steps.open_customer(person)
    person.press("Use this customer", {"customer": into})
    world.work()
    for _ in range(2):
        world.later(minutes=1)
        looked(world)


@pytest.mark.parametrize("minutes", [0, 20])
@pytest.mark.parametrize("posting", ["As an expense", "As a refund receipt"])
def test_documents_of_a_customer_that_staff_chose_anew_differ_in_nothing(
    world: World, alice: Visitor, posting: str, minutes: int
) -> None:
    """Whether the look still holds them or has passed them by."""
    refunds.choose(alice, posting)
    refunds.map_accounts(world, alice)
    refunds.refund(world, alice)
    merged_unheard(world, alice, minutes)
    assert asked(world) == []
    assert "Nothing needs you" in alice.go("exceptions/").text
    with world.inside():
        group = world.link(Customer.objects.get()).remote_id
        named = {one.kind: one.ours.get("customer", group) for one in Link.objects.all()}
    assert set(named.values()) == {group}


def test_customer_of_whom_word_comes_after_the_look_is_the_one_that_is_left(
    world: World, alice: Visitor
) -> None:
    customer = world.linked_customer()
    theirs = world.link(customer).remote_id
    into = world.bookkeeper("Customer", {"DisplayName": "Adatum Inc"})["Id"]
    looked(world)
    merge(world, "customers", theirs, into)
    looked(world)
    assert "Choose" in steps.open_customer(alice).text
    steps.notified(world)
    world.later(seconds=40)
    looked(world)
    assert world.link(customer).remote_id == into
    assert "Nothing needs you" in alice.go("exceptions/").text


@pytest.mark.parametrize("counts_for_itself", [False, True])
def test_document_that_nobody_knows_of_is_made_once_though_its_customer_is_merged_meanwhile(
    unconnected: World, alice: Visitor, counts_for_itself: bool
) -> None:
    """Neither its number nor its customer finds it, and QuickBooks has forgotten the request by then."""
    world = unconnected
    world.connect(custom_numbers=not counts_for_itself)
    world.work()
    kind = "Invoice" if counts_for_itself else "Payment"
    numbers = open_invoices(world, alice)
    into = world.bookkeeper("Customer", {"DisplayName": "Adatum Group"})["Id"]
    looked(world)
    before = len(world.held(kind))
    world.trouble("answer_dropped", entity=kind, method="POST")
    world.trouble("answer_dropped", path="/query", times=1)
    world.trouble("requestid_forgotten", times=None, method="POST")
    if counts_for_itself:
        steps.send(alice, steps.generate(alice))
    else:
        record(alice, "50", **{numbers[0]: "50"})
    world.work()
    merge(world, "customers", world.link(steps.customer(world)).remote_id, into)
    steps.notified(world)
    for _ in range(8):
        world.later(minutes=10)
        looked(world)
    assert len(world.held(kind)) == before + 1
