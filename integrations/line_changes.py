"""What sync says before a document changes here: whether it is over there, and whose it is there."""

from uuid import UUID

from billing.elsewhere import Elsewhere
from integrations.documents import Kind
from integrations.models import Link, policies_in_force
from integrations.policies import DocumentsThere, Policies, SignChange

MADE_THERE = (
    "This invoice was made in QuickBooks. Change its lines there; they follow here by themselves."
)

READ_ONLY = (
    "This was made in QuickBooks and is read only here, by the sync rules. Change it there; it "
    "follows here by itself."
)

HELD_THERE = "By the sync rules the lines of an invoice that is in QuickBooks are changed there. They then follow here."


DOCUMENTS = (Kind.INVOICE, Kind.CREDIT_MEMO, Kind.PAYMENT)


def known_of(document_id: UUID) -> Elsewhere:
    """For `billing.elsewhere`, within the organization."""
    links = Link.objects.filter(kind__in=DOCUMENTS, local_id=document_id)
    made_by_us = list(links.values_list("made_by_us", flat=True))
    if not made_by_us:
        return Elsewhere()
    policies = policies_in_force()
    return Elsewhere(
        is_there=True,
        lines_held=_held(policies) if all(made_by_us) else MADE_THERE,
        read_only="" if all(made_by_us) else read_only_there(policies),
        converts=policies.sign_change is SignChange.CONVERT,
    )


def read_only_there(policies: Policies) -> str:
    """Why finalised documents of theirs are not changed here; empty where they are."""
    return READ_ONLY if policies.documents_made_there is DocumentsThere.READ_ONLY else ""


def _held(policies: Policies) -> str:
    return HELD_THERE if "lines" in policies.fields_held_there else ""
