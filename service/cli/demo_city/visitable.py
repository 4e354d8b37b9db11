"""Whom the demo city's units may visit: the register as they find it on the first day of the year."""

import random
from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import Unit
from service.cli.demo_city.fieldwork import Target
from service.cli.demo_city.rounds import OFFICES, Candidates
from service.enterprises.models import Enterprise, ListMembership
from service.kernel.geo import Point
from service.programmes.models import TargetListEntry

FAMOUS = 130
"""Of the Top-500 the highest ranks are visited, and every company with an address in China."""


class Visitable:
    """The register, shuffled by a die of its own and dealt out in piles."""

    def __init__(self, session: Session, units: dict[str, Unit]) -> None:
        self._session = session
        self._units = {unit.id: short_name for short_name, unit in units.items()}
        self._dice = random.Random(len(units))  # noqa: S311 a demo needs no secrets
        self._top, rest = self._listed(), self._others()
        self._dice.shuffle(rest)
        self._apart = _four_of_each_city([target for target, _ in rest if target.spot])
        apart = {target.id for target in self._apart}
        self._rest = [(target, unit) for target, unit in rest if target.id not in apart]

    def candidates(self) -> Candidates:
        """Whom nobody has visited yet."""
        own: defaultdict[str, list[Target]] = defaultdict(list)
        for target, unit_id in self._rest:
            own[self._units.get(unit_id, "") if unit_id else ""].append(target)
        common = own.pop("", [])
        return Candidates(own=dict(own), common=common, top500=self._top)

    def doubted(self) -> Sequence[Target]:
        """Enterprises with a spot, some of each city, that no unit plans to visit."""
        return self._apart

    def _listed(self) -> list[Target]:
        rows = self._session.execute(
            sa.select(Enterprise, ListMembership.rank)
            .join(ListMembership, ListMembership.enterprise_id == Enterprise.id)
            .where(Enterprise.merged_into_id.is_(None))
            .order_by(ListMembership.rank, Enterprise.name_key)
        ).all()
        chosen = [one for one, rank in rows if (rank or 0) <= FAMOUS or one.city]
        self._dice.shuffle(chosen)
        return [_target(one, one.city or self._dice.choice(OFFICES)) for one in chosen]

    def _others(self) -> list[tuple[Target, UUID | None]]:
        listed = sa.select(ListMembership.enterprise_id).where(ListMembership.enterprise_id.is_not(None))
        rows = self._session.execute(
            sa.select(Enterprise, TargetListEntry.unit_id)
            .outerjoin(TargetListEntry, TargetListEntry.enterprise_id == Enterprise.id)
            .where(Enterprise.merged_into_id.is_(None), Enterprise.id.not_in(listed))
            .order_by(Enterprise.name_key, Enterprise.id)
        )
        return [(_target(one, one.city), unit_id) for one, unit_id in rows]


def _target(one: Enterprise, city: str | None) -> Target:
    has_spot = one.latitude is not None and one.longitude is not None
    spot = Point(one.latitude or 0.0, one.longitude or 0.0) if has_spot else None
    return Target(one.id, one.name, spot, city)


def _four_of_each_city(whom: Sequence[Target]) -> list[Target]:
    by_city: defaultdict[str | None, list[Target]] = defaultdict(list)
    for target in whom:
        by_city[target.city].append(target)
    return [target for found in by_city.values() for target in found[:4]]
