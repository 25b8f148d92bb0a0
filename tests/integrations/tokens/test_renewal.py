"""Tokens renew by themselves: one call however many ask, stored before use, lost only with the vendor's consent."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections

from integrations import connecting, gateway, sealed, tokens
from integrations.errors import NeedsConsent, Temporary
from integrations.job_states import JobState
from integrations.models import Connection, ConnectionStatus, Credential
from integrations.tokens import InsideTransaction, Token
from regentra import clock
from tenants.models import AuditEntry
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)

WORKERS = 50
BEARER = "/oauth2/v1/tokens/bearer"


@pytest.fixture(autouse=True)
def _connected_before(world: World) -> None:
    """The journal begins when the company is connected."""
    world.control("DELETE", "journal")


def token_calls(world: World) -> int:
    """How often tokens were asked for since connecting, as Intuit saw it."""
    return [one["path"] for one in world.control("GET", "journal")].count(BEARER)


def credential_of(world: World) -> Credential:
    with world.inside():
        return Credential.objects.get(connection=world.connections[-1])


@contextmanager
def an_hour_later(world: World) -> Iterator[None]:
    """For us and for Intuit."""
    with later(world, hours=1):
        yield


@contextmanager
def later(world: World, **span: float) -> Iterator[None]:
    distance = timedelta(**span)
    world.control("POST", "clock", {"advance": distance.total_seconds()})
    try:
        with clock.frozen(clock.now() + distance):
            yield
    finally:
        world.control("POST", "clock", {"advance": -distance.total_seconds()})


def ask(connection: Connection) -> Token:
    return tokens.access_token(connection, gateway.refresh_of(connection))


def test_a_fresh_token_costs_no_call(world: World) -> None:
    assert ask(world.connection).generation == 1
    assert token_calls(world) == 0


def test_a_token_is_renewed_five_minutes_before_it_ends(world: World) -> None:
    ends = credential_of(world).access_expires_at
    with clock.frozen(ends - timedelta(minutes=5, seconds=1)):
        assert ask(world.connection).generation == 1
    with clock.frozen(ends - timedelta(minutes=5)):
        assert ask(world.connection).generation == 2
    assert token_calls(world) == 1


def test_X_20_fifty_workers_at_once_make_one_call(world: World) -> None:
    connection = world.connection
    with an_hour_later(world):
        found = at_once(lambda: ask(connection))
    assert {token.generation for token in found} == {2}
    assert len({token.value for token in found}) == 1
    assert token_calls(world) == 1


def test_X_20_fifty_workers_whose_token_was_rejected_make_one_call(world: World) -> None:
    connection = world.connection
    found = at_once(lambda: tokens.renew(connection, 1, gateway.refresh_of(connection)))
    assert {token.generation for token in found} == {2}
    assert token_calls(world) == 1


def at_once(work: Callable[[], Token]) -> list[Token]:
    start = threading.Barrier(WORKERS)

    def one(_: int) -> Token:
        start.wait(timeout=30)
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(one, range(WORKERS)))


def test_a_token_is_stored_before_anybody_has_it(world: World) -> None:
    with an_hour_later(world):
        token = ask(world.connection)
    assert sealed.read(credential_of(world), "access") == token.value


def test_a_crash_between_answer_and_commit_loses_nothing_while_the_value_lives(
    world: World,
) -> None:
    with an_hour_later(world):
        crash_after_answer(world)
        assert credential_of(world).generation == 1
        assert ask(world.connection).generation == 2


def test_a_crash_at_the_daily_change_heals_when_the_vendor_keeps_the_former_value(
    world: World,
) -> None:
    world.control("POST", "switches", {"previous_refresh_token_hours": 24})
    try:
        with later(world, hours=25):
            crash_after_answer(world)
            assert ask(world.connection).generation == 2
    finally:
        world.control("POST", "switches", {"previous_refresh_token_hours": 0})


def test_a_crash_at_the_daily_change_asks_for_consent_when_the_vendor_has_dropped_it(
    world: World,
) -> None:
    with later(world, hours=25):
        crash_after_answer(world)
        with pytest.raises(NeedsConsent):
            ask(world.connection)
    assert world.connection.status == ConnectionStatus.NEEDS_CONSENT


class Killed(BaseException):
    """The process dies here."""


def crash_after_answer(world: World) -> None:
    def answered_then_killed(refresh_token: str) -> Any:
        gateway.refresh(refresh_token, gateway.platform_app())
        raise Killed

    with pytest.raises(Killed):
        tokens.access_token(world.connection, answered_then_killed)


def test_the_former_refresh_token_is_tried_before_consent_is_given_up(world: World) -> None:
    with world.inside():
        credential = Credential.objects.get(connection=world.connections[-1])
        credential.previous_refresh_sealed = ""
        good = sealed.read(credential, "refresh")
        sealed.write(credential, "previous_refresh", good)
        sealed.write(credential, "refresh", "RT1-nobody-knows")
        credential.save()
    with an_hour_later(world):
        assert ask(world.connection).generation == 2
    assert token_calls(world) == 2


def test_the_replaced_refresh_token_is_kept(world: World) -> None:
    before = sealed.read(credential_of(world), "refresh")
    with later(world, hours=25):
        ask(world.connection)
    after = credential_of(world)
    assert sealed.read(after, "previous_refresh") == before
    assert sealed.read(after, "refresh") != before


def test_a_consent_taken_back_blocks_all_and_loses_nothing(world: World) -> None:
    invoice = world.invoice(world.customer())
    with an_hour_later(world):
        world.control("POST", "faults", {"kind": "invalid_grant"})
        world.work()
        assert world.connection.status == ConnectionStatus.NEEDS_CONSENT
        assert world.job(invoice).state == JobState.BLOCKED
        calls = token_calls(world)
        with pytest.raises(NeedsConsent):
            ask(world.connection)
        assert token_calls(world) == calls
    with world.inside():
        assert AuditEntry.objects.filter(action="quickbooks.consent_ended").count() == 1


def test_an_absent_vendor_changes_nothing(world: World) -> None:
    before = credential_of(world)
    with an_hour_later(world):
        world.control("POST", "faults", {"kind": "status", "status": 503, "path": "tokens/bearer"})
        with pytest.raises(Temporary):
            ask(world.connection)
        assert world.connection.is_connected
        assert credential_of(world).refresh_sealed == before.refresh_sealed
        assert ask(world.connection).generation == 2


def test_inside_a_transaction_nothing_is_renewed(world: World) -> None:
    connection = world.connection
    with world.inside(), pytest.raises(InsideTransaction):
        ask(connection)


def test_a_token_shows_nothing_of_itself(world: World) -> None:
    token = ask(world.connection)
    assert token.value not in repr(token)


def test_disconnecting_waits_for_a_renewal_and_then_leaves_no_token(world: World) -> None:
    connection, asked, answer = world.connection, threading.Event(), threading.Event()

    def slow(refresh_token: str) -> Any:
        asked.set()
        answer.wait(timeout=30)
        return gateway.refresh(refresh_token, gateway.platform_app())

    def renew() -> None:
        try:
            tokens.renew(connection, 1, slow)
        finally:
            connections.close_all()

    renewal = threading.Thread(target=renew)
    renewal.start()
    asked.wait(timeout=30)
    ended = threading.Thread(target=end, args=(world,))
    ended.start()
    answer.set()
    renewal.join(timeout=30)
    ended.join(timeout=30)
    with world.inside():
        assert not Credential.objects.exists()
    with pytest.raises(NeedsConsent):
        ask(world.connection)


def end(world: World) -> None:
    try:
        connecting.disconnect(world.organization, user=world.owner)
    finally:
        connections.close_all()


def test_work_of_an_old_epoch_opens_no_books(world: World) -> None:
    connection = world.connection
    with pytest.raises(NeedsConsent):
        gateway.open_books(world.organization.id, connection.id, epoch=connection.epoch - 1)
    assert gateway.open_books(world.organization.id, connection.id, epoch=connection.epoch).system
