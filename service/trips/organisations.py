"""Whom trips met: by the visits that name them, and by the names listed beside; one organisation has one key.

::

    visit ─ enterprise ───────────────┐
    visit ─ free entry ─┐             ├─▶ the enterprise that stands for it   `e:<id>`
    listed by name ─────┴─ register ──┤
    listed by id ─────────────────────┘
    a name the register does not know, or knows twice ─▶ the name            `n:<name>`
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.enterprises.models import Enterprise, EnterpriseAlias, EnterpriseKind
from service.kernel.db import among
from service.kernel.text import name_key
from service.trips.models import Trip
from service.trips.views import GONE
from service.visits.models import Intention, ReviewState, Visit

Condition = sa.ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class MetByVisit:
    """The visit that an organisation was met by."""

    id: UUID
    number: str
    visited_on: date
    review_state: ReviewState
    is_agreed: bool

    @property
    def is_approved(self) -> bool:
        """Whether headquarters has approved it."""
        return self.review_state is ReviewState.APPROVED


@dataclass(frozen=True, slots=True)
class Met:
    """One organisation met on one trip, by one visit or by none."""

    trip_id: UUID
    key: str
    name: str
    enterprise_id: UUID | None
    visit: MetByVisit | None = None


@dataclass(frozen=True, slots=True)
class _Named:
    trip_id: UUID
    name: str
    enterprise_id: UUID | None
    visit: MetByVisit | None = None


def met_on(session: Session, which: Sequence[Condition]) -> list[Met]:
    """Whom the trips of these conditions met: each visit that was paid, and everybody listed beside."""
    named = [*_by_visits(session, which), *_listed(session, which)]
    register = _Register.of(session, named)
    return [
        Met(one.trip_id, register.key_of(one), register.name_of(one), register.id_of(one), one.visit)
        for one in named
    ]


def _by_visits(session: Session, which: Sequence[Condition]) -> Iterable[_Named]:
    rows = session.execute(
        sa.select(
            Visit.trip_id,
            Visit.id,
            Visit.number,
            Visit.visited_on,
            Visit.review_state,
            Visit.intention,
            Visit.enterprise_id,
            Visit.free_enterprise,
        )
        .join(Trip, Trip.id == Visit.trip_id)
        .where(Visit.review_state.not_in(GONE), *which)
        .order_by(Visit.visited_on, Visit.visited_at, Visit.id)
    )
    for row in rows:
        agreed = row.intention is Intention.AGREED
        visit = MetByVisit(row.id, row.number, row.visited_on, row.review_state, agreed)
        yield _Named(row.trip_id, (row.free_enterprise or {}).get("name") or "", row.enterprise_id, visit)


def _listed(session: Session, which: Sequence[Condition]) -> Iterable[_Named]:
    rows = session.execute(
        sa.select(Trip.id, Trip.organisations)
        .where(sa.func.jsonb_array_length(Trip.organisations) > 0, *which)
        .order_by(Trip.departs_on, Trip.id)
    )
    for row in rows:
        for one in row.organisations:
            enterprise_id = UUID(one["enterprise_id"]) if one.get("enterprise_id") else None
            yield _Named(row.id, one.get("name") or "", enterprise_id)


@dataclass(frozen=True, slots=True)
class _Register:
    """What the register says of the ids and names that were met."""

    standing: dict[UUID, UUID]
    by_name: dict[str, UUID]
    names: dict[UUID, str]

    @classmethod
    def of(cls, session: Session, named: Sequence[_Named]) -> "_Register":
        keys = {name_key(one.name) for one in named if one.enterprise_id is None}
        candidates = _candidates(session, keys)
        ids = {one.enterprise_id for one in named if one.enterprise_id is not None}
        standing, names = _standing(session, ids.union(*candidates.values()))
        by_name = {}
        for key, found in candidates.items():
            stands = {standing[one] for one in found}
            if len(stands) == 1:
                by_name[key] = stands.pop()
        return cls(standing, by_name, names)

    def id_of(self, one: _Named) -> UUID | None:
        if one.enterprise_id is not None:
            return self.standing[one.enterprise_id]
        return self.by_name.get(name_key(one.name))

    def key_of(self, one: _Named) -> str:
        found = self.id_of(one)
        return f"n:{name_key(one.name)}" if found is None else f"e:{found}"

    def name_of(self, one: _Named) -> str:
        found = self.id_of(one)
        return one.name if found is None else self.names[found]


def _candidates(session: Session, keys: Collection[str]) -> dict[str, set[UUID]]:
    """Enterprises of these names, by name or alias."""
    if not keys:
        return {}
    found: defaultdict[str, set[UUID]] = defaultdict(set)
    wanted = sa.any_(sa.literal(sorted(keys), sa.ARRAY(sa.Text())))
    both = sa.union_all(
        sa.select(Enterprise.name_key.label("key"), Enterprise.id.label("id")).where(
            Enterprise.name_key == wanted
        ),
        sa.select(EnterpriseAlias.name_key, EnterpriseAlias.enterprise_id).where(
            EnterpriseAlias.name_key == wanted
        ),
    )
    for row in session.execute(both):
        found[row.key].add(row.id)
    return found


def _standing(session: Session, ids: Collection[UUID]) -> tuple[dict[UUID, UUID], dict[UUID, str]]:
    """For each id the enterprise that stands for it however often it was merged, and the names of those."""
    into: dict[UUID, UUID | None] = {}
    names: dict[UUID, str] = {}
    asked = set(ids)
    while asked:
        rows = session.execute(
            sa.select(Enterprise.id, Enterprise.name, Enterprise.merged_into_id).where(
                Enterprise.id == among(asked)
            )
        ).all()
        into |= {row.id: row.merged_into_id for row in rows}
        names |= {row.id: row.name for row in rows}
        asked = {row.merged_into_id for row in rows if row.merged_into_id is not None} - into.keys()
    return {one: _end(one, into) for one in ids}, names


def _end(one: UUID, into: dict[UUID, UUID | None]) -> UUID:
    following = into[one]
    while following is not None:
        one, following = following, into[following]
    return one


@dataclass(frozen=True, slots=True)
class Standing:
    """What an enterprise was on a day: on one of the three Top-500 lists; well-known, or an association."""

    is_top500: bool
    is_known: bool


def standings(session: Session, on_days: Collection[tuple[UUID, date]]) -> dict[tuple[UUID, date], Standing]:
    """What these enterprises were on those days, by the editions in force then."""
    if not on_days:
        return {}
    pairs = sorted(on_days)
    rows = session.execute(
        _STANDINGS,
        {
            "ids": [one for one, _ in pairs],
            "days": [day for _, day in pairs],
            "lists": list(TOP500_LISTS),
            "association": EnterpriseKind.ASSOCIATION.value,
        },
    )
    return {(row.id, row.day): Standing(row.top500, row.known) for row in rows}


TOP500_LISTS = ("fortune_global_500", "china_500", "china_private_500")

_STANDINGS: sa.TextClause = sa.text(
    """
