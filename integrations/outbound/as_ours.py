"""Documents of theirs in our words, as far as our books can hold them. Pure.

What becomes shorter or moves a little here is not sent back: a document that was made there keeps there what nobody
has changed here (`kept_there`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from billing.errors import BillingError
from billing.money import EXACT, Money
from billing.rules.elsewhere import CustomerElsewhere, InvoiceElsewhere, LineElsewhere
from billing.rules.numbering import LONGEST
from billing.rules.totals import PRICE_DECIMALS, WHOLE_DIGITS, Line, line_amount
from integrations.documents import (
    Address,
    CustomerDocument,
    InvoiceDocument,
    ItemDocument,
    LineDocument,
)
from integrations.policies import OWNED_OF_CUSTOMERS

LONGEST_TEXT = 4000
# What makes the lines of an invoice add up to its total, should anything in it have a form that nobody foresaw.
REST = "Other amounts in QuickBooks"
# What our customers hold of each text.
LONGEST_DETAIL = {
    "name": 200,
    "contact_name": 200,
    "email": 254,
    "phone": 30,
    "line1": 200,
    "line2": 200,
    "city": 100,
    "region": 100,
    "postal_code": 30,
    "country": 2,
    "notes": LONGEST_TEXT,
    "currency": 3,
}

# Of those the texts by themselves; the others are parts of an address.
CUSTOMER_TEXTS = frozenset(OWNED_OF_CUSTOMERS.values()) - {"address"}

# As people write them; what is a code already needs no row.
COUNTRIES = {
    "usa": "US",
    "united states": "US",
    "united states of america": "US",
    "uk": "GB",
    "united kingdom": "GB",
    "england": "GB",
    "canada": "CA",
    "australia": "AU",
    "new zealand": "NZ",
    "ireland": "IE",
    "germany": "DE",
    "deutschland": "DE",
    "france": "FR",
}

Services = Mapping[str, UUID]


def invoice(document: InvoiceDocument, services: Services, *, called: str) -> InvoiceElsewhere:
    """An invoice, with our services for their items; ``called`` is its name here when it has no number there."""
    tax = document.tax or Money.zero(document.currency)
    return InvoiceElsewhere(
        number=(_text(document.number) or called)[:LONGEST],
        issued_on=document.issued_on,
        # There an invoice may be due before it is made.
        due_on=max(document.due_on, document.issued_on),
        tax=tax,
        lines=_one_discount(_line(line, services) for line in document.lines),
        notes=_text(document.customer_memo),
        memo=_text(document.memo),
        email=_address(document.email)[: LONGEST_DETAIL["email"]],
        exchange_rate=document.exchange_rate,
        is_void=document.voided,
    )


@dataclass(frozen=True, slots=True)
class Changeable:
    """What can be changed here on an invoice that was sent."""

    issued_on: date
    due_on: date
    notes: str
    memo: str
    email: str
    is_void: bool


def kept_there(theirs: InvoiceDocument, here: Changeable) -> InvoiceDocument:
    """Their invoice with what was changed here since both sides agreed on it, and nothing else."""
    if here.is_void:
        return replace(theirs, voided=True, lines=(), tax=None, tax_code="")
    agreed = invoice(theirs, {}, called="")
    changes: dict[str, Any] = {}
    if here.issued_on != agreed.issued_on:
        changes["issued_on"] = here.issued_on
    if here.due_on != agreed.due_on:
        changes["due_on"] = here.due_on
    if here.notes != agreed.notes:
        changes["customer_memo"] = here.notes
    if here.memo != agreed.memo:
        changes["memo"] = here.memo
    if here.email != agreed.email:
        changes["email"] = here.email
    return replace(theirs, **changes)


def adding_up(document: InvoiceDocument, total: Money | None) -> InvoiceDocument:
    """The invoice with lines that come to its total."""
    if total is None or document.voided:
        return document
    lines = Money.total((line.amount for line in document.lines), document.currency)
    rest = total - lines - (document.tax or Money.zero(document.currency))
    if not rest:
        return document
    return replace(
        document, lines=(*document.lines, LineDocument(item="", description=REST, amount=rest))
    )


def customer(
    name: str, texts: Mapping[str, str], *, active: bool, parent: UUID | None
) -> CustomerElsewhere:
    """A customer out of the company's list, filed below one of ours."""
    details = customer_details({**texts, "name": name})
    return CustomerElsewhere(details=details, parent=parent, archived=not active)


