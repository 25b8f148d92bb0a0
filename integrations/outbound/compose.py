"""Builds the document that should stand over there from our rows, the links and the admin's choices.

Asks neither the database nor the other side. What cannot be built yet comes back as a list of what is missing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from billing.models import (
    CreditMemo,
    CreditMemoLine,
    Customer,
    Invoice,
    InvoiceLine,
    LedgerAccount,
    Payment,
    PostedAs,
    Refund,
    Service,
    Status,
)
from billing.money import EXACT, Money
from integrations import wordings
from integrations.documents import (
    AccountDocument,
    Address,
    Application,
    CreditMemoDocument,
    CustomerDocument,
    Document,
    ExpenseDocument,
    InvoiceDocument,
    ItemDocument,
    Kind,
    LineDocument,
    MailDocument,
    OtherPart,
    PaymentDocument,
    RefundReceiptDocument,
    UsedCredit,
)
from integrations.models import Connection, Link, SyncJob
from integrations.outbound import (
    as_ours,
    custom_fields,
    held_back,
    items,
    line_items,
    mirror,
    new_entries,
    referred,
    tax_codes,
    tracking,
)
from integrations.outbound import materials as materials_of
from integrations.outbound.closed_books import Books, Posting, placed, posting_of
from integrations.outbound.custom_fields import Fields
from integrations.outbound.customer_names import kept_name, kept_parent
from integrations.outbound.invoice_words import words_of
from integrations.outbound.line_items import LineItems
from integrations.outbound.materials import Materials
from integrations.outbound.prerequisites import (
    InvoiceFacts,
    MailFacts,
    Missing,
    Need,
    PaymentFacts,
    RefundFacts,
    of_invoice,
    of_kind_that_stays,
    of_mail,
    of_old_payment,
    of_payment,
    of_refund,
    of_void,
    waits_for,
)
from integrations.outbound.referred import Referred
from integrations.outbound.refunds import expense_number
from integrations.outbound.tax_codes import TaxCodes
from integrations.outbound.tracking import Tracking
from integrations.policies import OWNED, WORDED, TaxMode


@dataclass(frozen=True, slots=True)
class Composed:
    """A document ready to go, None when nothing of it is to go any more. ``label`` is how staff call it.

    ``posting`` is its day over there when that is not its own.
    """

    document: Document | None
    label: str
    posting: Posting | None = None


Composition = Composed | list[Missing]


def compose(job: SyncJob, materials: Materials) -> Composition:
    """The document of a job as it should be now, or what it still needs. Raises `KeyError` when its row is gone."""
    composition = _in_use_again(job, materials) or _composed(job, materials)
    if isinstance(composition, list) or composition.document is None:
        return composition
    link = materials.links.get((Kind(job.kind), job.local_id))
    books = Books(
        closed_on=materials.connection.company_settings().books_closed_on,
        rule=materials.policies.closed_period,
        chosen=posting_of(job),
        agreed=link.our_document() if link else None,
    )
    place = placed(composition.document, books)
    if isinstance(place, Missing):
        return [place]
    document, posting = place
    return Composed(document, composition.label, posting)


def _composed(job: SyncJob, materials: Materials) -> Composition:
    match Kind(job.kind):
        case Kind.CUSTOMER:
            return _customer(materials, materials.customers[job.local_id])
        case Kind.INVOICE:
            return _invoice(materials, materials.invoices[job.local_id])
        case Kind.CREDIT_MEMO:
            return _credit_memo(materials, materials.credit_memos[job.local_id])
        case Kind.PAYMENT:
            return _payment(materials, materials.payments[job.local_id])
        case Kind.ACCOUNT:
            return _account(materials.accounts[job.local_id])
        case Kind.ITEM if job.local_id in materials.accounts:
            return _item_of_account(materials, materials.accounts[job.local_id])
        case Kind.ITEM:
            return _item(materials, materials.services[job.local_id])
        case Kind.EXPENSE | Kind.REFUND_RECEIPT:
            return _refund(materials, Kind(job.kind), materials.refunds[job.local_id])
        case Kind.MAIL:
            return _mail(materials, materials.invoices[job.local_id])


def _in_use_again(job: SyncJob, materials: Materials) -> Composed | None:
    """What is inactive over there and needed is made active again, as it stands there in all else (X-38)."""
    link = materials.links.get((Kind(job.kind), job.local_id))
    agreed = link.our_document() if link else None
    if not isinstance(agreed, ItemDocument | AccountDocument):
        return None
    is_of_list = job.local_id not in materials.services and job.local_id not in materials.accounts
    if agreed.active and not is_of_list:
        return None
    return Composed(replace(agreed, active=True), agreed.name)


def document_now(connection: Connection, kind: Kind, local_id: UUID) -> Document | None:
    """What we would send of one document now; None while something it needs is missing. Inside ``within()``."""
    mine = {"connection": connection, "kind": kind, "local_id": local_id}
    job = SyncJob.objects.filter(**mine).first() or SyncJob(**mine)
    composed = compose(job, materials_of.gather(connection, [job]))
    return composed.document if isinstance(composed, Composed) else None


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


def _customer(materials: Materials, customer: Customer) -> Composition:
    if materials.connection.lists_read_at is None:
        return [mirror.LISTS_MISSING]
    missing = materials.questions.get(customer.id) or _currency_missing(
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
    return missing or Composed(replace(document, parent=parent), customer.name)


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


def _item(materials: Materials, service: Service) -> Composition:
    """A service that was confirmed to become an item, or has one; its name is unique over there."""
    link = materials.links.get((Kind.ITEM, service.id))
    agreed = link.our_document() if link else None
    if isinstance(agreed, ItemDocument):
        return Composed(items.as_owned(agreed, service, materials.policies), service.name)
    account = materials.mirror.account_of_new_item(service.id)
    if account is None:
        return [Missing(Need.ITEM, f"No income account was confirmed for {service.name}.")]
    missing = list(materials.mirror.gone([referred.by_item(service)]))
    new = ItemDocument(service.name, income_account=account)
    return missing or Composed(items.as_owned(new, service, materials.policies), service.name)


def _currency_missing(materials: Materials, customer_id: UUID, currency: str) -> list[Missing]:
    """A counterpart keeps its currency for good, so another one makes it another customer."""
    home = materials.connection.company_settings().currency
    link = materials.links.get((Kind.CUSTOMER, customer_id))
    ours, theirs = currency or home, (link.ours.get("currency") if link else currency) or home
    if theirs == ours:
        return []
    sentence = f"The customer is kept in {theirs} in QuickBooks and in {ours} here."
    return [Missing(Need.CURRENCY, sentence)]


def _account(account: LedgerAccount) -> Composition:
    """A ledger account that was confirmed to be made; its name is unique over there."""
    type_ = new_entries.ACCOUNT_TYPES.get(account.kind)
    if type_ is None:
        sentence = f"{account} is no income or expense account; make it in QuickBooks."
        return [Missing(Need.LEDGER_ACCOUNT, sentence)]
    return Composed(AccountDocument(account.name, type_), str(account))


def _item_of_account(materials: Materials, account: LedgerAccount) -> Composition:
    """The item that lines of a ledger account book against, where the company has none that books to it."""
    theirs = materials.mirror.account(account.pk)
    if theirs is None:
        sentence = f"No QuickBooks account is chosen for the ledger account {account}."
        return [Missing(Need.LEDGER_ACCOUNT, sentence)]
    missing = list(materials.mirror.gone([referred.by_account(account)]))
    return missing or Composed(ItemDocument(str(account), income_account=theirs), str(account))


def _invoice(materials: Materials, invoice: Invoice) -> Composition:
    link = materials.links.get((Kind.INVOICE, invoice.pk))
    if link is not None and not link.made_by_us:
        return _made_there(materials, invoice, link)
    is_there = bool(materials.remote_id(Kind.INVOICE, invoice.pk))
    held = held_back.by_rules(materials.policies, invoice, is_there=is_there)
    composed = held or _complete_invoice(materials, invoice)
    if link is None or not isinstance(composed, Composed):
        return composed
    assert isinstance(composed.document, InvoiceDocument)
    owned = _as_owned(materials, composed.document, link.our_document())
    return replace(composed, document=owned)


def _made_there(materials: Materials, invoice: Invoice, link: Link) -> Composition:
    """What was made over there keeps there what only they know, such as the item of each line."""
    theirs = link.our_document()
    assert isinstance(theirs, InvoiceDocument)
    missing = of_void(_paid_there_by(materials, invoice))
    if missing:
        return missing
    here = as_ours.kept_there(theirs, _changeable(invoice))
    if not here.voided:
        company = materials.connection.company_settings()
        fields = custom_fields.with_po_number(company, materials.mirror, invoice, theirs)
        here = replace(here, custom_fields=fields)
    return Composed(_as_owned(materials, here, theirs), invoice.number)


def _as_owned(
    materials: Materials, here: InvoiceDocument, agreed: Document | None
) -> InvoiceDocument:
    """What QuickBooks holds by the sync rules stays as agreed (C-04); a void goes all the same.

    Lines that amount to something else go too: they cannot be changed here once they are held there, so these were
    changed before, or while the invoice was on its way.
    """
    if not isinstance(agreed, InvoiceDocument) or here.voided or agreed.voided:
        return here
    held = materials.policies.fields_held_there
    if _amounts(here) != _amounts(agreed):
        held -= frozenset(OWNED["lines_owner"])
    return replace(here, **{name: getattr(agreed, name) for name in held})


def _amounts(invoice: InvoiceDocument) -> list[Money]:
    return [line.amount for line in invoice.lines if line.amount]


def _changeable(invoice: Invoice) -> as_ours.Changeable:
    return as_ours.Changeable(
        issued_on=invoice.issued_on,
        due_on=invoice.due_on,
        notes=invoice.notes,
        memo=invoice.memo,
        email=invoice.email,
        is_void=invoice.standing is Status.VOID,
    )


def _paid_there_by(materials: Materials, invoice: Invoice) -> tuple[str, ...]:
    holders = materials.holders.get(invoice.id, ())
    return tuple(waits_for(Kind.PAYMENT, one) for one in holders)


def _complete_invoice(materials: Materials, invoice: Invoice) -> Composition:
    company = materials.connection.company_settings()
    customer = materials.remote_id(Kind.CUSTOMER, invoice.customer_id)
    lines = list(invoice.lines.all())
    items = line_items.of(materials.policies, materials.mirror, materials.default_account, lines)
    codes = tax_codes.of(company, materials.policies.tax_mode, materials.mirror, invoice, lines)
    tracked = tracking.of(company, materials.mirror, invoice, lines)
    link = materials.links.get((Kind.INVOICE, invoice.pk))
    theirs = link.their_document() if link else None
    fields = custom_fields.of(company, materials.mirror, invoice, theirs)
    wording = _wording(materials, invoice)
    missing = of_invoice(
        InvoiceFacts(
            lists_read=materials.connection.lists_read_at is not None,
            customer_name=invoice.customer.name,
            customer_waits_for=waits_for(Kind.CUSTOMER, invoice.customer_id),
            customer_linked=bool(customer),
            without_tax_code=codes.missing_for,
            currency=invoice.currency,
            company_currency=company.currency,
            multicurrency=company.multicurrency,
            inactive=materials.mirror.gone(_referred(invoice, lines, items, tracked, fields)),
            paid_there_by=_paid_there_by(materials, invoice),
            items_missing=(
                *_currency_missing(materials, invoice.customer_id, invoice.currency),
                *_items_missing(invoice, items),
            ),
        )
    )
    if missing:
        return missing
    return Composed(
        InvoiceDocument(
            number=invoice.number,
            customer=customer,
            issued_on=invoice.issued_on,
            due_on=invoice.due_on,
            currency=invoice.currency,
            lines=tuple(
                _line(line, item, codes, tracking_class)
                for line, item, tracking_class in zip(
                    lines, items.items, tracked.of_lines, strict=True
                )
            ),
            tax=None if materials.policies.tax_mode is TaxMode.DELEGATED else invoice.tax,
            tax_code=codes.document,
            customer_memo=wording("message_wording", invoice.notes),
            memo=wording("memo_wording", invoice.memo),
            email=invoice.address,
            term=materials.mirror.term(invoice.terms) or "",
            tracking_class=tracked.of_document,
            location=tracked.location,
            pay_by_card=materials.ways.card,
            pay_by_bank=materials.ways.bank,
            voided=invoice.standing is Status.VOID,
            exchange_rate=invoice.exchange_rate,
            custom_fields=fields.values,
        ),
        invoice.number,
    )


def _wording(materials: Materials, invoice: Invoice) -> Callable[[str, str], str]:
    """A text of the invoice as the sync rule of this name words it."""
    words = words_of(invoice)

    def worded(rule: str, text: str) -> str:
        template, own = getattr(materials.policies, rule), WORDED[rule]
        return wordings.filled(template, own, text, words)

    return worded


def _referred(
    invoice: Invoice,
    lines: list[InvoiceLine],
    items: LineItems,
    tracked: Tracking,
    fields: Fields,
) -> Iterator[Referred]:
    """What a void needs is none of the mapping's business."""
    if invoice.standing is Status.VOID:
        return
    yield from referred.by_invoice(invoice, lines)
    yield from items.rests_on
    yield from tracked.rests_on
    yield from fields.rests_on


