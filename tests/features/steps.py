"""What people do with the product and with QuickBooks, page by page."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

import pytest
from django.test import Client

from billing.models import Customer, Invoice
from integrations.inbound import reading
from integrations.models import live_connection
from sandbox.quickbooks import writing
from tenants.scope import within
from tests.features.pages import Page, Visitor
from tests.integrations.world import World

QUICKBOOKS_PAGE = "settings/integrations/quickbooks/"
ONE_LINE = (("Managed workstation", "1", "100"),)
HASTE = 4  # seconds until a change event is acted upon

Line = tuple[str, str, str]
Row = TypeVar("Row", Customer, Invoice)


def open_customer(person: Visitor, name: str = "Adatum") -> Page:
    """By the address of its page."""
    return person.stand_at(f"customers/{_first(person, Customer, name=name).pk}/")


def generate(
    person: Visitor,
    customer: str = "Adatum",
    lines: tuple[Line, ...] = ONE_LINE,
    **typed: str | bool,
) -> str:
    """By the address that the customer's page has; each line is description, quantity, price. Ends on the invoice."""
    person.go(f"invoices/generate/?customer={_first(person, Customer, name=customer).pk}")
    filled: dict[str, str | bool] = {}
    for place, line in enumerate(lines):
        if place:
            person.press("Add a line", filled)
        names = ("description", "quantity", "unit_price")
        filled = {f"lines-{place}-{name}": text for name, text in zip(names, line, strict=True)}
    page = person.press("Generate invoice", {**filled, **typed})
    assert "/generate/" not in page.address, page.text
    with within(person.organization):
        return Invoice.objects.get(pk=page.address.split("/")[-2]).number


def open_invoice(person: Visitor, number: str) -> Page:
    """By the address of its page."""
    return person.stand_at(f"invoices/{_first(person, Invoice, number=number).pk}/")


def edit_invoice(person: Visitor, **typed: str) -> Page:
    """From its page."""
    person.open("edit/")
    return person.press("Save", typed)


def send(person: Visitor, number: str) -> Page:
    """From its page."""
    person.open("send/")
    return person.press(f"Send {number}")


def void(person: Visitor, number: str) -> Page:
    """From its page."""
    person.open("void/")
    return person.press(f"Void {number}")


def mark_paid(person: Visitor, amount: str = "$100.00", **typed: str) -> Page:
    """From its page."""
    person.open("paid/")
    return person.press(f"Record {amount}", typed)


def pay_online(person: Visitor, how: str) -> Page:
    """From the invoice's page to the customer's, on which Intuit takes the money; what it says afterwards."""
    person.follow("View in QuickBooks")
    person.follow("Pay link of the customer")
    return person.press(how)


def press_connect(person: Visitor, button: str = "Connect QuickBooks") -> Page:
    """By the settings, up to Intuit's question which company."""
    person.go("settings/integrations/")
    person.follow("QuickBooks Online")
    return person.press(button)


def connect(world: World, person: Visitor, button: str = "Connect QuickBooks", **wish: Any) -> Page:
    """All the way, to the company in force or to a new one as wished; a worker has its turn."""
    if wish or not world.realm:
        world.realm = world.new_company(**wish)
    press_connect(person, button)
    page = person.press("Connect", {"realm": world.realm})
    with world.inside():
        connection = live_connection()
    if connection is not None and connection.id not in world.connections:
        world.connections.append(connection.id)
    world.work()
    return page


def notified(*worlds: World) -> int:
    """QuickBooks' change events for these companies arrive, and the worker looks. How many posts it took."""
    posts = worlds[0].deliver(Client())
    assert posts, "QuickBooks had nothing to tell"
    for world in worlds:
        world.later(seconds=HASTE)
        world.work()
    return posts


def meanwhile(patch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """What the next reading asks QuickBooks has been answered, but not been kept, when this is done."""
    ask = reading.ask

    def answered(*question: Any) -> Any:
        answer = ask(*question)
        patch.setattr(reading, "ask", ask)
        act()
        return answer

    patch.setattr(reading, "ask", answered)


def _first(person: Visitor, model: type[Row], **named: str) -> Row:
    with within(person.organization):
        return model._default_manager.filter(**named).earliest("created_at")


def invoice(world: World, number: str) -> Invoice:
    """The row behind a number."""
    with world.inside():
        return Invoice.objects.get(number=number)


def customer(world: World, name: str = "Adatum") -> Customer:
    """The row behind a name."""
    with world.inside():
        return Customer.objects.get(name=name)


def sold(theirs: dict[str, Any]) -> list[dict[str, Any]]:
    """The lines of an invoice in QuickBooks, without its subtotal."""
    return [line for line in theirs["Line"] if line["DetailType"] == "SalesItemLineDetail"]


def money(value: object) -> Decimal:
    """An amount as QuickBooks' JSON holds it."""
    return Decimal(str(value))


def ranked(keys: str) -> dict[str, str]:
    """The places of the match keys, as they are chosen on the page."""
    chosen = [] if keys == "nothing" else keys.split(",")
    return {
        f"customer_match_keys-{place}": chosen[place - 1] if place <= len(chosen) else ""
        for place in range(1, 5)
    }


def no_sparse_updates_of(monkeypatch: pytest.MonkeyPatch, *entities: str) -> None:
    """An update of these is one of everything from now on, whatever it says of itself."""
    merge = writing.merge

    def merged(books: Any, kind: Any, former: Any, clean: Any) -> Any:
        if kind.name in entities:
            clean = {name: value for name, value in clean.items() if name != "sparse"}
        return merge(books, kind, former, clean)

    monkeypatch.setattr(writing, "merge", merged)
