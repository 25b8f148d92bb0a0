"""An app that an organization registered itself at Intuit, and what its owner does with it."""

from typing import Any

from django.test import Client

from integrations.models import own_app
from sandbox.apps import App
from tests.features import steps
from tests.features.pages import HERE, Page, Visitor
from tests.integrations.world import World
from webhooks import tasks as webhook_tasks

RULES_PAGE = "settings/sync-rules/"
CALLBACK = "/integrations/quickbooks/callback/"
BEARER = "/oauth2/v1/tokens/bearer"


def registered(world: World, **details: Any) -> App:
    """At Intuit, by the organization's people; the address for webhooks is not known yet."""
    chance = world.box.core.chance
    keys = {"verifier": chance.hex(32), "redirect_uris": [f"{HERE}{CALLBACK}"], **details}
    return world.box.core.add_app(App(f"AB{chance.hex(30)}", chance.hex(40), **keys))


def choose_own(person: Visitor) -> Page:
    """By the sync rules; ends on the QuickBooks page."""
    person.go(RULES_PAGE)
    person.press("Save", {"oauth_app": "tenant"})
    return person.go(steps.QUICKBOOKS_PAGE)


def save(person: Visitor, **keys: str) -> Page:
    """On the QuickBooks page, by the names of the fields."""
    return person.press("Save QuickBooks Credentials", keys)


def bring(world: World, person: Visitor, app: App) -> App:
    """Chosen, saved, and its webhook address registered at Intuit."""
    choose_own(person)
    save(person, client_id=app.client_id, client_secret=app.client_secret, verifier=app.verifier)
    app.webhook_url = webhook_address(world, person)
    world.box.core.add_app(app)
    world.client_id, world.verifier = app.client_id, app.verifier
    return app


def webhook_address(world: World, person: Visitor) -> str:
    """As the page shows it."""
    with world.inside():
        assert own_app() is not None
    page = person.go(steps.QUICKBOOKS_PAGE)
    shown = [one.text for one in page.tree.all("span") if "/webhooks/quickbooks/" in one.text]
    return shown[0]


def path_of(address: str) -> str:
    """Without the host."""
    return "/" + address.split("/", 3)[3]


def deliver(world: World, client: Client) -> list[int]:
    """What Intuit posts to the app's own address now; the answers."""
    answers = []
    for post in [one for one in world.box.core.webhooks.due() if one.client_id == world.client_id]:
        answer = client.post(
            path_of(post.url), post.body, content_type="application/json", headers=post.headers
        )
        answers.append(answer.status_code)
        world.box.core.webhooks.acknowledge(post.id, 200)
    webhook_tasks.hand_over()
    return answers
