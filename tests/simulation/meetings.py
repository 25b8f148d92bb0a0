"""Brings one fault and one crash point together at one company, as the plan has them appointed.

Nothing of the product is told of it: staff and people do what leads there, the fault waits for the next call it fits,
and the worker that comes to the place dies there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.simulation.plan import TOWARDS, Towards

if TYPE_CHECKING:
    from tests.simulation.world import Tenant, World

# Longer than a lease: who was killed is not waited for.
LEASE_IS_OVER = 35
TRIES = 3


@dataclass(slots=True)
class Meeting:
    """One appointment, kept or not."""

    world: "World"
    tenant: "Tenant"
    fault: str
    point: str

    def take_place(self) -> bool:
        """First the death, then the fault, or both as they come. Says whether they have met."""
        if self.world.chance.random() < 0.3:
            self._arm(self.fault)
        self._until(self.point, self.tenant.storm.points, self._on_the_way())
        if self.point in self.tenant.storm.points:
            self._until(self.fault, self.tenant.storm.faults, TOWARDS[self.fault])
        self.world.sought = ""
        storm = self.tenant.storm
        return self.fault in storm.faults and self.point in storm.points

    def _on_the_way(self) -> Towards:
        return TOWARDS[self.point.partition(" ")[2]]

    def _until(self, wanted: str, happened: set[str], towards: Towards) -> None:
        for _ in range(TRIES):
            if wanted in happened:
                return
            self._once(wanted, towards)

    def _once(self, wanted: str, towards: Towards) -> None:
        self._make_ready()
        if wanted == self.fault:
            self._arm(wanted)
        for name in towards.faults:
            self._arm(name, operation=towards.operation)
        self._do(towards.staff)
        self._let_people(towards.people)
        self.world.sought = self.point if wanted == self.point else ""
        self.world.deliver()
        self.world.tick()
        if wanted not in self.tenant.storm.faults | self.tenant.storm.points:
            self.world.pass_time(towards.wait)
            self.world.tick()

    def _make_ready(self) -> None:
        """The company is connected, nobody holds it, and somebody is free to serve it."""
        self.world.pass_time(LEASE_IS_OVER)
        while self.world.is_short_of_hands:
            self.world.let_on()
        self._do(["sign_in_when_asked", "use_company"])

    def _do(self, names: Iterable[str]) -> None:
        for name in names:
            self.world.staff_does(self.tenant, getattr(self.tenant.staff, name))

    def _let_people(self, names: Iterable[str]) -> None:
        people = self.tenant.people[self.tenant.staff.realm]
        for name in names:
            self.world.person_does(getattr(people, name))

    def _arm(self, name: str, operation: str = "") -> None:
        more: dict[str, Any] = {"operation": operation} if operation else {}
        self.world.arm_at(self.tenant, name, **more)
