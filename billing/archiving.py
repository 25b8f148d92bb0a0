"""Whether putting an invoice away voids it, too. Billing itself never does; others may have it so."""

from collections.abc import Callable

_questions: list[Callable[[], bool]] = []


def register(voids: Callable[[], bool]) -> None:
    """Asked, within an organization, each time an invoice is put away."""
    if voids not in _questions:
        _questions.append(voids)


def voids() -> bool:
    """Whether anybody has it so."""
    return any(question() for question in _questions)
