"""What somebody changes in the lists of the QuickBooks company: what is sold, what it is booked to, and names."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.simulation.people import Body, People

# What documents name besides customers; each is put away and brought back, none can be deleted.
NAMED_IN_DOCUMENTS = ("Item", "Account", "Term", "Class", "Department", "PaymentMethod")
MERGED = ("Item", "Account")


@dataclass
class ListKeeper:
    """Whoever keeps the lists of one company."""

    people: People

    def actions(self) -> dict[Callable[[], Any], int]:
        """What can be done, with how often it is."""
        return {
            self.edit_customer: 3,
            self.give_terms: 1,
            self.take_customer_back: 1,
            self.add_namesake: 1,
            self.add_entry: 2,
            self.change_item: 2,
            self.change_term: 1,
            self.put_entry_away: 1,
            self.take_entry_back: 2,
            self.merge_entries: 1,
        }

    # --- names -------------------------------------------------------------------------------------------------------

    def edit_customer(self) -> None:
        """What of a customer is ours alone to say where we made it, and theirs where they did."""
        chance = self.people.chance
        number = chance.randint(1, 6)
        changes = [
            {"PrimaryEmailAddr": {"Address": f"theirs{number}@example.com"}},
            {"PrimaryEmailAddr": {"Address": f"ap{number}@example.com"}},
            {"PrimaryPhone": {"FreeFormNumber": f"555 02{number}0"}},
            {"DisplayName": f"Customer {number}"},
            {"Notes": "Calls back"},
            {"BillAddr": {"Line1": f"{number} Elm Street", "City": "San Pablo"}},
        ]
        self._change("Customer", chance.choice(changes))

    def give_terms(self) -> None:
        """A customer gets terms of its own."""
        term = self.people.any_of(self.people.held("Term"))
        if term is not None:
            self._change("Customer", {"SalesTermRef": {"value": term["Id"]}})

    def take_customer_back(self) -> None:
        self._take_back("Customer")

    def add_namesake(self) -> None:
        """Somebody else bears the name of a customer of ours: names stand in one space there."""
        number = str(self.people.chance.randint(1, 8))
        kind = self.people.chance.choice(["Vendor", "Employee", "Customer"])
        if kind == "Employee":
            self.people.write(kind, {"GivenName": "Customer", "FamilyName": number})
            return
        made = self.people.write(kind, {"DisplayName": f"Customer {number}"})
        if made is not None and kind == "Customer":
            self.people.made.add((kind, made["Id"]))
            self.people.rewrite(kind, made, Active=False)

    # --- what is sold, and where it is booked -----------------------------------------------------------------------

    def add_entry(self) -> None:
        """Perhaps under a name that something of ours has as well."""
        chance = self.people.chance
        (income, *_) = [
            one for one in self.people.held("Account") if one["AccountType"] == "Income"
        ]
        number = chance.randint(1, 9)
        item = chance.choice(["Remote support", "Firewall", f"Item {number}"])
        entries: list[tuple[str, Body]] = [
            (
                "Item",
                {"Name": item, "Type": "Service", "IncomeAccountRef": {"value": income["Id"]}},
            ),
            (
                "Account",
                {
                    "Name": chance.choice(["Hardware revenue", f"Revenue {number}"]),
                    "AccountType": "Income",
                },
            ),
            ("Term", {"Name": f"Net 4{number}", "DueDays": 40 + number}),
            (
                "Term",
                {"Name": f"The {number}th", "DayOfMonthDue": number, "DueNextMonthDays": 3},
            ),
            ("PaymentMethod", {"Name": chance.choice(["Wire", "Bank transfer"])}),
        ]
        self.people.write(*chance.choice(entries))

    def change_item(self) -> None:
        """Another name, text or price."""
        number = self.people.chance.randint(1, 9)
        changes: list[Body] = [
            {"Name": f"Item {number}"},
            {"Description": f"As of {number} March"},
            {"UnitPrice": number * 10},
            {"Taxable": number % 2 == 0},
        ]
        self._change("Item", self.people.chance.choice(changes))

    def change_term(self) -> None:
        number = self.people.chance.randint(1, 60)
        self._change("Term", {"DueDays": number})

    def put_entry_away(self) -> None:
        self._change(self.people.chance.choice(NAMED_IN_DOCUMENTS), {"Active": False})

    def take_entry_back(self) -> None:
        self._take_back(self.people.chance.choice(NAMED_IN_DOCUMENTS))

    def merge_entries(self) -> None:
        """One vanishes, and what named it names the other."""
        kind = self.people.chance.choice(MERGED)
        found = self.people.held(kind)
        if len(found) > 1:
            self.people.merge(kind, *self.people.chance.sample(found, 2))

    # --- by hand -----------------------------------------------------------------------------------------------------

    def _change(self, kind: str, changes: Body) -> None:
        row = self.people.any_of([one for one in self.people.held(kind) if one.get("Active", True)])
        if row is not None:
            self.people.rewrite(kind, row, **changes)

    def _take_back(self, kind: str) -> None:
        away = [one for one in self.people.held(kind) if not one.get("Active", True)]
        if (row := self.people.any_of(away)) is not None:
            self.people.rewrite(kind, row, Active=True)
