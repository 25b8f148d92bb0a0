"""The lists of a company as the mirror keeps them (reference quickbooks 5.1 to 5.3, 5.11)."""

from dataclasses import asdict

from integrations.documents import ListEntry, ListKind
from integrations.quickbooks_online.mapping.customer import address_of, contact_of, name_of
from integrations.quickbooks_online.mapping.fields import (
    Payload,
    flag_of,
    moment_of,
    part_of,
    ref_of,
    text_of,
)

ENTITIES: dict[ListKind, str] = {
    ListKind.CUSTOMER: "Customer",
    ListKind.VENDOR: "Vendor",
    ListKind.EMPLOYEE: "Employee",
    ListKind.ITEM: "Item",
    ListKind.ACCOUNT: "Account",
    ListKind.CLASS: "Class",
    ListKind.DEPARTMENT: "Department",
    ListKind.TERM: "Term",
    ListKind.PAYMENT_METHOD: "PaymentMethod",
    ListKind.TAX_CODE: "TaxCode",
    ListKind.TAX_RATE: "TaxRate",
}

# Not in the change feed (reference 2.10).
WITHOUT_FEED = frozenset({ListKind.TAX_CODE, ListKind.TAX_RATE})
# The pseudo codes TAX and NON have no Active to ask for (reference 5.5).
WITHOUT_STATE = frozenset({ListKind.TAX_CODE})

_PEOPLE = (ListKind.CUSTOMER, ListKind.VENDOR, ListKind.EMPLOYEE)
_TREES = (ListKind.ACCOUNT, ListKind.CLASS, ListKind.DEPARTMENT)
_NAME_LENGTH = 500

_PERSON: dict[str, tuple[str, ...]] = {
    "company_name": ("CompanyName",),
    "phone": ("PrimaryPhone", "FreeFormNumber"),
    "currency": ("CurrencyRef", "value"),
    "parent": ("ParentRef", "value"),
}
# What we keep of each kind, by the name it has here.
_DETAILS: dict[ListKind, dict[str, tuple[str, ...]]] = {
    ListKind.CUSTOMER: {
        **_PERSON,
        "full_name": ("FullyQualifiedName",),
        "taxable": ("Taxable",),
        "term": ("SalesTermRef", "value"),
        "email": ("PrimaryEmailAddr", "Address"),
        "notes": ("Notes",),
    },
    ListKind.VENDOR: _PERSON,
    ListKind.EMPLOYEE: {"phone": ("PrimaryPhone", "FreeFormNumber")},
    ListKind.ITEM: {
        "type": ("Type",),
        "full_name": ("FullyQualifiedName",),
        "income_account": ("IncomeAccountRef", "value"),
        "unit_price": ("UnitPrice",),
        "taxable": ("Taxable",),
        "sku": ("Sku",),
        "description": ("Description",),
    },
    ListKind.ACCOUNT: {
        "type": ("AccountType",),
        "subtype": ("AccountSubType",),
        "classification": ("Classification",),
        "number": ("AcctNum",),
        "currency": ("CurrencyRef", "value"),
    },
    ListKind.CLASS: {"parent": ("ParentRef", "value")},
    ListKind.DEPARTMENT: {"parent": ("ParentRef", "value")},
    ListKind.TERM: {
        "type": ("Type",),
        "due_days": ("DueDays",),
        "day_of_month_due": ("DayOfMonthDue",),
        "due_next_month_days": ("DueNextMonthDays",),
    },
    ListKind.PAYMENT_METHOD: {"type": ("Type",)},
    ListKind.TAX_CODE: {
        "taxable": ("Taxable",),
        "hidden": ("Hidden",),
        "group": ("TaxGroup",),
        "description": ("Description",),
    },
    ListKind.TAX_RATE: {"percent": ("RateValue",)},
}


def read(kind: ListKind, payload: Payload) -> ListEntry:
    """One entry of a list of theirs; one without an Active is in use."""
    return ListEntry(
        kind=kind,
        id=str(payload["Id"]),
        name=_name(kind, payload)[:_NAME_LENGTH],
        active=flag_of(payload, "Active") if "Active" in payload else True,
        email=text_of(payload, "PrimaryEmailAddr", "Address"),
        phone=text_of(payload, "PrimaryPhone", "FreeFormNumber"),
        detail=tuple(_details(kind, payload)),
        version=text_of(payload, "SyncToken"),
        updated_at=moment_of(payload, "MetaData", "LastUpdatedTime"),
    )


def is_tombstone(payload: Payload) -> bool:
    """Whether the change feed says that this entry is gone, as after a merge."""
    return payload.get("status") == "Deleted"


def _name(kind: ListKind, payload: Payload) -> str:
    """People by the name that is unique, what forms a tree by its path."""
    if kind in _PEOPLE:
        return name_of(payload)
    path = name_of(payload, "FullyQualifiedName") if kind in _TREES else ""
    return path or name_of(payload, "Name")


def _details(kind: ListKind, payload: Payload) -> list[tuple[str, str]]:
    found = [(name, text_of(payload, *path)) for name, path in _DETAILS[kind].items()]
    if kind is ListKind.CUSTOMER:
        found += [("contact_name", contact_of(payload)), *asdict(address_of(payload)).items()]
    elif kind is ListKind.TAX_CODE:
        found += _purchases(payload)
    return [(name, text) for name, text in found if text]


def _purchases(payload: Payload) -> list[tuple[str, str]]:
    """The ids of the rates of a tax code for purchases, and whether it has none for sales (reference 5.5)."""
    rates = part_of(payload, "PurchaseTaxRateList", "TaxRateDetail") or ()
    ids = ",".join(ref_of(rate, "TaxRateRef") for rate in rates)
    only = bool(rates) and not part_of(payload, "SalesTaxRateList", "TaxRateDetail")
    return [("purchase_rates", ids), ("for_purchases", "true" if only else "")]
