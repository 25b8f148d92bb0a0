"""What each refusal means, whatever envelope it comes in."""

import json
from typing import Any

import pytest

from integrations.errors import (
    AlreadyThere,
    NeedsConsent,
    OutcomeUnknown,
    Refused,
    Stale,
    SyncError,
    Temporary,
    TokenRejected,
    Vanished,
    Waiting,
)
from integrations.quickbooks_online import faults
from integrations.quickbooks_online.envelopes import Fault, FaultError, fault_in_text

# The catalogue of reference quickbooks 6.4; what is not ours to handle is closed by default.
CATALOGUE = (
    100, 110, 120, 130, 140, 150, 500, 600, 610, 620, 630, 700, 800, 900, 1000, 1010,
    1020, 1040, 2000, 2010, 2020, 2030, 2040, 2050, 2060, 2070, 2080, 2090, 2100, 2110, 2120, 2130,
    2140, 2150, 2160, 2170, 2190, 2200, 2210, 2220, 2230, 2240, 2250, 2280, 2290, 2300, 2500, 2600,
    3000, 3001, 3100, 3200, 3202, 4000, 4001, 4002, 5000, 5010, 5020, 5030, 6000, 6010, 6030, 6070,
    6080, 6090, 6100, 6110, 6120, 6130, 6140, 6150, 6160, 6170, 6180, 6190, 6200, 6210, 6220, 6230,
    6240, 6250, 6270, 6280, 6310, 6400, 6420, 6430, 6440, 6450, 6460, 6470, 6480, 6520, 6530, 6540,
    10000, 10100, 10200,
)  # fmt: skip


def fault(code: str, detail: str = "") -> Fault:
    return Fault((FaultError(code, "Message", detail),))


def validation(code: str, **more: Any) -> str:
    error = {"Message": "m", "Detail": "d", "code": code, **more}
    return json.dumps({"Fault": {"Error": [error], "type": "ValidationFault"}, "time": "t"})


def gateway(code: str, status: int) -> str:
    message = f"message=Failed; errorCode=00{code}; statusCode={status}"
    error = {"message": message, "detail": None, "code": code, "element": None}
    return json.dumps({"warnings": None, "fault": {"error": [error], "type": "SERVICE"}, "time": 1})


