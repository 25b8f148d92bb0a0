"""What is left to be credited of an invoice, and what is left of a credit memo."""

from collections.abc import Mapping
from decimal import Decimal

import pytest

from billing.errors import AmountRefused, BillingError, IllegalStep, NotFound, OverAllocated
from billing.models import CreditMemo, Invoice, LineKind, OutboxEvent, PostedAs
from billing.money import Money
from billing.rules.credit import Said, left_of, same_lines
from billing.services import credit_memos, drafting, invoice_credit, payments, refunds
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


def of(*lines: DraftLine, rate: str = "10", currency: str = "") -> Invoice:
    """Paid, at this tax rate."""
    region = factories.tax_region(rate_percent=rate)
    customer = factories.customer(tax_region=region, currency=currency)
    invoice = factories.invoice(customer, lines=lines)
    factories.payment(invoice)
    return Invoice.objects.get(pk=invoice.pk)


def discounted(*, after_it_tax: bool = True) -> Invoice:
    """Of a line that bears tax and one that does not, 20.00 off both."""
    off = drafting.discount(amount=Decimal(20), after_it_tax=after_it_tax)
    return of(factories.line("100", taxable=True), factories.line("100"), off)


def left(invoice: Invoice) -> list[int]:
    return [one.minor for one in invoice_credit.creditable(invoice).values()]


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
            second = list(invoice_credit.creditable(invoice))[1]
            credit_memos.issue(invoice=invoice, amounts={second: usd("20.01")})

    def test_what_was_paid_back_as_a_credit_memo_is_not_credited_again(self) -> None:
        invoice = paid("100")
        payment = invoice.allocations.get().payment
        refund = factories.refund(payment, "40")
        refunds.issue_credit_memo(refund=refund)
        assert left(invoice) == [6000]

    def test_all_of_it_is_credited_with_its_discount_and_tax(self) -> None:
        invoice = discounted()
        assert (invoice.total, invoice.tax) == (usd(189), usd(9))
        memo = factories.credit_memo(invoice)
        assert (memo.total, memo.tax) == (usd(189), usd(9))
        # Tax on what stands here as taxable is that tax again, whoever computes it.
        said = [(line.amount, line.taxable) for line in memo.lines.all()]
        assert said == [(usd(100), True), (usd(100), False), (usd(-10), True), (usd(-10), False)]
        assert invoice_credit.left_in_all(invoice) == usd(0)

    def test_a_line_is_credited_with_its_part_of_the_discount(self) -> None:
        invoice = discounted()
        memo = factories.credit_memo(invoice, "50")
        assert (memo.subtotal, memo.tax) == (usd(45), usd("4.50"))
        assert factories.credit_memo(invoice).total == usd("139.50")
        assert left(invoice) == [0, 0]

    def test_tax_before_the_discount_is_credited_in_full(self) -> None:
        invoice = discounted(after_it_tax=False)
        assert invoice.total == usd(190)
        memo = factories.credit_memo(invoice, "100")
        assert (memo.subtotal, memo.tax) == (usd(90), usd(10))
        assert factories.credit_memo(invoice).total == usd(90)

    def test_memos_of_each_line_come_to_the_invoice(self) -> None:
        lines = [factories.line("0.07", taxable=True) for _ in range(10)]
        invoice = of(*lines, rate="8.25")
        memos = [
            credit_memos.issue(invoice=invoice, amounts={key: one})
            for key, one in invoice_credit.creditable(invoice).items()
        ]
        assert Money.total((memo.total for memo in memos), "USD") == invoice.total == usd("0.76")
        assert [memo.tax.minor for memo in memos] == [1, 0, 1, 0, 1, 0, 1, 1, 0, 1]

    def test_memo_that_is_void_is_credited_again(self) -> None:
        invoice = discounted()
        credit_memos.void(credit_memo=factories.credit_memo(invoice, "60"))
        assert factories.credit_memo(invoice).total == usd(189)

    def test_currency_without_decimals_is_credited_to_the_yen(self) -> None:
        lines = [factories.line("101", taxable=True) for _ in range(3)]
        lines.append(drafting.discount(percent=Decimal(10), after_it_tax=True))
        invoice = of(*lines, currency="JPY")
        memos = [factories.credit_memo(invoice, "101"), factories.credit_memo(invoice)]
        assert [memo.tax.minor for memo in memos] == [9, 18]
        assert Money.total((memo.total for memo in memos), "JPY") == invoice.total

    def test_no_more_in_all_than_the_invoice_came_to(self) -> None:
        invoice = of(factories.line("100"), factories.line("-30"))
        first = next(iter(invoice_credit.creditable(invoice)))
        with pytest.raises(OverAllocated, match=r"\$70\.00 can be credited in all, so \$100\.00"):
            credit_memos.issue(invoice=invoice, amounts={first: usd(100)})

    def test_what_was_paid_back_with_its_tax_leaves_the_rest_of_both(self) -> None:
        invoice = of(factories.line("100", taxable=True))
        payment = invoice.allocations.get().payment
        refunds.issue_credit_memo(refund=factories.refund(payment, "55"))
        memo = factories.credit_memo(invoice)
        assert (memo.subtotal, memo.tax) == (usd(45), usd(10))

    def test_discount_is_no_line_to_be_credited(self) -> None:
        invoice = discounted()
        off = invoice.lines.get(kind=LineKind.DISCOUNT)
        with pytest.raises(NotFound):
            credit_memos.issue(invoice=invoice, amounts={off.pk: usd(-20)})

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
