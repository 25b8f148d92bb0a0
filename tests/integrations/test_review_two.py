"""What a second hostile reading of the engine found, each as the story that went wrong."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import timedelta
from typing import Any, NoReturn

import pytest
from django.db import connections

from billing.models import (
    Customer,
    Invoice,
    LedgerAccount,
    Method,
    OutboxEvent,
    Payment,
    Wake,
)
from billing.money import Money
from billing.services import customers, invoices, payments
from integrations import connecting, serving, tasks
from integrations.documents import Kind, ListKind
from integrations.gateway import Books
from integrations.governor.pace import Unpaced
from integrations.models import (
    ApiCall,
    Connection,
    Discrepancy,
    Intent,
    Mapping,
    MappingSubject,
    MirrorEntry,
    SyncDue,
    SyncJob,
)
from integrations.outbound import batch_choice, jobs, new_entries, pause, relay, safe_mode, wishes
from integrations.outbound.lease import Lease
from integrations.outbound.store import Store
from integrations.serving import Turn, serve
from regentra import clock
from sandbox.quickbooks import operations
from sandbox.quickbooks.faults import Fault
from tenants.scope import within
from tests import factories
from tests.integrations.calls_in_turn import CallsInTurn
from tests.integrations.test_review import at
from tests.integrations.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def bills(world: World, many: int) -> list[Invoice]:
    customer = world.linked_customer()
    made = [world.invoice(customer) for _ in range(many)]
    with world.inside():
        for one in made:
            invoices.send(invoice=one)
    world.work()
    return made


def test_part_of_a_batch_that_cannot_be_explained_undoes_none_of_the_others(world: World) -> None:
    """An update is refused because something is gone; which of both it was cannot be read just then."""
    gone, *others = bills(world, 4)
    with world.inside():
        moved = factories.payment(world.fresh(others[0]), "40")
    world.work()
    theirs = {row["DocNumber"]: row for row in world.held("Invoice")}[gone.number]
    world.bookkeeper("Invoice", {"Id": theirs["Id"], "SyncToken": "0"}, operation="delete")
    with world.inside():
        payments.change(payment=world.fresh(moved), allocations={gone.pk: Money(4000, "USD")})
        for one in others[:2]:
            factories.payment(world.fresh(one), "50")
        batch_choice.catch_up(world.connection, actor=world.owner)
    SyncDue.objects.update(sweep_due_at=None)
    world.trouble("status", status=500, method="GET", path="/payment/")
    world.work()
    with world.inside():
        factories.payment(world.fresh(others[2]), "50")
    for _ in range(2):
        world.later(minutes=5)
        SyncDue.objects.update(sweep_due_at=None)
        world.work()
    assert sorted(float(one["TotalAmt"]) for one in world.held("Payment")) == [40, 50, 50, 50]
    assert world.job(moved).state == "errored"


def while_it_reads(monkeypatch: pytest.MonkeyPatch, then: Callable[[], object]) -> None:
    """Does something once, while a turn opens the company and reads its lists."""
    opened, done = Turn.books, list[object]()

    def books(turn: Turn) -> Books:
        found = opened(turn)
        if not done:
            done.append(then())
        return found

    monkeypatch.setattr(Turn, "books", books)


def test_sending_that_is_resumed_in_the_middle_of_a_turn_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoice = world.invoice(world.linked_customer())
    with world.inside():
        pause.begin(world.connection, actor=world.owner)

    def resume() -> None:
        with world.inside():
            pause.end(world.connection, actor=world.owner)

    while_it_reads(monkeypatch, resume)
    world.work()
    world.work()
    assert world.job(invoice).state == "synced"


def test_company_that_is_connected_again_while_a_turn_lays_it_to_rest_is_served(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = world.linked_customer()
    world.disconnect()
    invoice = world.invoice(customer)
    store_of = serving.store_of

    def reconnected(held: Lease) -> Store:
        found = store_of(held)
        monkeypatch.undo()
        world.connect(realm=world.realm)
        return found

    monkeypatch.setattr(serving, "store_of", reconnected)
    world.work()
    world.work()
    assert world.job(invoice).state == "synced"


def test_company_that_is_connected_anew_while_a_turn_opens_it_is_served(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoice = world.invoice(world.linked_customer())
    store_of = serving.store_of

    def reconnected(held: Lease) -> Store:
        found = store_of(held)
        monkeypatch.undo()
        world.connect(realm=world.realm)
        return found

    monkeypatch.setattr(serving, "store_of", reconnected)
    world.work()
    world.work()
    assert world.job(invoice).state == "synced"


def test_pause_that_is_called_off_while_the_batch_before_it_goes_does_not_begin(
    world: World,
) -> None:
    customer = world.linked_customer()
    invoice = world.invoice(customer)
    with world.inside():
        pause.begin_after_batch(world.connection, actor=world.owner)

    def call_off() -> None:
        with world.inside():
            pause.end(world.connection, actor=world.owner)

    world.work(at("after Send", call_off))
    later = world.invoice(customer)
    world.work()
    assert (world.job(invoice).state, world.job(later).state) == ("synced", "synced")


@pytest.mark.parametrize("trouble", ["answer_dropped", "request_dropped"])
def test_what_others_made_in_a_form_nobody_can_read_hides_nothing_of_ours(
    world: World, trouble: str
) -> None:
    """It was made for the same customer in the hour in which we look for what our lost write made."""
    (invoice,) = bills(world, 1)
    theirs = world.held("Invoice")[0]["CustomerRef"]
    strange = world.bookkeeper("Payment", {"CustomerRef": theirs, "TotalAmt": "7.00"})
    world.box.core.store.execute(
        "UPDATE objects SET body=json_set(body, '$.TxnDate', 'soon') WHERE realm=? AND kind='Payment' AND id=?",
        (int(world.realm), int(strange["Id"])),
    )
    world.trouble(trouble, entity="Payment")
    with world.inside():
        payment = factories.payment(world.fresh(invoice), "40")
    for _ in range(3):
        world.work()
        world.later(minutes=5)
    assert world.job(payment).state == "synced"
    assert [float(one["TotalAmt"]) for one in world.held("Payment")] == [7, 40]


def test_second_ledger_account_of_one_name_takes_not_the_account_of_the_first(world: World) -> None:
    with world.inside():
        accounts = [
            LedgerAccount.objects.create(code=code, name="Consulting") for code in ("4000", "4010")
        ]
        for account in accounts:
            new_entries.confirm_account(world.connection, account, actor=world.owner)
    world.work()
    first, second = map(world.job, accounts)
    assert (first.state, second.state) == ("synced", "errored")
    assert second.reason_code == "6240"


def subscribe(world: World, state: str) -> None:
    world.control("PATCH", f"companies/{world.realm}", {"subscription": state})


@pytest.mark.parametrize("together", [False, True])
def test_subscription_that_is_renewed_takes_what_it_refused(world: World, together: bool) -> None:
    """Under the id of a request that was refused QuickBooks may tell that refusal again."""
    customer = world.linked_customer()
    made = [world.invoice(customer) for _ in range(3)]
    if together:
        with world.inside():
            batch_choice.catch_up(world.connection, actor=world.owner)
    subscribe(world, "SUSPENDED")
    world.work()
    assert {world.job(one).reason_code for one in made} == {"company_takes_nothing"}
    subscribe(world, "SUBSCRIBED")
    for _ in range(4):
        world.later(minutes=20)
        world.work()
    assert {world.job(one).state for one in made} == {"synced"}
    assert len(world.held("Invoice")) == 3


def test_what_failed_for_the_moment_is_made_when_that_has_passed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = world.linked_customer()
    invoice = world.invoice(customer)

    def failing(*_: object) -> NoReturn:
        raise Fault(1010, "Create failed")

    with monkeypatch.context() as patched:
        patched.setattr(operations, "write", failing)
        world.work()
    assert (world.job(invoice).state, world.job(invoice).reason_code) == ("pending", "1010")
    for _ in range(3):
        world.later(minutes=20)
        world.work()
    assert world.job(invoice).state == "synced"


def test_edit_at_the_moment_the_answer_is_stored_stops_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both write the document's job and when the company is due: in one order, or they wait for each other."""
    invoice = world.invoice(world.linked_customer())
    wishes: list[Future[None]] = []

    def wish() -> None:
        try:
            with world.inside():
                jobs.want(world.connection, Kind.INVOICE, invoice.pk, urgent=True)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        agreed = jobs.agreed

        def meanwhile(job: SyncJob, version: int, **how: bool) -> None:
            monkeypatch.undo()
            wishes.append(pool.submit(wish))
            wait(wishes, 0.5)
            agreed(job, version, **how)

        monkeypatch.setattr(jobs, "agreed", meanwhile)
        world.work()
    wishes[0].result()
    world.work()
    job = world.job(invoice)
    assert (job.state, job.done) == ("synced", 2)


