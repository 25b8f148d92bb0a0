"""A linked customer is merged into another one over there."""

from typing import Any

import pytest
import requests
from django.test import Client

from billing.models import Customer
from billing.services import customers as billing_customers
from integrations.documents import Held, Kind
from integrations.inbound import customers
from integrations.models import Discrepancy, Link, Mapping, MappingSubject
from tests.integrations.shown import chosen_of_those_shown, with_what_was_shown
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def merged(world: World, customer: Customer, **survivor: Any) -> str:
    """Somebody merges this customer into a new one; that one's id."""
    into = world.bookkeeper("Customer", {"DisplayName": "Adatum Group", **survivor})
    merge(world, world.link(customer).remote_id, into["Id"])
    return str(into["Id"])


def merge(world: World, gone: str, into: str) -> None:
    page = f"{world.box.url}/company/{world.realm}/customers/{gone}"
    answer = requests.post(f"{page}/merge", data={"into": into}, timeout=10)
    assert answer.ok, answer.text


def look(world: World) -> None:
    world.due_now()
    world.work()
    world.work()


def change(world: World, customer: Customer, **details: Any) -> None:
    with world.inside():
        billing_customers.update(customer=customer, **details)
    world.work()


def open_questions(world: World) -> list[str]:
    with world.inside():
        return list(
            Discrepancy.objects.filter(closed_at=None).values_list("reason_code", flat=True)
        )


def test_the_survivor_that_an_event_names_is_ours_from_then_on(
    world: World, client: Client
) -> None:
    customer = world.customer()
    invoice = world.invoice(customer)
    world.work()
    into = merged(world, customer)
    world.deliver(client)
    look(world)
    assert world.link(customer).remote_id == into
    assert (world.job(customer).state, open_questions(world)) == ("synced", [])
    world.forget_calls()
    world.invoice(customer)
    world.work()
    assert {one["CustomerRef"]["value"] for one in world.held("Invoice")} == {into}
    assert world.job(invoice).state == "synced"


def test_who_was_merged_twice_before_a_look_is_the_one_that_is_left(
    world: World, client: Client
) -> None:
    customer = world.linked_customer()
    between = merged(world, customer)
    last = world.bookkeeper("Customer", {"DisplayName": "Adatum Holdings"})["Id"]
    merge(world, between, last)
    world.deliver(client)
    look(world)
    assert (world.link(customer).remote_id, world.job(customer).state) == (last, "synced")


def test_who_was_merged_into_another_of_ours_that_was_merged_itself_is_asked_about(
    world: World, client: Client
) -> None:
    customer, other = world.linked_customer(), world.customer("Bellows", email="b@bellows.example")
    world.invoice(other)
    world.work()
    between = world.link(other).remote_id
    merge(world, world.link(customer).remote_id, between)
    last = world.bookkeeper("Customer", {"DisplayName": "Bellows Group"})["Id"]
    merge(world, between, last)
    world.deliver(client)
    look(world)
    assert world.job(customer).reason_code == "customer_choice"
    assert world.link(other).remote_id == last


def test_difference_that_was_asked_about_before_a_merge_can_be_taken_after_it(
    world: World, client: Client
) -> None:
    customer = world.customer()
    invoice = world.invoice(customer)
    world.work()
    (theirs,) = world.held("Invoice")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Invoice", {**keys, "sparse": True, "DueDate": "2027-01-31"})
    into = world.bookkeeper("Customer", {"DisplayName": "Adatum Group"})["Id"]
    look(world)
    assert open_questions(world) == ["changed_there"]
    gone = world.link(customer).remote_id
    with world.inside():
        asked = Discrepancy.objects.get(closed_at=None)
        Mapping.objects.create(
            connection=world.connection,
            subject=MappingSubject.MERGED_CUSTOMER,
            local_key=gone,
            remote_id=into,
        )
        # No look tells of the invoice itself.
        customers.gone(world.connection, Held(Kind.CUSTOMER, gone, "1", None), customer.pk)
    assert world.link(customer).remote_id == into
    client.force_login(world.owner)
    answer = f"/o/{world.organization.slug}/sync/difference/{asked.pk}/"
    client.post(answer, with_what_was_shown(world, asked, "theirs"))
    assert world.fresh(invoice).due_on.isoformat() == "2027-01-31"


@pytest.mark.parametrize("answer", ["held", "stale"])
def test_change_that_the_vanished_one_was_told_before_goes_to_the_survivor(
    world: World, client: Client, answer: str
) -> None:
    customer = world.linked_customer()
    if answer == "stale":
        (theirs,) = world.held("Customer")
        keys = {name: theirs[name] for name in ("Id", "SyncToken")}
        world.bookkeeper("Customer", {**keys, "sparse": True, "Notes": "theirs"})
    change(world, customer, phone="555 0001")
    change(world, customer, phone="")
    into = merged(world, customer)
    world.deliver(client)
    look(world)
    change(world, customer, phone="555 0001")
    assert (world.link(customer).remote_id, world.job(customer).state) == (into, "synced")
    (survivor,) = world.held("Customer")
    assert survivor["PrimaryPhone"]["FreeFormNumber"] == "555 0001"


def test_invoice_that_was_refused_before_the_merge_was_known_goes_to_the_survivor(
    world: World, client: Client
) -> None:
    customer = world.linked_customer()
    into = merged(world, customer)
    invoice = world.invoice(customer)
    world.work()
    assert world.job(invoice).state == "errored"
    world.deliver(client)
    look(world)
    assert [one["CustomerRef"]["value"] for one in world.held("Invoice")] == [into]
    assert (world.job(invoice).state, open_questions(world)) == ("synced", [])


