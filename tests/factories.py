"""Makes what tests need through the product's own services, with sensible values for the rest.

`organization`, `user` and `member` are platform rows. Everything else belongs to a tenant: call it inside
`within(organization)`.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from billing import home
from billing.models import (
    Agreement,
    CreditMemo,
    Customer,
    Invoice,
    Payment,
    Refund,
    Service,
    TaxRegion,
    Term,
    TimeEntry,
)
from billing.money import Money
from billing.services import (
    agreements,
    catalogue,
    credit_memos,
    customers,
    invoice_credit,
    invoices,
    payments,
    refunds,
    work,
)
from billing.services.invoices import DraftLine
from tenants.models import Membership, Organization, Role, User

PASSWORD = "correct horse battery staple"
TODAY = date(2026, 3, 16)

_numbers = count(1)


def organization(slug: str = "", **fields: Any) -> Organization:
    """A managed service provider in New York that bills in US dollars."""
    slug = slug or f"provider-{next(_numbers)}"
    defaults = {"name": slug.title(), "currency": "USD", "timezone": "America/New_York"}
    return Organization.objects.create(slug=slug, **{**defaults, **fields})


def user(email: str = "", **fields: Any) -> User:
    """A person who logs in with PASSWORD."""
    email = email or f"person{next(_numbers)}@example.com"
    return User.objects.create_user(email, PASSWORD, **fields)


def member(
    organization: Organization, email: str = "", role: Role = Role.OWNER, **fields: Any
) -> User:
    """A new person with a place in the organization."""
    person = user(email, **fields)
    Membership.objects.create(organization=organization, user=person, role=role)
    return person


def customer(name: str = "", **details: Any) -> Customer:
    """A customer with an e-mail address."""
    number = next(_numbers)
    defaults = {"email": f"billing{number}@example.com", "contact_name": "Pat Doe"}
    return customers.create(name=name or f"Customer {number}", **{**defaults, **details})


def service(name: str = "", **details: Any) -> Service:
    """Something in the catalogue at 100.00."""
    defaults = {"name": name or f"Service {next(_numbers)}", "unit_price": Decimal(100)}
    return catalogue.create_service(**{**defaults, **details})


def term(name: str = "Net 30", due_days: int = 30) -> Term:
    """Payment terms; the same name again is the same terms."""
    known = Term.objects.filter(name=name).first()
    return known or catalogue.create_term(name=name, due_days=due_days)


def tax_region(name: str = "", rate_percent: str = "8.25") -> TaxRegion:
    """A tax region with its rate in percent."""
    name = name or f"Region {next(_numbers)}"
    return catalogue.create_tax_region(name=name, rate_percent=Decimal(rate_percent))


def time_entry(customer: Customer, *, hours: str = "1.5", **details: Any) -> TimeEntry:
    """Unbilled work."""
    defaults = {"worked_on": TODAY, "description": "On-site visit"}
    if "service" not in details:
        details["service"] = service()
    return work.log_time(customer=customer, hours=Decimal(hours), **{**defaults, **details})


def line(price: str = "100", quantity: str = "1", **fields: Any) -> DraftLine:
    """A free line for `invoice(lines=[...])`."""
    fields.setdefault("description", "Managed workstation")
    return DraftLine(quantity=Decimal(quantity), unit_price=Decimal(price), **fields)


def draft(
    customer: Customer | None = None, *, lines: Sequence[DraftLine] = (), **details: Any
) -> Invoice:
    """A DRAFT of 100.00 unless lines say otherwise."""
    defaults = {"issued_on": TODAY, "lines": lines or [line()]}
    return invoices.generate(customer=customer or _anyone(), **{**defaults, **details})


def invoice(customer: Customer | None = None, **details: Any) -> Invoice:
    """A SENT invoice of 100.00 unless lines say otherwise."""
    return invoices.send(invoice=draft(customer, **details))


def payment(invoice: Invoice, amount: str = "", **details: Any) -> Payment:
    """A payment of the whole balance, or of `amount`, applied to one invoice."""
    paid = Money.of(Decimal(amount), invoice.currency) if amount else invoice.balance
    defaults = {"received_on": TODAY, "allocations": {invoice.pk: paid}}
    return payments.record(customer=invoice.customer, amount=paid, **{**defaults, **details})


def credit_memo(of: Invoice | None = None, amount: str = "", **details: Any) -> CreditMemo:
    """A credit memo over a paid invoice, or over `amount` of its first line."""
    paid = of or invoice()
    if paid.balance:
        payment(paid)
    left = {key: one for key, one in invoice_credit.creditable(paid).items() if one}
    first = paid.lines.all()[0]
    amounts = {first.pk: Money.of(Decimal(amount), paid.currency)} if amount else left
    return credit_memos.issue(invoice=paid, amounts=amounts, **{"issued_on": TODAY, **details})


def refund(of: Payment | None = None, amount: str = "40", **details: Any) -> Refund:
    """A part of a payment that was paid back."""
    paid = of or payment(invoice())
    back = Money.of(Decimal(amount), paid.currency)
    return refunds.record(payment=paid, amount=back, **{"refunded_on": TODAY, **details})


def _anyone() -> Customer:
    return customer()


def agreement(customer: Customer | None = None, **details: Any) -> Agreement:
    """A monthly fee of 100.00 in advance, from today."""
    wish = agreements.LineWish(
        kind="fixed", description="Managed services", unit_price=Decimal(100)
    )
    plan = agreements.Plan(TODAY, None, agreements.Interval.MONTHLY, TODAY.day, in_advance=True)
    defaults: dict[str, Any] = {"name": "Managed services", "plan": plan, "lines": [wish]}
    return agreements.create(customer=customer or _anyone(), **{**defaults, **details})


def local_today() -> date:
    """The organization's own calendar day."""
    return home.local_today()


def usd(amount: str | int) -> Money:
    """US dollars from major units."""
    return Money.of(Decimal(amount), "USD")
