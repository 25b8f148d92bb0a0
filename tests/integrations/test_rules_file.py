"""What the file of the sync rules says is read as it was written, however much it is, and each part has its line."""

import json
import time

import pytest

from integrations import policy_file
from integrations.policies import Policies
from integrations.policy_file import MAPPING, Chosen, FileRefused

# What a Service and a Class may be called, in scripts of two bytes a letter and of four.
LONGEST = 100
SERVICES = 5_000
# It takes 0.2 s; with each name looked for from the top by itself it took 11 and 17 s.
FAST_ENOUGH_SECONDS = 5


def named(kind: str, letter: str, number: int) -> str:
    return f"{kind} {number:04} ".ljust(LONGEST, letter)


def mapped(kind: str, letter: str) -> dict[str, str]:
    return {
        named("Our", letter, each): named(kind, letter, each) for each in range(1, SERVICES + 1)
    }


@pytest.mark.parametrize(
    "mapping",
    [
        {"service": mapped("Item", "Ж"), "service_class": mapped("Class", "Ж")},
        {"service": mapped("Item", "𠮷")},
    ],
    ids=["items and classes in Cyrillic", "items in rare characters"],
)
def test_file_of_many_long_names_is_read_back_with_the_line_of_each(
    mapping: dict[str, dict[str, str]],
) -> None:
    text = policy_file.written(Policies(), mapping)
    began = time.process_time()
    content = policy_file.read(text.encode())
    assert time.process_time() - began < FAST_ENOUGH_SECONDS
    lines = text.split("\n")
    assert content.policies == Policies()
    found: dict[str, dict[str, str]] = {}
    for one in content.mapping:
        found.setdefault(one.subject, {})[one.ours] = one.theirs
        assert json.dumps(one.ours, ensure_ascii=False) in lines[one.line - 1]
    assert found == mapping


LINED = """{
"regentra_sync_rules": 1, "rules": {},
"mapping": {
  "service": {"Caf\\u00e9 \\"Nord\\"": "service",
    "service"
    : "A", "rules": "{\\"Backup\\": [",
    "Backup": "line\u2028ends"},
  "term": {"Backup": "Net 15"}}}"""


def test_line_is_that_of_the_name_where_it_stands_however_it_is_spelled() -> None:
    content = policy_file.read(LINED.encode())
    assert content.mapping == (
        Chosen("service", 'Café "Nord"', "service", 4),
        Chosen("service", "service", "A", 5),
        Chosen("service", "rules", '{"Backup": [', 6),
        Chosen("service", "Backup", "line\u2028ends", 7),
        Chosen("term", "Backup", "Net 15", 8),
    )


def test_line_of_what_is_refused_counts_lines_as_an_editor_does() -> None:
    text = LINED.replace('"Net 15"', "15")
    with pytest.raises(FileRefused, match=r"^Line 8: “Backup” has to be the name of one of theirs"):
        policy_file.read(text.encode())
    with pytest.raises(FileRefused, match=r"^Line 8: “term” has to hold"):
        policy_file.read(LINED.replace('{"Backup": "Net 15"}', "[]").encode())


def test_file_that_is_nested_deeply_beside_its_names_is_read_in_time() -> None:
    deep = "[" * 500 + ",".join(f'{{"{number}": 1}}' for number in range(50_000)) + "]" * 500
    text = json.dumps({"regentra_sync_rules": 1, "rules": {}})[:-1]
    began = time.process_time()
    with pytest.raises(FileRefused, match=f"“{MAPPING}” has to hold the choices by name"):
        policy_file.read(f'{text}, "{MAPPING}": {deep}}}'.encode())
    with pytest.raises(FileRefused, match="“Backup” has to be the name"):
        policy_file.read(f'{text}, "{MAPPING}": {{"service": {{"Backup": {deep}}}}}}}'.encode())
    assert time.process_time() - began < FAST_ENOUGH_SECONDS
