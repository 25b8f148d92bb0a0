"""What billing refuses. Every message is a sentence that staff may read."""


class BillingError(Exception):
    """Billing could not do this."""

    def __init__(self, message: str = "") -> None:
        super().__init__(message or self.__doc__)


class IllegalStep(BillingError):
    """This document is not in a state that allows this step."""


class ChangedMeanwhile(IllegalStep):
    """Somebody else has changed this document since it was looked at."""


class OverAllocated(BillingError):
    """The parts of the payment exceed the payment or an invoice's open balance."""


class AmountRefused(BillingError):
    """This amount cannot be kept."""


class BelowZero(AmountRefused):
    """The invoice comes to less than zero."""

    def __init__(self, total: object) -> None:
        super().__init__(
            f"The invoice comes to {total}. An invoice cannot be below zero; use a credit memo."
        )
        self.total = total


class SignChanges(IllegalStep):
    """An already synced invoice cannot change sign; create a new invoice."""


class BecomesCredit(SignChanges):
    """The invoice would come to less than zero; a credit memo takes its place once somebody says so."""


class CurrencyDiffers(BillingError):
    """Amounts of different currencies cannot be put together."""


class NumberRefused(BillingError):
    """This document number cannot be used."""


class TextRefused(BillingError):
    """This text cannot be kept."""


class DatesRefused(BillingError):
    """These dates do not fit together."""


class NothingToBill(BillingError):
    """An invoice needs at least one line."""


class AlreadyBilled(BillingError):
    """Some of the chosen work is on an invoice already."""


class WrongCustomer(BillingError):
    """The document belongs to another customer."""


class NotFound(BillingError):
    """The document does not exist in this organization."""


class DestinationUnavailable(BillingError):
    """Nothing can be sent to this destination."""


class TooMany(BillingError):
    """Too many have sent this form at the moment. Please try again in an hour."""


class PartRefused(BillingError):
    """What was asked for besides cannot be done."""