def _items_missing(invoice: Invoice, items: LineItems) -> tuple[Missing, ...]:
    """A void goes all the same."""
    return () if invoice.standing is Status.VOID else items.missing


def _discount(line: InvoiceLine, codes: TaxCodes) -> LineDocument:
    return LineDocument(
        item="",
        description=line.description,
        amount=line.amount,
        taxable=line.taxable and codes.any_taxed,
        tax_code="" if line.taxable else codes.untaxed_line,
        discount=True,
        percent=line.discount_percent,
    )


def _described(line: InvoiceLine | CreditMemoLine) -> str:
    """QuickBooks has no discount on a single line, so its words say what is off (reference quickbooks 5.4)."""
    if isinstance(line, CreditMemoLine) or not line.percent_off:
        return line.description
    price, off = line.unit_price.normalize(), line.percent_off.normalize()
    return f"{line.description} ({off:f} % off {price:f})".strip()


def _price(line: InvoiceLine | CreditMemoLine) -> Decimal | None:
    """The lower one where something is off the line; none where no price has the amount for its product."""
    if isinstance(line, CreditMemoLine) or not line.percent_off:
        return line.unit_price
    return EXACT.multiply(line.unit_price, (100 - line.percent_off).scaleb(-2))


def _gross_line(
    line: InvoiceLine | CreditMemoLine, item: str, codes: TaxCodes, tracking_class: str
) -> LineDocument:
    """A price without tax would seldom have the net amount for its product, so none is said."""
    return LineDocument(
        item=item,
        description=_described(line),
        amount=line.net,
        taxable=line.taxable and codes.any_taxed,
        tax_code="" if line.taxable else codes.untaxed_line,
        tracking_class=tracking_class,
        gross=line.amount,
    )


