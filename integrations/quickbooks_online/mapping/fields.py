"""Values as QuickBooks writes them, both ways."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from billing.money import Money, decimals_of
from integrations.documents import UNITED_STATES, Company

Payload = Mapping[str, Any]


def in_us(company: Company) -> bool:
    """US companies have other tax rules and a smaller alphabet than all the rest."""
    return company.country == UNITED_STATES


def ref(remote_id: str) -> dict[str, str]:
    """A reference to something else over there."""
    return {"value": remote_id}


def ref_of(payload: Payload, name: str) -> str:
    """The id a reference names, or an empty string."""
    return text_of(payload, name, "value")


def text_of(payload: Payload, *path: str) -> str:
    """A text somewhere inside, or an empty string. Ids may arrive as numbers."""
    found = part_of(payload, *path)
    if isinstance(found, bool):
        return "true" if found else "false"
    return "" if found is None else str(found)


def part_of(payload: Payload, *path: str) -> Any:
    """Whatever is somewhere inside, or None."""
    found: Any = payload
    for name in path:
        if not isinstance(found, Mapping):
            return None
        found = found.get(name)
    return found


def flag_of(payload: Payload, *path: str) -> bool:
    """A boolean somewhere inside; preferences sometimes write it as a text."""
    return part_of(payload, *path) in (True, "true")


def amount(money: Money) -> Decimal:
    """An amount as it is sent: at least two decimals, also of a currency that has none."""
    places = max(2, decimals_of(money.currency))
    return money.amount.quantize(Decimal(1).scaleb(-places))


def money_of(value: Any, currency: str) -> Money:
    """An amount of theirs; rounded half-up should it ever have more decimals than the currency."""
    return Money.of(number_of(value) or Decimal(0), currency)


def some_money(value: Any, currency: str) -> Money | None:
    """An amount of theirs that may be missing."""
    return None if value is None else money_of(value, currency)


def number_of(value: Any) -> Decimal | None:
    """A number of theirs; older answers write some as text."""
    return None if value in (None, "") else Decimal(value)


def currency_of(payload: Payload, company: Company) -> str:
    """The currency of a document; without multicurrency it is not always written."""
    return ref_of(payload, "CurrencyRef") or company.currency


def rate_of(payload: Payload, currency: str, company: Company) -> Decimal | None:
    """Units of the company's currency for one of this one; None in its own."""
    rate = number_of(payload.get("ExchangeRate"))
    return None if currency == company.currency else rate


def rate_part(rate: Decimal | None, currency: str, company: Company) -> dict[str, Decimal]:
    """As it is sent, where there is one to send."""
    is_foreign = company.multicurrency and currency != company.currency
    return {"ExchangeRate": rate.normalize()} if is_foreign and rate is not None else {}


def day_of(value: Any) -> date:
    """A date without a zone. Raises ValueError."""
    return date.fromisoformat(str(value)[:10])


def moment_of(payload: Payload, *path: str) -> datetime | None:
    """A moment in UTC; None when it is missing or has no zone."""
    text = text_of(payload, *path)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None


def without_blanks(payload: Payload) -> dict[str, Any]:
    """The parts that say something; a create leaves the rest to QuickBooks."""
    kept = ((name, _kept(value)) for name, value in payload.items())
    return {name: value for name, value in kept if value not in ("", None, {}, [])}


def _kept(value: Any) -> Any:
    return without_blanks(value) if isinstance(value, dict) else value