def lose_the_answer(world: World, entity: str) -> None:
    """It is done over there, and a request id is worth nothing."""
    world.trouble("requestid_ignored", times=None)
    world.trouble("answer_dropped", entity=entity, method="POST")


def assert_nobody_is_asked(world: World, row: Invoice | Payment | Customer) -> None:
    for _ in range(3):
        world.work()
        world.later(minutes=5)
    assert (world.job(row).state, world.job(row).reason) == ("synced", "")
    with world.inside():
        assert not Discrepancy.objects.exists()


def test_lost_answer_of_an_edit_that_empties_the_terms_is_no_change_of_theirs(world: World) -> None:
    with world.inside():
        term = factories.term()
    invoice = world.invoice(world.customer(), terms=term)
    world.work()
    lose_the_answer(world, "Invoice")
    with world.inside():
        invoices.edit(invoice=world.fresh(invoice), terms=None, notes="At once, please")
    assert_nobody_is_asked(world, invoice)


def test_lost_answer_of_an_edit_that_empties_the_method_is_no_change_of_theirs(
    world: World,
) -> None:
    (invoice,) = bills(world, 1)
    with world.inside():
        payment = factories.payment(world.fresh(invoice), "40", method="check")
    world.work()
    lose_the_answer(world, "Payment")
    with world.inside():
        payments.change(payment=world.fresh(payment), method=Method.OTHER, memo="In kind")
    assert_nobody_is_asked(world, payment)


