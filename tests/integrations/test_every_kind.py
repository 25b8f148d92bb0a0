"""Whoever adds a kind of document to `Kind` gives it a row in each table that exactly once rests on."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from billing.money import Money
from integrations.documents import (
    KIND_OF,
    AccountDocument,
    Application,
    Company,
    CreditMemoDocument,
    CustomerDocument,
    Document,
    ExpenseDocument,
    Held,
    InvoiceDocument,
    ItemDocument,
    Kind,
    LineDocument,
    MailDocument,
    Operation,
    PaymentDocument,
    RefundReceiptDocument,
    from_json,
    holder_of,
    to_json,
)
from integrations.inbound import copies, intake, marks, sweep
from integrations.labels import NAMES
from integrations.models import SyncJob
from integrations.outbound import customer_links, jobs, materials
from integrations.outbound.compose import compose
from integrations.outbound.effects import OpenIntent
from integrations.outbound.look_ups import look_up
from integrations.outbound.recognise import ours_among, say_the_same, was_mailed
from integrations.quickbooks_online.mapping.bodies import QuickBooksBodies
from integrations.quickbooks_online.mapping.held import ENTITIES
from integrations.standing import DOCUMENT_PAGES
from tests.integrations.world import World
from tests.simulation import checks

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MARKER = "3f2a9c1b0d4e"
COMPANY = Company("Alice's Company", "US", "USD", custom_numbers=True)
DOLLAR = Money(100, "USD")

# One of each, and the same with another content.
SAMPLES: dict[Kind, tuple[Document, Document]] = {
    Kind.CUSTOMER: (CustomerDocument("Adatum"), CustomerDocument("Adatum", phone="555 0100")),
    Kind.ACCOUNT: (AccountDocument("Support"), AccountDocument("Support", type="Expense")),
    Kind.ITEM: (ItemDocument("Support"), ItemDocument("Support", type="NonInventory")),
    Kind.INVOICE: (
        InvoiceDocument("INV-1", "7", date(2026, 11, 1), date(2026, 12, 1), "USD"),
        InvoiceDocument(
            *("INV-1", "7", date(2026, 11, 1), date(2026, 12, 1), "USD"),
            lines=(LineDocument("3", "Work", DOLLAR),),
        ),
    ),
    Kind.CREDIT_MEMO: (
        CreditMemoDocument("CM-1", "7", date(2026, 11, 1), "USD"),
        CreditMemoDocument(
            *("CM-1", "7", date(2026, 11, 1), "USD"), lines=(LineDocument("3", "Work", DOLLAR),)
        ),
    ),
    Kind.PAYMENT: (
        PaymentDocument("7", date(2026, 11, 1), DOLLAR),
        PaymentDocument("7", date(2026, 11, 1), DOLLAR, (Application("9", DOLLAR),)),
    ),
    Kind.EXPENSE: (
        ExpenseDocument("RG1", "7", date(2026, 11, 1), DOLLAR, "35", "80"),
        ExpenseDocument("RG1", "7", date(2026, 11, 1), Money(200, "USD"), "35", "80"),
    ),
    Kind.REFUND_RECEIPT: (
        RefundReceiptDocument("RF-1", "7", date(2026, 11, 1), "USD", account="35"),
        RefundReceiptDocument(
            *("RF-1", "7", date(2026, 11, 1), "USD"),
            lines=(LineDocument("3", "Work", DOLLAR),),
            account="35",
        ),
    ),
    Kind.MAIL: (
        MailDocument("9", NOW),
        MailDocument("9", NOW + timedelta(days=1), "ap@adatum.example", NOW),
    ),
}
# What leaves its trace on another document: there is nothing of its own to look for, to mark or to follow.
EFFECTS = {Kind.MAIL}
# Who bears no mark is told by a name, which is unique over there; of these nothing can be made twice.
NAMED = {Kind.CUSTOMER, Kind.ACCOUNT, Kind.ITEM}
# Accounts and items are made once, on confirmation; what becomes of them is followed as one of the company's lists.
LISTED = {Kind.ACCOUNT, Kind.ITEM}

every_kind = pytest.mark.parametrize("kind", list(Kind), ids=str)
every_document = pytest.mark.parametrize("kind", [x for x in Kind if x not in EFFECTS], ids=str)
every_effect = pytest.mark.parametrize("kind", sorted(EFFECTS), ids=str)


class Asked:
    """Notes which question a look-up asks."""

    def __init__(self) -> None:
        self.questions: list[tuple[str, Kind]] = []

    def __getattr__(self, question: str) -> Any:
        def ask(kind: Kind, *_: Any, **__: Any) -> list[Held]:
            self.questions.append((question, kind))
            return []

        return ask


def sent(kind: Kind) -> OpenIntent:
    return OpenIntent(
        id=UUID(int=1),
        kind=kind,
        operation=Operation.CREATE,
        op_key="k" * 64,
        marker=MARKER,
        body="{}",
        document=SAMPLES[kind][0],
        version=1,
        target_id="",
        target_version="",
        created_at=NOW,
        send_deadline=NOW + timedelta(seconds=20),
    )


def test_there_is_a_sample_of_each() -> None:
    assert set(SAMPLES) == set(Kind) == set(KIND_OF.values())
    assert set(ENTITIES) == set(Kind) - EFFECTS
    assert set(map(holder_of, Kind)) == set(ENTITIES)


@every_kind
def test_it_is_stored_without_loss(kind: Kind) -> None:
    for document in SAMPLES[kind]:
        assert from_json(json.loads(json.dumps(to_json(document)))) == document


@every_document
@pytest.mark.parametrize("numbered", [True, False])
def test_it_can_be_looked_for(kind: Kind, numbered: bool) -> None:
    asked = Asked()
    look_up(asked, [sent(kind)], numbered=numbered)  # type: ignore[arg-type]
    assert asked.questions
    assert {one for _, one in asked.questions} == {kind}
    assert (asked.questions[0][0] == "find_by_name") == (kind in NAMED)


@every_kind
def test_other_content_is_noticed(kind: Kind) -> None:
    one, other = SAMPLES[kind]
    assert say_the_same(one, one)
    assert not say_the_same(one, other)


@every_document
def test_ours_is_told_from_theirs(kind: Kind) -> None:
    ours = Held(kind, "1", "0", SAMPLES[kind][0], created_at=NOW, marker=MARKER)
    theirs = replace(ours, marker="", created_at=NOW - timedelta(days=1))
    assert ours_among([theirs], sent(kind)) is None
    assert ours_among([theirs, ours], sent(kind)) == ours


@every_effect
def test_an_effect_is_looked_for_where_it_leaves_its_trace(kind: Kind) -> None:
    """By reading the document it was done to: never made anew by itself, whatever it has no answer to."""
    holder = holder_of(kind)
    assert holder not in EFFECTS
    target = Held(holder, "9", "1", None)
    assert not was_mailed(target, NOW, None)
    assert not was_mailed(replace(target, emailed_at=NOW - timedelta(seconds=1)), NOW, None)
    assert was_mailed(replace(target, emailed_at=NOW), NOW, None)


@every_document
def test_what_is_sent_bears_the_mark_or_its_name(kind: Kind) -> None:
    body = QuickBooksBodies(COMPANY).create(SAMPLES[kind][0], marker=MARKER, label="INV-1")
    assert (f"#{MARKER}" in json.dumps(body, default=str)) == (kind not in NAMED)


def test_what_bears_a_mark_is_known_by_it_and_its_copies_are_seen() -> None:
    marked = set(Kind) - NAMED - EFFECTS
    assert set(marks.MARKED) == set(copies.REMOVED) == marked


def test_it_has_its_place_in_every_order_and_a_page() -> None:
    assert set(jobs.RANK) == set(DOCUMENT_PAGES) == set(NAMES) == set(Kind)
    assert set(intake.ORDER) == set(Kind) - EFFECTS


def test_the_change_feed_and_the_simulation_follow_it() -> None:
    followed = set(Kind) - LISTED - EFFECTS
    assert set(sweep.WATCHED) == set(checks.FOLLOWED) == set(checks.MODELS) == followed


@pytest.mark.django_db(transaction=True)
@every_kind
def test_it_is_composed_from_our_rows(world: World, kind: Kind) -> None:
    """Whether anything is missing or not: a kind without a way to compose it would raise."""
    with world.inside():
        job = SyncJob(connection=world.connection, kind=kind, local_id=UUID(int=1))
        gathered = materials.gather(world.connection, [job])
        with pytest.raises(KeyError, match="00000000-0000-0000-0000-000000000001"):
            compose(job, gathered)
        assert gathered.born_at(kind, UUID(int=1)) is None


@every_kind
def test_document_of_a_customer_is_checked_against_the_customers_link(kind: Kind) -> None:
    names_customer = any(hasattr(sample, "customer") for sample in SAMPLES[kind])
    assert names_customer == (kind in customer_links.NAMING)