SELECT asked.id, asked.day, (e.well_known OR e.kind = :association) AS known,
    EXISTS (
        SELECT 1
        FROM list_memberships m
        JOIN list_editions edition ON edition.id = m.edition_id
        WHERE m.confirmed_at IS NOT NULL
          AND (m.enterprise_id = e.id OR (m.group_id = e.group_id AND e.group_confirmed_at IS NOT NULL))
          AND edition.list_code = ANY (:lists) AND edition.in_force_from <= asked.day
          AND NOT EXISTS (
              SELECT 1 FROM list_editions newer
              WHERE newer.list_code = edition.list_code
                AND newer.in_force_from > edition.in_force_from AND newer.in_force_from <= asked.day
          )
    ) AS top500
FROM unnest(:ids, :days) AS asked(id, day)
JOIN enterprises e ON e.id = asked.id
"""
).bindparams(
    sa.bindparam("ids", type_=sa.ARRAY(sa.Uuid())),
    sa.bindparam("days", type_=sa.ARRAY(sa.Date())),
    sa.bindparam("lists", type_=sa.ARRAY(sa.Text())),
    sa.bindparam("association", type_=sa.Text()),
)


def by_trip(met: Iterable[Met]) -> dict[UUID, list[Met]]:
    """Whom each trip met."""
    found: dict[UUID, list[Met]] = {}
    for one in met:
        found.setdefault(one.trip_id, []).append(one)
    return found


def agreed(met: Iterable[Met]) -> int:
    """Organisations that agreed on an intention, by their visits."""
    return len({one.key for one in met if one.visit is not None and one.visit.is_agreed})