def test_lost_answer_of_a_name_with_blanks_is_no_change_of_theirs(world: World) -> None:
    customer = world.linked_customer()
    lose_the_answer(world, "Customer")
    with world.inside():
        customers.update(customer=customer, contact_name="Ann  van Lee")
    assert_nobody_is_asked(world, customer)


def test_lost_answer_under_another_tax_code_is_no_change_of_theirs(unconnected: World) -> None:
    """A company with automated sales tax does not show the code that it was told."""
    world = unconnected
    world.connect(custom_numbers=True, ast=True)
    world.work()
    with world.inside():
        region = factories.tax_region("Downtown", "9.1")
        first, second = MirrorEntry.objects.filter(kind=ListKind.TAX_CODE)[:2]
        choice = Mapping.objects.create(
            connection=world.connection,
            subject=MappingSubject.TAX_REGION,
            local_key=str(region.pk),
            remote_id=first.remote_id,
        )
    customer = world.customer(tax_region=region)
    invoice = world.invoice(customer, lines=[factories.line("100", taxable=True)])
    world.work()
    lose_the_answer(world, "Invoice")
    with world.inside():
        choice.remote_id = second.remote_id
        choice.save()
        invoices.edit(invoice=world.fresh(invoice), notes="At once, please")
    assert_nobody_is_asked(world, invoice)


@pytest.mark.parametrize("found_by", ["look-up", "sweep"])
def test_change_of_theirs_before_we_knew_that_it_was_made_is_asked_about(
    world: World, found_by: str
) -> None:
    """No answer came, and a bookkeeper changed the invoice before we found it."""
    invoice = world.invoice(world.linked_customer())
    world.trouble("answer_dropped", entity="Invoice", method="POST")
    world.trouble("status", status=500, path="/query")
    world.work()
    (theirs,) = world.held("Invoice")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper(
        "Invoice", {**keys, "sparse": True, "CustomerMemo": {"value": "Call before you come"}}
    )
    if found_by == "sweep":
        world.due_now()
        with world.inside():
            SyncJob.objects.update(next_attempt_at=clock.now() + timedelta(hours=1))
    for _ in range(3):
        world.work()
        world.later(minutes=20)
    with world.inside():
        (question,) = Discrepancy.objects.filter(closed_at=None)
    assert question.local_id == invoice.pk
    assert world.held("Invoice")[0]["CustomerMemo"]["value"] == "Call before you come"


