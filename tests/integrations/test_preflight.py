"""What the checklist says of each setting of a company: a table."""

from dataclasses import replace
from datetime import date

import pytest

from integrations.documents import Company
from integrations.policies import ClosedPeriod, Policies
from integrations.preflight import Finding, Seen, findings

COMPANY = Company(
    *("Northwind Managed IT", "US", "USD"),
    edition="QuickBooks Online Plus",
    custom_numbers=True,
    uses_tax=True,
    online_payments=True,
)
SEEN = Seen(COMPANY, "USD", "US", Policies(), has_many_customers=False, is_mapped=True)


def line(seen: Seen, topic: str) -> Finding:
    (found,) = [one for one in findings(seen) if one.topic == topic]
    return found


def company(**settings: object) -> Seen:
    return replace(SEEN, company=replace(COMPANY, **settings))  # type: ignore[arg-type]


def test_company_that_is_set_up_well_has_nothing_to_look_at() -> None:
    assert all(one.is_fine and not one.to_do for one in findings(SEEN))


@pytest.mark.parametrize(
    ("seen", "topic", "words"),
    [
        (replace(SEEN, is_mapped=False), "Accounts", "Set up accounts"),
        (company(custom_numbers=False), "Invoice numbers", "Custom transaction numbers"),
        (company(auto_apply_credits=True), "Credits", "Automatically apply credits."),
        (company(auto_apply_payments=True), "Credits", "Automatically apply payments."),
        (
            company(auto_apply_credits=True, auto_apply_payments=True),
            "Credits",
            "Automatically apply credits and payments.",
        ),
        (company(uses_tax=False), "Sales tax", "set it up there"),
        (company(currency="CAD"), "Currency", "Connect a company whose home currency is USD"),
    ],
)
def test_what_should_be_changed_says_how(seen: Seen, topic: str, words: str) -> None:
    found = line(seen, topic)
    assert not found.is_fine
    assert words in found.to_do
    assert [one.topic for one in findings(seen) if not one.is_fine] == [topic]


@pytest.mark.parametrize(
    ("seen", "topic", "words"),
    [
        (company(automated_tax=True), "Sales tax", "Spot-check"),
        (replace(SEEN, has_many_customers=True), "Edition", "may need Plus or Advanced"),
        (company(online_payments=False), "Online payments", "enrol there"),
    ],
)
def test_what_is_good_to_know_is_no_fault(seen: Seen, topic: str, words: str) -> None:
    assert line(seen, topic).is_fine
    assert words in line(seen, topic).to_do


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (ClosedPeriod.ASK, "asked about"),
        (ClosedPeriod.HOLD, "waits"),
        (ClosedPeriod.SHIFT, "under the day after"),
    ],
)
def test_closing_date_says_what_the_rules_do_with_it(rule: ClosedPeriod, words: str) -> None:
    closed = company(books_closed_on=date(2026, 3, 31))
    says = line(replace(closed, policies=Policies(closed_period=rule)), "Closing date").says
    assert "Mar 31, 2026" in says
    assert words in says
