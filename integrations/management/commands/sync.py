"""All that workers do for a company, now."""

from integrations import by_hand
from integrations.by_hand import Company
from integrations.management.companies import Advance, CompanyCommand
from integrations.management.sending import send_all, through
from integrations.outbound import relay


class Command(CompanyCommand):
    """`manage.py sync`: takes up what happened, sends what is owed, reads what was changed there."""

    help = (
        "Takes up what happened here, sends what is owed, and reads what was changed in QuickBooks."
    )

    def begin(self, company: Company) -> int:
        relay.relay(company.organization_id)
        return company.waiting()

    def serve(self, company: Company, advance: Advance) -> str:
        sent = send_all(company, advance)
        by_hand.look(company)
        return through(company, f"{sent}, changes read")