def test_event_that_nobody_can_read_holds_up_no_other_organization(world: World) -> None:
    """As while workers of the last release run beside pages of this one."""
    stranger = factories.organization()
    with within(stranger):
        OutboxEvent.objects.create(kind="invoice.teleported", payload={})
        Wake.objects.create(organization=stranger)
    invoice = world.invoice(world.customer())
    tasks.relay_waiting()
    assert world.job(invoice).state == "pending"


def test_same_change_on_both_sides_is_nothing_to_decide(world: World) -> None:
    customer = world.linked_customer()
    (theirs,) = world.held("Customer")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    phone = {"PrimaryPhone": {"FreeFormNumber": "555 123 4567"}}
    world.bookkeeper("Customer", {**keys, "sparse": True, **phone})
    with world.inside():
        customers.update(customer=customer, phone="555 123 4567")
    SyncDue.objects.update(sweep_due_at=None)
    assert_nobody_is_asked(world, customer)


class OneByOne(CallsInTurn):
    """Of several answers that have come the first is taken, as where the others take longer."""

    def answered(self, waiting: Iterable[Future[Any]], seconds: float) -> Iterable[Future[Any]]:
        return list(waiting)[:1]


def test_pause_in_the_middle_of_a_turn_lets_what_is_under_way_be_finished(world: World) -> None:
    customer = world.linked_customer()
    made = [world.invoice(customer) for _ in range(20)]

    def begin() -> None:
        with world.inside():
            pause.begin(world.connection, actor=world.owner)

    relay.relay(world.organization.id)
    serve(
        world.connection.id,
        pace=Unpaced(),
        observe=at("after CommitAnswer", begin),
        calls=OneByOne,
    )
    there = {theirs["DocNumber"] for theirs in world.held("Invoice")}
    assert 0 < len(there) < len(made)
    states = {one.number: world.job(one).state for one in made}
    assert {states[number] for number in there} == {"synced"}
    assert {states[one.number] for one in made if one.number not in there} == {"blocked"}
    with world.inside():
        assert not Intent.objects.filter(state="open").exists()


def pause_while_it_is_served(world: World, point: str) -> None:
    """A turn in which an admin presses Pause at this point, while other answers are on their way."""

    def begin() -> None:
        with world.inside():
            pause.begin(world.connection, actor=world.owner)

    relay.relay(world.organization.id)
    serve(world.connection.id, pace=Unpaced(), observe=at(point, begin), calls=OneByOne)


def assert_turn_was_ended_by(world: World, name: str) -> None:
    row = SyncDue.objects.get(connection_id=world.connection.id)
    assert row.last_result == name


def test_pause_before_a_change_that_was_read_for_keeps_the_answers_of_all_others(
    world: World,
) -> None:
    """The change would be begun on the answer that tells what they hold; seven creates are in the air beside it."""
    customer = world.linked_customer()
    with world.inside():
        term = factories.term()
    changed = world.invoice(customer, terms=term)
    world.work()
    with world.inside():
        invoices.edit(invoice=world.fresh(changed), terms=None, lines=[factories.line("250")])
    others = [world.invoice(customer) for _ in range(7)]
    pause_while_it_is_served(world, "after ReadTarget")
    assert {world.job(one).state for one in others} == {"synced"}
    assert world.job(changed).state == "blocked"
    assert_turn_was_ended_by(world, "MayNotSend")
    with world.inside():
        assert not Intent.objects.filter(state="open").exists()
        booked = ApiCall.objects.filter(local_id__in=[one.pk for one in others]).count()
        assert booked == len(others)
        pause.end(world.connection, actor=world.owner)
    world.work()
    (theirs, *_) = world.held("Invoice")
    assert float(theirs["TotalAmt"]) == 250
    assert len(world.held("Invoice")) == 8


