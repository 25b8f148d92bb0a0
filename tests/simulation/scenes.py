"""What takes several people one after another, with an exchange between: theirs differs from ours, and staff answer.

Left to chance alone the answer would mostly come before the question. Workers die and calls fail as at any other time.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.simulation.world import Tenant, World

# Longer than a lease, and than a webhook takes.
UNTIL_EXCHANGED = 100


@dataclass(frozen=True, slots=True)
class Scene:
    """Who does what before the exchange, and what staff do after it."""

    before: tuple[str, ...]
    after: tuple[str, ...]

    def play(self, world: "World", tenant: "Tenant") -> None:
        """Each by name: of the world, of staff, of the bookkeeper or of who keeps the lists."""
        _exchange(world)
        for name in self.before:
            world.somebody_does(tenant, name)
        _exchange(world)
        for name in self.after:
            world.somebody_does(tenant, name)


def _exchange(world: "World") -> None:
    """Twice: many a question arises only from what is looked up after a refusal."""
    for _ in range(2):
        world.pass_time(UNTIL_EXCHANGED)
        world.deliver()
        world.tick()


SCENES = (
    Scene(("change_invoice", "edit"), ("answer_question", "answer_question")),
    Scene(("change_invoice", "change_invoice"), ("answer_question", "catch_up")),
    Scene(("delete_invoice", "void_invoice"), ("answer_question", "answer_question")),
    Scene(("change_payment_there", "delete_payment"), ("answer_question",)),
    Scene(("write_credit", "apply_credit_there", "change_credit"), ("answer_question",)),
    Scene(("generate", "enter_by_hand"), ("answer_number", "answer_number")),
    Scene(("enter_by_hand", "add_customer", "generate"), ("answer_number", "choose_customer")),
    Scene(("add_namesake", "add_customer_there", "add_customer", "generate"), ("choose_customer",)),
    Scene(("put_customer_away", "merge_customers"), ("answer_question", "choose_customer")),
    Scene(("edit_customer", "edit_customer_there"), ("answer_question", "answer_question")),
    Scene(("edit_customer", "edit_customer_there"), ("sort_customers", "choose_customer")),
    Scene(("close_books", "ask_for_all", "generate"), ("go_dated", "go_dated")),
    Scene(("put_entry_away", "generate"), ("choose_mapping", "try_again")),
    Scene(("merge_entries", "change_term", "give_terms"), ("generate",)),
    Scene(("write_invoice", "bring_in"), ("bring_in",)),
)
