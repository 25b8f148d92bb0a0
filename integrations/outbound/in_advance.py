"""Money in advance. Runs inside ``within()``."""

from django.db.models import QuerySet

from billing.models import Payment


def in_advance() -> QuerySet[Payment]:
    """The payments that are on no invoice and use no credit."""
    return Payment.objects.filter(allocated_minor=0, credit_minor=0)
