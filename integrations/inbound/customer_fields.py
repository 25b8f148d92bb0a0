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
from integrations.models import Link, policies_in_force
from integrations.outbound import as_ours, jobs, links
from integrations.outbound.compose import document_now
from integrations.policies import CustomerFieldOwner, Policies

SENTENCE = "It was changed in QuickBooks and here."


def follow(link: Link, held: Held) -> None:
    """Takes what is to be taken and has the rest sent; what both changed and nobody owns is asked about."""
    theirs, document = link.their_document(), held.document
    policies = policies_in_force()
    if theirs is None or document is None or not policies.shared_customer_fields:
        _see(link, held)
        return
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
            code="changed_there",
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


def asked_about(link: Link, document: Document) -> frozenset[str]:
    """The fields of an open question."""
    theirs = link.their_document()
    shared = policies_in_force().shared_customer_fields
    return changed_fields(theirs, document) & shared if theirs else frozenset()


def agree(link: Link, held: Held, found: Merge) -> None:
    """Ours and what is agreed on after it. While something is asked our version stays, so nothing goes over theirs."""
    document, theirs = held.document, link.their_document()
    assert document is not None and theirs is not None
    here = _in_our_words(document, _now(link))
    if found.take:
        customer = Customer.objects.get(pk=link.local_id)
        apply.take_customer(link.connection, customer, _details(here, found.take))
    held_there = policies_in_force().customer_fields(CustomerFieldOwner.THEIRS)
    ours = merged(link.our_document(), document, found.send | (found.take & held_there))
    ours = merged(ours, _in_their_words(document, _now(link) or here), found.take - held_there)
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


def _changed_here(link: Link, document: Document) -> frozenset[str]:
    """Both may have made the same change."""
    now = _now(link)
    if now is None:
        return frozenset()
    ours, theirs = _in_our_words(now, now), _in_our_words(document, now)
    changed = changed_fields(link.our_document(), now)
    return frozenset(name for name in changed if getattr(ours, name) != getattr(theirs, name))


def _now(link: Link) -> Document | None:
    return document_now(link.connection, Kind.CUSTOMER, link.local_id)


def _in_our_words(document: Document, now: Document | None) -> CustomerDocument:
    """Theirs as far as our customers hold it; where they hold nothing of what stands there, ours stays as it is now."""
    assert isinstance(document, CustomerDocument)
    texts = as_ours.customer_texts(document)
    ours = as_ours.customer_texts(now) if isinstance(now, CustomerDocument) else {}
    kept, mine = as_ours.customer_details(texts), as_ours.customer_details(ours)
    kept |= {name: mine[name] for name, text in texts.items() if text and not kept[name]}
    return as_ours.customer_of_texts(document, kept)


def _in_their_words(document: Document, ours: Document) -> CustomerDocument:
    assert isinstance(document, CustomerDocument)
    assert isinstance(ours, CustomerDocument)
    return as_ours.customer_kept_there(document, ours)


def _details(customer: CustomerDocument, names: Iterable[str]) -> dict[str, Any]:
    details: dict[str, Any] = {name: getattr(customer, name) for name in names}
    address = details.pop("address", None)
    return details | asdict(address) if address else details
