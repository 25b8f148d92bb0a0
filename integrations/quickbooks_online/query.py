"""Statements in QuickBooks' query language (reference 2.8); values cannot break out of their quotes."""

from collections.abc import Sequence
from datetime import datetime

PAGE = 1000
# Without it a query leaves inactive names out.
ANY_STATE = "Active IN (true, false)"

Value = str | bool | datetime


def equals(field: str, value: Value) -> str:
    """``field`` is exactly this."""
    return f"{field} = {literal(value)}"


def since(field: str, moment: datetime) -> str:
    """``field`` is this moment or later."""
    return f"{field} >= {literal(moment)}"


def among(field: str, values: Sequence[Value]) -> str:
    """``field`` is one of these."""
    return f"{field} IN ({', '.join(literal(value) for value in values)})"


def select(
    entity: str, *conditions: str, start: int = 1, limit: int = PAGE, fields: str = "*"
) -> str:
    """One page of all that meets every condition; by Id, so that pages do not shift."""
    page = f"STARTPOSITION {start} MAXRESULTS {limit}"
    return f"SELECT {fields} FROM {entity}{_where(conditions)} ORDERBY Id {page}"  # noqa: S608


def count(entity: str, *conditions: str) -> str:
    """How many meet every condition."""
    return f"SELECT COUNT(*) FROM {entity}{_where(conditions)}"  # noqa: S608


def literal(value: Value) -> str:
    """A value as the query language writes it: booleans bare, all else quoted.

    The backslash is escaped first: otherwise a value that ends in one swallows the closing quote.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    text = _moment(value) if isinstance(value, datetime) else value
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _where(conditions: Sequence[str]) -> str:
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""


def _moment(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError("A moment without a zone means another one in each company")
    return value.isoformat(timespec="seconds")
