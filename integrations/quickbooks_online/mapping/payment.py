"""Payments (reference quickbooks 5.6)."""

from collections.abc import Iterable, Iterator
from typing import Any

from billing.money import Money
from integrations.documents import (
    Application,
    Company,
    OtherPart,
    PaymentDocument,
    UsedCredit,
)
from integrations.quickbooks_online.mapping import notes
from integrations.quickbooks_online.mapping.fields import (
    Payload,
    amount,
    currency_of,
    day_of,
    money_of,
    number_of,
    rate_of,
    rate_part,
    ref,
    ref_of,
    text_of,
)
from integrations.quickbooks_online.mapping.invoice import NOTE_LENGTH
from integrations.quickbooks_online.mapping.text import TextRules

ENTITY = "Payment"
# Not documented for payments; clients keep to the length of a document number (reference 5.6).
REFERENCE_LENGTH = 21
CREDIT = "CreditMemo"
# Type, id and amount of what a payment is linked with.
Settled = tuple[str, str, Money]
# A longer one stands whole in the note, on the line in front of our marker.
_WHOLE = "Reference: "


def parts(
    document: PaymentDocument, company: Company, rules: TextRules, note: str
) -> dict[str, dict[str, Any]]:
    """The payload of each field of ours. ``note`` is that of `noted` with our marker.

    The note goes with the reference, as it holds one that is too long for its field. What a payment settles is
    replaced whole or not at all, so its lines go with its amount.
    """
    money = {"TotalAmt": amount(document.amount), "Line": _lines(document)}
    method, account = document.method, document.deposit_account
    currency = document.amount.currency
    number = rules.line(document.reference, "reference", NOTE_LENGTH)[:REFERENCE_LENGTH]
    memo = {"PrivateNote": rules.prose(note, "internal memo", NOTE_LENGTH)}
    return {
        "customer": {"CustomerRef": ref(document.customer)},
        "received_on": {"TxnDate": document.received_on.isoformat()},
        "currency": {"CurrencyRef": ref(currency)} if company.multicurrency else {},
        "exchange_rate": rate_part(document.exchange_rate, currency, company),
        "amount": money,
        "applications": money,
        "credits": money,
        "others": money,
        "method": {"PaymentMethodRef": ref(method)} if method else {},
        "reference": {"PaymentRefNum": number.rstrip(), **memo},
        "memo": memo,
        "deposit_account": {"DepositToAccountRef": ref(account)} if account else {},
    }


def noted(document: PaymentDocument) -> str:
    """The memo, and below it a reference that is too long for its field."""
    memo, reference = document.memo.strip(), document.reference.strip()
    too_long = len(reference) > REFERENCE_LENGTH
    return "\n".join(filter(None, [memo, f"{_WHOLE}{reference}" if too_long else ""]))


def read(payload: Payload, company: Company) -> PaymentDocument:
    """A payment of theirs."""
    currency = currency_of(payload, company)
    settled = list(_settled(payload, currency))
    reference, memo = _reference_and_memo(text_of(payload, "PaymentRefNum"), note_of(payload).memo)
    return PaymentDocument(
        customer=ref_of(payload, "CustomerRef"),
        received_on=day_of(payload["TxnDate"]),
        amount=money_of(payload.get("TotalAmt"), currency),
        applications=in_order(
            Application(remote_id, money) for kind, remote_id, money in settled if kind == "Invoice"
        ),
        method=ref_of(payload, "PaymentMethodRef"),
        reference=reference,
        memo=memo,
        deposit_account=ref_of(payload, "DepositToAccountRef"),
        credits=_credits(settled),
        others=_others(settled),
        voided=is_voided(payload),
        exchange_rate=rate_of(payload, currency, company),
    )


def note_of(payload: Payload) -> notes.Note:
    """The memo and our marker."""
    return notes.read(text_of(payload, "PrivateNote"), voided=is_voided(payload))


def is_voided(payload: Payload) -> bool:
    """Nothing received, nothing settled, and the note says so (reference 2.6)."""
    empty = not number_of(payload.get("TotalAmt")) and not payload.get("Line")
    return empty and notes.says_voided(text_of(payload, "PrivateNote"))


def in_order(applications: Iterable[Application]) -> tuple[Application, ...]:
    """One part for each invoice, by its id: QuickBooks promises no order of a payment's lines."""
    sums = _summed((part.invoice, part.amount) for part in applications)
    return tuple(Application(remote_id, money) for remote_id, money in sums)


def _credits(settled: Iterable[Settled]) -> tuple[UsedCredit, ...]:
    """One part for each credit memo, likewise."""
    sums = _summed((remote_id, money) for kind, remote_id, money in settled if kind == CREDIT)
    return tuple(UsedCredit(remote_id, money) for remote_id, money in sums)


def _others(settled: Iterable[Settled]) -> tuple[OtherPart, ...]:
    """Journal entries add to a payment, expenses and checks take from it (reference 5.6)."""
    rest = [one for one in settled if one[0] not in ("Invoice", CREDIT)]
    parts = [
        OtherPart(kind, remote_id, money if kind == "JournalEntry" else -money)
        for kind, remote_id, money in rest
    ]
    return tuple(sorted(parts, key=lambda part: (part.what, len(part.id), part.id)))


def _summed(parts: Iterable[tuple[str, Money]]) -> list[tuple[str, Money]]:
    sums: dict[str, Money] = {}
    for remote_id, money in parts:
        sums[remote_id] = sums.get(remote_id, Money.zero(money.currency)) + money
    return sorted(sums.items(), key=lambda pair: (len(pair[0]), pair[0]))


def _reference_and_memo(number: str, memo: str) -> tuple[str, str]:
    """As we wrote them; a line of the note that does not go on where the number was cut off is a person's own."""
    *before, last = memo.split("\n")
    whole = last.removeprefix(_WHOLE)
    is_ours = last.startswith(_WHOLE) and len(whole) > REFERENCE_LENGTH
    if is_ours and number.strip() == whole[:REFERENCE_LENGTH].strip():
        return whole, "\n".join(before)
    return number, memo


def _lines(document: PaymentDocument) -> list[dict[str, Any]]:
    """All that it settles and uses, as what is left out is let go over there."""
    settled = [("Invoice", part.invoice, part.amount) for part in in_order(document.applications)]
    used = [(CREDIT, part.credit_memo, part.amount) for part in document.credits]
    others = [(part.what, part.id, _without_sign(part.amount)) for part in document.others]
    return [
        {"Amount": amount(money), "LinkedTxn": [{"TxnId": remote_id, "TxnType": kind}]}
        for kind, remote_id, money in (*settled, *used, *others)
    ]


def _without_sign(money: Money) -> Money:
    return Money(abs(money.minor), money.currency)


def _settled(payload: Payload, currency: str) -> Iterator[Settled]:
    """Type, id and amount of everything a payment is linked with."""
    for line in payload.get("Line") or ():
        for linked in (line.get("LinkedTxn") or ())[:1]:
            money = money_of(line.get("Amount"), currency)
            yield text_of(linked, "TxnType"), text_of(linked, "TxnId"), money
