"""A customer that was changed in QuickBooks, put together with ours field by field as the sync rules say (N-08).

Runs inside ``within()``. Fields that each side has for itself are left alone.
"""

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from billing.models import Customer
from integrations.documents import (
    CustomerDocument,
    Document,
    Held,
    Kind,
    changed_fields,
    fingerprint,
    merged,
    to_json,
)
from integrations.inbound import apply, drift
from integrations.inbound.by_field import Merge
from integrations.models import Connection, Discrepancy, Link, policies_in_force
from integrations.outbound import as_ours, jobs, links
from integrations.outbound.composing.customers import customer_document
from integrations.outbound.push import ChangedOverThere
from integrations.policies import OWNED_OF_CUSTOMERS, CustomerFieldOwner, Policies

OWNED_FIELDS = frozenset(OWNED_OF_CUSTOMERS.values())

BOTH_CHANGED = "changed_there"
SENTENCE = "It was changed in QuickBooks and here."


def follow(link: Link, held: Held) -> None:
    """Takes what is to be taken and has the rest sent; what both changed and nobody owns is asked about."""
    theirs, document = link.their_document(), held.document
    policies = policies_in_force()
    if theirs is None or document is None or not policies.shared_customer_fields:
        _see(link, held)
        return
    assert isinstance(document, CustomerDocument)
    found = merge(
        here=_changed_here(link, document),
        there=changed_fields(theirs, document),
        policies=policies,
    )
    agree(link, held, found)
    if (found.take or found.send) and not found.ask:
        # Also where only theirs was taken: what else was changed here has waited for this.
        jobs.want(link.connection, Kind.CUSTOMER, link.local_id)
    if found.ask:
        drift.open_one(
            link.connection,
            held,
            code=BOTH_CHANGED,
            sentence=SENTENCE,
            local_id=link.local_id,
            ours=link.our_document(),
        )
    else:
        drift.close_all(link.connection, held)


def merge(*, here: Iterable[str], there: Iterable[str], policies: Policies) -> Merge:
    """What becomes of each field that was changed over there. Pure."""
    changed_here, changed_there = frozenset(here), frozenset(there)
    unowned = policies.customer_fields(CustomerFieldOwner.ASK) & changed_there
    return Merge(
        take=(policies.customer_fields(CustomerFieldOwner.THEIRS) & changed_there)
        | (unowned - changed_here),
        send=policies.customer_fields(CustomerFieldOwner.OURS) & changed_there,
        ask=unowned & changed_here,
    )


def follow_rules(connection: Connection) -> None:
    """Fields may have an owner now: what was asked about them so far is answered as the rules say."""
    asked = Discrepancy.objects.filter(
        connection=connection, kind=Kind.CUSTOMER, reason_code=BOTH_CHANGED, closed_at=None
    )
    for question in asked:
        link = links.of_remote(connection, Kind.CUSTOMER, question.remote_id)
        if link is not None:
            follow(link, question.held())
            if not drift.is_asked(connection, question.held()):
                jobs.take_up_parked(link, ChangedOverThere.__name__)


def asked_about(link: Link, document: Document) -> frozenset[str]:
    """The fields of an open question: whatever else was changed there is agreed on already."""
    theirs = link.their_document()
    return changed_fields(theirs, document) & OWNED_FIELDS if theirs else frozenset()


def agree(link: Link, held: Held, found: Merge) -> None:
    """Ours and what is agreed on after it. While something is asked our version stays, so nothing goes over theirs."""
    document, theirs = held.document, link.their_document()
    assert isinstance(document, CustomerDocument)
    assert theirs is not None
    if found.take:
        customer = Customer.objects.get(pk=link.local_id)
        details = _details(_in_our_words(document, _here(link)), found.take)
        apply.take_customer(link.connection, customer, details)
    ours = merged(link.our_document(), document, found.send)
    ours = merged(ours, as_ours.customer_kept_there(document, _here(link)), found.take)
    theirs = merged(document, theirs, found.ask)
    values: dict[str, Any] = {
        "ours": to_json(ours),
        "fingerprint": fingerprint(ours),
        "theirs": to_json(theirs),
        "their_fingerprint": fingerprint(theirs),
    }
    if not found.ask:
        values["remote_version"] = held.version
    Link.objects.filter(pk=link.pk).update(**values)


def _see(link: Link, held: Held) -> None:
    links.see(link, held)
    drift.close_all(link.connection, held)


def _changed_here(link: Link, document: CustomerDocument) -> frozenset[str]:
    """Both may have made the same change. Whether it can be sent as it is now does not matter."""
    agreed, here = link.our_document(), _here(link)
    assert isinstance(agreed, CustomerDocument)
    meant, theirs = as_ours.customer_meant(agreed), _in_our_words(document, here)
    return frozenset(
        name
        for name in OWNED_FIELDS
        if getattr(here, name) not in (getattr(meant, name), getattr(theirs, name))
    )


def _here(link: Link) -> CustomerDocument:
    return customer_document(Customer.objects.get(pk=link.local_id))


def _in_our_words(document: CustomerDocument, here: CustomerDocument) -> CustomerDocument:
    """Theirs as far as our customers hold it; where they hold nothing of what stands there, ours stays as it is."""
    theirs, ours = as_ours.customer_texts(document), as_ours.customer_texts(here)
    meant = as_ours.customer_details(theirs)
    kept = {
        name: ours[name] if text and not meant[name] else meant[name]
        for name, text in theirs.items()
    }
    return as_ours.customer_of_texts(document, kept)


def _details(customer: CustomerDocument, names: Iterable[str]) -> dict[str, Any]:
    details: dict[str, Any] = {name: getattr(customer, name) for name in names}
    address = details.pop("address", None)
    return details | asdict(address) if address else details
