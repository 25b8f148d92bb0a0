"""Looks at everything since a moment, kind by kind, where the change feed does not reach or was cut off."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from integrations.documents import Changes, Held, Illegible, Kind
from integrations.inbound import lists
from integrations.models import Connection, Link
from integrations.outbound.store import Store
from integrations.ports import AccountingSystem

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

    def answers(self, kinds: list[Kind], *, feed_reaches: bool) -> Iterator[Changes]:
        """What was changed, and what is gone: of each kind from the feed again, else by comparing ids."""
        for kind in kinds:
            yield self._as_answer(self._changed(kind))
            gone = self._gone_by_feed(kind) if feed_reaches else None
            yield self._as_answer(self._gone_by_ids(kind) if gone is None else gone)

    def _changed(self, kind: Kind) -> list[Held | Illegible]:
        found: list[Held | Illegible] = self.ask(
            lambda system: system.changed(kind, since=self.since)
        )
        return found

    def _gone_by_feed(self, kind: Kind) -> list[Held] | None:
        """None when this kind alone is too much for one answer."""
        answer: Changes = self.ask(lambda system: system.changes([kind], [], since=self.since))
        return [held for held in answer.documents if held.deleted] if answer.complete else None

    def _gone_by_ids(self, kind: Kind) -> list[Held]:
        there = self.ask(lambda system: system.ids(kind))
        with self.store.transaction():
            linked = Link.objects.filter(connection=self.connection, kind=kind)
            ours = list(linked.values_list("remote_id", flat=True))
        return [Held(kind, gone, "", None) for gone in ours if gone not in there]

    def _as_answer(self, found: Sequence[Held | Illegible]) -> Changes:
        documents = tuple(one for one in found if isinstance(one, Held))
        illegible = tuple(one for one in found if isinstance(one, Illegible))
        return Changes(documents, (), (), self.first.server_time, True, illegible)
