"""The shape that all reports share: header, columns, sections and data rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.money import major

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books

Row = dict[str, Any]


def amount(cents: int) -> str:
    """`100.00`; nothing for zero, as QuickBooks leaves empty cells."""
    return f"{major(cents):.2f}" if cents else ""


def cells(*values: Any) -> list[Row]:
    """Cells from texts; a pair is (text, id)."""
    return [{"value": v[0], "id": v[1]} if isinstance(v, tuple) else {"value": v} for v in values]


def data(*values: Any) -> Row:
    return {"ColData": cells(*values), "type": "Data"}


def section(
    title: str | None, rows: list[Row], total: list[Any] | None, group: str | None = None
) -> Row:
    out: Row = {}
    if title is not None:
        width = len(total) if total else 2
        out["Header"] = {"ColData": cells(title, *[""] * (width - 1))}
    if rows:
        out["Rows"] = {"Row": rows}
    if total is not None:
        out["Summary"] = {"ColData": cells(*total)}
    out["type"] = "Section"
    if group:
        out["group"] = group
    return out


def column(title: str, kind: str, key: str) -> Row:
    return {"ColTitle": title, "ColType": kind, "MetaData": [{"Name": "ColKey", "Value": key}]}


def report(
    books: Books, name: str, columns: list[Row], rows: list[Row], *, start: str | None = None,
    end: str | None = None, options: dict[str, str] | None = None,
) -> Row:  # fmt: skip
    header: Row = {"Time": books.stamp(books.now), "ReportName": name, "ReportBasis": "Accrual"}
    if start:
        header["StartPeriod"] = start
    if end:
        header["EndPeriod"] = end
    header |= {
        "SummarizeColumnsBy": "Total", "Currency": books.home_currency,
        "Option": [{"Name": k, "Value": v} for k, v in
                   {**(options or {}), "NoReportData": "false" if rows else "true"}.items()],
    }  # fmt: skip
    return {"Header": header, "Columns": {"Column": columns}, "Rows": {"Row": rows} if rows else {}}
