"""In, out, a forgotten password, several organizations."""

import re
import socket
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache

from tenants.models import Membership, Organization, Role, User
from tests import factories
from tests.factories import PASSWORD
from tests.ui.browsing import Browser

NEW = "a much longer battery staple"


def log_in(client: Any, email: str = "alice@example.com", password: str = PASSWORD) -> Any:
    return client.post("/accounts/login/", {"login": email, "password": password}, follow=True)


def test_log_in_leads_to_the_overview(client: Any, alice: User) -> None:
    response = log_in(client)
    assert response.redirect_chain[-1][0] == "/o/northwind/"
    assert "Overview" in response.content.decode()


def test_the_address_is_taken_in_any_case(client: Any, alice: User) -> None:
    assert log_in(client, "Alice@Example.com").redirect_chain


def test_a_wrong_password_is_refused_beside_the_form(client: Any, alice: User) -> None:
    page = log_in(client, password="wrong").content.decode()
    assert 'role="alert"' in page
    assert "not correct" in page


def test_with_several_organizations_there_is_a_choice(
    client: Any, alice: User, contoso: Organization
) -> None:
    Membership.objects.create(organization=contoso, user=alice, role=Role.READ_ONLY)
    page = log_in(client).content.decode()
    assert "Where to?" in page
    assert "/o/northwind/" in page
    assert "/o/contoso/" in page
    switcher = client.get("/o/contoso/").content.decode()
    assert 'href="/o/northwind/"' in switcher


def test_without_an_organization_it_says_whom_to_ask(client: Any, db: None) -> None:
    factories.user("charlie@example.com")
    page = log_in(client, "charlie@example.com").content.decode()
    assert "No organization yet" in page


def test_log_out_asks_for_post_and_ends_the_session(client: Any, alice: User) -> None:
    log_in(client)
    assert "Log out?" in client.get("/accounts/logout/").content.decode()
    client.post("/accounts/logout/")
    assert client.get("/o/northwind/").status_code == 302


def test_a_forgotten_password_is_replaced_by_the_link_in_the_mail(client: Any, alice: User) -> None:
    page = client.post("/accounts/password/reset/", {"email": alice.email}, follow=True)
    assert "Look into your mail" in page.content.decode()
    (letter,) = mail.outbox
    assert letter.subject.endswith("Choose a new password")
    (path,) = re.findall(r"https?://[^/]+(/accounts/password/reset/key/\S+)", letter.body)
    form = client.get(path, follow=True)
    assert "Choose a new password" in form.content.decode()
    action = form.redirect_chain[-1][0]
    client.post(action, {"password1": NEW, "password2": NEW})
    assert log_in(client, password=NEW).redirect_chain[-1][0] == "/o/northwind/"
    assert (
        "does not work any more" in client_without_session().get(path, follow=True).content.decode()
    )


def client_without_session() -> Any:
    from django.test import Client

    return Client()


def test_an_unknown_address_gets_the_same_answer(client: Any, db: None) -> None:
    page = client.post("/accounts/password/reset/", {"email": "nobody@example.com"}, follow=True)
    assert "Look into your mail" in page.content.decode()


def test_the_password_is_changed_by_who_knows_the_old_one(browser: Browser, bob: User) -> None:
    assert (
        "For bob@example.com." in browser.client.get("/accounts/password/change/").content.decode()
    )
    typed = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    browser.client.post("/accounts/password/change/", typed)
    bob.refresh_from_db()
    assert bob.check_password(NEW)


@pytest.mark.parametrize(
    "page", ["signup", "email", "confirm-email", "reauthenticate", "password/set", "login/code"]
)
def test_nobody_signs_up_or_takes_an_address_by_themselves(browser: Browser, page: str) -> None:
    typed = {"email": "eve@example.com", "password1": NEW, "password2": NEW, "action_add": ""}
    assert browser.client.get(f"/accounts/{page}/").status_code == 404
    assert browser.client.post(f"/accounts/{page}/", typed).status_code == 404
    assert not User.objects.filter(email="eve@example.com").exists()


def test_who_is_no_longer_active_is_told_so(client: Any, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert log_in(client).redirect_chain[-1][0] == "/accounts/inactive/"


@pytest.mark.parametrize(("proxies", "is_let_in"), [(0, False), (1, True)])
def test_log_ins_are_limited_by_the_address_that_our_proxy_saw(
    client: Any, alice: User, settings: Any, proxies: int, is_let_in: bool
) -> None:
    cache.clear()  # what other tests tried is counted there, too
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    settings.ACCOUNT_RATE_LIMITS = {"login": "3/m/ip"}
    typed = {"login": "alice@example.com", "password": PASSWORD}
    for _ in range(5):
        wrong = {"login": "alice@example.com", "password": "x"}
        client.post("/accounts/login/", wrong, headers={"X-Forwarded-For": "192.0.2.1, 192.0.2.7"})
    told = {"X-Forwarded-For": "192.0.2.1, 192.0.2.8"}
    assert (client.post("/accounts/login/", typed, headers=told).status_code == 302) is is_let_in


def test_people_get_in_while_redis_is_away_and_wrong_passwords_are_counted_all_the_same(
    client: Any, alice: User, settings: Any
) -> None:
    nowhere = {**settings.CACHES["default"], "LOCATION": "unix:///nowhere/redis.sock"}
    settings.CACHES = {"default": nowhere}
    settings.ACCOUNT_RATE_LIMITS = {"login": "3/m/ip", "reset_password": "20/m/ip"}
    assert log_in(client).redirect_chain[-1][0] == "/o/northwind/"
    client.logout()
    forgotten = {"email": "alice@example.com"}
    assert client.post("/accounts/password/reset/", forgotten, follow=True).status_code == 200
    assert [one.to for one in mail.outbox] == [["alice@example.com"]]
    for _ in range(3):
        log_in(client, password="wrong")
    assert log_in(client).status_code == 429


def test_log_in_asks_a_redis_that_hangs_only_once(client: Any, alice: User, settings: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.setblocking(False)
        hangs = {
            **settings.CACHES["default"],
            "LOCATION": f"redis://127.0.0.1:{silent.getsockname()[1]}",
        }
        settings.CACHES = {"default": hangs}
        assert log_in(client).redirect_chain[-1][0] == "/o/northwind/"
        silent.accept()[0].close()
        with pytest.raises(BlockingIOError):
            silent.accept()
