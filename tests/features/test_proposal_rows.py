"""Rows about changes of the sync rules and the mapping that a second person approves."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from integrations.models import Mapping, policies_in_force
from tenants.models import AuditEntry, Role
from tests import factories
from tests.features import steps
from tests.features.pages import Page, Visitor
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

RULES_PAGE = "settings/sync-rules/"
CHANGES_PAGE = f"{RULES_PAGE}changes/"
MAPPING_PAGE = f"{steps.QUICKBOOKS_PAGE}mapping/"


def second(world: World, email: str) -> Visitor:
    """Another admin of the same organization."""
    person = factories.member(world.organization, email, Role.ADMIN, name=email.split("@")[0])
    return Visitor(world.organization, person)


@pytest.fixture
def dora(world: World) -> Visitor:
    return second(world, "dora@example.com")


@pytest.fixture
def eve(other: World) -> Visitor:
    """The second one of Charlie's."""
    return second(other, "eve@example.com")


def save(person: Visitor, **rules: str) -> Page:
    person.go(RULES_PAGE)
    return person.press("Save", rules)


def with_approval(person: Visitor) -> None:
    page = save(person, rule_changes="Once a second person has approved it")
    assert "Changed: " in page.text


def rule(world: World, name: str = "push_when") -> str:
    with world.inside():
        return policies_in_force().to_choices()[name]


def bring_in(person: Visitor, text: str) -> str:
    form = person.go(RULES_PAGE).form("Bring in")
    assert form is not None
    button = form.button("Bring in")
    assert button is not None
    sent: dict[str, Any] = form.sent(button, {})
    sent["file"] = SimpleUploadedFile("rules.json", text.encode())
    person.client.post(form.element["action"], sent)
    return person.again().text


def test_N_14_with_four_eyes_a_change_counts_once_another_person_has_approved_it(
    world: World, alice: Visitor, other: World, charlie: Visitor, eve: Visitor
) -> None:
    with_approval(charlie)
    for person in (alice, charlie):
        save(person, push_when="Only by its button")
    assert "waits for approval" in charlie.page.text
    for each, person in ((world, alice), (other, charlie)):
        each.customer()
        steps.generate(person)
        each.work()
    assert (len(world.held("Invoice")), len(other.held("Invoice"))) == (0, 1)
    eve.go("notices/")
    page = eve.follow("A change of the sync rules waits for approval")
    shown = page.region("Waiting for approval")
    assert "charlie@example.com proposed this" in shown
    assert "As soon as it is generated Only by its button" in page.row("When does an invoice go")
    eve.press("Approve")
    assert "Nothing needs you" in eve.go("notices/").text
    steps.generate(charlie)
    other.work()
    assert len(other.held("Invoice")) == 1, "the change counts now"
    history = eve.go(CHANGES_PAGE).region("History")
    assert "Proposed by charlie@example.com" in history
    assert "approved by eve" in history
    with other.inside():
        lines = AuditEntry.objects.filter(object_kind="rule_proposal").order_by("id")
        assert [(one.action, one.actor_id) for one in lines] == [
            ("sync_rules.proposed", other.owner.pk),
            ("sync_rules.approved", lines[1].actor_id),
        ]
        assert lines[1].actor_id != other.owner.pk


def test_N_14_whoever_proposed_a_change_cannot_approve_it_and_may_withdraw_it(
    world: World, alice: Visitor, dora: Visitor
) -> None:
    with_approval(alice)
    save(alice, push_when="never")
    page = alice.go(CHANGES_PAGE)
    assert not page.offers("Approve")
    form = page.form("Withdraw")
    assert form is not None
    button = form.button("Withdraw")
    assert button is not None
    sent = {**form.sent(button, {}), "answer": "approve"}
    alice.client.post(form.element["action"], sent)
    assert "Somebody else has to approve what you proposed." in alice.again().text
    assert rule(world) == "generated"
    alice.press("Withdraw")
    assert "Nothing waits." in alice.page.text
    assert "rejected by" in alice.page.region("History")
    assert rule(world) == "generated"


