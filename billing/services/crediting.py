"""Moves what payments use of credit memos; both sides and the uses stay equal."""

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from billing.errors import IllegalStep, WrongCustomer
from billing.models import CreditMemo, CreditUse, Payment
from billing.money import Money
from billing.rules.allocation import OpenCredit, check_credits
from billing.services.applying import Parts
from billing.services.changes import save
from billing.services.chronicle import note
from tenants.models import User


def locked(memo_ids: Iterable[UUID]) -> dict[UUID, CreditMemo]:
    """The credit memos, locked in one order by everybody, after the invoices."""
    wanted = set(memo_ids)
    if not wanted:
        return {}
    rows = CreditMemo.objects.select_for_update(no_key=True).order_by("id")
    return {memo.pk: memo for memo in rows.filter(pk__in=wanted)}


def parts_of(payment: Payment) -> dict[UUID, Money]:
    """What the payment uses of each credit memo."""
    if not payment.credit:
        return {}
    rows = CreditUse.objects.filter(payment=payment)
    return {each.credit_memo_id: Money(each.amount_minor, payment.currency) for each in rows}


def check(
    used: Parts,
    memos: Mapping[UUID, CreditMemo],
    *,
    customers: Collection[UUID],
    former: Parts,
    origin: str = "",
) -> None:
    """Raises unless so much of these customers' credit may be used, once what the payment used before is given back.

    A payment from elsewhere may be what was already known to use it there.
    """
    opened = {}
    for key, memo in memos.items():
        given_back = former.get(key, Money.zero(memo.currency))
        if key in used and not given_back:
            _require_usable(memo, customers)
        known = memo.elsewhere if origin else Money.zero(memo.currency)
        opened[key] = OpenCredit(memo.number, memo.remaining + given_back + known)
    check_credits(used, opened)


def rewrite(payment: Payment, used: Parts) -> None:
    """Makes the payment's uses these; `Payment.credit_minor` is the caller's to save."""
    if payment.credit:
        CreditUse.objects.filter(payment=payment).delete()
    write(payment, used)


def write(payment: Payment, used: Parts) -> None:
    """The uses of a new payment."""
    if used:
        CreditUse.objects.bulk_create(
            CreditUse(payment=payment, credit_memo_id=key, amount_minor=part.minor)
            for key, part in used.items()
        )


def move(
    memos: Mapping[UUID, CreditMemo],
    *,
    former: Parts,
    used: Parts,
    actor: User | None,
    origin: str,
) -> None:
    """Lets what is used of each credit memo follow."""
    for key, memo in memos.items():
        nothing = Money.zero(memo.currency)
        change = used.get(key, nothing) - former.get(key, nothing)
        if change:
            save(memo, _moved(memo, change, origin))
            action = "creditmemo.applied" if change.minor > 0 else "creditmemo.released"
            moved = Money(abs(change.minor), memo.currency).code
            note(action, memo, actor=actor, amount=moved, origin=origin)


def _moved(memo: CreditMemo, change: Money, origin: str) -> dict[str, int]:
    """What came from elsewhere is among what is used there, and counted once."""
    columns = {"applied_minor": memo.applied_minor + change.minor}
    if origin and change.minor > 0 and memo.elsewhere:
        columns["elsewhere_minor"] = max(0, memo.elsewhere_minor - change.minor)
    return columns


def _require_usable(memo: CreditMemo, customers: Collection[UUID]) -> None:
    if memo.customer_id not in customers:
        raise WrongCustomer(f"{memo.number} belongs to another customer.")
    if memo.is_void:
        raise IllegalStep(f"{memo.number} is void, so nothing can be applied from it.")
