"""What a page sends along with an answer, for tests that answer without loading it."""

from billing.models import Customer
from integrations.inbound import decisions
from integrations.models import Discrepancy
from integrations.outbound import customer_choice
from tenants import as_shown
from tests.integrations.world import World


def with_what_was_shown(world: World, question: Discrepancy, answer: str) -> dict[str, str]:
    """The answer as a page sends it that shows the question as it stands now."""
    with world.inside():
        mark = decisions.compare(question).mark
    return {"answer": answer, as_shown.FIELD: mark}


def chosen_of_those_shown(world: World, customer: Customer, remote_id: str) -> dict[str, str]:
    """Likewise which customer there it is."""
    connection = world.connection
    with world.inside():
        mark = customer_choice.question(connection, customer).mark
    return {"customer": remote_id, as_shown.FIELD: mark}
