"""What is left to be credited of an invoice, and what is left of a credit memo."""

from collections.abc import Mapping
from decimal import Decimal

import pytest

from billing.errors import AmountRefused, BillingError, IllegalStep
from billing.models import CreditMemo, Invoice, OutboxEvent, PostedAs
from billing.money import Money
from billing.rules.credit import Said, left_of, same_lines
from billing.services import credit_memos, payments, refunds
from billing.services.drafting import DraftLine
from tests import factories
from tests.factories import usd

ELSEWHERE = "quickbooks_online:1"


def cents(**amounts: int) -> dict[str, Money]:
    return {name: Money(minor, "USD") for name, minor in amounts.items()}


LEFT: list[tuple[dict[str, int], int, dict[str, int]]] = [
    # each line, credited of none of them, what is left of each
    ({"a": 100, "b": 50}, 0, {"a": 100, "b": 50}),
    ({"a": 100, "b": 50}, 120, {"a": 0, "b": 30}),
    ({"a": 0, "b": 50}, 20, {"a": 0, "b": 30}),
    # More than all lines came to, as of a refund with its tax.
    ({"a": 100, "b": 50}, 200, {"a": 0, "b": 0}),
    # A discount stays as it is.
    ({"a": 100, "off": -10}, 90, {"a": 10, "off": -10}),
]


@pytest.mark.parametrize(("lines", "credited", "left"), LEFT)
def test_what_was_credited_of_no_line_comes_off_them_in_their_order(
    lines: Mapping[str, int], credited: int, left: Mapping[str, int]
) -> None:
    assert left_of(cents(**lines), Money(credited, "USD")) == cents(**left)


A, B, OFF = Said("A", 100), Said("B", 50), Said("Discount", -10)
SAME: list[tuple[list[Said], list[Said], list[int | None]]] = [
    ([A, B], [A, B], [0, 1]),
    ([A, B], [B, A], [1, 0]),
    ([A, B], [Said("B", 70)], [1]),
    # Other words at the same place, where none came or went.
    ([A, B], [Said("Work", 100), B], [0, 1]),
    ([A, B], [Said("Work", 100)], [None]),
    ([A, B], [A, Said("More", 5), B], [0, None, 1]),
    # Twice the same words: one after the other.
    ([A, A], [Said("A", 1), Said("A", 2)], [0, 1]),
    ([A, OFF], [A, Said("Discount", 10)], [0, None]),
]


@pytest.mark.parametrize(("before", "now", "places"), SAME)
def test_lines_are_told_by_their_words_else_by_their_place(
    before: list[Said], now: list[Said], places: list[int | None]
) -> None:
    assert same_lines(before, now) == places


def follow(memo: CreditMemo, *lines: tuple[str, str]) -> CreditMemo:
    """It is changed elsewhere to these lines."""
    return credit_memos.change(
        credit_memo=memo,
        lines=[
            DraftLine(description=d, quantity=Decimal(1), unit_price=Decimal(p)) for d, p in lines
        ],
        issued_on=memo.issued_on,
        tax=usd(0),
        notes="",
        memo="",
        origin=ELSEWHERE,
    )


def paid(*prices: str) -> Invoice:
    lines = [factories.line(price, description=f"Work {n}") for n, price in enumerate(prices, 1)]
    invoice = factories.invoice(lines=lines)
    factories.payment(invoice)
    return Invoice.objects.get(pk=invoice.pk)


def left(invoice: Invoice) -> list[int]:
    return [one.minor for one in credit_memos.creditable(invoice).values()]


