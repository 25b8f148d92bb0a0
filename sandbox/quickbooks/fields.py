"""What a JSON body may contain, from `fields.json` (derived from Intuit's XSD files)."""

import json
import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from sandbox.money import decimals
from sandbox.quickbooks.faults import Fault

_DERIVED = json.loads((Path(__file__).parent / "fields.json").read_text())
TYPES: dict[str, dict[str, str]] = _DERIVED["types"]
ENUMS: dict[str, frozenset[str]] = {k: frozenset(v) for k, v in _DERIVED["enums"].items()}
ENTITIES: dict[str, str] = _DERIVED["entities"]
# Seen on the wire or documented on Intuit's entity pages, but missing in the XSD.
EXTRA = {
    "Customer": {"DefaultTaxCodeRef": "reference"},
    "CreditMemo": {"InvoiceRef": "reference"},
    "AttachableRef": {"Inactive": "boolean", "NoRefOnly": "boolean"},
}
for _name, _more in EXTRA.items():
    TYPES[_name].update(_more)
_REFERENCE = {"value": "string", "name": "string", "type": "string"}
# Outside the ranges that Intuit stores; SQLite's integers also end at 2^63.
LARGEST = Decimal("99999999999")

Clean = Callable[[Any, str], Any]


def _string(value: Any, at: str) -> str:
    if isinstance(value, bool):  # python-quickbooks sends false for an unset text
        return "true" if value else "false"
    if isinstance(value, dict | list):
        raise Fault(2010, f"Property Name:Can not deserialize value of {at}", element=at)
    text = value if isinstance(value, str) else str(value)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Fault(2040, f"Element contains invalid characters: {at}", element=at) from error
    if "\x00" in text:
        raise Fault(2040, f"Element contains invalid characters: {at}", element=at)
    return text


def _identifier(value: Any, at: str) -> str:
    text = _string(value, at).strip()
    if len(text) > 50:
        raise Fault(2030, f"Id should be a valid number. Supplied value:{text[:60]}", element=at)
    return text


def _decimal(value: Any, at: str) -> Decimal | None:
    if value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise Fault(2100, f"Invalid Decimal Format : {at}", element=at)
    try:
        number = Decimal(value if isinstance(value, int | Decimal) else value.strip())
    except InvalidOperation as error:
        raise Fault(2100, f"Invalid Decimal Format : {at}", element=at) from error
    if not number.is_finite() or abs(number) > LARGEST:
        raise Fault(2110, f"Invalid Decimal : {at}", element=at)
    # More than ten digits behind the point are not stored by anybody; they only cost time.
    return number if decimals(number) <= 10 else number.quantize(Decimal("1e-10"))


def _integer(value: Any, at: str) -> int | None:
    number = _decimal(value, at)
    if number is None:
        return None
    if number != number.to_integral_value():
        raise Fault(2080, f"Invalid Number Format : {at}", element=at)
    return int(number)


def _boolean(value: Any, at: str) -> bool | None:
    if isinstance(value, bool):
        return value
    if value == "":
        return None
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    raise Fault(2230, f"Invalid Boolean : {at}", element=at)


_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def _date(value: Any, at: str) -> str | None:
    if value == "":
        return None
    text = _string(value, at).strip()
    if not _DATE.match(text) or (len(text) > 10 and text[10] not in "T -+Z"):
        raise Fault(2060, f"Invalid Date Format : {at}", element=at)
    try:
        day = date.fromisoformat(text[:10])
    except ValueError as error:
        raise Fault(2070, f"Invalid Date. Supplied value:{text[:40]}", element=at) from error
    if not 1900 <= day.year <= 2099:
        raise Fault(2190, f"Invalid Date Range. Supplied value:{text[:40]}", element=at)
    return text[:10]


def _datetime(value: Any, at: str) -> str | None:
    if value == "":
        return None
    text = _string(value, at).strip()
    try:
        datetime.fromisoformat(text)
    except ValueError as error:
        raise Fault(2070, f"Invalid Date. Supplied value:{text[:40]}", element=at) from error
    return text


def _anything(value: Any, at: str) -> Any:
    return value


def _enumeration(name: str) -> Clean:
    allowed = ENUMS[name]

    def clean(value: Any, at: str) -> str | None:
        if value == "":
            return None
        if not isinstance(value, str) or value not in allowed:
            raise Fault(
                2170, f"Invalid Enumeration : {at}. Supplied value:{value}"[:200], element=at
            )
        return value

    return clean


