"""A person's browser: walks the pages, keeps pictures of the stations, and listens for what goes wrong unseen."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from regentra.paths import BASE

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
PICTURES = BASE / "artifacts"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PATIENCE_MS = 30_000
DESK = (1440, 900)
PHONE = (390, 844)
# nothing that could take a card number, by what browsers fill in or by what people read.
CARD_FIELDS = (
    "input[autocomplete^=cc-], input[name*=card i], input[id*=card i], input[name*=cvc i], iframe"
)


@contextmanager
def chromium() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Seat:
    """One person at one screen. Everything a page complains about is kept, of every tab."""

    def __init__(self, browser: Browser, address: str, size: tuple[int, int]) -> None:
        self.address = address
        self.complaints: list[str] = []
        self.context = self._open(browser, size)
        self.page = self.context.new_page()

    def _open(self, browser: Browser, size: tuple[int, int]) -> BrowserContext:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]})
        context.set_default_timeout(PATIENCE_MS)
        context.set_default_navigation_timeout(PATIENCE_MS)
        context.on("weberror", lambda problem: self.complaints.append(str(problem.error)))
        context.on("console", self._listen)
        return context

    def _listen(self, message: ConsoleMessage) -> None:
        """Refused scripts and styles, missing files and the like end up in the console."""
        if message.type == "error":
            self.complaints.append(f"{message.text} {message.location['url']}")

    def log_in(self, email: str, password: str) -> None:
        self.page.goto(self.address)
        self.page.get_by_label("E-mail address").fill(email)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("button", name="Log in").click()

    def go_to(self, *links: str) -> None:
        """By the links a person would press, one after the other."""
        for link in links:
            self.page.get_by_role("link", name=link, exact=True).first.click()

    def follow(self, link: str) -> Page:
        """The tab that a link opens."""
        with self.context.expect_page() as opened:
            self.page.get_by_role("link", name=link).click()
        opened.value.wait_for_load_state()
        return opened.value

    def picture(self, name: str, page: Page | None = None) -> None:
        """Keeps a picture, after making sure that the page is whole and asks for no card."""
        page = page or self.page
        PICTURES.mkdir(exist_ok=True)
        page.screenshot(path=PICTURES / f"{name}.png")
        assert page.locator(CARD_FIELDS).count() == 0
        assert page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        ), f"{page.url} is wider than its window"

    def leave(self) -> None:
        self.context.close()
        assert not self.complaints, self.complaints