def test_pause_before_a_write_is_sent_again_keeps_what_was_found_beside_it(world: World) -> None:
    """One look-up answers for all: what arrived is taken, what never did is not sent again now."""
    customer = world.linked_customer()
    SyncDue.objects.update(sweep_due_at=None)
    world.trouble("status", status=500, path="/query", times=None)
    arrived = [world.invoice(customer) for _ in range(3)]
    world.trouble("answer_dropped", entity="Invoice", method="POST", times=3)
    world.work()
    lost = world.invoice(customer)
    world.trouble("request_dropped", entity="Invoice", method="POST")
    world.work()
    world.calm()
    assert len(world.held("Invoice")) == len(arrived)
    world.later(minutes=5)
    pause_while_it_is_served(world, "after LookUp")
    assert {world.job(one).state for one in arrived} == {"synced"}
    assert world.job(lost).state == "blocked"
    assert_turn_was_ended_by(world, "MayNotSend")
    with world.inside():
        pause.end(world.connection, actor=world.owner)
    world.later(minutes=5)
    world.work()
    assert world.job(lost).state == "synced"
    assert len(world.held("Invoice")) == 4


def test_stop_before_the_first_round_of_a_turn_says_when_to_come_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoice = world.invoice(world.linked_customer())

    def stop() -> None:
        with world.inside():
            Connection.objects.update(stopped_at=clock.now())

    while_it_reads(monkeypatch, stop)
    world.work()
    assert_turn_was_ended_by(world, "MayNotSend")
    world.work()
    assert world.job(invoice).state == "blocked"


def test_what_may_have_been_forgotten_is_sent_to_no_second_company(world: World) -> None:
    """A restore has forgotten that the invoice went out, and it waits here for something else."""
    first, customer = world.connection, world.linked_customer()
    invoice = world.invoice(customer)
    relay.relay(world.organization.id)
    with world.inside():
        pause.begin(first, actor=world.owner)
    safe_mode.enter_all()
    realm = world.company_with_an_item(custom_numbers=True)
    second = connecting.connect(
        world.organization,
        user=world.owner,
        code=world._consent(realm),
        account=realm,
        beside=True,
    )
    with world.inside():
        stays_in = wishes.send_to(second, Kind.INVOICE, invoice.pk)
        owed = SyncJob.objects.filter(kind=Kind.INVOICE).values_list("connection_id", flat=True)
        assert list(owed) == [first.pk]
    assert stays_in == str(first)


def test_invoice_that_is_voided_on_both_sides_is_nothing_to_decide(world: World) -> None:
    (invoice,) = bills(world, 1)
    (theirs,) = world.held("Invoice")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Invoice", keys, operation="void")
    with world.inside():
        invoices.void(invoice=world.fresh(invoice))
    SyncDue.objects.update(sweep_due_at=None)
    assert_nobody_is_asked(world, invoice)


def test_payment_that_is_voided_on_both_sides_is_nothing_to_decide(world: World) -> None:
    (invoice,) = bills(world, 1)
    with world.inside():
        payment = factories.payment(world.fresh(invoice), "40")
    world.work()
    (theirs,) = world.held("Payment")
    keys = {name: theirs[name] for name in ("Id", "SyncToken")}
    world.bookkeeper("Payment", {**keys, "sparse": True}, operation="update", include="void")
    with world.inside():
        payments.void(payment=world.fresh(payment))
    SyncDue.objects.update(sweep_due_at=None)
    assert_nobody_is_asked(world, payment)


@pytest.mark.parametrize("lane", ["single", "batch"])
def test_payment_of_an_invoice_that_somebody_is_working_on_goes_a_little_later(
    world: World, lane: str
) -> None:
    """QuickBooks calls it out of date then, though a new payment has no version."""
    first, second = bills(world, 2)
    world.trouble("stale", path="/payment" if lane == "single" else "/batch")
    with world.inside():
        made = [factories.payment(world.fresh(one), "40") for one in (first, second)]
        if lane == "batch":
            batch_choice.catch_up(world.connection, actor=world.owner)
    for _ in range(3):
        world.work()
        world.later(minutes=5)
    assert {world.job(one).state for one in made} == {"synced"}
    assert [float(one["TotalAmt"]) for one in world.held("Payment")] == [40, 40]
