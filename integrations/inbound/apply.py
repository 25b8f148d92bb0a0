"""The one door into the books: does here what happened over there. Runs inside ``within()``."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, TypedDict
from uuid import UUID

from billing.errors import BillingError
from billing.home import organization
from billing.models import (
    CreditMemo,
    Customer,
    Invoice,
    LineKind,
    Location,
    Method,
    Payment,
    Refund,
    Service,
    Status,
    Term,
)
from billing.money import Money
from billing.rules.elsewhere import CustomerElsewhere, InvoiceElsewhere
from billing.services import (
    catalogue,
    credit_memos,
    customers,
    invoices,
    payments,
    refunds,
    taking_over,
)
from billing.services.invoices import DraftLine
from billing.services.taking_over import Prepared
from integrations import wordings
from integrations.documents import (
    CreditMemoDocument,
    Held,
    InvoiceDocument,
    Kind,
    LineDocument,
    ListKind,
    PaymentDocument,
    changed_fields,
)
from integrations.inbound.marks import MARKED, Marked
from integrations.inbound.matching import (
    FollowCreditMemo,
    ReapplyPayment,
    RecordCreditMemo,
    RecordPayment,
    ReversePayment,
    Spread,
    VoidCreditMemo,
    concerning_us,
)
from integrations.models import (
    Connection,
    Link,
    Mapping,
    MappingSubject,
    MirrorEntry,
    policies_in_force,
)
from integrations.outbound import as_ours, custom_fields, links
from integrations.outbound.invoice_words import words_of
from integrations.outbound.mirror import METHOD_NAMES, name_key
from integrations.policies import WORDED
from tenants.models import User

GIVEN_AWAY = "It was given to another customer in QuickBooks."
MAX_REFERENCE = 100
MAX_PO_NUMBER = 31
# What of their invoice is ours to follow, and what we call it; the tax goes with the lines.
OURS = {
    "due_on": "due_on",
    "issued_on": "issued_on",
    "customer_memo": "notes",
    "memo": "memo",
    "email": "email",
    "location": "location_id",
    "exchange_rate": "exchange_rate",
    "lines": "lines",
    "tax": "lines",
    "custom_fields": "po_number",
}
# What is never sent of an invoice that was made over there.
THEIRS_ALONE = frozenset({"number", "location_id", "exchange_rate", "lines"})
# The same of their credit memo.
OURS_OF_CREDIT_MEMO = {
    "issued_on": "issued_on",
    "customer_memo": "notes",
    "memo": "memo",
    "lines": "lines",
    "tax": "tax",
}
# The same of their payment, beside what it is spread over.
OURS_OF_PAYMENT = {
    "received_on": "received_on",
    "reference": "reference",
    "exchange_rate": "exchange_rate",
}
# What of theirs is followed here once both sides know it.
FOLLOWED: dict[Kind, frozenset[str]] = {
    Kind.INVOICE: frozenset({*OURS, "number", "voided"}),
    Kind.CREDIT_MEMO: frozenset({*OURS_OF_CREDIT_MEMO, "voided"}),
    Kind.PAYMENT: frozenset(
        {*OURS_OF_PAYMENT, "method", "amount", "applications", "credits", "others", "voided"}
    ),
}


class TermRule(TypedDict):
    """When invoices with some terms are due, see `billing.models.Term`."""

    due_days: int
    day_of_month: int | None
    next_month_days: int


class CannotApply(Exception):
    """Billing refused it; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Ready:
    """An invoice of theirs that can be booked: as they hold it, as we do, and the rows."""

    held: Held
    ours: InvoiceDocument
    prepared: Prepared


def take_over_customers(
    connection: Connection, found: Sequence[CustomerElsewhere]
) -> list[Customer]:
    """Books customers that were made over there, in their order."""
    return taking_over.customers(found, origin=connection.origin)


def prepared_invoice(
    connection: Connection, held: Held, customer_id: UUID, services: as_ours.Services
) -> Ready:
    """An invoice that was made over there, as it would stand here. Raises `CannotApply`. Stores nothing."""
    ours = as_ours.adding_up(_invoice_of(held), held.total)
    words = _in_our_words(connection, ours, services, called=held.id)
    try:
        prepared = taking_over.prepared(words, customer_id=customer_id, origin=connection.origin)
    except BillingError as refusal:
        raise CannotApply(str(refusal)) from refusal
    return Ready(held, ours, prepared)


