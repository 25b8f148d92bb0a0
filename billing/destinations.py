"""Where documents can be sent. Others register themselves here; billing knows only their keys."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from billing.errors import DestinationUnavailable

Branch = tuple[str, str]


@dataclass(frozen=True)
class Destination:
    """A place that documents can be sent to; all questions are asked within an organization.

    ``branches`` are the places among which one may be named, as key and label, the usual one first; empty where there
    is no choice. ``email_button`` is how the button reads that has it e-mail an invoice to the customer; empty where it
    e-mails none.
    """

    key: str
    label: str
    available: Callable[[], bool]
    reason_unavailable: Callable[[], str]
    email_button: str = ""
    branches: Callable[[], list[Branch]] = list


_registered: dict[str, Destination] = {}


def register(
    key: str,
    label: str,
    available: Callable[[], bool],
    reason_unavailable: Callable[[], str],
    email_button: str = "",
    branches: Callable[[], list[Branch]] = list,
) -> Destination:
    """Adds a destination; the same key again replaces it."""
    destination = Destination(key, label, available, reason_unavailable, email_button, branches)
    _registered[key] = destination
    return destination


def forget(key: str) -> None:
    """Takes a destination away."""
    _registered.pop(key, None)


def offered() -> list[Destination]:
    """Every destination, in the order of registration; the page shows why one is unavailable."""
    return list(_registered.values())


def mailers() -> list[Destination]:
    """The destinations that e-mail an invoice to the customer, and can at the moment."""
    return [each for each in offered() if each.email_button and each.available()]


def narrowed(keys: Iterable[str], branch: str) -> frozenset[str]:
    """The keys, with the branch in the place of the destination it belongs to."""
    return frozenset(
        branch if branch in dict(_registered[key].branches()) else key for key in check(keys)
    )


def check(keys: Iterable[str]) -> frozenset[str]:
    """The keys, if each is registered. Raises `DestinationUnavailable`.

    One that is merely unavailable now is kept: the document waits until it can be sent.
    """
    wanted = frozenset(keys)
    for key in sorted(wanted - _registered.keys() - _branches()):
        raise DestinationUnavailable(
            f"Nothing can be sent to “{key}”: there is no such destination."
        )
    return wanted


def _branches() -> set[str]:
    return {key for each in _registered.values() for key, _ in each.branches()}
