"""A payment with what it settles and the credit it uses."""

from collections.abc import Iterator

from billing.models import Payment
from billing.money import Money
from integrations.documents import Application, Kind, OtherPart, PaymentDocument, UsedCredit
from integrations.outbound import held_back, links, referred
from integrations.outbound.beyond import stays_beyond
from integrations.outbound.composing.composed import Composed, Composition
from integrations.outbound.composing.unsaid import left_as_agreed
from integrations.outbound.materials import Materials
from integrations.outbound.prerequisites import Missing, PaymentFacts, of_payment, waits_for
from integrations.outbound.referred import Referred
from integrations.outbound.settled import settled_by

# Minor units by the other side's id of what takes or gives them.
Shares = dict[str, int]


def compose_payment(materials: Materials, payment: Payment) -> Composition:
    """Nothing, where all that it touches is in other companies."""
    if is_of_other_companies(materials, payment):
        return Composed(None, payment.reference or "payment")
    return _own_payment(materials, payment)


def is_of_other_companies(materials: Materials, payment: Payment) -> bool:
    """Whether all that it touches is in other companies, and it is not here: then nothing of it is to come here.

    What touches nothing stays where it is booked.
    """
    if (Kind.PAYMENT, payment.pk) in materials.links:
        return False
    touched = settled_by(payment) or [(Kind.PAYMENT, payment.pk)]
    return all(one in materials.elsewhere for one in touched)


def _elsewhere(materials: Materials, payment: Payment) -> Iterator[tuple[str, str]]:
    """What is in another company of a payment and of all that it touches, by its number, and which that is."""
    if company := materials.elsewhere.get((Kind.PAYMENT, payment.pk)):
        yield "The payment", company
    for part in payment.allocations.all():
        if company := materials.elsewhere.get((Kind.INVOICE, part.invoice_id)):
            yield part.invoice.number, company
    for use in payment.credit_uses.all():
        if company := materials.elsewhere.get((Kind.CREDIT_MEMO, use.credit_memo_id)):
            yield use.credit_memo.number, company


def _unread(materials: Materials, payment: Payment) -> Iterator[str]:
    if (Kind.PAYMENT, payment.pk) not in materials.links:
        for part in payment.allocations.all():
            if part.invoice_id in materials.paid_there_unread:
                yield part.invoice.number


def _own_payment(materials: Materials, payment: Payment) -> Composition:
    is_there = bool(materials.remote_id(Kind.PAYMENT, payment.id))
    held = held_back.payment_by_rules(
        materials.policies,
        payment,
        country=materials.connection.company_settings().country,
        is_there=is_there,
    )
    if held:
        return held
    missing = _missing(materials, payment)
    if missing and (is_there or not payment.is_void):
        return missing
    return Composed(as_far_as_there(materials, payment), payment.reference or "payment")


def _missing(materials: Materials, payment: Payment) -> list[Missing]:
    parts = [
        (part, materials.remote_id(Kind.INVOICE, part.invoice_id))
        for part in payment.allocations.all()
    ]
    used = [
        (use, materials.remote_id(Kind.CREDIT_MEMO, use.credit_memo_id))
        for use in payment.credit_uses.all()
    ]
    return of_payment(
        PaymentFacts(
            customer_name=payment.customer.name,
            customer_waits_for=waits_for(Kind.CUSTOMER, payment.customer_id),
            customer_linked=bool(materials.remote_id(Kind.CUSTOMER, payment.customer_id)),
            unsynced=tuple(
                (part.invoice.number, waits_for(Kind.INVOICE, part.invoice_id))
                for part, remote in parts
                if not remote
            ),
            uncredited=tuple(
                (use.credit_memo.number, waits_for(Kind.CREDIT_MEMO, use.credit_memo_id))
                for use, remote in used
                if not remote
            ),
            inactive=materials.mirror.gone(_referred_by(materials, payment)),
            elsewhere=tuple(_elsewhere(materials, payment)),
            without_account=_no_account(materials, payment),
            unread=tuple(_unread(materials, payment)),
            asked=payment.pk in materials.asked_if_same,
        )
    )


