"""How much of the target lists (目标企业库) is visited: by the unit that is to visit, by industry chain, by both.

It speaks of the thousand line, whose subjects are enterprises; groups have no chain.
"""

from dataclasses import replace
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
from service.progress.records_links import counted_url
from service.progress.views import CoverageRow, UnitShown
from service.visits.models import CityLedgerRow, UnitLedgerRow

_DAY = timedelta(days=1)
_Key = tuple[UUID | None, str | None]
_Pairs = dict[_Key, tuple[int, int]]


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
    listed = _pairs(session, _listed(setting, by))
    visited = _pairs(session, _visited(setting, by))
    units = {} if by is CoverageBy.CHAIN else _units(session, actor, setting)
    keys: set[_Key] = listed.keys() | visited.keys()
    if by is CoverageBy.COUNTY:
        keys |= {(unit_id, None) for unit_id in units}
    rows = [
        _row(units.get(key[0]) if key[0] else None, key[1], listed.get(key, (0, 0)), visited.get(key, (0, 0)))
        for key in keys
        if key[0] is None or key[0] in units
    ]
    places = {unit_id: place for place, unit_id in enumerate(units)}
    rows.sort(key=lambda row: (_place(places, row), row.chain is None, row.chain or ""))
    return [replace(row, records_url=_records_url(setting, by, row)) for row in rows]


def _place(places: dict[UUID, int], row: CoverageRow) -> int:
    return len(places) if row.unit is None else places[row.unit.id]


def _listed(setting: Setting, by: CoverageBy) -> sa.Select[*tuple[Any, ...]]:
    """Enterprises on the programme's target lists, and how many of them the city has visited."""
    # The unit that is to visit, seen from the city: the one right below it in the responsible unit's line.
    below_city = sa.func.coalesce(Unit.lineage[2], Unit.id)
    counted = sa.exists().where(
        CityLedgerRow.programme_id == setting.programme.id,
        CityLedgerRow.line == Line.THOUSAND,
        CityLedgerRow.subject_id == Enterprise.id,
        CityLedgerRow.first_counted_on <= setting.as_of,
    )
    chosen = (
        sa.select(
            (sa.null() if by is CoverageBy.CHAIN else below_city).label("unit_id"),
            (sa.null() if by is CoverageBy.COUNTY else Enterprise.chain).label("chain"),
            Enterprise.id,
            counted.label("is_counted"),
        )
        .select_from(TargetListEntry)
        .join(TargetList, TargetList.id == TargetListEntry.list_id)
        .join(Enterprise, Enterprise.id == TargetListEntry.enterprise_id)
        .outerjoin(Unit, Unit.id == TargetListEntry.unit_id)
        .where(TargetList.programme_id == setting.programme.id, Enterprise.merged_into_id.is_(None))
        .distinct()
    )
    if setting.unit_id is not None:
        chosen = chosen.where(Unit.lineage.contains([setting.unit_id]))
    rows = chosen.subquery("listed")
    return sa.select(
        rows.c.unit_id, rows.c.chain, sa.func.count(), sa.func.count().filter(rows.c.is_counted)
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


def _pairs(session: Session, statement: sa.Select[*tuple[Any, ...]]) -> _Pairs:
    return {
        (unit_id, chain): (first, second)
        for unit_id, chain, first, second in session.execute(statement)
        if first or second
    }


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


def _row(
    unit: UnitShown | None, chain: str | None, listed: tuple[int, int], visited: tuple[int, int]
) -> CoverageRow:
    return CoverageRow(
        unit=unit,
        chain=chain,
        listed=listed[0],
        listed_counted=listed[1],
        coverage=shown(Fraction(listed[1], listed[0]), 4) if listed[0] else None,
        counted=visited[0],
        pending=visited[1],
        records_url=None,
    )


def _records_url(setting: Setting, by: CoverageBy, row: CoverageRow) -> str | None:
    """The records behind `counted`; a row of no unit has none, because every visit is some unit's."""
    if by is not CoverageBy.CHAIN and row.unit is None:
        return None
    unit_id = row.unit.id if row.unit else setting.unit_id
    chain = None if by is CoverageBy.COUNTY else row.chain or ""
    return counted_url(setting.programme.id, Line.THOUSAND, setting.as_of + _DAY, unit_id, chain=chain)
