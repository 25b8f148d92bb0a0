"""The tax inside what is spent: the code that was chosen for refunds that are expenses, and what it comes to."""

from decimal import Decimal

from billing.money import Money
from integrations.documents import ExpenseDocument, ListKind, Operation, from_json
from integrations.models import Connection, Intent, IntentState, Link, MirrorEntry

# Where the mirror keeps the ids of the rates of a tax code for purchases, and the percentage of a rate.
RATES, PERCENT = "purchase_rates", "percent"
# What `Link.taken` says of an expense, the tax in minor units.
TAX_CODE, TAX = "tax_code", "tax"


def inside(connection: Connection, code: str, gross: Money) -> Money:
    """The tax that an amount holds by this code of the company, to the minor unit, half up."""
    percent = _percent(connection, code)
    net = gross.amount * 100 / (100 + percent)
    return gross - Money.of(net, gross.currency)


def settled(link: Link) -> tuple[str, Money | None]:
    """The code and tax of an expense that is there: by those of today a tax would move that may have been declared.

    As they were taken from there, else as it first went out.
    """
    first = _first_sent(link)
    if not link.taken:
        return first.tax_code, first.tax
    tax = link.taken[TAX]
    return link.taken[TAX_CODE], None if tax is None else Money(tax, first.amount.currency)


def take(link: Link, theirs: ExpenseDocument, changed: frozenset[str]) -> None:
    """Theirs is ours from now on, where they have changed it."""
    if changed & {TAX_CODE, TAX}:
        tax = None if theirs.tax is None else theirs.tax.minor
        Link.objects.filter(pk=link.pk).update(taken={TAX_CODE: theirs.tax_code, TAX: tax})


def _first_sent(link: Link) -> ExpenseDocument:
    """An expense as it was made over there; as it is agreed on where that was forgotten, as by a restore."""
    made = Intent.objects.filter(
        connection=link.connection_id,
        kind=link.kind,
        local_id=link.local_id,
        operation=Operation.CREATE,
        state__in=(IntentState.ANSWERED, IntentState.ADOPTED),
    )
    sent = made.order_by("-created_at").values_list("document", flat=True).first()
    document = from_json(sent) if sent else link.our_document()
    assert isinstance(document, ExpenseDocument)
    return document


def _percent(connection: Connection, code: str) -> Decimal:
    """The rates of a code taken together, as QuickBooks does for an amount that holds its tax (reference 5.5)."""
    entries = MirrorEntry.objects.filter(connection=connection)
    chosen = entries.filter(kind=ListKind.TAX_CODE, remote_id=code).first()
    rates = chosen.detail.get(RATES, "").split(",") if chosen else []
    found = entries.filter(kind=ListKind.TAX_RATE, remote_id__in=rates)
    return sum((Decimal(one.detail.get(PERCENT, "0")) for one in found), Decimal(0))
