"""How a stored record looks in an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox import jsontext
from sandbox.quickbooks import recurring
from sandbox.quickbooks.kinds import Body, Kind

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books


def shown(books: Books, kind: Kind, body: Body, options: dict[str, str] | None = None) -> Body:
    """With what exists only in answers: account balances, pay links."""
    if kind.name == "Account":
        from sandbox.quickbooks.entities import accounts

        return accounts.shown(books, body)
    if kind.name == "RecurringTransaction":
        return recurring.put_together(body)
    if kind.name == "Attachable":
        from sandbox.quickbooks.entities import attachable

        return attachable.shown(books, body)
    if kind.name == "TaxCode" and body["Id"] in {"TAX", "NON"}:
        return {k: v for k, v in body.items() if k not in {"SyncToken", "MetaData", "Active"}}
    if kind.name == "Item":
        return {k: v for k, v in body.items() if k != "Sku" or (options or {}).get("sku")}
    if kind.name == "Invoice" and "invoicelink" in (options or {}).get("include", "").lower():
        from sandbox.quickbooks import paynow

        return paynow.with_link(books, body)
    return body


def shown_row(books: Books, kind: Kind, text: str, *, sku: bool = False, include: str = "") -> Any:
    """One row of a list: the stored text itself wherever nothing is added to it."""
    if kind.name not in {
        "Account",
        "Attachable",
        "Item",
        "RecurringTransaction",
        "TaxCode",
    } and not (include and kind.name == "Invoice"):
        return jsontext.Raw(text)
    options = {"sku": "1" if sku else "", "include": include}
    return shown(books, kind, jsontext.loads(text), options)
