"""What a rule is: a question with its answers, and what each does in words. Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from integrations import wordings
from integrations.policies.choices import NOTHING, Since


class NoSuchChoice(ValueError):
    """This rule, or this value of it, does not exist; ``at`` is the word that was not understood."""

    def __init__(self, sentence: str, at: str) -> None:
        super().__init__(sentence)
        self.at = at


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a rule: its short name and what it does."""

    value: StrEnum
    label: str
    effect: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing to choose. ``note`` says what holds whatever is chosen."""

    question: str
    note: str
    default: str
    choices: tuple[Choice, ...]
    is_ranking = False
    is_wording = False
    is_day = False

    def label_of(self, value: str) -> str:
        """How people call this value."""
        return next(one.label for one in self.choices if one.value == value)

    def accepts(self, value: Any) -> bool:
        return value in [str(one.value) for one in self.choices]

    def refusal(self, value: Any) -> str:
        """What is wrong with a value that is not accepted, as the end of a sentence that names the rule."""
        known = ", ".join(str(one.value) for one in self.choices)
        return f"cannot be “{value}”. It is one of: {known}."

    def read(self, value: str) -> str:
        """The value as the program uses it."""
        return type(self.default)(value)


@dataclass(frozen=True, slots=True)
class Ranking(Rule):
    """Several may be chosen, in an order; the value is their names with commas, or "nothing"."""

    is_ranking = True

    def label_of(self, value: str) -> str:
        names = {str(one.value): one.label for one in self.choices}
        return ", then ".join(names[key] for key in _listed(value)) or "Nothing"

    def accepts(self, value: Any) -> bool:
        """Each at most once."""
        if not isinstance(value, str):
            return False
        keys = _listed(value)
        known = {str(one.value) for one in self.choices}
        return value == NOTHING or (known.issuperset(keys) and len(set(keys)) == len(keys))

    def places(self, value: str) -> list[tuple[int, str]]:
        """As many places as there are keys, each with what stands there."""
        keys = _listed(value)
        return [
            (place, keys[place - 1] if place <= len(keys) else "")
            for place in range(1, len(self.choices) + 1)
        ]


@dataclass(frozen=True, slots=True)
class Wording(Rule):
    """A text with placeholders; ``own`` names the text that it words."""

    own: str = ""
    is_wording = True

    def label_of(self, value: str) -> str:
        return f"“{value}”"

    def accepts(self, value: Any) -> bool:
        return isinstance(value, str) and not wordings.refusal(value, self.own)

    def refusal(self, value: Any) -> str:
        reason = wordings.refusal(value, self.own) if isinstance(value, str) else "It is a text."
        return f"is not taken. {reason}"


@dataclass(frozen=True, slots=True)
class DayRule(Rule):
    """A day may be chosen; the value is its ISO date, or "always"."""

    is_day = True

    def label_of(self, value: str) -> str:
        return Rule.label_of(self, value) if value == Since.ALWAYS else f"Since {value}"

    def accepts(self, value: Any) -> bool:
        if value == Since.ALWAYS:
            return True
        try:
            return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
        except ValueError:
            return False

    def refusal(self, value: Any) -> str:
        return f"cannot be “{value}”. It is one of: {Since.ALWAYS}, a day such as 2026-01-31."


def _listed(value: str) -> list[str]:
    return [] if value == NOTHING else value.split(",")