@pytest.mark.django_db
@pytest.mark.usefixtures("books")
class TestOfAnInvoice:
    def test_changed_lines_stay_credits_of_the_lines_they_were(self) -> None:
        invoice = paid("100", "30")
        memo = factories.credit_memo(invoice, "40")
        follow(memo, ("Work 1", "70"))
        assert left(invoice) == [3000, 3000]
        follow(memo, ("Something else", "90"))
        assert left(invoice) == [1000, 3000]

    def test_more_than_the_line_came_to_comes_off_the_others(self) -> None:
        invoice = paid("100", "30")
        memo = factories.credit_memo(invoice, "40")
        follow(memo, ("Work 1", "110"))
        assert left(invoice) == [0, 2000]
        with pytest.raises(BillingError, match=r"\$20\.00 can be credited"):
            second = list(credit_memos.creditable(invoice))[1]
            credit_memos.issue(invoice=invoice, amounts={second: usd("20.01")})

    def test_what_was_paid_back_as_a_credit_memo_is_not_credited_again(self) -> None:
        invoice = paid("100")
        payment = invoice.allocations.get().payment
        refund = factories.refund(payment, "40")
        refunds.issue_credit_memo(refund=refund)
        assert left(invoice) == [6000]

    def test_service_of_a_line_stays(self) -> None:
        service = factories.service()
        invoice = factories.invoice(lines=[factories.line("100", service=service)])
        memo = factories.credit_memo(invoice)
        follow(memo, ("Managed workstation", "70"))
        assert [one.service for one in memo.lines.all()] == [service]


@pytest.mark.django_db
@pytest.mark.usefixtures("books")
class TestUsedElsewhere:
    def test_it_cannot_be_used_here_as_well(self) -> None:
        memo = note(factories.credit_memo(paid("100")), 60)
        assert memo.remaining == usd(40)
        other = factories.invoice(memo.customer)
        with pytest.raises(BillingError, match=r"has \$40\.00 left"):
            credit_memos.apply(credit_memo=memo, allocations={other.pk: usd(41)})

    def test_payment_from_elsewhere_may_be_what_was_known_to_use_it(self) -> None:
        memo = note(factories.credit_memo(paid("100")), 60)
        other = factories.invoice(memo.customer)
        payments.record(
            customer=memo.customer,
            amount=usd(0),
            allocations={other.pk: usd(70)},
            used={memo.pk: usd(70)},
            origin=ELSEWHERE,
        )
        memo.refresh_from_db()
        assert (memo.applied, memo.elsewhere, memo.remaining) == (usd(70), usd(0), usd(30))

    def test_never_more_than_no_invoice_here_uses(self) -> None:
        memo = factories.credit_memo(paid("100"))
        other = factories.invoice(memo.customer)
        credit_memos.apply(credit_memo=memo, allocations={other.pk: usd(80)})
        assert note(memo, 60).elsewhere == usd(20)
        assert note(memo, -5).elsewhere == usd(0)

    def test_it_is_not_voided_here_but_goes_with_a_void_there(self) -> None:
        memo = note(factories.credit_memo(paid("100")), 60)
        with pytest.raises(IllegalStep, match=r"\$60\.00 of .* is used by documents"):
            credit_memos.void(credit_memo=memo)
        assert credit_memos.void(credit_memo=memo, origin=ELSEWHERE).elsewhere == usd(0)

    def test_tax_never_takes_it_below_what_is_used(self) -> None:
        region = factories.tax_region(rate_percent="10")
        customer = factories.customer(tax_region=region)
        invoice = factories.invoice(customer, lines=[factories.line("100", taxable=True)])
        memo = note(factories.credit_memo(invoice), 105)
        with pytest.raises(AmountRefused, match=r"less than the \$105\.00 used"):
            credit_memos.take_tax(credit_memo=memo, tax=usd(4), origin=ELSEWHERE)
        assert credit_memos.take_tax(credit_memo=memo, tax=usd(5)).total == usd(105)


@pytest.mark.django_db
@pytest.mark.usefixtures("books")
def test_refund_is_to_be_decided_again_once_its_credit_memo_is_void() -> None:
    refund = factories.refund()
    refunds.issue_credit_memo(refund=refund)
    refund.refresh_from_db()
    assert refund.credit_memo is not None
    credit_memos.void(credit_memo=refund.credit_memo, origin=ELSEWHERE)
    refund.refresh_from_db()
    assert (refund.posting, refund.credit_memo) == (PostedAs.ASKED, None)
    last = OutboxEvent.objects.order_by("id").last()
    assert last is not None
    assert (last.kind, last.payload["origin"]) == ("RefundChanged", "")


def note(memo: CreditMemo, amount: int) -> CreditMemo:
    credit_memos.note_used_elsewhere(credit_memo=memo, amount=usd(amount), origin=ELSEWHERE)
    return CreditMemo.objects.get(pk=memo.pk)
