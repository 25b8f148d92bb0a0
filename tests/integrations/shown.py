"""What a page sends along with an answer, for tests that answer without loading it."""

from integrations.inbound import decisions
from integrations.models import Discrepancy
from tenants import as_shown
from tests.integrations.world import World


def with_what_was_shown(world: World, question: Discrepancy, answer: str) -> dict[str, str]:
    """The answer as a page sends it that shows the question as it stands now."""
    with world.inside():
        mark = decisions.compare(question).mark
    return {"answer": answer, as_shown.FIELD: mark}
