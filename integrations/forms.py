"""What an admin chooses for the connected company."""

from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Choices
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from django import forms

from integrations import mapping_notes
from integrations.mapping_notes import Note
from integrations.mapping_slots import Slot, slots
from integrations.models import Connection, Mapping, MappingSubject, MirrorEntry, SyncJob
from integrations.outbound import new_entries
from integrations.outbound.referred import LIST_OF
from tenants.changed_meanwhile import Changing

# Of theirs, what stands for one thing of ours alone; with how it is said that it does.
USED_ONCE: dict[str, str] = {
    MappingSubject.LOCATION: "stands for another location",
    MappingSubject.CUSTOM_FIELD: "holds something else",
}


@dataclass(frozen=True)
class Row:
    """One choice as the page shows it."""

    slot: Slot
    field: forms.BoundField
    note: Note | None


class MappingForm(Changing, forms.Form):
    """Which of their entries our documents refer to. Empty means the default of each.

    With ``only`` it is the form of this one choice.
    """

    def __init__(self, data: Any = None, *, connection: Connection, only: str = "") -> None:
        super().__init__(data, changing=connection)
        self.connection = connection
        self.slots = {slot.name: slot for slot in slots(connection, only)}
        self.chosen = _chosen(connection)
        for name, slot in self.slots.items():
            self.fields[name] = _field(slot, self._choice(slot))

    @cached_property
    def making(self) -> dict[str, SyncJob]:
        """What is on its way there, by the key of what it is for."""
        return {str(key): job for key, job in new_entries.under_way(self.connection).items()}

    @cached_property
    def entries(self) -> dict[tuple[str, str], MirrorEntry]:
        """What the company's lists hold of what was chosen."""
        return _entries(self.connection, self.chosen)

    def groups(self) -> Iterator[tuple[str, list[Row]]]:
        """The choices under their headings."""
        rows = (self.row(name) for name in self.slots)
        for title, members in groupby(rows, key=lambda row: row.slot.group):
            yield title, list(members)

    def row(self, name: str) -> Row:
        """One choice. Raises `KeyError` for a name that is none."""
        slot = self.slots[name]
        note = mapping_notes.about(
            slot, self._choice(slot), self._entry(slot), self.making.get(slot.local_key)
        )
        return Row(slot, self[name], note)

    def proposals(self) -> dict[str, str]:
        """What one click accepts, by the name of the choice."""
        rows = [self.row(name) for name in self.slots]
        return {row.slot.name: row.note.proposed for row in rows if row.note and row.note.proposed}

    def accepted(self, names: Iterable[str]) -> dict[str, str]:
        """What is proposed for these choices."""
        proposed = self.proposals()
        return {name: proposed[name] for name in names if name in proposed}

    def clean(self) -> dict[str, Any]:
        """A location of theirs stands for one of ours (X-102), and a custom field holds one thing."""
        cleaned = super().clean() or {}
        asked = {(slot.subject, slot.local_key) for slot in self.slots.values()}
        taken = {
            (subject, choice.remote_id): key
            for (subject, key), choice in self.chosen.items()
            if subject in USED_ONCE and (subject, key) not in asked
        }
        for name, slot in self.slots.items():
            choice = cleaned.get(name)
            if slot.subject not in USED_ONCE or not choice:
                continue
            if taken.setdefault((slot.subject, choice), slot.local_key) != slot.local_key:
                what = USED_ONCE[slot.subject]
                words = f"{slot.name_of(choice)} {what} already; each is used once."
                self.add_error(name, words)
        return cleaned

    def save(self) -> list[str]:
        """Stores the choices; says which changed."""
        return self.store(self.changes)

    def store(self, choices: Choices[str, str]) -> list[str]:
        """Stores these choices; says which."""
        for name, choice in choices.items():
            self._store(self.slots[name], choice)
        return list(choices)

    def current(self) -> dict[str, str]:
        """What is chosen now, by the names of the choices; empty where nothing is."""
        return {name: self.fields[name].initial for name in self.slots}

    def word_for(self, name: str, choice: str) -> str:
        """How the page calls this choice."""
        words = {str(value): str(word) for value, word in self[name].field.widget.choices}
        return words.get(choice, choice)

    def _store(self, slot: Slot, choice: str) -> None:
        subject, key = slot.subject, slot.local_key
        if choice:
            Mapping.objects.update_or_create(
                connection=self.connection,
                subject=subject,
                local_key=key,
                defaults={"remote_id": choice, "remote_name": slot.name_of(choice)},
            )
        else:
            mine = Mapping.objects.filter(connection=self.connection)
            mine.filter(subject=subject, local_key=key).delete()

    def _choice(self, slot: Slot) -> Mapping | None:
        return self.chosen.get((slot.subject, slot.local_key))

    def _entry(self, slot: Slot) -> MirrorEntry | None:
        """What the company's list holds of the chosen one, active or not."""
        choice = self._choice(slot)
        return self.entries.get((slot.kind, choice.remote_id)) if choice else None


def _field(slot: Slot, choice: Mapping | None) -> forms.ChoiceField:
    """The active entries, and the one chosen before even when it has become inactive since."""
    entries = [(one.remote_id, one.name) for one in slot.entries]
    chosen = choice.remote_id if choice else ""
    if choice and chosen not in dict(entries):
        name = choice.remote_name or f"Entry {chosen}"
        entries.append((chosen, f"{name}: no longer active in QuickBooks"))
    return forms.ChoiceField(
        label=slot.label,
        required=False,
        help_text=slot.help_text,
        initial=chosen,
        choices=[("", slot.nothing), *entries],
    )


def _chosen(connection: Connection) -> dict[tuple[str, str], Mapping]:
    rows = Mapping.objects.filter(connection=connection, subject__in=LIST_OF)
    return {(row.subject, row.local_key): row for row in rows}


def _entries(
    connection: Connection, chosen: dict[tuple[str, str], Mapping]
) -> dict[tuple[str, str], MirrorEntry]:
    ids = [row.remote_id for row in chosen.values()]
    rows = MirrorEntry.objects.filter(connection=connection, remote_id__in=ids)
    return {(row.kind, row.remote_id): row for row in rows}
