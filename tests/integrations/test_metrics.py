"""/metrics: what Prometheus reads, and that nobody else reads it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from integrations import checkup, pulse, tallies
from integrations.models import SyncDue, Tally
from integrations.outbound import relay
from regentra import clock, heartbeat
from tests import factories
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(transaction=True)

TOKEN = "a token of more than thirty-two characters"


@pytest.fixture(autouse=True)
def _token(settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN


def scrape(client: Client) -> str:
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    return answer.content.decode()


def value(client: Client, name: str, **labels: str) -> float | None:
    """One figure as Prometheus understands it; None when there is none."""
    for family in text_string_to_metric_families(scrape(client)):
        for sample in family.samples:
            if (sample.name, sample.labels) == (f"regentra_{name}", labels):
                return sample.value
    return None


@pytest.mark.parametrize("said", ["", "Bearer ", "Bearer wrong", TOKEN, f"Basic {TOKEN}"])
def test_without_the_token_there_is_no_such_page(client: Client, said: str) -> None:
    assert client.get("/metrics", headers={"Authorization": said}).status_code == 404


def test_where_no_token_is_set_there_is_no_such_page(client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_pushes_are_counted_by_kind_and_code_with_their_lag(world: World, client: Client) -> None:
    customer = world.linked_customer()
    for _ in range(3):
        world.invoice(customer)
    world.work()
    world.trouble("fault", code="6000", entity="Invoice")
    world.invoice(customer)
    world.work()
    assert value(client, "push_outcomes_total", kind="invoice", code="ok") == 3
    assert value(client, "push_outcomes_total", kind="invoice", code="6000") == 1
    assert value(client, "lag_seconds_count", kind="invoice") == 3
    assert value(client, "lag_seconds_bucket", kind="invoice", le="+Inf") == 3
    assert value(client, "documents", state="errored") == 1
    assert value(client, "connections", status="connected") == 1


def test_what_waits_is_seen_with_its_age(world: World, client: Client) -> None:
    world.invoice(world.linked_customer())
    assert value(client, "events_not_relayed") == 1
    relay.relay(world.organization.id)
    assert value(client, "events_not_relayed") == 0
    SyncDue.objects.update(send_due_at=clock.now() - timedelta(minutes=10))
    assert value(client, "companies_due") == 1
    oldest = value(client, "oldest_due_seconds", what="send")
    assert oldest is not None and 600 <= oldest < 660
    world.work()
    assert value(client, "oldest_due_seconds", what="send") == 0


def test_turns_that_fail_are_seen_with_their_age(world: World, client: Client) -> None:
    assert value(client, "companies_failing") == 0
    world.trouble("status", status=503, times=None)
    world.due_now()
    world.work()
    SyncDue.objects.update(failing_since=clock.now() - timedelta(hours=2))
    assert value(client, "companies_failing") == 1
    age = value(client, "failing_seconds")
    assert age is not None and 7200 <= age < 7260
    world.calm()
    world.due_now()
    world.work()
    assert (value(client, "companies_failing"), value(client, "failing_seconds")) == (0, 0)


def test_429_is_counted_and_the_company_is_paused(world: World, client: Client) -> None:
    world.trouble("throttled")
    world.invoice(world.linked_customer())
    world.work()
    assert value(client, "throttled_total") == 1
    assert value(client, "companies_paused") == 1


def test_metered_calls_are_those_of_the_installation(
    unconnected: World, client: Client, settings: Any
) -> None:
    unconnected.connect(custom_numbers=True, environment="production")
    unconnected.work()
    metered = sum(call["metered"] for call in unconnected.journal())
    (family,) = [
        one
        for one in text_string_to_metric_families(scrape(client))
        if one.name == "regentra_reads_used"
    ]
    assert [sample.value for sample in family.samples] == [metered]
    label = family.samples[0].labels
    assert value(client, "reads_left", **label) == settings.INTUIT_MONTHLY_READS - metered
    assert value(client, "reads_refused", **label) == 0
    assert settings.INTUIT_CLIENT_ID not in scrape(client)


def test_company_that_was_disconnected_is_counted_so_by_the_next_check_up(
    world: World, client: Client
) -> None:
    world.disconnect()
    checkup.check_up(world.organization.id)
    assert value(client, "connections", status="disconnected") == 1
    assert value(client, "connections", status="connected") is None


def test_worker_and_timetable_are_heard(client: Client) -> None:
    pulse.beat()
    assert value(client, "worker_heard") == 0
    heartbeat.beat()
    assert value(client, "worker_heard") == 1
    age = value(client, "timetable_age_seconds")
    assert age is not None and age < 60


def test_no_name_of_anybody_is_in_it(world: World, client: Client) -> None:
    world.invoice(world.linked_customer())
    world.work()
    text = scrape(client)
    names = [world.organization.slug, world.connection.company_name, "Adatum", world.realm]
    assert not [name for name in names if name in text]
    assert str(world.organization.pk) not in text


def test_figures_of_several_organizations_are_summed(world: World, client: Client) -> None:
    world.invoice(world.linked_customer())
    world.work()
    before = value(client, "push_outcomes_total", kind="invoice", code="ok")
    other = factories.organization("elsewhere")
    Tally.objects.create(
        organization=other,
        connection_id=other.pk,
        name="outcome",
        kind="invoice",
        code="ok",
        value=5,
    )
    assert before == 1
    assert value(client, "push_outcomes_total", kind="invoice", code="ok") == 6


@pytest.mark.parametrize(
    ("seconds", "bound"), [(0, "1"), (1, "1"), (1.5, "2"), (900, "900"), (3601, "+Inf")]
)
def test_lag_falls_into_the_smallest_bound_that_holds_it(seconds: float, bound: str) -> None:
    assert tallies.bucket(timedelta(seconds=seconds)) == bound