def take_over_invoices(connection: Connection, ready: Sequence[Ready]) -> None:
    """Books them and links them."""
    taking_over.invoices([one.prepared for one in ready], origin=connection.origin)
    pairs = [(one.prepared.row.pk, one.ours, one.held) for one in ready]
    links.taken_over(connection, Kind.INVOICE, pairs)


def record_payment(connection: Connection, held: Held, decision: RecordPayment) -> None:
    """Books a payment that was recorded over there. Raises `CannotApply`."""
    document = _payment_of(held)
    # One of ours that stood for it is void.
    Link.objects.filter(connection=connection, kind=Kind.PAYMENT, remote_id=held.id).delete()
    try:
        payment = payments.record(
            customer=_customer(connection, document, decision),
            **_spread(decision.spread),
            received_on=document.received_on,
            method=_method(connection, document.method),
            reference=document.reference[:MAX_REFERENCE],
            memo=document.memo,
            exchange_rate=document.exchange_rate,
            origin=connection.origin,
        )
    except BillingError as refusal:
        raise CannotApply(str(refusal)) from refusal
    links.agree(connection, Kind.PAYMENT, payment.id, ours=document, held=held, made_by_us=False)


def reapply_payment(connection: Connection, held: Held, decision: ReapplyPayment) -> None:
    """Follows a change of a payment over there. Raises `CannotApply`.

    One that was given to another customer is void here, and booked anew where it pays what is here.
    """
    document = _payment_of(held)
    payment = Payment.objects.get(pk=decision.local_id)
    is_given_away = was_given_away(connection, held, payment.pk)
    if is_given_away and not _pays_its_customer(payment, decision.spread):
        reverse_payment(connection, held, ReversePayment(decision.local_id))
        if decision.spread.allocations or decision.spread.used:
            record_payment(connection, held, RecordPayment(decision.spread))
        return
    try:
        payments.change(
            payment=payment,
            **_spread(decision.spread),
            **_payment_details(connection, payment, document),
            origin=connection.origin,
        )
    except BillingError as refusal:
        raise CannotApply(str(refusal)) from refusal
    links.agree(connection, Kind.PAYMENT, decision.local_id, ours=document, held=held)


def _pays_its_customer(payment: Payment, spread: Spread) -> bool:
    """Whether invoices of whoever it is from here still get something, as after a merge of customers there."""
    paid = [invoice for invoice, _ in spread.allocations]
    return Invoice.objects.filter(pk__in=paid, customer=payment.customer_id).exists()


def reverse_payment(connection: Connection, held: Held, decision: ReversePayment) -> None:
    """Takes a payment back that was voided or deleted over there. Raises `CannotApply`."""
    payment = Payment.objects.get(pk=decision.local_id)
    try:
        payments.void(payment=payment, origin=connection.origin)
    except BillingError as refusal:
        raise CannotApply(str(refusal)) from refusal
    link = Link.objects.get(connection=connection, kind=Kind.PAYMENT, local_id=payment.id)
    ours = link.our_document()
    assert isinstance(ours, PaymentDocument)
    links.agree(connection, Kind.PAYMENT, payment.id, ours=replace(ours, voided=True), held=held)


