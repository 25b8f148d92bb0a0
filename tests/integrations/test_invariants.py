"""Each check sees its damage; what is wrong stops sending, what is only late is told."""

from io import StringIO

import pytest
import requests
from django.core.management import CommandError, call_command

from billing.models import CreditMemo, Customer, Invoice
from billing.services import credit_memos
from integrations import invariants
from integrations.checkup import check_up
from integrations.documents import Kind
from integrations.invariants import CHECKS
from integrations.models import NoticeKind, Notification
from integrations.outbound import customer_choice
from tenants.models import AuditEntry, Organization
from tenants.scope import within
from tests import factories
from tests.integrations.damage import LATE, STOPPING, Damage, done
from tests.integrations.world import World

TO_ANOTHER = Damage(
    "payments_fit",
    (
        """UPDATE billing_payment SET customer_id =
        (SELECT id FROM billing_customer WHERE name = 'Fabrikam')""",
    ),
)
BY_CHECK = {damage.check: damage for damage in STOPPING}
LINES, AFTER_DISCONNECT = BY_CHECK["invoice_lines"], BY_CHECK["nothing_after_disconnect"]

pytestmark = pytest.mark.django_db(databases=["default", "owner"], transaction=True)


@pytest.fixture
def busy(world: World) -> World:
    """Two invoices and a part payment of one are in QuickBooks; a credit memo is not."""
    customer = world.linked_customer()
    first, _ = [world.invoice(customer) for _ in range(2)]
    world.work()
    with world.inside():
        payment = factories.payment(Invoice.objects.get(pk=first.pk), "40")
        factories.refund(payment, "10")
        credit_memos.record(
            customer=customer,
            currency="USD",
            lines=[factories.line()],
            issued_on=factories.TODAY,
            tax=factories.usd(0),
        )
    world.work()
    assert len(world.held("Payment")) == 1
    world.forget_calls()
    return world


def found(world: World) -> set[str]:
    with world.inside():
        return {each.check.name for each in invariants.violations()}


def told(world: World, kind: NoticeKind) -> list[Notification]:
    with world.inside():
        return list(Notification.objects.filter(kind=kind, closed_at=None))


def named(damage: Damage) -> str:
    return damage.check


def test_every_check_has_a_damage_that_it_sees() -> None:
    stopping = [check.name for check in CHECKS if check.stops]
    late = [check.name for check in CHECKS if not check.stops]
    assert sorted(stopping) == sorted(each.check for each in STOPPING)
    assert sorted(late) == sorted(each.check for each in LATE)


def test_kinds_that_travel_are_the_kinds_that_checks_know() -> None:
    travelling = {kind.value for kind in Kind}
    for check in CHECKS:
        if "lead_somewhere" in check.name:
            assert {kind for kind in travelling if f"'{kind}'" in check.query} == travelling


def test_where_all_is_well_nothing_is_found_and_sending_goes_on(busy: World) -> None:
    assert found(busy) == set()
    check_up(busy.organization.id)
    busy.invoice(busy.customer("Fabrikam", email="ap@fabrikam.example"))
    busy.work()
    assert len(busy.held("Invoice")) == 3


@pytest.mark.parametrize("damage", STOPPING, ids=named)
def test_damage_is_found_and_nothing_is_sent_any_more(busy: World, damage: Damage) -> None:
    with done(busy, damage):
        assert damage.check in found(busy)
        check_up(busy.organization.id)
        invoice = busy.invoice(busy.customer("Fabrikam", email="ap@fabrikam.example"))
        busy.work()
        assert busy.job(invoice).reason_code == "sending_stopped"
        assert len(told(busy, NoticeKind.SENDING_STOPPED)) == 1
    assert not [call for call in busy.journal() if call["method"] == "POST"]
    assert len(busy.held("Invoice")) == 2


