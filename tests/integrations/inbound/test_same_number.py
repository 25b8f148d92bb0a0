"""What is recommended when two invoices have the same number: a table."""

from dataclasses import replace
from datetime import date

import pytest

from billing.money import Money
from integrations.documents import InvoiceDocument, LineDocument
from integrations.inbound.same_number import Answer, Pair, advise, rows

OURS = InvoiceDocument(
    *("INV-1", "7", date(2026, 11, 1), date(2026, 12, 1), "USD"),
    lines=(LineDocument("3", "Work", Money(10_000, "USD")),),
)
NOTHING = Money.zero("USD")
PAIR = Pair(OURS, OURS, is_linked=False, paid_here=NOTHING, paid_there=NOTHING)
MORE = replace(OURS, lines=(LineDocument("3", "Work", Money(10_001, "USD")),))


@pytest.mark.parametrize(
    ("pair", "best", "may_link"),
    [
        (PAIR, Answer.LINK, True),
        (replace(PAIR, theirs=replace(OURS, customer_memo="Thanks")), Answer.LINK, True),
        # Money was received against theirs, so theirs is what the customer has.
        (replace(PAIR, paid_there=Money(4_000, "USD")), Answer.TAKE, True),
        (replace(PAIR, theirs=MORE), Answer.RENUMBER, True),
        (replace(PAIR, theirs=replace(OURS, customer="8")), Answer.RENUMBER, False),
        (replace(PAIR, theirs=replace(OURS, currency="CAD")), Answer.RENUMBER, False),
        (replace(PAIR, theirs=replace(OURS, voided=True, lines=())), Answer.RENUMBER, False),
        (replace(PAIR, is_linked=True), Answer.RENUMBER, False),
    ],
)
def test_what_is_best(pair: Pair, best: Answer, may_link: bool) -> None:
    advice = advise(pair)
    assert advice.best is best
    assert best in advice.possible
    assert advice.because.endswith(".")
    assert ({Answer.LINK, Answer.TAKE} <= set(advice.possible)) == may_link
    assert {Answer.RENUMBER, Answer.LEAVE} <= set(advice.possible)


def test_rows_mark_what_differs() -> None:
    shown = rows(replace(PAIR, theirs=MORE), ours_for="Adatum", theirs_for="Adatum")
    assert [row.label for row in shown if row.differs] == ["Line 1", "Total"]
    longer = replace(OURS, lines=(*OURS.lines, *OURS.lines))
    (extra,) = [
        row
        for row in rows(replace(PAIR, theirs=longer), ours_for="", theirs_for="")
        if row.label == "Line 2"
    ]
    assert (extra.ours, extra.theirs) == ("", "Work: $100.00")
