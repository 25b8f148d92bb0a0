"""What the operator does: make organizations, switch features on for them (R-24), set their edition and environment."""

import sys
from argparse import ArgumentParser
from typing import Any
from zoneinfo import available_timezones

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import ProhibitNullCharactersValidator, validate_slug
from django.db import transaction
from django.urls import reverse

from integrations.models import Environment, live_connections
from tenants import audit
from tenants.codes import COUNTRIES, CURRENCIES
from tenants.models import Membership, Organization, Role, User
from tenants.scope import within

FEATURES = ("quickbooks",)


class Command(BaseCommand):
    """`manage.py operator list | create-organization | enable | disable | edition | environment`."""

    help = "Makes organizations and switches features on and off for them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("list", help="every organization with what is on")
        create = actions.add_parser("create-organization", help="an organization with its owner")
        create.add_argument("slug", help="its name in addresses")
        create.add_argument("--name", required=True)
        create.add_argument("--owner", required=True, metavar="EMAIL")
        create.add_argument("--owner-name", default="")
        create.add_argument("--currency", default="USD", help="ISO 4217, fixed afterwards")
        create.add_argument("--country", default="US", help="ISO 3166")
        create.add_argument("--timezone", default="UTC", help="IANA name")
        create.add_argument(
            "--password-stdin", action="store_true", help="read a new owner's password from stdin"
        )
        create.add_argument(
            "--existing-user", action="store_true", help="the owner has an account here already"
        )
        for action in ("enable", "disable"):
            switch = actions.add_parser(action, help=f"{action} a feature")
            switch.add_argument("slug")
            switch.add_argument("feature", choices=FEATURES)

        edition = actions.add_parser("edition", help="what was sold; without a name: none")
        edition.add_argument("slug")
        edition.add_argument("name", nargs="?", default="")
        environment = actions.add_parser(
            "environment", help="which QuickBooks companies may be connected"
        )
        environment.add_argument("slug")
        environment.add_argument("environment", choices=("detected", *Environment.values))

    def handle(self, *, action: str, **options: Any) -> None:
        actions: dict[str, Any] = {
            "list": self._list,
            "create-organization": self._create,
            "edition": self._edition,
            "environment": self._environment,
        }
        try:
            _refuse_null(options)
            actions.get(action, self._switch)(action=action, **options)
        except ValidationError as refusal:
            raise CommandError(_words(refusal)) from None

    def _list(self, **_: Any) -> None:
        for organization in Organization.objects.order_by("slug"):
            features = ", ".join(organization.features) or "no features"
            facts = f"{organization.currency}  {features}  {_connected(organization)}"
            self.stdout.write(f"{organization.slug}  {organization.name}  {facts}".rstrip())

    def _switch(self, *, action: str, slug: str, feature: str, **_: Any) -> None:
        with transaction.atomic():
            organization = _locked(slug)
            others = [each for each in organization.features if each != feature]
            organization.features = [*others, feature] if action == "enable" else others
            organization.save(update_fields=["features"])
            with within(organization):
                audit.record(f"organization.feature_{action}d", feature=feature)
        self.stdout.write(f"{feature} is {action}d for {organization.name}.")

    def _edition(self, *, slug: str, name: str, **_: Any) -> None:
        with transaction.atomic():
            organization = _locked(slug)
            organization.edition = name
            organization.full_clean()
            organization.save(update_fields=["edition"])
            with within(organization):
                audit.record("organization.edition_changed", edition=name)
        self.stdout.write(f"{organization.name} has {name or 'no edition'}.")

    def _environment(self, *, slug: str, environment: str, **_: Any) -> None:
        fixed = "" if environment == "detected" else environment
        with transaction.atomic():
            organization = _locked(slug)
            _refuse_while_connected(organization, fixed)
            organization.environment = fixed
            organization.save(update_fields=["environment"])
            with within(organization):
                audit.record("organization.environment_changed", environment=environment)
        kinds = f"{fixed} companies only" if fixed else "companies of both kinds"
        self.stdout.write(f"{organization.name} may connect {kinds}.")

    def _create(self, *, slug: str, owner: str, **options: Any) -> None:
        with transaction.atomic():
            person, is_new = _owner(owner, options["owner_name"], options["existing_user"])
            if options["password_stdin"] and is_new:
                _set_password(person, sys.stdin.readline().rstrip("\n"))
            organization = _organization(slug, options)
            Membership.objects.create(organization=organization, user=person, role=Role.OWNER)
            with within(organization):
                audit.record("organization.created", owner=person.email)
        self.stdout.write(f"{organization.name} is made; {person.email} owns it.")
        if is_new and not person.has_usable_password():
            self.stdout.write(f"Set a password: {_password_link(person)}")


def _locked(slug: str) -> Organization:
    organization = Organization.objects.select_for_update().filter(slug=slug).first()
    if organization is None:
        raise CommandError(f"There is no organization {slug!r}.")
    return organization


def _refuse_while_connected(organization: Organization, fixed: str) -> None:
    with within(organization):
        other = live_connections().exclude(environment=fixed).first()
    if fixed and other is not None:
        raise CommandError(
            f"{other} is connected, a {other.environment} company. Disconnect it first; nothing was changed."
        )


def _organization(slug: str, options: dict[str, Any]) -> Organization:
    organization = Organization(
        slug=slug,
        name=options["name"],
        currency=options["currency"].upper(),
        country=options["country"].upper(),
        timezone=options["timezone"],
    )
    validate_slug(slug)
    organization.full_clean()
    _check_codes(organization)
    organization.save()
    return organization


def _check_codes(organization: Organization) -> None:
    known = {
        "currency": CURRENCIES,
        "country": COUNTRIES,
        "time zone": available_timezones(),
    }
    told = (organization.currency, organization.country, organization.timezone)
    for (what, codes), code in zip(known.items(), told, strict=True):
        if code not in codes:
            raise ValidationError(f"There is no {what} {code!r}.")


def _refuse_null(options: dict[str, Any]) -> None:
    """No column takes one."""
    for text in options.values():
        ProhibitNullCharactersValidator()(text)


def _words(refusal: ValidationError) -> str:
    """All that is wrong, each after the name of what it is about."""
    if not hasattr(refusal, "error_dict"):
        return " ".join(refusal.messages)
    told = refusal.message_dict.items()
    return " ".join(f"{name}: {' '.join(words)}" for name, words in told)


def _owner(email: str, name: str, is_known: bool) -> tuple[User, bool]:
    """The owner, and whether the account is new. Whoever holds an account with this address would own the organization,
    so that this is meant has to be said.
    """
    User(email=email, name=name).clean_fields(exclude={"password"})
    known = User.objects.filter(email__iexact=email).first()
    if known and not is_known:
        raise CommandError(f"{email} has an account; add --existing-user if it is the right one.")
    if is_known and not known:
        raise CommandError(f"{email} has no account; leave --existing-user out to make one.")
    return (known, False) if known else (User.objects.create_user(email, name=name), True)


def _set_password(person: User, password: str) -> None:
    validate_password(password, person)
    person.set_password(password)
    person.save(update_fields=["password"])


def _password_link(person: User) -> str:
    """The address that a password reset would mail; works once and for three days."""
    key = f"{user_pk_to_url_str(person)}-{default_token_generator.make_token(person)}"
    uid, _, token = key.partition("-")
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token})
    return f"{settings.BASE_URL}{path}"


def _connected(organization: Organization) -> str:
    with within(organization):
        companies = [f"{one} ({one.get_status_display()})" for one in live_connections()]
    return ", ".join(companies) or "not connected"
