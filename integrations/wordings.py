"""Texts that an organization words itself, with placeholders such as {po_number}. Pure.

A line whose placeholders are all empty is left out. `taken_out` is the way back, for a text that was changed elsewhere.
"""

import re
from collections.abc import Mapping

LONGEST = 1000
PLACEHOLDERS = ("number", "customer", "po_number", "issued_on", "due_on", "location")

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
# Stands for the text itself while what is around it is looked for; no text can hold it.
_ITSELF = "\0"


def refusal(template: str, own: str) -> str:
    """Why this is no wording of the text that ``own`` names; empty when it is one."""
    names = _PLACEHOLDER.findall(template)
    if len(template) > LONGEST:
        return f"A wording has at most {LONGEST:,} characters."
    if _ITSELF in template:
        return "The wording has a character that cannot be kept."
    if names.count(own) != 1:
        return f"The wording has to hold {{{own}}} once."
    unknown = sorted(set(names) - {own, *PLACEHOLDERS})
    if unknown:
        known = ", ".join(f"{{{name}}}" for name in (own, *PLACEHOLDERS))
        return f"There is no {{{unknown[0]}}}. There are: {known}."
    return ""


def filled(template: str, own: str, text: str, words: Mapping[str, str]) -> str:
    """The text in its wording."""
    values = {**words, own: text}
    lines = (_line(line, values) for line in template.replace("\r\n", "\n").split("\n"))
    return "\n".join(line for line in lines if line is not None).strip()


def taken_out(template: str, own: str, said: str, words: Mapping[str, str]) -> str:
    """The text alone out of its wording; all of it where the wording was changed as well."""
    plain = said.replace("\r\n", "\n").strip()
    if plain == filled(template, own, "", words):
        return ""
    before, _, after = filled(template, own, _ITSELF, words).partition(_ITSELF)
    fits = plain.startswith(before) and plain.endswith(after)
    if not fits or len(plain) < len(before) + len(after):
        return said
    return plain[len(before) : len(plain) - len(after)]


def _line(line: str, values: Mapping[str, str]) -> str | None:
    names = _PLACEHOLDER.findall(line)
    if names and not any(values.get(name) for name in names):
        return None
    return _PLACEHOLDER.sub(lambda match: values.get(match[1], ""), line)
