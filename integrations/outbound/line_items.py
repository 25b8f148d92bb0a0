"""Which items the lines of invoices and credit memos book against, and what stands in the way. Asks nobody."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from billing.models import CreditMemoLine, InvoiceLine, LedgerAccount, LineKind
from integrations.documents import Kind
from integrations.outbound import referred
from integrations.outbound.mirror import Mirror
from integrations.outbound.prerequisites import Missing, Need, waits_for
from integrations.outbound.referred import Referred
from integrations.policies import IncomeAccountUse, Policies, UnmappedLine

Line = InvoiceLine | CreditMemoLine


@dataclass(frozen=True, slots=True)
class LineItems:
    """The item of each line, empty where there is none, and why; ``rests_on`` are the choices behind them."""

    items: tuple[str, ...]
    missing: tuple[Missing, ...] = ()
    rests_on: tuple[Referred, ...] = ()


def of(
    policies: Policies,
    mirror: Mirror,
    default_account: LedgerAccount | None,
    lines: Sequence[Line],
) -> LineItems:
    """As the sync rules say: by the service of each line, or by the ledger account it belongs to (C-16).

    A discount needs none; what makes the sum come out has one of its own, where that was chosen.
    """
    own = {place: _own(mirror, line) for place, line in enumerate(lines) if _has_own(mirror, line)}
    others = [line for place, line in enumerate(lines) if place not in own]
    found = _of_others(policies, mirror, default_account, others)
    rest = iter(found.items)
    return LineItems(
        tuple(own[place] if place in own else next(rest) for place in range(len(lines))),
        found.missing,
        (*found.rests_on, *((referred.ADJUSTMENT_ITEM,) if any(own.values()) else ())),
    )


def _has_own(mirror: Mirror, line: Line) -> bool:
    return isinstance(line, InvoiceLine) and (line.is_discount or bool(_own(mirror, line)))


def _own(mirror: Mirror, line: Line) -> str:
    if not isinstance(line, InvoiceLine):
        return ""
    chosen = mirror.choice(referred.ADJUSTMENT_ITEM)
    return chosen or "" if line.kind == LineKind.ADJUSTMENT else ""


def _of_others(
    policies: Policies,
    mirror: Mirror,
    default_account: LedgerAccount | None,
    lines: Sequence[Line],
) -> LineItems:
    if not lines:
        return LineItems(())
    if policies.income_account_use is IncomeAccountUse.REFERENCE:
        return _by_service(policies, mirror, lines)
    return _by_account(mirror, [_account_of(line, default_account) for line in lines], lines)


def _by_service(policies: Policies, mirror: Mirror, lines: Sequence[Line]) -> LineItems:
    items = [mirror.item(line.service_id) for line in lines]
    own = all(mirror.has_item_for(line.service_id) for line in lines)
    return LineItems(
        tuple(item or "" for item in items),
        tuple(_service_needs(policies, mirror, lines, found=None not in items)),
        () if own else (referred.DEFAULT_ITEM,),
    )


def _service_needs(
    policies: Policies, mirror: Mirror, lines: Sequence[Line], *, found: bool
) -> Iterator[Missing]:
    if not found:
        yield Missing(Need.ITEM, "QuickBooks has no active Service item to book the lines against.")
    if policies.unmapped_line is UnmappedLine.DEFAULT_ITEM:
        return
    unmapped = [_sold_as(line) for line in lines if not mirror.is_mapped(line.service_id)]
    for label in dict.fromkeys(unmapped):
        yield Missing(Need.ITEM, f"No QuickBooks item is chosen for {label}.")


def _sold_as(line: Line) -> str:
    return f"the service {line.service.name}" if line.service else "lines without a service"


def _account_of(line: Line, default_account: LedgerAccount | None) -> LedgerAccount | None:
    own = line.service.ledger_account if line.service else None
    return own or default_account


def _by_account(
    mirror: Mirror, accounts: Sequence[LedgerAccount | None], lines: Sequence[Line]
) -> LineItems:
    known = {account.pk: account for account in accounts if account is not None}
    needs = [_account_need(mirror, account) for account in known.values()]
    if None in accounts:
        sentence = "Lines without a service have no ledger account; add one, and it is the default."
        needs.append(Missing(Need.LEDGER_ACCOUNT, sentence))
    return LineItems(
        tuple(
            (account and mirror.item_of_account(account.pk, line.service_id)) or ""
            for account, line in zip(accounts, lines, strict=True)
        ),
        tuple(need for need in needs if need is not None),
        tuple(map(referred.by_account, known.values())),
    )


def _account_need(mirror: Mirror, account: LedgerAccount) -> Missing | None:
    if mirror.account(account.pk) is None:
        sentence = f"No QuickBooks account is chosen for the ledger account {account}."
        return Missing(Need.LEDGER_ACCOUNT, sentence)
    if mirror.gone([referred.by_account(account)]):
        # Said with all other choices that are in use no more; no item can be made for it.
        return None
    if mirror.item_of_account(account.pk) is None:
        sentence = f"The item of the ledger account {account} is not in QuickBooks yet."
        return Missing(Need.ACCOUNT_ITEM, sentence, waits_for(Kind.ITEM, account.pk))
    return None
