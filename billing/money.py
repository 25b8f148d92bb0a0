"""Money as an integer of minor units with its currency; never a float."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import ClassVar, Self

from billing.errors import AmountRefused, CurrencyDiffers

# ISO 4217 currencies whose minor unit is not a hundredth.
WITHOUT_DECIMALS = frozenset(
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split()  # noqa: SIM905
)
WITH_THREE_DECIMALS = frozenset("BHD IQD JOD KWD LYD OMR TND".split())  # noqa: SIM905
MOST_DECIMALS = 3

# What QuickBooks takes, and exact even for a reader that makes a double of a JSON number.
LARGEST_MINOR = 10**15 - 1

# Currencies that people know by a sign; the others are named by their code.
SIGNS = {"USD": "$", "CAD": "CA$", "AUD": "A$", "NZD": "NZ$", "GBP": "£", "EUR": "€", "JPY": "¥"}

# Wide enough that the product of any two storable numbers is exact before it is rounded once.
EXACT = Context(prec=60, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (cents) of an ISO 4217 currency.

    Raises `AmountRefused` beyond 15 digits and `CurrencyDiffers` when two currencies meet.
    """

    minor: int
    currency: str

    largest: ClassVar[float] = LARGEST_MINOR

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError("Money is made of whole minor units")
        if len(self.currency) != 3 or not self.currency.isascii() or not self.currency.isupper():
            raise ValueError("A currency is three capital letters")
        if abs(self.minor) > self.largest:
            raise AmountRefused(
                f"The amount is too large; the largest is {Money(LARGEST_MINOR, self.currency)}."
            )

    @classmethod
    def zero(cls, currency: str) -> Self:
        return cls(0, currency)

    @classmethod
    def of(cls, amount: Decimal | int, currency: str) -> Self:
        """From major units, rounded half-up (away from zero) to the currency's minor unit."""
        amount = Decimal(amount)
        if not amount.is_finite():
            raise AmountRefused("The amount is not a number.")
        # Far beyond every limit: refused before an exponent such as 1E999999 is written out.
        if amount.adjusted() > 20:
            raise AmountRefused("The amount is too large.")
        return cls(_whole(amount.scaleb(decimals_of(currency), EXACT)), currency)

    @classmethod
    def of_code(cls, code: str) -> Self:
        """From what `code` has kept, with or without separators of thousands."""
        amount, _, currency = code.replace(",", "").partition(" ")
        return cls.of(Decimal(amount), currency)

    @classmethod
    def total(cls, amounts: Iterable["Money"], currency: str) -> Self:
        """The sum; zero of `currency` when there is nothing to add."""
        result = cls.zero(currency)
        for amount in amounts:
            result += amount
        return result

    @property
    def amount(self) -> Decimal:
        """In major units, with exactly the currency's decimals."""
        return Decimal(self.minor).scaleb(-decimals_of(self.currency), EXACT)

    def __add__(self, other: "Money") -> Self:
        return type(self)(self.minor + self._minor_of(other), self.currency)

    def __sub__(self, other: "Money") -> Self:
        return type(self)(self.minor - self._minor_of(other), self.currency)

    def __neg__(self) -> Self:
        return type(self)(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._minor_of(other)

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._minor_of(other)

    def __gt__(self, other: "Money") -> bool:
        return self.minor > self._minor_of(other)

    def __ge__(self, other: "Money") -> bool:
        return self.minor >= self._minor_of(other)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __str__(self) -> str:
        """With its currency, as people read it: $1,234.50, −€3.00, 12.00 CHF."""
        sign = SIGNS.get(self.currency)
        if sign is None:
            return f"{self.digits} {self.currency}"
        return f"{self._minus}{sign}{abs(self.amount):,f}"

    @property
    def digits(self) -> str:
        """As people read it where its currency stands elsewhere: 1,234.50, −3.00."""
        return f"{self._minus}{abs(self.amount):,f}"

    @property
    def code(self) -> str:
        """As it is kept in texts that are read again: -1234.50 USD."""
        return f"{self.amount:f} {self.currency}"

    @property
    def _minus(self) -> str:
        return "−" if self.minor < 0 else ""

    def times(self, factor: Decimal) -> "Money":
        """Multiplied, rounded half-up to the minor unit."""
        return Money(_whole(EXACT.multiply(Decimal(self.minor), factor)), self.currency)

    def share(self, part: "Money", whole: "Money") -> "Money":
        """As much of it as the part is of the whole, rounded half-up once; nothing where the whole is nothing."""
        if not whole:
            return Money.zero(self.currency)
        # Multiplied first: a share that was rounded would bring some halves down.
        product = EXACT.multiply(Decimal(self.minor), Decimal(part.minor))
        return Money(_whole(EXACT.divide(product, Decimal(whole.minor))), self.currency)

    def _minor_of(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise CurrencyDiffers(
                f"An amount in {other.currency} does not fit one in {self.currency}."
            )
        return other.minor


class MoneySum(Money):
    """What many documents come to, for people to read. Each of them has a limit, their sum has none."""

    __slots__ = ()

    largest: ClassVar[float] = math.inf


def decimals_of(currency: str) -> int:
    """How many decimals the currency has."""
    if currency in WITHOUT_DECIMALS:
        return 0
    return MOST_DECIMALS if currency in WITH_THREE_DECIMALS else 2


def is_exact(amount: Decimal, currency: str) -> bool:
    """Whether so much can be had in the currency, without rounding."""
    minor = amount.scaleb(decimals_of(currency), EXACT)
    return minor == minor.to_integral_value(context=EXACT)


def _whole(minor: Decimal) -> int:
    return int(minor.to_integral_value(ROUND_HALF_UP, EXACT))
