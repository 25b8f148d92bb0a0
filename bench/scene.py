"""Organizations connected to companies of a sandbox that runs in a process of its own."""

from collections import defaultdict
from types import SimpleNamespace
from typing import Any

from django.conf import settings

from bench.place import LATENCY_SECONDS
from integrations.models import SyncDue
from integrations.serving import serve_next
from integrations.tasks import relay_waiting
from tenants.models import Role
from tests import factories
from tests.integrations.world import World


class RemoteBox:
    """The sandbox by its address."""

    def __init__(self, url: str) -> None:
        self.url = url
        companies = defaultdict(lambda: SimpleNamespace(environment="sandbox"))
        self.core = SimpleNamespace(companies=companies)


def world(**wish: Any) -> World:
    """An organization connected to a company with Intuit's limits; answers take 150 ms from now on."""
    made = unhurried(**{"throttles": True, **wish})
    slow_down(made)
    return made


def unhurried(**wish: Any) -> World:
    """The same while answers come at once, to prepare many."""
    made = unconnected()
    made.connect(custom_numbers=True, **wish)
    made.work()
    made.forget_calls()
    return made


def unconnected() -> World:
    """An organization that has not connected a company yet."""
    box: Any = RemoteBox(settings.QUICKBOOKS_API_URL)
    organization = factories.organization(features=["quickbooks"])
    owner = factories.member(organization, f"alice-{organization.slug}@example.com", Role.OWNER)
    return World(box, settings.INTUIT_CLIENT_ID, "", organization, owner)


def slow_down(of: World) -> None:
    """Every answer of this company takes as long as Intuit's."""
    of.trouble("slow", seconds=LATENCY_SECONDS, times=None)


def is_owed(of: World) -> bool:
    """Whether anything waits to be sent to this company."""
    due = SyncDue.objects.filter(connection_id=of.connections[-1], send_due_at__isnull=False)
    return due.exists()


def send_all() -> int:
    """What happened becomes jobs, then one worker's turns until nothing is due; how many."""
    relay_waiting()
    turns = 0
    while serve_next():
        turns += 1
    return turns
