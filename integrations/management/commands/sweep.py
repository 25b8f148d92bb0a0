"""Looks at what was changed in QuickBooks now, without waiting for a worker."""

from integrations import by_hand
from integrations.by_hand import Company
from integrations.management.companies import Advance, CompanyCommand


class Command(CompanyCommand):
    """`manage.py sweep`: one metered call for each company, more when much was changed."""

    help = "Reads what was changed in QuickBooks since the last look."

    def serve(self, company: Company, advance: Advance) -> str:
        by_hand.look(company)
        return "changes read"
