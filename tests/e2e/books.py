"""What the QuickBooks company of the sandbox really holds, read past all pages."""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.request import urlopen

Document = dict[str, Any]


@dataclass(frozen=True)
class Books:
    """One company of the sandbox."""

    sandbox_url: str
    realm: str

    def invoice(self, number: str) -> Document:
        """The only invoice with that number; two would be one too many."""
        (found,) = [each for each in self.all("Invoice") if each.get("DocNumber") == number]
        return found

    def payments_on(self, invoice: Document) -> list[Document]:
        """In the order in which they were recorded."""
        return [each for each in self.all("Payment") if invoice["Id"] in _paid_by(each)]

    def all(self, kind: str) -> list[Document]:
        documents = self._get(f"state/{self.realm}")["entities"].get(kind, [])
        return sorted(documents, key=lambda each: int(each["Id"]))

    def calls(self, **wanted: object) -> list[Document]:
        """The calls that were answered, of which the journal says all this."""
        journal = self._get("journal")
        return [
            call for call in journal if all(call[name] == value for name, value in wanted.items())
        ]

    def _get(self, path: str) -> Any:
        with urlopen(f"{self.sandbox_url}/_sandbox/{path}", timeout=10) as answer:  # noqa: S310
            return json.load(answer, parse_float=Decimal, parse_int=Decimal)


def sold_lines(invoice: Document) -> list[Document]:
    """Its lines without the subtotal."""
    return [line for line in invoice["Line"] if line["DetailType"] == "SalesItemLineDetail"]


def _paid_by(payment: Document) -> set[str]:
    return {link["TxnId"] for line in payment["Line"] for link in line["LinkedTxn"]}
