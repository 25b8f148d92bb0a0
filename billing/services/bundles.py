"""Bundles: services that stand on an invoice as the parts they consist of."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from django.db import transaction

from billing.errors import AmountRefused, TextRefused
from billing.models import BundlePart, LineKind, Service
from billing.money import EXACT, Money
from billing.rules.totals import line_amount, shared_out
from billing.services.chronicle import note
from billing.services.drafting import DraftLine
from tenants.models import User

Part = tuple[Decimal, Service]


@transaction.atomic
def set_parts(*, service: Service, text: str, actor: User | None = None) -> None:
    """Makes a bundle of a service: a line for each part, such as "2 x Backup"; none makes it a plain one again.

    Raises `TextRefused` and `AmountRefused` naming the line.
    """
    parts = [_part(line.strip(), service) for line in text.splitlines() if line.strip()]
    if len({part.pk for _, part in parts}) < len(parts):
        raise TextRefused("A part stands in a bundle once; give it a larger quantity instead.")
    former = list(BundlePart.objects.filter(bundle=service).values_list("quantity", "part_id"))
    if former == [(quantity, part.pk) for quantity, part in parts]:
        return
    BundlePart.objects.filter(bundle=service).delete()
    BundlePart.objects.bulk_create(
        BundlePart(bundle=service, part=part, quantity=quantity, position=place)
        for place, (quantity, part) in enumerate(parts, start=1)
    )
    note("service.changed", service, actor=actor, fields=["parts"])


def parts_text(service: Service) -> str:
    """The parts as `set_parts` reads them."""
    return "\n".join(str(each) for each in service.parts.select_related("part"))


def taken_apart(drafts: Sequence[DraftLine], *, currency: str) -> list[DraftLine]:
    """The lines with each new one of a bundle replaced by its parts. Raises `AmountRefused`."""
    keys = {draft.service.pk for draft in drafts if draft.service and draft.line_id is None}
    rows = BundlePart.objects.filter(bundle__in=keys).select_related("part")
    parts: dict[object, list[BundlePart]] = {}
    for row in rows:
        parts.setdefault(row.bundle_id, []).append(row)
    return [line for draft in drafts for line in _lines(draft, parts, currency)]


def _lines(
    draft: DraftLine, parts: dict[object, list[BundlePart]], currency: str
) -> Iterator[DraftLine]:
    mine = parts.get(draft.service.pk, []) if draft.service and draft.line_id is None else []
    if not mine:
        yield draft
    elif draft.share_of is None:
        yield from _whole(draft, mine, currency)
    else:
        yield from _shares(draft, draft.share_of, mine, currency)


def _whole(draft: DraftLine, mine: Sequence[BundlePart], currency: str) -> Iterator[DraftLine]:
    lines = [_line(draft, each) for each in mine]
    yield from lines
    left = line_amount(draft.numbers(), currency)
    for line in lines:
        left -= line_amount(line.numbers(), currency)
    if left:
        yield _made_up(draft, left)


def _shares(
    draft: DraftLine, price: Decimal, mine: Sequence[BundlePart], currency: str
) -> Iterator[DraftLine]:
    """Of each line of a whole one the same share, so that a part of its price bears that part of its tax."""
    costs = [EXACT.multiply(each.quantity, each.part.unit_price) for each in mine]
    amount = line_amount(draft.numbers(), currency)
    *shares, left = shared_out(amount, [*costs, price - sum(costs)])
    for each, share in zip(mine, shares, strict=True):
        yield replace(_line(draft, each), quantity=Decimal(1), unit_price=share.amount)
    if left:
        yield _made_up(draft, left)


def _made_up(draft: DraftLine, left: Money) -> DraftLine:
    """The bundle has a price of its own: what its parts come to is made up for."""
    return DraftLine(
        description=f"Price of {draft.description}",
        quantity=Decimal(1),
        unit_price=left.amount,
        taxable=draft.taxable,
        kind=LineKind.ADJUSTMENT,
    )


def _line(draft: DraftLine, each: BundlePart) -> DraftLine:
    return DraftLine(
        description=f"{each.part.name} ({draft.description})",
        quantity=draft.quantity * each.quantity,
        unit_price=each.part.unit_price,
        taxable=each.part.taxable,
        service=each.part,
    )


def _part(line: str, bundle: Service) -> Part:
    number, _, name = line.partition(" x ")
    found = Service.objects.filter(name__iexact=name.strip()).first()
    if found is None:
        raise TextRefused(f"“{line}” is no part: write it like “2 x Name of a service”.")
    if found.pk == bundle.pk or found.parts.exists():
        raise TextRefused(f"{found.name} is a bundle itself, so it can be no part of one.")
    if BundlePart.objects.filter(part=bundle).exists():
        raise TextRefused(f"{bundle.name} is part of a bundle, so it can be none itself.")
    return _quantity(number.strip(), line), found


def _quantity(text: str, line: str) -> Decimal:
    try:
        quantity = Decimal(text)
    except InvalidOperation:
        quantity = Decimal("NaN")
    if not quantity.is_finite() or not 0 < quantity < 1_000_000:
        raise AmountRefused(f"“{line}” has no quantity: write it like “2 x Name of a service”.")
    if quantity != round(quantity, 2):
        raise AmountRefused(f"“{line}” has too many decimals; at most 2 are kept.")
    return quantity
