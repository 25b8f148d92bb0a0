"""What was changed while a form stood open is not written over by what the form showed.

Beside each field of a form that changes something stands, hidden, what the field showed. By that is told apart what
comes back: a field that was left alone is read as it stands now, one that was changed is taken, and one that somebody
else has changed to something else is refused with a sentence that says so. So is one that can be changed no more, which
a form says with `Changing.close`. A form that comes back to its page is about what stands now, with what was typed in
its place; so whoever sends it again has read the sentence.

The view keeps what is changed from changing until the form is saved. A form that was sent without what it showed, as by
a page of before, is taken whole.
"""

from collections.abc import Callable
from copy import copy
from datetime import datetime
from textwrap import shorten
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.safestring import SafeString

from regentra import clock
from tenants import audit
from tenants.days import in_words
from tenants.models import Organization
from tenants.scope import current_organization_id

LONGEST_TEXT = 100
# What the rest of such a name is the name of.
SHOWN = "shown-"
# When it was shown.
MOMENT = "shown-at"


class Changing(forms.BaseForm):
    """A form that changes ``changing``; without that it makes something new, and is an ordinary one."""

    # Whether also what was left alone is agreed to just as it was shown.
    agrees_to_all = False

    def __init__(self, *args: Any, changing: Model | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.changing = changing
        # A sentence for each field that somebody else has changed as well.
        self.clashes: dict[str, str] = {}
        self._has_said_when = False

    @property
    def changes(self) -> dict[str, Any]:
        """What is to be changed. For a valid form."""
        return {name: self.cleaned_data[name] for name in self.changed_data}

    def called(self, name: str) -> str:
        """How the audit log calls this field."""
        return name

    def close(self, name: str, why: str) -> None:
        """It cannot be changed, and says why. Whoever has changed it while it could be is told."""
        field = self.fields[name]
        field.disabled, field.help_text = True, why

    def shown(self, name: str) -> str:
        """What the field shows, to be sent along; nothing for one that cannot be changed."""
        field = self.fields[name]
        if self.changing is None or field.disabled:
            return SafeString()
        widget = field.hidden_widget()
        return self._when() + widget.render(self.add_initial_prefix(name), self._now(name))

    def add_initial_prefix(self, field_name: str) -> str:
        return f"{SHOWN}{self.add_prefix(field_name)}"

    def full_clean(self) -> None:
        if self._says_what_it_showed():
            self.clashes = {name: self._clash(name) for name in self._brought_up_to_date()}
        super().full_clean()
        for name, sentence in self.clashes.items():
            self.add_error(name, f"{sentence} Press the button once more to {self._then(name)}.")

    def _says_what_it_showed(self) -> bool:
        if self.changing is None or not self.is_bound:
            return False
        return any(self.add_initial_prefix(name) in self.data for name in self.fields)

    def _brought_up_to_date(self) -> list[str]:
        """Has what was left alone be what it is now; the fields whose change is not taken unseen."""
        sent: Any = copy(self.data)
        clashing = []
        for name, field in self.fields.items():
            shown, typed, now = self._shown(name), self[name].data, self._now(name)
            is_mine, is_theirs = _differ(field, shown, typed), _differ(field, shown, now)
            is_told = is_mine if field.disabled else is_theirs and (is_mine or self.agrees_to_all)
            if is_told and _differ(field, now, typed):
                clashing.append(name)
            elif not is_mine:
                _put(sent, self.add_prefix(name), now)
        self.data = sent
        return clashing

    def _shown(self, name: str) -> Any:
        widget = self.fields[name].hidden_widget()
        return widget.value_from_datadict(self.data, self.files, self.add_initial_prefix(name))

    def _now(self, name: str) -> Any:
        """What stands, as a page would send it."""
        value = self.fields[name].prepare_value(self[name].initial)
        if isinstance(value, list):
            return [str(one) for one in value]
        return "" if value is None else str(value)

    def _when(self) -> SafeString:
        """The moment, with the first field that is drawn."""
        if self._has_said_when:
            return SafeString()
        self._has_said_when = True
        return forms.HiddenInput().render(MOMENT, clock.now().isoformat())

    def _clash(self, name: str) -> str:
        field = self.fields[name]
        if field.disabled:
            typed = _typed_in_words(field, self[name].data) or "an empty field"
            return f"This cannot be changed any more, so {typed} is not saved."
        who = self._last_to_change(name) or "Somebody"
        now = _in_words(field, self._now(name))
        did = f"changed this to {now}" if now else "emptied this"
        return f"{who} {did} since you opened this page."

    def _then(self, name: str) -> str:
        return "save the rest" if self.fields[name].disabled else "have yours"

    def _last_to_change(self, name: str) -> str:
        """Empty where nothing says who has changed it since."""
        assert self.changing is not None
        since = _moment(self.data.get(MOMENT, ""))
        if since is None:
            return ""
        return audit.last_to_change(self.changing, self.called(name), since=since)


def _moment(sent: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(sent)
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def _differ(field: forms.Field, one: Any, other: Any) -> bool:
    """Whether these mean different things in this field, each as a page sends it, be it open or not."""
    field = copy(field)
    field.disabled = False
    one, other = _with_plain_lines(one), _with_plain_lines(other)
    try:
        one = field.to_python(one)
    except ValidationError:
        return bool(one != other)
    return field.has_changed(one, other)


def _with_plain_lines(sent: Any) -> Any:
    """Browsers end lines with two characters."""
    return sent.replace("\r\n", "\n") if isinstance(sent, str) else sent


def _put(sent: Any, name: str, value: Any) -> None:
    if isinstance(value, list):
        sent.setlist(name, value)
    else:
        sent[name] = value


def _in_words(field: Any, now: Any) -> str:
    """What stands in a field, as staff read it; empty where nothing does."""
    words = next((say for kind, say in _WORDS if isinstance(field, kind)), None)
    return words(field, now) if words and now else str(now)


def _typed_in_words(field: Any, typed: Any) -> str:
    """Likewise of what somebody has typed, which may be anything."""
    try:
        field.to_python(typed)
    except ValidationError:
        return _text(field, str(typed))
    return _in_words(field, typed)


def _choices(field: Any, now: Any) -> str:
    labels = {str(value): str(label) for value, label in field.choices}
    chosen = now if isinstance(now, list) else [now]
    return ", ".join(labels.get(str(one), str(one)) for one in chosen)


def _day(field: Any, now: str) -> str:
    organization = Organization.objects.get(pk=current_organization_id())
    return in_words(field.to_python(now), organization.country)


def _text(field: Any, now: str) -> str:
    return f"“{shorten(now, LONGEST_TEXT, placeholder='…')}”"


_WORDS: tuple[tuple[type[forms.Field], Callable[[Any, Any], str]], ...] = (
    (forms.ModelChoiceField, _choices),
    (forms.ChoiceField, _choices),
    (forms.DateField, _day),
    (forms.CharField, _text),
)
