"""`GET /reports/{Name}`: five reports, all from the one ledger."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sandbox.quickbooks.faults import Fault
from sandbox.quickbooks.reports import aging, statements
from sandbox.quickbooks.reports.asked import Asked

if TYPE_CHECKING:
    from sandbox.quickbooks.api import Call
    from sandbox.quickbooks.books import Books

REPORTS: dict[str, Callable[[Books, Asked], dict[str, Any]]] = {
    "agedreceivables": aging.summary, "agedreceivabledetail": aging.detail,
    "profitandloss": statements.profit_and_loss, "balancesheet": statements.balance_sheet,
    "trialbalance": statements.trial_balance,
}  # fmt: skip


def run(books: Books, call: Call) -> dict[str, Any]:
    """The report; unlike entities it has no envelope, and `time` is in its header."""
    if call.request.method != "GET" or len(call.rest) != 2:
        raise Fault(500, f"Operation {call.request.method} reports is not supported.")
    return make(books, call.rest[1], call.request.query)


def make(books: Books, name: str, query: dict[str, str]) -> dict[str, Any]:
    report = REPORTS.get(name.lower())
    if report is None:
        raise Fault(500, f"Operation Report {name[:60]} is not supported.")
    return report(books, Asked(books, query))
