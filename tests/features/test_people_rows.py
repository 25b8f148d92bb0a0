"""Rows about people: who is let in, with what role, and who may do what."""

import re
from collections.abc import Iterator
from concurrent.futures import Executor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.test import Client

from regentra import clock
from tenants import people
from tenants.models import AuditEntry, Invitation, Membership, Organization, Role, Route, User
from tenants.people import NotPossible
from tenants.scope import within
from tests import factories
from tests.features.pages import HERE, Visitor
from tests.integrations.test_meanwhile import begun, somebody

__all__ = ["somebody"]

pytestmark = pytest.mark.django_db(transaction=True)

MEMBERS = "settings/members/"
INVITE = f"/o/northwind/{MEMBERS}invite/"
PASSWORD = "a much longer battery staple"


@pytest.fixture
def northwind(transactional_db: None) -> Organization:
    return factories.organization("northwind", name="Northwind IT", features=["quickbooks"])


@pytest.fixture
def alice(northwind: Organization) -> Visitor:
    return Visitor(
        northwind, factories.member(northwind, "alice@example.com", Role.OWNER, name="Alice")
    )


@pytest.fixture
def admin(northwind: Organization) -> Visitor:
    return Visitor(
        northwind, factories.member(northwind, "dora@example.com", Role.ADMIN, name="Dora")
    )


@pytest.fixture
def bob(northwind: Organization) -> Visitor:
    return Visitor(
        northwind, factories.member(northwind, "bob@example.com", Role.STAFF, name="Bob")
    )


def invite(person: Visitor, email: str, role: str = "Staff") -> str:
    """From the members' page; the path of the link that was mailed."""
    person.go(MEMBERS)
    page = person.press("Invite", {"E-mail address": email, "Role": role})
    (letter,) = [one for one in mail.outbox if one.to == [email.lower()]][-1:]
    link = re.search(r"http://testserver(/invitations/\S+)", str(letter.body))
    assert link is not None and link[0] in page.text
    return link[1]


def form_of(person: Visitor) -> dict[str, str]:
    """What the form on the members' page sends for Erin."""
    page = person.go(MEMBERS)
    (form,) = [one for one in page.tree.all("form") if one["action"] == INVITE]
    (token,) = [one["value"] for one in form.all("input") if one["name"] == "form_token"]
    return {"email": "erin@example.com", "role": "staff", "form_token": token}


def lines(organization: Organization) -> list[tuple[str, str]]:
    """What the audit log says of members."""
    with within(organization):
        rows = AuditEntry.objects.filter(action__startswith="member.").order_by("id")
        return [(row.action, str(row.actor)) for row in rows]


def role_of(organization: Organization, email: str) -> str | None:
    place = Membership.objects.filter(organization=organization, user__email=email).first()
    return place.role if place else None


def test_X_95_invited_person_chooses_a_password_and_is_in_with_the_role(
    northwind: Organization, alice: Visitor
) -> None:
    path = invite(alice, "erin@example.com", "Read only")
    browser = Client()
    assert "invites erin@example.com as Read only" in browser.get(path).content.decode()
    weak = browser.post(path, {"name": "Erin", "password": "password1234"})
    assert "too common" in weak.content.decode() and weak.status_code == 200
    answer = browser.post(path, {"name": "Erin", "password": PASSWORD})
    assert answer.headers["Location"] == "/o/northwind/"
    assert browser.get("/o/northwind/").status_code == 200
    assert role_of(northwind, "erin@example.com") == Role.READ_ONLY
    assert lines(northwind) == [("member.invited", "Alice"), ("member.joined", "Erin")]


def test_link_works_once_and_its_token_is_kept_nowhere(
    northwind: Organization, alice: Visitor
) -> None:
    path = invite(alice, "erin@example.com")
    token = path.split("/")[2]
    assert not Route.objects.filter(key_hash__contains=token).exists()
    with within(northwind):
        assert token not in str(Invitation.objects.values().get())
        assert token not in str(list(AuditEntry.objects.values()))
    Client().post(path, {"name": "Erin", "password": PASSWORD})
    again = Client().post(path, {"name": "Mallory", "password": PASSWORD})
    assert again.status_code == 404
    assert User.objects.filter(email="erin@example.com").count() == 1
    assert not Route.objects.filter(kind="invitation").exists()