def _reference(value: Any, at: str) -> dict[str, str] | None:
    """Only `value` (and `type`) matter on a write; an empty reference is none."""
    if isinstance(value, str | int) and not isinstance(value, bool):
        value = {"value": str(value)}
    if not isinstance(value, dict):
        raise Fault(2010, f"Property Name:Can not deserialize value of {at}", element=at)
    unknown = value.keys() - _REFERENCE.keys()
    if unknown:
        raise _unknown(sorted(unknown)[0], at)
    kept = {k: _identifier(v, at) if k == "value" else _string(v, at)
            for k, v in value.items() if v is not None}  # fmt: skip
    return kept if kept.get("value") else None


def _unknown(name: str, at: str) -> Fault:
    detail = f"Property Name:{name[:80]} specified is unsupported or invalid"
    return Fault(2010, detail, element=at or None)


_SIMPLE: dict[str, Clean] = {
    "string": _string, "id": _identifier, "decimal": _decimal, "integer": _integer,
    "boolean": _boolean, "date": _date, "datetime": _datetime, "any": _anything,
    "reference": _reference,
}  # fmt: skip
_CLEANERS: dict[str, Clean] = {}


def _many(clean: Clean) -> Clean:
    def cleaned(value: Any, at: str) -> list[Any]:
        if isinstance(value, dict):  # a lone object is read as a list of one, as Jackson does
            value = [value]
        if not isinstance(value, list):
            raise Fault(2010, f"Property Name:Can not deserialize value of {at}", element=at)
        items = [clean(item, at) for item in value if item is not None]
        return [item for item in items if item is not None]

    return cleaned


def _object(name: str) -> Clean:
    known = {field: cleaner(kind) for field, kind in TYPES[name].items()}

    def clean(value: Any, at: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise Fault(2010, f"Property Name:Can not deserialize value of {at}", element=at)
        out = {}
        for field, item in value.items():
            inner = known.get(field)
            if inner is None:
                raise _unknown(field, at)
            if item is not None and (cleaned := inner(item, field)) is not None:
                out[field] = cleaned
        return out

    return clean


def _lazy(name: str) -> Clean:
    """Types refer to themselves (Line → GroupLineDetail → Line): build at the first use."""

    def clean(value: Any, at: str) -> Any:
        return _CLEANERS[name](value, at) if name in _CLEANERS else _built(name)(value, at)

    return clean


def _built(name: str) -> Clean:
    _CLEANERS[name] = _object(name)
    return _CLEANERS[name]


def cleaner(kind: str) -> Clean:
    if kind.endswith("*"):
        return _many(cleaner(kind[:-1]))
    if kind in _SIMPLE:
        return _SIMPLE[kind]
    return _enumeration(kind) if kind in ENUMS else _lazy(kind)


def cleaned(entity: str, body: Any) -> dict[str, Any]:
    """The body with every value in its own type, nulls left out. Raises `Fault`."""
    result: dict[str, Any] = _lazy(ENTITIES[entity])(body, "")
    return result


def strangers(entity: str, body: dict[str, Any]) -> list[str]:
    """Paths in an emitted object that the XSD does not know or types differently."""
    return list(_strangers(ENTITIES[entity], body, entity))


def _strangers(kind: str, value: Any, at: str) -> Any:
    if kind.endswith("*"):
        if not isinstance(value, list):
            yield f"{at} is not a list"
            return
        for item in value:
            yield from _strangers(kind[:-1], item, at)
    elif kind in TYPES or kind == "reference":
        known = TYPES.get(kind, _REFERENCE)
        if not isinstance(value, dict):
            yield f"{at} is not an object"
            return
        for field, item in value.items():
            if field not in known:
                yield f"{at}.{field}"
            else:
                yield from _strangers(known[field], item, f"{at}.{field}")
    elif not _fits(kind, value):
        yield f"{at} holds {value!r}"


def _fits(kind: str, value: Any) -> bool:
    if kind in ENUMS:
        return value in ENUMS[kind]
    if kind in {"decimal", "integer"}:
        return isinstance(value, int | Decimal) and not isinstance(value, bool)
    if kind == "boolean":
        return isinstance(value, bool)
    return kind == "any" or isinstance(value, str)
