"""One demo for all tests that drive a browser, and a browser for each file of them.

The browser is closed with its file: while Playwright's loop is there, Django refuses to talk to its database.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.e2e.books import Books
from tests.e2e.browsing import CHROMIUM, DESK, PHONE, Seat, chromium
from tests.e2e.demo import Demo, home_in

HERE = Path(__file__).parent
REALM = "9130357849016536"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of them share one demo, so `one_process` sends them to one process; without Chromium to none."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.e2e)
            if not CHROMIUM:
                item.add_marker(pytest.mark.skip("no Chromium here (apt-get install chromium)"))


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    demo = Demo(home_in(tmp_path_factory.mktemp("e2e")))
    try:
        demo.wait_until_ready()
        yield demo
    finally:
        demo.end()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def seat(demo: Demo, browser: Browser) -> Iterator[Seat]:
    """At a desk."""
    seat = Seat(browser, demo.url, DESK)
    yield seat
    seat.leave()


@pytest.fixture
def phone(demo: Demo, browser: Browser) -> Iterator[Seat]:
    seat = Seat(browser, demo.url, PHONE)
    yield seat
    seat.leave()


@pytest.fixture
def books(demo: Demo) -> Books:
    """The company that is connected."""
    return Books(demo.sandbox_url, REALM)
