"""Sends what is owed now, without waiting for a worker."""

from integrations.by_hand import Company
from integrations.management.companies import Advance, CompanyCommand
from integrations.management.sending import send_all, through


class Command(CompanyCommand):
    """`manage.py drain`: until nothing may go out now; what waits for something or for its next try stays.

    Ends with 1 when QuickBooks has not taken what it was told.
    """

    help = "Sends what is owed to QuickBooks now, until nothing is due."

    def begin(self, company: Company) -> int:
        return company.waiting()

    def serve(self, company: Company, advance: Advance) -> str:
        return through(company, send_all(company, advance))
