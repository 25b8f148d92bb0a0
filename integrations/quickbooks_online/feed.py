"""The change feed (reference quickbooks 2.10); pure."""

from collections.abc import Iterator, Sequence

from integrations.documents import Changes, Company, Held, Illegible, Kind, ListEntry, ListKind
from integrations.quickbooks_online.mapping import entries
from integrations.quickbooks_online.mapping.fields import Payload, moment_of
from integrations.quickbooks_online.mapping.held import ENTITIES, legible

# Over all kinds together, and cut off without a word.
ANSWER_LIMIT = 1000


def entities(kinds: Sequence[Kind], lists: Sequence[ListKind]) -> list[str]:
    """What to ask for; lists that have no feed are left out."""
    documents = (ENTITIES[kind] for kind in kinds)
    mirrored = (entries.ENTITIES[kind] for kind in lists if kind not in entries.WITHOUT_FEED)
    return list(dict.fromkeys((*documents, *mirrored)))


def changes(
    answer: Payload, kinds: Sequence[Kind], lists: Sequence[ListKind], company: Company
) -> Changes:
    """An answer in our words. Raises KeyError, TypeError or ValueError for what is none."""
    groups = dict(_groups(answer))
    server_time = moment_of(answer, "time")
    if server_time is None:
        raise ValueError("An answer of the change feed without its time")
    read = list(_documents(groups, kinds, company))
    return Changes(
        documents=tuple(one for one in read if isinstance(one, Held)),
        illegible=tuple(one for one in read if isinstance(one, Illegible)),
        entries=tuple(_entries(groups, lists)),
        gone_entries=tuple(_gone(groups, lists)),
        server_time=server_time,
        complete=sum(len(group) for group in groups.values()) < ANSWER_LIMIT,
    )


def _groups(answer: Payload) -> Iterator[tuple[str, list[Payload]]]:
    for response in answer["CDCResponse"]:
        for group in response.get("QueryResponse") or ():
            yield from ((name, rows) for name, rows in group.items() if isinstance(rows, list))


def _documents(
    groups: dict[str, list[Payload]], kinds: Sequence[Kind], company: Company
) -> Iterator[Held | Illegible]:
    for kind in kinds:
        yield from (legible(kind, row, company) for row in groups.get(ENTITIES[kind], ()))


def _entries(groups: dict[str, list[Payload]], lists: Sequence[ListKind]) -> Iterator[ListEntry]:
    for kind, row in _rows(groups, lists):
        if not entries.is_tombstone(row):
            yield entries.read(kind, row)


def _gone(
    groups: dict[str, list[Payload]], lists: Sequence[ListKind]
) -> Iterator[tuple[ListKind, str]]:
    for kind, row in _rows(groups, lists):
        if entries.is_tombstone(row):
            yield kind, str(row["Id"])


def _rows(
    groups: dict[str, list[Payload]], lists: Sequence[ListKind]
) -> Iterator[tuple[ListKind, Payload]]:
    for kind in lists:
        yield from ((kind, row) for row in groups.get(entries.ENTITIES[kind], ()))
