"""A customer as it should stand over there."""

from dataclasses import replace
from uuid import UUID

from billing.models import Customer
from integrations.documents import Address, CustomerDocument, Document, Kind
from integrations.outbound import as_ours, mirror
from integrations.outbound.composing.composed import Composed, Composition
from integrations.outbound.customer_names import kept_name, kept_parent
from integrations.outbound.materials import Materials
from integrations.outbound.prerequisites import Missing, Need, waits_for
from integrations.policies import CustomerFieldOwner


def customer_document(
    customer: Customer, *, name: str = "", active: bool = True
) -> CustomerDocument:
    """A customer as it should stand over there, by its own name where no other one is given."""
    return CustomerDocument(
        name=name or customer.name,
        company_name=customer.name,
        contact_name=customer.contact_name,
        email=customer.email,
        phone=customer.phone,
        address=Address(
            line1=customer.line1,
            line2=customer.line2,
            city=customer.city,
            region=customer.region,
            postal_code=customer.postal_code,
            country=customer.country,
        ),
        notes=customer.notes,
        currency=customer.currency,
        active=active,
    )


def compose_customer(materials: Materials, customer: Customer) -> Composition:
    """Waits for the answers to its questions and for the customer it is a part of."""
    if materials.connection.lists_read_at is None:
        return [mirror.LISTS_MISSING]
    missing = materials.questions.get(customer.id) or currency_missing(
        materials, customer.id, customer.currency
    )
    link = materials.links.get((Kind.CUSTOMER, customer.id))
    agreed = link.our_document() if link else None
    name = kept_name(customer, materials.policies.customer_display_name, agreed)
    made_by_us = link is None or link.made_by_us
    above = materials.remote_id(Kind.CUSTOMER, customer.parent_id) if customer.parent_id else ""
    if customer.parent and made_by_us and not above:
        missing = [*missing, _parent_missing(customer.parent)]
    document = customer_document(customer, name=name, active=_is_in_use(customer, agreed))
    parent = kept_parent(above, agreed, made_by_us=made_by_us)
    document = replace(document, parent=parent)
    if missing or not isinstance(agreed, CustomerDocument):
        return missing or Composed(document, customer.name)
    kept = as_ours.customer_kept_there(agreed, document)
    # Of what we own their words are undone, too.
    in_our_words = materials.policies.customer_fields(CustomerFieldOwner.OURS)
    document = replace(kept, **{name: getattr(document, name) for name in in_our_words})
    held_there = materials.policies.customer_fields(CustomerFieldOwner.THEIRS)
    owned = replace(document, **{name: getattr(agreed, name) for name in held_there})
    return Composed(owned, customer.name, withheld=owned != document)


def _parent_missing(parent: Customer) -> Missing:
    sentence = (
        f"The customer {parent.name}, which it is a part of, is not linked to QuickBooks yet."
    )
    return Missing(Need.CUSTOMER, sentence, waits_for(Kind.CUSTOMER, parent.id))


def _is_in_use(customer: Customer, agreed: Document | None) -> bool:
    """Archiving here has no effect there (C-09): an archived one is left as it was agreed on."""
    if customer.is_archived and isinstance(agreed, CustomerDocument):
        return agreed.active
    return True


def currency_missing(materials: Materials, customer_id: UUID, currency: str) -> list[Missing]:
    """A counterpart keeps its currency for good, so another one makes it another customer."""
    home = materials.connection.company_settings().currency
    link = materials.links.get((Kind.CUSTOMER, customer_id))
    ours, theirs = currency or home, (link.ours.get("currency") if link else currency) or home
    if theirs == ours:
        return []
    sentence = f"The customer is kept in {theirs} in QuickBooks and in {ours} here."
    return [Missing(Need.CURRENCY, sentence)]
