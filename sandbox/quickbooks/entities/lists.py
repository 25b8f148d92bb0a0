"""Small lists: classes, locations, terms, payment methods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.quickbooks import validation
from sandbox.quickbooks.entities import active
from sandbox.quickbooks.faults import Fault, missing
from sandbox.quickbooks.kinds import Draft, Kind, events, register, words

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books


def complete_named(books: Books, draft: Draft, kind: str, longest: int) -> None:
    """Name required, of limited length, unique in its list; Active and its suffix."""
    body, former = draft.body, draft.former or {}
    if not body.get("Name"):
        raise missing("Name")
    validation.characters(books, body["Name"])
    validation.length(body["Name"].removesuffix(active.SUFFIX), longest, "Name")
    validation.no_characters(body, ("Name",), ":\t\n")
    body.setdefault("Active", former.get("Active", True))
    active.rename(draft, "Name")
    if body["Name"] != former.get("Name"):
        validation.name_free(books, (kind,), body["Name"], (kind, former["Id"]) if former else None)


def tree(books: Books, draft: Draft, kind: str, flag: str) -> None:
    body, former = draft.body, draft.former or {}
    body["FullyQualifiedName"] = body["Name"]
    body[flag] = bool(body.get("ParentRef"))
    if not body.get("ParentRef"):
        return
    if former and body["ParentRef"]["value"] == former["Id"]:
        raise Fault(900, "Parent cannot be child")
    parent = books.reference(kind, body["ParentRef"], "ParentRef")
    assert parent is not None
    if parent["FullyQualifiedName"].count(":") >= 4:
        raise Fault(6180, "You have exceeded the limit of 5 levels of nesting")
    if former and (parent["FullyQualifiedName"] + ":").startswith(
        former["FullyQualifiedName"] + ":"
    ):
        raise Fault(900, "Parent cannot be child")
    body["FullyQualifiedName"] = f"{parent['FullyQualifiedName']}:{body['Name']}"


def complete_class(books: Books, draft: Draft) -> None:
    if not books.company.has_classes:
        raise Fault(5030, "Feature Not Supported Error : classes need Plus or Advanced")
    complete_named(books, draft, "Class", 100)
    tree(books, draft, "Class", "SubClass")


def complete_department(books: Books, draft: Draft) -> None:
    if not books.company.has_classes:
        raise Fault(5030, "Feature Not Supported Error : locations need Plus or Advanced")
    complete_named(books, draft, "Department", 100)
    tree(books, draft, "Department", "SubDepartment")


def complete_term(books: Books, draft: Draft) -> None:
    complete_named(books, draft, "Term", 31)
    body = draft.body
    by_date = "DayOfMonthDue" in body
    if not by_date and "DueDays" not in body:
        raise missing("DueDays")
    for name, low, high in (("DueDays", 0, 999), ("DayOfMonthDue", 1, 31), ("DueNextMonthDays", 0, 999),
                            ("DiscountDays", 0, 999)):  # fmt: skip
        if name in body and not low <= body[name] <= high:
            raise Fault(2240, f"Invalid Number Range. Supplied value:{body[name]}", element=name)
    if not 0 <= body.get("DiscountPercent", 0) <= 100:
        raise Fault(2150, "Invalid Percent : DiscountPercent", element="DiscountPercent")
    body["Type"] = "DATE_DRIVEN" if by_date else "STANDARD"


def complete_method(books: Books, draft: Draft) -> None:
    complete_named(books, draft, "PaymentMethod", 31)
    body = draft.body
    body.setdefault("Type", "NON_CREDIT_CARD")
    if body["Type"] not in {"CREDIT_CARD", "NON_CREDIT_CARD"}:
        raise Fault(
            2170, f"Invalid Enumeration : Type. Supplied value:{body['Type'][:40]}", element="Type"
        )


NAMED = words("Name Active")

register(Kind("Class", "class", complete_class, name_field="Name", plural="Classes",
              events=events("Create Update Delete Merge"), read_only=words("FullyQualifiedName"),
              filters=NAMED | {"FullyQualifiedName", "SubClass"}, sorts=words("Name FullyQualifiedName")))  # fmt: skip
register(Kind("Department", "department", complete_department, name_field="Name",
              plural="Departments", events=events("Create Update Merge"),
              read_only=words("FullyQualifiedName"),
              filters=NAMED | {"FullyQualifiedName", "SubDepartment"},
              sorts=words("Name FullyQualifiedName")))  # fmt: skip
register(Kind("Term", "term", complete_term, name_field="Name", plural="Terms",
              events=events("Create Update"), read_only=words("Type"),
              filters=NAMED | {"DueDays", "Type"}, sorts=words("Name")))  # fmt: skip
register(Kind("PaymentMethod", "paymentmethod", complete_method, name_field="Name",
              plural="PaymentMethods", events=events("Create Update Merge"),
              filters=NAMED | {"Type"}, sorts=words("Name")))  # fmt: skip
