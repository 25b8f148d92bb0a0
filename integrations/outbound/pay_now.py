"""Which ways of paying online the invoices in QuickBooks offer (C-21). Run inside ``within()``."""

from dataclasses import dataclass

from integrations.documents import UNITED_STATES
from integrations.models import QUICKBOOKS, Connection, ConnectionStatus, PayNow
from tenants.scope import asked_once


@dataclass(frozen=True, slots=True)
class Ways:
    """What an invoice says about paying it on Intuit's page."""

    card: bool
    bank: bool


def ways(connection: Connection) -> Ways:
    """As chosen; none while the company is not enrolled in QuickBooks Payments, where they would mean nothing."""
    possible = connection.company_settings().online_payments and is_on(connection)
    return Ways(
        card=possible and connection.pay_by_card,
        bank=possible and connection.pay_by_bank and offers_bank(connection),
    )


def is_on(connection: Connection) -> bool:
    """Where the master switch stands; unless it was set, at on while QuickBooks alone takes payments."""
    if connection.pay_now == PayNow.AUTO:
        return not other_processor()
    return connection.pay_now == PayNow.ON


def offers_bank(connection: Connection) -> bool:
    """Intuit takes bank debits (ACH) for companies in the United States only."""
    return connection.company_settings().country == UNITED_STATES


@asked_once
def other_processor() -> bool:
    """Whether another integration takes payments as well."""
    others = Connection.objects.exclude(vendor=QUICKBOOKS)
    return others.exclude(status=ConnectionStatus.DISCONNECTED).exists()
