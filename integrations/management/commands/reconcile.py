"""A full comparison of both sides, now."""

from typing import Any

from django.core.management.base import CommandError

from integrations import by_hand
from integrations.by_hand import Company
from integrations.management.companies import Advance, CompanyCommand
from integrations.management.sending import send_all
from integrations.outbound import relay
from integrations.unequal import unequal
from tenants.scope import within


class Command(CompanyCommand):
    """`manage.py reconcile`: sends what is owed, reads every document in QuickBooks, and says what differs.

    Costs one metered call for each 1,000 documents of a kind. Ends with 1 while anything is unequal.
    """

    help = "Compares everything with QuickBooks, both ways, and reports what differs by kind."

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.open = 0

    def handle(self, **options: Any) -> None:
        self.open = 0
        super().handle(**options)
        if self.open:
            raise CommandError(f"Not equal: {self.open}; see Exceptions.")

    def begin(self, company: Company) -> int:
        relay.relay(company.organization_id)
        return company.waiting()

    def serve(self, company: Company, advance: Advance) -> str:
        send_all(company, advance)
        by_hand.compare(company)
        # Looking takes up again what was blocked; most of it is blocked for the same reason still.
        send_all(company, advance)
        return self._reported(company)

    def _reported(self, company: Company) -> str:
        with within(company.organization_id):
            found = unequal(company.connection())
        self.open += sum(each.count for each in found)
        return "; ".join(map(str, found)) or "both sides hold the same"
