"""What an answer holds, in our words."""

from typing import Any

from billing.errors import BillingError
from integrations.documents import Company, Document, Held, Illegible, Kind
from integrations.quickbooks_online.mapping import (
    account,
    credit_memo,
    customer,
    expense,
    invoice,
    item,
    notes,
    payment,
    refund_receipt,
)
from integrations.quickbooks_online.mapping.fields import (
    Payload,
    currency_of,
    flag_of,
    moment_of,
    some_money,
    text_of,
)

ENTITIES: dict[Kind, str] = {
    Kind.CUSTOMER: customer.ENTITY,
    Kind.ACCOUNT: account.ENTITY,
    Kind.ITEM: item.ENTITY,
    Kind.INVOICE: invoice.ENTITY,
    Kind.CREDIT_MEMO: credit_memo.ENTITY,
    Kind.PAYMENT: payment.ENTITY,
    Kind.EXPENSE: expense.ENTITY,
    Kind.REFUND_RECEIPT: refund_receipt.ENTITY,
}

# What QuickBooks works out a total of.
WITH_A_TOTAL = (
    Kind.INVOICE,
    Kind.CREDIT_MEMO,
    Kind.PAYMENT,
    Kind.EXPENSE,
    Kind.REFUND_RECEIPT,
)

# What reading raises where an answer is not what it should be.
NOT_UNDERSTOOD = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, BillingError)


def held(kind: Kind, payload: Payload, company: Company) -> Held:
    """A document as QuickBooks holds it; a tombstone of the change feed has none.

    Raises KeyError, TypeError or ValueError for what is no such document.
    """
    if payload.get("status") == "Deleted":
        return _tombstone(kind, payload)
    currency = currency_of(payload, company)
    return Held(
        kind=kind,
        id=str(payload["Id"]),
        version=str(payload["SyncToken"]),
        document=_document(kind, payload, company),
        created_at=moment_of(payload, "MetaData", "CreateTime"),
        updated_at=moment_of(payload, "MetaData", "LastUpdatedTime"),
        marker=_note(kind, payload).marker,
        number=text_of(payload, "DocNumber"),
        active=flag_of(payload, "Active") if "Active" in payload else True,
        untouched=_is_untouched(kind, payload),
        settled_by=_settled_by(kind, payload),
        **_computed(kind, payload, currency),
    )


def legible(kind: Kind, payload: Payload, company: Company) -> Held | Illegible:
    """A document as QuickBooks holds it, if we can read it. Raises KeyError, TypeError for what has no Id."""
    try:
        return held(kind, payload, company)
    except NOT_UNDERSTOOD:
        return Illegible(kind, str(payload["Id"]), str(payload.get("SyncToken", "")))


def found(kind: Kind, payload: Payload, company: Company) -> Held | None:
    """As `held`; None for what others made in a form that we cannot read."""
    try:
        return held(kind, payload, company)
    except NOT_UNDERSTOOD:
        if _may_be_ours(kind, payload):
            raise
        return None


def _may_be_ours(kind: Kind, payload: Payload) -> bool:
    """What has a total bears our mark when we made it; an expense is also known by its number."""
    if kind not in WITH_A_TOTAL:
        return True
    marked = bool(notes.read(text_of(payload, "PrivateNote"), voided=False).marker)
    return marked or (kind is Kind.EXPENSE and bool(text_of(payload, "DocNumber")))


def _tombstone(kind: Kind, payload: Payload) -> Held:
    updated_at = moment_of(payload, "MetaData", "LastUpdatedTime")
    return Held(kind, str(payload["Id"]), "", None, updated_at=updated_at)


def _document(kind: Kind, payload: Payload, company: Company) -> Document:
    match kind:
        case Kind.CUSTOMER:
            return customer.read(payload, company)
        case Kind.ACCOUNT:
            return account.read(payload)
        case Kind.ITEM:
            return item.read(payload)
        case Kind.INVOICE:
            return invoice.read(payload, company)
        case Kind.CREDIT_MEMO:
            return credit_memo.read(payload, company)
        case Kind.PAYMENT:
            return payment.read(payload, company)
        case Kind.EXPENSE:
            return expense.read(payload, company)
        case Kind.REFUND_RECEIPT:
            return refund_receipt.read(payload, company)
        case Kind.MAIL:
            raise TypeError("An e-mail is read from its invoice")


def _note(kind: Kind, payload: Payload) -> notes.Note:
    match kind:
        case Kind.INVOICE | Kind.CREDIT_MEMO | Kind.REFUND_RECEIPT:
            return invoice.note_of(payload)
        case Kind.EXPENSE:
            return expense.note_of(payload)
        case Kind.PAYMENT:
            return payment.note_of(payload)
        case _:
            return notes.Note("")


def _is_untouched(kind: Kind, payload: Payload) -> bool:
    """SyncToken counts the changes (reference quickbooks 2.6); what pays or settles it stands in LinkedTxn."""
    owed = kind in (Kind.INVOICE, Kind.CREDIT_MEMO)
    open_still = not owed or payload.get("Balance") == payload.get("TotalAmt")
    emailed = moment_of(payload, "DeliveryInfo", "DeliveryTime") is not None
    return (
        str(payload["SyncToken"]) == "0"
        and not payload.get("LinkedTxn")
        and open_still
        and not emailed
    )


def _settled_by(kind: Kind, payload: Payload) -> tuple[str, ...]:
    """The payments among what an invoice is linked with."""
    linked = payload.get("LinkedTxn") or () if kind is Kind.INVOICE else ()
    return tuple(text_of(one, "TxnId") for one in linked if text_of(one, "TxnType") == "Payment")


def _computed(kind: Kind, payload: Payload, currency: str) -> dict[str, Any]:
    """What QuickBooks works out; of customers and items nothing that is ours to compare."""
    if kind not in WITH_A_TOTAL:
        return {}
    return {
        "total": some_money(payload.get("TotalAmt"), currency),
        "balance": some_money(payload.get("Balance"), currency),
        "unapplied": some_money(payload.get("UnappliedAmt"), currency),
        "emailed_at": moment_of(payload, "DeliveryInfo", "DeliveryTime"),
    }