def _line(
    line: InvoiceLine | CreditMemoLine, item: str, codes: TaxCodes, tracking_class: str = ""
) -> LineDocument:
    if isinstance(line, InvoiceLine) and line.is_discount:
        return _discount(line, codes)
    document = line.invoice if isinstance(line, InvoiceLine) else line.credit_memo
    if document.prices_include_tax:
        return _gross_line(line, item, codes, tracking_class)
    return LineDocument(
        item=item,
        description=_described(line),
        amount=line.amount,
        quantity=line.quantity,
        unit_price=_price(line),
        taxable=line.taxable and codes.any_taxed,
        tax_code="" if line.taxable else codes.untaxed_line,
        tracking_class=tracking_class,
    )


def _mail(materials: Materials, invoice: Invoice) -> Composition:
    """The e-mail that was asked for last; none of an invoice that is void."""
    if invoice.email_asked_at is None or invoice.standing is Status.VOID:
        return Composed(None, invoice.number)
    remote = materials.remote_id(Kind.INVOICE, invoice.pk)
    address = invoice.address or _their_address(materials, invoice)
    missing = of_mail(
        MailFacts(
            customer_name=invoice.customer.name,
            address=address,
            number=invoice.number,
            invoice_waits_for=waits_for(Kind.INVOICE, invoice.pk),
            up_to_date=bool(remote) and invoice.pk not in materials.unfinished,
        )
    )
    return missing or Composed(
        MailDocument(remote, invoice.email_asked_at, sent_to=address), invoice.number
    )


