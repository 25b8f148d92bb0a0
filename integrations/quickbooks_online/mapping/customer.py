"""Customers (reference quickbooks 5.1)."""

from typing import Any

from integrations.documents import Address, Company, CustomerDocument
from integrations.quickbooks_online.mapping.fields import (
    Payload,
    currency_of,
    flag_of,
    ref,
    ref_of,
    text_of,
)
from integrations.quickbooks_online.mapping.text import TextRules

ENTITY = "Customer"
INACTIVE_SUFFIX = " (deleted)"

_LONGEST = {"Line1": 500, "Line2": 500, "PostalCode": 30}
_LONGEST_PLACE = 255


def parts(document: CustomerDocument, rules: TextRules) -> dict[str, dict[str, Any]]:
    """The payload of each field of ours."""
    return {
        "name": {"DisplayName": rules.name(document.name, "customer name", 500)},
        "company_name": {"CompanyName": rules.line(document.company_name, "company name", 100)},
        "contact_name": _contact(document.contact_name, rules),
        "email": {"PrimaryEmailAddr": {"Address": rules.line(document.email, "e-mail", 100)}},
        "phone": {"PrimaryPhone": {"FreeFormNumber": rules.line(document.phone, "phone", 30)}},
        "address": {"BillAddr": _address(document.address, rules)},
        "notes": {"Notes": rules.prose(document.notes, "customer notes", 2000)},
        "currency": {"CurrencyRef": ref(document.currency)} if document.currency else {},
        "active": {"Active": document.active},
        "parent": {"ParentRef": ref(document.parent), "Job": True} if document.parent else {},
    }


def read(payload: Payload, company: Company) -> CustomerDocument:
    """A customer of theirs."""
    currency = currency_of(payload, company)
    return CustomerDocument(
        name=name_of(payload),
        company_name=text_of(payload, "CompanyName"),
        contact_name=contact_of(payload),
        email=text_of(payload, "PrimaryEmailAddr", "Address"),
        phone=text_of(payload, "PrimaryPhone", "FreeFormNumber"),
        address=address_of(payload),
        notes=text_of(payload, "Notes"),
        currency="" if currency == company.currency else currency,
        active=flag_of(payload, "Active") if "Active" in payload else True,
        parent=ref_of(payload, "ParentRef"),
    )


def name_of(payload: Payload, field: str = "DisplayName") -> str:
    """The name without the suffix that QuickBooks gives to what is inactive."""
    name = text_of(payload, field)
    inactive = "Active" in payload and not flag_of(payload, "Active")
    return name.removesuffix(INACTIVE_SUFFIX) if inactive else name


def _contact(name: str, rules: TextRules) -> dict[str, str]:
    """The first word is the given name; the parts we do not fill are emptied, else they'd stay."""
    given, _, family = rules.name(" ".join(name.split()), "contact name", 201).partition(" ")
    return {
        "Title": "",
        "GivenName": rules.name(given, "first word of the contact name", 100),
        "MiddleName": "",
        "FamilyName": rules.name(family, "rest of the contact name", 100),
        "Suffix": "",
    }


def contact_of(payload: Payload) -> str:
    """The parts of their name in one."""
    names = ("Title", "GivenName", "MiddleName", "FamilyName", "Suffix")
    return " ".join(" ".join(text_of(payload, name) for name in names).split())


def _address(address: Address, rules: TextRules) -> dict[str, str]:
    """All parts at once, the unused ones emptied: QuickBooks re-flows an address into five lines."""
    named = {
        "Line1": address.line1,
        "Line2": address.line2,
        "City": address.city,
        "CountrySubDivisionCode": address.region,
        "PostalCode": address.postal_code,
        "Country": address.country,
    }
    kept = {
        field: rules.line(text, "billing address", _LONGEST.get(field, _LONGEST_PLACE))
        for field, text in named.items()
    }
    return {**kept, "Line3": "", "Line4": "", "Line5": ""}


def address_of(payload: Payload) -> Address:
    """Their five lines in our two."""
    rest = (text_of(payload, "BillAddr", f"Line{number}") for number in (2, 3, 4, 5))
    return Address(
        line1=text_of(payload, "BillAddr", "Line1"),
        line2=", ".join(filter(None, rest)),
        city=text_of(payload, "BillAddr", "City"),
        region=text_of(payload, "BillAddr", "CountrySubDivisionCode"),
        postal_code=text_of(payload, "BillAddr", "PostalCode"),
        country=text_of(payload, "BillAddr", "Country"),
    )
