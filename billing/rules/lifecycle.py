"""The life of an invoice: which step is allowed when, and what staff read when it is not."""

from enum import StrEnum

from billing.errors import IllegalStep
from billing.money import Money


class Status(StrEnum):
    """Where an invoice stands. Overdue is not a status: it follows from the due date."""

    DRAFT = "DRAFT"
    SENT = "SENT"
    PARTIAL = "PARTIAL"
    PAID = "PAID"
    VOID = "VOID"


LABELS = {
    Status.DRAFT: "Draft",
    Status.SENT: "Sent",
    Status.PARTIAL: "Part paid",
    Status.PAID: "Paid",
    Status.VOID: "Void",
}


class Step(StrEnum):
    """What can be done to an invoice."""

    EDIT_LINES = "edit the lines"
    EDIT_DATES = "edit the dates"
    EDIT_NOTES = "edit the notes"
    RENUMBER = "renumber"
    SEND = "send"
    EMAIL = "e-mail"
    PAY = "pay"
    VOID = "void"
    CREDIT = "credit"
    TAKE_TAX = "take over the tax"


_HELD = (
    "{number} has payments or credits applied, so its lines stay. Void or move those first, then "
    "change the lines."
)
_PAID = "{number} is paid already."
_VOID = "{number} is void and cannot be changed any more."
_UNPAID = (
    "{number} is not paid. A credit memo can be issued on an invoice that is paid or void; "
    "an open one is voided instead."
)
_APPLIED = "{number} has payments applied. Void or move them first, then void the invoice."

# None: allowed. Anything else is what staff read. A pair that is missing is an error in this table.
STEPS: dict[tuple[Step, Status], str | None] = {
    (Step.EDIT_LINES, Status.DRAFT): None,
    (Step.EDIT_LINES, Status.SENT): None,
    (Step.EDIT_LINES, Status.PARTIAL): _HELD,
    (Step.EDIT_LINES, Status.PAID): _HELD,
    (Step.EDIT_LINES, Status.VOID): _VOID,
    (Step.EDIT_DATES, Status.DRAFT): None,
    (Step.EDIT_DATES, Status.SENT): None,
    (Step.EDIT_DATES, Status.PARTIAL): None,
    (Step.EDIT_DATES, Status.PAID): _PAID,
    (Step.EDIT_DATES, Status.VOID): _VOID,
    (Step.EDIT_NOTES, Status.DRAFT): None,
    (Step.EDIT_NOTES, Status.SENT): None,
    (Step.EDIT_NOTES, Status.PARTIAL): None,
    (Step.EDIT_NOTES, Status.PAID): None,
    (Step.EDIT_NOTES, Status.VOID): _VOID,
    (Step.RENUMBER, Status.DRAFT): None,
    (Step.RENUMBER, Status.SENT): None,
    (Step.RENUMBER, Status.PARTIAL): None,
    (Step.RENUMBER, Status.PAID): None,
    (Step.RENUMBER, Status.VOID): _VOID,
    (Step.SEND, Status.DRAFT): None,
    (Step.SEND, Status.SENT): "{number} was sent already.",
    (Step.SEND, Status.PARTIAL): "{number} was sent already.",
    (Step.SEND, Status.PAID): _PAID,
    (Step.SEND, Status.VOID): "{number} is void. Generate a new invoice instead.",
    # Who has paid may be sent the invoice as a receipt.
    (Step.EMAIL, Status.DRAFT): None,
    (Step.EMAIL, Status.SENT): None,
    (Step.EMAIL, Status.PARTIAL): None,
    (Step.EMAIL, Status.PAID): None,
    (Step.EMAIL, Status.VOID): "{number} is void, so it is not e-mailed any more.",
    # A payment finalises a draft: the customer has settled what was only being prepared.
    (Step.PAY, Status.DRAFT): None,
    (Step.PAY, Status.SENT): None,
    (Step.PAY, Status.PARTIAL): None,
    (Step.PAY, Status.PAID): _PAID,
    (Step.PAY, Status.VOID): "{number} is void, so no payment can be applied to it.",
    (Step.VOID, Status.DRAFT): None,
    (Step.VOID, Status.SENT): None,
    (Step.VOID, Status.PARTIAL): _APPLIED,
    (Step.VOID, Status.PAID): _APPLIED,
    (Step.VOID, Status.VOID): "{number} is void already.",
    (Step.CREDIT, Status.DRAFT): _UNPAID,
    (Step.CREDIT, Status.SENT): _UNPAID,
    (Step.CREDIT, Status.PARTIAL): _UNPAID,
    (Step.CREDIT, Status.PAID): None,
    (Step.CREDIT, Status.VOID): None,
    (Step.TAKE_TAX, Status.DRAFT): None,
    (Step.TAKE_TAX, Status.SENT): None,
    (Step.TAKE_TAX, Status.PARTIAL): None,
    (Step.TAKE_TAX, Status.PAID): None,
    (Step.TAKE_TAX, Status.VOID): _VOID,
}


def refusal(step: Step, status: Status, *, number: str) -> str | None:
    """Why the step is not allowed, as a sentence; None when it is."""
    sentence = STEPS[step, status]
    return sentence.format(number=number) if sentence else None


def require(step: Step, status: Status, *, number: str) -> None:
    """Raises `IllegalStep` unless an invoice of this status may take the step."""
    if sentence := refusal(step, status, number=number):
        raise IllegalStep(sentence)


def require_voidable(status: Status, *, applied: Money, number: str) -> None:
    """Raises `IllegalStep` unless nothing is applied; one worth nothing is paid by nothing."""
    if status is not Status.PAID or applied:
        require(Step.VOID, status, number=number)


def standing(*, total: Money, applied: Money) -> Status:
    """The status of an invoice that has been sent and is not void."""
    if applied == total:
        return Status.PAID
    return Status.PARTIAL if applied else Status.SENT