def as_far_as_there(materials: Materials, payment: Payment) -> PaymentDocument:
    """Without what it settles and uses that is not there yet."""
    amount = _money_there(materials, payment)
    settles, uses = _shares(materials, payment, amount)
    method = _method(materials, payment)
    customer = materials.remote_id(Kind.CUSTOMER, payment.customer_id)
    document = PaymentDocument(
        customer=materials.payers.get(payment.pk, customer),
        received_on=payment.received_on,
        amount=amount,
        applications=(
            *(Application(*one) for one in _in_money(settles, payment)),
            *_kept(materials, payment),
        ),
        credits=tuple(UsedCredit(*one) for one in _in_money(uses, payment)),
        others=_others(materials, payment),
        method=method,
        reference=payment.reference,
        memo=payment.memo,
        deposit_account=deposit_account_of(materials, payment),
        voided=payment.is_void,
        exchange_rate=payment.exchange_rate,
    )
    unsaid = () if method else ("method",)
    return left_as_agreed(materials, (Kind.PAYMENT, payment.pk), document, unsaid)


def _money_there(materials: Materials, payment: Payment) -> Money:
    """Of one that was made there, what its documents there took was left out here; it is part of it all the same."""
    link = materials.links.get((Kind.PAYMENT, payment.id))
    if link is None or link.made_by_us or payment.is_void:
        return payment.amount
    left_out = _elsewhere_there(materials, payment)
    if payment.credit:
        # What they took more than its money is credit of ours.
        left_out = max(left_out - payment.outside, Money.zero(payment.currency))
    return payment.amount + left_out


def _elsewhere_there(materials: Materials, payment: Payment) -> Money:
    """What of it goes to documents that are only there."""
    kept = [part.amount for part in _kept(materials, payment)]
    others = [-one.amount for one in _others(materials, payment) if one.amount.minor < 0]
    return Money.total([*kept, *others], payment.currency)


def _kept(materials: Materials, payment: Payment) -> tuple[Application, ...]:
    return materials.settled_elsewhere.get(payment.pk, ())


def _shares(materials: Materials, payment: Payment, amount: Money) -> tuple[Shares, Shares]:
    """What it puts on their invoices and uses of their credit memos: never more than there is room for.

    As over there, it cannot settle more than the money and the credit that it brings, and credit alone is used up.
    """
    settles = _with_room(materials, payment, Kind.INVOICE)
    for remote_id, beyond in _beyond(materials, payment).items():
        if beyond:
            settles[remote_id] = settles.get(remote_id, 0) + beyond
    uses = _with_room(materials, payment, Kind.CREDIT_MEMO)
    kept = sum(part.amount.minor for part in _kept(materials, payment))
    over = sum(settles.values()) + kept - sum(uses.values()) - amount.minor
    if over > 0:
        settles = _less(settles, over)
    elif payment.is_credit_only:
        uses = _less(uses, -over)
    return settles, uses


def _with_room(materials: Materials, payment: Payment, kind: Kind) -> Shares:
    shares = {}
    for (of, local_id), minor in settled_by(payment).items():
        if of is kind and (kind, local_id) in materials.links:
            short = materials.without_room.get((payment.pk, (kind, local_id)), 0)
            shares[materials.remote_id(kind, local_id)] = minor - short
    return {remote_id: minor for remote_id, minor in shares.items() if minor}


def _beyond(materials: Materials, payment: Payment) -> Shares:
    """What it goes on taking of their invoices beyond ours."""
    agreed, left = _agreed(materials, payment), _taken_beyond(materials, payment)
    found = {}
    for (kind, local_id), minor in settled_by(payment).items():
        link = materials.links.get((kind, local_id))
        if kind is Kind.INVOICE and link is not None and left > 0:
            found[link.remote_id] = min(left, stays_beyond(agreed, link, minor))
            left -= found[link.remote_id]
    return found


