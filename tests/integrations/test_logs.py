"""What a busy day leaves in the log: each line names whose work it was, and none says what a customer is called."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.test import Client

from billing.models import Customer, Invoice
from billing.services import invoices
from integrations import sealed
from integrations.documents import Kind
from integrations.models import Credential
from integrations.outbound import batch_choice, jobs
from regentra.logs import logging_configuration, without_values
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(transaction=True)

NAME, EMAIL, NOTE = "Fourth Coffee", "olga@fourthcoffee.example", "Thank you, Olga"


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What a server would write."""
    form = logging_configuration(readable=False)["formatters"]["line"]
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(form.pop("()")(**form))
    logging.getLogger().addHandler(handler)
    yield handler.stream
    logging.getLogger().removeHandler(handler)


def lines(written: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def of_integrations(said: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for line in said if line["logger"].startswith("integrations.")]


def send(world: World, customer: Customer) -> Invoice:
    made = world.invoice(customer, notes=NOTE)
    world.work()
    return made


def busy_day(world: World, client: Client) -> None:
    """Pushes, refusals, lost answers, a batch, a renewed token, a broken job, a pause, webhooks, changes there."""
    customer = world.customer(NAME, email=EMAIL, contact_name="Olga")
    made = send(world, customer)
    for kind, rule in (
        ("fault", {"code": "6000", "entity": "Invoice"}),
        ("answer_dropped", {"entity": "Invoice"}),
        ("expired_token", {}),
        ("throttled", {}),
    ):
        with world.inside():
            invoices.edit(invoice=world.fresh(made), notes=f"{NOTE} {kind}")
        world.trouble(kind, **rule)
        world.work()
        world.later(minutes=5)
    with world.inside():
        jobs.want(world.connection, Kind.INVOICE, uuid4())
    for _ in range(3):
        world.invoice(customer, notes=NOTE)
    with world.inside():
        batch_choice.catch_up(world.connection, actor=world.owner)
    world.work()
    world.pays(made, "10.00", PrivateNote=NOTE)
    world.deliver(client)
    world.later(minutes=60)
    world.work()


def secrets(world: World) -> set[str]:
    """What no line may hold: names, addresses, notes, tokens, secrets, the company's id."""
    with world.inside():
        (credential,) = Credential.objects.all()
        tokens = {sealed.read(credential, name) for name in ("access", "refresh")}
    app = {settings.INTUIT_CLIENT_SECRET, settings.INTUIT_WEBHOOK_VERIFIER, world.realm}
    return {NAME, EMAIL, NOTE, "Olga", "Bearer", *tokens, *app, *world.bookkeepers.values()}


def test_every_line_of_a_busy_day_names_its_work_and_none_a_customer_or_a_secret(
    world: World, client: Client, written: io.StringIO
) -> None:
    busy_day(world, client)
    said = lines(written)
    text = json.dumps(said, ensure_ascii=False)
    assert not [secret for secret in secrets(world) if secret in text]
    ours = of_integrations(said)
    events = {line["event"] for line in ours}
    assert {"called", "push ended", "push broke"} <= events
    assert {line["organization"] for line in ours} == {str(world.organization.id)}
    assert {line["connection"] for line in ours} == {str(world.connections[-1])}
    pushes = [line for line in ours if line["event"].startswith("push")]
    assert all(UUID(line["job"]) for line in pushes)


def test_call_for_a_document_is_a_line_with_its_job_and_both_request_ids(
    world: World, written: io.StringIO
) -> None:
    customer = world.linked_customer()
    world.forget_calls()
    made = send(world, customer)
    (call,) = [one for one in world.journal() if one["path"].endswith("/invoice")]
    (line,) = [one for one in lines(written) if one.get("what") == "invoice"]
    assert line["job"] == str(world.job(made).id)
    assert line["intuit_tid"] == call["intuit_tid"]
    assert line["sent_as"] and line["status"] == 200


def test_jobs_that_travel_together_are_named_together(world: World, written: io.StringIO) -> None:
    customer = world.linked_customer()
    made = [world.invoice(customer) for _ in range(3)]
    with world.inside():
        batch_choice.catch_up(world.connection, actor=world.owner)
    world.work()
    (line,) = [one for one in lines(written) if one.get("what") == "batch"]
    assert sorted(line["jobs"]) == sorted(str(world.job(each).id) for each in made)
    assert line["parts"] == 3


def test_values_that_postgresql_adds_to_a_refusal_are_left_out() -> None:
    said = (
        "UniqueViolation: duplicate key\nDETAIL:  Key (name)=(Fourth Coffee) already exists.\nnext"
    )
    assert without_values(None, "", {"exception": said})["exception"] == (
        "UniqueViolation: duplicate key\nnext"
    )
