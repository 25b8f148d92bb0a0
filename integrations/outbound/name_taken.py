"""A customer whose name is taken over there: by whom becomes known, and then it is a question, not a refusal.

Customers, accounts and items bear no mark, so two of ours with the same name and content look alike. The first to be
linked is the counterpart; the second must not take it for its own. Runs inside ``within()``.
"""

from collections.abc import Iterable

from billing.models import Customer
from integrations.documents import CustomerDocument, Held, Kind, ListKind
from integrations.errors import AlreadyThere
from integrations.models import Connection, Link, MirrorEntry, SyncJob, policies_in_force
from integrations.outbound import customer_match, due, jobs, links
from integrations.outbound.mirror import name_key, phone_key
from integrations.policies import Policies
from regentra import clock

# What is looked for by its name.
NAMED = (Kind.CUSTOMER, Kind.ACCOUNT, Kind.ITEM)


def not_of_others(connection: Connection, job: SyncJob, found: list[Held]) -> list[Held]:
    """Those found by name that are no counterpart of another one of ours."""
    linked = Link.objects.filter(
        connection=connection, kind=job.kind, remote_id__in=[held.id for held in found]
    )
    taken = set(linked.exclude(local_id=job.local_id).values_list("remote_id", flat=True))
    return [held for held in found if held.id not in taken]


def note(connection: Connection, found: Iterable[Held]) -> None:
    """Adds to the mirror the customers it does not hold yet. Who is in it is kept up by the change feed alone."""
    entries = [_entry(connection, held) for held in found]
    MirrorEntry.objects.bulk_create([one for one in entries if one], ignore_conflicts=True)


def settle(connection: Connection, job: SyncJob, refusal: AlreadyThere) -> None:
    """Asks which customer it is when somebody known bears the name; looks anew when that is surely the same one.

    Nobody known bears it when that one was made since the lists were read last: then they are looked at, once. The
    refusal stands for a new name of one that is linked, and says who has it.
    """
    customer, policies = Customer.objects.get(pk=job.local_id), policies_in_force()
    if _is_linked(connection, job):
        jobs.park(job, _explained(connection, customer, policies, refusal))
    elif questions := customer_match.open_questions(connection, customer, policies):
        jobs.block(job, questions)
    elif customer_match.recognised(connection, customer, policies) is not None:
        jobs.again_soon(job, refusal)
    elif job.attempts == 0:
        due.look_by_itself(connection.id, clock.now())
        jobs.again_soon(job, refusal)
    else:
        jobs.park(job, refusal)


def _explained(
    connection: Connection, customer: Customer, policies: Policies, refusal: AlreadyThere
) -> AlreadyThere:
    """With the name of who bears it, when that is known."""
    mine = links.remote_id_of(connection, Kind.CUSTOMER, customer.id)
    found = customer_match.candidates(connection, customer, policies)
    others = [one for one in found if one.name_equal and one.remote_id != mine]
    if not others:
        return refusal
    words = customer_match.name_sentence(customer, others[0])
    return AlreadyThere(words, code=refusal.code, reference=refusal.reference)


def _is_linked(connection: Connection, job: SyncJob) -> bool:
    mine = Link.objects.filter(connection=connection, kind=Kind.CUSTOMER, local_id=job.local_id)
    return mine.exists()


def _entry(connection: Connection, held: Held) -> MirrorEntry | None:
    document = held.document
    if not isinstance(document, CustomerDocument):
        return None
    said = {"currency": document.currency, "parent": document.parent}
    return MirrorEntry(
        connection=connection,
        kind=ListKind.CUSTOMER,
        remote_id=held.id,
        name=document.name,
        name_key=name_key(document.name),
        email_key=document.email.strip().casefold(),
        phone_key=phone_key(document.phone),
        active=held.active,
        detail={name: text for name, text in said.items() if text},
        remote_version=held.version,
    )