def test_without_an_event_staff_choose_who_it_is_now(world: World, client: Client) -> None:
    customer = world.linked_customer()
    into = merged(world, customer, PrimaryEmailAddr={"Address": customer.email})
    look(world)
    with world.inside():
        assert not Link.objects.filter(local_id=customer.pk).exists()
    job = world.job(customer)
    assert (job.state, job.reason_code) == ("blocked", "customer_choice")
    assert open_questions(world) == []
    client.force_login(world.owner)
    page = client.get(f"/o/{world.organization.slug}/customers/{customer.pk}/").content.decode()
    assert "Adatum Group" in page
    assert "None of them" in page
    choose = (
        f"/o/{world.organization.slug}/sync/customer/{customer.pk}/choose/{world.connection.query}"
    )
    client.post(choose, chosen_of_those_shown(world, customer, into))
    world.work()
    assert (world.link(customer).remote_id, world.job(customer).state) == (into, "synced")
    with world.inside():
        assert not Mapping.objects.filter(subject=MappingSubject.LOST_CUSTOMER).exists()


@pytest.mark.parametrize("times", [1, 2])
def test_word_of_a_merge_that_comes_after_the_look_is_believed(
    world: World, client: Client, times: int
) -> None:
    customer = world.linked_customer()
    before = world.invoice(customer)
    world.work()
    into = merged(world, customer)
    look(world)
    after = world.invoice(customer)
    world.work()
    assert (world.job(customer).reason_code, world.job(after).state) == (
        "customer_choice",
        "blocked",
    )
    assert open_questions(world) == ["changed_there"]
    world.deliver(client, times=times)
    look(world)
    assert (world.link(customer).remote_id, open_questions(world)) == (into, [])
    jobs = [world.job(one).state for one in (customer, before, after)]
    assert jobs == ["synced"] * 3
    assert [one["CustomerRef"]["value"] for one in world.held("Invoice")] == [into] * 2
    (survivor,) = world.held("Customer")
    assert survivor["DisplayName"] == "Adatum Group"
    change(world, customer, phone="555 0001")
    (survivor,) = world.held("Customer")
    assert survivor["PrimaryPhone"]["FreeFormNumber"] == "555 0001"


def test_change_here_while_staff_were_asked_goes_to_the_survivor(
    world: World, client: Client
) -> None:
    customer = world.linked_customer()
    into = merged(world, customer)
    look(world)
    change(world, customer, phone="555 0001")
    world.deliver(client)
    look(world)
    assert (world.link(customer).remote_id, world.job(customer).state) == (into, "synced")
    (survivor,) = world.held("Customer")
    assert survivor["PrimaryPhone"]["FreeFormNumber"] == "555 0001"


def test_what_staff_answered_before_word_of_the_merge_came_stands(
    world: World, client: Client
) -> None:
    customer = world.linked_customer()
    into = merged(world, customer)
    look(world)
    client.force_login(world.owner)
    choose = (
        f"/o/{world.organization.slug}/sync/customer/{customer.pk}/choose/{world.connection.query}"
    )
    client.post(choose, chosen_of_those_shown(world, customer, "its-own"))
    world.work()
    own = world.link(customer).remote_id
    assert own != into
    world.deliver(client)
    look(world)
    assert (world.link(customer).remote_id, world.job(customer).state) == (own, "synced")


def test_survivor_that_another_customer_here_has_by_then_stays_a_question(
    world: World, client: Client
) -> None:
    customer, other = world.linked_customer(), world.customer("Bellows", email="b@bellows.example")
    world.invoice(other)
    world.work()
    into = world.link(other).remote_id
    merge(world, world.link(customer).remote_id, into)
    look(world)
    world.deliver(client)
    look(world)
    assert world.job(customer).reason_code == "customer_choice"
    assert world.link(other).remote_id == into


def test_merged_into_another_customer_of_ours_is_asked_about(world: World, client: Client) -> None:
    customer, other = world.linked_customer(), world.customer("Bellows", email="b@bellows.example")
    world.invoice(other)
    world.work()
    gone = world.link(customer).remote_id
    merge(world, gone, world.link(other).remote_id)
    world.deliver(client)
    look(world)
    assert world.job(customer).reason_code == "customer_choice"
    client.force_login(world.owner)
    choose = (
        f"/o/{world.organization.slug}/sync/customer/{customer.pk}/choose/{world.connection.query}"
    )
    client.post(choose, chosen_of_those_shown(world, customer, "its-own"))
    world.work()
    assert world.job(customer).state == "synced"
    anew = world.link(customer).remote_id
    assert anew not in (gone, world.link(other).remote_id), (
        "a replayed answer would name the gone one"
    )


def test_an_old_question_about_a_customer_answers_no_button_with_an_error(
    world: World, client: Client
) -> None:
    customer = world.linked_customer()
    with world.inside():
        question = Discrepancy.objects.create(
            connection=world.connection,
            kind="customer",
            remote_id=world.link(customer).remote_id,
            local_id=customer.pk,
            reason_code="deleted_there",
            sentence="The customer was deleted in QuickBooks.",
        )
    client.force_login(world.owner)
    address = f"/o/{world.organization.slug}/sync/difference/{question.pk}/"
    sent = with_what_was_shown(world, question, "theirs")
    page = client.post(address, sent, follow=True)
    assert "Choose whose version holds" in page.content.decode()