def test_N_14_a_rejected_change_changes_nothing(
    world: World, alice: Visitor, dora: Visitor
) -> None:
    with_approval(alice)
    save(alice, push_when="never")
    dora.go(CHANGES_PAGE)
    dora.press("Reject")
    assert "Rejected. Nothing was changed." in dora.page.text
    assert rule(world) == "generated"
    assert not dora.page.offers("Approve")


def test_N_14_approval_of_what_has_changed_since_is_refused_in_words(
    world: World, alice: Visitor, dora: Visitor
) -> None:
    with_approval(alice)
    save(alice, push_when="never")
    save(alice, push_when="paid", tax_mode="mapped")
    dora.go(CHANGES_PAGE)
    dora.press("Approve")
    assert rule(world) == "never"
    dora.press("Approve")
    assert "this has changed since it was proposed: When does an invoice go" in dora.page.text
    assert (rule(world), rule(world, "tax_mode")) == ("never", "local")
    dora.press("Reject")
    assert "Nothing waits." in dora.page.text


def test_N_14_a_file_and_the_choices_of_the_mapping_wait_alike(
    world: World, alice: Visitor, other: World, charlie: Visitor, eve: Visitor
) -> None:
    with_approval(charlie)
    text = (
        '{"regentra_sync_rules": 1, "rules": {"push_when": "finalised", "rule_changes": "%s"},'
        ' "mapping": {"deposit_account": {"default": "Checking"}}}'
    )
    assert "Chosen on the mapping page" in bring_in(alice, text % "at_once")
    assert "Proposed." in bring_in(charlie, text % "second_person")
    assert (rule(world), rule(other)) == ("finalised", "generated")
    assert chosen(other) == {}
    row = eve.go(CHANGES_PAGE).row("Mapping: Deposit account")
    assert "Checking" in row
    eve.press("Approve")
    assert rule(other) == "finalised"
    assert chosen(other) == chosen(world) == {"deposit_account": "Checking"}


def test_N_14_a_choice_on_the_mapping_page_waits_and_is_checked_when_it_is_approved(
    world: World, alice: Visitor, dora: Visitor
) -> None:
    with_approval(alice)
    alice.go(MAPPING_PAGE)
    assert "Proposed." in alice.press("Save", {"Deposit account": "Checking"}).text
    assert chosen(world) == {}
    (checking,) = [one for one in world.held("Account") if one["Name"] == "Checking"]
    keys = {name: checking[name] for name in ("Id", "SyncToken", "Name")}
    world.bookkeeper("Account", {**keys, "sparse": True, "Active": False})
    world.due_now()
    world.work()
    dora.go(CHANGES_PAGE)
    dora.press("Approve")
    assert "has changed since it was proposed: Deposit account" in dora.page.text
    assert chosen(world) == {}


def test_N_14_nobody_alone_can_ask_for_a_second_person(world: World, alice: Visitor) -> None:
    page = save(alice, rule_changes="second_person")
    assert "Invite a second owner or admin first." in page.text
    assert rule(world, "rule_changes") == "at_once"
    text = (
        '{"regentra_sync_rules": 1, "rules": {"rule_changes": "second_person"},'
        ' "mapping": {"deposit_account": {"default": "Checking"}}}'
    )
    said = bring_in(alice, text)
    assert "Invite a second owner or admin first." in said
    assert "Chosen on the mapping page" not in said
    assert chosen(world) == {}


def test_N_14_going_back_to_one_person_takes_two(
    world: World, alice: Visitor, dora: Visitor
) -> None:
    with_approval(alice)
    save(alice, rule_changes="At once")
    assert rule(world, "rule_changes") == "second_person"
    dora.go(CHANGES_PAGE)
    dora.press("Approve")
    assert rule(world, "rule_changes") == "at_once"
    assert "Changed: " in save(alice, push_when="never").text


def chosen(world: World) -> dict[str, str]:
    with world.inside():
        return dict(Mapping.objects.values_list("subject", "remote_name"))
