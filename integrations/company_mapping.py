"""How the entries of a company stand for ours: every choice there is, what is chosen, and what is proposed."""

from collections import Counter
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Choices
from functools import cached_property

from integrations import mapping_notes
from integrations.mapping_notes import Note
from integrations.mapping_slots import USED_ONCE, Slot, slots
from integrations.models import Connection, Mapping, MirrorEntry, SyncJob
from integrations.outbound import new_entries
from integrations.outbound.referred import LIST_OF

# Of what there is one choice for each of ours, such as services: more are listed apart, page by page.
MOST_TOGETHER = 25


class CompanyMapping:
    """All choices of a company, by their names in the order of the page; with ``only`` the one of this name."""

    def __init__(self, connection: Connection, only: str = "") -> None:
        self.connection = connection
        self.slots: dict[str, Slot] = {slot.name: slot for slot in slots(connection, only)}
        self.chosen = _chosen(connection)

    @cached_property
    def many(self) -> dict[str, Slot]:
        """Those of the groups that grow with what there is of ours, where they have grown."""
        each = {name: slot for name, slot in self.slots.items() if slot.local_key}
        members = Counter(slot.group for slot in each.values())
        return {name: slot for name, slot in each.items() if members[slot.group] > MOST_TOGETHER}

    @cached_property
    def notes(self) -> dict[str, Note]:
        """What there is to say about the choices, by their names."""
        notes = {name: self._note(name) for name in self.slots}
        return {name: note for name, note in notes.items() if note}

    @cached_property
    def proposals(self) -> dict[str, str]:
        """What one click accepts, by the name of the choice."""
        return {name: note.proposed for name, note in self.notes.items() if note.proposed}

    def accepted(
        self, names: Iterable[str], beside: Choices[str, str] | None = None
    ) -> dict[str, str]:
        """What is proposed for these choices; not what would come to stand for two of ours, where it may not.

        ``beside`` is what is chosen at the same time.
        """
        used = {(self.slots[name].subject, one) for name, one in (beside or {}).items()}
        accepted = {}
        for name in names:
            proposed = self.proposals.get(name, "")
            use = (self.slots[name].subject, proposed) if proposed else None
            if use and not (use in used and use[0] in USED_ONCE):
                accepted[name] = proposed
                used.add(use)
        return accepted

    def choice(self, name: str) -> Mapping | None:
        """What was chosen. Raises `KeyError` for a name that is no choice."""
        slot = self.slots[name]
        return self.chosen.get((slot.subject, slot.local_key))

    def stands(self, name: str) -> str:
        """The id of what is chosen now; empty where nothing is."""
        choice = self.choice(name)
        return choice.remote_id if choice else ""

    def offered(self, name: str) -> Iterator[tuple[str, str]]:
        """The active entries, and the one chosen before even when it has become inactive since."""
        slot, now = self.slots[name], self.stands(name)
        yield "", slot.nothing
        for one in slot.entries:
            yield one.remote_id, one.name
        if now and now not in slot.entries.by_id:
            yield now, self.word_for(name, now)

    def word_for(self, name: str, remote_id: str) -> str:
        """How the page calls this choice."""
        slot, choice = self.slots[name], self.choice(name)
        if not remote_id:
            return slot.nothing
        if called := slot.name_of(remote_id):
            return called
        if choice is None or choice.remote_id != remote_id:
            return remote_id
        return f"{choice.remote_name or f'Entry {remote_id}'}: no longer active in QuickBooks"

    def store(self, choices: Choices[str, str]) -> None:
        """Has these be chosen; what is empty is chosen no more."""
        emptied: dict[str, list[str]] = {}
        for name in (name for name, remote_id in choices.items() if not remote_id):
            slot = self.slots[name]
            emptied.setdefault(slot.subject, []).append(slot.local_key)
        mine = Mapping.objects.filter(connection=self.connection)
        for subject, keys in emptied.items():
            mine.filter(subject=subject, local_key__in=keys).delete()
        Mapping.objects.bulk_create(
            [self._row(name, remote_id) for name, remote_id in choices.items() if remote_id],
            update_conflicts=True,
            unique_fields=["organization", "connection", "subject", "local_key"],
            update_fields=["remote_id", "remote_name"],
        )

    def _note(self, name: str) -> Note | None:
        slot, choice = self.slots[name], self.choice(name)
        entry = self._entries.get((slot.kind, choice.remote_id)) if choice else None
        making, others = self._making.get(slot.local_key), self._used_by_others(slot)
        return mapping_notes.about(slot, choice, entry, making, others)

    def _used_by_others(self, slot: Slot) -> frozenset[str]:
        """What it may not be, as that stands for another one of ours."""
        if slot.subject not in USED_ONCE:
            return frozenset()
        chosen = self.chosen.items()
        return frozenset(
            one.remote_id
            for (subject, key), one in chosen
            if subject == slot.subject and key != slot.local_key
        )

    def _row(self, name: str, remote_id: str) -> Mapping:
        slot = self.slots[name]
        return Mapping(
            connection=self.connection,
            subject=slot.subject,
            local_key=slot.local_key,
            remote_id=remote_id,
            remote_name=slot.name_of(remote_id),
        )

    @cached_property
    def _making(self) -> dict[str, SyncJob]:
        """What is on its way there, by the key of what it is for."""
        return {str(key): job for key, job in new_entries.under_way(self.connection).items()}

    @cached_property
    def _entries(self) -> dict[tuple[str, str], MirrorEntry]:
        """What the company's lists hold of what was chosen, active or not."""
        ids = {row.remote_id for row in self.chosen.values()}
        rows = MirrorEntry.objects.filter(
            connection=self.connection, kind__in=set(LIST_OF.values()), remote_id__in=ids
        )
        return {(row.kind, row.remote_id): row for row in rows}


def _chosen(connection: Connection) -> dict[tuple[str, str], Mapping]:
    rows = Mapping.objects.filter(connection=connection, subject__in=LIST_OF)
    return {(row.subject, row.local_key): row for row in rows}
