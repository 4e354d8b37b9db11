"""How much of the target lists (目标企业库) is visited: by the unit that is to visit, by industry chain, by both.

It speaks of the thousand line, whose subjects are enterprises; groups have no chain.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import Unit
from service.accounts.visibility import within_scope
from service.enterprises.models import Enterprise
from service.kernel.actor import Actor
from service.programmes.models import Line, TargetList, TargetListEntry
from service.progress.comparison import figures_of_units
from service.progress.measures import shown
from service.progress.queries import Question, Setting, settle
from service.progress.records_links import Behind, counted_url, pending_url
from service.progress.views import CoverageRow, UnitShown
from service.visits.models import CityLedgerRow, UnitLedgerRow

_DAY = timedelta(days=1)
_Key = tuple[UUID | None, str | None]
_Figures = dict[_Key, tuple[int, ...]]
_NO_UNIT = {"zh": "未分派", "en": "Not assigned"}
_NO_CHAIN = {"zh": "未填产业链", "en": "No chain entered"}


class CoverageBy(StrEnum):
    """What the rows are."""

    COUNTY = "county"
    CHAIN = "chain"
    BOTH = "both"


def coverage(session: Session, actor: Actor, what: Question, by: CoverageBy) -> list[CoverageRow]:
    """One row a unit right below the city (those with nothing too), a chain, or a pair of both that has anything.

    A row without a unit is what no unit is to visit; one without a chain is enterprises whose chain nobody entered.
    """
    setting = settle(session, actor, what)
    listed = _figures(session, _listed(setting, by))
    visited = _figures(session, _visited(setting, by))
    units = {} if by is CoverageBy.CHAIN else _units(session, actor, setting)
    keys: set[_Key] = listed.keys() | visited.keys()
    if by is CoverageBy.COUNTY:
        keys |= {(unit_id, None) for unit_id in units}
    rows = [
        _row(
            _Place(setting, by, units.get(key[0]) if key[0] else None, key[1]),
            listed.get(key),
            visited.get(key),
        )
        for key in keys
        if key[0] is None or key[0] in units
    ]
    places = {unit_id: place for place, unit_id in enumerate(units)}
    rows.sort(key=lambda row: (_place(places, row), row.chain is None, row.chain or ""))
    return rows


def _place(places: dict[UUID, int], row: CoverageRow) -> int:
    return len(places) if row.unit is None else places[row.unit.id]


def _listed(setting: Setting, by: CoverageBy) -> sa.Select[*tuple[Any, ...]]:
    """Enterprises on the programme's target lists, and how many of them count or wait in the city."""
    # The unit that is to visit, seen from the city: the one right below it in the responsible unit's line.
    below_city = sa.func.coalesce(Unit.lineage[2], Unit.id)
    ledger = sa.and_(
        CityLedgerRow.programme_id == setting.programme.id,
        CityLedgerRow.line == Line.THOUSAND,
        CityLedgerRow.subject_id == Enterprise.id,
    )
    counted = sa.func.coalesce(CityLedgerRow.first_counted_on <= setting.as_of, sa.false())
    waiting = sa.func.coalesce(CityLedgerRow.first_pending_on <= setting.as_of, sa.false())
    chosen = (
        sa.select(
            (sa.null() if by is CoverageBy.CHAIN else below_city).label("unit_id"),
            (sa.null() if by is CoverageBy.COUNTY else Enterprise.chain).label("chain"),
            Enterprise.id,
            counted.label("is_counted"),
            sa.and_(waiting, sa.not_(counted)).label("waits"),
        )
        .select_from(TargetListEntry)
        .join(TargetList, TargetList.id == TargetListEntry.list_id)
        .join(Enterprise, Enterprise.id == TargetListEntry.enterprise_id)
        .outerjoin(Unit, Unit.id == TargetListEntry.unit_id)
        .outerjoin(CityLedgerRow, ledger)
        .where(TargetList.programme_id == setting.programme.id, Enterprise.merged_into_id.is_(None))
        .distinct()
    )
    if setting.unit_id is not None:
        chosen = chosen.where(Unit.lineage.contains([setting.unit_id]))
    rows = chosen.subquery("listed")
    figures = (rows.c.is_counted, rows.c.waits)
    return sa.select(
        rows.c.unit_id, rows.c.chain, sa.func.count(), *(sa.func.count().filter(one) for one in figures)
    ).group_by(rows.c.unit_id, rows.c.chain)


