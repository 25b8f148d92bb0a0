"""The query language: parse, check what may be filtered, answer page by page."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from sandbox.clock import zone
from sandbox.quickbooks.faults import Fault
from sandbox.quickbooks.kinds import ALWAYS_FILTERABLE, KINDS, Kind
from sandbox.quickbooks.shown import shown_row

if TYPE_CHECKING:
    from sandbox.quickbooks.books import Books

TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:\\.|[^'\\])*')|(?P<word>[A-Za-z_][\w.]*)|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<op><=|>=|!=|<>|[<>=(),*]))"
)
OPERATORS = {"=", "<", ">", "<=", ">="}
# Property → column of the table. What has no column is looked up in the JSON text.
COLUMNS = {
    "Id": "id", "MetaData.CreateTime": "created", "MetaData.LastUpdatedTime": "updated",
    "DocNumber": "number", "TxnDate": "date", "DueDate": "due", "CustomerRef": "party",
    "VendorRef": "party", "EntityRef": "party", "TotalAmt": "total", "Balance": "balance",
    "Active": "active",
}  # fmt: skip
TIMES = {"MetaData.CreateTime", "MetaData.LastUpdatedTime"}
MONEY = {"TotalAmt", "Balance"}
REFERENCES = {"CustomerRef", "VendorRef", "EntityRef"}
SPELLING = {
    "metadata.createtime": "MetaData.CreateTime",
    "metadata.lastupdatedtime": "MetaData.LastUpdatedTime",
}


@dataclass
class Query:
    """One parsed statement. `conditions` are (property, operator, values)."""

    entity: str
    count: bool = False
    fields: list[str] = field(default_factory=list)
    conditions: list[tuple[str, str, list[Any]]] = field(default_factory=list)
    orders: list[tuple[str, bool]] = field(default_factory=list)
    start: int = 1
    limit: int = 100


def parser_fault(text: str) -> Fault:
    return Fault(4000, f"QueryParserError: {text}")


def invalid(text: str) -> Fault:
    return Fault(4001, f"QueryValidationError: {text}")


class Parser:
    """Recursive descent over the tokens; keywords in any case."""

    def __init__(self, text: str, *, not_equal: bool = False) -> None:
        self.not_equal = not_equal
        self.tokens: list[tuple[str, str]] = []
        at, text = 0, text.strip().rstrip(";").rstrip()
        while at < len(text):
            match = TOKEN.match(text, at)
            if match is None or match.end() == at:
                raise parser_fault(f'Encountered "{text[at : at + 20]}" at column {at + 1}')
            kind = str(match.lastgroup)
            self.tokens.append((kind, match.group(kind)))
            at = match.end()
        self.at = 0

    def peek(self) -> str:
        kind, value = self.tokens[self.at] if self.at < len(self.tokens) else ("end", "<EOF>")
        return value.upper() if kind == "word" else value

    def take(self, kind: str | None = None) -> str:
        if self.at >= len(self.tokens):
            raise parser_fault('Encountered "<EOF>"')
        found, value = self.tokens[self.at]
        if kind and found != kind:
            raise parser_fault(f'Encountered "{value[:40]}" where a {kind} was expected')
        self.at += 1
        return value

    def expect(self, *wanted: str) -> str:
        if self.peek() not in wanted:
            raise parser_fault(
                f'Encountered "{self.peek()[:40]}". Was expecting one of: {", ".join(wanted)}'
            )
        return self.take().upper()

    def accept(self, word: str) -> bool:
        if self.peek() == word:
            self.at += 1
            return True
        return False

    def parse(self) -> Query:
        self.expect("SELECT")
        count, names = self.projection()
        self.expect("FROM")
        query = Query(self.take("word"), count, names)
        if self.accept("WHERE"):
            self.condition(query)
            while self.accept("AND"):
                self.condition(query)
        self.tail(query)
        if self.at < len(self.tokens):
            raise parser_fault(f'Encountered "{self.peek()[:40]}"')
        return query

    def projection(self) -> tuple[bool, list[str]]:
        if self.peek() == "COUNT":
            self.take()
            for sign in "(*)":
                self.expect(sign)
            return True, []
        names = []
        while True:
            names.append(self.take() if self.peek() == "*" else self.take("word"))
            if not self.accept(","):
                return False, [n for n in names if n != "*"] if "*" not in names else ["*", *names]

    def condition(self, query: Query) -> None:
        name = self.take("word")
        operator = self.peek()
        if operator in OPERATORS or (operator == "!=" and self.not_equal):
            self.take()
            query.conditions.append((name, operator, [self.value()]))
        elif operator == "LIKE":
            self.take()
            query.conditions.append((name, "LIKE", [self.value()]))
        elif operator == "IN":
            self.take()
            self.expect("(")
            values = [self.value()]
            while self.accept(","):
                values.append(self.value())
            self.expect(")")
            query.conditions.append((name, "IN", values))
        else:
            raise parser_fault(
                f'Encountered "{operator[:40]}". Was expecting one of: =, <, >, <=, >=, IN, LIKE'
            )

    def value(self) -> Any:
        kind, value = self.tokens[self.at] if self.at < len(self.tokens) else ("end", "<EOF>")
        if kind == "text":
            self.at += 1
            return re.sub(r"\\(.)", r"\1", value[1:-1], flags=re.S)
        if kind == "number" or value.lower() in {"true", "false"}:
            self.at += 1
            return value
        raise parser_fault(f'Encountered "{value[:40]}" where a value was expected')

    def tail(self, query: Query) -> None:
        while self.at < len(self.tokens):
            word = self.peek()
            if word in {"ORDERBY", "ORDER"}:
                self.take()
                if word == "ORDER":
                    self.expect("BY")
                self.order(query)
                while self.accept(","):
                    self.order(query)
            elif word == "STARTPOSITION":
                self.take()
                query.start = self.integer()
            elif word == "MAXRESULTS":
                self.take()
                query.limit = self.integer()
            else:
                raise parser_fault(f'Encountered "{word[:40]}"')

    def order(self, query: Query) -> None:
        name = self.take("word")
        descending = self.accept("DESC")
        if not descending:
            self.accept("ASC")
        query.orders.append((name, descending))

    def integer(self) -> int:
        text = self.take("number")
        if "." in text or len(text) > 12:
            raise parser_fault(f'Encountered "{text[:40]}" where a whole number was expected')
        return int(text)


def run(books: Books, text: str) -> dict[str, Any]:
    """The QueryResponse of a statement; rows are ready JSON fragments (`Raw`)."""
    query = Parser(text, not_equal=books.switches.query_not_equal).parse()
    kind = kind_of(query.entity)
    where, values = conditions(books, kind, query)
    if query.count:
        row = books.store.one(f"SELECT COUNT(*) FROM objects WHERE {where}", *values)
        return {"totalCount": row[0]}
    page(query)
    order = orders(kind, query, exact=any(name in where for name in EXACT))
    rows = books.store.all(
        f"SELECT body FROM objects WHERE {where} ORDER BY {order} LIMIT ? OFFSET ?",
        *values, query.limit, query.start - 1,
    )  # fmt: skip
    if not rows:
        return {}
    shown = [shown_row(books, kind, row[0], sku=with_sku(query)) for row in rows]
    return {kind.key: shown, "startPosition": query.start, "maxResults": len(shown)}


def with_sku(query: Query) -> bool:
    """Item.Sku is returned only when it is asked for."""
    return any(n.lower() == "sku" for n in query.fields) or any(
        c[0].lower() == "sku" for c in query.conditions
    )


def kind_of(name: str) -> Kind:
    for kind in KINDS.values():
        if kind.name.lower() == name.lower():
            return kind
    raise invalid(f"Invalid context declaration: {name[:60]}")


def page(query: Query) -> None:
    if query.start < 1:
        raise invalid(f"value {query.start} is too small. Min allowed value is 1")
    if query.limit < 0:
        raise invalid(f"value {query.limit} is too small. Min allowed value is 0")
    query.limit = min(query.limit, 1000)


def spelled(name: str, allowed: frozenset[str], kind: Kind, what: str) -> str:
    for one in allowed:
        if one.lower() == name.lower():
            return one
    raise invalid(f"Property {name[:60]} not {what} for Entity {kind.name}")


def filters_of(books: Books, kind: Kind) -> frozenset[str]:
    allowed = ALWAYS_FILTERABLE | kind.filters
    if (
        kind.name in {"Purchase", "JournalEntry"}
        and not books.switches.purchase_docnumber_filterable
    ):
        allowed -= {"DocNumber"}
    if kind.name == "Invoice" and not books.switches.invoice_duedate_filterable:
        allowed -= {"DueDate"}
    return allowed


def conditions(books: Books, kind: Kind, query: Query) -> tuple[str, list[Any]]:
    allowed = filters_of(books, kind)
    parts, values = ["realm=?", "kind=?", "gone=0"], [books.realm, kind.name]
    asks_active = False
    for given, operator, wanted in query.conditions:
        name = spelled(given.removesuffix(".value"), allowed, kind, "found")
        asks_active = asks_active or name == "Active"
        sql, more = comparison(books, kind, name, operator, wanted)
        parts.append(sql)
        values += more
    if not asks_active:
        parts.append("+active=1" if any(part.startswith(EXACT) for part in parts) else "active=1")
    return " AND ".join(parts), values


def expression(name: str, kind: Kind) -> str:
    if name in COLUMNS:
        return COLUMNS[name]
    if name == kind.name_field:
        return "name"
    if kind.name == "RecurringTransaction" and name == "Type":
        return "number"
    if name == "PrimaryEmailAddr":
        return "json_extract(body,'$.PrimaryEmailAddr.Address')"
    path = f"{name}.value" if name.endswith("Ref") else name
    return f"json_extract(body,'$.{path}')"


def comparison(
    books: Books, kind: Kind, name: str, operator: str, wanted: list[Any]
) -> tuple[str, list[Any]]:
    left = expression(name, kind)
    if operator == "LIKE":
        return like(kind, name, left, wanted[0])
    found = [typed(books, kind, name, value) for value in wanted]
    if isinstance(found[0], str) and left.startswith("json_extract"):
        left = f"{left} COLLATE NOCASE"
    if name == "Balance" and operator in {">", ">="} and found[0] >= (0 if operator == ">" else 1):
        return f"balance > 0 AND balance {operator} ?", found  # the index of open documents
    if operator == "IN":
        return f"{left} IN ({','.join('?' * len(found))})", found
    return f"{left} {operator} ?", found


def like(kind: Kind, name: str, left: str, pattern: Any) -> tuple[str, list[Any]]:
    """Only `%` is a wildcard. Numbers and times cannot be compared so."""
    if name in TIMES or name in MONEY or name == "Active":
        raise invalid(f"operator LIKE is not supported for property {name}")
    text = str(pattern).replace("!", "!!").replace("_", "!_")
    return f"{left} LIKE ? ESCAPE '!'", [text.casefold() if left == "name" else text]


def typed(books: Books, kind: Kind, name: str, value: Any) -> Any:
    if name in TIMES:
        return moment(books, value)
    if name == "Active" or (
        str(value).lower() in {"true", "false"} and name not in COLUMNS and name != kind.name_field
    ):
        if str(value).lower() not in {"true", "false"}:
            raise invalid(f"value {value} is not a boolean")
        return int(str(value).lower() == "true")
    if name in MONEY:
        return cents(value)
    if name in {"Id", *REFERENCES}:
        return identity(value)
    if name in {"BalanceWithJobs", "CurrentBalance", "UnappliedAmt", "UnitPrice", "DueDays"}:
        return float(amount(value))
    if name in {"TxnDate", "DueDate"}:
        return day(value)
    return str(value).casefold() if name == kind.name_field else str(value)


def identity(value: Any) -> Any:
    text = str(value)
    if text.isascii() and text.isdigit() and len(text) < 19:
        return int(text)
    return text if text in {"TAX", "NON"} else -1


def day(value: Any) -> str:
    try:
        return datetime.fromisoformat(str(value)).date().isoformat()
    except ValueError as error:
        raise invalid(f"value {str(value)[:60]} is not a date") from error


def amount(value: Any) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise invalid(f"value {str(value)[:60]} is not a number") from error
    if not number.is_finite() or abs(number) > 10**13:
        raise invalid(f"value {str(value)[:60]} is not a number")
    return number


def cents(value: Any) -> Any:
    number = amount(value) * 100
    return int(number) if number == int(number) else float(number)


def moment(books: Books, value: Any) -> float:
    """Seconds of an instant; without an offset it is the company's own time."""
    try:
        at = datetime.fromisoformat(
            str(value).replace(" ", "+") if "T" in str(value) else str(value)
        )
    except ValueError as error:
        raise invalid(f"value {str(value)[:60]} is not a date and time") from error
    if at.tzinfo is None:
        at = at.replace(tzinfo=zone(books.company.zone))
    try:
        return at.timestamp()
    except (OverflowError, ValueError) as error:
        raise invalid(f"value {str(value)[:60]} is not a date and time") from error


# Conditions that leave few rows: SQLite must look these up rather than walk along the ids.
EXACT = ("number =", "number IN", "name =", "name IN", "party =", "party IN")


def orders(kind: Kind, query: Query, *, exact: bool) -> str:
    allowed = ALWAYS_FILTERABLE | kind.sorts
    parts = []
    for given, descending in query.orders:
        name = spelled(given, allowed, kind, "sortable")
        parts.append(f"{expression(name, kind)} {'DESC' if descending else 'ASC'}")
    # The pseudo codes TAX and NON come before the numbered tax codes.
    last = (
        ["typeof(id)='integer'", "id='NON'", "id"]
        if kind.name == "TaxCode"
        else ["+id" if exact else "id"]
    )
    return ", ".join([*parts, *last])
