"""Which customer over there is this one of ours? Decided from the mirror; an ambiguous answer links nothing."""

from dataclasses import dataclass

from django.db.models import Q

from billing.models import Customer
from integrations.documents import Kind, ListKind
from integrations.models import Connection, Link, Mapping, MappingSubject, MirrorEntry
from integrations.outbound import customer_wish
from integrations.outbound.customer_names import display_name
from integrations.outbound.mirror import name_key, phone_key
from integrations.outbound.prerequisites import Missing, Need
from integrations.policies import CustomerCreate, DisplayName, MatchKey, Policies
from tenants import as_shown

NAME_LISTS = (ListKind.CUSTOMER, ListKind.VENDOR, ListKind.EMPLOYEE)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry of the company's lists that could be, or stands in the way of, our customer."""

    remote_id: str
    name: str
    kind: ListKind
    active: bool
    taken: bool
    equal: frozenset[str]
    entry: MirrorEntry
    currency: str = ""
    currency_fits: bool = True

    @property
    def may_be_it(self) -> bool:
        """Whether it is a customer in use and of the same currency, and no vendor that only bears the name."""
        return self.kind is ListKind.CUSTOMER and self.active and self.currency_fits

    @property
    def email_equal(self) -> bool:
        return MatchKey.EMAIL in self.equal

    @property
    def name_equal(self) -> bool:
        return MatchKey.NAME in self.equal


def mark_of_pair(customer: Customer, *, remote_id: str, name: str, email: str) -> str:
    """Of ours beside theirs: another one as soon as either is called otherwise."""
    return as_shown.mark(customer.name, remote_id, name, email)


def keys_of(customer: Customer, rule: DisplayName) -> dict[str, str]:
    """What a customer is compared by; a key it does not have is left out."""
    keys = {
        MatchKey.EMAIL: customer.email.strip().casefold(),
        MatchKey.NAME: name_key(display_name(customer, rule)),
        MatchKey.PHONE: phone_key(customer.phone),
        MatchKey.ID: customer.external_id.strip(),
    }
    return {str(key): value for key, value in keys.items() if value}


def keys_there(row: MirrorEntry) -> dict[str, str]:
    """What an entry of their lists is compared by; of vendors and employees their names alone are."""
    keys = {str(MatchKey.NAME): row.name_key}
    if row.kind == ListKind.CUSTOMER:
        keys |= {str(key): getattr(row, column) for key, column in _COLUMNS.items()}
    return keys


def recognised(connection: Connection, customer: Customer, policies: Policies) -> Candidate | None:
    """The one active, unlinked customer that the sync rules take for this one of ours, or None."""
    if _said(connection, customer):
        return None
    found = candidates(connection, customer, policies)
    return _recognised_among(found, connection, customer, policies)


def _recognised_among(
    found: list[Candidate], connection: Connection, customer: Customer, policies: Policies
) -> Candidate | None:
    for key in policies.customer_match_keys.keys:
        same = [one for one in found if one.may_be_it and key in one.equal]
        if same:
            is_sure = len(same) == 1 and not same[0].taken
            return (
                same[0] if is_sure and not _has_rival(connection, customer, key, policies) else None
            )
    return None


def open_questions(connection: Connection, customer: Customer, policies: Policies) -> list[Missing]:
    """Why this customer can neither be linked nor created without asking somebody."""
    said = _said(connection, customer)
    if MappingSubject.LOST_CUSTOMER in said:
        return [Missing(Need.CUSTOMER_CHOICE, _lost_sentence(customer))]
    if MappingSubject.UNLINKED_CUSTOMER in said:
        return [Missing(Need.CUSTOMER_CHOICE, _unlinked_sentence(customer))]
    found = candidates(connection, customer, policies)
    if not said and _recognised_among(found, connection, customer, policies) is not None:
        return []
    same_email = [one for one in found if one.email_equal and one.may_be_it]
    same_name = [one for one in found if one.name_equal]
    if twin := next((one for one in same_name if one.taken), None):
        return [Missing(Need.CUSTOMER_CHOICE, _twin_sentence(customer, twin))]
    if same_email and _asks_by_email(said, policies):
        return [Missing(Need.CUSTOMER_CHOICE, _mailbox_sentence(customer, same_email))]
    if other := next((one for one in same_name if not one.currency_fits), None):
        return [Missing(Need.CUSTOMER_CHOICE, _currency_sentence(customer, other))]
    if same_name:
        return [Missing(Need.CUSTOMER_CHOICE, name_sentence(customer, same_name[0]))]
    same_phone = [one for one in found if MatchKey.PHONE in one.equal and one.active]
    if same_phone and _asks_by_phone(said, policies):
        return [Missing(Need.CUSTOMER_CHOICE, _phone_sentence(customer, same_phone))]
    if policies.customer_create_policy.needs_wish and not _is_to_be_made(
        connection, customer, policies
    ):
        sentence = _not_made_sentence(customer, policies.customer_create_policy)
        return [Missing(Need.CUSTOMER_CHOICE, sentence)]
    return []


