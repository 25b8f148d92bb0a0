"""Products and services (reference quickbooks 5.2)."""

from typing import Any

from integrations.documents import ItemDocument
from integrations.quickbooks_online.mapping.customer import name_of
from integrations.quickbooks_online.mapping.fields import Payload, ref, ref_of, text_of
from integrations.quickbooks_online.mapping.text import TextRules

ENTITY = "Item"


def parts(document: ItemDocument, rules: TextRules) -> dict[str, dict[str, Any]]:
    """The payload of each field of ours."""
    account = document.income_account
    return {
        "name": {"Name": rules.name(document.name, "item name", 100)},
        "type": {"Type": document.type},
        "income_account": {"IncomeAccountRef": ref(account)} if account else {},
    }


def read(payload: Payload) -> ItemDocument:
    """An item of theirs."""
    return ItemDocument(
        name=name_of(payload, "Name"),
        type=text_of(payload, "Type"),
        income_account=ref_of(payload, "IncomeAccountRef"),
    )