def _their_address(materials: Materials, invoice: Invoice) -> str:
    """QuickBooks fills in the address that it knows of the customer."""
    link = materials.links.get((Kind.INVOICE, invoice.pk))
    theirs = link.their_document() if link else None
    return theirs.email if isinstance(theirs, InvoiceDocument) else ""


def _credit_memo(materials: Materials, memo: CreditMemo) -> Composition:
    link = materials.links.get((Kind.CREDIT_MEMO, memo.pk))
    if link is not None and not link.made_by_us:
        return _credit_made_there(materials, memo, link)
    if link is None and not materials.policies.credit_memos_direction.goes:
        return of_kind_that_stays("credit memos")
    return _complete_credit_memo(materials, memo)


def _credit_made_there(materials: Materials, memo: CreditMemo, link: Link) -> Composition:
    """It stays as it is there but for a void, which is all that can be done to it here."""
    theirs = link.our_document()
    assert isinstance(theirs, CreditMemoDocument)
    missing = of_void(_used_there_by(materials, memo))
    if missing:
        return missing
    void = replace(theirs, voided=True, lines=(), tax=None, tax_code="")
    return Composed(void if memo.is_void else theirs, memo.number)


def _used_there_by(materials: Materials, memo: CreditMemo) -> tuple[str, ...]:
    holders = materials.holders.get(memo.id, ())
    return tuple(waits_for(Kind.PAYMENT, one) for one in holders)


