"""Document numbers: a prefix, the count and a suffix."""

from billing.errors import NumberRefused

# The longest document number QuickBooks keeps.
LONGEST = 21
FIRST = 1001


def written(prefix: str, value: int, suffix: str = "") -> str:
    """The number as it stands on the document. Raises `NumberRefused` beyond 21 characters."""
    number = f"{prefix}{value}{suffix}"
    if len(number) > LONGEST:
        raise NumberRefused(
            f"The number {number} has {len(number)} characters; at most {LONGEST} are possible. "
            "Choose a shorter prefix or suffix."
        )
    return number


def check_sequence(prefix: str, value: int, suffix: str = "", *, reached: int) -> None:
    """Raises `NumberRefused` when numbers could repeat, be too long or be unreadable.

    The count never goes back, whatever stands around it, and is always the last digits of a number. So no number can
    come twice.
    """
    _check_readable("prefix", prefix)
    _check_readable("suffix", suffix)
    # "1" before 13 and "" before 113 would be the same number.
    if prefix[-1:].isdigit():
        raise NumberRefused("A prefix cannot end in a digit; it would run into the count.")
    # "A" 1 "-2-B" and "A1-" 2 "-B" would be, too.
    if any(each.isdigit() for each in suffix):
        raise NumberRefused("A suffix cannot hold a digit; it could be taken for the count.")
    if value < reached:
        raise NumberRefused(
            f"Numbers up to {reached - 1} are used; the next is at least {reached}."
        )
    written(prefix, value, suffix)


def _check_readable(what: str, text: str) -> None:
    if not text.isascii() or not text.isprintable() or any(each.isspace() for each in text):
        raise NumberRefused(f"A {what} is made of plain letters, digits and signs, without blanks.")
