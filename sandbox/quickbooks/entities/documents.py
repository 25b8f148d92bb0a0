"""What all transactions share: dates, numbers, currency, line ids, the A/R account."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.money import money, trimmed
from sandbox.quickbooks.entities.currencies import NAMES as CURRENCY_NAMES
from sandbox.quickbooks.faults import Fault, business
from sandbox.quickbooks.kinds import Body, Draft

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books

MAX_LINES, MAX_LINES_WITH_TAX = 10_000, 750
# Sales forms count with one counter, as in the sample company (invoices and receipts mix).
COUNTED = ("Invoice", "SalesReceipt", "CreditMemo", "RefundReceipt", "Estimate")


def check_line_count(lines: list[Body], *, taxed: bool = False) -> None:
    most = MAX_LINES_WITH_TAX if taxed else MAX_LINES
    if len(lines) > most:
        raise business(f"A transaction may have {most} lines at most", "Line")


def dates(books: Books, draft: Draft) -> None:
    body = draft.body
    body["TxnDate"] = (
        body.get("TxnDate") or (draft.former or {}).get("TxnDate") or books.today.isoformat()
    )


def due_date(
    books: Books, draft: Draft, term_name: str = "SalesTermRef", customer: Body | None = None
) -> None:
    """Given, else by the term of the form, of the customer or of the company, else the same day."""
    body, former = draft.body, draft.former or {}
    if draft.is_new and not body.get(term_name):
        inherited = (customer or {}).get(term_name) or books.preference(
            "SalesFormsPrefs", "DefaultTerms"
        )
        term = books.find("Term", inherited["value"]) if inherited else None
        if term is not None and term.get("Active", True):
            body[term_name] = {"value": term["Id"], "name": term["Name"]}
    term = books.reference("Term", body.get(term_name), term_name)
    moved = any(body.get(n) != former.get(n) for n in ("TxnDate", term_name))
    if "DueDate" in draft.given and body.get("DueDate"):
        return
    if draft.is_new or moved or not body.get("DueDate"):
        body["DueDate"] = due(body["TxnDate"], term)


def due(start: str, term: Body | None) -> str:
    day = date.fromisoformat(start)
    if term is None:
        return start
    if term.get("Type") != "DATE_DRIVEN":
        return (day + timedelta(days=term.get("DueDays", 0))).isoformat()
    return by_date(day, term)


def by_date(day: date, term: Body) -> str:
    """Day of this month, of the next one when that day is too near."""
    target = clamped(day.year, day.month, term["DayOfMonthDue"])
    if target < day + timedelta(days=term.get("DueNextMonthDays", 0)):
        month = day.month % 12 + 1
        target = clamped(day.year + (month == 1), month, term["DayOfMonthDue"])
    return target.isoformat()


def clamped(year: int, month: int, day: int) -> date:
    after = date(year + month // 12, month % 12 + 1, 1)
    return min(date(year, month, 1) + timedelta(days=day - 1), after - timedelta(days=1))


def currency(books: Books, draft: Draft, party: Body | None) -> None:
    """The party's currency; anything else is refused. Rates default to the stored or 1."""
    body = draft.body
    expected = (party or {}).get("CurrencyRef", {}).get("value", books.home_currency)
    given = (body.get("CurrencyRef") or {}).get("value", expected)
    if given != expected and party is not None:
        raise business(
            "The currency of the transaction is invalid for the customer or vendor", "CurrencyRef"
        )
    if given != books.home_currency and not books.multicurrency:
        raise Fault(2220, f"Invalid Currency Type. Supplied value:{given}", element="CurrencyRef")
    body["CurrencyRef"] = {"value": given, "name": CURRENCY_NAMES.get(given, given)}
    if books.multicurrency:
        rate(books, draft, given)
    else:
        body.pop("ExchangeRate", None)


def rate(books: Books, draft: Draft, code: str) -> None:
    body, former = draft.body, draft.former or {}
    if code == books.home_currency:
        body["ExchangeRate"] = 1
    elif not body.get("ExchangeRate"):
        body["ExchangeRate"] = former.get("ExchangeRate") or stored_rate(
            books, code, body["TxnDate"]
        )
    body["ExchangeRate"] = trimmed(Decimal(body["ExchangeRate"]))
    if body["ExchangeRate"] <= 0 or body["ExchangeRate"] > 1_000_000:
        raise Fault(
            2240,
            f"Invalid Number Range. Supplied value:{body['ExchangeRate']}",
            element="ExchangeRate",
        )


def stored_rate(books: Books, code: str, day: str) -> Decimal | int:
    rows = books.where("ExchangeRate", "AND json_extract(body,'$.SourceCurrencyCode')=?", code)
    past = [r for r in rows if r.get("AsOfDate", "") <= day]
    return max(past, key=lambda r: r.get("AsOfDate", ""))["Rate"] if past else 1


