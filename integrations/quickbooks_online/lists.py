"""Reads whole lists in as few requests as possible; pure, the client sends what is planned here.

The first batch asks for every list's first page and for its length. An answer of a batch holds at most
1,000 objects and is cut off without a word (reference 2.9), so what is missing is planned by the
lengths: small remainders share a batch, full pages go alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from integrations.documents import ListKind
from integrations.quickbooks_online import query
from integrations.quickbooks_online.mapping.entries import ENTITIES, WITHOUT_STATE

ANSWER_LIMIT = 1000
# Two items of a batch, a page and a length, for each list.
LISTS_PER_BATCH = 15

Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of a list; ``start`` counts from one."""

    kind: ListKind
    start: int
    length: int


def first_batch(kinds: list[ListKind]) -> list[Item]:
    """The first page and the length of each list."""
    return [
        item for kind in kinds for item in (_page_item(Page(kind, 1, ANSWER_LIMIT)), _count(kind))
    ]


def names_of(kind: ListKind) -> tuple[str, str]:
    """The names of a list's two items in a first batch."""
    return _page_name(kind, 1), _count_name(kind)


def length_in(answers: Mapping[str, Mapping[str, Any]], kind: ListKind) -> int:
    """The length of a list as a first batch gave it."""
    return int(answers[_count_name(kind)]["QueryResponse"]["totalCount"])


def rows_in(answers: Mapping[str, Mapping[str, Any]], kind: ListKind, start: int) -> list[Any]:
    """The entries of one page of a batch."""
    return list(answers[_page_name(kind, start)]["QueryResponse"].get(ENTITIES[kind]) or ())


def missing(kind: ListKind, *, held: int, length: int) -> Iterator[Page]:
    """The pages between what we hold and the end of the list."""
    for start in range(held + 1, length + 1, ANSWER_LIMIT):
        yield Page(kind, start, min(ANSWER_LIMIT, length + 1 - start))


def packed(pages: list[Page]) -> Iterator[list[Page]]:
    """The pages in batches whose answers stay whole, largest first."""
    batches: list[list[Page]] = []
    for page in sorted(pages, key=lambda page: -page.length):
        roomy = (batch for batch in batches if _total(batch) + page.length <= ANSWER_LIMIT)
        batch = next(roomy, None)
        if batch is None:
            batches.append([page])
        else:
            batch.append(page)
    yield from batches


def items(pages: list[Page]) -> list[Item]:
    """A batch for some pages."""
    return [_page_item(page) for page in pages]


def _total(pages: list[Page]) -> int:
    return sum(page.length for page in pages)


def _page_item(page: Page) -> Item:
    text = query.select(
        ENTITIES[page.kind], *_conditions(page.kind), start=page.start, limit=page.length
    )
    return {"bId": _page_name(page.kind, page.start), "Query": text}


def _count(kind: ListKind) -> Item:
    return {
        "bId": _count_name(kind),
        "Query": query.count(ENTITIES[kind], *_conditions(kind)),
    }


def _conditions(kind: ListKind) -> tuple[str, ...]:
    return () if kind in WITHOUT_STATE else (query.ANY_STATE,)


def _page_name(kind: ListKind, start: int) -> str:
    """At most ten characters (reference 2.4)."""
    return f"{list(ListKind).index(kind)}-{start}"


def _count_name(kind: ListKind) -> str:
    return f"{list(ListKind).index(kind)}-n"
