"""From when on what is made over there comes in by itself; an import takes what was there before."""

from dataclasses import dataclass, field
from datetime import datetime

from integrations.documents import Held
from integrations.inbound.marks import first_connected
from integrations.models import Connection, changes_of, policies_in_force
from integrations.outbound.recognise import CLOCK_ALLOWANCE
from integrations.policies import Policies


@dataclass(slots=True)
class FromNowOn:
    """For the documents of one answer. The history is asked once, and anew once other sync rules are in force."""

    connection: Connection
    _since: dict[tuple[Policies, str], datetime] = field(default_factory=dict)

    def holds(self, rule: str, held: Held) -> bool:
        """Whether it was made since this rule was chosen, and the company is connected. Inside ``within()``."""
        asked = policies_in_force(), rule
        if asked not in self._since:
            self._since[asked] = _since(self.connection, rule)
        return held.created_at is None or held.created_at >= self._since[asked] - CLOCK_ALLOWANCE


def _since(connection: Connection, rule: str) -> datetime:
    chosen = changes_of(rule).values_list("at", flat=True).first()
    connected = first_connected(connection)
    return max(chosen, connected) if chosen else connected
