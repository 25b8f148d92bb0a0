"""The demo looks like a business in the middle of its year, and asking twice changes nothing."""

from datetime import UTC, date, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Count

from billing.models import Customer, Invoice, Payment, Service, TimeEntry
from regentra import clock
from tenants.models import AuditEntry, Membership, Organization, User
from tenants.scope import within

NOW = datetime(2026, 3, 16, 3, 0, tzinfo=UTC)


def demo_data() -> str:
    said = StringIO()
    with clock.frozen(NOW):
        call_command("demo_data", stdout=said)
    return said.getvalue()


@pytest.fixture
def northwind(db: None) -> Organization:
    demo_data()
    connection.check_constraints()
    return Organization.objects.get(slug="northwind")


def test_a_business_in_the_middle_of_its_year(northwind: Organization) -> None:
    today = local_today(northwind)
    with within(northwind):
        states = dict(Invoice.objects.values_list("status").annotate(count=Count("pk")))
        overdue = [each for each in Invoice.objects.all() if each.is_overdue_on(today)]
        assert states == {"DRAFT": 3, "SENT": 7, "PARTIAL": 6, "PAID": 24, "VOID": 2}
        assert len(overdue) > 5
        assert (Customer.objects.count(), Service.objects.count()) == (25, 15)
        assert Customer.objects.exclude(archived_at=None).count() == 1
        assert TimeEntry.objects.filter(invoice_line=None).count() > 20
        assert Payment.objects.annotate(parts=Count("allocations")).filter(parts__gt=1).exists()
        assert [each.unapplied.minor for each in Payment.objects.all() if each.unapplied] == [75000]
        moments = list(AuditEntry.objects.order_by("id").values_list("at", flat=True))
        assert moments == sorted(moments)
        assert moments[-1] < NOW
        assert Invoice.objects.latest("issued_on").issued_on < today


def test_asking_again_changes_nothing_and_says_the_same(northwind: Organization) -> None:
    with within(northwind):
        before = AuditEntry.objects.count()
    password = demo_data().split("password ")[1].split()[0]
    assert User.objects.get(email="alice@example.com").check_password(password)
    members = Membership.objects.order_by("role", "organization__slug")
    assert list(members.values_list("user__email", "organization__slug", "role")) == [
        ("charlie@example.com", "contoso", "owner"),
        ("alice@example.com", "northwind", "owner"),
        ("bob@example.com", "northwind", "staff"),
    ]
    with within(northwind):
        assert AuditEntry.objects.count() == before


def test_a_public_address_gets_no_known_password(db: None, settings: Any) -> None:
    settings.BASE_URL = "https://billing.example.com"
    with pytest.raises(CommandError, match="known to everybody"):
        demo_data()
    assert not User.objects.exists()


def local_today(organization: Organization) -> date:
    with clock.frozen(NOW):
        return clock.today(organization.timezone)
