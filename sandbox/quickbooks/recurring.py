"""Recurring transactions: on the wire the template inside carries the identity."""

from __future__ import annotations

from typing import Any

from sandbox.quickbooks.kinds import Body

TEMPLATES = (
    "Bill", "Purchase", "CreditMemo", "Deposit", "Estimate", "Invoice", "JournalEntry", "PurchaseOrder",
    "RefundReceipt", "SalesReceipt", "Transfer", "VendorCredit",
)  # fmt: skip
IDENTITY = ("Id", "SyncToken", "MetaData", "domain", "sparse")


def template_of(body: Body) -> str | None:
    return next((name for name in TEMPLATES if isinstance(body.get(name), dict)), None)


def taken_apart(body: Body) -> Body:
    """`{"Invoice": {"Id": …}}` as it comes becomes a record whose own Id it is."""
    inner = body.get("RecurringTransaction")
    if isinstance(inner, dict):
        body = inner
    name = template_of(body)
    if name is None:
        return body
    template: dict[str, Any] = body[name]
    identity = {k: v for k, v in template.items() if k in IDENTITY}
    return {name: {k: v for k, v in template.items() if k not in IDENTITY}, **identity}


def put_together(body: Body) -> Body:
    name = template_of(body)
    assert name is not None
    return {name: {**body[name], **{k: body[k] for k in IDENTITY if k in body}}}
