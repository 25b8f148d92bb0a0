"""Looks at everything since a moment, kind by kind, where the change feed does not reach or was cut off."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from integrations.documents import Changes, Held, Illegible, Kind
from integrations.inbound import lists, pages
from integrations.inbound.pages import Page
from integrations.models import Connection, Link
from integrations.outbound.store import Store
from integrations.ports import AccountingSystem

# As many ids as an address carries with ease.
ASKED_AT_ONCE = 100

Ask = Callable[[Callable[[AccountingSystem], Any]], Any]


@dataclass(slots=True)
class Comparison:
    """All that a cut-off or too late answer has left out; each part is taken in before the next is asked for."""

    store: Store
    ask: Ask
    since: datetime
    first: Changes

    @property
    def connection(self) -> Connection:
        return self.store.connection

    def lists(self) -> None:
        """The lists whole, as entries may have been left out."""
        entries = self.ask(lambda system: system.entries(lists.WATCHED))
        with self.store.transaction():
            lists.replace_all(self.connection, lists.WATCHED, entries)

    def answers(
        self, kinds: list[Kind], *, feed_reaches: bool, thorough: bool
    ) -> Iterator[Changes]:
        """What was changed, and what is gone: of each kind from the feed again where it holds that much.

        Else what was changed by query, which ``thorough`` asks for in any case, as the feed may lag; and what is gone
        by comparing ids.
        """
        for kind in kinds:
            alone = self._by_feed(kind) if feed_reaches else None
            is_told = alone is not None and alone.complete
            if alone is not None and is_told:
                yield alone
            if thorough or not is_told:
                for page in self._changed(kind):
                    yield self._as_answer(page)
            if not is_told:
                yield self._as_answer(self._gone_by_ids(kind))

    def _changed(self, kind: Kind) -> Iterator[Page]:
        start, tail = 1, list[str]()
        while True:
            page = self._page(kind, start)
            if not pages.follows(page, start, tail):
                start = pages.back(start)
                continue
            yield page
            if len(page) < pages.LENGTH:
                return
            start, tail = pages.after(start), pages.tail(page)

    def _page(self, kind: Kind, start: int) -> Page:
        page: Page = self.ask(
            lambda system: system.changed(kind, since=self.since, start=start, length=pages.LENGTH)
        )
        return page

    def _by_feed(self, kind: Kind) -> Changes:
        answer: Changes = self.ask(lambda system: system.changes([kind], [], since=self.since))
        return answer

    def _gone_by_ids(self, kind: Kind) -> list[Held]:
        there = self._ids(kind, [])
        with self.store.transaction():
            linked = Link.objects.filter(connection=self.connection, kind=kind)
            ours = list(linked.values_list("remote_id", flat=True))
        missing = [one for one in ours if one not in there]
        there |= self._met_by_id(kind, missing)
        return [Held(kind, gone, "", None) for gone in missing if gone not in there]

    def _met_by_id(self, kind: Kind, missing: list[str]) -> set[str]:
        """A list of many pages misses one that moves up, because another is deleted meanwhile."""
        met: set[str] = set()
        for at in range(0, len(missing), ASKED_AT_ONCE):
            met |= self._ids(kind, missing[at : at + ASKED_AT_ONCE])
        return met

    def _ids(self, kind: Kind, among: list[str]) -> set[str]:
        met: set[str] = self.ask(lambda system: system.ids(kind, among=among))
        return met

    def _as_answer(self, found: Page) -> Changes:
        documents = tuple(one for one in found if isinstance(one, Held))
        illegible = tuple(one for one in found if isinstance(one, Illegible))
        return Changes(documents, (), (), self.first.server_time, True, illegible)