def _complete_credit_memo(materials: Materials, memo: CreditMemo) -> Composition:
    company = materials.connection.company_settings()
    customer = materials.remote_id(Kind.CUSTOMER, memo.customer_id)
    lines = list(memo.lines.all())
    items = line_items.of(materials.policies, materials.mirror, materials.default_account, lines)
    codes = tax_codes.of(company, materials.policies.tax_mode, materials.mirror, memo, lines)
    tracked = tracking.of(company, materials.mirror, memo, lines)
    resting_on = () if memo.is_void else _credited(memo, lines, items, tracked)
    missing = of_invoice(
        InvoiceFacts(
            what="credit memo",
            lists_read=materials.connection.lists_read_at is not None,
            customer_name=memo.customer.name,
            customer_waits_for=waits_for(Kind.CUSTOMER, memo.customer_id),
            customer_linked=bool(customer),
            without_tax_code=codes.missing_for,
            currency=memo.currency,
            company_currency=company.currency,
            multicurrency=company.multicurrency,
            inactive=materials.mirror.gone(resting_on),
            paid_there_by=_used_there_by(materials, memo),
            items_missing=() if memo.is_void else items.missing,
        )
    )
    if missing:
        return missing
    return Composed(
        CreditMemoDocument(
            number=memo.number,
            customer=customer,
            issued_on=memo.issued_on,
            currency=memo.currency,
            lines=tuple(
                _line(line, item, codes, tracking_class)
                for line, item, tracking_class in zip(
                    lines, items.items, tracked.of_lines, strict=True
                )
            ),
            tax=None if materials.policies.tax_mode is TaxMode.DELEGATED else memo.tax,
            tax_code=codes.document,
            customer_memo=memo.notes,
            memo=memo.memo,
            email=memo.customer.email,
            tracking_class=tracked.of_document,
            location=tracked.location,
            voided=memo.is_void,
        ),
        memo.number,
    )


def _credited(
    memo: CreditMemo, lines: list[CreditMemoLine], items: LineItems, tracked: Tracking
) -> Iterator[Referred]:
    yield from referred.by_lines(memo, lines)
    yield from items.rests_on
    yield from tracked.rests_on


