"""Products and services (reference quickbooks 5.2)."""

from typing import Any

from integrations.documents import ItemDocument
from integrations.quickbooks_online.mapping.customer import name_of
from integrations.quickbooks_online.mapping.fields import (
    Payload,
    flag_of,
    number_of,
    ref,
    ref_of,
    text_of,
)
from integrations.quickbooks_online.mapping.text import TextRules

ENTITY = "Item"


def parts(document: ItemDocument, rules: TextRules) -> dict[str, dict[str, Any]]:
    """The payload of each field of ours."""
    account = document.income_account
    return {
        "name": {"Name": rules.name(document.name, "item name", 100)},
        "type": {"Type": document.type},
        "income_account": {"IncomeAccountRef": ref(account)} if account else {},
        "description": _said(document.description, "Description", rules),
        "unit_price": {} if document.unit_price is None else {"UnitPrice": document.unit_price},
        "active": {"Active": document.active},
        "taxable": {} if document.taxable is None else {"Taxable": document.taxable},
    }


def read(payload: Payload) -> ItemDocument:
    """An item of theirs."""
    return ItemDocument(
        name=name_of(payload, "Name"),
        type=text_of(payload, "Type"),
        income_account=ref_of(payload, "IncomeAccountRef"),
        description=text_of(payload, "Description"),
        unit_price=number_of(payload.get("UnitPrice")),
        taxable=flag_of(payload, "Taxable"),
        active=flag_of(payload, "Active") if "Active" in payload else True,
    )


def _said(text: str | None, field: str, rules: TextRules) -> dict[str, str]:
    return {} if text is None else {field: rules.prose(text, "item description", 4000)}