def _visited(setting: Setting, by: CoverageBy) -> sa.Select[*tuple[Any, ...]]:
    """Subjects that count, and those that wait: the city's own by chain, else each unit's."""
    if by is CoverageBy.COUNTY:
        return _visited_by_units(setting)
    ledger = CityLedgerRow if by is CoverageBy.CHAIN and setting.unit_id is None else UnitLedgerRow
    counted = ledger.first_counted_on <= setting.as_of
    waiting = sa.and_(ledger.first_pending_on <= setting.as_of, counted.is_not(sa.true()))
    unit_id = sa.null() if by is CoverageBy.CHAIN else UnitLedgerRow.unit_id
    figures = (
        sa.select(
            unit_id.label("unit_id"),
            Enterprise.chain,
            sa.func.count().filter(counted),
            sa.func.count().filter(waiting),
        )
        .join_from(ledger, Enterprise, Enterprise.id == ledger.subject_id)
        .where(ledger.programme_id == setting.programme.id, ledger.line == Line.THOUSAND)
        .group_by(*([Enterprise.chain] if by is CoverageBy.CHAIN else [unit_id, Enterprise.chain]))
    )
    return figures if setting.unit_id is None else figures.where(UnitLedgerRow.unit_id == setting.unit_id)


def _visited_by_units(setting: Setting) -> sa.Select[*tuple[Any, ...]]:
    figures = figures_of_units(setting)
    found = sa.select(figures.c.unit_id, sa.null(), figures.c.counted, figures.c.pending)
    return found.where(figures.c.line == Line.THOUSAND)


def _figures(session: Session, statement: sa.Select[*tuple[Any, ...]]) -> _Figures:
    rows = session.execute(statement)
    return {(unit_id, chain): tuple(figures) for unit_id, chain, *figures in rows if any(figures)}


def _units(session: Session, actor: Actor, setting: Setting) -> dict[UUID, UnitShown]:
    """The units right below the city that the actor reads, in the order of office."""
    rows = session.execute(
        sa.select(Unit.id, Unit.name, Unit.kind)
        .where(
            sa.func.cardinality(Unit.lineage) == 2,
            sa.or_(sa.literal(setting.unit_id is None), Unit.id == setting.unit_id),
            within_scope(actor, Unit.id),
            Unit.valid_from <= setting.as_of,
            sa.or_(Unit.valid_until.is_(None), Unit.valid_until > setting.programme.starts_on),
        )
        .order_by(Unit.position, Unit.name, Unit.id)
    )
    return {row.id: UnitShown(row.id, row.name, row.kind) for row in rows}


@dataclass(frozen=True, slots=True)
class _Place:
    """What a row is about."""

    setting: Setting
    by: CoverageBy
    unit: UnitShown | None
    chain: str | None

    @property
    def unassigned(self) -> bool:
        """Whether it is about what no unit is to visit."""
        return self.by is not CoverageBy.CHAIN and self.unit is None

    def label(self) -> dict[str, str]:
        """The unit's name, the chain's, or both."""
        unit = _NO_UNIT if self.unit is None else dict.fromkeys(_NO_UNIT, self.unit.name)
        chain = dict.fromkeys(_NO_CHAIN, self.chain) if self.chain else _NO_CHAIN
        if self.by is CoverageBy.COUNTY:
            return dict(unit)
        if self.by is CoverageBy.CHAIN:
            return dict(chain)
        return {language: f"{unit[language]} · {chain[language]}" for language in unit}

    def behind(self) -> Behind:
        """The records behind `counted` and `pending`."""
        return Behind(
            self.setting.programme.id,
            Line.THOUSAND,
            self.setting.as_of + _DAY,
            self.unit.id if self.unit else self.setting.unit_id,
            chain=None if self.by is CoverageBy.COUNTY else self.chain or "",
            unassigned=self.unassigned,
        )


def _row(place: _Place, listed: tuple[int, ...] | None, visited: tuple[int, ...] | None) -> CoverageRow:
    targets, targets_counted, targets_waiting = listed or (0, 0, 0)
    counted, pending = (targets_counted, targets_waiting) if place.unassigned else visited or (0, 0)
    return CoverageRow(
        unit=place.unit,
        chain=place.chain,
        label=place.label(),
        listed=targets,
        listed_counted=targets_counted,
        coverage=shown(Fraction(targets_counted, targets), 4) if targets else None,
        counted=counted,
        pending=pending,
        records_url=counted_url(place.behind()),
        pending_url=pending_url(place.behind()),
    )
