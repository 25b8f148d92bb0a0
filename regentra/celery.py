"""The Celery application: it carries hints from the web and the timetable to the workers."""

import os
import warnings
from typing import Any

import redis
import structlog
from celery import Celery
from celery.exceptions import SecurityWarning
from celery.signals import (
    heartbeat_sent,
    setup_logging,
    task_postrun,
    task_prerun,
    task_received,
    worker_process_init,
    worker_ready,
)

from regentra import garbage, heartbeat, stuck
from regentra.timetable import TIMETABLE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regentra.settings")

# A demo in a container is root and need not be told so; the image of Dockerfile is not.
warnings.filterwarnings("ignore", category=SecurityWarning)

log = structlog.get_logger("regentra.worker")

app = Celery("regentra")
app.set_default()  # for every thread, not only the one that imports this
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = TIMETABLE
app.autodiscover_tasks()


@setup_logging.connect
def _leave_logging_to_django(**_: Any) -> None:
    """Being connected is enough: Celery then leaves the loggers as Django set them up."""


@heartbeat_sent.connect
def _tell_that_the_worker_lives(**_: Any) -> None:
    try:
        heartbeat.beat()
    except redis.RedisError as failure:
        log.warning("heartbeat not heard", reason=type(failure).__name__)


@worker_process_init.connect
def _collect_seldom(**_: Any) -> None:
    garbage.collect_seldom()


_patience = stuck.Patience()


@worker_ready.connect
def _end_when_stuck(**_: Any) -> None:
    from celery.worker import state  # only a worker needs it

    _patience.renew()
    stuck.watch(_patience, is_busy=lambda: bool(state.active_requests))


@task_received.connect
def _took_a_message(**_: Any) -> None:
    _patience.renew()


@task_prerun.connect
def _name_the_task_in_logs(task_id: str, task: Any, **_: Any) -> None:
    structlog.contextvars.bind_contextvars(task=task.name, task_id=task_id)


@task_postrun.connect
def _forget_the_task_in_logs(**_: Any) -> None:
    structlog.contextvars.unbind_contextvars("task", "task_id")
