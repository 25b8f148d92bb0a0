"""What staff answer when they are asked, and which customers they say are the same. Runs inside ``within()``."""

import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from uuid import UUID

from billing.models import Customer, Invoice
from integrations.documents import Kind
from integrations.inbound import decisions, number_choice
from integrations.inbound.apply import CannotApply
from integrations.inbound.number_choice import CannotAnswer
from integrations.inbound.same_number import Answer
from integrations.models import Discrepancy, Link, SyncJob, live_connection
from integrations.outbound import closed_books, customer_choice, customer_search, wishes
from integrations.outbound.customer_choice import CannotChoose
from integrations.outbound.prerequisites import Need
from tenants.models import User
from tests.simulation.checks import MODELS


def decide(chance: random.Random, actor: User) -> None:
    """About a difference: theirs, ours, ours made anew; what is theirs alone is looked at again, or left."""
    question = _any(chance, Discrepancy.objects.filter(closed_at=None))
    if question is None:
        return
    ways: list[Callable[[], None]] = []
    if decisions.can_send(question):
        ways.append(lambda: decisions.send_ours(question, actor=actor))
    if decisions.can_make_again(question):
        ways.append(lambda: decisions.make_again(question, actor=actor))
    if decisions.can_take(question):
        ways.append(lambda: decisions.take_theirs(question, actor=actor))
    if question.local_id is None:
        ways.append(lambda: decisions.try_again(question, actor=actor))
    if ways:
        decisions.compare(question)
        with suppress(CannotApply):
            chance.choice(ways)()


def choose_number(chance: random.Random, actor: User) -> UUID | None:
    """About a number that another invoice bears there. Says which invoice of ours is left out of QuickBooks by that."""
    asked = Discrepancy.objects.filter(closed_at=None, reason_code=Need.NUMBER)
    question = _any(chance, asked)
    if question is None:
        return None
    met = number_choice.collision(Invoice.objects.get(pk=question.local_id))
    if met is None:
        return None
    said = chance.choice([met.advice.best, *met.advice.possible])
    with suppress(CannotAnswer):
        number_choice.answer(met.question, said, actor=actor)
    return question.local_id if said is Answer.LEAVE else None


def go_dated(chance: random.Random, actor: User) -> None:
    """What waits for closed books goes under the first open day."""
    waiting = SyncJob.objects.filter(reason_code__in=(Need.CLOSED, Need.CLOSED_HELD))
    job = _any(chance, waiting.select_related("connection"))
    if job is None:
        return
    kind, local_id = Kind(job.kind), job.local_id
    is_there = Link.objects.filter(connection=job.connection, kind=kind, local_id=local_id).exists()
    row = MODELS[kind].objects.get(pk=local_id)
    shift = closed_books.may_shift(job, row, is_there=is_there)
    if shift is not None:
        wishes.send_dated(job, shift.on, shift.instead_of)


def choose_customer(chance: random.Random, actor: User) -> None:
    """Which customer it is, or that it is one of its own."""
    live = live_connection()
    waiting = SyncJob.objects.filter(kind=Kind.CUSTOMER, reason_code=Need.CUSTOMER_CHOICE)
    job = _any(chance, waiting.filter(state="blocked"))
    if job is None or live is None or job.connection_id != live.pk:
        return
    customer = Customer.objects.get(pk=job.local_id)
    question = customer_choice.question(live, customer)
    with suppress(CannotChoose):
        if question.choices and chance.random() < 0.5:
            one = chance.choice(question.choices)
            customer_choice.link(live, customer, one.remote_id, actor=actor)
        elif question.is_made_in_wizard:
            customer_choice.make_by_wizard(live, customer, actor=actor)
        elif question.may_be_its_own:
            customer_choice.make_its_own(live, customer, actor=actor)


def sort_customers(chance: random.Random, actor: User) -> None:
    """On a customer's own page: taken off its link, or linked to one that was found by its name."""
    live, customer = live_connection(), _any(chance, Customer.objects.all())
    if live is None or customer is None:
        return
    with suppress(CannotChoose):
        if customer_choice.counterpart(live, customer) is not None:
            customer_choice.unlink(live, customer, actor=actor)
            return
        found = customer_search.search(live, chance.choice([customer.name, "Customer", "Walk-in"]))
        one = customer_search.named(found, customer.name) or next(iter(found), None)
        if one is not None:
            customer_choice.link(live, customer, one.remote_id, actor=actor)
        else:
            customer_choice.make_by_wizard(live, customer, actor=actor)


def _any(chance: random.Random, rows: Any) -> Any:
    found = list(rows.order_by("pk"))
    return chance.choice(found) if found else None
