"""Rows about classes and locations: chosen on the mapping page, stamped on what is sent, seen when changed there."""

from typing import Any

import pytest

from billing.models import Location
from integrations.models import Mapping, MappingSubject
from tests.features import steps
from tests.features import test_import_rows as import_rows
from tests.features.pages import Visitor
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

MAPPING_PAGE = f"{steps.QUICKBOOKS_PAGE}mapping/"


@pytest.fixture
def tracked(world: World) -> dict[str, str]:
    """The ids of two classes and two locations that the bookkeeper keeps, by their names."""
    made = {
        name: world.bookkeeper(entity, {"Name": name})["Id"]
        for entity, name in (
            ("Class", "Managed"),
            ("Class", "Projects"),
            ("Department", "Austin"),
            ("Department", "Boston"),
        )
    }
    look(world)
    return made


def look(world: World) -> None:
    world.due_now()
    world.work()


def choose(person: Visitor, **typed: str) -> None:
    person.go(MAPPING_PAGE)
    person.press("Save", typed)


def add_location(person: Visitor, name: str) -> None:
    person.go("settings/locations/")
    person.follow("Add location")
    person.press("Add", {"name": name})


def keep_one_class_per_document(world: World, admin: Visitor) -> None:
    (settings,) = world.held("Preferences")
    keys = {name: settings[name] for name in ("Id", "SyncToken")}
    accounting = {
        **settings["AccountingInfoPrefs"],
        "ClassTrackingPerTxn": True,
        "ClassTrackingPerTxnLine": False,
    }
    world.bookkeeper("Preferences", {**keys, "sparse": True, "AccountingInfoPrefs": accounting})
    admin.go(MAPPING_PAGE)
    admin.press("Refresh")
    world.work()


def classes(theirs: dict[str, Any]) -> list[str]:
    lines = [line["SalesItemLineDetail"] for line in steps.sold(theirs)]
    return [line.get("ClassRef", {}).get("value", "") for line in lines]


def location(theirs: dict[str, Any]) -> str:
    return str(theirs.get("DepartmentRef", {}).get("value", ""))


def test_L_22_L_59_default_class_is_stamped_on_what_is_sent_once_it_is_chosen(
    world: World, alice: Visitor, tracked: dict[str, str]
) -> None:
    world.customer()
    steps.generate(alice)
    world.work()
    choose(alice, **{"Default class": "Managed"})
    steps.generate(alice)
    world.work()
    assert [classes(one) for one in world.held("Invoice")] == [[""], [tracked["Managed"]]]


def test_L_23_L_60_default_location_is_stamped_on_what_is_sent(
    world: World, alice: Visitor, tracked: dict[str, str]
) -> None:
    world.customer()
    steps.generate(alice)
    world.work()
    choose(alice, **{"Default location": "Austin"})
    steps.generate(alice)
    world.work()
    assert [location(one) for one in world.held("Invoice")] == ["", tracked["Austin"]]


@pytest.mark.parametrize("by_line", [True, False])
def test_L_59_L_60_refund_receipt_bears_the_class_and_the_location_of_its_invoice(
    world: World, alice: Visitor, tracked: dict[str, str], by_line: bool
) -> None:
    if not by_line:
        keep_one_class_per_document(world, alice)
    alice.go("settings/sync-rules/")
    alice.press("Save", {"payment_refund_posting": "As a refund receipt"})
    add_location(alice, "Texas")
    bank = next(one for one in world.held("Account") if one["AccountType"] == "Bank")
    choose(
        alice,
        **{
            "Default class": "Managed",
            "QuickBooks location for Texas": "Boston",
            "Default location": "Austin",
            "Refunds are paid from": bank["Id"],
        },
    )
    customer = world.customer()
    alice.go(f"customers/{customer.pk}/edit/")
    alice.press("Save", {"Location": "Texas"})
    steps.send(alice, steps.generate(alice))
    steps.mark_paid(alice)
    world.work()
    (row,) = [one for one in alice.again().tree.all("tr") if "/payments/" in one["data-href"]]
    alice.open(row["data-href"])
    alice.follow("Record a refund")
    alice.press("Record refund", {"Amount in USD": "40"})
    world.work()
    (receipt,) = world.held("RefundReceipt")
    assert location(receipt) == tracked["Boston"]
    (line,) = steps.sold(receipt)
    named = line["SalesItemLineDetail"] if by_line else receipt
    assert named["ClassRef"]["value"] == tracked["Managed"]
    assert ("ClassRef" in receipt) is not by_line


