"""Batch: up to 30 independent items in one call, faults inside HTTP 200."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.quickbooks import cdc, query
from sandbox.quickbooks.faults import Fault, missing

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books

MOST, MOST_OBJECTS = 30, 1000
OPERATIONS = {"create", "update", "delete", "void", "query"}


def run(books: Books, body: Any, options: dict[str, str]) -> list[dict[str, Any]]:
    """The BatchItemResponse list; the order of the answers is not promised."""
    items = body.get("BatchItemRequest") if isinstance(body, dict) else None
    if not isinstance(items, list):
        raise missing("BatchItemRequest")
    if len(items) > MOST:
        raise Fault(1040, f"Batch size exceeds allowed limit of {MOST}. Supplied:{len(items)}")
    if options.get("requestid") and any(len(str(bid(i) or "")) > 10 for i in items):
        raise Fault(
            2130,
            "Invalid Request Id Format : with requestid a bId may have 10 characters",
            element="bId",
        )
    answers = [one(books, item, options) for item in items]
    cut(answers)
    return books.core.chance.shuffled(answers) if books.switches.batch_shuffled else answers


def cut(answers: list[dict[str, Any]]) -> None:
    """Of all that they list together, as much as an answer holds; the rest is left out without a word."""
    left = MOST_OBJECTS
    for answer in answers:
        feeds = [group for feed in answer.get("CDCResponse", ()) for group in feed["QueryResponse"]]
        for listed in (answer.get("QueryResponse", {}), *feeds):
            for key, rows in listed.items():
                if isinstance(rows, list):
                    listed[key] = rows[:left]
                    listed["maxResults"] = len(listed[key])
                    left -= len(listed[key])


def bid(item: Any) -> Any:
    return item.get("bId") if isinstance(item, dict) else None


def one(books: Books, item: Any, options: dict[str, str]) -> dict[str, Any]:
    named = {"bId": str(bid(item))} if bid(item) is not None else {}
    try:
        with books.store.transaction():
            return {**named, **perform(books, item, options)}
    except Fault as fault:
        books.forget_cached()
        return {**named, "Fault": fault.envelope()}


def perform(books: Books, item: Any, options: dict[str, str]) -> dict[str, Any]:
    from sandbox.quickbooks import operations

    if not isinstance(item, dict):
        raise Fault(2010, "Property Name:Can not deserialize value of BatchItemRequest")
    if isinstance(item.get("Query"), str):
        return {"QueryResponse": query.run(books, item["Query"])}
    if isinstance(item.get("CDCQuery"), dict):
        asked = item["CDCQuery"]
        return {
            "CDCResponse": [
                cdc.run(books, str(asked.get("Entities", "")), str(asked.get("ChangedSince", "")))
            ]
        }
    rest = {k: v for k, v in item.items() if k not in {"bId", "operation", "optionsData"}}
    operation = str(item.get("operation", "")).lower()
    if len(rest) != 1:
        raise missing("operation" if rest else "entity")
    if operation not in OPERATIONS:
        raise Fault(500, f"Operation {operation[:40]} is not supported.")
    ((name, body),) = rest.items()
    extra = str(item.get("optionsData", "")).lower()
    if extra == "void" and operation == "update":
        operation = "void"
    return operations.write(
        books, name, operation, body, {**options, "include": extra or options.get("include", "")}
    )
