import dataclasses
import json
from typing import Any, get_type_hints
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing import errors, events

STRATEGIES: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(),
    UUID: st.uuids(),
    UUID | None: st.none() | st.uuids(),
    frozenset[str]: st.frozensets(st.text()),
    frozenset[UUID]: st.frozensets(st.uuids()),
}
EVERY_EVENT = [getattr(events, kind) for kind in sorted(events.kinds())]


@pytest.mark.parametrize("event", EVERY_EVENT)
@given(data=st.data())
def test_an_event_survives_the_outbox(event: type[events.Event], data: st.DataObject) -> None:
    hints = get_type_hints(event)
    drawn = {
        field.name: data.draw(STRATEGIES[hints[field.name]]) for field in dataclasses.fields(event)
    }
    happened = event(**drawn)
    payload = json.loads(json.dumps(happened.to_payload()))
    assert events.from_payload(happened.kind, payload) == happened


def test_an_older_payload_without_a_later_field_is_still_read() -> None:
    identifier = "8c3b1f7e-6d8e-4b0e-9d4b-0a5f4a3c2b1d"
    event = events.from_payload("InvoiceGenerated", {"invoice_id": identifier})
    assert event == events.InvoiceGenerated(invoice_id=UUID(identifier))


def test_an_unknown_kind_is_an_error() -> None:
    with pytest.raises(KeyError):
        events.from_payload("InvoiceEaten", {})


@pytest.mark.parametrize("error", errors.BillingError.__subclasses__())
def test_every_refusal_has_a_sentence_of_its_own(error: type[errors.BillingError]) -> None:
    assert str(error()).endswith(".")
    assert str(error("Not today.")) == "Not today."