def home_total(books: Books, body: Body) -> None:
    if books.multicurrency:
        body["HomeTotalAmt"] = money(
            Decimal(body["TotalAmt"]) * Decimal(body.get("ExchangeRate", 1))
        )


def tracking(books: Books, body: Body) -> None:
    """Classes and locations exist in Plus and Advanced only."""
    for name, kind in (("ClassRef", "Class"), ("DepartmentRef", "Department")):
        if body.get(name) and not books.company.has_classes:
            raise Fault(
                5030, f"Feature Not Supported Error : {name} needs Plus or Advanced", element=name
            )
        books.reference(kind, body.get(name), name)
    books.reference("PaymentMethod", body.get("PaymentMethodRef"), "PaymentMethodRef")


def number_lines(lines: list[Body], former: Body | None) -> None:
    """A known Id keeps its line; a missing, unknown or non-positive Id makes a new one."""
    known = {line["Id"] for line in (former or {}).get("Line", []) if "Id" in line}
    used: set[str] = set()
    highest = max((int(i) for i in known), default=0)
    for position, line in enumerate(lines, 1):
        id = line.pop("Id", None)
        if id not in known or id in used:
            highest += 1
            id = str(highest)
        used.add(id)
        rest = {k: v for k, v in line.items() if k != "LineNum"}
        line.clear()
        line |= {"Id": id, "LineNum": position, **rest}


def number(books: Books, draft: Draft, kind: str) -> None:
    """DocNumber: counted by QuickBooks, or the caller's own and then maybe none at all."""
    body, former = draft.body, draft.former or {}
    if not books.preference("SalesFormsPrefs", "CustomTxnNumbers", False):
        automatic(books, draft, kind)
        return
    if "DocNumber" in body and body["DocNumber"] != former.get("DocNumber"):
        unique_number(books, draft, kind)


def automatic(books: Books, draft: Draft, kind: str) -> None:
    body, former = draft.body, draft.former or {}
    if body.get("DocNumber") and not books.switches.docnumber_ignored_when_automatic:
        continue_from(books, body["DocNumber"])
        return
    if former.get("DocNumber"):
        body["DocNumber"] = former["DocNumber"]
    else:
        body["DocNumber"] = str(books.next("docnumber", 1001))


def continue_from(books: Books, number: str) -> None:
    """QuickBooks counts on from the number somebody else has chosen: its counter is wrong then."""
    if number.isascii() and number.isdigit() and len(number) < 10:
        books.store.execute(
            "REPLACE INTO sequences VALUES(?,'docnumber',?)", (books.realm, int(number))
        )


def unique_number(books: Books, draft: Draft, kind: str) -> None:
    """6140, whose Detail names the holder; only when the company warns about duplicates."""
    if not books.switches.warn_duplicate_numbers:
        return
    if "allowduplicatedocnum" in draft.options.get("include", "").lower():
        return
    row = books.store.one(
        "SELECT id FROM objects WHERE realm=? AND kind=? AND number=? AND gone=0 AND id<>?",
        books.realm, kind, draft.body["DocNumber"], int((draft.former or {}).get("Id", 0)),
    )  # fmt: skip
    if row:
        raise Fault(
            6140,
            "Duplicate Document Number Error : You must specify a different number. This number "
            f"has already been used. DocNumber={draft.body['DocNumber']} is assigned to "
            f"TxnType={kind} with TxnId={row[0]}",
        )


def receivable(books: Books, currency: str | None = None) -> int:
    """The A/R account of a currency (companies with several currencies have one for each)."""
    found = [
        a for a in books.accounts() if a["AccountType"] == "Accounts Receivable" and a["Active"]
    ]
    fitting = [a for a in found if a["CurrencyRef"]["value"] == currency] or found
    if not fitting:
        raise business("There is no accounts receivable account")
    return int(fitting[0]["Id"])


def payable(books: Books) -> int:
    found = books.account_of("AccountsPayable", "Accounts Payable")
    if found is None:
        raise business("There is no accounts payable account")
    return int(found["Id"])


def fits_currency(books: Books, body: Body, name: str, account: Body | None) -> None:
    """Money lies in an account of its own currency or of the company's. Needs the document's currency."""
    if account is None or not books.switches.account_currency_checked:
        return
    held_in = account.get("CurrencyRef", {}).get("value", books.home_currency)
    if held_in not in {books.home_currency, body["CurrencyRef"]["value"]}:
        raise business(
            f"The currency of the account is invalid for the transaction: {held_in}", name
        )


def account(
    books: Books, body: Body, name: str, types: set[str], *, code: int = 6430
) -> Body | None:
    """An active account of one of the types (6430)."""
    found = books.reference("Account", body.get(name), name)
    if found is not None and found["AccountType"] not in types:
        raise Fault(
            code,
            f"Invalid account type used : {name} is of type {found['AccountType']}",
            element=name,
        )
    return found
