"""JSON with exact numbers: `Decimal` in, JSON numbers out, never float."""

import json
import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from json.encoder import encode_basestring as quote
from typing import Any


class Raw(str):
    """JSON text that goes into an answer as it is, without being parsed and written again."""

    __slots__ = ()


def number(value: Decimal) -> str:
    """Zero is `0`, money keeps its two decimals, exponents are written out."""
    return format(value, "f") if value else "0"


@lru_cache(maxsize=4096)
def _key(name: str) -> str:
    return quote(name) + ":"


def _dict(value: dict[str, Any]) -> str:
    return "{" + ",".join([_key(name) + dumps(item) for name, item in value.items()]) + "}"


def _list(value: list[Any] | tuple[Any, ...]) -> str:
    return "[" + ",".join([dumps(item) for item in value]) + "]"


_WRITERS: dict[type, Callable[[Any], str]] = {
    str: quote, dict: _dict, Decimal: number, list: _list, tuple: _list, int: str, Raw: str.__str__,
    bool: lambda value: "true" if value else "false", type(None): lambda value: "null",
}  # fmt: skip


def dumps(value: Any) -> str:
    """Compact JSON text of plain values and `Decimal`."""
    writer = _WRITERS.get(type(value))
    return writer(value) if writer is not None else json.dumps(value)


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


# No Intuit object comes near this depth; Python's own stack ends at some hundreds.
DEEPEST = 60
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[][{}]', re.S)
_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse)


def loads(text: str | bytes) -> Any:
    """Parse with `Decimal` for every number that has a fraction or an exponent.
    Raises ValueError (also for NaN, Infinity and nesting beyond Python's stack)."""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "surrogatepass")
    if text.count("{") + text.count("[") > DEEPEST and depth(text) > DEEPEST:
        raise ValueError("nested too deeply")
    return _DECODER.decode(text)


def depth(text: str) -> int:
    """How deep objects and lists lie in each other, brackets inside of strings left out."""
    now = most = 0
    for match in _BRACKETS.finditer(text):
        mark = match.group()
        if mark in "{[":
            now += 1
            most = max(most, now)
        elif mark in "}]":
            now -= 1
    return most
