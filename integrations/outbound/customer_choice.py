"""The two answers to "which customer in QuickBooks is this?". Run inside ``within()``; neither calls anybody."""

from dataclasses import dataclass

from billing.models import Customer
from integrations.documents import Kind, ListKind
from integrations.models import (
    Connection,
    Discrepancy,
    Link,
    Mapping,
    MappingSubject,
    MirrorEntry,
    policies_in_force,
)
from integrations.outbound import customer_links, customer_match, customer_wish, jobs, links, wishes
from integrations.outbound.composing.customers import customer_document
from integrations.outbound.customer_match import Candidate
from integrations.outbound.customer_names import display_name
from integrations.outbound.mirror import customer_held
from integrations.outbound.named_anew import judge_anew, name_anew
from integrations.outbound.prerequisites import waits_for
from integrations.policies import CustomerCreate
from regentra import clock
from tenants import as_shown, audit
from tenants.models import User

NOT_THERE = "This customer is not in QuickBooks any more."


class CannotChoose(Exception):
    """This choice is not possible; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Question:
    """What staff are asked: the customers it could be, and whether it can be one of its own.

    ``is_made_there`` when the sync rules leave making customers to people in QuickBooks, ``is_made_in_wizard`` when to
    the wizard.
    """

    choices: list[Candidate]
    may_be_its_own: bool
    is_made_there: bool
    is_made_in_wizard: bool
    mark: str


def question(connection: Connection, customer: Customer) -> Question:
    """The choices for a customer that cannot be linked or made without asking."""
    policies = policies_in_force()
    found = customer_match.candidates(connection, customer, policies)
    choices = [one for one in found if one.kind is ListKind.CUSTOMER and one.currency_fits]
    is_name_free = not any(one.name_equal for one in found)
    rule = policies.customer_create_policy
    may_be_its_own = is_name_free and rule.takes_wishes
    return Question(
        choices,
        may_be_its_own=may_be_its_own,
        is_made_there=rule is CustomerCreate.NEVER,
        is_made_in_wizard=rule is CustomerCreate.WIZARD,
        mark=as_shown.mark(customer.name, str(may_be_its_own), *map(_shown, choices)),
    )


def _shown(one: Candidate) -> str:
    return str((one.remote_id, one.name, one.active, one.taken, one.email_equal))


def link(
    connection: Connection,
    customer: Customer,
    remote_id: str,
    *,
    actor: User,
    shown: str | None = None,
) -> None:
    """It is this one: linked as it stands, nothing over there is overwritten (X-108). Raises `CannotChoose`.

    One that is inactive is made active again, as that is what then differs. ``shown`` is the mark of the two where they
    were shown beside each other.
    """
    _refuse_linked(connection, customer)
    _refuse_under_way(connection, customer)
    entry = _linkable(connection, remote_id)
    _check_currency(connection, customer, entry)
    if shown is not None:
        _refuse_changed(customer, entry, shown)
    held = customer_held(connection, entry)
    name = display_name(customer, policies_in_force().customer_display_name)
    document = customer_document(customer, name=name, active=entry.active)
    links.agree(connection, Kind.CUSTOMER, customer.id, ours=document, held=held, made_by_us=False)
    _follow_lost(connection, customer, entry.remote_id)
    customer_links.look_at_alike(connection, customer.id)
    wishes.want_advances(connection, customer.id)
    _go_on(connection, customer)
    _note("customer.linked", customer, actor, remote_id=entry.remote_id, name=entry.name)


def _follow_lost(connection: Connection, customer: Customer, remote_id: str) -> None:
    """It was linked to one that is gone, and its documents name this one there by now, where it was merged into it."""
    lost = Mapping.objects.filter(
        connection=connection,
        subject=MappingSubject.LOST_CUSTOMER,
        local_key=str(customer.id),
    )
    for gone_id in lost.values_list("remote_id", flat=True):
        name_anew(connection, gone_id, remote_id)
        judge_anew(connection, remote_id)


def counterpart(connection: Connection, customer: Customer) -> MirrorEntry | None:
    """The customer there that this one is linked to."""
    mine = Link.objects.filter(connection=connection, kind=Kind.CUSTOMER, local_id=customer.id)
    remote_id = mine.values_list("remote_id", flat=True).first()
    entries = MirrorEntry.objects.filter(connection=connection, kind=ListKind.CUSTOMER)
    return entries.filter(remote_id=remote_id).first() if remote_id else None


def mark_of_link(counterpart: MirrorEntry) -> str:
    """Another one as soon as it is linked to somebody else, or that one is called otherwise."""
    return as_shown.mark(counterpart.remote_id, counterpart.name)


def unlink(connection: Connection, customer: Customer, *, actor: User) -> None:
    """It is another one than was thought; nothing is changed over there. Raises `CannotChoose`.

    Where documents name it, they would stand there under the wrong customer without anybody noticing.
    """
    link = customer_links.locked(connection, customer.id)
    if link is None:
        raise CannotChoose(f"{customer.name} is not linked.")
    _refuse_under_way(connection, customer, link.remote_id)
    if count := customer_links.documents_of(connection, link.remote_id):
        raise CannotChoose(
            f"{count} {'document' if count == 1 else 'documents'} of {customer.name} stand in QuickBooks under this "
            "customer, so it cannot be unlinked. If it is the wrong one, merge the two customers in QuickBooks; "
            "Regentra follows."
        )
    link.delete()
    jobs.name_anew(connection, Kind.CUSTOMER, customer.id)
    _close_questions(connection, link)
    customer_wish.withdraw(connection, customer.id)
    _remember(connection, MappingSubject.UNLINKED_CUSTOMER, customer, link.remote_id)
    _note("customer.unlinked", customer, actor, remote_id=link.remote_id)


def _close_questions(connection: Connection, link: Link) -> None:
    """What differed between the two is nobody's question any more."""
    asked = Discrepancy.objects.filter(connection=connection, kind=Kind.CUSTOMER, closed_at=None)
    asked.filter(remote_id=link.remote_id).update(closed_at=clock.now())


