"""Credit memos of all lines of an invoice, in any order and split, come to its discount and its tax to the cent."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.money import Money
from billing.rules.credit import CreditedLine, OffAll, credited_discount, credited_tax
from billing.rules.totals import Line, document_totals

Part = tuple[int, int]  # the place of a line, and so much of it in minor units


@st.composite
def splits(draw: st.DrawFn, amounts: Sequence[int]) -> list[list[Part]]:
    """Every line cut into parts, and these spread over credit memos."""
    parts: list[Part] = []
    for place, amount in enumerate(amounts):
        cuts = draw(st.lists(st.integers(1, amount), max_size=3, unique=True))
        marks = sorted({0, *cuts, amount})
        parts += [(place, end - begin) for begin, end in pairwise(marks)]
    ordered = draw(st.permutations(parts))
    memos: list[list[Part]] = []
    for part in ordered:
        is_taken = memos and part[0] in {place for place, _ in memos[-1]}
        if not memos or is_taken or draw(st.booleans()):
            memos.append([])
        memos[-1].append(part)
    return memos


@given(data=st.data(), currency=st.sampled_from(["USD", "JPY", "KWD"]))
def test_all_credit_memos_come_to_the_discount_and_the_tax(
    data: st.DataObject, currency: str
) -> None:
    amounts = data.draw(st.lists(st.integers(1, 100_000), min_size=1, max_size=5))
    taxable = [data.draw(st.booleans()) for _ in amounts]
    taken = Money(-data.draw(st.integers(0, sum(amounts))), currency)
    after_it_tax = data.draw(st.booleans())
    rate = Decimal(data.draw(st.integers(0, 300_000))) / 10_000
    money = [Money(minor, currency) for minor in amounts]
    sold = [Line(Decimal(1), one.amount, bears) for one, bears in zip(money, taxable, strict=True)]
    discount = Line(Decimal(1), taken.amount, after_it_tax, discount=True)
    totals = document_totals([*sold, discount], tax_rate_percent=rate, currency=currency)
    # As computed, or as somebody else computed it.
    tax = data.draw(st.sampled_from([totals.tax, totals.tax + Money(3, currency)]))
    nothing = Money.zero(currency)
    lines = [
        CreditedLine(one, nothing, one, nothing, bears)
        for one, bears in zip(money, taxable, strict=True)
    ]
    off = OffAll(taken, after_it_tax, nothing)
    paid = nothing
    for memo in data.draw(splits(amounts)):
        now = dict(memo)
        lines = [
            replace(line, now=Money(now.get(place, 0), currency))
            for place, line in enumerate(lines)
        ]
        back = credited_discount(lines, off)
        share = credited_tax(lines, off, discount=back, tax=tax, before=paid, rate_percent=rate)
        assert taken - off.before <= back <= nothing
        assert nothing <= share <= tax - paid
        off, paid = replace(off, before=off.before + back), paid + share
        lines = [
            replace(line, before=line.before + line.now, left=line.left - line.now)
            for line in lines
        ]
    assert (off.before, paid) == (taken, tax)


def dollars(amount: str) -> Money:
    return Money.of(Decimal(amount), "USD")


def of(amount: str, now: str, *, before: str = "0", taxable: bool = True) -> CreditedLine:
    whole, gone = dollars(amount), dollars(before)
    return CreditedLine(whole, gone, whole - gone, dollars(now), taxable)


TAXES: list[tuple[list[CreditedLine], str, str, str, str]] = [
    # the lines, the invoice's tax, what is credited of it, its rate, and the tax of the credit memo
    ([of("10", "5")], "0.83", "0", "8.25", "0.41"),
    ([of("10", "5", before="5")], "0.83", "0.41", "8.25", "0.42"),
    # Taken over with its tax: the same share of it.
    ([of("10", "5")], "1.00", "0", "0", "0.50"),
    # QuickBooks computed more for the former credit memo than it is here: nothing is left, and nothing taken back.
    ([of("10", "2", before="5")], "0.83", "0.60", "8.25", "0.00"),
    ([of("10", "5", before="5")], "0.83", "0.84", "8.25", "0.00"),
    # What bears no tax has none, even where a cent of it is left.
    ([of("10", "0", before="10"), of("10", "5", taxable=False)], "0.83", "0.82", "8.25", "0.00"),
]


@pytest.mark.parametrize(("lines", "tax", "before", "rate", "share"), TAXES)
def test_tax_is_what_has_come_together_less_what_was_credited(
    lines: list[CreditedLine], tax: str, before: str, rate: str, share: str
) -> None:
    off = OffAll(dollars("0"), after_it_tax=False, before=dollars("0"))
    found = credited_tax(
        lines,
        off,
        discount=off.amount,
        tax=dollars(tax),
        before=dollars(before),
        rate_percent=Decimal(rate),
    )
    assert found == dollars(share)