def test_L_59_choice_is_saved_as_it_is_made(
    world: World, alice: Visitor, tracked: dict[str, str]
) -> None:
    form = alice.go(MAPPING_PAGE).form("Save")
    assert form is not None
    button = form.button("Save")
    assert button is not None
    sent = form.sent(button, {"Default class": "Projects"})
    answer = alice.client.post(
        f"/o/{world.organization.slug}/{MAPPING_PAGE}{world.connection.query}",
        {**sent, "saved": "default_class"},
        headers={"HX-Request": "1"},
    )
    assert "Saved" in answer.content.decode()
    world.customer()
    steps.generate(alice)
    world.work()
    assert classes(world.held("Invoice")[0]) == [tracked["Projects"]]


def test_L_22_company_that_keeps_one_class_per_document_gets_it_there(
    world: World, alice: Visitor, tracked: dict[str, str]
) -> None:
    keep_one_class_per_document(world, alice)
    choose(alice, **{"Default class": "Managed"})
    world.customer()
    steps.generate(alice)
    world.work()
    (theirs,) = world.held("Invoice")
    assert (theirs["ClassRef"]["value"], classes(theirs)) == (tracked["Managed"], [""])


def test_X_80_class_of_a_service_goes_before_the_default_one_line_by_line(
    world: World, alice: Visitor, tracked: dict[str, str]
) -> None:
    alice.go("catalogue/new/")
    alice.press("Add service", {"name": "Server care", "unit_price": "240"})
    choose(alice, **{"Default class": "Managed", "Class for Server care": "Projects"})
    world.customer()
    steps.open_customer(alice)
    alice.follow("Generate invoice")
    alice.press(
        "Add a line",
        {
            "lines-0-service": "Server care",
            "lines-0-description": "Server",
            "lines-0-quantity": "1",
            "lines-0-unit_price": "240",
        },
    )
    typed = {"description": "Cables", "quantity": "2", "unit_price": "5"}
    alice.press("Generate invoice", {f"lines-1-{name}": text for name, text in typed.items()})
    world.work()
    assert classes(world.held("Invoice")[0]) == [tracked["Projects"], tracked["Managed"]]


def test_X_102_location_of_the_customer_stands_for_one_of_theirs(
    world: World, alice: Visitor, tracked: dict[str, str]
) -> None:
    add_location(alice, "Texas branch")
    add_location(alice, "Boston")
    assert "QuickBooks has Boston, too." in alice.go(MAPPING_PAGE).text
    texas = {"QuickBooks location for Texas branch": "Austin", "Default location": "Boston"}
    choose(alice, **texas)
    customer = world.customer()
    alice.go(f"customers/{customer.pk}/edit/")
    alice.press("Save", {"Location": "Texas branch"})
    number = steps.generate(alice)
    world.work()
    assert location(world.held("Invoice")[0]) == tracked["Austin"]
    assert "Texas branch" in steps.open_invoice(alice, number).region("Details")
    steps.edit_invoice(alice, Location="None")
    world.work()
    assert location(world.held("Invoice")[0]) == tracked["Boston"], "the default one"


def test_X_102_one_of_theirs_stands_for_one_of_ours_only(
    world: World, alice: Visitor, tracked: dict[str, str]
) -> None:
    for name in ("North", "South"):
        add_location(alice, name)
    choose(alice, **{"QuickBooks location for North": "Austin"})
    alice.go(MAPPING_PAGE)
    alice.press("Save", {"QuickBooks location for South": "Austin"})
    assert "Austin stands for another location already" in alice.page.text
    choose(
        alice,
        **{"QuickBooks location for North": "Boston", "QuickBooks location for South": "Austin"},
    )
    assert "The mapping is saved." in alice.page.text


