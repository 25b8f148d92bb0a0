"""What every list shares: filters as chips in the address, sorting, paging with a remembered size, CSV."""

import csv
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from io import TextIOWrapper
from itertools import islice
from tempfile import TemporaryFile
from typing import IO, Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import FileResponse, QueryDict
from django_filters import FilterSet

SIZES = (25, 50, 100, 200)
SIZE_KEY = "rows_per_page"
ROWS_AT_ONCE = 1000

# The places in front of what a spreadsheet takes for the beginning of a formula.
_FORMULA = re.compile(r"(^|[;\t][\"' ]*)(?=[=+\-@\t\r\n＝＋－＠])")

Column = tuple[str, Callable[[Any], object]]
Shown = Callable[[list[Any]], Iterable[Any]]


@dataclass(frozen=True)
class Chip:
    """A filter in force, and the address of the page without it."""

    label: str
    value: str
    without: str


class Paged:
    """One page of the rows that the address asks for, and what is said about them."""

    sizes: Sequence[int] = SIZES

    def __init__(self, request: Any) -> None:
        self.request = request

    @cached_property
    def form(self) -> Any:
        """The filters as a form that has been looked through."""
        raise NotImplementedError

    @cached_property
    def rows(self) -> Any:
        """All rows that pass the filters, in order."""
        raise NotImplementedError

    @property
    def query(self) -> QueryDict:
        return self.request.GET.copy()  # type: ignore[no-any-return]

    @cached_property
    def size(self) -> int:
        """Rows on a page; a new choice is remembered for all lists."""
        asked = str(self.request.GET.get("size", ""))
        if asked.isascii() and asked.isdigit() and int(asked[:6]) in self.sizes:
            self.request.session[SIZE_KEY] = int(asked)
        return min(int(self.request.session.get(SIZE_KEY, self.sizes[0])), self.sizes[-1])

    @cached_property
    def page(self) -> Page[Any]:
        return Paginator(self.rows, self.size).get_page(self.request.GET.get("page"))

    @property
    def is_filtered(self) -> bool:
        return bool(self.applied)

    @cached_property
    def applied(self) -> dict[str, Any]:
        """The filters in force by name, cleaned."""
        cleaned = getattr(self.form, "cleaned_data", {})
        # Zero is an amount to look for, False a box that nobody ticked.
        empty: tuple[Any, ...] = (None, "", [])
        return {
            name: value
            for name, value in cleaned.items()
            if value is not False and value not in empty
        }

    def without(self, *names: str) -> str:
        """The address of this list with these filters lifted, from its first page."""
        query = self.query
        for name in (*names, "page", "size"):
            query.pop(name, None)
        return f"?{query.urlencode()}"

    def tabs(
        self, name: str, choices: Iterable[tuple[str, str]], counts: Mapping[str, int]
    ) -> list[dict[str, Any]]:
        """One filter as tabs, "All" in front; each leads to the first page with the other filters kept."""
        chosen = self.applied.get(name, "")
        rest = self.query
        for key in (name, "page", "size"):
            rest.pop(key, None)
        tabs: list[dict[str, Any]] = [{"key": "", "label": "All"}]
        tabs += [{"key": key, "label": label, "count": counts.get(key)} for key, label in choices]
        for tab in tabs:
            query = rest.copy()
            if tab["key"]:
                query[name] = tab["key"]
            tab.update(href=f"?{query.urlencode()}", current=tab["key"] == chosen)
        return tabs

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What the form that chooses the page size must carry along."""
        return [
            (name, value)
            for name, values in self.query.lists()
            for value in values
            if name not in ("size", "page")
        ]


class Listing(Paged):
    """One list page of rows of the database: narrowed by a filter set, sorted, and to be had as a file."""

    def __init__(
        self,
        request: Any,
        filterset: FilterSet,
        *,
        sorts: Mapping[str, Sequence[str]],
        default: str,
    ) -> None:
        super().__init__(request)
        self.filterset = filterset
        self.sorts = sorts
        self.default = default

    @cached_property
    def form(self) -> Any:
        """The filters as a form; its errors stand beside the field, the rest still filters."""
        self.filterset.is_valid()
        return self.filterset.form

    @cached_property
    def sort(self) -> str:
        """The asked key, ``-`` in front for descending; the default when it is not one of ours."""
        asked = str(self.request.GET.get("sort", ""))
        return asked if asked.removeprefix("-") in self.sorts else self.default

    @cached_property
    def rows(self) -> QuerySet[Any]:
        """All rows that pass the filters, in order; the key decides between equals."""
        keys = [_directed(key, self.sort) for key in self.sorts[self.sort.removeprefix("-")]]
        rows: QuerySet[Any] = self.filterset.qs
        return rows.order_by(*keys, _directed("pk", self.sort))

    @property
    def chips(self) -> list[Chip]:
        return [
            Chip(str(self.form.fields[name].label), self._words(name, value), self.without(name))
            for name, value in self.applied.items()
            if name not in self.filterset.unchipped
        ]

    @property
    def csv_query(self) -> str:
        query = self.query
        query["format"] = "csv"
        return f"?{query.urlencode()}"

    @property
    def wants_file(self) -> bool:
        return bool(self.request.GET.get("format") == "csv")

    def _words(self, name: str, value: Any) -> str:
        if value is True:
            return "yes"
        if not isinstance(value, str):
            return str(value)
        # By iteration: choices that are made when asked for have no length.
        choices = dict(iter(getattr(self.form.fields[name], "choices", ())))
        return str(choices.get(value, value))


def _directed(key: str, sort: str) -> str:
    """The key as the sort direction has it; a minus of its own is turned around."""
    if not sort.startswith("-"):
        return key
    return key.removeprefix("-") if key.startswith("-") else f"-{key}"


def csv_file(
    name: str, columns: Sequence[Column], rows: QuerySet[Any], shown: Shown = list
) -> FileResponse:
    """All rows as a file for a spreadsheet: UTF-8 with a mark, so that Excel reads it as such.

    It is written to disk while the organization is in force, and sent from there: what is read breaks off as an error
    and never as a shorter file. ``shown`` makes of rows that are read together what the columns are about.
    """
    with ExitStack() as until_written:
        file = until_written.enter_context(TemporaryFile())
        _write(file, columns, rows, shown)
        until_written.pop_all()
    file.seek(0)
    return FileResponse(
        file, as_attachment=True, filename=f"{name}.csv", content_type="text/csv; charset=utf-8"
    )


def _write(file: IO[bytes], columns: Sequence[Column], rows: QuerySet[Any], shown: Shown) -> None:
    text = TextIOWrapper(file, encoding="utf-8-sig", newline="")
    # Quoted throughout: where the list separator is ";" a spreadsheet would else split a text at it.
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow([label for label, _ in columns])
    found = rows.iterator(chunk_size=ROWS_AT_ONCE)
    while some := list(islice(found, ROWS_AT_ONCE)):
        for row in shown(some):
            writer.writerow([harmless(value_of(row)) for _, value_of in columns])
    text.detach()


def harmless(value: object) -> object:
    """Text that a spreadsheet would run as a formula gets a quote in front (ASVS 5.0, 1.2.10).

    Also behind a separator inside the text: one that splits at ";" takes what follows for a cell of its own.
    """
    if not isinstance(value, str):
        return value
    return _FORMULA.sub(r"\1'", value.replace("\0", ""))
