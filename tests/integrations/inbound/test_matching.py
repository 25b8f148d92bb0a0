"""What one of their documents means for us, as a table of facts and decisions."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from billing.money import Money
from integrations.documents import (
    Application,
    CustomerDocument,
    Document,
    Held,
    InvoiceDocument,
    Kind,
    PaymentDocument,
    UsedCredit,
    fingerprint,
)
from integrations.inbound.matching import (
    AlreadyOurs,
    BringIn,
    CustomerGone,
    Differs,
    Facts,
    FollowInvoice,
    Ignore,
    LinkFacts,
    ReapplyPayment,
    RecordPayment,
    ReversePayment,
    SettleIntent,
    Spread,
    decide,
)

OURS = UUID(int=1)
INVOICE = UUID(int=2)
OTHER_INVOICE = UUID(int=3)
MEMO = UUID(int=4)


def usd(minor: int) -> Money:
    return Money(minor, "USD")


PAYMENT = PaymentDocument(
    customer="17",
    received_on=date(2026, 11, 20),
    amount=usd(10000),
    applications=(Application("130", usd(10000)),),
)
BILL = InvoiceDocument(
    number="INV-1",
    customer="17",
    issued_on=date(2026, 11, 1),
    due_on=date(2026, 12, 1),
    currency="USD",
)


def held(document: Document | None, kind: Kind = Kind.PAYMENT, **more: Any) -> Held:
    return Held(kind, "154", "0", document, **more)


def link(document: Document | None, *, made_by_us: bool = False, void: bool = False) -> LinkFacts:
    """A link whose other half last was this document."""
    return LinkFacts(OURS, fingerprint(document) if document else "", made_by_us, void)


def spread(minor: int, *allocations: tuple[UUID, Money]) -> Spread:
    """Of money alone, without credit."""
    return Spread(usd(minor), allocations, used=(), outside=usd(0))


def facts(document: Document | None, kind: Kind = Kind.PAYMENT, **more: Any) -> Facts:
    defaults: dict[str, Any] = {"invoices": (("130", INVOICE),)}
    return Facts(held=held(document, kind), **{**defaults, **more})


def test_payment_of_our_invoice_is_recorded() -> None:
    assert decide(facts(PAYMENT)) == RecordPayment(spread(10000, (INVOICE, usd(10000))))


def test_payment_of_nothing_of_ours_is_ignored() -> None:
    assert decide(facts(PAYMENT, invoices=())) == Ignore()


def test_unfinished_write_of_ours_is_settled_and_never_recorded_as_theirs() -> None:
    assert decide(facts(PAYMENT, open_intent=OURS)) == SettleIntent(OURS)


def test_finished_write_of_ours_under_another_id_is_asked_about() -> None:
    assert decide(facts(PAYMENT, marked_elsewhere=True)).code == "marked_copy"  # type: ignore[union-attr]


def test_same_content_changes_nothing() -> None:
    assert decide(facts(PAYMENT, link=link(PAYMENT))) == AlreadyOurs()


def test_only_the_part_for_our_invoices_and_what_is_unapplied_concerns_us() -> None:
    payment = replace(
        PAYMENT,
        amount=usd(10000),
        applications=(Application("130", usd(2500)), Application("999", usd(7000))),
    )
    # 100.00 received, 70.00 went to an invoice that is not here, 5.00 is unapplied.
    assert decide(facts(payment)) == RecordPayment(spread(3000, (INVOICE, usd(2500))))


def test_one_payment_over_several_invoices() -> None:
    payment = replace(
        PAYMENT, applications=(Application("130", usd(4000)), Application("131", usd(6000)))
    )
    both = (("130", INVOICE), ("131", OTHER_INVOICE))
    expected = ((INVOICE, usd(4000)), (OTHER_INVOICE, usd(6000)))
    assert decide(facts(payment, invoices=both)) == RecordPayment(spread(10000, *expected))


def test_credit_memo_of_ours_that_is_used_over_there_is_used_here() -> None:
    payment = replace(PAYMENT, amount=usd(0), credits=(UsedCredit("140", usd(10000)),))
    used = replace(spread(0, (INVOICE, usd(10000))), used=((MEMO, usd(10000)),))
    assert decide(facts(payment, credit_memos=(("140", MEMO),))) == RecordPayment(used)


@pytest.mark.parametrize("made_by_us", [True, False])
@pytest.mark.parametrize(
    "document", [None, replace(PAYMENT, amount=usd(0), applications=(), voided=True)]
)
def test_voided_or_deleted_payment_is_reversed(
    document: PaymentDocument | None, made_by_us: bool
) -> None:
    known = link(PAYMENT, made_by_us=made_by_us)
    assert decide(facts(document, link=known)) == ReversePayment(OURS)


def test_void_of_ours_that_comes_back_changes_nothing() -> None:
    known = link(PAYMENT, made_by_us=True, void=True)
    assert decide(facts(None, link=known)) == AlreadyOurs()


def test_changed_payment_of_theirs_is_followed() -> None:
    changed = replace(PAYMENT, applications=(Application("130", usd(4000)),))
    decision = decide(facts(changed, link=link(PAYMENT)))
    assert decision == ReapplyPayment(OURS, spread(10000, (INVOICE, usd(4000))))


def test_payment_moved_away_from_our_invoices_is_reversed() -> None:
    moved = replace(PAYMENT, applications=(Application("999", usd(10000)),))
    assert decide(facts(moved, link=link(PAYMENT), invoices=())) == ReversePayment(OURS)


def test_changed_payment_of_ours_is_asked_about() -> None:
    changed = replace(PAYMENT, applications=(Application("130", usd(4000)),))
    known = link(PAYMENT, made_by_us=True)
    assert decide(facts(changed, link=known)).code == "changed_there"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (replace(BILL, memo="edited"), "changed_there"),
        (replace(BILL, voided=True), "voided_there"),
        (None, "deleted_there"),
    ],
)
def test_our_invoice_changed_over_there_is_asked_about(
    document: InvoiceDocument | None, code: str
) -> None:
    decision = decide(facts(document, Kind.INVOICE, link=link(BILL, made_by_us=True)))
    assert isinstance(decision, Differs)
    assert decision.code == code


def test_void_of_our_own_invoice_coming_back_changes_nothing() -> None:
    known = link(BILL, made_by_us=True, void=True)
    assert decide(facts(replace(BILL, voided=True), Kind.INVOICE, link=known)) == AlreadyOurs()


def test_payment_that_our_void_took_off_its_invoice_is_booked() -> None:
    left = replace(PAYMENT, applications=())
    assert decide(facts(left, invoices=())) == Ignore()
    decision = decide(facts(left, invoices=(), let_go=True))
    assert isinstance(decision, RecordPayment)
    assert (decision.spread.amount, decision.spread.allocations) == (PAYMENT.amount, ())


def test_invoice_made_over_there_is_not_ours_yet() -> None:
    assert decide(facts(BILL, Kind.INVOICE)) == Ignore()


def test_edited_customer_is_no_matter_for_decision() -> None:
    before, after = CustomerDocument("Adatum"), CustomerDocument("Adatum", phone="555")
    assert decide(facts(after, Kind.CUSTOMER, link=link(before))) == AlreadyOurs()


def test_vanished_customer_is_no_question_about_a_document() -> None:
    gone = facts(None, Kind.CUSTOMER, link=link(CustomerDocument(name="Adatum")))
    assert decide(gone) == CustomerGone(OURS)


@pytest.mark.parametrize("document", [BILL, replace(BILL, voided=True)])
def test_invoice_of_theirs_comes_in_where_the_rules_say_so(document: Document) -> None:
    assert decide(facts(document, Kind.INVOICE, brings_in=True)) == BringIn()
    assert decide(facts(document, Kind.INVOICE, brings_in=False)) == Ignore()


def test_invoice_that_a_lost_write_of_ours_made_never_comes_in_as_theirs() -> None:
    lost = facts(BILL, Kind.INVOICE, brings_in=True, forgotten=True)
    assert isinstance(decide(lost), Differs)
    copy = facts(BILL, Kind.INVOICE, brings_in=True, marked_elsewhere=True)
    assert isinstance(decide(copy), Differs)


@pytest.mark.parametrize(
    "document", [replace(BILL, memo="edited"), replace(BILL, voided=True)], ids=["edit", "void"]
)
def test_invoice_that_came_in_follows_unless_ours_is_on_its_way(document: Document) -> None:
    known = link(BILL)
    assert decide(facts(document, Kind.INVOICE, link=known)) == FollowInvoice(OURS)
    moving = replace(known, moving=True)
    assert isinstance(decide(facts(document, Kind.INVOICE, link=moving)), Differs)


def test_invoice_that_came_in_and_is_deleted_there_is_a_question() -> None:
    decision = decide(facts(None, Kind.INVOICE, link=link(BILL)))
    assert isinstance(decision, Differs)
    assert decision.code == "deleted_there"
