"""Everything that can go wrong on the way to a connection: each its own sentence, and nothing stored."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command

from integrations.models import OAuthState
from regentra import clock
from tenants.models import Membership, Role, Route
from tests import factories
from tests.integrations.connect.desk import CALLBACK, Desk, bob_of, browser_of, said, with_query

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


def refused(desk: Desk, answer: Any) -> str:
    """What the page says; checks that the answer is a bare redirect and that nothing was stored."""
    assert (answer.status_code, answer.content) == (302, b"")
    assert "?" not in answer.headers["Location"]
    assert desk.stored() == (0, 0)
    assert not Route.objects.exists()
    return said(answer)[-1]


def test_declined_at_intuit(desk: Desk) -> None:
    back = desk.consent(desk.press_connect(), desk.company(), "cancel")
    assert "Access was declined" in refused(desk, desk.come_back(back))


def test_an_error_of_intuits_is_named_when_it_is_a_word(desk: Desk) -> None:
    back = desk.consent(desk.press_connect(), desk.company(), "cancel")
    words = refused(desk, desk.come_back(with_query(back, error="invalid_scope")))
    assert "(invalid_scope)" in words


def test_an_error_that_is_no_word_is_not_repeated(desk: Desk) -> None:
    back = desk.consent(desk.press_connect(), desk.company(), "cancel")
    words = refused(desk, desk.come_back(with_query(back, error="<script>alert(1)</script>")))
    assert "script" not in words


def test_a_state_we_never_gave(desk: Desk) -> None:
    back = desk.consent(desk.press_connect(), desk.company())
    words = refused(desk, desk.come_back(with_query(back, state="x" * 43)))
    assert "did not start here" in words


@pytest.mark.parametrize("state", ["", "\ud800", "a\0b"])
def test_a_state_that_is_none(desk: Desk, state: str) -> None:
    answer = desk.browser.get(
        CALLBACK, {"code": "c", "realmId": "1", "state": state.encode("utf-8", "surrogatepass")}
    )
    assert "did not start here" in refused(desk, answer)


def test_a_state_used_before(desk: Desk) -> None:
    back = desk.consent(desk.press_connect(), desk.company(), "cancel")
    desk.come_back(back)
    desk.browser.get(desk.page())
    assert "used already" in refused(desk, desk.come_back(back))


def test_a_state_older_than_ten_minutes(desk: Desk) -> None:
    back = desk.consent(desk.press_connect(), desk.company())
    with clock.frozen(clock.now() + timedelta(minutes=10, seconds=1)):
        assert "longer than 10 minutes" in refused(desk, desk.come_back(back))


def test_L_79_a_sign_in_begun_in_another_session_of_the_same_person(desk: Desk) -> None:
    elsewhere = browser_of(desk.alice)
    back = desk.consent(desk.press_connect(elsewhere), desk.company())
    assert "another browser session" in refused(desk, desk.come_back(back))
    # Nobody can use up a ticket that is not theirs.
    assert desk.come_back(back, elsewhere).headers["Location"] == desk.named()
    assert desk.stored() == (1, 1)


def test_L_79_a_sign_in_begun_by_another_person(desk: Desk) -> None:
    back = desk.consent(desk.press_connect(), desk.company())
    charlie = browser_of(factories.member(factories.organization("contoso"), "charlie@example.com"))
    answer = desk.come_back(back, charlie)
    assert "another browser session" in refused(desk, answer)
    assert "northwind" not in answer.headers["Location"]


def test_somebody_who_is_not_logged_in(desk: Desk) -> None:
    back = desk.consent(desk.press_connect(), desk.company())
    desk.browser.logout()
    answer = desk.come_back(back)
    assert "logged out" in refused(desk, answer)
    assert answer.headers["Location"] == "/accounts/login/"


def test_an_admin_who_lost_the_role_on_the_way(desk: Desk) -> None:
    back = desk.consent(desk.press_connect(), desk.company())
    Membership.objects.filter(user=desk.alice).update(role=Role.STAFF)
    assert "Only an owner or admin" in refused(desk, desk.come_back(back))


def test_quickbooks_that_the_operator_switched_off_on_the_way(desk: Desk) -> None:
    back = desk.consent(desk.press_connect(), desk.company())
    call_command("operator", "disable", "northwind", "quickbooks")
    words = refused(desk, desk.come_back(back))
    assert words.startswith("QuickBooks was switched off for this organization meanwhile.")


@pytest.mark.parametrize(
    "missing", [{"code": ""}, {"realmId": ""}, {"realmId": "../../evil"}, {"realmId": "1" * 21}]
)
def test_an_incomplete_answer(desk: Desk, missing: dict[str, str]) -> None:
    back = desk.consent(desk.press_connect(), desk.company())
    assert "incomplete" in refused(desk, desk.come_back(with_query(back, **missing)))


def test_a_code_that_is_spent(desk: Desk) -> None:
    back = desk.consent(desk.press_connect(), desk.company())
    assert "expired or was used" in refused(desk, desk.come_back(with_query(back, code="spent")))


def test_a_company_id_that_the_token_does_not_open(desk: Desk) -> None:
    back = desk.consent(desk.press_connect(), desk.company())
    words = refused(desk, desk.come_back(with_query(back, realmId=desk.company())))
    assert "did not let us into the company" in words


def test_K_39_a_company_of_another_currency(desk: Desk) -> None:
    realm = desk.company(country="CA", name="Maple Books")
    words = refused(desk, desk.come_back(desk.consent(desk.press_connect(), realm)))
    assert "Maple Books keeps its books in CAD, Northwind bills in USD." in words
    assert len(desk.calls("/tokens/revoke")) == 1


def test_a_company_that_another_organization_has(desk: Desk) -> None:
    realm = desk.company(name="Shared Books")
    desk.connect(realm)
    contoso = factories.organization("contoso", features=["quickbooks"])
    charlie = factories.member(contoso, "charlie@example.com")
    theirs = Desk(desk.box, desk.client_id, contoso, charlie, browser_of(charlie))
    answer = theirs.come_back(theirs.consent(theirs.press_connect(), realm))
    words = said(answer)[-1]
    assert words.startswith("Shared Books is connected to another Regentra organization already.")
    assert "orthwind" not in words
    assert theirs.stored() == (0, 0)
    assert Route.objects.get().organization_id == desk.organization.pk
    # Revoking would have ended Northwind's access, too.
    assert not desk.calls("/tokens/revoke")


@pytest.mark.parametrize("path", ["tokens/bearer", "v3/company"])
def test_a_vendor_that_does_not_answer(desk: Desk, path: str) -> None:
    back = desk.consent(desk.press_connect(), desk.company())
    desk.trouble("status", path=path, times=None)
    assert "did not answer" in refused(desk, desk.come_back(back))


def test_L_25_only_owners_and_admins_may_connect(desk: Desk) -> None:
    for role in (Role.STAFF, Role.READ_ONLY):
        bob = bob_of(desk.organization, role)
        for name in ("connect/", "disconnect/", "use-company/", "mapping/refresh/"):
            assert bob.post(desk.page(name)).status_code == 403
        assert bob.get(desk.page("mapping/")).status_code == 403
        page = bob.get(desk.page()).content.decode()
        assert "An owner or admin of Northwind can connect it." in page
        assert "Connect QuickBooks</button>" not in page
    assert bob_of(desk.organization, Role.ADMIN).post(desk.page("connect/")).status_code == 302


def test_a_stranger_finds_no_such_page(desk: Desk) -> None:
    charlie = browser_of(factories.member(factories.organization("contoso"), "charlie@example.com"))
    for name in ("connect/", "disconnect/", "use-company/", "mapping/refresh/"):
        assert charlie.post(desk.page(name)).status_code == 404
    for name in ("", "mapping/", "mapping/lists/", "disconnect/"):
        assert charlie.get(desk.page(name)).status_code == 404


def switch_off_for_the_organization(desk: Desk, settings: Any) -> None:
    desk.organization.features = []
    desk.organization.save()


def leave_out_the_client_id(desk: Desk, settings: Any) -> None:
    settings.INTUIT_CLIENT_ID = ""


def leave_out_the_secret(desk: Desk, settings: Any) -> None:
    settings.INTUIT_CLIENT_SECRET = ""


@pytest.mark.parametrize(
    "break_it", [switch_off_for_the_organization, leave_out_the_client_id, leave_out_the_secret]
)
def test_R_21_R_22_R_23_L_41_where_it_is_not_configured_there_is_a_sentence_and_no_button(
    desk: Desk, settings: Any, break_it: Callable[[Desk, Any], None]
) -> None:
    break_it(desk, settings)
    page = desk.browser.get(desk.page()).content.decode()
    assert "QuickBooks integration not configured" in page
    assert "support@regentra.io" in page
    assert "connect/" not in page.replace("integrations/quickbooks/", "")
    desk.browser.post(desk.page("connect/"))
    assert not OAuthState.objects.exists()
