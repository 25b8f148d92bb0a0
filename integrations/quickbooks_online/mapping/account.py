"""Accounts of the chart (reference quickbooks 5.3)."""

from typing import Any

from integrations.documents import AccountDocument
from integrations.quickbooks_online.mapping.customer import name_of
from integrations.quickbooks_online.mapping.fields import Payload, flag_of, text_of
from integrations.quickbooks_online.mapping.text import TextRules

ENTITY = "Account"


def parts(document: AccountDocument, rules: TextRules) -> dict[str, dict[str, Any]]:
    """The payload of each field of ours; QuickBooks chooses the subtype."""
    return {
        "name": {"Name": rules.name(document.name, "account name", 100, without=':"')},
        "type": {"AccountType": document.type},
        "active": {"Active": document.active},
    }


def read(payload: Payload) -> AccountDocument:
    """An account of theirs."""
    return AccountDocument(
        name=name_of(payload, "Name"),
        type=text_of(payload, "AccountType"),
        active=flag_of(payload, "Active") if "Active" in payload else True,
    )
