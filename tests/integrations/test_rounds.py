"""Every organization is looked over each 15 minutes, spread, once, and on from where somebody left off."""

from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Any
from uuid import UUID

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from integrations import checkup, notices, rounds, tasks
from integrations.models import NoticeKind, Notification, Round, Severity
from regentra import clock
from tenants.models import Organization
from tenants.scope import within
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def organizations(count: int) -> list[Organization]:
    return [factories.organization() for _ in range(count)]


def taken() -> list[UUID]:
    return list(iter(rounds.take_next, None))


def tell(organization: Organization, *, title: str = "Help", key: str = "one") -> None:
    with within(organization):
        notices.tell(
            NoticeKind.SENDING_STOPPED, key, severity=Severity.ACT_NOW, title=title, sentence="Why."
        )


def rows(organization: Organization) -> list[Notification]:
    with within(organization):
        return list(Notification.objects.order_by("opened_at"))


def test_first_rounds_are_spread_over_fifteen_minutes() -> None:
    organizations(40)
    rounds.enrol()
    due = sorted(Round.objects.values_list("due_at", flat=True))
    assert due[0] < clock.now() + timedelta(minutes=5)
    assert due[-1] > clock.now() + timedelta(minutes=10)
    assert due[-1] <= clock.now() + rounds.EVERY
    rounds.enrol()
    assert sorted(Round.objects.values_list("due_at", flat=True)) == due


def test_each_has_its_turn_once_in_fifteen_minutes_the_longest_waiting_first() -> None:
    here = organizations(3)
    rounds.enrol()
    for place, organization in enumerate(here):
        Round.objects.filter(organization=organization).update(
            due_at=clock.now() - timedelta(minutes=place)
        )
    assert taken() == [each.pk for each in reversed(here)]
    assert taken() == []
    with clock.frozen(clock.now() + rounds.EVERY):
        assert len(taken()) == 3


def test_a_worker_that_dies_costs_one_turn_and_the_next_goes_on_with_the_others() -> None:
    first, second = organizations(2)
    for organization in (first, second):
        rounds.ask_for(organization.pk)
    assert rounds.take_next() == first.pk  # and then nothing more is heard of it
    assert taken() == [second.pk]
    with clock.frozen(clock.now() + rounds.EVERY):
        assert first.pk in taken()


def test_step_that_breaks_holds_up_neither_the_next_step_nor_the_next_organization(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(organization_id: UUID) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(checkup, "STEPS", (broken, *checkup.STEPS))
    for organization in organizations(2):
        factories.member(organization)
        tell(organization)
    tasks.check_up()
    assert len(mail.outbox) == 2


def test_cause_told_twice_is_one_notice() -> None:
    (here,) = organizations(1)
    tell(here)
    tell(here)
    assert len(rows(here)) == 1


def test_cause_that_comes_and_goes_is_one_notice_and_one_mail_a_day() -> None:
    (here,) = organizations(1)
    factories.member(here)
    for _ in range(5):
        tell(here)
        checkup.check_up(here.pk)
        with within(here):
            notices.close(NoticeKind.SENDING_STOPPED, "one")
    assert len(rows(here)) == len(mail.outbox) == 1
    with clock.frozen(clock.now() + timedelta(days=1, seconds=1)):
        tell(here)
        checkup.check_up(here.pk)
    assert len(rows(here)) == len(mail.outbox) == 2


def test_mail_that_cannot_be_sent_is_tried_again_on_the_next_round(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def down(self: Any, letters: Any) -> int:
        raise SMTPServerDisconnected

    (here,) = organizations(1)
    factories.member(here)
    tell(here)
    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", down)
        checkup.check_up(here.pk)
    assert mail.outbox == []
    assert len(rows(here)) == 1
    checkup.check_up(here.pk)
    assert len(mail.outbox) == 1


def test_address_that_is_refused_has_nobody_else_mailed_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    send = EmailBackend.send_messages

    def refuses_bob(self: Any, letters: Any) -> int:
        if letters[0].to == ["bob@example.com"]:
            raise SMTPRecipientsRefused({})
        return int(send(self, letters) or 0)

    (here,) = organizations(1)
    for address in ("alice@example.com", "bob@example.com"):
        factories.member(here, address)
    tell(here)
    monkeypatch.setattr(EmailBackend, "send_messages", refuses_bob)
    for _ in range(2):
        checkup.check_up(here.pk)
    assert [letter.to for letter in mail.outbox] == [["alice@example.com"]]


def test_name_with_a_line_break_is_one_line_in_the_subject() -> None:
    here = factories.organization(name="North\nwind")
    factories.member(here)
    tell(here)
    checkup.check_up(here.pk)
    (letter,) = mail.outbox
    assert letter.subject == "Help – North wind"


def test_something_to_mail_makes_the_organization_due_with_the_commit() -> None:
    (here,) = organizations(1)
    Round.objects.create(organization=here, due_at=clock.now() + rounds.EVERY)
    tell(here)
    assert taken() == [here.pk]


def test_notice_of_one_organization_is_nobody_elses() -> None:
    here, there = organizations(2)
    factories.member(there)
    tell(here)
    checkup.check_up(there.pk)
    assert rows(there) == []
    assert mail.outbox == []
