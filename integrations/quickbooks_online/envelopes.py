"""Finds the fault in an answer: Intuit has two JSON spellings, an XML one, and pages of its gateways.

Sources: reference quickbooks 6.1 and 3.1.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from integrations.quickbooks_online import jsontext

# Only the gateway puts the code into the text, as in "errorCode=003200".
_CODE_IN_MESSAGE = re.compile(r"errorCode=(\d+)")
_XML_ERROR = re.compile(r"<(?:\w+:)?Error\b([^>]*)>(.*?)(?:</(?:\w+:)?Error>|\Z)", re.DOTALL)
_XML_CODE = re.compile(r"""\bcode=["'](\w+)["']""")
_DETAIL_LENGTH = 500


@dataclass(frozen=True, slots=True)
class FaultError:
    """One complaint. Only ``code`` is the same in every language, so nothing matches on the texts."""

    code: str
    message: str = ""
    detail: str = ""
    element: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """What an answer complains about; never empty."""

    errors: tuple[FaultError, ...]

    @property
    def code(self) -> str:
        return self.errors[0].code

    @property
    def detail(self) -> str:
        """Every complaint in their words, at most 500 characters."""
        said = (error.detail or error.message for error in self.errors)
        return " · ".join(dict.fromkeys(filter(None, said)))[:_DETAIL_LENGTH]


def fault_in_text(text: str) -> Fault | None:
    """The fault of an answer in whatever envelope, or None when there is none to be seen."""
    try:
        return fault_in(jsontext.read(text))
    except (ValueError, RecursionError):
        return _fault_in_xml(text)


def fault_in(answer: Any) -> Fault | None:
    """The fault of a parsed answer or batch item, or None."""
    if not isinstance(answer, dict):
        return None
    for key, errors_key in (("Fault", "Error"), ("fault", "error")):
        if isinstance(answer.get(key), dict):
            errors = answer[key].get(errors_key)
            return Fault(tuple(_errors(errors)) or (FaultError(""),))
    return None


def _errors(errors: Any) -> Iterator[FaultError]:
    for error in errors if isinstance(errors, list) else [errors]:
        if isinstance(error, dict):
            yield _error({str(key).lower(): value for key, value in error.items()})


def _error(error: dict[str, Any]) -> FaultError:
    message, detail = _word(error.get("message")), _word(error.get("detail"))
    code = _code(_word(error.get("code")), message)
    return FaultError(code, message, detail, _word(error.get("element")))


def _word(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _code(given: str, message: str) -> str:
    if not given and (found := _CODE_IN_MESSAGE.search(message)):
        given = found[1]
    return given.lstrip("0")


def _fault_in_xml(text: str) -> Fault | None:
    """By pattern, as a fault may be cut off and no document of theirs deserves an XML parser's trust."""
    errors = tuple(_xml_error(found[1], found[2]) for found in _XML_ERROR.finditer(text))
    return Fault(errors) if errors else None


def _xml_error(attributes: str, content: str) -> FaultError:
    found = _XML_CODE.search(attributes)
    message = _xml_part("Message", content)
    return FaultError(
        _code(found[1] if found else "", message), message, _xml_part("Detail", content)
    )


def _xml_part(name: str, content: str) -> str:
    found = re.search(rf"<(?:\w+:)?{name}\b[^>]*>(.*?)</(?:\w+:)?{name}>", content, re.DOTALL)
    return html.unescape(found[1]).strip() if found else ""
