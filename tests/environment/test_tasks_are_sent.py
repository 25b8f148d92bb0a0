"""Any process that has set Django up hands tasks to our broker, from any thread."""

import threading
from typing import Any

import celery
import pytest
from django.conf import settings


def test_every_thread_sends_to_our_broker() -> None:
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(celery.current_app.conf.broker_url))
    thread.start()
    thread.join()
    assert found == [settings.CELERY_BROKER_URL]


@pytest.mark.django_db  # Celery lets Django check its models first
def test_timetable_names_tasks_that_exist() -> None:
    app = celery.current_app
    app.loader.import_default_modules()
    timetable = app.conf.beat_schedule
    assert timetable
    assert {line["task"] for line in timetable.values()} <= set(app.tasks)


def test_messages_carry_no_pickles_and_answers_are_not_kept() -> None:
    conf = celery.current_app.conf
    assert conf.accept_content == ["json"]
    assert conf.task_ignore_result
    assert conf.task_acks_late
    assert not conf.task_reject_on_worker_lost  # would run a task that kills its worker for ever
