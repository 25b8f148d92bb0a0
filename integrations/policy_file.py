"""The sync rules as a file: JSON with a version, written to be read and compared by people. Pure.

{"regentra_sync_rules": 1, "rules": {"push_when": "generated"}, "mapping": {"service": {"Backup": "Cloud backup"}}}
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from integrations.policies import NoSuchChoice, Policies

FORMAT, VERSION, RULES, MAPPING = "regentra_sync_rules", 1, "rules", "mapping"
# What 5,000 services take with their items and classes, all with names of 100 characters of two bytes, or of four with
# their items alone; a file that is larger is another file.
MOST_BYTES = 5_000_000
# The choices of the mapping stand below it and below what they are of; nothing deeper is named.
DEEPEST = 3
# In text that is JSON: a string, with the colon behind where it is a name; what has others in it; the end of a line.
_TOKENS = re.compile(r'("(?:[^"\\]|\\.)*+")(\s*:)?|[{}\[\]\n]')


class FileRefused(ValueError):
    """This file is not taken over; the sentence says why and names the line."""

    def __init__(self, sentence: str) -> None:
        # JSON can spell half of a character, which no page could show.
        super().__init__(sentence.encode(errors="replace").decode())


@dataclass(frozen=True, slots=True)
class Chosen:
    """One choice of the mapping in a file: what is mapped, ours and theirs by name, and the line it stands on."""

    subject: str
    ours: str
    theirs: str
    line: int


@dataclass(frozen=True, slots=True)
class Content:
    """What a file says."""

    policies: Policies
    mapping: tuple[Chosen, ...]


def written(policies: Policies, mapping: Mapping[str, Mapping[str, str]]) -> str:
    """All rules, also those at their default, so that two files can be compared line by line."""
    content = {FORMAT: VERSION, RULES: policies.to_choices(), MAPPING: mapping}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def read(content: bytes) -> Content:
    """The rules and the mapping of a file; a rule it leaves out is at its default. Raises `FileRefused`."""
    text = _text(content)
    found = _object(text)
    if found.get(FORMAT) != VERSION:
        _refuse(f"The file has to say “{FORMAT}”: {VERSION}.", text, FORMAT)
    for name in found.keys() - {FORMAT, RULES, MAPPING}:
        _refuse(f"“{name}” is not known.", text, name)
    rules = found.get(RULES)
    if not isinstance(rules, dict):
        _refuse(f"“{RULES}” has to hold the rules by name.", text, RULES)
    try:
        policies = Policies.of(rules)
    except NoSuchChoice as refusal:
        _refuse(str(refusal), text, refusal.at)
    return Content(policies, tuple(_mapping(found.get(MAPPING, {}), text)))


def _mapping(mapping: Any, text: str) -> Iterator[Chosen]:
    if not isinstance(mapping, dict):
        _refuse(f"“{MAPPING}” has to hold the choices by name.", text, MAPPING)
    lines = _lines(text)
    for subject, choices in mapping.items():
        if not isinstance(choices, dict):
            line = lines[MAPPING, subject]
            raise FileRefused(f"Line {line}: “{subject}” has to hold the choices by name.")
        for ours, theirs in choices.items():
            line = lines[MAPPING, subject, ours]
            if not isinstance(theirs, str) or not theirs.strip():
                raise FileRefused(f"Line {line}: “{ours}” has to be the name of one of theirs.")
            yield Chosen(subject, ours, theirs, line)


def _lines(text: str) -> dict[tuple[str, ...], int]:
    """The line of each name, by the names that it stands below and itself."""
    found: dict[tuple[str, ...], int] = {}
    above: list[str] = []
    line = 1
    for token in _TOKENS.finditer(text):
        if token[2] is not None:
            above[-1] = json.loads(token[1])
            if len(above) <= DEEPEST:
                found[tuple(above)] = line
        elif token[0] in ("{", "["):
            above.append("")
        elif token[0] in ("}", "]"):
            above.pop()
        line += token[0].count("\n")
    return found


def _text(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise FileRefused("This file is too large to hold sync rules.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileRefused("This is not a text file in UTF-8.") from None


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text, object_pairs_hook=_once)
    except json.JSONDecodeError as wrong:
        raise FileRefused(f"Line {wrong.lineno}: this is not JSON ({wrong.msg}).") from None
    except NoSuchChoice as twice:
        _refuse(str(twice), text, twice.at)
    except ValueError:
        # Python reads no number of more than 4,300 digits.
        raise FileRefused("A number in this file is too long.") from None
    except RecursionError:
        raise FileRefused("This file is nested too deeply to hold sync rules.") from None
    if not isinstance(found, dict):
        raise FileRefused("Line 1: the file has to be a JSON object.")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """JSON lets a name stand twice, and the last one would win in silence."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise NoSuchChoice(f"“{name}” stands here twice.", name)
        found[name] = value
    return found


def _refuse(sentence: str, text: str, name: str) -> NoReturn:
    """Names the last line on which the word stands, which is the one at fault when it stands twice."""
    lines = [number for number, line in enumerate(text.split("\n"), 1) if f'"{name}"' in line]
    raise FileRefused(f"Line {lines[-1]}: {sentence}" if lines else sentence)