def _payment(materials: Materials, payment: Payment) -> Composition:
    if _is_of_other_companies(materials, payment):
        return Composed(None, payment.reference or "payment")
    return _own_payment(materials, payment)


def _is_of_other_companies(materials: Materials, payment: Payment) -> bool:
    """Whether all that it touches is in other companies, and it is not here: then nothing of it is to come here."""
    touched = _touched_by(payment)
    elsewhere = [one for one in touched if one in materials.elsewhere]
    is_there = (Kind.PAYMENT, payment.pk) in materials.links
    return bool(touched) and elsewhere == touched and not is_there


def _touched_by(payment: Payment) -> list[tuple[Kind, UUID]]:
    return [
        *((Kind.INVOICE, part.invoice_id) for part in payment.allocations.all()),
        *((Kind.CREDIT_MEMO, use.credit_memo_id) for use in payment.credit_uses.all()),
    ]


def _elsewhere(materials: Materials, payment: Payment) -> Iterator[tuple[str, str]]:
    """What a payment touches that is in another company, by its number, and which that is."""
    for part in payment.allocations.all():
        if company := materials.elsewhere.get((Kind.INVOICE, part.invoice_id)):
            yield part.invoice.number, company
    for use in payment.credit_uses.all():
        if company := materials.elsewhere.get((Kind.CREDIT_MEMO, use.credit_memo_id)):
            yield use.credit_memo.number, company


def _own_payment(materials: Materials, payment: Payment) -> Composition:
    since = materials.policies.payments_since
    is_there = bool(materials.remote_id(Kind.PAYMENT, payment.id))
    if not (is_there or materials.policies.payments_direction.goes):
        return of_kind_that_stays("payments")
    if since.day is not None and since.leaves_out(payment.received_on) and not is_there:
        return of_old_payment(payment.received_on, since.day)
    customer = materials.remote_id(Kind.CUSTOMER, payment.customer_id)
    parts = [
        (part, materials.remote_id(Kind.INVOICE, part.invoice_id))
        for part in payment.allocations.all()
    ]
    used = [
        (use, materials.remote_id(Kind.CREDIT_MEMO, use.credit_memo_id))
        for use in payment.credit_uses.all()
    ]
    missing = of_payment(
        PaymentFacts(
            customer_name=payment.customer.name,
            customer_waits_for=waits_for(Kind.CUSTOMER, payment.customer_id),
            customer_linked=bool(customer),
            unsynced=tuple(
                (part.invoice.number, waits_for(Kind.INVOICE, part.invoice_id))
                for part, remote in parts
                if not remote
            ),
            uncredited=tuple(
                (use.credit_memo.number, waits_for(Kind.CREDIT_MEMO, use.credit_memo_id))
                for use, remote in used
                if not remote
            ),
            inactive=materials.mirror.gone(_referred_by(materials, payment)),
            elsewhere=tuple(_elsewhere(materials, payment)),
        )
    )
    if missing:
        return missing
    return Composed(
        PaymentDocument(
            customer=customer,
            received_on=payment.received_on,
            amount=payment.amount,
            applications=tuple(Application(remote, part.amount) for part, remote in parts),
            credits=tuple(UsedCredit(remote, use.amount) for use, remote in used),
            others=_others(materials, payment),
            method=_method(materials, payment),
            reference=payment.reference,
            memo=payment.memo,
            deposit_account=_deposit_account(materials, payment),
            voided=payment.is_void,
            exchange_rate=payment.exchange_rate,
        ),
        payment.reference or "payment",
    )


def _referred_by(materials: Materials, payment: Payment) -> Iterator[Referred]:
    if payment.is_void or payment.is_credit_only:
        return
    yield from referred.by_payment(payment)
    if not materials.mirror.has_account_for(payment.method):
        yield referred.DEPOSIT_ACCOUNT


def _deposit_account(materials: Materials, payment: Payment) -> str:
    """As chosen when it first went out: later its money may be part of a deposit over there."""
    agreed = _agreed(materials, payment)
    if agreed is not None:
        return agreed.deposit_account
    if payment.is_credit_only:
        return ""
    return materials.mirror.deposit_account(payment.method) or ""


