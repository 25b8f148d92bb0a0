"""On the mapping page: of what there is much, one page at a time, searched by our names."""

from collections.abc import Collection
from functools import cached_property
from itertools import groupby
from typing import Any

from django import forms

from billing.views.listing import Paged
from integrations.company_mapping import CompanyMapping
from integrations.forms import MappingForm, Row
from integrations.mapping_slots import Slot

WITHOUT, STALE = "without", "stale"
STATES = ((WITHOUT, "Without a choice"), (STALE, "To be looked at"))
Groups = list[tuple[str, list[Row]]]


class NarrowingForm(forms.Form):
    """What is looked for: by name, of what group, and what is left to do."""

    q = forms.CharField(required=False)
    of = forms.CharField(required=False)
    only = forms.ChoiceField(required=False, choices=STATES)


class MappingList(Paged):
    """One page of the choices that there are many of."""

    sizes = (25, 50)
    csv_query = ""

    def __init__(self, request: Any, mapping: CompanyMapping) -> None:
        super().__init__(request)
        self.mapping = mapping

    @cached_property
    def form(self) -> NarrowingForm:
        form = NarrowingForm(self.request.GET)
        form.is_valid()
        return form

    @cached_property
    def rows(self) -> list[str]:
        """The names of all choices that are looked for, in the order of the page."""
        words = str(self.applied.get("q", "")).casefold()
        meant = self._left[self.applied["only"]] if "only" in self.applied else self._of
        return [name for name in meant if words in _searched(self.mapping.slots[name])]

    @property
    def groups(self) -> list[dict[str, Any]]:
        """The groups as tabs; none where there is one alone."""
        if len(self._groups) == 1:
            return []
        choices = [(key, title) for key, (title, _) in self._groups.items()]
        return self.tabs(
            "of", choices, {key: len(names) for key, (_, names) in self._groups.items()}
        )

    @property
    def states(self) -> list[dict[str, Any]]:
        """What is left to do in the group, as tabs."""
        return self.tabs("only", STATES, {key: len(names) for key, names in self._left.items()})

    @cached_property
    def _groups(self) -> dict[str, tuple[str, list[str]]]:
        """The heading and the choices of each, by what is mapped in it."""
        found: dict[str, tuple[str, list[str]]] = {}
        for title, names in groupby(
            self.mapping.many, key=lambda name: self.mapping.slots[name].group
        ):
            members = list(names)
            found[str(self.mapping.slots[members[0]].subject)] = (title, members)
        return found

    @cached_property
    def _of(self) -> list[str]:
        """The choices of the group that is meant, else all."""
        _, names = self._groups.get(self.applied.get("of", ""), ("", list(self.mapping.many)))
        return names

    @cached_property
    def _left(self) -> dict[str, list[str]]:
        """Those of the group that nobody has chosen, and those whose choice is of no use any more."""
        mapping = self.mapping
        stale = {name for name, note in mapping.notes.items() if note.is_stale}
        return {
            WITHOUT: [name for name in self._of if not mapping.stands(name)],
            STALE: [name for name in self._of if name in stale],
        }

    def names(self, sent: MappingForm | None) -> set[str]:
        """What stands on the page; with what was sent from it and comes back."""
        many = self.mapping.many
        return {*self.page, *(name for name in (sent.fields if sent else ()) if name in many)}


def grouped(mapping: CompanyMapping, names: Collection[str], sent: MappingForm | None) -> Groups:
    """These choices under their headings: those that were sent as they were typed, others as they stand."""
    meant = [name for name in mapping.slots if name in names]
    stands = MappingForm(
        mapping=mapping, names=[name for name in meant if not mapping.slots[name].is_long]
    )
    rows = ((sent if sent and name in sent.fields else stands).row(name) for name in meant)
    return [
        (title, list(members)) for title, members in groupby(rows, key=lambda row: row.slot.group)
    ]


def place(request: Any) -> str:
    """Which part of the list somebody looks at, to be added to an address that names the company."""
    query = request.GET.copy()
    for name in ("company", "size", "saved"):
        query.pop(name, None)
    return f"&{query.urlencode()}" if query else ""


def _searched(slot: Slot) -> str:
    return f"{slot.word} {slot.ours}".casefold()
