"""What something of theirs is called here, where every name exists once. Runs inside ``within()``."""

from collections.abc import Iterable, Iterator
from itertools import count

from billing.models import Service, Term
from integrations.models import MirrorEntry


def free_name(model: type[Service | Term], entry: MirrorEntry, *others: str, longest: int) -> str:
    """The entry's name or one of the others, else its name with its id: the first that fits and nothing has.

    ``longest`` is in characters.
    """
    names = _names(entry, others, longest)
    return next(one for one in names if not model.objects.filter(name=one).exists())


def _names(entry: MirrorEntry, others: Iterable[str], longest: int) -> Iterator[str]:
    """Without an end, so that one of them is free."""
    for name in (entry.name, *others):
        if 0 < len(name) <= longest:
            yield name
    for number in count(1):
        mark = f"({entry.remote_id})" if number == 1 else f"({entry.remote_id}, {number})"
        yield f"{entry.name[: longest - len(mark) - 1]} {mark}".strip()
