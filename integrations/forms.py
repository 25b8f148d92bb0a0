"""What an admin chooses for the connected company."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from integrations.company_mapping import CompanyMapping
from integrations.mapping_notes import Note
from integrations.mapping_slots import USED_ONCE, Slot
from tenants.changed_meanwhile import Changing


@dataclass(frozen=True)
class Row:
    """One choice as the page shows it: what is ``chosen`` in words, and a field where there is room for one."""

    slot: Slot
    chosen: str
    field: forms.BoundField | None
    note: Note | None


class EntrySelect(forms.Select):
    """Draws all that it offers in one go: with a template for each, as Django has it, thousands take a second."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        marks = {str(value or ""): mark_safe(" selected")}
        options = format_html_join(
            "\n",
            '<option value="{}"{}>{}</option>',
            ((one, marks.get(str(one), ""), words) for one, words in self.choices),
        )
        rest = flatatt(self.build_attrs(self.attrs, attrs))
        return format_html('<select name="{}"{}>\n{}\n</select>', name, rest, options)


class EntryField(forms.ChoiceField):
    """One of what a choice offers, which is listed when it is drawn; to be checked it is looked up."""

    widget = EntrySelect

    def __init__(self, mapping: CompanyMapping, name: str) -> None:
        self.slot = mapping.slots[name]
        super().__init__(
            label=self.slot.label,
            required=False,
            help_text=self.slot.help_text,
            initial=mapping.stands(name),
            choices=partial(mapping.offered, name),
        )

    def valid_value(self, value: str) -> bool:
        return value == self.initial or value in self.slot.entries.by_id


class MappingForm(Changing, forms.Form):
    """Which of their entries our documents refer to. Empty means the default of each.

    It shows the choices of these names; once sent it is about those that were sent, and no other is touched.
    """

    def __init__(
        self, data: Any = None, *, mapping: CompanyMapping, names: Iterable[str] = ()
    ) -> None:
        super().__init__(data, changing=mapping.connection)
        self.mapping = mapping
        about = set(names) if data is None else data
        for name in (name for name in mapping.slots if name in about):
            self.fields[name] = EntryField(mapping, name)

    def row(self, name: str) -> Row:
        """One choice. Raises `KeyError` for a name that is none."""
        mapping, field = self.mapping, self[name] if name in self.fields else None
        chosen = mapping.word_for(name, mapping.stands(name))
        return Row(mapping.slots[name], chosen, field, mapping.notes.get(name))

    def clean(self) -> dict[str, Any]:
        """A location of theirs stands for one of ours (X-102), and a custom field holds one thing."""
        cleaned = super().clean() or {}
        asked = {name: self.mapping.slots[name] for name in self.fields}
        keys = {(slot.subject, slot.local_key) for slot in asked.values()}
        taken = {
            (subject, choice.remote_id): key
            for (subject, key), choice in self.mapping.chosen.items()
            if subject in USED_ONCE and (subject, key) not in keys
        }
        for name, slot in asked.items():
            choice = cleaned.get(name)
            if slot.subject not in USED_ONCE or not choice:
                continue
            if taken.setdefault((slot.subject, choice), slot.local_key) != slot.local_key:
                what = USED_ONCE[slot.subject]
                words = f"{slot.name_of(choice)} {what} already; each is used once."
                self.add_error(name, words)
        return cleaned
