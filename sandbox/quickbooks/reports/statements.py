"""Profit and loss, balance sheet, trial balance."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sandbox.quickbooks import ledger
from sandbox.quickbooks.kinds import Body
from sandbox.quickbooks.reports.asked import Asked
from sandbox.quickbooks.reports.shape import Row, amount, column, data, report, section

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books

MONEY = [column("", "Account", "account"), column("Total", "Money", "total")]
PROFIT = ("Income", "Other Income", "Cost of Goods Sold", "Expense", "Other Expense")
BEGINNING = date(1900, 1, 1)
Cents = dict[int, int]


class View:
    """Balances of a period by account, with the sign in which each kind of account is read."""

    def __init__(self, books: Books, cents: Cents) -> None:
        self.accounts, self.cents = books.accounts(), cents

    def own(self, account: Body) -> int:
        sign = 1 if account["Classification"] in {"Asset", "Expense"} else -1
        return sign * self.cents.get(int(account["Id"]), 0)

    def total(self, *types: str) -> int:
        return sum(self.own(a) for a in self.accounts if a["AccountType"] in types)

    def rows(self, kind: str) -> list[Row]:
        """The accounts of a type that moved, sub-accounts below their parents."""
        tops = [a for a in self.accounts if a["AccountType"] == kind and not a.get("ParentRef")]
        return [row for a in tops for row in self._branch(a)]

    def _branch(self, account: Body) -> list[Row]:
        children = [
            a for a in self.accounts if (a.get("ParentRef") or {}).get("value") == account["Id"]
        ]
        below = [row for child in children for row in self._branch(child)]
        own = self.own(account)
        line = data((account["Name"], account["Id"]), amount(own))
        if not below:
            return [line] if own else []
        inner = ([line] if own else []) + below
        return [
            section(
                account["Name"], inner, [f"Total {account['Name']}", amount(self._sum(account))]
            )
        ]

    def _sum(self, account: Body) -> int:
        children = [
            a for a in self.accounts if (a.get("ParentRef") or {}).get("value") == account["Id"]
        ]
        return self.own(account) + sum(self._sum(child) for child in children)

    def group(self, title: str, kind: str, group: str) -> list[Row]:
        rows = self.rows(kind)
        return (
            [section(title, rows, [f"Total {title}", amount(self.total(kind))], group)]
            if rows
            else []
        )

    def profit(self) -> int:
        return self.total("Income", "Other Income") - self.total(
            "Cost of Goods Sold", "Expense", "Other Expense"
        )


def profit_and_loss(books: Books, asked: Asked) -> Row:
    view = View(books, ledger.sums(books, asked.start, asked.end))
    gross = view.total("Income") - view.total("Cost of Goods Sold")
    operating = gross - view.total("Expense")
    other = view.total("Other Income") - view.total("Other Expense")
    rows = [
        *view.group("Income", "Income", "Income"),
        *view.group("Cost of Goods Sold", "Cost of Goods Sold", "COGS"),
        section(None, [], ["Gross Profit", amount(gross)], "GrossProfit"),
        *view.group("Expenses", "Expense", "Expenses"),
        section(None, [], ["Net Operating Income", amount(operating)], "NetOperatingIncome"),
        *view.group("Other Income", "Other Income", "OtherIncome"),
        *view.group("Other Expenses", "Other Expense", "OtherExpenses"),
        section(None, [], ["Net Other Income", amount(other)], "NetOtherIncome"),
        section(None, [], ["Net Income", amount(view.profit())], "NetIncome"),
    ]
    moved = any(view.cents.get(int(a["Id"])) for a in view.accounts if a["AccountType"] in PROFIT)
    return report(books, "ProfitAndLoss", MONEY, rows if moved else [],
                  start=asked.start.isoformat(), end=asked.end.isoformat())  # fmt: skip


def tree(title: str, group: str, rows: list[Row], cents: int) -> list[Row]:
    return [section(title, rows, [f"Total {title}", amount(cents)], group)] if rows else []


def balance_sheet(books: Books, asked: Asked) -> Row:
    """Earlier years' profit is retained earnings, this year's the line Net Income."""
    end = asked.end
    view = View(books, ledger.sums(books, BEGINNING, end))
    year = View(books, ledger.sums(books, end.replace(month=1, day=1), end)).profit()
    assets = asset_rows(view)
    asset_total = view.total(
        "Bank", "Accounts Receivable", "Other Current Asset", "Fixed Asset", "Other Asset"
    )
    debts = liability_rows(view)
    debt_total = view.total(
        "Accounts Payable", "Credit Card", "Other Current Liability", "Long Term Liability"
    )
    equity, equity_total = equity_rows(view, year)
    other_side = tree("Liabilities", "Liabilities", debts, debt_total) + tree(
        "Equity", "Equity", equity, equity_total
    )
    rows = [
        *tree("ASSETS", "TotalAssets", assets, asset_total),
        *tree(
            "LIABILITIES AND EQUITY",
            "TotalLiabilitiesAndEquity",
            other_side,
            debt_total + equity_total,
        ),
    ]
    return report(
        books, "BalanceSheet", MONEY, rows, start=asked.start.isoformat(), end=end.isoformat()
    )


def asset_rows(view: View) -> list[Row]:
    current = [
        *view.group("Bank Accounts", "Bank", "BankAccounts"),
        *view.group("Accounts Receivable", "Accounts Receivable", "AR"),
        *view.group("Other Current Assets", "Other Current Asset", "OtherCurrentAssets"),
    ]
    total = view.total("Bank", "Accounts Receivable", "Other Current Asset")
    return [*tree("Current Assets", "CurrentAssets", current, total),
            *view.group("Fixed Assets", "Fixed Asset", "FixedAssets"),
            *view.group("Other Assets", "Other Asset", "OtherAssets")]  # fmt: skip


def liability_rows(view: View) -> list[Row]:
    current = [
        *view.group("Accounts Payable", "Accounts Payable", "AP"),
        *view.group("Credit Cards", "Credit Card", "CreditCards"),
        *view.group(
            "Other Current Liabilities", "Other Current Liability", "OtherCurrentLiabilities"
        ),
    ]
    total = view.total("Accounts Payable", "Credit Card", "Other Current Liability")
    return [*tree("Current Liabilities", "CurrentLiabilities", current, total),
            *view.group("Long-Term Liabilities", "Long Term Liability", "LongTermLiabilities")]  # fmt: skip


def equity_rows(view: View, year: int) -> tuple[list[Row], int]:
    earlier = view.profit() - year
    rows = []
    for account in view.accounts:
        if account["AccountType"] != "Equity":
            continue
        cents = view.own(account) + (
            earlier if account["AccountSubType"] == "RetainedEarnings" else 0
        )
        if cents:
            rows.append(data((account["Name"], account["Id"]), amount(cents)))
    if year:
        rows.append({**data("Net Income", amount(year)), "group": "NetIncome"})
    return rows, view.total("Equity") + view.profit()


def trial_balance(books: Books, asked: Asked) -> Row:
    cents = ledger.sums(books, BEGINNING, asked.end)
    rows, debits, credits = [], 0, 0
    for account in books.accounts():
        own = cents.get(int(account["Id"]), 0)
        if own:
            debits, credits = debits + max(own, 0), credits + max(-own, 0)
            rows.append(
                data(
                    (account["FullyQualifiedName"], account["Id"]),
                    amount(max(own, 0)),
                    amount(max(-own, 0)),
                )
            )
    if rows:
        rows.append(section(None, [], ["TOTAL", amount(debits), amount(credits)], "GrandTotal"))
    columns = [
        column("", "Account", "account"),
        column("Debit", "Money", "debit"),
        column("Credit", "Money", "credit"),
    ]
    return report(
        books,
        "TrialBalance",
        columns,
        rows,
        start=asked.start.isoformat(),
        end=asked.end.isoformat(),
    )
