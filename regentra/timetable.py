"""What happens by the clock. Each line only wakes a task up; whether something is due is in the database.

A message that no worker took in time expires, so that a stopped worker does not find a heap of them.
"""

from typing import Any

from celery.schedules import crontab

TIMETABLE: dict[str, dict[str, Any]] = {
    "send and look at what is due": {
        "task": "integrations.tasks.tick",
        "schedule": 2.0,
        "options": {"expires": 2.0},
    },
    "look over the organizations whose turn it is": {
        "task": "integrations.tasks.check_up",
        "schedule": 10.0,
        "options": {"expires": 10.0},
    },
    "say when what is due is not done": {
        "task": "integrations.tasks.watch",
        "schedule": 60.0,
        "options": {"expires": 60.0},
    },
    "hand over webhooks that no wake-up announced": {
        "task": "webhooks.tasks.hand_over",
        "schedule": 5.0,
        "options": {"expires": 5.0},
    },
    "bill the agreements whose day has come": {
        "task": "billing.tasks.bill_agreements",
        "schedule": crontab(minute="10"),
    },
    "remove what was kept long enough": {
        "task": "integrations.tasks.clean_up",
        "schedule": crontab(hour="3", minute="40"),
    },
    "forget old webhooks": {
        "task": "webhooks.tasks.forget_old",
        "schedule": crontab(hour="3", minute="20"),
    },
}
