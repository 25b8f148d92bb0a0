"""Somebody at a browser: opens the product's pages and Intuit's, follows links, fills in forms, presses buttons.

Forms go out as the page holds them: with its own tokens, hidden fields and choices, guarded against forgery as in
production. Nothing can be pressed, followed or filled in that is not there. Where pressing a button of ours leads is
loaded when it is first read, which many a test never does.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

import requests
from django.test import Client

from tenants.models import Organization, User
from tests.features.forms import Fields, Form, Typed
from tests.features.reading import Element, parse

HERE = "http://testserver"
MOST_REDIRECTS = 5
TOKEN = "csrfmiddlewaretoken"


class Answer(NamedTuple):
    """What came back, and from where."""

    address: str
    status: int
    html: str


class Page:
    """Where it stands, and how it reads: asked for when it is first looked at."""

    def __init__(self, address: str, load: Callable[[], Answer], status: int = 200) -> None:
        self._address, self._load, self._status = address, load, status

    @property
    def address(self) -> str:
        return self._answer.address if "_answer" in self.__dict__ else self._address

    @property
    def html(self) -> str:
        return self._answer.html

    def loaded(self) -> "Page":
        """It has been asked for, and came with the status that was expected."""
        assert self._answer
        return self

    @cached_property
    def _answer(self) -> Answer:
        answer = self._load()
        assert answer.status == self._status, (
            f"{answer.status} from {answer.address}: {parse(answer.html).text}"
        )
        return answer

    @cached_property
    def tree(self) -> Element:
        return parse(self.html)

    @cached_property
    def text(self) -> str:
        return self.tree.text

    def links(self, text: str) -> list[str]:
        """Where the links lead that read so."""
        return [one["href"] for one in self.tree.all("a") if one.text == text]

    def form(self, button: str) -> Form | None:
        """The form with the button that reads so."""
        forms = [Form(one, self.tree) for one in self.tree.all("form")]
        return next((form for form in forms if form.button(button)), None)

    def offers(self, name: str) -> bool:
        """Whether there is a button or link of this name to press."""
        return bool(self.form(name) or self.links(name))

    def region(self, name: str) -> str:
        """How the part of the page under this heading reads."""
        heads = {one["id"] for one in self.tree.all("h1", "h2", "h3") if one.text == name}
        (part,) = [one for one in self.tree.all("section") if one["aria-labelledby"] in heads]
        return part.text

    def region_of(self, label: str) -> str:
        """How the part of the page reads that has no heading but a name for screen readers."""
        (part,) = [one for one in self.tree.all("section") if one["aria-label"] == label]
        return part.text

    def row(self, text: str) -> str:
        """How the one row of a table or list with this text reads."""
        (row,) = [one.text for one in self.tree.all("tr", "li") if text in one.text]
        return row


class Visitor:
    """One person, logged in, and the page in front of them."""

    page: Page

    def __init__(self, organization: Organization, person: User) -> None:
        self.organization, self.person = organization, person
        self.client = Client(enforce_csrf_checks=True)
        self.client.force_login(person)

    def go(self, path: str = "", *, status: int = 200) -> Page:
        """Opens a page of the organization by its path below it."""
        return self._open("GET", f"{HERE}/o/{self.organization.slug}/{path}", status)

    def stand_at(self, path: str) -> Page:
        """At a page of the organization, which is loaded when it is read."""
        address = f"{HERE}/o/{self.organization.slug}/{path}"
        self.page = Page(address, lambda: self._answer("GET", address, {}))
        return self.page

    def open(self, address: str) -> Page:
        """Opens any address."""
        return self._open("GET", address)

    def again(self) -> Page:
        """Loads the page anew."""
        return self.open(self.page.address)

    def glance(self) -> Page:
        """The part of the page that follows by itself, as it is now; the page is not loaded anew."""
        (part, *_) = [one for one in self.page.tree.all("div", "section") if one["data-live"]]
        address = urljoin(self.page.address, part["data-live"])
        return Page(address, lambda: self._answer("GET", address, {})).loaded()

    def follow(self, link: str) -> Page:
        """Presses the first link that reads so."""
        links = self.page.links(link)
        assert links, f"no link “{link}” on {self.page.address}: {self.page.text}"
        return self.open(links[0])

    def press(self, button: str, typed: Typed | None = None) -> Page:
        """Fills in the form of this button and presses it."""
        form = self.page.form(button)
        assert form is not None, f"no button “{button}” on {self.page.address}: {self.page.text}"
        pressed = form.button(button)
        assert pressed is not None
        method = form.element["method"].upper() or "GET"
        return self._open(method, form.element["action"], fields=form.sent(pressed, typed or {}))

    def post(self, path: str, fields: Mapping[str, str], of: Organization | None = None) -> int:
        """Sends what the page in front of them does not offer, with its token; the status.

        To another organization where one is named.
        """
        given = [one["value"] for one in self.page.tree.all("input") if one["name"] == TOKEN]
        address = f"{HERE}/o/{(of or self.organization).slug}/{path}"
        sent = {name: [value] for name, value in {TOKEN: given[0], **fields}.items()}
        return int(_asked(self.client, "POST", address, sent).status_code)

    def _open(
        self, method: str, address: str, status: int = 200, fields: Fields | None = None
    ) -> Page:
        here = self.page.address if hasattr(self, "page") else HERE
        whole = urljoin(here, address) if address else here
        if method == "POST" and status == 200 and _is_ours(whole):
            self.page = self._sent(whole, fields or {})
        else:
            page = Page(whole, lambda: self._answer(method, whole, fields or {}), status)
            self.page = page.loaded()
        return self.page

    def _sent(self, address: str, fields: Fields) -> Page:
        """The page after a button of ours: where it leads elsewhere in the product, nobody may want to see that."""
        answer = _asked(self.client, "POST", address, fields)
        to = urljoin(address, answer.headers["Location"]) if "Location" in answer.headers else ""
        page = Page(to or address, lambda: self._followed(address, answer))
        return page if to and _is_ours(to) else page.loaded()

    def _answer(self, method: str, address: str, fields: Fields) -> Answer:
        return self._followed(address, _asked(self.client, method, address, fields))

    def _followed(self, address: str, answer: Any) -> Answer:
        for _ in range(MOST_REDIRECTS):
            if "Location" not in answer.headers:
                break
            address = urljoin(address, answer.headers["Location"])
            answer = _asked(self.client, "GET", address, {})
        return Answer(address, answer.status_code, b"".join(answer).decode())


def _is_ours(address: str) -> bool:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" == HERE


def _asked(client: Client, method: str, address: str, fields: Fields) -> Any:
    """One request, to us or over the wire to somebody else."""
    if not _is_ours(address):
        data = {"params": fields} if method == "GET" else {"data": fields}
        return requests.request(method, address, allow_redirects=False, timeout=10, **data)
    if method == "POST":
        return client.post(address.removeprefix(HERE), fields)
    return client.get(address.removeprefix(HERE) or "/", fields or None)
