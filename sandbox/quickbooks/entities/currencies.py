"""CompanyCurrency: the foreign currencies a company has added."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.quickbooks.faults import Fault, missing
from sandbox.quickbooks.kinds import Draft, Kind, events, register, words

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books

NAMES = {
    "USD": "United States Dollar", "CAD": "Canadian Dollar", "EUR": "Euro",
    "GBP": "British Pound Sterling", "AUD": "Australian Dollar", "NZD": "New Zealand Dollar",
    "CHF": "Swiss Franc", "JPY": "Japanese Yen", "INR": "Indian Rupee", "SEK": "Swedish Krona",
    "NOK": "Norwegian Krone", "DKK": "Danish Krone", "MXN": "Mexican Peso",
    "SGD": "Singapore Dollar", "HKD": "Hong Kong Dollar", "ZAR": "South African Rand",
    "BRL": "Brazilian Real", "PLN": "Polish Zloty",
}  # fmt: skip


def complete(books: Books, draft: Draft) -> None:
    body = draft.body
    if not body.get("Code"):
        raise missing("Code")
    if not books.multicurrency:
        raise Fault(5030, "Feature Not Supported Error : Multicurrency is not enabled")
    if body["Code"] not in NAMES:
        raise Fault(2220, f"Invalid Currency Type. Supplied value:{body['Code']}", element="Code")
    if draft.is_new and books.where(
        "CompanyCurrency", "AND json_extract(body,'$.Code')=?", body["Code"]
    ):
        raise Fault(6240, "The name supplied already exists. : null")
    body["Name"] = NAMES[body["Code"]]
    body.setdefault("Active", True)


register(Kind(
    "CompanyCurrency", "currency", complete, events=events("Create Update"),
    filters=words("Code Name Active"), sorts=words("Code Name"), read_only=words("Name"),
))  # fmt: skip
