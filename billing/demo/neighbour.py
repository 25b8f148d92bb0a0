"""The other organization of the demo. Nothing of it may ever show in the first one."""

from datetime import date, timedelta
from decimal import Decimal

from billing.demo.cast import NEIGHBOURS
from billing.services import catalogue, customers, invoices
from billing.services.invoices import DraftLine
from tenants.models import User


def tell(*, today: date, charlie: User) -> None:
    """Fills the organization in force with a few customers and an invoice for each."""
    support = catalogue.create_service(name="Support plan", unit_price=Decimal(400), actor=charlie)
    for place, name in enumerate(NEIGHBOURS):
        host = name.lower().replace(" ", "")
        customer = customers.create(name=name, email=f"ap@{host}.example", actor=charlie)
        line = DraftLine(
            description=support.name,
            quantity=Decimal(1),
            unit_price=support.unit_price,
            service=support,
        )
        issued_on = today - timedelta(days=10 * place)
        draft = invoices.generate(
            customer=customer, lines=[line], issued_on=issued_on, actor=charlie
        )
        invoices.send(invoice=draft, actor=charlie)
