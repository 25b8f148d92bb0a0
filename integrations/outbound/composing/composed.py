"""What composing a document comes to."""

from dataclasses import dataclass

from integrations.documents import Document
from integrations.outbound.closed_books import Posting
from integrations.outbound.prerequisites import Missing


@dataclass(frozen=True, slots=True)
class Composed:
    """A document ready to go, None when nothing of it is to go any more. ``label`` is how staff call it.

    ``posting`` is its day over there when that is not its own. ``withheld`` where a field is another here and stays as
    agreed, as QuickBooks owns it.
    """

    document: Document | None
    label: str
    posting: Posting | None = None
    withheld: bool = False


Composition = Composed | list[Missing]
