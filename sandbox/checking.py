"""Self-check: everything the sandbox emits must be in the field lists, and all books must balance."""

from __future__ import annotations

import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox import jsontext
from sandbox.money import major, minor
from sandbox.quickbooks import fields
from sandbox.quickbooks.entities.payment import DEBITS, unapplied
from sandbox.quickbooks.kinds import BY_PATH, KINDS
from sandbox.quickbooks.reports import aging
from sandbox.quickbooks.shown import shown

if TYPE_CHECKING:
    from sandbox.core import Sandbox
    from sandbox.quickbooks.books import Books

# Pseudo codes have neither version nor times on the wire.
EVERYWHERE = ("Id", "SyncToken", "MetaData", "domain")


def problems(core: Sandbox, realm: str | None = None) -> list[str]:
    """Everything wrong with the records of one company, or of all."""
    with core.lock:
        realms = [realm] if realm else list(core.companies)
        return [line for one in realms for line in of_company(core, one)]


def of_company(core: Sandbox, realm: str) -> list[str]:
    books = core.books(realm)
    wrong = core.out_of_balance(realm)
    for name, gone, text in core.store.all(
        "SELECT kind, gone, body FROM objects WHERE realm=? ORDER BY kind, id", int(realm)
    ):
        body = jsontext.loads(text)
        if not gone:
            wrong += of_object(name, shown(books, KINDS[name], body, {"sku": "1"}))
    return wrong


def disagreements(core: Sandbox, realm: str) -> list[str]:
    """Derived amounts that do not follow from the ledger and the links."""
    with core.lock:
        books = core.books(realm)
        wrong = [*personal_balances(books), *open_balances(books)]
        receivable = sum(core.account_cents(books, a["Id"]) for a in books.accounts()
                         if a["AccountType"] == "Accounts Receivable")  # fmt: skip
        customers = sum((c["Balance"] for c in books.where("Customer")), Decimal(0))
        if not books.multicurrency and minor(customers) != receivable:
            wrong.append(f"customers owe {customers}, A/R holds {major(receivable)}")
        aged = sum(i.left for i in aging.open_items(books, "2099-12-31", None))
        if not books.multicurrency and aged != receivable:
            wrong.append(f"aging sums to {major(aged)}, A/R holds {major(receivable)}")
    return wrong


def personal_balances(books: Books) -> list[str]:
    kept = dict(
        books.store.all("SELECT party, minor FROM party_balances WHERE realm=?", books.realm)
    )
    return [
        f"customer {c['Id']}: balance {c['Balance']}, ledger {major(kept.get(int(c['Id']), 0))}"
        for c in books.where("Customer") if minor(c["Balance"]) != kept.get(int(c["Id"]), 0)
    ]  # fmt: skip


def open_balances(books: Books) -> list[str]:
    wrong = []
    for kind, field in (
        ("Invoice", "Balance"),
        ("CreditMemo", "RemainingCredit"),
        ("Bill", "Balance"),
        ("VendorCredit", "Balance"),
    ):
        for body in books.where(kind):
            used = sum(row[3] for row in books.applied_to(kind, body["Id"]))
            left = minor(body["TotalAmt"]) - minor(body.get("Deposit", 0)) - used
            if minor(body[field]) != left or left < 0:
                line = f"{kind} {body['Id']}: {field} {body[field]}, links leave {major(left)}"
                wrong.append(line)
    for body in books.where("Payment"):
        open_part, most = unapplied(body), body["TotalAmt"] + credits_of(body)
        if open_part != body["UnappliedAmt"] or not 0 <= open_part <= most:
            line = (
                f"Payment {body['Id']}: unapplied {body['UnappliedAmt']}, lines leave {open_part}"
            )
            wrong.append(line)
    return wrong


def credits_of(body: dict[str, Any]) -> Decimal:
    return sum(
        (li["Amount"] for li in body["Line"] if li["LinkedTxn"][0]["TxnType"] not in DEBITS),
        Decimal(0),
    )


def of_object(name: str, body: dict[str, Any]) -> list[str]:
    wrong = [f"{name} {body.get('Id')}: {stranger}" for stranger in fields.strangers(name, body)]
    if name != "RecurringTransaction" and not (
        name == "TaxCode" and body.get("Id") in {"TAX", "NON"}
    ):
        wrong += [f"{name} {body.get('Id')}: no {key}" for key in EVERYWHERE if key not in body]
    return wrong


def of_answer(payload: Any) -> list[str]:
    """The same for every entity in an answer, wherever it stands in the envelope."""
    wrong: list[str] = []
    if isinstance(payload, list):
        for item in payload:
            wrong += of_answer(item)
    elif isinstance(payload, dict):
        for name, value in payload.items():
            kind = BY_PATH.get(name.lower())
            if kind is None:
                wrong += of_answer(value) if name.endswith(("Response", "Item")) else []
                continue
            for body in value if isinstance(value, list) else [value]:
                if isinstance(body, dict) and body.get("status") != "Deleted":
                    wrong += of_object(kind.name, body)
    return wrong


def main() -> int:
    """Exercise every entity in companies of several countries and report what is wrong."""
    from sandbox.core import Sandbox
    from sandbox.exercise import WISHES, Exercise

    wrong: list[str] = []
    checked = 0
    core = Sandbox(seed="check", clock=Sandbox.at("2026-03-10T18:00:00+00:00"))
    for wish in WISHES:
        exercise = Exercise(core, wish)
        exercise.run()
        checked += exercise.answers
        wrong += [f"{wish}: {line}" for line in exercise.problems]
    wrong += problems(core)
    report = [
        *wrong,
        f"{checked} answers checked against {len(fields.TYPES)} types: {len(wrong)} problems",
    ]
    sys.stdout.write("\n".join(report) + "\n")
    return 1 if wrong else 0
