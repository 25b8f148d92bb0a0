"""The reports as pages, drawn from the very answers that the API gives."""

from __future__ import annotations

from typing import Any

from sandbox.messages import Request, Response
from sandbox.people.html import esc, field, table
from sandbox.people.layout import address, shown
from sandbox.quickbooks import reports
from sandbox.quickbooks.books import Books

NAMES = ("AgedReceivables", "AgedReceivableDetail", "ProfitAndLoss", "BalanceSheet", "TrialBalance")


def route(books: Books, request: Request, rest: list[str]) -> Response | None:
    if not rest:
        at = address(books.company, "reports")
        return shown(
            books.company, "Reports", "".join(f'<p><a href="{at}/{n}">{n}</a></p>' for n in NAMES)
        )
    if len(rest) > 1 or rest[0] not in NAMES:
        return None
    return shown(books.company, rest[0], drawn(books, rest[0], request.query))


def drawn(books: Books, name: str, query: dict[str, str]) -> str:
    report = reports.make(books, name, query)
    heads = [c["ColTitle"] for c in report["Columns"]["Column"]]
    numbers = {n for n, c in enumerate(report["Columns"]["Column"]) if c["ColType"] == "Money"}
    rows = [row for item in report["Rows"].get("Row", []) for row in flat(item, 0)]
    aging = name.startswith("Aged")
    inputs = (
        field("As of", "report_date", query.get("report_date"), "date")
        if aging
        else (
            field("From", "start_date", query.get("start_date"), "date")
            + field("To", "end_date", query.get("end_date"), "date")
        )
    )
    return f'<form method="get">{inputs}<button>Show</button></form>' + table(heads, rows, numbers)


def flat(row: dict[str, Any], depth: int) -> list[list[str]]:
    """Sections become indented rows, totals bold."""
    if "ColData" in row:
        return [cells(row["ColData"], depth, "")]
    out = [cells(row["Header"]["ColData"], depth, "")] if "Header" in row else []
    for inner in row.get("Rows", {}).get("Row", []):
        out += flat(inner, depth + 1)
    if "Summary" in row:
        out.append(cells(row["Summary"]["ColData"], depth, "strong"))
    return out


def cells(data: list[dict[str, str]], depth: int, tag: str) -> list[str]:
    texts = [esc(cell["value"]) for cell in data]
    texts = [f"<{tag}>{text}</{tag}>" if tag else text for text in texts]
    return ["&emsp;" * depth + texts[0], *texts[1:]]
