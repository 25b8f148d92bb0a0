"""What others know of a document that also stands with them. Who keeps documents registers itself here."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from billing.errors import IllegalStep


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What is known of one document; the default is that of one that nobody else has.

    ``lines_held`` says, as a sentence, why its lines are changed there alone, ``read_only`` why all of it is once it
    is finalised. ``converts`` is what becomes of one that is there when its lines come to less than zero: a credit memo
    in its place, else it is refused.
    """

    is_there: bool = False
    lines_held: str = ""
    read_only: str = ""
    converts: bool = False


Ask = Callable[[UUID], Elsewhere]

_asked: list[Ask] = []


def register(ask: Ask) -> None:
    """From now on this is asked, within the organization, before a document changes."""
    _asked[:] = [ask]


def of(document_id: UUID) -> Elsewhere:
    """What is known of it."""
    return _asked[0](document_id) if _asked else Elsewhere()


def require_changeable(document_id: UUID, origin: str) -> None:
    """Raises `IllegalStep` for a finalised one that others alone change, unless it is they who do."""
    if not origin and (reason := of(document_id).read_only):
        raise IllegalStep(reason)
