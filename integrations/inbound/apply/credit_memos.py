"""Credit memos of theirs, and ours that they changed."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from billing.errors import BillingError
from billing.home import organization
from billing.models import (
    CreditMemo,
    Customer,
    LineKind,
)
from billing.money import Money
from billing.services import (
    credit_memos,
)
from billing.services.invoices import DraftLine
from integrations.documents import (
    CreditMemoDocument,
    Held,
    Kind,
    LineDocument,
    changed_since,
)
from integrations.inbound.apply.refusals import CannotApply, was_given_away
from integrations.inbound.matching import (
    FollowCreditMemo,
    RecordCreditMemo,
    VoidCreditMemo,
)
from integrations.models import (
    Connection,
    Link,
)
from integrations.outbound import as_ours, jobs, links, tax_codes
from tenants.models import User

# The same of their credit memo.
DAY_AND_TEXTS = {"issued_on": "issued_on", "customer_memo": "notes", "memo": "memo"}
OURS_OF_CREDIT_MEMO = {**DAY_AND_TEXTS, "lines": "lines", "tax": "tax"}


def record_credit_memo(connection: Connection, held: Held, decision: RecordCreditMemo) -> None:
    """Books a credit memo that was made over there. Raises `CannotApply`."""
    document = _credit_memo_of(held)
    taxed = tax_codes.as_taxed_here(connection, None, document)
    customer = Customer.objects.get(pk=decision.customer)
    currency = customer.currency or organization().currency
    # One of ours that stood for it is void.
    Link.objects.filter(connection=connection, kind=Kind.CREDIT_MEMO, remote_id=held.id).delete()
    try:
        memo = credit_memos.record(
            customer=customer,
            currency=currency,
            origin=connection.origin,
            **_content(taxed, currency),
        )
    except BillingError as refusal:
        raise CannotApply(str(refusal)) from refusal
    links.agree(connection, Kind.CREDIT_MEMO, memo.id, ours=document, held=held, made_by_us=False)


def follow_credit_memo(connection: Connection, held: Held, decision: FollowCreditMemo) -> None:
    """Follows a change of a credit memo of theirs. Raises `CannotApply`.

    One that was given to another customer is void here, and booked anew where that one is here.
    """
    if was_given_away(connection, held, decision.local_id):
        void_credit_memo(connection, held, VoidCreditMemo(decision.local_id))
        whose = links.of_remote(connection, Kind.CUSTOMER, _credit_memo_of(held).customer)
        if whose is not None:
            record_credit_memo(connection, held, RecordCreditMemo(whose.local_id))
        return
    memo = CreditMemo.objects.get(pk=decision.local_id)
    take_credit_memo(connection, memo, held, actor=None)
    document = _credit_memo_of(held)
    links.agree(connection, Kind.CREDIT_MEMO, memo.id, ours=document, held=held)


def void_credit_memo(connection: Connection, held: Held, decision: VoidCreditMemo) -> None:
    """Voids ours, as theirs was voided or deleted. Raises `CannotApply`, such as while some of it is used here."""
    memo = CreditMemo.objects.get(pk=decision.local_id)
    try:
        credit_memos.void(credit_memo=memo, origin=connection.origin)
    except BillingError as refusal:
        raise CannotApply(str(refusal)) from refusal
    link = Link.objects.get(connection=connection, kind=Kind.CREDIT_MEMO, local_id=memo.id)
    ours = link.our_document()
    assert isinstance(ours, CreditMemoDocument)
    links.agree(connection, Kind.CREDIT_MEMO, memo.id, ours=replace(ours, voided=True), held=held)
    jobs.take_up_void(connection, Kind.CREDIT_MEMO, memo.id)


def note_credit_elsewhere(connection: Connection, local_id: UUID, amount: Money) -> None:
    """So much of our credit memo is used over there by documents that are not here."""
    memo = CreditMemo.objects.get(pk=local_id)
    if memo.currency == amount.currency:
        credit_memos.note_used_elsewhere(credit_memo=memo, amount=amount, origin=connection.origin)


def take_credit_memo(
    connection: Connection, memo: CreditMemo, held: Held, *, actor: User | None
) -> None:
    """Makes our credit memo what theirs is, its day and texts where they changed them. Raises `CannotApply`."""
    document = _credit_memo_of(held)
    link = Link.objects.get(connection=connection, kind=Kind.CREDIT_MEMO, local_id=memo.pk)
    left_alone = DAY_AND_TEXTS.keys() - changed_since(link.their_document(), document)
    own = {DAY_AND_TEXTS[name]: getattr(memo, DAY_AND_TEXTS[name]) for name in left_alone}
    taxed = tax_codes.as_taxed_here(connection, memo.tax_region, document)
    content = _content(taxed, memo.currency) | own
    try:
        credit_memos.change(credit_memo=memo, origin=connection.origin, actor=actor, **content)
    except BillingError as refusal:
        raise CannotApply(str(refusal)) from refusal


def _draft_line(line: LineDocument) -> DraftLine:
    """Their line as ours, to the cent."""
    quantity, price = as_ours.factors(line)
    return DraftLine(
        description=line.description,
        quantity=quantity,
        unit_price=price,
        taxable=line.taxable,
        kind=LineKind.DISCOUNT if line.discount else LineKind.SALE,
        discount_percent=line.percent,
    )


def _content(document: CreditMemoDocument, currency: str) -> dict[str, Any]:
    """Their credit memo as billing takes it, in the currency it has here. Raises `CannotApply` for another one."""
    if document.currency != currency:
        raise CannotApply(
            f"It is in {document.currency}, credit memos of this customer are in {currency}."
        )
    content = {ours: getattr(document, theirs) for theirs, ours in OURS_OF_CREDIT_MEMO.items()}
    return {
        **content,
        "lines": [_draft_line(line) for line in document.lines],
        "tax": document.tax or Money.zero(currency),
    }


def _credit_memo_of(held: Held) -> CreditMemoDocument:
    assert isinstance(held.document, CreditMemoDocument)
    return held.document
