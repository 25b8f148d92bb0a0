"""Create, update, delete, void and send: the order of checks is the same for every entity."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sandbox.money import money
from sandbox.quickbooks import fields
from sandbox.quickbooks.faults import Fault, missing
from sandbox.quickbooks.kinds import Body, Draft, Kind

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books

IDENTITY = ("Id", "SyncToken", "sparse", "domain", "status", "MetaData")
NOT_CONTENT = ("SyncToken", "MetaData", "sparse")


def create(books: Books, kind: Kind, body: Any, options: dict[str, str]) -> Body:
    """Check, complete and store a new record; returns it as QuickBooks shows it."""
    if not kind.creatable:
        raise Fault(500, f"Operation create {kind.name} is not supported.")
    given = writable(kind, fields.cleaned(kind.name, body))
    draft = Draft({k: v for k, v in given.items() if v != ""}, None, frozenset(given), {}, options)
    kind.complete(books, draft)
    check_period(books, kind, draft.body)
    made = books.insert(kind, draft.body, draft.hidden)
    books.announce(kind, "Create", made["Id"])
    books.settle(kind, made, made["Id"], is_new=True)
    after_create(books, kind, made["Id"], draft, options)
    return books.must_find(kind.name, made["Id"])


def after_create(books: Books, kind: Kind, id_: str, draft: Draft, options: dict[str, str]) -> None:
    from sandbox.quickbooks import byitself, opening

    if "opening" in draft.hidden:
        opening.balance(books, kind, id_, draft.hidden["opening"])
    if kind.is_transaction and options.get("by") != "itself":
        byitself.created(books, kind.name, books.must_find(kind.name, id_))


def writable(kind: Kind, body: Body) -> Body:
    """Without what callers may not set: such properties are ignored, not refused."""
    return {k: v for k, v in body.items() if k not in kind.all_read_only and k not in IDENTITY}


def former_of(books: Books, kind: Kind, body: Any) -> tuple[Body, Body]:
    """(cleaned body, stored record); the version must be the current one, else 5010."""
    clean = fields.cleaned(kind.name, body)
    if not clean.get("Id"):
        raise missing("Id")
    if not clean["Id"].isascii() or not (clean["Id"].isdigit() or kind.name == "TaxCode"):
        raise Fault(
            2030, f"Id should be a valid number. Supplied value:{clean['Id']}", element="Id"
        )
    if clean.get("SyncToken") in {None, ""}:
        raise missing("SyncToken")
    former = books.must_find(kind.name, clean["Id"])
    if clean["SyncToken"] != former["SyncToken"]:
        who = books.company.name
        raise Fault(
            5010,
            f"Stale Object Error : You and {who} were working on this at the same time. "
            f"{who} finished before you did, so your work was not saved.",
        )
    return clean, former


def update(books: Books, kind: Kind, body: Any, options: dict[str, str]) -> Body:
    """Full or sparse. A write that changes nothing moves neither version nor time."""
    if not kind.writable:
        raise Fault(500, f"Operation update {kind.name} is not supported.")
    clean, former = former_of(books, kind, body)
    check_guard(books, kind, former, "update")
    check_period(books, kind, former)
    merged = merge(books, kind, former, clean)
    draft = Draft(merged, former, frozenset(clean), books.hidden(kind.name, former["Id"]), options)
    kind.complete(books, draft)
    check_period(books, kind, draft.body)
    return store(books, kind, draft, former)


def store(books: Books, kind: Kind, draft: Draft, former: Body, event: str = "Update") -> Body:
    if content(draft.body) == content(former):
        return former
    books.update(kind, draft.body, draft.hidden)
    books.announce(kind, event, former["Id"])
    if kind.name_field == "DisplayName" and draft.body["DisplayName"] != former["DisplayName"]:
        books.rename_references(draft.body)
    books.settle(kind, draft.body, former["Id"])
    return books.must_find(kind.name, former["Id"])


def content(body: Body) -> Body:
    return {k: v for k, v in body.items() if k not in NOT_CONTENT}


def merge(books: Books, kind: Kind, former: Body, clean: Body) -> Body:
    """Sparse: what was sent over what there is. Full: what was not sent becomes blank."""
    sent = writable(kind, clean)
    # Preferences cannot be blank: what is not sent of them stays in a full update, too.
    if clean.get("sparse") or kind.name == "Preferences" or not books.switches.full_update_blanks:
        merged = {**former, **sent}
        if kind.name == "Preferences":
            for group, values in sent.items():
                merged[group] = {**former.get(group, {}), **values}
    else:
        kept = {k: v for k, v in former.items() if k in kind.all_read_only or k in IDENTITY}
        merged = {**kept, **sent}
    return {k: v for k, v in merged.items() if v != ""}


def delete(books: Books, kind: Kind, body: Any) -> Body:
    """Gone for reads and queries; the answer and the change feed show `status: Deleted`."""
    if not kind.deletable:
        raise Fault(500, f"Operation delete {kind.name} is not supported.")
    _, former = former_of(books, kind, body)
    return erase(books, kind, former)


def erase(books: Books, kind: Kind, former: Body) -> Body:
    check_guard(books, kind, former, "delete")
    check_period(books, kind, former)
    with books.quiet(kind.name, former["Id"]):
        release(books, kind, former)
    books.settle(kind, None, former["Id"])
    books.remove(kind, former)
    books.announce(kind, "Delete", former["Id"])
    return {"domain": "QBO", "status": "Deleted", "Id": former["Id"]}


def release(books: Books, kind: Kind, former: Body) -> None:
    """Take a document out of the payments that were applied to it: they keep the money open."""
    from sandbox.quickbooks.kinds import KINDS

    for by_kind, by_id, _, _ in books.applied_to(kind.name, former["Id"]):
        other, holder = KINDS[by_kind], books.find(by_kind, by_id)
        if holder is None or by_kind not in {"Payment", "BillPayment"}:
            continue
        holder["Line"] = [line for line in holder.get("Line", []) if not names(line, kind, former)]
        even_out(holder, {"Invoice", "Expense", "Bill"})
        books.update(other, holder)
        books.announce(other, "Update", holder["Id"])
        books.settle(other, holder, holder["Id"])


def even_out(holder: Body, debits: set[str]) -> None:
    """Without the released document a payment must neither apply more than it has, nor take
    more from credits than it applies: its last lines shrink."""
    left = Decimal(holder["TotalAmt"])
    for line in holder["Line"]:
        left += -line["Amount"] if line["LinkedTxn"][0]["TxnType"] in debits else line["Amount"]
    for line in reversed(holder["Line"]):
        is_debit = line["LinkedTxn"][0]["TxnType"] in debits
        surplus = -left if is_debit else left - Decimal(holder["TotalAmt"])
        cut = min(max(surplus, Decimal(0)), line["Amount"])
        line["Amount"] = money(line["Amount"] - cut)
        left += cut if is_debit else -cut
    holder["Line"] = [line for line in holder["Line"] if line["Amount"]]
    if "UnappliedAmt" in holder:
        holder["UnappliedAmt"] = money(left)


def names(line: Body, kind: Kind, target: Body) -> bool:
    """Whether a payment line is linked to `target`."""
    links = line.get("LinkedTxn", [])
    return any(
        link.get("TxnId") == target["Id"] and link.get("TxnType") in {kind.name, "Expense"}
        for link in links
    )


def void(books: Books, kind: Kind, body: Any) -> Body:
    """The document stays, zeroed, its note says Voided."""
    _, former = former_of(books, kind, body)
    return cancel(books, kind, former)


def cancel(books: Books, kind: Kind, former: Body) -> Body:
    check_guard(books, kind, former, "void")
    check_period(books, kind, former)
    with books.quiet(kind.name, former["Id"]):
        release(books, kind, former)
    current = books.must_find(kind.name, former["Id"])
    draft = Draft(
        zeroed(current), current, hidden={**books.hidden(kind.name, former["Id"]), "void": True}
    )
    event = "Void" if books.switches.void_event == "voided" else "Update"
    return store(books, kind, draft, current, event if event in kind.events else "Update")


def zeroed(body: Body) -> Body:
    """A voided copy: amounts and quantities 0, links gone, "Voided" before the note."""
    out = {
        k: v
        for k, v in body.items()
        if k not in {"LinkedTxn", "Line", "Deposit", "DepositToAccountRef"}
        or (k == "DepositToAccountRef" and "Deposit" not in body)
    }
    out["Line"] = (
        []
        if body.keys() & {"UnappliedAmt", "PayType"}
        else [_zero_line(line) for line in body.get("Line", [])]
    )
    if "LinkedTxn" in body:
        out["LinkedTxn"] = []
    for name in (
        "TotalAmt",
        "Balance",
        "HomeTotalAmt",
        "HomeBalance",
        "UnappliedAmt",
        "RemainingCredit",
    ):
        if name in out:
            out[name] = 0
    if "TxnTaxDetail" in out:
        out["TxnTaxDetail"] = {"TotalTax": 0}
    note = out.get("PrivateNote", "")
    if not note.startswith("Voided"):
        out["PrivateNote"] = f"Voided - {note}" if note else "Voided"
    return out


def _zero_line(line: Body) -> Body:
    out = {k: v for k, v in line.items() if k != "LinkedTxn"}
    if "Amount" in out:
        out["Amount"] = 0
    detail = dict(out.get(out.get("DetailType", ""), {}))
    for name in ("Qty", "DiscountAmt", "TaxInclusiveAmt"):
        if name in detail:
            detail[name] = 0
    if out.get("DetailType") in out:
        out[out["DetailType"]] = detail
    return out


def check_guard(books: Books, kind: Kind, former: Body, operation: str) -> None:
    if kind.guard is not None:
        kind.guard(books, former, operation)


def check_period(books: Books, kind: Kind, body: Body) -> None:
    """Closed books refuse every write dated in the closed period."""
    if not kind.is_transaction or "TxnDate" not in body:
        return
    closed = books.preference("AccountingInfoPrefs", "BookCloseDate")
    if closed and body["TxnDate"] <= closed:
        code = 6210 if books.company.close_password else 6200
        raise Fault(
            code,
            "The account period has closed and the account books cannot be updated through the "
            "QuickBooks Online Services API. Please use the QuickBooks Online website to make "
            "these changes.",
        )
