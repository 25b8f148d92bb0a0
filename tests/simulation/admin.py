"""What an admin chooses on the mapping page, by the product's own form. Runs inside ``within()``."""

import random
from collections.abc import Callable

from billing.models import LedgerAccount, Service
from integrations import rule_changes
from integrations.company_mapping import CompanyMapping
from integrations.documents import ListKind
from integrations.forms import MappingForm
from integrations.mapping_slots import INCOME_TYPES, Lists
from integrations.models import Connection, MappingSubject, MirrorEntry, PayNow
from integrations.outbound import company_settings, due, jobs, new_entries, pause, reviving
from integrations.pay_now_form import PayNowForm
from regentra import clock
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
    MappingSubject.CUSTOM_FIELD,
}


def choose(chance: random.Random, connection: Connection, actor: User) -> None:
    """One choice is made, taken back, or all that is proposed is accepted."""
    mapping = CompanyMapping(connection)
    open_ones = [slot for slot in mapping.slots.values() if slot.subject in FREE and slot.entries]
    if not open_ones or chance.random() < 0.3:
        rule_changes.adopt_mapping(mapping, mapping.accepted(mapping.slots), actor=actor)
    else:
        slot = chance.choice(open_ones)
        entry = chance.choice(["", *(one.remote_id for one in slot.entries)])
        form = MappingForm({slot.name: entry}, mapping=CompanyMapping(connection, slot.name))
        if form.is_valid():
            rule_changes.adopt_mapping(form.mapping, form.changes, actor=actor)


def make_item(chance: random.Random, connection: Connection, actor: User) -> None:
    """Has an item made for a service that QuickBooks has none for."""
    accounts = Lists.of(connection).typed(ListKind.ACCOUNT, *INCOME_TYPES)
    services = _offered(connection, MappingSubject.SERVICE)
    if accounts and services:
        account = chance.choice(accounts).remote_id
        service = Service.objects.get(pk=chance.choice(services))
        new_entries.confirm_item(connection, service, account, actor=actor)


def make_account(chance: random.Random, connection: Connection, actor: User) -> None:
    """Has an account made for a ledger account that QuickBooks has none for."""
    accounts = _offered(connection, MappingSubject.LEDGER_ACCOUNT)
    if accounts and connection.lists_read_at is not None:
        account = LedgerAccount.objects.get(pk=chance.choice(accounts))
        new_entries.confirm_account(connection, account, actor=actor)


def offer_paying(chance: random.Random, connection: Connection, actor: User) -> None:
    """Says how invoices may be paid on Intuit's page."""
    switches = {
        "pay_now": chance.choice(list(PayNow)),
        "by_credit": chance.random() < 0.5,
        "by_bank": chance.random() < 0.5,
    }
    form = PayNowForm(switches, connection=connection)
    if form.is_valid():
        form.save()


def revive(chance: random.Random, connection: Connection, actor: User) -> None:
    """Has an item or account made active again."""
    away = MirrorEntry.objects.filter(connection=connection, active=False).order_by("pk")
    found = [entry for entry in away if reviving.can_be_revived(entry)]
    if found:
        reviving.revive(connection, chance.choice(found), actor=actor)


def manage_sending(chance: random.Random, connection: Connection, actor: User) -> None:
    """Pauses, at once or after the next batch; resumes; or asks for both directions now."""
    if connection.paused_at or connection.pause_after_batch:
        act: Callable[..., None] = pause.end
    else:
        act = chance.choice([pause.begin, pause.begin_after_batch, sync_now])
    act(connection, actor=actor)


def sync_now(connection: Connection, actor: User) -> None:
    """What is owed goes, also what waits for the night; a look is taken, and the company's settings are read."""
    jobs.go_before_night(connection)
    due.send_by(connection.id, clock.now(), urgent=True)
    due.look_now(connection.id)
    company_settings.ask_again(connection, clock.now())


def _offered(connection: Connection, subject: MappingSubject) -> list[str]:
    """Ours for which the page offers to make one."""
    mapping = CompanyMapping(connection)
    notes = ((mapping.slots[name], note) for name, note in mapping.notes.items())
    return [slot.local_key for slot, note in notes if slot.subject == subject and note.create]


ACTIONS: dict[Callable[[random.Random, Connection, User], None], int] = {
    choose: 4,
    make_item: 1,
    make_account: 1,
    revive: 1,
    offer_paying: 1,
}
