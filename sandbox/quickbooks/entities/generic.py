"""Records kept without behaviour of their own: time activities, recurring templates, rates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.quickbooks import fields, validation
from sandbox.quickbooks.entities import documents
from sandbox.quickbooks.entities.currencies import NAMES as CURRENCY_NAMES
from sandbox.quickbooks.faults import Fault, missing
from sandbox.quickbooks.kinds import Body, Draft, Kind, events, register, words
from sandbox.quickbooks.recurring import TEMPLATES

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books

# In JSON the template is a property named for its kind.
fields.TYPES["RecurringTransaction"].update({name: fields.ENTITIES[name] for name in TEMPLATES})
fields.ENTITIES["CreditCardPayment"] = "CreditCardPaymentTxn"


def complete_time(books: Books, draft: Draft) -> None:
    body = draft.body
    validation.characters(books, body.get("Description"))
    validation.lengths(body, {"Description": 4000})
    if not body.get("NameOf"):
        raise missing("NameOf")
    name = f"{body['NameOf']}Ref"
    if body["NameOf"] in {"Employee", "Vendor"}:
        if not body.get(name):
            raise Fault(6290, "You must specify either an employee or a vendor.", element=name)
        books.reference(body["NameOf"], body[name], name)
    for ref, kind in (("CustomerRef", "Customer"), ("ItemRef", "Item"), ("ClassRef", "Class")):
        books.reference(kind, body.get(ref), ref)
    if body.get("BillableStatus") == "Billable" and not body.get("CustomerRef"):
        raise Fault(
            6310, "A customer is required if the transaction is billable.", element="CustomerRef"
        )
    hours, minutes = body.get("Hours"), body.get("Minutes", 0)
    if (
        hours is None
        and "Minutes" not in body
        and not (body.get("StartTime") and body.get("EndTime"))
    ):
        raise Fault(6340, "You must specify a time (hours:minutes).")
    if not 0 <= (hours or 0) <= 8760 or not 0 <= minutes <= 59:
        raise Fault(6340, "You must specify a time (hours:minutes).")
    documents.dates(books, draft)
    body.setdefault("BillableStatus", "NotBillable")


def complete_template(books: Books, draft: Draft) -> None:
    """A recurring transaction: one template with its RecurringInfo, stored as it came."""
    named = [name for name in TEMPLATES if name in draft.body]
    if len(named) != 1:
        raise missing("a transaction of one kind")
    inner = draft.body[named[0]]
    if not inner.get("RecurringInfo", {}).get("Name"):
        raise missing("RecurringInfo.Name")


def complete_rate(books: Books, draft: Draft) -> None:
    body = draft.body
    if not books.multicurrency:
        raise Fault(5030, "Feature Not Supported Error : Multicurrency is not enabled")
    for name in ("SourceCurrencyCode", "Rate"):
        if not body.get(name):
            raise missing(name)
    if body["SourceCurrencyCode"] not in CURRENCY_NAMES:
        raise Fault(
            2220, f"Invalid Currency Type. Supplied value:{body['SourceCurrencyCode'][:20]}"
        )
    if not 0 < body["Rate"] < 1_000_000:
        raise Fault(2240, f"Invalid Number Range. Supplied value:{body['Rate']}", element="Rate")
    body["TargetCurrencyCode"] = books.home_currency
    body.setdefault("AsOfDate", books.today.isoformat())


def of_the_day(books: Books, body: Body) -> Body:
    """A rate has no id on the wire: the one of its currency and day is meant."""
    day = body.get("AsOfDate") or books.today.isoformat()
    for rate in books.where(
        "ExchangeRate",
        "AND json_extract(body,'$.SourceCurrencyCode')=?",
        body.get("SourceCurrencyCode"),
    ):
        if rate["AsOfDate"] == day:
            return {**body, "Id": rate["Id"], "SyncToken": rate["SyncToken"], "sparse": True}
    return body


def rate_on(books: Books, code: str, day: str) -> Body:
    """The latest stored rate of a currency on a day. Raises 610 when there is none."""
    found = [r for r in books.where("ExchangeRate", "AND json_extract(body,'$.SourceCurrencyCode')=?", code)
             if r["AsOfDate"] <= day]  # fmt: skip
    if not found:
        raise Fault(610, "Object Not Found : there is no exchange rate for this currency and date")
    return max(found, key=lambda r: r["AsOfDate"])


register(Kind("TimeActivity", "time", complete_time, deletable=True, in_change_feed=False,
              events=events("Create Update Delete"),
              filters=words("TxnDate CustomerRef EmployeeRef VendorRef BillableStatus NameOf"),
              sorts=words("TxnDate")))  # fmt: skip
register(
    Kind("RecurringTransaction", "txn", complete_template, deletable=True, filters=words("Type"))
)
register(Kind("ExchangeRate", "rate", complete_rate, filters=words("SourceCurrencyCode AsOfDate"),
              sorts=words("AsOfDate")))  # fmt: skip