def record_credit_memo(connection: Connection, held: Held, decision: RecordCreditMemo) -> None:
    """Books a credit memo that was made over there. Raises `CannotApply`."""
    document = _credit_memo_of(held)
    # One of ours that stood for it is void.
    Link.objects.filter(connection=connection, kind=Kind.CREDIT_MEMO, remote_id=held.id).delete()
    try:
        memo = credit_memos.record(
            customer=Customer.objects.get(pk=decision.customer),
            origin=connection.origin,
            **_content(document),
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


def note_credit_elsewhere(connection: Connection, local_id: UUID, amount: Money) -> None:
    """So much of our credit memo is used over there by documents that are not here."""
    memo = CreditMemo.objects.get(pk=local_id)
    if memo.currency == amount.currency:
        credit_memos.note_used_elsewhere(credit_memo=memo, amount=amount, origin=connection.origin)


def take_credit_memo(
    connection: Connection, memo: CreditMemo, held: Held, *, actor: User | None
) -> None:
    """Makes our credit memo what theirs is. Raises `CannotApply`."""
    try:
        credit_memos.change(
            credit_memo=memo,
            origin=connection.origin,
            actor=actor,
            **_content(_credit_memo_of(held)),
        )
    except BillingError as refusal:
        raise CannotApply(str(refusal)) from refusal


def follow_invoice(
    connection: Connection, held: Held, local_id: UUID, *, actor: User | None = None
) -> None:
    """Makes an invoice that was made over there what it is there now. Raises `CannotApply`."""
    document = _invoice_of(held)
    if was_given_away(connection, held, local_id):
        raise CannotApply(GIVEN_AWAY)
    invoice = Invoice.objects.get(pk=local_id)
    take_fields(connection, invoice, held, frozenset(OURS.values()) | {"number"}, actor=actor)
    ours = as_ours.adding_up(document, held.total)
    links.agree(connection, Kind.INVOICE, local_id, ours=ours, held=held)


def take_their_part(
    connection: Connection, local_id: UUID, held: Held, *, actor: User | None
) -> None:
    """Of an invoice that was made over there what only they can change; the rest stays ours. Raises `CannotApply`."""
    if was_given_away(connection, held, local_id):
        raise CannotApply(GIVEN_AWAY)
    invoice = Invoice.objects.get(pk=local_id)
    take_fields(connection, invoice, held, THEIRS_ALONE, actor=actor)
    ours = as_ours.adding_up(_invoice_of(held), held.total)
    links.agree(connection, Kind.INVOICE, local_id, ours=ours, held=held)


def was_given_away(connection: Connection, held: Held, local_id: UUID) -> bool:
    """Whether theirs is for another customer now than it was, and than ours is for."""
    link = Link.objects.get(connection=connection, kind=held.kind, local_id=local_id)
    before, now = (getattr(one, "customer", "") for one in (link.our_document(), held.document))
    if held.document is None or before == now:
        return False
    row: Marked = MARKED[held.kind]._default_manager.get(pk=local_id)
    whose = links.of_remote(connection, Kind.CUSTOMER, now)
    return whose is None or whose.local_id != row.customer_id


def take_refund(connection: Connection, refund: Refund, *, actor: User | None) -> None:
    """Voids our refund, as theirs is gone. Raises `CannotApply`."""
    try:
        refunds.void(refund=refund, origin=connection.origin, actor=actor)
    except BillingError as refusal:
        raise CannotApply(str(refusal)) from refusal


def take_invoice(
    connection: Connection, invoice: Invoice, held: Held, *, actor: User | None
) -> None:
    """Makes our invoice what theirs is, in what they changed. Raises `CannotApply`."""
    changed = changed_there(_link_of_invoice(connection, invoice.pk), held)
    fields = frozenset(OURS[one] for one in changed & OURS.keys())
    take_fields(connection, invoice, held, fields, actor=actor)


def changed_there(link: Link, held: Held) -> frozenset[str]:
    """What of an invoice they have changed since both sides agreed; all of it while nothing of theirs was known."""
    before, document = link.their_document(), held.document
    return changed_fields(before, document) if before and document else frozenset(OURS)


def take_fields(
    connection: Connection,
    invoice: Invoice,
    held: Held,
    fields: frozenset[str],
    *,
    actor: User | None = None,
) -> None:
    """Makes these fields of our invoice what theirs are; voids it when theirs is void or gone. Raises `CannotApply`."""
    document, origin = held.document, connection.origin
    try:
        if isinstance(document, InvoiceDocument) and not document.voided:
            whole = as_ours.adding_up(document, held.total)
            services = services_for_items(connection)
            now = _in_our_words(connection, whole, services, called=held.id)
            if _link_of_invoice(connection, invoice.pk).made_by_us:
                now = _without_wording(invoice, now)
            known = fields if _po_number_field(connection) else fields - {"po_number"}
            taking_over.follow(invoice=invoice, now=now, fields=known, origin=origin, actor=actor)
        elif invoice.standing is not Status.VOID:
            invoices.void(invoice=invoice, origin=origin, actor=actor)
    except BillingError as refusal:
        raise CannotApply(str(refusal)) from refusal


def renumber(invoice: Invoice, *, actor: User) -> None:
    """Its number is another document's over there, so ours gets the next one. Raises `CannotApply`."""
    try:
        invoices.renumber(invoice=invoice, actor=actor)
    except BillingError as refusal:
        raise CannotApply(str(refusal)) from refusal


def take_tax(connection: Connection, kind: Kind, local_id: UUID, tax: Money) -> None:
    """The tax of our invoice or credit memo becomes what they have computed. Raises `CannotApply`."""
    origin = connection.origin
    try:
        if kind is Kind.CREDIT_MEMO:
            memo = CreditMemo.objects.get(pk=local_id)
            credit_memos.take_tax(credit_memo=memo, tax=tax, origin=origin)
        else:
            invoice = Invoice.objects.get(pk=local_id)
            invoices.take_tax(invoice=invoice, tax=tax, origin=origin)
    except BillingError as refusal:
        raise CannotApply(str(refusal)) from refusal


def put_away(connection: Connection, invoice: Invoice, *, actor: User | None) -> None:
    """Takes an invoice off the lists. Raises `CannotApply`."""
    try:
        invoices.archive(invoice=invoice, origin=connection.origin, actor=actor)
    except BillingError as refusal:
        raise CannotApply(str(refusal)) from refusal


def take_rate(connection: Connection, document: Invoice | Payment, rate: Decimal) -> None:
    """The exchange rate of a document that went out without one becomes the one it was booked at."""
    if isinstance(document, Invoice):
        invoices.take_rate(invoice=document, rate=rate, origin=connection.origin)
    else:
        payments.take_rate(payment=document, rate=rate, origin=connection.origin)


def services_for_items(connection: Connection) -> dict[str, UUID]:
    """Our service for each of their items that one was chosen for."""
    rows = Mapping.objects.filter(connection=connection, subject=MappingSubject.SERVICE)
    return {item: UUID(key) for key, item in rows.values_list("local_key", "remote_id")}


def _link_of_invoice(connection: Connection, local_id: UUID) -> Link:
    return Link.objects.get(connection=connection, kind=Kind.INVOICE, local_id=local_id)


def take_payment(
    connection: Connection, payment: Payment, held: Held, *, actor: User | None
) -> None:
    """Makes our payment what theirs is. Raises `CannotApply`."""
    document = _payment_of(held)
    paid = _known(connection, Kind.INVOICE, [part.invoice for part in document.applications])
    lent = _known(connection, Kind.CREDIT_MEMO, [part.credit_memo for part in document.credits])
    spread = concerning_us(document, paid.items(), lent.items())
    # All of the money came in here; what documents of theirs take of it is taken.
    off_the_money = document.amount - spread.amount
    spread = replace(spread, amount=document.amount, outside=spread.outside + off_the_money)
    try:
        payments.change(
            payment=payment,
            **_spread(spread),
            **_payment_details(connection, payment, document),
            origin=connection.origin,
            actor=actor,
        )
    except BillingError as refusal:
        raise CannotApply(str(refusal)) from refusal


def make_service(connection: Connection, details: dict[str, Any]) -> Service:
    """An item of theirs as a service of the catalogue."""
    return catalogue.create_service(**details)


def take_service(connection: Connection, service: Service, details: dict[str, Any]) -> None:
    """Makes these fields of a service what its item's are; a name that another service has stays theirs alone."""
    name = details.get("name")
    if name and Service.objects.filter(name=name).exclude(pk=service.pk).exists():
        details = {key: value for key, value in details.items() if key != "name"}
    catalogue.update_service(service=service, origin=connection.origin, **details)


def follow_terms(term: Term | None, name: str, rule: TermRule) -> Term:
    """Payment terms of theirs here, by their rule: made where there are none."""
    if term is None:
        return catalogue.create_term(name=name, **rule)
    return catalogue.update_term(term=term, **rule)


def take_customer(connection: Connection, customer: Customer, details: dict[str, Any]) -> None:
    """Makes these fields of a customer what they are there. Raises `CannotApply`."""
    try:
        customers.update(customer=customer, origin=connection.origin, **details)
    except BillingError as refusal:
        raise CannotApply(str(refusal)) from refusal


def take_terms(connection: Connection, customer: Customer, term: Term) -> None:
    """Its payment terms are those that it has there."""
    customers.update(customer=customer, origin=connection.origin, terms=term)


def archive_customer(connection: Connection, customer: Customer, *, actor: User | None) -> None:
    """It is in use there no more, so neither here."""
    customers.archive(customer=customer, actor=actor, origin=connection.origin)


def _in_our_words(
    connection: Connection, document: InvoiceDocument, services: as_ours.Services, *, called: str
) -> InvoiceElsewhere:
    words = as_ours.invoice(document, services, called=called)
    field = _po_number_field(connection)
    po_number = next((one.value for one in document.custom_fields if one.id == field), "")
    return replace(
        words,
        location_id=_location(connection, document.location),
        po_number=po_number.strip()[:MAX_PO_NUMBER].strip(),
    )


def _without_wording(invoice: Invoice, now: InvoiceElsewhere) -> InvoiceElsewhere:
    """The texts alone; their wording is put around them whenever they are sent."""
    policies, words = policies_in_force(), words_of(invoice)
    texts: dict[str, Any] = {
        own: wordings.taken_out(getattr(policies, rule), own, getattr(now, own), words)
        for rule, own in WORDED.items()
    }
    return replace(now, **texts)


def _po_number_field(connection: Connection) -> str:
    """The custom field of theirs that holds our PO numbers; empty where none was chosen."""
    filled = custom_fields.filled_here(connection)
    return next((id_ for id_, key in filled.items() if key == custom_fields.PO_NUMBER), "")


def _location(connection: Connection, remote_id: str) -> UUID | None:
    """Ours that stands for one of theirs; none where there is none."""
    mapped = Mapping.objects.filter(
        connection=connection, subject=MappingSubject.LOCATION, remote_id=remote_id
    )
    keys = mapped.values_list("local_key", flat=True)
    found = Location.objects.filter(pk__in=list(keys)) if remote_id else Location.objects.none()
    return found.values_list("pk", flat=True).first()


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


def _invoice_of(held: Held) -> InvoiceDocument:
    assert isinstance(held.document, InvoiceDocument)
    return held.document


def _known(connection: Connection, kind: Kind, remote_ids: list[str]) -> dict[str, UUID]:
    ours = Link.objects.filter(connection=connection, kind=kind, remote_id__in=remote_ids)
    return dict(ours.values_list("remote_id", "local_id"))


def _spread(spread: Spread) -> dict[str, Any]:
    return {
        "amount": spread.amount,
        "allocations": dict(spread.allocations),
        "used": dict(spread.used),
        "outside": spread.outside,
    }


def _payment_details(
    connection: Connection, payment: Payment, document: PaymentDocument
) -> dict[str, Any]:
    """Several of their methods may be one of ours, so ours changes only with theirs."""
    details = {ours: getattr(document, theirs) for theirs, ours in OURS_OF_PAYMENT.items()}
    details["reference"] = document.reference[:MAX_REFERENCE]
    link = Link.objects.get(connection=connection, kind=Kind.PAYMENT, local_id=payment.pk)
    before = link.their_document()
    if isinstance(before, PaymentDocument) and before.method != document.method:
        details["method"] = _method(connection, document.method)
    return details


def _content(document: CreditMemoDocument) -> dict[str, Any]:
    """Their credit memo as billing takes it. Raises `CannotApply` for another currency."""
    home = organization().currency
    if document.currency != home:
        raise CannotApply(f"It is in {document.currency}, credit memos here are in {home}.")
    content = {ours: getattr(document, theirs) for theirs, ours in OURS_OF_CREDIT_MEMO.items()}
    return {
        **content,
        "lines": [_draft_line(line) for line in document.lines],
        "tax": document.tax or Money.zero(home),
    }


def _credit_memo_of(held: Held) -> CreditMemoDocument:
    assert isinstance(held.document, CreditMemoDocument)
    return held.document


def _payment_of(held: Held) -> PaymentDocument:
    assert isinstance(held.document, PaymentDocument)
    return held.document


def _customer(
    connection: Connection, document: PaymentDocument, decision: RecordPayment
) -> Customer:
    """The customer of ours who paid: the linked one, else the one whose invoice was paid or credit was used."""
    link = links.of_remote(connection, Kind.CUSTOMER, document.customer)
    if link is not None:
        return Customer.objects.get(pk=link.local_id)
    if not decision.spread.allocations:
        memo_id: UUID = decision.spread.used[0][0]
        return CreditMemo.objects.select_related("customer").get(pk=memo_id).customer
    first_invoice: UUID = decision.spread.allocations[0][0]
    return Invoice.objects.select_related("customer").get(pk=first_invoice).customer


def _method(connection: Connection, remote_id: str) -> str:
    name = (
        MirrorEntry.objects.filter(
            connection=connection, kind=ListKind.PAYMENT_METHOD, remote_id=remote_id
        )
        .values_list("name", flat=True)
        .first()
    )
    known = {alias: method for method, aliases in METHOD_NAMES.items() for alias in aliases}
    return known.get(name_key(name or ""), Method.OTHER)