def customer_details(texts: Mapping[str, str]) -> dict[str, str]:
    """What our customers hold of these texts. What is no single address or country code is left out here."""
    plain = {
        **texts,
        "email": _address(texts.get("email", "")),
        "country": _country(texts.get("country", "")),
    }
    return {field: _text(plain.get(field, ""))[:most] for field, most in LONGEST_DETAIL.items()}


def customer_texts(document: CustomerDocument) -> dict[str, str]:
    """What both sides have of a customer, by the names of ours."""
    return asdict(document.address) | {name: getattr(document, name) for name in CUSTOMER_TEXTS}


def customer_of_texts(document: CustomerDocument, texts: Mapping[str, str]) -> CustomerDocument:
    """The customer with these texts."""
    address = Address(**{one.name: texts[one.name] for one in fields(Address)})
    words: dict[str, Any] = {name: texts[name] for name in CUSTOMER_TEXTS}
    return replace(document, address=address, **words)


def customer_meant(theirs: CustomerDocument) -> CustomerDocument:
    """What theirs means to us."""
    return customer_of_texts(theirs, customer_details(customer_texts(theirs)))


def customer_kept_there(theirs: CustomerDocument, here: CustomerDocument) -> CustomerDocument:
    """Ours in the words of theirs wherever those mean the same to us, as in a country written out."""
    texts, ours = customer_texts(theirs), customer_texts(here)
    meant = customer_details(texts)
    kept = {name: texts[name] if meant[name] == ours[name] else ours[name] for name in ours}
    return customer_of_texts(here, kept)


def item(document: ItemDocument) -> ItemDocument:
    """An item as a service here holds it; what it leaves open stays open."""
    text, price = document.description, document.unit_price
    return replace(
        document,
        description=None if text is None else _text(text.replace("\r\n", "\n")),
        unit_price=None if price is None else _price(price),
    )


def _price(price: Decimal) -> Decimal:
    """With as many decimals as ours have; one that is too large stays, for billing to refuse."""
    fits = price.is_finite() and price.adjusted() < WHOLE_DIGITS
    return EXACT.quantize(price, Decimal(1).scaleb(-PRICE_DECIMALS)) if fits else price


def _line(line: LineDocument, services: Services) -> LineElsewhere:
    quantity, unit_price = factors(line)
    return LineElsewhere(
        description=_text(line.description),
        quantity=quantity,
        unit_price=unit_price,
        taxable=line.taxable,
        service=services.get(line.item),
        is_discount=line.discount and line.amount.minor <= 0,
        discount_percent=line.percent,
    )


def _one_discount(lines: Iterable[LineElsewhere]) -> tuple[LineElsewhere, ...]:
    """A second one is a line like any other here."""
    found = list(lines)
    first = next((place for place, line in enumerate(found) if line.is_discount), None)
    return tuple(
        line if place == first else replace(line, is_discount=False)
        for place, line in enumerate(found)
    )


def factors(line: LineDocument) -> tuple[Decimal, Decimal]:
    """Quantity and price where our columns hold them, else one of its amount."""
    whole = (Decimal(1), line.amount.amount)
    if line.quantity is None or line.unit_price is None:
        return whole
    try:
        product = line_amount(
            Line(line.quantity, line.unit_price, line.taxable), line.amount.currency
        )
    except BillingError:
        return whole
    return (line.quantity, line.unit_price) if product == line.amount else whole


def _text(text: str) -> str:
    """Without what cannot be stored."""
    plain = text.replace("\0", "").encode("utf-8", "ignore").decode()
    return plain.strip()[:LONGEST_TEXT].strip()


def _country(text: str) -> str:
    """The ISO code; of what is no country we know, nothing."""
    plain = text.strip().casefold().replace(".", "")
    code = COUNTRIES.get(plain, plain.upper())
    return code if len(code) == LONGEST_DETAIL["country"] and code.isalpha() else ""


def _address(text: str) -> str:
    """The first of several addresses, where it is one."""
    first = text.replace(";", ",").split(",")[0].strip()
    mailbox, _, host = first.partition("@")
    good = mailbox and host and "@" not in host and not set(first) & set(" <>\t\r\n")
    return first if good else ""
