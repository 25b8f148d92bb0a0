"""Four months of a provider's life, told day by day on a clock that stands on that day."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from billing.demo.cast import HARDWARE, HOURS, SUBSCRIPTIONS, WORK
from billing.demo.setting import Stage, build
from billing.models import Customer, Invoice, Method, Status, TimeEntry
from billing.money import Money
from billing.rules.allocation import OpenInvoice, proposed
from billing.services import customers, invoices, payments, work
from billing.services.invoices import DraftLine
from regentra import clock
from tenants.models import User

Act = Callable[[], Any]

WORKDAYS = 84
RECENT_WORKDAYS = 15
# Of the invoices in order: which are voided on the day after, and how many at the end stay drafts.
VOIDED = {5, 23}
DRAFTS = 3
# How a customer pays, by place in the list: how many days after the invoice date, and how much of it.
HABITS = [(9, "1"), (12, "1"), (14, "1"), (70, "1"), (10, "0.5"), (10_000, "1")]
METHODS = [Method.BANK_TRANSFER, Method.CHECK, Method.CARD]


def tell(*, today: date, timezone: str, alice: User, bob: User) -> None:
    """Fills the organization in force up to yesterday. The same day gives the same story."""
    days = workdays_before(today, WORKDAYS)
    with clock.frozen(_morning(days[0], timezone)):
        story = Story(build(alice, bob), days)
    for day in days:
        with clock.frozen(_morning(day, timezone)) as morning:
            for act in story.acts_of(day):
                act()
                morning.advance(seconds=story.chance.randint(120, 1800))


def workdays_before(day: date, count: int) -> list[date]:
    """The latest workdays before this one, oldest first."""
    former = (day - timedelta(days=back) for back in range(1, 2 * count))
    return [each for each in former if each.weekday() < 5][:count][::-1]


def _morning(day: date, timezone: str) -> datetime:
    return datetime.combine(day, time(8, 30), ZoneInfo(timezone)).astimezone(UTC)


def settled_on(day: date, owing: list[Invoice], after: int, share: str) -> list[OpenInvoice]:
    """What a customer of this habit settles: once the oldest invoice is of age, a share of each.

    Who pays in part leaves the rest for later.
    """
    waiting = [each for each in owing if share == "1" or each.status == Status.SENT]
    if min((each.issued_on for each in waiting), default=day) > day - timedelta(days=after):
        return []
    return [
        OpenInvoice(each.pk, each.number, each.due_on, each.balance.times(Decimal(share)))
        for each in waiting
    ]


class Story:
    """What happens on each day: work is done, every second day an invoice goes out, customers pay."""

    def __init__(self, stage: Stage, days: list[date]) -> None:
        self.stage = stage
        self.days = days
        self.chance = Random(7)
        self.generated: list[Invoice] = []
        # The last customer is archived in the end, so nothing is billed there.
        self.clients = stage.customers[:-1]
        self.subscriptions = {each.pk: self._subscription() for each in self.clients}

    def acts_of(self, day: date) -> Iterator[Act]:
        place = self.days.index(day)
        yield from self._work(place, day)
        yield from self._billing(place)
        yield from self._income(day)
        if day == self.days[-1]:
            yield from self._end(day)

    def _work(self, place: int, day: date) -> Iterator[Act]:
        """Hours for whoever is billed next, and lately for others, too, which stay unbilled."""
        yield lambda: self._log(self._client_billed_at(place + 2), day)
        if place >= len(self.days) - RECENT_WORKDAYS:
            for _ in range(self.chance.randint(1, 3)):
                yield lambda: self._log(self.chance.choice(self.clients), day)

    def _billing(self, place: int) -> Iterator[Act]:
        if place % 2 == 0:
            yield lambda: self._generate(self._client_billed_at(place))
        if self.generated and place % 2 == 1 and place < len(self.days) - 2 * DRAFTS + 1:
            yield lambda: invoices.send(invoice=self.generated[-1], actor=self.stage.alice)
        if place % 2 == 0 and len(self.generated) - 2 in VOIDED:
            yield lambda: invoices.void(invoice=self.generated[-2], actor=self.stage.alice)

    def _income(self, day: date) -> Iterator[Act]:
        owing: dict[Any, list[Invoice]] = {}
        for invoice in Invoice.objects.filter(status__in=[Status.SENT, Status.PARTIAL]):
            owing.setdefault(invoice.customer_id, []).append(invoice)
        for place, client in enumerate(self.clients):
            if due := settled_on(day, owing.get(client.pk, []), *HABITS[place % len(HABITS)]):
                yield partial(self._pay, client, due, place, day)

    def _end(self, day: date) -> Iterator[Act]:
        last = self.stage.customers[-1]
        yield lambda: customers.archive(customer=last, actor=self.stage.alice)
        yield lambda: self._deposit(self.clients[5], day)

    def _client_billed_at(self, place: int) -> Customer:
        return self.clients[(place // 2) % len(self.clients)]

    def _log(self, client: Customer, day: date) -> TimeEntry:
        name, words = self.chance.choice(WORK)
        return work.log_time(
            customer=client,
            service=self.stage.services[name],
            worked_on=day,
            hours=Decimal(self.chance.choice(HOURS)),
            description=words,
            actor=self.stage.bob,
        )

    def _generate(self, client: Customer) -> None:
        lines = list(self.subscriptions[client.pk])
        if len(self.generated) % 7 == 3:
            lines.append(self._line(self.chance.choice(HARDWARE), self.chance.randint(1, 3)))
        invoice = invoices.generate(
            customer=client,
            time_entries=client.time_entries.filter(invoice_line=None),
            lines=lines,
            notes="Thank you for your business.",
            actor=self.chance.choice([self.stage.alice, self.stage.bob]),
        )
        self.generated.append(invoice)

    def _subscription(self) -> list[DraftLine]:
        chosen = self.chance.sample(SUBSCRIPTIONS, self.chance.randint(2, 4))
        return [self._line(name, self.chance.randint(least, most)) for name, least, most in chosen]

    def _line(self, name: str, quantity: int) -> DraftLine:
        service = self.stage.services[name]
        return DraftLine(
            description=name,
            quantity=Decimal(quantity),
            unit_price=service.unit_price,
            taxable=service.taxable,
            service=service,
        )

    def _pay(self, client: Customer, due: list[OpenInvoice], place: int, day: date) -> None:
        amount = Money.total((each.balance for each in due), due[0].balance.currency)
        method = METHODS[place % len(METHODS)]
        payments.record(
            customer=client,
            amount=amount,
            allocations=proposed(amount, due),
            received_on=day,
            method=method,
            reference=str(self.chance.randint(1100, 9800)) if method == Method.CHECK else "",
            actor=self.stage.bob,
        )

    def _deposit(self, client: Customer, day: date) -> None:
        """Money that came before its invoice."""
        payments.record(
            customer=client,
            amount=Money(75000, "USD"),
            allocations={},
            received_on=day,
            method=Method.BANK_TRANSFER,
            memo="Deposit for the office move",
            actor=self.stage.bob,
        )