def may_be(
    connection: Connection, customer: Customer, policies: Policies, *, remote_id: str
) -> bool:
    """Whether staff are asked if this customer of theirs is ours before ours is made there (`open_questions`)."""
    said = _said(connection, customer)
    found = candidates(connection, customer, policies)
    if not said and _recognised_among(found, connection, customer, policies) is not None:
        return False
    theirs = (one for one in found if (one.kind, one.remote_id) == (ListKind.CUSTOMER, remote_id))
    return any(
        one.name_equal
        or (one.email_equal and one.may_be_it and _asks_by_email(said, policies))
        or (MatchKey.PHONE in one.equal and one.active and _asks_by_phone(said, policies))
        for one in theirs
    )


def _is_to_be_made(connection: Connection, customer: Customer, policies: Policies) -> bool:
    """Where nobody may ask for one, what was asked for under another rule does not count any more."""
    is_never = policies.customer_create_policy is CustomerCreate.NEVER
    return not is_never and customer_wish.is_there(connection, customer.id)


def _asks_by_email(said: frozenset[str], policies: Policies) -> bool:
    """Whether an equal address says anything: not when only others are compared, nor once staff have answered."""
    keys = policies.customer_match_keys.keys
    if keys and MatchKey.EMAIL not in keys:
        return False
    return MappingSubject.OWN_CUSTOMER not in said


def _asks_by_phone(said: frozenset[str], policies: Policies) -> bool:
    is_compared = MatchKey.PHONE in policies.customer_match_keys.keys
    return is_compared and MappingSubject.OWN_CUSTOMER not in said


def candidates(connection: Connection, customer: Customer, policies: Policies) -> list[Candidate]:
    """Everybody over there with this customer's e-mail address, name, phone number or id."""
    keys = keys_of(customer, policies.customer_display_name)
    same = Q(kind__in=NAME_LISTS, name_key=keys.get(MatchKey.NAME))
    for key, column in _COLUMNS.items():
        if key in keys:
            same |= Q(kind=ListKind.CUSTOMER, **{column: keys[key]})
    rows = list(MirrorEntry.objects.filter(same, connection=connection).order_by("remote_id"))
    taken = _linked(connection, [row.remote_id for row in rows])
    home = connection.company_settings().currency
    ours = (customer.currency or home, home)
    return [_candidate(row, keys, taken, ours) for row in rows]


# The columns of a customer in the mirror by what is compared.
_COLUMNS = {
    MatchKey.EMAIL: "email_key",
    MatchKey.PHONE: "phone_key",
    MatchKey.ID: "remote_id",
}


def _candidate(
    row: MirrorEntry, keys: dict[str, str], taken: set[str], currencies: tuple[str, str]
) -> Candidate:
    """``currencies`` are our customer's and the company's."""
    kind = ListKind(row.kind)
    is_customer = kind is ListKind.CUSTOMER
    currency = row.detail.get("currency") or currencies[1]
    return Candidate(
        remote_id=row.remote_id,
        name=row.name,
        kind=kind,
        active=row.active,
        taken=is_customer and row.remote_id in taken,
        equal=frozenset(key for key, value in keys_there(row).items() if keys.get(key) == value),
        entry=row,
        currency=currency,
        currency_fits=kind is not ListKind.CUSTOMER or currency == currencies[0],
    )


def _has_rival(connection: Connection, customer: Customer, key: str, policies: Policies) -> bool:
    """Whether another customer here, not linked yet, could be the same one there for the same reason."""
    rule = policies.customer_display_name
    mine = keys_of(customer, rule)[key]
    linked = Link.objects.filter(connection=connection, kind=Kind.CUSTOMER).values("local_id")
    others = Customer.objects.filter(archived_at=None).exclude(pk=customer.pk)
    unlinked = others.exclude(pk__in=linked).filter(_likely(key, mine))
    return any(keys_of(one, rule).get(key) == mine for one in unlinked)