def _refund(materials: Materials, kind: Kind, refund: Refund) -> Composition:
    compose_as = _expense if kind is Kind.EXPENSE else _refund_receipt
    return compose_as(materials, refund)


def _expense(materials: Materials, refund: Refund) -> Composition:
    account = _paid_from(materials, refund)
    booked_to = materials.mirror.refund_expense_account()
    is_void = refund.is_void or refund.posting == PostedAs.CREDIT_MEMO
    facts = _refund_facts(materials, refund, account)
    missing = of_refund(replace(facts, expense_account_found=booked_to is not None))
    if missing and not is_void:
        return missing
    return Composed(
        ExpenseDocument(
            number=expense_number(refund),
            customer=materials.remote_id(Kind.CUSTOMER, refund.customer_id),
            paid_on=refund.refunded_on,
            amount=refund.amount,
            account=account or "",
            expense_account=booked_to or "",
            memo=refund.memo,
            voided=is_void,
        ),
        refund.number,
    )


def _refund_receipt(materials: Materials, refund: Refund) -> Composition:
    """One line, untaxed, against the default item: which of its invoice's lines is paid back nobody has said."""
    account = _paid_from(materials, refund)
    item = materials.mirror.item(None)
    facts = _refund_facts(materials, refund, account)
    if item is None:
        sentence = "QuickBooks has no active Service item to book the refund against."
        facts = replace(facts, items_missing=(Missing(Need.ITEM, sentence),))
    missing = of_refund(facts)
    if missing and not refund.is_void:
        return missing
    untaxed = materials.mirror.tax_code(None) or ""
    words = f"Refund of the payment received on {refund.payment.received_on}"
    line = LineDocument(item or "", words, refund.amount, Decimal(1), refund.amount.amount)
    return Composed(
        RefundReceiptDocument(
            number=refund.number,
            customer=materials.remote_id(Kind.CUSTOMER, refund.customer_id),
            paid_on=refund.refunded_on,
            currency=refund.currency,
            lines=(line,),
            tax=Money.zero(refund.currency),
            tax_code=untaxed,
            account=account or "",
            method=materials.mirror.payment_method(refund.method) or "",
            reference=refund.reference,
            memo=refund.memo,
            voided=refund.is_void,
        ),
        refund.number,
    )


def _refund_facts(materials: Materials, refund: Refund, account: str | None) -> RefundFacts:
    customer = materials.remote_id(Kind.CUSTOMER, refund.customer_id)
    resting_on = [referred.REFUND_ACCOUNT]
    if refund.posting == PostedAs.EXPENSE:
        resting_on.append(referred.REFUND_EXPENSE_ACCOUNT)
    return RefundFacts(
        is_decided=refund.posting != PostedAs.ASKED,
        lists_read=materials.connection.lists_read_at is not None,
        customer_name=refund.customer.name,
        customer_waits_for=waits_for(Kind.CUSTOMER, refund.customer_id),
        customer_linked=bool(customer),
        account_found=bool(account),
        expense_account_found=True,
        inactive=materials.mirror.gone(resting_on),
    )


def _paid_from(materials: Materials, refund: Refund) -> str | None:
    """Where refunds are paid from, else the account that was chosen for the payment."""
    chosen = materials.mirror.refund_account()
    return chosen or _deposit_account(materials, refund.payment) or None


def _method(materials: Materials, payment: Payment) -> str:
    """Credit that is used is not paid in any way."""
    if payment.is_credit_only:
        return ""
    return materials.mirror.payment_method(payment.method) or ""


def _others(materials: Materials, payment: Payment) -> tuple[OtherPart, ...]:
    """What only they link it with stays: an update that left it out would let it go."""
    agreed = _agreed(materials, payment)
    return agreed.others if agreed is not None and not payment.is_void else ()


def _agreed(materials: Materials, payment: Payment) -> PaymentDocument | None:
    link = materials.links.get((Kind.PAYMENT, payment.id))
    agreed = link.our_document() if link else None
    return agreed if isinstance(agreed, PaymentDocument) else None
