"""Customers, vendors and employees: one name space, one sequence of ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.quickbooks import validation
from sandbox.quickbooks.entities import active
from sandbox.quickbooks.faults import Fault, missing
from sandbox.quickbooks.kinds import Body, Draft, Kind, events, register, words

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books

NAMES = ("Customer", "Vendor", "Employee")
PARTS = ("Title", "GivenName", "MiddleName", "FamilyName", "Suffix")
LENGTHS = {
    "DisplayName": 500, "Title": 16, "GivenName": 100, "MiddleName": 100, "FamilyName": 100,
    "Suffix": 16, "CompanyName": 100, "PrintOnCheckName": 110, "Notes": 2000, "ResaleNum": 16,
    "AcctNum": 100,
}  # fmt: skip
PHONES = ("PrimaryPhone", "Mobile", "AlternatePhone", "Fax")
ADDRESSES = ("BillAddr", "ShipAddr", "PrimaryAddr")
NAME_FILTERS = words(
    "DisplayName GivenName MiddleName FamilyName FullyQualifiedName CompanyName PrimaryEmailAddr "
    "Active Suffix Title PrintOnCheckName"
)
NAME_SORTS = words(
    "DisplayName GivenName MiddleName FamilyName FullyQualifiedName CompanyName PrintOnCheckName"
)


def check_common(books: Books, draft: Draft) -> None:
    body = draft.body
    validation.characters(books, {k: v for k, v in body.items() if k in draft.given})
    validation.lengths(body, LENGTHS)
    validation.address(body, *ADDRESSES)
    validation.email(body, "PrimaryEmailAddr")
    validation.phones(body, *PHONES)
    check_web(body)
    validation.no_characters(body, ("DisplayName", *PARTS, "PrintOnCheckName"), ":\t\n")
    validation.addresses_get_ids(books, body, *ADDRESSES)


def check_web(body: Body) -> None:
    if "WebAddr" in body:
        uri = body["WebAddr"].get("URI", "")
        validation.length(uri, 1000, "WebAddr.URI")
        if uri and ("." not in uri or " " in uri):
            raise Fault(
                2200,
                f"Malformed Website Address Format. Supplied value:{uri}",
                element="WebAddr.URI",
            )


def display_name(draft: Draft) -> str:
    """Given, kept from before, or composed from the parts; 6080 when there is nothing."""
    body, former = draft.body, draft.former or {}
    if not body.get("DisplayName") and former.get("DisplayName") and "DisplayName" in draft.given:
        body["DisplayName"] = former["DisplayName"]  # cannot be blanked
    if not body.get("DisplayName"):
        body["DisplayName"] = " ".join(body[p].strip() for p in PARTS if body.get(p, "").strip())
    body["DisplayName"] = " ".join(body["DisplayName"].split()) if body["DisplayName"] else ""
    if not body["DisplayName"]:
        raise Fault(
            6080,
            "At least one of the following should be entered: Title, GivenName, MiddleName, "
            "FamilyName, DisplayName, Suffix.",
        )
    return str(body["DisplayName"])


def complete_name(books: Books, draft: Draft, kind: str) -> None:
    check_common(books, draft)
    name = display_name(draft)
    body, former = draft.body, draft.former or {}
    body.setdefault("Active", former.get("Active", True))
    if not body.get("PrintOnCheckName") or body["PrintOnCheckName"] == former.get("DisplayName"):
        body["PrintOnCheckName"] = name[:110]
    active.rename(draft, "DisplayName")
    if body["DisplayName"] != former.get("DisplayName"):
        own = (kind, former["Id"]) if former else None
        validation.name_free(books, NAMES, body["DisplayName"], own)


def complete_customer(books: Books, draft: Draft) -> None:
    body, former = draft.body, draft.former or {}
    opening(books, draft)
    currency(books, draft)
    if former and former.get("Active") and body.get("Active") is False:
        check_unbilled(books, former)
    complete_name(books, draft, "Customer")
    hierarchy(books, draft)
    for name, kind in (("SalesTermRef", "Term"), ("PaymentMethodRef", "PaymentMethod")):
        books.reference(kind, body.get(name), name)
    body.setdefault("Taxable", False)
    body.setdefault("Balance", former.get("Balance", 0))
    body.setdefault("BalanceWithJobs", former.get("BalanceWithJobs", body["Balance"]))
    body.setdefault("PreferredDeliveryMethod", "Print")
    if body["PreferredDeliveryMethod"] not in {"Print", "Email", "None"}:
        raise Fault(
            2170, "Invalid Enumeration : PreferredDeliveryMethod", element="PreferredDeliveryMethod"
        )
    body.setdefault("IsProject", former.get("IsProject", False))
    tax_exemption(books, body)


def tax_exemption(books: Books, body: Body) -> None:
    reason = body.get("TaxExemptionReasonId")
    if reason and not (reason.isascii() and reason.isdigit() and 1 <= int(reason) <= 15):
        raise Fault(
            2240, f"Invalid Number Range. Supplied value:{reason}", element="TaxExemptionReasonId"
        )
    if not body.get("DefaultTaxCodeRef"):
        return
    if books.preference("TaxPrefs", "PartnerTaxEnabled"):
        del body["DefaultTaxCodeRef"]  # ignored under automated sales tax
    else:
        books.reference("TaxCode", body["DefaultTaxCodeRef"], "DefaultTaxCodeRef")


def opening(books: Books, draft: Draft) -> None:
    """Balance may be written at create only, and then needs a date; elsewhere it is ignored."""
    body, former = draft.body, draft.former
    if former is not None:
        for name in ("Balance", "BalanceWithJobs"):
            body[name] = former.get(name, 0)
        body.pop("OpenBalanceDate", None)
        return
    amount = body.pop("Balance", 0)
    if amount and not body.get("OpenBalanceDate"):
        raise Fault(
            6060, "OpenBalanceDate must be specified with OpenBalance", element="OpenBalanceDate"
        )
    if amount:
        draft.hidden["opening"] = {"amount": amount, "date": body["OpenBalanceDate"]}
    body.pop("OpenBalanceDate", None)


def currency(books: Books, draft: Draft) -> None:
    """Fixed for life; only companies with several currencies may choose."""
    body, former = draft.body, draft.former
    if former is not None:
        body["CurrencyRef"] = former["CurrencyRef"]
        return
    given = (body.get("CurrencyRef") or {}).get("value", books.home_currency)
    if given != books.home_currency and not books.multicurrency:
        raise Fault(2220, f"Invalid Currency Type. Supplied value:{given}", element="CurrencyRef")
    body["CurrencyRef"] = known_currency(books, given)


def known_currency(books: Books, code: str) -> Body:
    from sandbox.quickbooks.entities.currencies import NAMES as CURRENCY_NAMES

    if code == books.home_currency:
        return {"value": code, "name": CURRENCY_NAMES.get(code, code)}
    found = books.where("CompanyCurrency", "AND json_extract(body,'$.Code')=?", code)
    if not found or not found[0].get("Active", True):
        raise Fault(2220, f"Invalid Currency Type. Supplied value:{code}", element="CurrencyRef")
    return {"value": code, "name": found[0]["Name"]}


def hierarchy(books: Books, draft: Draft) -> None:
    """Sub-customers: Job with ParentRef, at most five levels (6180)."""
    body, former = draft.body, draft.former or {}
    parent_ref = body.get("ParentRef")
    body["Job"] = bool(body.get("Job", bool(parent_ref)))
    body["BillWithParent"] = bool(body.get("BillWithParent", False))
    if body["Job"] and not parent_ref:
        raise Fault(6150, "ParentRef is required if Job is true", element="ParentRef")
    body.pop("Level", None)
    body["FullyQualifiedName"] = body["DisplayName"]
    if not parent_ref:
        return
    if former and parent_ref["value"] == former["Id"]:
        raise Fault(900, "Parent cannot be child")
    parent = books.reference("Customer", parent_ref, "ParentRef")
    assert parent is not None
    if former and ancestor(books, parent, former["Id"]):
        raise Fault(900, "Parent cannot be child")
    level = parent.get("Level", 0) + 1
    if level >= 5:
        raise Fault(6180, "You have exceeded the limit of 5 levels of nesting")
    if (
        former
        and former.get("BillWithParent") != body["BillWithParent"]
        and has_invoices(books, former)
    ):
        raise Fault(6130, "You can't change who this customer bills with")
    body["Level"] = level
    if draft.is_new or not (draft.former or {}).get("ParentRef"):
        books.next("jobs")
        books.core.gets_jobs(books.company.realm)
    body["FullyQualifiedName"] = f"{parent['FullyQualifiedName']}:{body['DisplayName']}"


def ancestor(books: Books, body: Body | None, id: str) -> bool:
    while body is not None:
        if body["Id"] == id:
            return True
        up = body.get("ParentRef")
        body = books.find("Customer", up["value"]) if up else None
    return False


def has_invoices(books: Books, body: Body) -> bool:
    return bool(books.store.one(
        "SELECT 1 FROM objects WHERE realm=? AND kind='Invoice' AND party=? AND gone=0",
        books.realm, int(body["Id"]),
    ))  # fmt: skip


def check_unbilled(books: Books, former: Body) -> None:
    for kind in ("Purchase", "Bill", "TimeActivity"):
        for found in books.where(kind, "AND body LIKE '%\"Billable\"%'"):
            if unbilled_for(found, former["Id"]):
                raise Fault(
                    6280, "This customer can't be deleted because they have unbilled charges."
                )


def unbilled_for(document: Body, customer: str) -> bool:
    details = [
        document,
        *(line.get(line.get("DetailType", ""), {}) for line in document.get("Line", [])),
    ]
    return any(
        d.get("BillableStatus") == "Billable"
        and (d.get("CustomerRef") or {}).get("value") == customer
        for d in details
    )


def complete_vendor(books: Books, draft: Draft) -> None:
    body, former = draft.body, draft.former or {}
    currency(books, draft)
    complete_name(books, draft, "Vendor")
    books.reference("Term", body.get("TermRef"), "TermRef")
    body["Balance"] = former.get("Balance", 0)
    body.setdefault("Vendor1099", False)


def complete_employee(books: Books, draft: Draft) -> None:
    if not any(draft.body.get(p) for p in ("GivenName", "FamilyName", "DisplayName")):
        raise missing("GivenName or FamilyName")
    complete_name(books, draft, "Employee")
    draft.body.setdefault("BillableTime", False)


NAME_EVENTS = events("Create Update Delete Merge")

CUSTOMER = register(Kind(
    "Customer", "name", complete_customer, name_field="DisplayName", events=NAME_EVENTS,
    read_only=words("BalanceWithJobs FullyQualifiedName Level IsProject OverDueBalance "
                    "TotalRevenue TotalExpense"),
    filters=NAME_FILTERS, sorts=NAME_SORTS | {"BalanceWithJobs", "Balance"},
))  # fmt: skip
VENDOR = register(Kind(
    "Vendor", "name", complete_vendor, name_field="DisplayName", events=NAME_EVENTS,
    read_only=words("Balance"), filters=NAME_FILTERS, sorts=NAME_SORTS,
))  # fmt: skip
EMPLOYEE = register(Kind(
    "Employee", "name", complete_employee, name_field="DisplayName", events=NAME_EVENTS,
    filters=NAME_FILTERS - {"FullyQualifiedName", "CompanyName"}, sorts=words("DisplayName FamilyName"),
))  # fmt: skip