def test_link_ends_after_seven_days_when_withdrawn_and_when_another_replaces_it(
    northwind: Organization, alice: Visitor
) -> None:
    first = invite(alice, "erin@example.com")
    second = invite(alice, "erin@example.com")
    assert Client().get(first).status_code == 404
    with clock.frozen(clock.now() + timedelta(days=7, minutes=1)):
        assert Client().get(second).status_code == 404
    assert Client().get(second).status_code == 200
    alice.go(MEMBERS)
    form = next(one for one in alice.page.tree.all("form") if "withdraw" in one["action"])
    by_hand = Client()
    by_hand.force_login(User.objects.get(email="alice@example.com"))
    by_hand.post(form["action"])
    assert Client().get(second).status_code == 404
    assert Client().get("/invitations/never-made/").status_code == 404


def test_known_person_joins_a_second_organization_and_switches_between_them(
    northwind: Organization, alice: Visitor
) -> None:
    contoso = factories.organization("contoso", name="Contoso IT")
    charlie = Visitor(contoso, factories.member(contoso, "charlie@example.com", name="Charlie"))
    path = invite(alice, "Charlie@example.com")
    stranger = Client().get(path).content.decode()
    assert "Log in to join" in stranger and "Choose a password" not in stranger
    assert Client().post(path, {"name": "X", "password": PASSWORD}).status_code == 403
    assert role_of(northwind, "charlie@example.com") is None
    charlie.open(f"{HERE}{path}")
    assert "Overview" in charlie.press("Join Northwind IT").text
    assert "Overview" in charlie.follow("Contoso IT").text
    assert charlie.page.address.endswith("/o/contoso/")


def test_somebody_else_who_is_logged_in_cannot_use_the_link(
    northwind: Organization, alice: Visitor, bob: Visitor
) -> None:
    factories.user("erin@example.com")
    path = invite(alice, "erin@example.com")
    page = bob.open(f"{HERE}{path}")
    assert "You are logged in as bob@example.com" in page.text
    assert not page.offers("Join Northwind IT")
    assert role_of(northwind, "erin@example.com") is None


