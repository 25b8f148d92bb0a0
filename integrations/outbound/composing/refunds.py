"""A refund as an expense or a refund receipt."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from billing.models import PostedAs, Refund
from billing.money import Money
from integrations.documents import ExpenseDocument, Kind, LineDocument, RefundReceiptDocument
from integrations.outbound import purchase_tax, referred, tax_codes, tracking
from integrations.outbound.composing.composed import Composed, Composition
from integrations.outbound.composing.payments import deposit_account_of, is_of_other_companies
from integrations.outbound.composing.unsaid import left_as_agreed
from integrations.outbound.materials import Materials
from integrations.outbound.mirror import BANK
from integrations.outbound.prerequisites import Missing, Need, RefundFacts, of_refund, waits_for
from integrations.outbound.referred import Referred
from integrations.outbound.refunds import expense_number


def compose_refund(materials: Materials, kind: Kind, refund: Refund) -> Composition:
    """As the kind of its job says, which follows from how it was decided to be posted (C-13).

    Nothing, where its payment is of other companies.
    """
    if (kind, refund.pk) not in materials.links:
        if is_of_other_companies(materials, refund.payment):
            return Composed(None, refund.number)
        if refund.pk in materials.coming_first:
            return materials.coming_first[refund.pk]
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
    tax_code, tax = _tax(materials, refund)
    return Composed(
        ExpenseDocument(
            number=expense_number(refund),
            customer=materials.remote_id(Kind.CUSTOMER, refund.customer_id),
            paid_on=refund.refunded_on,
            amount=refund.amount,
            account=account,
            expense_account=booked_to or "",
            memo=refund.memo,
            voided=is_void,
            tax_code=tax_code,
            tax=tax,
        ),
        refund.number,
    )


def _tax(materials: Materials, refund: Refund) -> tuple[str, Money | None]:
    link = materials.links.get((Kind.EXPENSE, refund.pk))
    if link is not None:
        return purchase_tax.settled(link)
    code = materials.mirror.choice(referred.REFUND_TAX_CODE) or ""
    return code, purchase_tax.inside(materials.connection, code, refund.amount) if code else None


def _refund_receipt(materials: Materials, refund: Refund) -> Composition:
    """One line, untaxed, against the default item: which of its invoice's lines is paid back nobody has said."""
    account = _paid_from(materials, refund)
    item = materials.mirror.item(None)
    company = materials.connection.company_settings()
    tracked = tracking.of_refund(company, materials.mirror, refund)
    rests_on = (*tracked.rests_on, *tax_codes.of_untaxed(company))
    facts = _refund_facts(materials, refund, account, rests_on)
    if item is None:
        sentence = "QuickBooks has no active Service item to book the refund against."
        facts = replace(facts, items_missing=(Missing(Need.ITEM, sentence),))
    missing = of_refund(facts)
    if missing and not refund.is_void:
        return missing
    untaxed = materials.mirror.tax_code(None) or ""
    words = f"Refund of the payment received on {refund.payment.received_on}"
    line = LineDocument(
        item or "",
        words,
        refund.amount,
        Decimal(1),
        refund.amount.amount,
        tracking_class=tracked.of_lines[0],
    )
    method = materials.mirror.payment_method(refund.method)
    document = left_as_agreed(
        materials,
        (Kind.REFUND_RECEIPT, refund.pk),
        RefundReceiptDocument(
            number=refund.number,
            customer=materials.remote_id(Kind.CUSTOMER, refund.customer_id),
            paid_on=refund.refunded_on,
            currency=refund.currency,
            lines=(line,),
            tax=Money.zero(refund.currency),
            tax_code=untaxed,
            account=account,
            method=method or "",
            reference=refund.reference,
            memo=refund.memo,
            tracking_class=tracked.of_document,
            location=tracked.location,
            voided=refund.is_void,
        ),
        tracked.unsaid | (frozenset() if method else frozenset({"method"})),
    )
    return Composed(document, refund.number)


def _refund_facts(
    materials: Materials,
    refund: Refund,
    account: str,
    others: Iterable[Referred] = (),
) -> RefundFacts:
    customer = materials.remote_id(Kind.CUSTOMER, refund.customer_id)
    accounts = list(referred.refund_accounts(refund))
    resting_on = [*materials.mirror.resting_on(accounts, refund.currency), *others]
    if refund.posting == PostedAs.EXPENSE:
        resting_on.append(referred.REFUND_EXPENSE_ACCOUNT)
        if (Kind.EXPENSE, refund.pk) not in materials.links:
            resting_on.append(referred.REFUND_TAX_CODE)
    return RefundFacts(
        is_decided=refund.posting != PostedAs.ASKED,
        lists_read=materials.connection.lists_read_at is not None,
        customer_name=refund.customer.name,
        customer_waits_for=waits_for(Kind.CUSTOMER, refund.customer_id),
        customer_linked=bool(customer),
        without_account="" if account else _no_account(materials, refund),
        expense_account_found=True,
        inactive=materials.mirror.gone(resting_on),
    )


def _paid_from(materials: Materials, refund: Refund) -> str:
    """Where refunds are paid from, else the account of the payment, from which an expense is paid if it is a bank's."""
    mirror, currency = materials.mirror, refund.currency
    if chosen := mirror.refund_accounts(currency):
        return mirror.fitting(chosen, currency) or ""
    account = mirror.fitting([deposit_account_of(materials, refund.payment)], currency)
    if account is None or (refund.posting == PostedAs.EXPENSE and not _is_bank(materials, account)):
        return ""
    return account


def _is_bank(materials: Materials, account: str) -> bool:
    return materials.mirror.accounts[account].type == BANK


def _no_account(materials: Materials, refund: Refund) -> str:
    """What there is to say where it is paid from no account."""
    mirror, currency = materials.mirror, refund.currency
    accounts = mirror.refund_accounts(currency) or [deposit_account_of(materials, refund.payment)]
    known = [mirror.accounts[one] for one in accounts if one in mirror.accounts]
    if not known:
        return "No account is chosen that refunds are paid from, nor one that payments go to."
    if mirror.fitting(accounts, currency) is None:
        return (
            f"{known[0].name} keeps {known[0].currency}, so a refund in {currency} cannot be paid from it. "
            f"Choose an account for refunds that keeps {currency}."
        )
    return (
        f"Its payment went to {known[0].name}, and QuickBooks takes an expense from bank accounts only. "
        "Choose the account that refunds are paid from."
    )
