"""Products and services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.money import trimmed
from sandbox.quickbooks import validation
from sandbox.quickbooks.entities import active, stock
from sandbox.quickbooks.faults import Fault, missing
from sandbox.quickbooks.kinds import Body, Draft, Kind, events, register, words

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books

CREATABLE = {"Service", "NonInventory", "Inventory", "Category"}
SOLD = {"Income", "Other Income", "Other Current Asset", "Other Current Liability", "Expense",
        "Cost of Goods Sold", "Other Expense", "Equity", "Fixed Asset", "Other Asset",
        "Long Term Liability"}  # fmt: skip


def complete(books: Books, draft: Draft) -> None:
    body, former = draft.body, draft.former or {}
    if not body.get("Name"):
        raise missing("Name")
    validation.characters(books, {n: body.get(n) for n in ("Name", "Description")})
    validation.lengths(body, {"Name": 100 + len(active.SUFFIX), "Description": 4000,
                              "PurchaseDesc": 4000, "Sku": 100})  # fmt: skip
    validation.no_characters(body, ("Name",), ":\t\n")
    kind_of_item(draft)
    accounts(books, body)
    inventory(books, draft)
    body.setdefault("Active", former.get("Active", True))
    active.rename(draft, "Name")
    if body["Name"] != former.get("Name"):
        validation.name_free(
            books, ("Item",), body["Name"], ("Item", former["Id"]) if former else None
        )
    nesting(books, draft)
    for name in ("UnitPrice", "PurchaseCost", "QtyOnHand", "ReorderPoint"):
        if name in body:
            body[name] = trimmed(body[name])
    if body["Type"] != "Category":
        body.setdefault("Taxable", False)
        body.setdefault("UnitPrice", 0)
        body.setdefault("PurchaseCost", 0)
    books.reference("TaxCode", body.get("SalesTaxCodeRef"), "SalesTaxCodeRef")
    books.reference("Class", body.get("ClassRef"), "ClassRef")
    books.reference("Vendor", body.get("PrefVendorRef"), "PrefVendorRef")


def kind_of_item(draft: Draft) -> None:
    body, former = draft.body, draft.former or {}
    body["Type"] = body.get("Type") or former.get("Type") or "Service"
    if former and body["Type"] != former["Type"] and "Inventory" in {body["Type"], former["Type"]}:
        raise Fault(
            2120,
            "Invalid Type : an item cannot become or cease to be an inventory item",
            element="Type",
        )
    if body["Type"] not in CREATABLE and body["Type"] != former.get("Type"):
        raise Fault(2120, f"Invalid Type : {body['Type']}", element="Type")


def accounts(books: Books, body: Body) -> None:
    if body["Type"] == "Category":
        return
    if not body.get("IncomeAccountRef") and (
        body["Type"] == "Inventory" or not body.get("ExpenseAccountRef")
    ):
        raise missing("IncomeAccountRef")
    income = books.reference("Account", body.get("IncomeAccountRef"), "IncomeAccountRef")
    if income and income["AccountType"] not in SOLD:
        raise Fault(6430, "Invalid account type used : IncomeAccountRef must be an income account",
                    element="IncomeAccountRef")  # fmt: skip
    books.reference("Account", body.get("ExpenseAccountRef"), "ExpenseAccountRef")
    books.reference("Account", body.get("AssetAccountRef"), "AssetAccountRef")


def inventory(books: Books, draft: Draft) -> None:
    body, former = draft.body, draft.former or {}
    if body["Type"] != "Inventory":
        body["TrackQtyOnHand"] = False
        body.pop("QtyOnHand", None)
        return
    if not books.company.has_classes:
        raise Fault(5030, "Feature Not Supported Error : inventory needs Plus or Advanced")
    body["TrackQtyOnHand"] = True
    if former:
        for name in ("QtyOnHand", "InvStartDate"):
            if name not in draft.given and name in former:
                body[name] = former[name]
    for name in ("AssetAccountRef", "ExpenseAccountRef", "QtyOnHand", "InvStartDate"):
        if name not in body:
            raise missing(name)
    stock.start(books, draft)


def nesting(books: Books, draft: Draft) -> None:
    body, former = draft.body, draft.former or {}
    body["FullyQualifiedName"] = body["Name"]
    if not body.get("ParentRef"):
        body.pop("SubItem", None)
        return
    parent = books.reference("Item", body["ParentRef"], "ParentRef")
    assert parent is not None
    if former and parent["Id"] == former["Id"]:
        raise Fault(900, "Parent cannot be child")
    body["SubItem"] = True
    body["Level"] = parent.get("Level", 0) + 1
    if body["Level"] >= 5:
        raise Fault(6180, "You have exceeded the limit of 5 levels of nesting")
    body["FullyQualifiedName"] = f"{parent['FullyQualifiedName']}:{body['Name']}"


register(Kind(
    "Item", "item", complete, refresh=stock.refresh, name_field="Name", plural="Items",
    events=events("Create Update Delete Merge"),
    read_only=words("FullyQualifiedName Level AvgCost QtyOnSalesOrder QtyOnPurchaseOrder SpecialItem"),
    filters=words("Name Type Active FullyQualifiedName Sku UnitPrice Taxable ParentRef Description"),
    sorts=words("Name Type FullyQualifiedName Sku"),
))  # fmt: skip
