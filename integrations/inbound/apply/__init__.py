"""The one door into the books: does here what happened over there. Runs inside ``within()``."""

from integrations.documents import Kind
from integrations.inbound.apply.catalogue import TermRule, follow_terms, make_service, take_service
from integrations.inbound.apply.computed import take_rate, take_tax
from integrations.inbound.apply.credit_memos import (
    OURS_OF_CREDIT_MEMO,
    follow_credit_memo,
    note_credit_elsewhere,
    record_credit_memo,
    take_credit_memo,
    void_credit_memo,
)
from integrations.inbound.apply.customers import (
    archive_customer,
    bring_back_customers,
    take_customer,
    take_over_customers,
    take_terms,
)
from integrations.inbound.apply.invoices import (
    OURS,
    REFUSED,
    THEIRS_ALONE,
    Ready,
    changed_there,
    follow_invoice,
    prepared_invoice,
    put_away,
    renumber,
    require_no_deposit,
    services_for_items,
    take_fields,
    take_invoice,
    take_over_invoices,
    take_their_part,
)
from integrations.inbound.apply.payments import (
    AMOUNT_OF_REFUND,
    OURS_OF_PAYMENT,
    OURS_OF_REFUND,
    SPREAD,
    changed_of_payment,
    reapply_payment,
    record_payment,
    reverse_payment,
    settle_more,
    take_outside,
    take_payment,
    take_refund,
    taken_together,
)
from integrations.inbound.apply.refusals import GIVEN_AWAY, CannotApply, was_given_away

# What of theirs is followed here once both sides know it.
FOLLOWED: dict[Kind, frozenset[str]] = {
    Kind.INVOICE: frozenset({*OURS, "number", "voided"}),
    Kind.CREDIT_MEMO: frozenset({*OURS_OF_CREDIT_MEMO, "voided"}),
    Kind.PAYMENT: frozenset(
        {
            *OURS_OF_PAYMENT,
            *SPREAD,
            "method",
            "voided",
        }
    ),
}

__all__ = [
    "AMOUNT_OF_REFUND",
    "FOLLOWED",
    "GIVEN_AWAY",
    "OURS",
    "OURS_OF_REFUND",
    "REFUSED",
    "THEIRS_ALONE",
    "CannotApply",
    "Ready",
    "TermRule",
    "archive_customer",
    "bring_back_customers",
    "catalogue",
    "changed_of_payment",
    "changed_there",
    "computed",
    "credit_memos",
    "customers",
    "follow_credit_memo",
    "follow_invoice",
    "follow_terms",
    "invoices",
    "make_service",
    "note_credit_elsewhere",
    "payments",
    "prepared_invoice",
    "put_away",
    "reapply_payment",
    "record_credit_memo",
    "record_payment",
    "refusals",
    "renumber",
    "require_no_deposit",
    "reverse_payment",
    "services_for_items",
    "settle_more",
    "take_credit_memo",
    "take_customer",
    "take_fields",
    "take_invoice",
    "take_outside",
    "take_over_customers",
    "take_over_invoices",
    "take_payment",
    "take_rate",
    "take_refund",
    "take_service",
    "take_tax",
    "take_terms",
    "take_their_part",
    "taken_together",
    "void_credit_memo",
    "was_given_away",
]
