"""Turns each refusal of QuickBooks into what happens next. Closed by default: unknown is `Refused`.

Nothing matches on their texts, which are translated into the company's language.
"""

from typing import Any

from integrations.errors import OutcomeUnknown, Refused, SyncError, Temporary
from integrations.quickbooks_online.envelopes import Fault
from integrations.quickbooks_online.fault_table import ROWS, Row

_UNKNOWN = Row("", Refused, "QuickBooks refused this document.", "See what QuickBooks says.")
_BY_CODE: dict[str, Row] = {row.code: row for row in reversed(ROWS)}
_OF_REFERENCE = next(row for row in ROWS if row.code == "610" and row.becomes is Refused)
_READ_SENTENCE = "QuickBooks did not answer; we ask again by ourselves."


def table() -> tuple[Row, ...]:
    """Every code we know, in the order of `docs/errors.md`."""
    return ROWS


def error_for_status(
    status: int,
    fault: Fault | None,
    *,
    write: bool,
    reference: str = "",
    retry_after_seconds: float | None = None,
) -> SyncError:
    """What an answer other than a success means. Pure."""
    row = _row_for_status(status, fault, write=write)
    return _error(
        row,
        detail=fault.detail if fault else "",
        code=(fault.code if fault else "") or f"HTTP {status}",
        write=write,
        reference=reference,
        retry_after_seconds=retry_after_seconds,
    )


def error_for_fault(fault: Fault, *, write: bool, reference: str = "") -> SyncError:
    """What a fault inside a success means: batch items, rarely others."""
    row = _row_for_fault(fault)
    return _error(row, detail=fault.detail, code=row.code, write=write, reference=reference)


def error_for(code: str, *, write: bool, reference: str = "", detail: str = "") -> SyncError:
    """The error of one row of the table."""
    return _error(_BY_CODE[code], detail=detail, code=code, write=write, reference=reference)


def reference_is_gone(error: SyncError) -> Refused:
    """A 610 that spoke of something the document refers to, not of the document."""
    words = _words(_OF_REFERENCE, error.detail)
    return Refused(
        words,
        code=_OF_REFERENCE.code,
        reference=error.reference,
        hint=_OF_REFERENCE.hint,
        detail=error.detail,
    )


def _row_for_status(status: int, fault: Fault | None, *, write: bool) -> Row:
    if status == 429:
        return _BY_CODE["HTTP 429"]
    # Whatever else a 5xx says, the write may have been executed (reference 6.2).
    if status >= 500 and not (fault and fault.code == "3001"):
        return _BY_CODE["HTTP 5xx"]
    if fault is not None and fault.code in _BY_CODE:
        return _BY_CODE[fault.code]
    if status == 400 and fault is None and not write:
        # They always say why they refuse a question, so that was cut off (reference 6.2); asking again is harmless.
        return _BY_CODE["unreadable"]
    if status in (400, 401, 413) and (fault is None or status == 401):
        return _BY_CODE[f"HTTP {status}"]
    if fault is not None:
        return _row_for_fault(fault)
    return _BY_CODE["HTTP 4xx" if 400 <= status < 500 and status != 408 else "HTTP 5xx"]


def _row_for_fault(fault: Fault) -> Row:
    known = _BY_CODE.get(fault.code)
    return known or Row(fault.code, _UNKNOWN.becomes, _UNKNOWN.sentence, _UNKNOWN.hint)


def _error(
    row: Row,
    *,
    detail: str,
    code: str,
    write: bool,
    reference: str,
    retry_after_seconds: float | None = None,
) -> SyncError:
    said: dict[str, Any] = {
        "code": code,
        "reference": reference,
        "hint": row.hint,
        "detail": detail,
    }
    if row.becomes is OutcomeUnknown and not write:
        return Temporary(_READ_SENTENCE, **said)
    if row.becomes is Temporary:
        said["retry_after_seconds"] = retry_after_seconds or row.retry_after_seconds
        said["throttled"] = row.code in ("3001", "HTTP 429")
        said["answered"] = row.code.isdecimal() and not said["throttled"]
        return Temporary(row.sentence, **said)
    return row.becomes(_words(row, detail), **said)


def _words(row: Row, detail: str) -> str:
    """Our sentence, and theirs where only theirs names what stands in the way."""
    if issubclass(row.becomes, Refused) and detail:
        return f"{row.sentence} QuickBooks says: {detail}"
    return row.sentence
