"""What other people do in the QuickBooks company: a bookkeeper with an app of their own."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sandbox import Sandbox, jsontext
from sandbox.control import companies
from sandbox.messages import Request, Response
from sandbox.oauth import grants
from sandbox.people import settings
from sandbox.quickbooks import merging, writing
from sandbox.quickbooks.books import Books
from sandbox.quickbooks.faults import Fault
from sandbox.quickbooks.kinds import KINDS

ACCOUNTING = companies.ACCOUNTING
Body = dict[str, Any]


@dataclass
class People:
    """The bookkeeper of one company. ``made`` are the documents that did not come from us."""

    core: Sandbox
    chance: random.Random
    realm: str
    client_id: str
    made: set[tuple[str, str]] = field(default_factory=set)
    # What vanished in another one of its kind.
    merged: set[tuple[str, str]] = field(default_factory=set)
    # How often the bookkeeper has mailed each invoice.
    mailed: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of_new_company(cls, core: Sandbox, chance: random.Random, **wish: Any) -> "People":
        """A company with a service to book against."""
        found = companies.create(core, {"throttles": False, **wish})
        people = cls(core, chance, found["realm_id"], found["client_id"])
        (income,) = [one for one in people.held("Account") if one["Name"] == "Services"]
        ref = {"value": income["Id"]}
        people.write("Item", {"Name": "IT services", "Type": "Service", "IncomeAccountRef": ref})
        people.write("Account", {"Name": "Refunds to customers", "AccountType": "Expense"})
        return people

    def actions(self, *, wide: bool) -> dict[Callable[[], Any], int]:
        """What can be done, with how often it is."""
        return {
            self.pay: 8,
            self.touch: 5,
            self.change_invoice: 2,
            self.void_invoice: 1,
            self.delete_invoice: 1,
            self.copy_invoice: 1,
            self.mail_invoice: 1,
            self.write_invoice: 3,
            self.change_payment: 2,
            self.void_payment: 2,
            self.delete_payment: 2,
            self.write_credit: 2,
            self.apply_credit: 4,
            self.change_credit: 2,
            self.void_credit: 1,
            self.delete_credit: 1,
            self.change_refund: 1,
            self.delete_refund: 2,
            self.rename_customer: 2,
            self.put_customer_away: 1,
            self.add_customer: 1,
            self.close_books: 1,
            **({self.merge_customers: 1} if wide else {}),
        }

    # --- reading -----------------------------------------------------------------------------------------------------

    def held(self, entity: str) -> list[Body]:
        """What the company holds of this kind, oldest first."""
        rows = self.core.store.all(
            "SELECT body FROM objects WHERE realm=? AND kind=? AND gone=0 ORDER BY id",
            int(self.realm),
            entity,
        )
        return [jsontext.loads(row[0]) for row in rows]

    def mails(self) -> list[str]:
        """The ids of the invoices that were mailed, once for each mail."""
        rows = self.core.store.all("SELECT id FROM mails WHERE realm=?", int(self.realm))
        return [str(row[0]) for row in rows]

    # --- invoices ----------------------------------------------------------------------------------------------------

    def pay(self) -> None:
        """A customer paid the bookkeeper: all or part of an invoice, perhaps with something over."""
        self._pay(self.any_of([one for one in self.held("Invoice") if Decimal(one["Balance"]) > 0]))

    def _pay(self, bill: Body | None) -> None:
        if bill is None:
            return
        owed = Decimal(bill["Balance"])
        amount = owed if self.chance.random() < 0.5 else _cents(owed / 2)
        over = self.chance.choice([0, 0, 0, 5])
        link = {"TxnId": bill["Id"], "TxnType": "Invoice"}
        line = {"Amount": amount, "LinkedTxn": [link]}
        body = {"CustomerRef": bill["CustomerRef"], "TotalAmt": amount + over, "Line": [line]}
        self._make("Payment", body)

    def touch(self) -> None:
        """Something that we do not keep: only the version moves."""
        self._change("Invoice", TrackingNum=f"1Z{self.chance.randint(1, 999)}")

    def change_invoice(self) -> None:
        """One or two things of it, such as staff here may be changing at the same time."""
        bill = self.any_of(self.held("Invoice"))
        if bill is not None:
            parts = self._parts_of(bill)
            chosen = self.chance.sample(parts, self.chance.choice([1, 1, 2]))
            self.rewrite("Invoice", bill, **{key: one[key] for one in chosen for key in one})

    def _parts_of(self, bill: Body) -> list[Body]:
        number = self.chance.randint(1, 9)
        lines = [one for one in bill["Line"] if one["DetailType"] == "SalesItemLineDetail"]
        return [
            {"CustomerMemo": {"value": f"Theirs {number}"}},
            {"DueDate": f"2026-04-0{number}"},
            {"TxnDate": f"2026-03-0{number}"},
            # In front of what the note says: whoever wipes our mark out makes it a document of nobody's.
            {"PrivateNote": f"Theirs {number}\n{bill.get('PrivateNote', '')}"},
            {"BillEmail": {"Address": f"theirs{number}@example.com"}},
            {"CustomField": [{**one, "StringValue": f"T-{number}"} for one in _fields(bill)]},
            {"CustomerRef": bill["CustomerRef"], "Line": [_halved(line) for line in lines]},
        ]

    def void_invoice(self) -> None:
        self._act("Invoice", "void")

    def delete_invoice(self) -> None:
        self._act("Invoice", "delete")

    def mail_invoice(self) -> None:
        bill = self.any_of(self.held("Invoice"))
        if bill is not None and self._post(f"invoice/{bill['Id']}/send", b"").status == 200:
            self.mailed[bill["Id"]] += 1

    def write_invoice(self) -> None:
        """An invoice of their own, for a customer of theirs; its number may be one that ours would take next."""
        customer = self.any_of(self.held("Customer"))
        if customer is not None:
            line = self._line_of_theirs()
            number = self.chance.choice([f"INV-{self.chance.randint(1001, 1020)}", "Q-1", "Q-2"])
            ref = {"value": customer["Id"]}
            self._make("Invoice", {"CustomerRef": ref, "DocNumber": number, "Line": [line]})

    def enter(self, number: str, customer: str, lines: list[tuple[str, Decimal]]) -> None:
        """Types in an invoice that somebody holds in their hand; perhaps it is paid there as well."""
        (item, *_) = self.held("Item")
        body = {
            "DocNumber": number,
            "CustomerRef": {"value": customer},
            "Line": [
                {
                    "Amount": amount,
                    "Description": description,
                    "DetailType": "SalesItemLineDetail",
                    "SalesItemLineDetail": {"ItemRef": {"value": item["Id"]}},
                }
                for description, amount in lines
            ],
        }
        self._make("Invoice", body)
        if self.chance.random() < 0.3:
            self._pay(
                next((one for one in self.held("Invoice") if one.get("DocNumber") == number), None)
            )

    def _line_of_theirs(self) -> Body:
        (item, *_) = self.held("Item")
        return {
            "Amount": Decimal(self.chance.choice(["12.34", "100", "0.07"])),
            "Description": "Work of theirs",
            "DetailType": "SalesItemLineDetail",
            "SalesItemLineDetail": {"ItemRef": {"value": item["Id"]}},
        }

    def copy_invoice(self) -> None:
        """The web page's Copy keeps the private note, and so our marker."""
        bill = self.any_of(self.held("Invoice"))
        if bill is not None:
            kept = ("CustomerRef", "TxnDate", "PrivateNote", "CustomerMemo")
            body = {name: bill[name] for name in kept if name in bill}
            lines = [one for one in bill["Line"] if one["DetailType"] == "SalesItemLineDetail"]
            plain = [
                {k: v for k, v in line.items() if k not in ("Id", "LineNum")} for line in lines
            ]
            if plain:
                self._make("Invoice", {**body, "Line": plain})

    # --- payments ----------------------------------------------------------------------------------------------------

    def change_payment(self) -> None:
        payment = self.any_of(self.held("Payment"))
        if payment is None:
            return
        lines = [
            {"Amount": _cents(Decimal(line["Amount"]) / 2), "LinkedTxn": line["LinkedTxn"]}
            for line in payment.get("Line", [])
        ]
        self.rewrite("Payment", payment, CustomerRef=payment["CustomerRef"], Line=lines)

    def void_payment(self) -> None:
        payment = self.any_of(self.held("Payment"))
        if payment is not None:
            self._send("Payment", _keys(payment), operation="update", include="void")

    def delete_payment(self) -> None:
        self._act("Payment", "delete")

    # --- credit memos and refunds ------------------------------------------------------------------------------------

    def write_credit(self) -> None:
        """A credit memo of their own."""
        customer = self.any_of(self.held("Customer"))
        if customer is not None:
            body = {"CustomerRef": {"value": customer["Id"]}, "Line": [self._line_of_theirs()]}
            self._make("CreditMemo", body)

    def apply_credit(self) -> None:
        """Puts credit on an invoice of its customer; now and then with money besides."""
        memo = self.any_of([one for one in self.held("CreditMemo") if _left(one, "Balance") > 0])
        if memo is None:
            return
        whose = memo["CustomerRef"]["value"]
        owed = [one for one in self.held("Invoice") if one["CustomerRef"]["value"] == whose]
        bill = self.any_of([one for one in owed if _left(one, "Balance") > 0])
        if bill is None:
            return
        credit = min(_left(memo, "Balance"), _left(bill, "Balance"))
        credit = self.chance.choice([credit, _cents(credit / 2)])
        money = min(self.chance.choice([0, 0, Decimal(1)]), _left(bill, "Balance") - credit)
        links = [(bill["Id"], "Invoice", credit + money), (memo["Id"], "CreditMemo", credit)]
        lines = [
            {"Amount": amount, "LinkedTxn": [{"TxnId": remote, "TxnType": kind}]}
            for remote, kind, amount in links
        ]
        body = {"CustomerRef": {"value": whose}, "TotalAmt": money, "Line": lines}
        self._make("Payment", body)

    def change_credit(self) -> None:
        """Other words, or another amount."""
        memo = self.any_of(self.held("CreditMemo"))
        if memo is None:
            return
        if self.chance.random() < 0.5:
            words = {"CustomerMemo": {"value": f"Theirs {self.chance.randint(1, 9)}"}}
            self.rewrite("CreditMemo", memo, **words)
            return
        lines = [one for one in memo["Line"] if one["DetailType"] == "SalesItemLineDetail"]
        halved = [_halved(line) for line in lines]
        if halved:
            self.rewrite("CreditMemo", memo, CustomerRef=memo["CustomerRef"], Line=halved)

    def void_credit(self) -> None:
        memo = self.any_of(self.held("CreditMemo"))
        if memo is not None:
            self.by_hand(lambda books: writing.cancel(books, KINDS["CreditMemo"], memo))

    def delete_credit(self) -> None:
        self._act("CreditMemo", "delete")

    def change_refund(self) -> None:
        """In front of what the note says: whoever wipes our mark out makes a receipt a document of nobody's."""
        kind = self.chance.choice(["Purchase", "RefundReceipt"])
        row = self.any_of(self.held(kind))
        if row is not None:
            note = f"Theirs {self.chance.randint(1, 9)}"
            if kind == "RefundReceipt" or self.chance.random() < 0.5:
                note += f"\n{row.get('PrivateNote', '')}"
            self.rewrite(kind, row, PrivateNote=note)

    def delete_refund(self) -> None:
        self._act(self.chance.choice(["Purchase", "RefundReceipt"]), "delete")

    # --- the rest ----------------------------------------------------------------------------------------------------

    def rename_customer(self) -> None:
        self._change("Customer", DisplayName=f"Renamed {self.chance.randint(1, 999)}")

    def put_customer_away(self) -> None:
        self._change("Customer", Active=False)

    def merge_customers(self) -> None:
        """One vanishes, and its documents are the other's."""
        found = self.held("Customer")
        if len(found) > 1:
            self.merge("Customer", *self.chance.sample(found, 2))

    def merge(self, entity: str, loser: Body, survivor: Body) -> None:
        self.merged.add((entity, loser["Id"]))
        self.by_hand(lambda books: merging.merge(books, entity, loser["Id"], survivor["Id"]))

    def add_customer(self) -> None:
        """Perhaps one whose name or mailbox is also a customer's of ours, or part of another one."""
        number = self.chance.randint(1, 6)
        name = self.chance.choice([f"Customer {number}", f"Walk-in {number}"])
        mail = self.chance.choice([f"ap{number}@example.com", f"walkin{number}@example.com"])
        body: Body = {"DisplayName": name, "PrimaryEmailAddr": {"Address": mail}}
        parent = self.any_of(self.held("Customer"))
        if parent is not None and self.chance.random() < 0.2:
            body |= {"ParentRef": {"value": parent["Id"]}, "Job": True}
        self._make("Customer", body)

    def close_books(self) -> None:
        """Closed well before, or after, the day of the documents; or open again."""
        day = self.chance.choice(["2026-01-31", "2026-03-31", "", ""])
        self.by_hand(lambda books: settings.preferences(books, {"close_date": day}))

    # --- by hand -----------------------------------------------------------------------------------------------------

    def write(self, entity: str, body: Body) -> Body | None:
        """A write by the bookkeeper; None when QuickBooks refuses it."""
        return self._send(entity, body)

    def by_hand(self, act: Callable[[Books], Any]) -> None:
        """As people can on the page, though the API cannot; what QuickBooks refuses does not happen."""
        with self._undisturbed(), suppress(Fault):
            act(self.core.books(self.realm))

    def any_of(self, rows: list[Body]) -> Body | None:
        """One of these, if there are any."""
        return self.chance.choice(rows) if rows else None

    def _make(self, entity: str, body: Body) -> None:
        made = self._send(entity, body)
        if made is not None:
            self.made.add((entity, made["Id"]))

    def _change(self, entity: str, **changes: Any) -> None:
        row = self.any_of(self.held(entity))
        if row is not None:
            self.rewrite(entity, row, **changes)

    def rewrite(self, entity: str, row: Body, **changes: Any) -> None:
        """Changes these fields of a record; what QuickBooks refuses does not happen."""
        self._send(entity, {**_keys(row), "sparse": True, **changes})

    def _act(self, entity: str, operation: str) -> None:
        row = self.any_of(self.held(entity))
        if row is not None:
            self._send(entity, _keys(row), operation=operation)

    def _send(self, entity: str, body: Body, **query: str) -> Body | None:
        answer = self._post(entity.lower(), jsontext.dumps(body).encode(), **query)
        found = jsontext.loads(answer.body).get(entity) if answer.status == 200 else None
        return found if isinstance(found, dict) else None

    def _post(self, path: str, body: bytes, **query: str) -> Response:
        company = self.core.companies[self.realm]
        where = "/sandbox" if company.environment == "sandbox" else ""
        request = Request(
            "POST",
            f"{where}/v3/company/{self.realm}/{path}",
            query,
            {"authorization": f"Bearer {self._token()}", "accept": "application/json"},
            body,
        )
        with self._undisturbed():
            return self.core.handle(request)

    def _token(self) -> str:
        grant = grants.create(self.core, self.realm, self.client_id, ACCOUNTING)
        return str(grants.new_access(self.core, grant)["access_token"])

    @contextmanager
    def _undisturbed(self) -> Iterator[None]:
        """The armed troubles are meant for us; only the webhooks of what people do may suffer."""
        trouble = self.core.trouble
        held_back = [rule for rule in trouble.rules if not rule.kind.startswith("webhook")]
        trouble.rules = [rule for rule in trouble.rules if rule.kind.startswith("webhook")]
        try:
            yield
        finally:
            trouble.rules = held_back + trouble.rules


def _keys(row: Body) -> Body:
    return {"Id": row["Id"], "SyncToken": row["SyncToken"]}


def _cents(amount: Decimal) -> Decimal:
    return max(Decimal("0.01"), amount.quantize(Decimal("0.01")))


def _fields(bill: Body) -> list[Body]:
    """The company's own fields on a sales form."""
    return [
        {key: one[key] for key in ("DefinitionId", "Name", "Type") if key in one}
        for one in bill.get("CustomField", [])
    ]


def _left(row: Body, name: str) -> Decimal:
    return Decimal(str(row[name]))


def _halved(line: Body) -> Body:
    """As a line of half the amount, of nothing in particular many."""
    detail = line["SalesItemLineDetail"]
    kept = {name: detail[name] for name in ("ItemRef", "TaxCodeRef") if name in detail}
    amount = _cents(Decimal(str(line["Amount"])) / 2)
    return {**line, "Amount": amount, "SalesItemLineDetail": kept}
