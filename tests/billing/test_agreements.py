"""Agreements billed period by period, each once, whatever happens between."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from threading import Thread
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.errors import DestinationUnavailable, IllegalStep, NothingToBill
from billing.models import (
    Agreement,
    AgreementLine,
    BilledPart,
    BilledPeriod,
    CreditMemo,
    Customer,
    Invoice,
)
from billing.rules.agreements import Stretch, cost, periods, stretches
from billing.services import agreements, credit_memos, customers, invoices
from billing.services.agreements import Interval, LineWish, Plan
from billing.tasks import bill_agreements
from regentra import clock
from tenants.models import Organization
from tenants.scope import within
from tests import factories

SEATS = LineWish(
    kind="seat",
    description="Managed workstation",
    unit_price=Decimal(31),
    quantity=Decimal(10),
)
JANUARY = date(2026, 1, 1)
NOON = time(17)  # where the provider is


def monthly(start: date = JANUARY, end: date | None = None, *, in_advance: bool = True) -> Plan:
    return Plan(start, end, Interval.MONTHLY, 1, in_advance)


def seats(plan: Plan | None = None, **details: Any) -> Agreement:
    return factories.agreement(**{"plan": plan or monthly(), "lines": [SEATS], **details})


def line_of(agreement: Agreement) -> AgreementLine:
    return AgreementLine.objects.select_related("agreement").get(agreement=agreement)


def totals() -> list[str]:
    rows = Invoice.objects.order_by("issued_on", "number")
    return [f"{one.issued_on} {one.total}" for one in rows]


def lines_of_last() -> list[str]:
    last = Invoice.objects.order_by("-issued_on", "-number")[0]
    return [f"{one.description} = {one.amount}" for one in last.lines.all()]


def test_missed_periods_are_caught_up_in_order_and_dated_as_planned(books: Organization) -> None:
    seats(monthly(date(2026, 1, 17)))
    assert agreements.bill_due(date(2026, 3, 2)) == 3
    # 15 of 31 days of 310.00.
    assert totals() == ["2026-01-17 $150.00", "2026-02-01 $310.00", "2026-03-01 $310.00"]
    assert agreements.bill_due(date(2026, 3, 2)) == 0, "a second round finds nothing"


def test_in_arrears_a_period_is_billed_after_its_last_day(books: Organization) -> None:
    seats(monthly(in_advance=False))
    assert agreements.bill_due(date(2026, 1, 31)) == 0
    assert agreements.bill_due(date(2026, 2, 1)) == 1
    assert totals() == ["2026-02-01 $310.00"]


def test_last_period_is_cut_short_and_then_all_is_billed(books: Organization) -> None:
    agreement = seats(monthly(end=date(2026, 2, 14)))
    agreements.bill_due(date(2026, 12, 31))
    assert totals() == ["2026-01-01 $310.00", "2026-02-01 $155.00"]
    agreement.refresh_from_db()
    assert agreement.next_on is None
    assert agreements.upcoming(agreement) is None


def test_not_prorated_a_part_of_a_period_costs_a_whole_one(books: Organization) -> None:
    seats(monthly(date(2026, 1, 17)), prorated=False)
    agreements.bill_due(date(2026, 1, 17))
    assert totals() == ["2026-01-17 $310.00"]


def test_products_are_never_divided(books: Organization) -> None:
    product = LineWish(
        kind="product", description="Toner", unit_price=Decimal(40), quantity=Decimal(2)
    )
    seats(monthly(date(2026, 1, 17)), lines=[product])
    agreements.bill_due(date(2026, 1, 17))
    assert totals() == ["2026-01-17 $80.00"]


def test_seats_that_change_are_billed_by_the_day_in_arrears(books: Organization) -> None:
    agreement = seats(monthly(in_advance=False))
    agreements.set_quantity(
        line=line_of(agreement), effective_on=date(2026, 1, 22), quantity=Decimal(13)
    )
    agreements.bill_due(date(2026, 2, 1))
    assert lines_of_last() == [
        "Managed workstation × 10, Jan 1, 2026 to Jan 21, 2026 (21 of 31 days) = $210.00",
        "Managed workstation × 13, Jan 22, 2026 to Jan 31, 2026 (10 of 31 days) = $130.00",
    ]


def test_seats_that_change_after_the_invoice_are_settled_with_the_next_one_once(
    books: Organization,
) -> None:
    agreement = seats()
    agreements.bill_due(JANUARY)
    agreements.set_quantity(
        line=line_of(agreement), effective_on=date(2026, 1, 22), quantity=Decimal(13)
    )
    agreements.bill_due(date(2026, 2, 1))
    assert lines_of_last() == [
        "Managed workstation: change of quantity, Jan 1, 2026 to Jan 31, 2026 = $30.00",
        "Managed workstation = $403.00",
    ]
    agreements.bill_due(date(2026, 3, 1))
    assert lines_of_last() == ["Managed workstation = $403.00"]
    agreements.set_quantity(
        line=line_of(agreement), effective_on=date(2026, 1, 22), quantity=Decimal(10)
    )
    agreements.bill_due(date(2026, 4, 1))
    assert [line.rpartition(" = ")[2] for line in lines_of_last()] == [
        *("−$30.00", "−$93.00", "−$93.00", "$310.00"),
    ]


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    changes=st.lists(
        st.tuples(st.integers(0, 240), st.integers(0, 40), st.integers(0, 240)), max_size=5
    ),
    ends=st.lists(st.tuples(st.integers(100, 170), st.integers(0, 240)), max_size=3),
    voids=st.lists(st.integers(0, 240), max_size=3),
    price=st.decimals(Decimal("0.01"), Decimal(900), places=3),
    in_advance=st.booleans(),
)
def test_whatever_changes_when_all_that_was_billed_is_what_was_had(
    books: Organization,
    changes: list[tuple[int, int, int]],
    ends: list[tuple[int, int]],
    voids: list[int],
    price: Decimal,
    in_advance: bool,
) -> None:
    """Each change is of one day and becomes known on another, as late as months after the end; so is each other end.

    What the last invoice did not settle, closing ones and credit memos do; and others in the place of void ones.
    """
    wish = LineWish(kind="seat", description="Seat", unit_price=price, quantity=Decimal(7))
    plan = monthly(date(2026, 1, 10), date(2026, 4, 20), in_advance=in_advance)
    agreement = seats(plan, lines=[wish])
    line = line_of(agreement)
    known = [(day, set_seats(of, many)) for of, many, day in changes]
    known += [(day, move_end(end)) for end, day in ends]
    known += [(day, void_closing) for day in voids]
    for day, happens in sorted(known, key=lambda one: one[0]):
        settle(agreement, plan.starts_on + timedelta(day))
        happens(line)
    settle(agreement, date(2027, 1, 1))
    if agreements.upcoming(agreement):
        ask_for_closing(agreement)
    agreement.refresh_from_db()
    had = [(one.effective_on, one.quantity) for one in line.quantities.all()]
    due = sum(
        cost(price, Stretch(part.quantity, part.first, part.last), period, "USD").minor
        for period in periods(agreement.plan)
        for part in stretches(had, period)
    )
    live = {"customer": agreement.customer, "voided_at": None}
    invoiced = sum(one.total.minor for one in Invoice.objects.filter(**live))
    memos = CreditMemo.objects.filter(**live)
    assert invoiced - sum(one.total.minor for one in memos) == due
    assert (agreement.next_on, agreements.upcoming(agreement), agreement.refusal) == (None,) * 2 + (
        "",
    )
    spans = [(one.first, one.last) for one in agreement.billed.all()]
    assert spans == [(one.first, one.last) for one in periods(agreement.plan)]


def set_seats(of: int, many: int) -> Callable[[AgreementLine], None]:
    """As far as the agreement lasts by then."""

    def happens(line: AgreementLine) -> None:
        effective_on = line.agreement.starts_on + timedelta(of)
        with suppress(IllegalStep):
            agreements.set_quantity(line=line, effective_on=effective_on, quantity=Decimal(many))

    return happens


def move_end(length: int) -> Callable[[AgreementLine], None]:
    """Unless it is billed for longer already."""

    def happens(line: AgreementLine) -> None:
        with suppress(IllegalStep):
            ends_on = line.agreement.starts_on + timedelta(length)
            end(line.agreement, ends_on)

    return happens


def void_closing(line: AgreementLine) -> None:
    """All that are there."""
    parts = BilledPart.objects.filter(period__agreement=line.agreement)
    for invoice in Invoice.objects.filter(pk__in=parts.values("invoice"), voided_at=None):
        invoices.void(invoice=invoice)
    for memo in CreditMemo.objects.filter(pk__in=parts.values("credit_memo"), voided_at=None):
        credit_memos.void(credit_memo=memo)


def ask_for_closing(agreement: Agreement) -> None:
    """As somebody does where it does not come by itself."""
    coming = agreements.upcoming(agreement)
    assert coming is not None
    makes = agreements.credit if coming.below_zero else agreements.bill
    makes(agreement=agreement, first=coming.first)


def end(agreement: Agreement, ends_on: date | None) -> None:
    agreements.change(
        agreement=agreement,
        name=agreement.name,
        ends_on=ends_on,
        terms=None,
        destinations=frozenset(),
    )


def settle(agreement: Agreement, day: date) -> None:
    """All rounds up to this day, and the credit memo that somebody issues as soon as one is asked for."""
    with clock.frozen(datetime.combine(day, NOON, UTC)):
        agreements.bill_due(day)
        agreement.refresh_from_db()
        if agreement.refusal:
            agreements.credit(agreement=agreement, first=closing_of(agreement))


def closing_of(agreement: Agreement) -> date:
    coming = agreements.upcoming(agreement)
    assert coming is not None
    assert coming.period is None
    return coming.first


def test_seats_that_change_in_the_last_period_are_settled_by_a_closing_invoice_once(
    books: Organization,
) -> None:
    agreement = seats(monthly(end=date(2026, 1, 31)))
    agreements.bill_due(JANUARY)
    line = line_of(agreement)
    with clock.frozen(datetime(2026, 1, 22, 17, tzinfo=UTC)):
        agreements.set_quantity(line=line, effective_on=date(2026, 1, 22), quantity=Decimal(13))
        agreement.refresh_from_db()
        assert agreement.next_on == date(2026, 2, 1)
        assert agreements.bill_due(date(2026, 1, 31)) == 0
        assert agreements.bill_due(date(2026, 2, 1)) == 1
        assert agreements.bill_due(date(2026, 2, 1)) == 0
    assert totals() == ["2026-01-01 $310.00", "2026-02-01 $30.00"]
    with clock.frozen(datetime(2026, 3, 5, 17, tzinfo=UTC)):
        agreements.set_quantity(line=line, effective_on=date(2026, 1, 31), quantity=Decimal(14))
        assert agreements.bill_due(date(2026, 3, 5)) == 1
    assert totals()[2:] == ["2026-03-05 $1.00"], "another change, another one"
    with pytest.raises(IllegalStep, match="billed already"):
        agreements.bill(agreement=agreement, first=date(2026, 2, 1))
    assert agreement.billed.count() == 1


def test_what_a_void_closing_invoice_held_is_asked_for_and_the_same_again_comes_by_itself(
    books: Organization,
) -> None:
    agreement = seats(monthly(end=date(2026, 1, 31)))
    agreements.bill_due(JANUARY)
    line, today = line_of(agreement), factories.local_today()
    agreements.set_quantity(line=line, effective_on=date(2026, 1, 22), quantity=Decimal(13))
    assert agreements.bill_due(today) == 1
    invoices.void(invoice=Invoice.objects.get(issued_on=today))
    agreements.change(agreement=agreement, name="Care")
    assert agreements.bill_due(today) == 0
    ask_for_closing(agreement)
    assert lines_of_last() == [
        "Managed workstation: settlement, Jan 1, 2026 to Jan 31, 2026 = $30.00",
    ]
    agreements.set_quantity(line=line, effective_on=date(2026, 1, 22), quantity=Decimal(16))
    assert agreements.bill_due(today) == 1
    assert lines_of_last() == [
        "Managed workstation: change of quantity, Jan 1, 2026 to Jan 31, 2026 = $30.00",
    ]


def test_days_of_a_void_closing_invoice_are_billed_though_the_fee_never_changed(
    books: Organization,
) -> None:
    agreement = factories.agreement(plan=monthly(end=date(2026, 1, 21)))
    agreements.bill_due(JANUARY)
    end(agreement, date(2026, 1, 31))
    today = factories.local_today()
    assert agreements.bill_due(today) == 1
    invoices.void(invoice=Invoice.objects.get(issued_on=today))
    agreement.refresh_from_db()
    ask_for_closing(agreement)
    assert lines_of_last() == [
        "Managed services: settlement, Jan 1, 2026 to Jan 31, 2026 = $32.26",
    ]


def test_days_that_come_to_a_billed_period_are_billed_as_such(books: Organization) -> None:
    agreement = seats(monthly(end=date(2026, 2, 14)))
    agreements.bill_due(date(2026, 2, 1))
    end(agreement, date(2026, 2, 28))
    agreements.set_quantity(
        line=line_of(agreement), effective_on=date(2026, 2, 8), quantity=Decimal(20)
    )
    agreements.bill_due(factories.local_today())
    assert lines_of_last() == [
        "Managed workstation: change of quantity, Feb 1, 2026 to Feb 14, 2026 = $77.50",
        "Managed workstation × 20, Feb 15, 2026 to Feb 28, 2026 (14 of 28 days) = $310.00",
    ]
    with pytest.raises(IllegalStep, match="billed until Feb 28, 2026"):
        end(agreement, date(2026, 2, 20))
    end(agreement, None)
    agreements.bill_due(date(2026, 3, 1))
    assert totals()[-2:] == ["2026-03-01 $620.00", f"{factories.local_today()} $387.50"]


def test_what_the_last_period_gives_back_waits_for_a_credit_memo_and_is_not_tried_again(
    books: Organization,
) -> None:
    agreement = seats(monthly(end=date(2026, 1, 31)))
    agreements.bill_due(JANUARY)
    line = line_of(agreement)
    agreements.set_quantity(line=line, effective_on=JANUARY, quantity=Decimal(4))
    today = factories.local_today()
    assert agreements.bill_due(today) == 0
    agreement.refresh_from_db()
    assert "comes to −$186.00" in agreement.refusal
    assert agreement.next_on is None, "no round tries it again"
    memo = agreements.credit(agreement=agreement, first=closing_of(agreement))
    assert str(memo.total) == "$186.00"
    with pytest.raises(IllegalStep, match="billed already"):
        agreements.credit(agreement=agreement, first=date(2026, 2, 1))
    agreement.refresh_from_db()
    assert (agreement.refusal, agreements.upcoming(agreement)) == ("", None)
    agreements.set_quantity(line=line, effective_on=JANUARY, quantity=Decimal(5))
    with pytest.raises(IllegalStep, match="Nothing is to be given back"):
        agreements.credit(agreement=agreement, first=date(2026, 2, 1))
    assert agreements.bill_due(today) == 1
    assert totals()[1:] == [f"{today} $31.00"]


def test_change_that_is_taken_back_leaves_no_refusal(books: Organization) -> None:
    agreement = seats(monthly(end=date(2026, 1, 31)))
    agreements.bill_due(JANUARY)
    for quantity in (4, 10):
        agreements.set_quantity(
            line=line_of(agreement), effective_on=JANUARY, quantity=Decimal(quantity)
        )
        agreements.bill_due(factories.local_today())
    agreement.refresh_from_db()
    assert (agreement.refusal, agreement.next_on) == ("", None)
    assert len(totals()) == 1


def test_what_was_billed_too_much_waits_until_an_invoice_can_give_it_back(
    books: Organization,
) -> None:
    agreement = seats(monthly(date(2026, 1, 10)))
    agreements.bill_due(date(2026, 1, 10))
    line = line_of(agreement)
    for day, quantity in ((date(2026, 1, 10), 0), (date(2026, 3, 1), 10)):
        agreements.set_quantity(line=line, effective_on=day, quantity=Decimal(quantity))
    assert agreements.bill_due(date(2026, 3, 1)) == 2
    # 22 of 31 days, which were none after all; February has nothing.
    assert totals() == ["2026-01-10 $220.00", "2026-03-01 $90.00"]


def test_by_hand_the_period_that_was_shown_is_billed_and_no_other(books: Organization) -> None:
    agreement = seats()
    first = agreements.bill(agreement=agreement, first=JANUARY)
    assert first is not None
    with pytest.raises(IllegalStep, match="billed already"):
        agreements.bill(agreement=agreement, first=JANUARY)
    assert agreements.bill(agreement=agreement, first=date(2026, 2, 1)) is not None, "ahead of time"
    assert len(totals()) == 2


def test_what_is_billed_in_arrears_is_not_billed_before_it_is_over(books: Organization) -> None:
    today = factories.local_today()
    agreement = seats(monthly(today.replace(day=1), in_advance=False))
    with pytest.raises(IllegalStep, match="in arrears"):
        agreements.bill(agreement=agreement, first=agreement.starts_on)


def test_period_with_nothing_in_it_makes_no_invoice_and_is_done(books: Organization) -> None:
    agreement = seats()
    agreements.set_quantity(line=line_of(agreement), effective_on=JANUARY, quantity=Decimal(0))
    assert agreements.bill_due(JANUARY) == 1
    assert totals() == []
    agreement.refresh_from_db()
    assert agreement.next_on == date(2026, 2, 1)


def test_refusal_is_kept_and_holds_up_no_other_and_goes_when_it_is_put_right(
    books: Organization,
) -> None:
    stuck, other = seats(), seats()
    customer = Customer.objects.get(pk=stuck.customer_id)
    customers.archive(customer=customer)
    assert agreements.bill_due(JANUARY) == 1
    stuck.refresh_from_db()
    assert "is archived" in stuck.refusal
    assert other.billed.count() == 1
    customers.restore(customer=customer)
    assert agreements.bill_due(JANUARY) == 1
    stuck.refresh_from_db()
    assert stuck.refusal == ""


def test_what_may_change_later(books: Organization) -> None:
    agreement = seats()
    agreements.bill_due(date(2026, 2, 1))
    values: dict[str, Any] = {"name": "Care", "terms": None, "destinations": frozenset()}
    with pytest.raises(IllegalStep, match="billed until Feb 28, 2026"):
        agreements.change(agreement=agreement, ends_on=date(2026, 2, 10), **values)
    changed = agreements.change(agreement=agreement, ends_on=date(2026, 2, 28), **values)
    assert (changed.name, changed.next_on) == ("Care", None)


def test_what_makes_no_agreement_is_refused(books: Organization) -> None:
    with pytest.raises(NothingToBill):
        seats(lines=[])
    with pytest.raises(DestinationUnavailable):
        seats(destinations=frozenset({"nowhere"}))
    ten_fees = replace(SEATS, kind="fixed")
    with pytest.raises(IllegalStep, match="billed once; choose Per seat or Product to bill 10 of"):
        seats(lines=[ten_fees])
    agreement = seats()
    for day, words in ((date(2025, 12, 31), "begins on"), (JANUARY, "fewer than none")):
        with pytest.raises(IllegalStep, match=words):
            agreements.set_quantity(line=line_of(agreement), effective_on=day, quantity=Decimal(-1))
    assert Agreement.objects.count() == 1


def test_round_goes_over_all_organizations(northwind: Organization, contoso: Organization) -> None:
    for organization in (northwind, contoso):
        with within(organization):
            today = factories.local_today()
            seats(monthly(today.replace(day=1)))
    bill_agreements()
    for organization in (northwind, contoso):
        with within(organization):
            assert Invoice.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_rounds_at_once_and_a_crash_in_between_make_one_invoice(
    northwind: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    with within(northwind):
        seats(monthly(factories.local_today().replace(day=1)))
    with monkeypatch.context() as broken:
        broken.setattr(agreements.agreement_bill, "note", _dies)
        bill_agreements()
    with within(northwind):
        assert (Invoice.objects.count(), BilledPeriod.objects.count()) == (0, 0), "all or nothing"
    rounds = [Thread(target=_round) for _ in range(3)]
    for each in rounds:
        each.start()
    for each in rounds:
        each.join()
    with within(northwind):
        assert (Invoice.objects.count(), BilledPeriod.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_two_rounds_at_once_and_a_crash_in_between_make_one_closing_invoice(
    northwind: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    with within(northwind):
        agreement = seats(monthly(end=date(2026, 1, 31)))
        agreements.bill_due(JANUARY)
        agreements.set_quantity(line=line_of(agreement), effective_on=JANUARY, quantity=Decimal(13))
    with monkeypatch.context() as broken:
        broken.setattr(agreements.agreement_bill, "note", _dies)
        bill_agreements()
    with within(northwind):
        assert totals() == ["2026-01-01 $310.00"], "all or nothing"
    rounds = [Thread(target=_round) for _ in range(3)]
    for each in rounds:
        each.start()
    for each in rounds:
        each.join()
    with within(northwind):
        assert [one.rpartition(" ")[2] for one in totals()] == ["$310.00", "$93.00"]
        assert BilledPeriod.objects.count() == 1


def _dies(*_: object, **__: object) -> None:
    raise RuntimeError("the process dies here")


def _round() -> None:
    try:
        bill_agreements()
    finally:
        connection.close()
