"""What an admin chooses on the mapping page, by the product's own form. Runs inside ``within()``."""

import random
from collections.abc import Callable

from billing.models import LedgerAccount, Service
from integrations.documents import ListKind
from integrations.forms import MappingForm
from integrations.mapping_slots import INCOME_TYPES, Lists
from integrations.models import Connection, MappingSubject
from integrations.outbound import jobs, new_entries
from integrations.outbound.prerequisites import MAPPING_NEEDS
from tenants.models import User

# For these any entry will do. A tax region has to be one of the same rate, which only the name tells.
FREE = {
    MappingSubject.DEFAULT_ITEM,
    MappingSubject.ADJUSTMENT_ITEM,
    MappingSubject.SERVICE,
    MappingSubject.SERVICE_CLASS,
    MappingSubject.DEFAULT_CLASS,
    MappingSubject.DEFAULT_LOCATION,
    MappingSubject.TERM,
    MappingSubject.PAYMENT_METHOD,
    MappingSubject.DEPOSIT_ACCOUNT,
}


def choose(chance: random.Random, connection: Connection, actor: User) -> None:
    """One choice is made, taken back, or all that is proposed is accepted."""
    form = MappingForm(connection=connection)
    open_ones = [slot for slot in form.slots.values() if slot.subject in FREE and slot.entries]
    if not open_ones or chance.random() < 0.3:
        form.accept(form.slots)
    else:
        slot = chance.choice(open_ones)
        entry = chance.choice(["", *(one.remote_id for one in slot.entries)])
        single = MappingForm({slot.name: entry}, connection=connection, only=slot.name)
        if single.is_valid():
            single.save()
    jobs.release_all(connection, *MAPPING_NEEDS)
    new_entries.try_again(connection)


def make_item(chance: random.Random, connection: Connection, actor: User) -> None:
    """Has an item made for a service."""
    accounts = Lists.of(connection).typed(ListKind.ACCOUNT, *INCOME_TYPES)
    services = list(Service.objects.order_by("pk"))
    if accounts and services:
        account = chance.choice(accounts).remote_id
        new_entries.confirm_item(connection, chance.choice(services), account, actor=actor)


def make_account(chance: random.Random, connection: Connection, actor: User) -> None:
    """Has an account made for a ledger account."""
    accounts = list(LedgerAccount.objects.order_by("pk"))
    if accounts and connection.lists_read_at is not None:
        new_entries.confirm_account(connection, chance.choice(accounts), actor=actor)


ACTIONS: dict[Callable[[random.Random, Connection, User], None], int] = {
    choose: 4,
    make_item: 1,
    make_account: 1,
}
