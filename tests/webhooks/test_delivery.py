"""What is genuine is kept once, under the organization it concerns, and answered without waiting for anybody."""

import json
import threading
from typing import Any

import pytest

from integrations import sealed
from integrations.models import Doorbell
from integrations.outbound import due
from tenants.scope import within
from tests import factories
from tests.statements import statements
from tests.webhooks.post import ACCOUNT, Post, body, connected, event, signed
from webhooks import tasks, views
from webhooks.models import Delivery

pytestmark = pytest.mark.django_db


def doorbells(organization: Any) -> list[tuple[str, str]]:
    with within(organization):
        return list(Doorbell.objects.order_by("kind").values_list("kind", "remote_id"))


def test_an_event_is_kept_for_the_organization_behind_the_company(post: Post) -> None:
    assert post(body(event("payment"))).status_code == 200
    row = Delivery.objects.get()
    assert (row.organization_id, row.connection_id) == (post.organization.pk, post.connection.pk)
    assert (row.kind, row.operation, row.remote_id) == ("payment", "created", "1234")
    assert row.body_sealed == ""


def test_a_second_delivery_changes_nothing(post: Post) -> None:
    raw = body(event())
    assert [post(raw).status_code for _ in range(3)] == [200, 200, 200]
    assert Delivery.objects.count() == 1


def test_X_81_one_post_may_speak_of_several_companies(post: Post) -> None:
    contoso = factories.organization("contoso")
    other = connected(contoso, "77")
    post(body(event(), event(intuitaccountid="77"), event(intuitaccountid="78")))
    places = set(Delivery.objects.values_list("organization_id", "connection_id"))
    assert places == {
        (post.organization.pk, post.connection.pk),
        (contoso.pk, other.pk),
        (None, None),
    }


def test_the_event_of_a_company_nobody_has_is_kept_sealed(post: Post) -> None:
    assert post(body(event(intuitaccountid="78"))).status_code == 200
    row = Delivery.objects.get()
    assert row.organization_id is None
    assert json.loads(sealed.read(row, "body"))["account"] == "78"
    assert "78" not in (row.body_sealed.partition(":")[0], row.account_hash)


def test_an_entity_we_do_not_follow_is_kept_and_rings_nothing(post: Post) -> None:
    assert post(body(event("timeactivity"))).status_code == 200
    tasks.hand_over()
    assert Delivery.objects.get().handed_over_at is not None
    assert doorbells(post.organization) == []


def test_X_81_the_legacy_format_is_read_too(post: Post) -> None:
    change = {
        "name": "Payment",
        "id": "55",
        "operation": "Create",
        "lastUpdated": "2026-03-16T20:52:31.657Z",
    }
    part = {"realmId": ACCOUNT, "dataChangeEvent": {"entities": [change]}}
    raw = json.dumps({"eventNotifications": [part]}).encode()
    assert [post(raw).status_code for _ in range(2)] == [200, 200]
    row = Delivery.objects.get()
    assert (row.kind, row.remote_id, row.operation) == ("payment", "55", "created")


@pytest.mark.parametrize(
    "content_type", ["application/json", "text/plain", "application/x-www-form-urlencoded", ""]
)
def test_any_content_type_will_do(post: Post, content_type: str) -> None:
    assert post(body(event()), content_type=content_type).status_code == 200
    assert Delivery.objects.count() == 1


def test_either_verifier_will_do_while_one_replaces_the_other(post: Post, settings: Any) -> None:
    settings.INTUIT_WEBHOOK_VERIFIER = "newer,older"
    for verifier, status in (("newer", 200), ("older", 200), ("a-verifier-token", 400)):
        raw = body(event())
        assert post(raw, signed(raw, verifier)).status_code == status


def test_an_empty_list_is_fine(post: Post) -> None:
    assert post(b"[]").status_code == 200


def test_answering_takes_one_statement(post: Post) -> None:
    raw = body(*(event() for _ in range(100)))
    with statements() as asked:
        post(raw)
    assert [sql.split()[0] for sql in asked] == ["INSERT"]


def test_the_answer_does_not_wait_for_the_queue(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, free = threading.Event(), threading.Event()

    def stuck() -> None:
        asked.set()
        free.wait(timeout=30)
        raise ConnectionError

    monkeypatch.setattr(views, "waiting", views.Nudge(stuck))
    assert post(body(event())).status_code == 200
    assert asked.wait(timeout=30)
    assert post(body(event())).status_code == 200
    free.set()


def test_handing_over_rings_each_document_once(post: Post) -> None:
    due.ensure(post.organization.pk, post.connection.pk)
    post(
        body(
            event("payment", intuitentityid="7"),
            event("payment", "updated", intuitentityid="7"),
            event("invoice"),
        )
    )
    tasks.hand_over()
    tasks.hand_over()
    assert doorbells(post.organization) == [("invoice", "1234"), ("payment", "7")]
    assert not Delivery.objects.filter(handed_over_at=None).exists()


def test_a_merge_rings_for_the_one_that_vanished_too(post: Post) -> None:
    due.ensure(post.organization.pk, post.connection.pk)
    post(body(event("customer", "merged", intuitentityid="1", data={"deletedid": "2"})))
    tasks.hand_over()
    assert doorbells(post.organization) == [("customer", "1"), ("customer", "2")]


def test_one_company_that_fails_does_not_hold_up_the_others(post: Post) -> None:
    contoso = factories.organization("contoso")
    connected(contoso, "77")
    post(body(event(), event(intuitaccountid="77")))
    # No person wrote this: a row whose document id no longer fits where it is handed to.
    Delivery.objects.filter(organization=post.organization).update(remote_id="9" * 64)
    tasks.hand_over()
    assert doorbells(contoso) == [("invoice", "1234")]
    left = Delivery.objects.get(handed_over_at=None)
    assert (left.organization_id, left.attempts) == (post.organization.pk, 1)


def test_one_row_that_fails_holds_up_none_of_its_company(post: Post) -> None:
    due.ensure(post.organization.pk, post.connection.pk)
    post(body(event(intuitentityid="1"), event(intuitentityid="2"), event(intuitentityid="3")))
    Delivery.objects.filter(remote_id="1").update(remote_id="9" * 64)
    tasks.hand_over()
    tasks.hand_over()
    assert doorbells(post.organization) == [("invoice", "2"), ("invoice", "3")]
    left = Delivery.objects.get(handed_over_at=None)
    assert (left.remote_id, left.attempts) == ("9" * 64, 2)


def test_an_id_longer_than_any_document_has_is_kept_as_odd(post: Post) -> None:
    due.ensure(post.organization.pk, post.connection.pk)
    post(body(event(intuitentityid="7" * 41), event(intuitentityid="8" * 40)))
    tasks.hand_over()
    assert doorbells(post.organization) == [("invoice", "8" * 40)]
    assert Delivery.objects.get(organization=None).body_sealed


def test_old_deliveries_are_forgotten_after_400_days(post: Post) -> None:
    post(body(event(), event()))
    old = Delivery.objects.first()
    assert old is not None
    Delivery.objects.filter(pk=old.pk).update(received_at="2024-01-01T00:00:00Z")
    tasks.forget_old()
    assert not Delivery.objects.filter(pk=old.pk).exists()
    assert Delivery.objects.count() == 1


def test_a_time_nobody_meant_is_not_believed(post: Post) -> None:
    post(body(event(time="0001-01-01T00:00:00Z"), event(time="9999-12-31T23:59:59Z")))
    assert {row.event_at.year for row in Delivery.objects.all()} == {
        row.received_at.year for row in Delivery.objects.all()
    }
