"""The XML form of an answer, which QuickBooks sends unless JSON is asked for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from sandbox.jsontext import number

NAMESPACE = "http://schema.intuit.com/finance/v3"
ATTRIBUTES = ("domain", "status", "sparse", "bId", "startPosition", "maxResults", "totalCount")


def text_of(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return number(value) if isinstance(value, Decimal) else str(value)


def response(payload: dict[str, Any]) -> str:
    """A whole IntuitResponse document."""
    time = payload.get("time", "")
    inner = "".join(element(k, v) for k, v in payload.items() if k != "time")
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<IntuitResponse xmlns="{NAMESPACE}" time={quoteattr(str(time))}>{inner}</IntuitResponse>'
    )


def element(name: str, value: Any) -> str:
    if isinstance(value, list):
        return "".join(element(name, item) for item in value)
    if value is None:
        return ""
    if not isinstance(value, dict):
        return f"<{name}>{escape(text_of(value))}</{name}>"
    if "value" in value and set(value) <= {"value", "name", "type"}:
        marks = "".join(
            f" {k}={quoteattr(str(value[k]))}" for k in ("name", "type") if value.get(k)
        )
        return f"<{name}{marks}>{escape(str(value['value']))}</{name}>"
    marks = "".join(f" {k}={quoteattr(text_of(value[k]))}" for k in ATTRIBUTES if k in value)
    if name == "Error":
        marks += "".join(
            f" {k}={quoteattr(str(value[k]))}" for k in ("code", "element") if value.get(k)
        )
    if name == "Fault":
        marks += f" type={quoteattr(str(value.get('type', '')))}"
    skipped = (
        {*ATTRIBUTES, "code", "element"}
        if name == "Error"
        else {*ATTRIBUTES, "type"}
        if name == "Fault"
        else set(ATTRIBUTES)
    )
    inner = "".join(element(k, v) for k, v in value.items() if k not in skipped)
    return f"<{name}{marks}>{inner}</{name}>"


def gate_fault(message: str, detail: str | None, code: str, kind: str) -> str:
    """The gateway's fault as XML, as throttling was seen to answer."""
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<IntuitResponse xmlns="{NAMESPACE}"><Fault type="{kind}"><Error code="{code}">'
        f"<Message>{escape(message)}</Message><Detail>{escape(detail or '')}</Detail></Error></Fault></IntuitResponse>"
    )
