"""JSON as QuickBooks wants it: amounts are numbers, exact to the digit.

Written by hand because the standard encoder knows no Decimal and python-quickbooks makes strings of
them; a float is refused on the way out and never made on the way in.
"""

import json
from decimal import Decimal
from typing import Any


def written(value: Any) -> str:
    """The JSON text of a body. Raises TypeError for a float and ValueError for NaN or infinity."""
    match value:
        case dict():
            return "{" + ",".join(f"{_text(k)}:{written(v)}" for k, v in value.items()) + "}"
        case list() | tuple():
            return "[" + ",".join(written(part) for part in value) + "]"
        case Decimal():
            return _number(value)
        case None | bool() | int() | str():
            return _text(value)
        case _:
            raise TypeError(f"{type(value).__name__} cannot be sent to QuickBooks")


def read(text: str) -> Any:
    """A JSON text with every fraction as Decimal. Raises ValueError for anything that is not JSON."""
    return json.loads(text, parse_float=Decimal, parse_constant=_refuse)


def _text(value: str | int | bool | None) -> str:
    return json.dumps(value, ensure_ascii=False)


def _number(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError("Only finite numbers can be sent to QuickBooks")
    return format(value, "f")


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")
