"""QuickBooks Online as `integrations.ports.AccountingSystem`."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from integrations.documents import (
    Changes,
    Company,
    Held,
    Illegible,
    Kind,
    ListEntry,
    ListKind,
    Operation,
    holder_of,
)
from integrations.errors import Refused, SyncError, Temporary, TokenRejected, Vanished
from integrations.ports import Admission, Call, Credentials, Recorder, admitted
from integrations.quickbooks_online import faults, feed, lists, query
from integrations.quickbooks_online.client import Client, Now
from integrations.quickbooks_online.envelopes import fault_in
from integrations.quickbooks_online.mapping import company as companies
from integrations.quickbooks_online.mapping import entries
from integrations.quickbooks_online.mapping.customer import INACTIVE_SUFFIX
from integrations.quickbooks_online.mapping.held import (
    ENTITIES,
    NOT_UNDERSTOOD,
    found,
    held,
    legible,
)

_NUMBER_FIELDS = {
    Kind.INVOICE: "DocNumber",
    Kind.CREDIT_MEMO: "DocNumber",
    Kind.REFUND_RECEIPT: "DocNumber",
    Kind.PAYMENT: "PaymentRefNum",
}
_NAME_FIELDS = {Kind.CUSTOMER: "DisplayName", Kind.ACCOUNT: "Name", Kind.ITEM: "Name"}
_VOID = {
    Kind.INVOICE: {"operation": "void"},
    # These have no void (reference 2.6).
    Kind.CREDIT_MEMO: {"operation": "delete"},
    Kind.EXPENSE: {"operation": "delete"},
    Kind.REFUND_RECEIPT: {"operation": "delete"},
    Kind.PAYMENT: {"operation": "update", "include": "void"},
}
_INFO, _PREFERENCES = "CompanyInfo", "Preferences"
_OF_THE_COMPANY = [
    {"bId": _INFO, "Query": "SELECT * FROM CompanyInfo"},
    {"bId": _PREFERENCES, "Query": "SELECT * FROM Preferences"},
]
# What an edition lacks is an empty list and no fault of the connection.
_NOT_IN_THIS_EDITION = frozenset({"5020", "5030"})

BatchAnswer = dict[str, dict[str, Any]]


class QuickBooksOnline:
    """One connected company. Holds nothing that changes, so several threads may use it at once.

    ``company`` is what was read of it at connect; only `company()` and `entries()` do without.
    ``admit``, ``record`` and ``now`` are called in the thread of the request.
    """

    def __init__(
        self,
        credentials: Credentials,
        *,
        record: Recorder,
        now: Now,
        company: Company | None = None,
        admit: Admission = admitted,
    ) -> None:
        self._client = Client(credentials, record=record, now=now, admit=admit)
        self._read_company = company

    def send(self, call: Call) -> Held:
        """One write. An update refused over a missing reference costs one more, metered, read."""
        kind = holder_of(call.kind)
        entity = ENTITIES[kind]
        try:
            answer = self._write(entity, call)
        except Vanished as gone:
            raise self._explained(gone, call) from gone
        with _understanding(write=True):
            return held(kind, answer[entity], self._company)

    def send_batch(self, calls: list[Call], request_id: str) -> list[Held | SyncError]:
        """Each write under its place in the batch, from 1; they succeed and fail one by one (reference 2.9)."""
        items = [_item(str(place), call) for place, call in enumerate(calls, start=1)]
        with _understanding(write=True):
            answers = self._client.write_batch(items, request_id=request_id)
        return [
            self._outcome(call, answers.get(str(place)))
            for place, call in enumerate(calls, start=1)
        ]

    def read(self, kind: Kind, id: str) -> Held:
        """One document by its id."""
        entity = ENTITIES[kind]
        answer = self._client.get_single_object(entity, quote(id, safe=""))
        with _understanding():
            found = legible(kind, answer[entity], self._company)
        if isinstance(found, Illegible):
            raise faults.error_for("illegible", write=False)
        return replace(found, payload=answer[entity])

    def find_by_number(self, kind: Kind, numbers: list[str]) -> list[Held]:
        """Invoices and credit memos by number, payments by reference."""
        return self._found(kind, query.among(_NUMBER_FIELDS[kind], numbers)) if numbers else []

    def find_created(self, kind: Kind, *, since: datetime) -> list[Held]:
        """What was created since, also by others."""
        return self._found(kind, query.since("MetaData.CreateTime", since))

    def find_by_name(self, kind: Kind, names: list[str]) -> list[Held]:
        """By name; inactive ones bear it with a suffix (reference 2.6)."""
        spelled = [spelling for name in names for spelling in (name, name + INACTIVE_SUFFIX)]
        named = query.among(_NAME_FIELDS[kind], spelled)
        return self._found(kind, named, query.ANY_STATE) if names else []

    def changed(
        self, kind: Kind, *, since: datetime, start: int, length: int
    ) -> list[Held | Illegible]:
        """Inactive customers and items too."""
        later = query.since("MetaData.LastUpdatedTime", since)
        return self._page(kind, later, start=start, length=length)

    def count(self, kinds: list[Kind]) -> dict[Kind, int]:
        """All of them in one batch."""
        items = [
            {"bId": kind.value[:10], "Query": query.count(ENTITIES[kind], *_anyone(kind))}
            for kind in kinds
        ]
        with _understanding():
            answers = self._client.batch(items)
            _raise_faults(answers)
            lengths = {kind: answers[kind.value[:10]]["QueryResponse"] for kind in kinds}
            return {kind: int(lengths[kind]["totalCount"]) for kind in kinds}

    def page(self, kind: Kind, *, start: int, length: int) -> list[Held | Illegible]:
        """Inactive customers and items too."""
        return self._page(kind, start=start, length=length)

    def some(self, kind: Kind, ids: Sequence[str]) -> list[Held | Illegible]:
        """Inactive customers and items too."""
        return self._page(kind, query.among("Id", ids), start=1, length=query.PAGE)

    def ids(self, kind: Kind, *, among: Sequence[str] = ()) -> set[str]:
        """To find out which of ours are gone."""
        named = (query.among("Id", among),) if among else ()
        rows = self._pages(ENTITIES[kind], *named, *_anyone(kind), fields="Id")
        return {str(row["Id"]) for row in rows}

    def changes(self, kinds: list[Kind], lists: list[ListKind], *, since: datetime) -> Changes:
        """Looks back at most 30 days, which the caller minds. Tax codes have no feed."""
        asked = ",".join(feed.entities(kinds, lists))
        moment = since.isoformat(timespec="seconds")
        answer = self._client.change_data_capture(asked, moment)
        with _understanding():
            return feed.changes(answer, kinds, lists, self._company)

    def entries(self, kinds: list[ListKind]) -> list[ListEntry]:
        """One request for up to 15 lists with 1,000 entries together, then one per further 1,000."""
        rows: list[tuple[ListKind, Any]] = []
        with _understanding():
            for start in range(0, len(kinds), lists.LISTS_PER_BATCH):
                rows += self._rows(kinds[start : start + lists.LISTS_PER_BATCH])
            return [entries.read(kind, row) for kind, row in rows]

    def lists_and_company(self, kinds: list[ListKind]) -> tuple[list[ListEntry], Company]:
        """In the same request as the lists. The company comes first, as an answer that is too long is cut off."""
        with _understanding():
            asked = [*_OF_THE_COMPANY, *lists.first_batch(kinds)]
            answers = self._client.batch(asked)
            own = {name: answers[name] for name in (_INFO, _PREFERENCES)}
            company = companies.read(_only(own, _INFO), _only(own, _PREFERENCES))
            rows = list(self._rows_of_first(answers, kinds))
            return [entries.read(kind, row) for kind, row in rows], company

    def company(self) -> Company:
        """In one batch, so that connecting costs one metered request."""
        with _understanding():
            answers = self._client.batch(_OF_THE_COMPANY)
            return companies.read(_only(answers, _INFO), _only(answers, _PREFERENCES))

    @property
    def _company(self) -> Company:
        if self._read_company is None:
            raise RuntimeError("The company is read before its documents")
        return self._read_company

    def _write(self, entity: str, call: Call) -> dict[str, Any]:
        answer: dict[str, Any]
        match call.operation:
            case Operation.CREATE:
                answer = self._client.create_object(entity, call.body, request_id=call.request_id)
                return answer
            case Operation.SEND:
                about = str(json.loads(call.body)["Id"])
                return self._client.deliver(entity, about, request_id=call.request_id)
            case Operation.UPDATE:
                how = {"operation": "update"}
            case Operation.VOID:
                how = _VOID[call.kind]
        answer = self._client.update_object(
            entity, call.body, request_id=call.request_id, params=how
        )
        return answer

    def _outcome(self, call: Call, answer: dict[str, Any] | None) -> Held | SyncError:
        try:
            return self._made(call, answer)
        except Vanished as gone:
            return self._explained_for_itself(gone, call)
        except SyncError as error:
            return error

    def _made(self, call: Call, answer: dict[str, Any] | None) -> Held:
        """What one part of a batch made; a part without an answer may have been done."""
        if answer is None:
            raise faults.error_for("unreadable", write=True)
        if fault := fault_in(answer):
            raise faults.error_for_fault(fault, write=True)
        with _understanding(write=True):
            return held(call.kind, answer[ENTITIES[call.kind]], self._company)

    def _explained_for_itself(self, gone: Vanished, call: Call) -> SyncError:
        """A reading that fails is told of this part alone: what the others wrote stands."""
        try:
            return self._explained(gone, call)
        except TokenRejected as expired:
            return Temporary(expired.words, code=expired.code, reference=expired.reference)
        except SyncError as unclear:
            return unclear

    def _explained(self, gone: Vanished, call: Call) -> Vanished | Refused:
        """Fault 610 does not say which id is gone (reference 6.4): ours is known by reading it."""
        own_id = "" if call.operation is Operation.CREATE else str(json.loads(call.body)["Id"])
        if not own_id:
            return faults.reference_is_gone(gone)
        if call.operation is not Operation.UPDATE:
            return gone
        try:
            self.read(call.kind, own_id)
        except Vanished:
            return gone
        return faults.reference_is_gone(gone)

    def _page(
        self, kind: Kind, *conditions: str, start: int, length: int
    ) -> list[Held | Illegible]:
        entity, meeting = ENTITIES[kind], (*conditions, *_anyone(kind))
        statement = query.select(entity, *meeting, start=start, limit=length)
        with _understanding():
            rows = self._client.query(statement)["QueryResponse"].get(entity) or ()
            return [legible(kind, row, self._company) for row in rows]

    def _found(self, kind: Kind, *conditions: str) -> list[Held]:
        rows = self._pages(ENTITIES[kind], *conditions)
        with _understanding():
            read = [found(kind, row, self._company) for row in rows]
        return [one for one in read if one is not None]

    def _pages(self, entity: str, *conditions: str, fields: str = "*") -> Iterator[Any]:
        start = 1
        while True:
            statement = query.select(
                entity, *conditions, start=start, limit=query.PAGE, fields=fields
            )
            answer = self._client.query(statement)
            page = answer["QueryResponse"].get(entity) or []
            yield from page
            if len(page) < query.PAGE:
                return
            start += query.PAGE

    def _rows(self, kinds: list[ListKind]) -> Iterator[tuple[ListKind, Any]]:
        answers = self._client.batch(lists.first_batch(kinds))
        yield from self._rows_of_first(answers, kinds)

    def _rows_of_first(
        self, answers: BatchAnswer, kinds: list[ListKind]
    ) -> Iterator[tuple[ListKind, Any]]:
        missing: list[lists.Page] = []
        for kind in (kind for kind in kinds if _has(answers, kind)):
            rows = lists.rows_in(answers, kind, 1)
            yield from ((kind, row) for row in rows)
            length = lists.length_in(answers, kind)
            missing += lists.missing(kind, held=len(rows), length=length)
        for pages in lists.packed(missing):
            yield from self._rows_of(pages)

    def _rows_of(self, pages: list[lists.Page]) -> Iterator[tuple[ListKind, Any]]:
        answers = self._client.batch(lists.items(pages))
        _raise_faults(answers)
        for page in pages:
            rows = lists.rows_in(answers, page.kind, page.start)
            yield from ((page.kind, row) for row in rows)


def _anyone(kind: Kind) -> tuple[str, ...]:
    """Without this condition a query leaves out what is inactive."""
    return (query.ANY_STATE,) if kind in _NAME_FIELDS else ()


def _item(place: str, call: Call) -> str:
    """One part of a batch around the body as it was fixed, to the byte."""
    operation = {Operation.CREATE: "create", Operation.UPDATE: "update"}[call.operation]
    return f'{{"bId":"{place}","operation":"{operation}","{ENTITIES[call.kind]}":{call.body}}}'


def _only(answers: BatchAnswer, entity: str) -> Mapping[str, Any]:
    _raise_faults(answers)
    row: Mapping[str, Any] = answers[entity]["QueryResponse"][entity][0]
    return row


def _has(answers: BatchAnswer, kind: ListKind) -> bool:
    """Whether the company has this list. Raises for any other fault."""
    parts = {name: answers[name] for name in lists.names_of(kind)}
    seen = [fault.code for part in parts.values() if (fault := fault_in(part))]
    if seen and set(seen) <= _NOT_IN_THIS_EDITION:
        return False
    _raise_faults(parts)
    return True


def _raise_faults(answers: BatchAnswer) -> None:
    for answer in answers.values():
        if fault := fault_in(answer):
            raise faults.error_for_fault(fault, write=False)


@contextmanager
def _understanding(*, write: bool = False) -> Iterator[None]:
    """An answer that is JSON but not what it should be, such as one from another program."""
    try:
        yield
    except NOT_UNDERSTOOD as e:
        raise faults.error_for("unreadable", write=write) from e