def _likely(key: str, value: str) -> Q:
    """Wide enough to find every customer here with this key; what it finds besides is compared again."""
    match key:
        case MatchKey.EMAIL:
            return Q(email__iexact=value)
        case MatchKey.NAME:
            word = value.split()[0]
            return Q(name__icontains=word) | Q(contact_name__icontains=word)
        case MatchKey.PHONE:
            return Q(phone__contains=value[-1])
        case _:
            return Q(external_id=value)


def had_another(connection: Connection, customer: Customer) -> bool:
    """Whether it was linked before, so that even a likely other one is not taken without asking."""
    return bool(_said(connection, customer) - {MappingSubject.OWN_CUSTOMER})


def _said(connection: Connection, customer: Customer) -> frozenset[str]:
    """What is known of it, so that nobody is taken for it: staff have said that it only shares the mailbox, it was
    unlinked, or the one it was linked to is gone.
    """
    said = Mapping.objects.filter(
        connection=connection, local_key=str(customer.id), subject__in=_SAID
    )
    return frozenset(said.values_list("subject", flat=True))


_SAID = (
    MappingSubject.OWN_CUSTOMER,
    MappingSubject.UNLINKED_CUSTOMER,
    MappingSubject.LOST_CUSTOMER,
)


def _linked(connection: Connection, remote_ids: list[str]) -> set[str]:
    links = Link.objects.filter(connection=connection, kind=Kind.CUSTOMER, remote_id__in=remote_ids)
    return set(links.values_list("remote_id", flat=True))


def _phone_sentence(customer: Customer, same: list[Candidate]) -> str:
    names = ", ".join(one.name for one in same)
    return f"QuickBooks has the phone number {customer.phone} for {names}. Choose whether it is the same."


def _mailbox_sentence(customer: Customer, same: list[Candidate]) -> str:
    if len(same) == 1 and not same[0].taken:
        return (
            f"QuickBooks has {customer.email} for {same[0].name}, and another customer here uses this address, too. "
            "Choose which of them it is."
        )
    if len(same) == 1:
        return (
            f"QuickBooks has {customer.email} for {same[0].name}, which is linked to another customer here. "
            "Choose whether this is a customer of its own."
        )
    names = ", ".join(one.name for one in same)
    return (
        f"{len(same)} customers in QuickBooks use {customer.email}: {names}. Choose the right one."
    )


def _lost_sentence(customer: Customer) -> str:
    return (
        f"The customer in QuickBooks that {customer.name} was linked to is gone; it was merged or deleted there. "
        "Choose which one it is now."
    )


def _unlinked_sentence(customer: Customer) -> str:
    return f"{customer.name} was unlinked from its customer in QuickBooks. Choose which one it is."


def _twin_sentence(customer: Customer, twin: Candidate) -> str:
    return (
        f"QuickBooks has {twin.name} only once, and it is linked to another customer here. "
        f"Use that one here instead of {customer.name}, or give one of the two another name."
    )


def _not_made_sentence(customer: Customer, rule: CustomerCreate) -> str:
    return f"{customer.name} is not recognised in QuickBooks. {_NOT_MADE[rule]}"


def _currency_sentence(customer: Customer, other: Candidate) -> str:
    return (
        f"QuickBooks keeps {other.name} in {other.currency}, so it is not this customer, and every name only once. "
        f"Give {customer.name} another name, such as one with its currency."
    )


_NOT_MADE = {
    CustomerCreate.TOGGLE_ON: "Create it there with its button, or choose which customer it is.",
    CustomerCreate.TOGGLE_OFF: "Create it there with its button, or choose which customer it is.",
    CustomerCreate.WIZARD: "The sync rules have customers made in the customer wizard only.",
    CustomerCreate.NEVER: "The sync rules make no customer in QuickBooks. Make it there; it is then linked or can be "
    "chosen here.",
}


def name_sentence(customer: Customer, other: Candidate) -> str:
    """Who has the name, and what can be done."""
    return f"QuickBooks already has {_who(other)}, and every name only once. {_what_to_do(customer, other)}"


def _who(other: Candidate) -> str:
    state = "" if other.active else "inactive "
    return f"the {state}{other.kind.value} {other.name}"


def _what_to_do(customer: Customer, other: Candidate) -> str:
    if other.kind is not ListKind.CUSTOMER:
        return f"Give {customer.name} another name here, or rename the {other.kind.value} in QuickBooks."
    link = "Link it" if other.active else "Make it active again and link it"
    return f"{link} if it is the same, or rename one of the two."