def test_X_102_proposals_that_are_accepted_let_one_of_theirs_stand_for_one_of_ours_only(
    world: World, alice: Visitor, tracked: dict[str, str]
) -> None:
    for name in ("Austin", "Boston", "South"):
        add_location(alice, name)
    alice.go(MAPPING_PAGE)
    alice.press("Accept all 2 proposals", {"QuickBooks location for South": "Boston"})
    assert stands_for(world) == {"Austin": tracked["Austin"], "South": tracked["Boston"]}
    assert "QuickBooks has Boston, too." not in alice.go(MAPPING_PAGE).text
    choose(alice, **{"QuickBooks location for South": ""})
    assert "QuickBooks has Boston, too." in alice.go(MAPPING_PAGE).text


def test_X_102_entry_that_two_of_ours_may_stand_for_is_proposed_and_accepted_once(
    world: World, alice: Visitor, tracked: dict[str, str]
) -> None:
    """The one chosen for South is gone, and its namesake is ours by name as well."""
    for name in ("Boston", "South"):
        add_location(alice, name)
    choose(alice, **{"QuickBooks location for South": "Boston"})
    (theirs,) = [one for one in world.held("Department") if one["Name"] == "Boston"]
    world.bookkeeper("Department", {**theirs, "Active": False})
    again = world.bookkeeper("Department", {"Name": "Boston"})["Id"]
    look(world)
    alice.go(MAPPING_PAGE)
    alice.press("Accept all 2 proposals")
    assert list(stands_for(world).values()).count(again) == 1


def stands_for(world: World) -> dict[str, str]:
    """The ids of their locations by the names of ours."""
    with world.inside():
        names = {str(one.pk): one.name for one in Location.objects.all()}
        chosen = Mapping.objects.filter(subject=MappingSubject.LOCATION)
        return {names[one.local_key]: one.remote_id for one in chosen}


def test_L_22_L_23_X_80_X_102_credit_memo_bears_the_classes_and_the_location_of_its_invoice(
    world: World, alice: Visitor, tracked: dict[str, str]
) -> None:
    add_location(alice, "Texas branch")
    texas = {"QuickBooks location for Texas branch": "Austin", "Default location": "Boston"}
    choose(alice, **texas, **{"Default class": "Managed"})
    customer = world.customer()
    alice.go(f"customers/{customer.pk}/edit/")
    alice.press("Save", {"Location": "Texas branch"})
    number = steps.generate(alice)
    steps.send(alice, number)
    steps.mark_paid(alice)
    alice.follow("Issue credit memo")
    alice.press("Issue credit memo")
    world.work()
    (memo,) = world.held("CreditMemo")
    assert (classes(memo), location(memo)) == ([tracked["Managed"]], tracked["Austin"])
    keys = {name: memo[name] for name in ("Id", "SyncToken")}
    moved = {"DepartmentRef": {"value": tracked["Boston"]}}
    world.bookkeeper("CreditMemo", {**keys, "sparse": True, **moved})
    look(world)
    alice.go("credit-memos/")
    panel = alice.follow("CM-1001").region("QuickBooks")
    assert "Location" in panel and "Boston" in panel
    alice.press("Send ours again")
    world.work()
    assert location(world.held("CreditMemo")[0]) == tracked["Austin"]


def test_L_22_company_that_keeps_one_class_per_document_gets_it_on_credit_memos_there(
    world: World, alice: Visitor, tracked: dict[str, str]
) -> None:
    (settings,) = world.held("Preferences")
    keys = {name: settings[name] for name in ("Id", "SyncToken")}
    by_document = {"ClassTrackingPerTxn": True, "ClassTrackingPerTxnLine": False}
    accounting = {**settings["AccountingInfoPrefs"], **by_document}
    world.bookkeeper("Preferences", {**keys, "sparse": True, "AccountingInfoPrefs": accounting})
    alice.go(MAPPING_PAGE)
    alice.press("Refresh")
    world.work()
    choose(alice, **{"Default class": "Managed"})
    world.customer()
    number = steps.generate(alice)
    steps.send(alice, number)
    steps.mark_paid(alice)
    alice.follow("Issue credit memo")
    alice.press("Issue credit memo")
    world.work()
    (memo,) = world.held("CreditMemo")
    assert (memo["ClassRef"]["value"], classes(memo)) == (tracked["Managed"], [""])