def _taken_beyond(materials: Materials, payment: Payment) -> int:
    """How much of what it takes outside is not taken by documents that are only there."""
    elsewhere = _elsewhere_there(materials, payment).minor
    link = materials.links.get((Kind.PAYMENT, payment.id))
    if link is None or link.made_by_us:
        return payment.outside_minor - elsewhere
    # What those took has come off its money, or has used up credit: the two cannot be told apart later.
    return 0 if elsewhere and payment.credit else payment.outside_minor


def _less(shares: Shares, by: int) -> Shares:
    """So much less in all, taken from the last ones."""
    left = {}
    for remote_id, minor in reversed(shares.items()):
        taken = min(minor, by)
        by -= taken
        left[remote_id] = minor - taken
    return {remote_id: left[remote_id] for remote_id in shares if left[remote_id]}


def _in_money(shares: Shares, payment: Payment) -> Iterator[tuple[str, Money]]:
    for remote_id, minor in shares.items():
        yield remote_id, Money(minor, payment.currency)


def _referred_by(materials: Materials, payment: Payment) -> Iterator[Referred]:
    if payment.is_void or payment.is_credit_only:
        return
    mirror, accounts = materials.mirror, list(referred.deposit_accounts(payment))
    method, goes_to = referred.by_method(payment), deposit_account_of(materials, payment)
    if mirror.choice(method) == _method(materials, payment):
        yield method
    if _agreed(materials, payment) is None:
        yield from mirror.resting_on(accounts, payment.currency)
    else:
        yield from (one for one in accounts if mirror.choice(one) == goes_to)


def deposit_account_of(materials: Materials, payment: Payment) -> str:
    """As chosen when it first went out: later its money may be part of a deposit over there.

    The former one, where staff had ours sent again after another one was chosen there.
    """
    agreed = _agreed(materials, payment)
    if agreed is not None:
        back_to = links.goes_back_to(materials.links[Kind.PAYMENT, payment.pk])
        return back_to or agreed.deposit_account
    if payment.is_credit_only:
        return ""
    mirror, currency = materials.mirror, payment.currency
    return mirror.fitting(mirror.deposit_accounts(payment.method, currency), currency) or ""


def _no_account(materials: Materials, payment: Payment) -> str:
    """What there is to say where none of the accounts chosen takes its currency."""
    is_settled = payment.is_void or payment.is_credit_only or _agreed(materials, payment)
    if is_settled or deposit_account_of(materials, payment):
        return ""
    mirror, currency = materials.mirror, payment.currency
    chosen = mirror.deposit_accounts(payment.method, currency)
    known = [mirror.accounts[one] for one in chosen if one in mirror.accounts]
    if not known:
        return ""
    return (
        f"{known[0].name} keeps {known[0].currency}, so a payment in {currency} cannot go there. "
        f"Choose a deposit account that keeps {currency}."
    )


def _method(materials: Materials, payment: Payment) -> str:
    """None where only credit is used. What was paid there keeps their own method while that means ours."""
    if payment.is_credit_only:
        return ""
    link, agreed = materials.links.get((Kind.PAYMENT, payment.pk)), _agreed(materials, payment)
    is_theirs = link is not None and not link.made_by_us
    if (
        agreed is not None
        and is_theirs
        and materials.mirror.can_mean(agreed.method, payment.method)
    ):
        return agreed.method
    return materials.mirror.payment_method(payment.method) or ""


def _others(materials: Materials, payment: Payment) -> tuple[OtherPart, ...]:
    """What only they link it with stays: an update that left it out would let it go. Parts over nothing are to go."""
    agreed = _agreed(materials, payment)
    if agreed is None or payment.is_void:
        return ()
    return tuple(part for part in agreed.others if part.amount)


def _agreed(materials: Materials, payment: Payment) -> PaymentDocument | None:
    link = materials.links.get((Kind.PAYMENT, payment.id))
    agreed = link.our_document() if link else None
    return agreed if isinstance(agreed, PaymentDocument) else None