def make_its_own(connection: Connection, customer: Customer, *, actor: User) -> None:
    """It is another one that only shares the mailbox: a customer of its own is made. Raises `CannotChoose`."""
    if not policies_in_force().customer_create_policy.takes_wishes:
        raise CannotChoose("The sync rules make no customer in QuickBooks on this page.")
    _refuse_linked(connection, customer)
    _remember(connection, MappingSubject.OWN_CUSTOMER, customer)
    if customer_match.had_another(connection, customer):
        jobs.make_again(connection, Kind.CUSTOMER, customer.id)
    _go_on(connection, customer)
    _note("customer.kept_apart", customer, actor)


def may_be_made_in_wizard() -> bool:
    """Everywhere but where people make customers in QuickBooks."""
    return policies_in_force().customer_create_policy is not CustomerCreate.NEVER


def make_by_wizard(connection: Connection, customer: Customer, *, actor: User) -> None:
    """It is made there on demand (L-21); where somebody is like it, that is asked first. Raises `CannotChoose`."""
    if not may_be_made_in_wizard():
        raise CannotChoose("The sync rules make no customer in QuickBooks.")
    _refuse_linked(connection, customer)
    customer_wish.note(connection, customer.id)
    jobs.want(connection, Kind.CUSTOMER, customer.id, urgent=True)
    _note("customer.sync_requested", customer, actor)


def _linkable(connection: Connection, remote_id: str) -> MirrorEntry:
    if "\0" in remote_id:
        raise CannotChoose(NOT_THERE)
    is_free = customer_links.is_free(connection, remote_id)
    # What vanished gave its name free; what is only inactive kept it.
    entries = MirrorEntry.objects.filter(connection=connection, kind=ListKind.CUSTOMER)
    entry = entries.filter(remote_id=remote_id).exclude(name_key="").first()
    if entry is None:
        raise CannotChoose(NOT_THERE)
    if not is_free:
        raise CannotChoose(f"{entry.name} is linked to another customer here.")
    return entry


def _check_currency(connection: Connection, customer: Customer, entry: MirrorEntry) -> None:
    home = connection.company_settings().currency
    theirs, ours = entry.detail.get("currency") or home, customer.currency or home
    if theirs != ours:
        raise CannotChoose(
            f"{entry.name} is kept in {theirs}, {customer.name} is billed in {ours}."
        )


def _refuse_changed(customer: Customer, entry: MirrorEntry, shown: str) -> None:
    now = customer_match.mark_of_pair(
        customer, remote_id=entry.remote_id, name=entry.name, email=entry.email_key
    )
    if shown != now:
        raise CannotChoose(
            f"{customer.name}, or {entry.name} in QuickBooks, has changed since this page was opened; look again."
        )


def _refuse_linked(connection: Connection, customer: Customer) -> None:
    """A customer changes its counterpart only by being unlinked first, which has conditions of its own."""
    if customer_links.locked(connection, customer.id) is not None:
        raise CannotChoose(f"{customer.name} is linked already. Unlink it first.")


def _refuse_under_way(connection: Connection, customer: Customer, remote_id: str = "") -> None:
    """What its answer brings decides whom it belongs to."""
    if customer_links.is_under_way(connection, customer.id, remote_id):
        raise CannotChoose(
            f"Something of {customer.name} is on its way to QuickBooks at this moment. Try again in a minute."
        )


def _go_on(connection: Connection, customer: Customer) -> None:
    questions = (MappingSubject.LOST_CUSTOMER, MappingSubject.UNLINKED_CUSTOMER)
    asked = Mapping.objects.filter(connection=connection, subject__in=questions)
    asked.filter(local_key=str(customer.id)).delete()
    jobs.want(connection, Kind.CUSTOMER, customer.id, urgent=True)
    jobs.release(connection, waits_for(Kind.CUSTOMER, customer.id))


def _remember(
    connection: Connection, subject: MappingSubject, customer: Customer, remote_id: str = ""
) -> None:
    Mapping.objects.update_or_create(
        connection=connection,
        subject=subject,
        local_key=str(customer.id),
        defaults={"remote_id": remote_id},
    )


def _note(action: str, customer: Customer, actor: User, **detail: str) -> None:
    audit.record(action, actor=actor, object_kind="customer", object_id=customer.id, **detail)