def test_invitation_that_cannot_be_mailed_still_shows_its_link(
    northwind: Organization, alice: Visitor, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    alice.go(MEMBERS)
    page = alice.press("Invite", {"E-mail address": "erin@example.com"})
    assert "the mail could not be sent" in page.text
    found = re.search(r"/invitations/[\w-]+/", page.text)
    assert found is not None
    assert Client().get(found[0]).status_code == 200


def test_member_cannot_be_invited_again(alice: Visitor, bob: Visitor) -> None:
    alice.go(MEMBERS)
    page = alice.press("Invite", {"E-mail address": "BOB@example.com"})
    assert "bob@example.com is a member already." in page.text
    assert mail.outbox == []


def test_address_that_two_invite_at_the_same_moment_is_invited_twice_and_the_last_link_counts(
    northwind: Organization, alice: Visitor, admin: Visitor, somebody: Executor
) -> None:
    place = Membership.objects.get(user=alice.person, organization=northwind)
    admin.go(MEMBERS)
    with within(northwind):
        people.invite(email="erin@example.com", role=Role.STAFF, by=place, form=uuid4())
        theirs = begun(
            somebody, lambda: admin.press("Invite", {"E-mail address": "erin@example.com"})
        )
    theirs.result()
    with within(northwind):
        (left,) = people.open_invitations()
        assert left.invited_by == admin.person


@pytest.mark.parametrize("fate", ["removed", "given less"])
@pytest.mark.parametrize("wish", ["invite", "raise"])
def test_admin_who_loses_the_place_while_their_form_waits_changes_nothing(
    northwind: Organization,
    alice: Visitor,
    admin: Visitor,
    bob: Visitor,
    somebody: Executor,
    fate: str,
    wish: str,
) -> None:
    owner = Membership.objects.get(user=alice.person, organization=northwind)
    place = Membership.objects.get(user=admin.person, organization=northwind)
    theirs = Membership.objects.get(user=bob.person, organization=northwind)
    client = Client(raise_request_exception=False)
    client.force_login(admin.person)

    def press() -> None:
        if wish == "invite":
            typed = {"email": "evil@example.com", "role": "read_only", "form_token": str(uuid4())}
            client.post(INVITE, typed)
        else:
            client.post(f"/o/northwind/{MEMBERS}{theirs.pk}/role/", {"role": "admin"})

    with within(northwind):
        if fate == "removed":
            people.remove(place, by=owner)
        else:
            people.change_role(place, Role.STAFF, by=owner)
        waiting = begun(somebody, press)
    waiting.result()
    theirs.refresh_from_db()
    assert theirs.role == Role.STAFF
    with within(northwind):
        assert not people.open_invitations().exists()


def test_double_click_on_invite_makes_one_invitation_and_shows_its_link(
    northwind: Organization, alice: Visitor, somebody: Executor
) -> None:
    sent, answers = form_of(alice), list[str]()
    place = Membership.objects.get(user=alice.person, organization=northwind)
    with within(northwind):
        made = people.invite(
            email=sent["email"], role=Role.STAFF, by=place, form=UUID(sent["form_token"])
        )
        second = begun(somebody, lambda: answers.append(by_hand(alice, INVITE, **sent)))
    second.result()
    link = f"/invitations/{made.token}/"
    assert link in answers[0]
    assert Client().get(link).status_code == 200
    assert lines(northwind) == [("member.invited", "Alice")]


def test_form_that_invited_somebody_mails_nothing_again_and_revives_no_link_that_was_withdrawn(
    northwind: Organization, alice: Visitor
) -> None:
    sent = form_of(alice)
    by_hand(alice, INVITE, **sent)
    assert "was invited when this form was sent before" in by_hand(alice, INVITE, **sent)
    other = by_hand(alice, INVITE, **{**sent, "email": "frank@example.com"})
    assert "This form was sent before. To invite somebody, open it anew." in other
    assert [one.to for one in mail.outbox] == [["erin@example.com"]]
    with within(northwind):
        (made,) = people.open_invitations()
        people.withdraw(made, by=Membership.objects.get(user=alice.person))
    assert "This form was sent before." in by_hand(alice, INVITE, **sent)
    assert not Route.objects.filter(kind="invitation").exists()


def by_hand(person: Visitor, path: str, **sent: str) -> str:
    """What somebody may send who does not keep to the page; the page that follows."""
    client = Client()
    client.cookies = person.client.cookies
    return client.post(path, sent, follow=True).content.decode()


def place_path(organization: Organization, email: str, step: str) -> str:
    place = Membership.objects.get(organization=organization, user__email=email)
    return f"/o/{organization.slug}/{MEMBERS}{place.pk}/{step}/"


def test_X_95_role_is_changed_by_owners_and_admins_and_holds_from_the_next_click(
    northwind: Organization, alice: Visitor, bob: Visitor
) -> None:
    assert bob.go("settings/sync-rules/").offers("Save") is False
    path = place_path(northwind, "bob@example.com", "role")
    assert "Bob is Admin now." in by_hand(alice, path, role="admin")
    assert bob.go("settings/sync-rules/").offers("Save")
    assert lines(northwind) == [("member.role_changed", "Alice")]
    assert "Choose one of the roles." in by_hand(alice, path, role="emperor")


def test_nobody_is_raised_above_the_one_who_raises(
    northwind: Organization, alice: Visitor, admin: Visitor, bob: Visitor
) -> None:
    for path, sent in (
        (place_path(northwind, "dora@example.com", "role"), {"role": "owner"}),
        (place_path(northwind, "alice@example.com", "role"), {"role": "staff"}),
        (place_path(northwind, "alice@example.com", "remove"), {}),
    ):
        assert "Only an owner can do this" in by_hand(admin, path, **sent)
    invited = f"/o/northwind/{MEMBERS}invite/"
    assert "Select a valid choice" in by_hand(
        admin, invited, email="erin@example.com", role="owner"
    )
    assert mail.outbox == []
    assert role_of(northwind, "alice@example.com") == Role.OWNER
    assert role_of(northwind, "dora@example.com") == Role.ADMIN


def test_last_owner_stays(northwind: Organization, alice: Visitor) -> None:
    for step, sent in (("role", {"role": "staff"}), ("remove", {})):
        path = place_path(northwind, "alice@example.com", step)
        assert "Alice is the last owner." in by_hand(alice, path, **sent)
    assert role_of(northwind, "alice@example.com") == Role.OWNER
    factories.member(northwind, "erin@example.com", Role.OWNER)
    by_hand(alice, place_path(northwind, "alice@example.com", "role"), role="staff")
    assert role_of(northwind, "alice@example.com") == Role.STAFF


def test_removed_member_is_out_at_the_next_click_and_their_invitations_end(
    northwind: Organization, alice: Visitor, admin: Visitor
) -> None:
    path = invite(admin, "erin@example.com")
    alice.open(f"{HERE}{place_path(northwind, 'dora@example.com', 'remove')}")
    assert "can open nothing of Northwind IT any more" in alice.page.text
    assert "Dora is removed" in alice.press("Remove Dora").text
    admin.go(status=404)
    assert Client().get(path).status_code == 404
    assert lines(northwind)[-1] == ("member.removed", "Alice")


def test_member_who_is_given_less_cannot_come_back_by_an_invitation_of_their_own(
    northwind: Organization, alice: Visitor, admin: Visitor
) -> None:
    above, below = (
        invite(admin, "dora2@example.com", "Admin"),
        invite(admin, "rea@example.com", "Read only"),
    )
    by_hand(alice, place_path(northwind, "dora@example.com", "role"), role="staff")
    assert Client().get(above).status_code == 404
    assert Client().get(below).status_code == 200


def test_nobody_ends_an_invitation_to_a_place_above_their_own(
    northwind: Organization, alice: Visitor, admin: Visitor
) -> None:
    path = invite(alice, "erin@example.com", "Owner")
    refused = by_hand(admin, INVITE, **{**form_of(admin), "role": "read_only"})
    assert "Only an owner can do this" in refused
    with within(northwind):
        (sent,) = people.open_invitations()
    withdrawn = f"/o/northwind/{MEMBERS}invitations/{sent.pk}/withdraw/"
    assert "Only an owner can do this" in by_hand(admin, withdrawn)
    assert Client().get(path).status_code == 200


def test_X_95_admins_map_staff_send_again_and_decide_and_readers_look(
    northwind: Organization, admin: Visitor, bob: Visitor
) -> None:
    reader = Visitor(northwind, factories.member(northwind, "rea@example.com", Role.READ_ONLY))
    with within(northwind):
        invoice = factories.invoice()
    mapping = "settings/integrations/quickbooks/mapping/"
    answers = {
        who: (
            person.client.get(f"/o/northwind/{mapping}").status_code,
            _posted(person, f"sync/invoice/{invoice.pk}/send/"),
            _posted(person, f"sync/difference/{invoice.pk}/"),
        )
        for who, person in (("admin", admin), ("staff", bob), ("reader", reader))
    }
    # Where nothing is connected, the mapping leads elsewhere; the question does not exist.
    assert answers == {
        "admin": (302, 302, 404),
        "staff": (403, 302, 404),
        "reader": (403, 403, 403),
    }
    page = bob.go(MEMBERS).region("What a role may do")
    assert "Staff Customers, work, invoices and payments; sending them again and deciding" in page


def _posted(person: Visitor, path: str) -> int:
    client = Client()
    client.cookies = person.client.cookies
    return client.post(f"/o/northwind/{path}").status_code


@pytest.fixture
def time() -> Iterator[Any]:
    """Puts the clock so many minutes ahead of where it was."""
    start = clock.now()
    with clock.frozen(start):
        yield lambda minutes: clock.frozen(start + timedelta(minutes=minutes))


def test_session_ends_after_thirty_minutes_without_a_click(alice: Visitor, time: Any) -> None:
    alice.go()
    with time(29):
        assert "Overview" in alice.go().text
    with time(58):
        assert "Overview" in alice.go().text
    with time(89):
        page = alice.go()
    assert "Log in" in page.text and "logged out after 30 minutes without a click" in page.text


def test_page_that_brings_itself_up_to_date_keeps_no_session_alive(
    alice: Visitor, time: Any, settings: Any
) -> None:
    alice.go()
    for minutes in (10, 20, 29):
        with time(minutes):
            answer = alice.client.get("/o/northwind/", headers={"X-Unattended": "yes"})
            assert answer.status_code == 200
    with time(31):
        assert alice.client.get("/o/northwind/").status_code == 302
    settings.SESSION_IDLE_MINUTES = 60
    alice.client.force_login(User.objects.get(email="alice@example.com"))
    alice.go()
    with time(59):
        assert alice.client.get("/o/northwind/").status_code == 200


def test_nobody_is_offered_to_remove_the_last_owner(
    northwind: Organization, alice: Visitor, bob: Visitor
) -> None:
    assert "Remove" in alice.go(MEMBERS).row("bob@example.com")
    assert "Remove" not in alice.page.row("alice@example.com")
    factories.member(northwind, "dora@example.com", Role.OWNER, name="Dora")
    assert "Remove" in alice.again().row("alice@example.com")


def test_member_who_was_removed_meanwhile_is_said_to_be_none(
    northwind: Organization, alice: Visitor, bob: Visitor
) -> None:
    place = Membership.objects.get(user__email="bob@example.com", organization=northwind)
    owner = Membership.objects.get(user__email="alice@example.com", organization=northwind)
    Membership.objects.filter(pk=place.pk).delete()
    with within(northwind), pytest.raises(NotPossible, match="Bob is no member any more"):
        people.remove(place, by=owner)
