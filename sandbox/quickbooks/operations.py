"""One write by entity name and operation: shared by single calls and batch items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.jsontext import Raw
from sandbox.quickbooks import recurring, writing
from sandbox.quickbooks.entities import generic
from sandbox.quickbooks.faults import Fault
from sandbox.quickbooks.kinds import BY_PATH, Kind
from sandbox.quickbooks.shown import shown

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books


def kind_named(books: Books, name: str) -> Kind:
    kind = BY_PATH.get(name.lower())
    if kind is None:
        raise Fault(500, f"Unsupported Operation : {name[:60]} is not supported.")
    if kind.edition and not books.company.has_classes:
        raise Fault(5030, f"Feature Not Supported Error : {kind.name} needs Plus or Advanced")
    return kind


def write(
    books: Books, name: str, operation: str, body: Any, options: dict[str, str]
) -> dict[str, Any]:
    """`{"Invoice": {…}}` after a create, update, delete or void. Raises `Fault`."""
    kind = kind_named(books, name)
    if not isinstance(body, dict):
        raise Fault(2010, f"Property Name:Can not deserialize value of {kind.name}")
    check_subscription(books)
    if kind.name == "ExchangeRate" and not body.get("Id"):
        body = generic.of_the_day(books, body)
    if kind.name == "RecurringTransaction":
        body = recurring.taken_apart(body)
    if operation == "delete":
        return {kind.key: writing.delete(books, kind, body)}
    if operation == "void":
        return {kind.key: void(books, kind, body)}
    if body.get("Id") or operation == "update":
        return {
            kind.key: answered(books, kind, writing.update(books, kind, body, options), options)
        }
    return {kind.key: answered(books, kind, writing.create(books, kind, body, options), options)}


def check_subscription(books: Books) -> None:
    """Raises 6190 where the company may be looked at only."""
    if books.company.subscription != "SUBSCRIBED":
        raise Fault(
            6190,
            "Invalid Company Status Error : The subscription period has ended or was canceled, or "
            "there was a billing problem. You can look at the data but not change it.",
        )


def answered(books: Books, kind: Kind, body: Any, options: dict[str, str]) -> Any:
    """The record as it was just written: its text is at hand wherever nothing is added to it."""
    found = shown(books, kind, body, options)
    text = books.text(kind.name, body) if found is body else None
    return found if text is None else Raw(text)


def void(books: Books, kind: Kind, body: Any) -> Any:
    if kind.void is None:
        raise Fault(500, f"Operation void {kind.name} is not supported.")
    return writing.void(books, kind, body)