XML_THROTTLE = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<IntuitResponse time="2016-10-03T10:53:44.126-07:00" xmlns="http://schema.intuit.com/finance/v3">
<Fault type="SERVICE"><Error code="3001">
<Message>message=ThrottleExceeded; errorCode=003001; statusCode=429</Message>
<Detail>The request limit was reached. Try again &amp; later</Detail></Error></Fault></IntuitResponse>"""


# --- envelopes -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, code",
    [
        (validation("5010"), "5010"),
        (validation("610", element="Id"), "610"),
        (gateway("3200", 401), "3200"),
        (gateway("3100", 403), "3100"),
        (XML_THROTTLE, "3001"),
        (XML_THROTTLE[:-60], "3001"),
        (
            '<ns2:Fault><ns2:Error code="003200"><ns2:Message>x</ns2:Message></ns2:Error></ns2:Fault>',
            "3200",
        ),
        # Codes that come as numbers, padded, only inside the text, or not at all.
        ('{"Fault": {"Error": [{"Message": "m", "code": 6000}]}}', "6000"),
        ('{"fault": {"error": [{"message": "x; errorCode=003001; y"}]}}', "3001"),
        ('{"Fault": {"Error": [{"Message": "m", "code": "00610"}]}}', "610"),
        ('{"Fault": {"Error": {"Message": "m", "code": "2010"}}}', "2010"),
        ('{"Fault": {"Error": []}}', ""),
        ('{"Fault": {}}', ""),
        ('{"Fault": {"Error": [{"code": null}]}}', ""),
    ],
)
def test_fault_is_found_in_every_envelope(text: str, code: str) -> None:
    found = fault_in_text(text)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        '"Fault"',
        "{}",
        '{"Fault": "x"}',
        "<html><body>502</body></html>",
        "[" * 9999,
        '{"Fau',
    ],
)
def test_pages_and_fragments_hold_no_fault(text: str) -> None:
    assert fault_in_text(text) is None


def test_all_complaints_are_kept_but_not_without_end() -> None:
    both = Fault(
        (FaultError("1", detail="one"), FaultError("2", "two"), FaultError("3", detail="one"))
    )
    assert both.detail == "one · two"
    assert len(fault("1", "x" * 5000).detail) == 500
    found = fault_in_text(XML_THROTTLE)
    assert found is not None
    assert found.detail == "The request limit was reached. Try again & later"


# --- statuses --------------------------------------------------------------------------------

STATUSES: list[tuple[int, str, type[SyncError], type[SyncError]]] = [
    # status, body, what it is for a write, what it is for a read
    (400, validation("5010"), Stale, Stale),
    (400, validation("610"), Vanished, Vanished),
    (400, validation("6140"), AlreadyThere, AlreadyThere),
    (400, validation("6240"), AlreadyThere, AlreadyThere),
    (400, validation("6000"), Refused, Refused),
    (400, validation("6190"), Waiting, Waiting),
    (400, validation("99999"), Refused, Refused),
    (400, "<html>", Refused, Temporary),
    (400, validation("600"), OutcomeUnknown, Temporary),
    (400, validation("10000"), OutcomeUnknown, Temporary),
    (401, gateway("3200", 401), TokenRejected, TokenRejected),
    (401, "", TokenRejected, TokenRejected),
    (401, validation("77777"), TokenRejected, TokenRejected),
    # The person who connected lost their rights: no token helps.
    (401, validation("120"), NeedsConsent, NeedsConsent),
    (403, gateway("3100", 403), NeedsConsent, NeedsConsent),
    # Throttling by its old status, and by XML.
    (403, gateway("3001", 403), Temporary, Temporary),
    (429, gateway("3001", 429), Temporary, Temporary),
    (429, XML_THROTTLE, Temporary, Temporary),
    (429, "<html>slow down</html>", Temporary, Temporary),
    (503, XML_THROTTLE, Temporary, Temporary),
    # Not QuickBooks' own answer.
    (403, "<html>firewall</html>", Temporary, Temporary),
    (404, "", Temporary, Temporary),
    (413, "", Refused, Refused),
    # May have been executed, whatever else they say.
    (500, "", OutcomeUnknown, Temporary),
    (500, validation("10000"), OutcomeUnknown, Temporary),
    (500, validation("2010"), OutcomeUnknown, Temporary),
    (502, "<html>", OutcomeUnknown, Temporary),
    (503, "", OutcomeUnknown, Temporary),
    (504, "", OutcomeUnknown, Temporary),
    (408, "", OutcomeUnknown, Temporary),
    (302, "", OutcomeUnknown, Temporary),
    (204, "", OutcomeUnknown, Temporary),
]


@pytest.mark.parametrize("status, body, of_write, of_read", STATUSES)
def test_status_and_fault_name_what_happens_next(
    status: int, body: str, of_write: type[SyncError], of_read: type[SyncError]
) -> None:
    for write, expected in ((True, of_write), (False, of_read)):
        error = faults.error_for_status(status, fault_in_text(body), write=write, reference="1-a")
        assert type(error) is expected
        assert error.reference == "1-a"
        assert error.words


def test_throttling_waits_a_minute_unless_told_otherwise() -> None:
    throttled = faults.error_for_status(429, None, write=True)
    assert isinstance(throttled, Temporary)
    assert (throttled.throttled, throttled.retry_after_seconds) == (True, 60.0)
    told = faults.error_for_status(429, fault("3001"), write=True, retry_after_seconds=7)
    assert isinstance(told, Temporary)
    assert told.retry_after_seconds == 7
    other = faults.error_for_status(400, fault("150"), write=True)
    assert isinstance(other, Temporary)
    assert (other.throttled, other.retry_after_seconds) == (False, 900.0)


def test_unknown_code_is_refused_with_the_code_and_their_words() -> None:
    error = faults.error_for_status(400, fault("4711", "Etwas fehlt"), write=True)
    assert type(error) is Refused
    assert error.code == "4711"
    assert "Etwas fehlt" in error.words


def test_duplicates_keep_their_detail() -> None:
    detail = "DocNumber=X is assigned to TxnType=Invoice with TxnId=145"
    error = faults.error_for_status(400, fault("6140", detail), write=True)
    assert error.detail == detail
    assert detail in error.words


def test_answer_without_a_code_shows_the_status() -> None:
    assert faults.error_for_status(503, None, write=True).code == "HTTP 503"
    assert faults.error_for_status(400, None, write=True).code == "HTTP 400"


def test_missing_reference_is_refused_and_keeps_what_was_said() -> None:
    gone = faults.error_for_status(400, fault("610", "made inactive"), write=True, reference="1-a")
    refused = faults.reference_is_gone(gone)
    assert type(refused) is Refused
    assert (refused.code, refused.reference, refused.detail) == ("610", "1-a", "made inactive")


# --- the table -------------------------------------------------------------------------------


def test_every_code_of_the_catalogue_is_in_the_table() -> None:
    assert {str(code) for code in CATALOGUE} <= {row.code for row in faults.table()}


@pytest.mark.parametrize(
    "row", faults.table(), ids=lambda row: f"{row.code} {row.becomes.__name__}"
)
def test_every_row_speaks_to_a_bookkeeper(row: Any) -> None:
    assert row.sentence.endswith(".")
    assert not row.hint or row.hint.endswith(".")
    assert not {"SyncToken", "realm", "HTTP", "JSON"} & set(row.sentence.split())
    if issubclass(row.becomes, Refused | Waiting) and not row.code.isalpha():
        assert row.hint


def test_codes_that_appear_twice_say_when() -> None:
    codes = [row.code for row in faults.table()]
    for row in faults.table():
        assert bool(row.when) == (codes.count(row.code) > 1)