def test_payment_that_did_not_come_from_there_settles_nothing_of_another_customer(
    busy: World,
) -> None:
    busy.customer("Fabrikam", email="ap@fabrikam.example")
    with busy.inside():
        open_one = Invoice.objects.get(applied_minor=0)
        credit_memos.apply(
            credit_memo=CreditMemo.objects.get(), allocations={open_one.pk: factories.usd(10)}
        )
    with done(busy, TO_ANOTHER):
        assert found(busy) == {"payments_fit", "credit_fits"}


@pytest.mark.parametrize("damage", LATE, ids=named)
def test_what_is_late_is_told_and_holds_nothing_up(busy: World, damage: Damage) -> None:
    with done(busy, damage):
        assert found(busy) == {damage.check}
        check_up(busy.organization.id)
        assert busy.connection.stopped_at is None
        (notice,) = told(busy, NoticeKind.WORK_LATE)
        assert notice.severity == "soon"
    check_up(busy.organization.id)
    assert told(busy, NoticeKind.WORK_LATE) == []


def test_business_in_the_middle_of_its_year_holds(transactional_db: None) -> None:
    call_command("demo_data", stdout=StringIO())
    for organization in Organization.objects.all():
        with within(organization):
            assert [each for each in invariants.violations() if each.check.stops] == []


def test_customer_that_was_merged_away_and_is_made_anew_is_no_damage(busy: World) -> None:
    with busy.inside():
        customer = Customer.objects.get()
    gone = busy.link(customer).remote_id
    merged = busy.bookkeeper("Customer", {"DisplayName": "Adatum Group"})
    page = f"{busy.box.url}/company/{busy.realm}/customers/{gone}/merge"
    assert requests.post(page, data={"into": merged["Id"]}, timeout=10).ok
    for _ in range(2):
        busy.due_now()
        busy.work()
    with busy.inside():
        customer_choice.make_its_own(busy.connection, customer, actor=busy.owner)
    busy.work()
    assert busy.link(customer).remote_id != gone
    assert found(busy) == set()


def test_stop_in_the_middle_of_a_turn_lets_no_further_write_begin(busy: World) -> None:
    customer = busy.customer("Fabrikam", email="ap@fabrikam.example")
    busy.invoice(customer)

    def stop_once_the_customer_is_there(phase: str, effect: object) -> None:
        if phase == "after" and type(effect).__name__ == "CommitAnswer":
            check_up(busy.organization.id)

    with done(busy, AFTER_DISCONNECT):
        busy.work(observe=stop_once_the_customer_is_there)
        busy.work()
    assert len(busy.held("Customer")) == 2
    assert len(busy.held("Invoice")) == 2


def test_one_organizations_damage_stops_nobody_else(busy: World) -> None:
    other = factories.organization()
    with done(busy, LINES):
        check_up(other.pk)
        assert busy.connection.stopped_at is None
        check_up(busy.organization.id)
        assert busy.connection.stopped_at is not None


def test_stop_is_written_down_once(busy: World) -> None:
    with done(busy, LINES):
        for _ in range(3):
            check_up(busy.organization.id)
    with busy.inside():
        (entry,) = AuditEntry.objects.filter(action="quickbooks.sending_stopped")
    assert entry.detail == {"checks": ["invoice_lines"]}


def test_command_prints_what_does_not_hold_and_fails(busy: World) -> None:
    printed = StringIO()
    call_command("invariants", stdout=printed)
    slug = busy.organization.slug
    assert printed.getvalue() == f"{slug}: all {len(CHECKS)} checks hold\n"
    with done(busy, LINES), pytest.raises(CommandError, match=f"Does not hold in: {slug}"):
        call_command("invariants", "--organization", slug, stdout=printed)
    assert "invoice_lines (stops sending). An invoice comes to what its lines" in printed.getvalue()
    assert busy.connection.stopped_at is None


def test_command_knows_an_unknown_organization() -> None:
    with pytest.raises(CommandError, match="no organization 'nobody'"):
        call_command("invariants", "--organization", "nobody")
