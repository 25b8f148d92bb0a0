"""Document numbers: a prefix, the count and a suffix."""

from billing.errors import NumberRefused

# The longest document number QuickBooks keeps.
LONGEST = 21
FIRST = 1001
# The highest next number that anybody chooses: what is counted from there on comes to no end.
HIGHEST = 10**15
# The last count that is given; what comes after it is kept, too, in a column of eight bytes.
LAST = 2**63 - 2


def written(prefix: str, value: int, suffix: str = "") -> str:
    """The number as it stands on the document. Raises `NumberRefused` beyond 21 characters or the last count."""
    if value > LAST:
        raise NumberRefused(
            "The numbers have come to their end. Choose a lower next number under "
            "Settings → Invoice numbers."
        )
    number = f"{prefix}{value}{suffix}"
    if len(number) > LONGEST:
        raise NumberRefused(
            f"The number {number} has {len(number)} characters; at most {LONGEST} are possible. "
            "Choose a shorter prefix or suffix."
        )
    return number


def check_sequence(prefix: str, value: int, suffix: str = "", *, last_given: int) -> None:
    """Raises `NumberRefused` when numbers could repeat, be too long or be unreadable, or the count could end.

    The count never goes back to one that was given, whatever stands around it, and is always the last digits of a
    number. So no number can come twice. One that was only chosen, and by mistake, can be taken back.
    """
    _check_readable("prefix", prefix)
    _check_readable("suffix", suffix)
    # "1" before 13 and "" before 113 would be the same number.
    if prefix[-1:].isdigit():
        raise NumberRefused("A prefix cannot end in a digit; it would run into the count.")
    # "A" 1 "-2-B" and "A1-" 2 "-B" would be, too.
    if any(each.isdigit() for each in suffix):
        raise NumberRefused("A suffix cannot hold a digit; it could be taken for the count.")
    lowest = last_given + 1
    if value < lowest:
        raise NumberRefused(f"Numbers up to {last_given} are used; the next is at least {lowest}.")
    highest = max(HIGHEST, lowest)
    if value > highest:
        raise NumberRefused(f"The next number is at most {highest}.")
    written(prefix, value, suffix)


def _check_readable(what: str, text: str) -> None:
    if not text.isascii() or not text.isprintable() or any(each.isspace() for each in text):
        raise NumberRefused(f"A {what} is made of plain letters, digits and signs, without blanks.")