def test_T_70_location_that_is_switched_off_there_is_shown_and_what_rests_on_it_waits(
    world: World, alice: Visitor, tracked: dict[str, str]
) -> None:
    choose(alice, **{"Default location": "Austin"})
    (austin, _) = world.held("Department")
    keys = {name: austin[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Department", {**keys, "Name": "Austin", "sparse": True, "Active": False})
    look(world)
    shown = alice.go(MAPPING_PAGE).text
    assert "no longer active in QuickBooks. Invoices without a location wait." in shown
    world.customer()
    steps.generate(alice)
    world.work()
    assert world.held("Invoice") == []
    assert "Needs another choice in the mapping" in alice.again().region("QuickBooks")
    choose(alice, **{"Default location": "Boston"})
    world.work()
    assert location(world.held("Invoice")[0]) == tracked["Boston"]


def test_L_60_company_without_classes_is_offered_none_and_told_why(
    unconnected: World, alice: Visitor
) -> None:
    unconnected.connect(custom_numbers=True, edition="QuickBooks Online Simple Start")
    unconnected.work()
    page = alice.go(MAPPING_PAGE)
    assert "Default class" not in page.text
    assert "Default location" not in page.text
    assert "has no classes and no locations switched on" in page.text
    assert "Plus and Advanced" in page.text
    unconnected.customer()
    steps.generate(alice)
    unconnected.work()
    assert len(unconnected.held("Invoice")) == 1


def test_L_23_location_changed_there_is_a_question_and_can_be_taken_over(
    world: World, alice: Visitor, tracked: dict[str, str]
) -> None:
    add_location(alice, "Boston branch")
    choose(
        alice,
        **{"Default location": "Austin", "QuickBooks location for Boston branch": "Boston"},
    )
    world.customer()
    number = steps.generate(alice)
    world.work()
    (theirs,) = world.held("Invoice")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    there = {"DepartmentRef": {"value": tracked["Boston"]}}
    world.bookkeeper("Invoice", {**keys, "sparse": True, **there})
    look(world)
    panel = steps.open_invoice(alice, number).region("QuickBooks")
    assert "Location" in panel
    assert "Boston" in panel
    alice.press("Take theirs")
    world.work()
    assert "Boston branch" in alice.again().region("Details")
    assert location(world.held("Invoice")[0]) == tracked["Boston"]


def test_L_23_N_08_location_changed_there_is_taken_where_fields_are_put_together(
    world: World, alice: Visitor, tracked: dict[str, str]
) -> None:
    import_rows.choose(alice, unpaid_edit_owner="per_field")
    add_location(alice, "Boston branch")
    choose(alice, **{"QuickBooks location for Boston branch": "Boston"})
    number = in_texas(world, alice)
    (theirs,) = world.held("Invoice")
    boston = {"DepartmentRef": {"value": tracked["Boston"]}}
    world.bookkeeper("Invoice", {**keys(theirs), "sparse": True, **boston})
    for _ in range(2):
        look(world)
    assert "Boston branch" in steps.open_invoice(alice, number).region("Details")
    assert "Synced" in alice.page.region("QuickBooks")
    assert location(world.held("Invoice")[0]) == tracked["Boston"]
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_T_71_invoices_from_every_source_sync_by_the_same_rules(
    world: World, alice: Visitor
) -> None:
    world.customer()
    plain = steps.generate(alice)
    others = []
    for source in ("Order", "Quick sale", "Internal work order", "Service order"):
        others.append(steps.generate(alice, **{"Written for": source}))
        assert source in alice.page.region("Details")
    world.work()
    theirs = {one["DocNumber"]: one for one in world.held("Invoice")}
    assert set(theirs) == {plain, *others}
    alike = ("TotalAmt", "CustomerRef", "TxnDate", "DueDate", "BillEmail")
    for number in others:
        assert [theirs[number][x] for x in alike] == [theirs[plain][x] for x in alike]
        world.pays(steps.invoice(world, number), "100")
    steps.notified(world)
    assert {steps.invoice(world, number).status for number in others} == {"PAID"}


def test_X_102_L_60_location_that_is_taken_away_is_empty_there_and_all_else_stays(
    world: World, alice: Visitor, tracked: dict[str, str]
) -> None:
    """A sparse update cannot say so; the bookkeeper's own fields are in the one that says everything."""
    number = in_texas(world, alice)
    (theirs,) = world.held("Invoice")
    assert location(theirs) == tracked["Austin"]
    world.bookkeeper("Invoice", {**keys(theirs), "sparse": True, "TrackingNum": "1Z999"})
    world.forget_calls()
    steps.open_invoice(alice, number)
    steps.edit_invoice(alice, Location="None", Notes="Thank you")
    world.work()
    (held,) = world.held("Invoice")
    assert location(held) == ""
    assert (held["TrackingNum"], held["CustomerMemo"]["value"]) == ("1Z999", "Thank you")
    kept = ("CustomerRef", "TxnDate", "DueDate", "TotalAmt", "Balance", "PrivateNote", "DocNumber")
    assert [held.get(name) for name in kept] == [theirs.get(name) for name in kept]
    assert len(steps.sold(held)) == len(steps.sold(theirs))
    assert [call["method"] for call in world.journal()] == ["GET", "POST"]
    look(world)
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_X_102_location_that_stays_there_though_it_was_taken_away_is_told_until_it_is_gone_there(
    world: World, alice: Visitor, tracked: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    number = in_texas(world, alice)
    monkeypatch.setattr(world.box.core.switches, "full_update_blanks", False)
    steps.open_invoice(alice, number)
    steps.edit_invoice(alice, Location="None")
    world.work()
    (held,) = world.held("Invoice")
    assert location(held) == tracked["Austin"]
    said = steps.open_invoice(alice, number).region("QuickBooks")
    assert "keeps something else than we sent" in said
    assert "Not as sent: Location." in said
    monkeypatch.undo()
    world.bookkeeper("Invoice", {k: v for k, v in held.items() if k != "DepartmentRef"})
    look(world)
    world.work()
    assert "Synced" in alice.again().region("QuickBooks")
    assert "Nothing needs you" in alice.go("exceptions/").text


def test_X_102_C_04_location_that_both_sides_changed_is_asked_about(
    world: World, alice: Visitor, tracked: dict[str, str]
) -> None:
    number = in_texas(world, alice)
    (theirs,) = world.held("Invoice")
    boston = {"DepartmentRef": {"value": tracked["Boston"]}}
    world.bookkeeper("Invoice", {**keys(theirs), "sparse": True, **boston})
    steps.open_invoice(alice, number)
    steps.edit_invoice(alice, Location="None")
    world.work()
    assert location(world.held("Invoice")[0]) == tracked["Boston"]
    look(world)
    assert "changed in QuickBooks" in alice.go("exceptions/").text
    steps.open_invoice(alice, number)
    alice.press("Send ours again")
    world.work()
    assert location(world.held("Invoice")[0]) == ""


def test_N_03_X_102_answer_lost_while_a_location_is_taken_away_is_looked_for(
    world: World, alice: Visitor, tracked: dict[str, str]
) -> None:
    number = in_texas(world, alice)
    world.trouble("answer_dropped", entity="Invoice", operation="update")
    steps.open_invoice(alice, number)
    steps.edit_invoice(alice, Location="None")
    world.forget_calls()
    for _ in range(2):
        world.work()
        world.later(minutes=5)
    assert location(world.held("Invoice")[0]) == ""
    asked = [call for call in world.journal() if "/invoice" in call["path"]]
    assert [call["method"] for call in asked] == ["GET", "POST", "GET"]
    assert "Synced" in alice.again().region("QuickBooks")


def in_texas(world: World, person: Visitor) -> str:
    """An invoice that bears a location of its own."""
    add_location(person, "Texas branch")
    choose(person, **{"QuickBooks location for Texas branch": "Austin"})
    customer = world.customer()
    person.go(f"customers/{customer.pk}/edit/")
    person.press("Save", {"Location": "Texas branch"})
    number = steps.generate(person)
    world.work()
    return number


def test_X_102_invoice_moved_to_a_place_without_a_choice_does_not_stay_at_the_former_one(
    world: World, alice: Visitor, tracked: dict[str, str]
) -> None:
    number = in_texas(world, alice)
    (held,) = world.held("Invoice")
    assert location(held) == tracked["Austin"]
    add_location(alice, "Utah branch")
    steps.open_invoice(alice, number)
    steps.edit_invoice(alice, Location="Utah branch")
    world.work()
    (held,) = world.held("Invoice")
    assert location(held) == ""


def keys(theirs: dict[str, Any]) -> dict[str, str]:
    return {name: theirs[name] for name in ("Id", "SyncToken")}
