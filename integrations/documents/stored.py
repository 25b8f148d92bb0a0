"""A document as plain JSON values, without loss, and back. Pure."""

from collections.abc import Callable
from dataclasses import fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from billing.money import Money
from integrations.documents.contents import (
    AccountDocument,
    Address,
    Application,
    CreditMemoDocument,
    CustomerDocument,
    CustomField,
    Document,
    ExpenseDocument,
    InvoiceDocument,
    ItemDocument,
    LineDocument,
    MailDocument,
    OtherPart,
    PaymentDocument,
    RefundReceiptDocument,
    UsedCredit,
    kind_of,
)
from integrations.documents.kinds import Kind


def to_json(document: Document) -> dict[str, Any]:
    """A document as plain JSON values, without loss; `from_json` is the way back."""
    return {"kind": kind_of(document).value, **_plain(document)}


def from_json(stored: dict[str, Any]) -> Document:
    """The document that `to_json` wrote."""
    values = dict(stored)
    return _READERS[Kind(values.pop("kind"))](values)


def _plain(value: Any) -> Any:
    """Written out by hand: `dataclasses.asdict` copies each value deeply, and this runs several times a push."""
    match value:
        case None | str() | int():
            return value
        case Decimal():
            return format(value.normalize(), "f")
        case date():
            return value.isoformat()
        case tuple() | list():
            return [_plain(part) for part in value]
        case dict():
            return {key: _plain(part) for key, part in value.items()}
        case _:
            return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}


def _money(value: dict[str, Any] | None) -> Money | None:
    return None if value is None else Money(value["minor"], value["currency"])


def _sure_money(value: dict[str, Any]) -> Money:
    return Money(value["minor"], value["currency"])


def _decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _read_customer(values: dict[str, Any]) -> CustomerDocument:
    return CustomerDocument(**{**values, "address": Address(**values["address"])})


def _read_line(values: dict[str, Any]) -> LineDocument:
    return LineDocument(
        **{
            **values,
            "amount": _sure_money(values["amount"]),
            "quantity": _decimal(values["quantity"]),
            "unit_price": _decimal(values["unit_price"]),
            "percent": _decimal(values.get("percent")),
            "gross": _money(values.get("gross")),
        }
    )


def _read_invoice(values: dict[str, Any]) -> InvoiceDocument:
    return InvoiceDocument(
        **{
            **values,
            "issued_on": date.fromisoformat(values["issued_on"]),
            "due_on": date.fromisoformat(values["due_on"]),
            "lines": tuple(_read_line(line) for line in values["lines"]),
            "tax": _money(values["tax"]),
            "exchange_rate": _decimal(values.get("exchange_rate")),
            "custom_fields": tuple(CustomField(**one) for one in values.get("custom_fields", ())),
            "deposit": _money(values.get("deposit")),
        }
    )


def _read_credit_memo(values: dict[str, Any]) -> CreditMemoDocument:
    return CreditMemoDocument(
        **{
            **values,
            "issued_on": date.fromisoformat(values["issued_on"]),
            "lines": tuple(_read_line(line) for line in values["lines"]),
            "tax": _money(values["tax"]),
        }
    )


def _read_payment(values: dict[str, Any]) -> PaymentDocument:
    values.pop("credits_applied", None)  # of rows stored before credit was told apart
    return PaymentDocument(
        **{
            **values,
            "received_on": date.fromisoformat(values["received_on"]),
            "amount": _sure_money(values["amount"]),
            "applications": tuple(
                Application(part["invoice"], _sure_money(part["amount"]))
                for part in values["applications"]
            ),
            "credits": tuple(
                UsedCredit(part["credit_memo"], _sure_money(part["amount"]))
                for part in values.get("credits", ())
            ),
            "others": tuple(
                OtherPart(part["what"], part["id"], _sure_money(part["amount"]))
                for part in values.get("others", ())
            ),
            "exchange_rate": _decimal(values.get("exchange_rate")),
        }
    )


def _read_account(values: dict[str, Any]) -> AccountDocument:
    return AccountDocument(**values)


def _read_expense(values: dict[str, Any]) -> ExpenseDocument:
    dates = {"paid_on": date.fromisoformat(values["paid_on"])}
    money = {"amount": _sure_money(values["amount"]), "tax": _money(values.get("tax"))}
    return ExpenseDocument(**{**values, **dates, **money})


def _read_refund_receipt(values: dict[str, Any]) -> RefundReceiptDocument:
    return RefundReceiptDocument(
        **{
            **values,
            "paid_on": date.fromisoformat(values["paid_on"]),
            "lines": tuple(_read_line(line) for line in values["lines"]),
            "tax": _money(values["tax"]),
        }
    )


def _read_item(values: dict[str, Any]) -> ItemDocument:
    return ItemDocument(**{**values, "unit_price": _decimal(values.get("unit_price"))})


def _read_mail(values: dict[str, Any]) -> MailDocument:
    sent_at = values["sent_at"]
    return MailDocument(
        **{
            **values,
            "asked_at": datetime.fromisoformat(values["asked_at"]),
            "sent_at": datetime.fromisoformat(sent_at) if sent_at else None,
        }
    )


_READERS: dict[Kind, Callable[[dict[str, Any]], Document]] = {
    Kind.CUSTOMER: _read_customer,
    Kind.ACCOUNT: _read_account,
    Kind.ITEM: _read_item,
    Kind.INVOICE: _read_invoice,
    Kind.CREDIT_MEMO: _read_credit_memo,
    Kind.PAYMENT: _read_payment,
    Kind.EXPENSE: _read_expense,
    Kind.REFUND_RECEIPT: _read_refund_receipt,
    Kind.MAIL: _read_mail,
}
