"""How much of the target lists (目标企业库) is visited: by the unit that is to visit, by industry chain, by both.

It speaks of the thousand line, whose subjects are enterprises; groups have no chain.
"""

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
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
from service.progress.ledgers import Of, Whose, ledger
from service.progress.measures import shown
from service.progress.queries import Question, Setting, settle
from service.progress.records_links import Behind, first_urls
from service.progress.views import CoverageRow, UnitShown
from service.visits.models import CityLedgerRow, UnitLedgerRow
from service.visits.tally_models import CITY, ChainDifference, ChainMove, ChainSpan, ChainTally

_DAY = timedelta(days=1)
_Figures = dict[UUID | None, dict[str | None, tuple[int, ...]]]
"""By unit, then by chain."""
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
    With `known_at` the visits are those that were known then; lists, units and chains are those of now.
    """
    setting = settle(session, actor, what)
    listed = _figures(session, _listed(setting, by))
    visited = _figures(session, _visited(setting, by))
    units = {} if by is CoverageBy.CHAIN else _units(session, actor, setting)
    of_row = _rows_of(setting, by)
    found = []
    # In the order of office, and what no unit is to visit at the end.
    for unit_id, unit in (*units.items(), (None, None)):
        targets, reached = listed.get(unit_id, {}), visited.get(unit_id, {})
        chains = targets.keys() | reached.keys()
        if by is CoverageBy.COUNTY and unit is not None:
            chains |= {None}
        for chain in sorted(chains, key=lambda one: (one is None, one or "")):
            found.append(of_row(unit, chain, targets.get(chain), reached.get(chain)))  # noqa: PERF401 two loops in one
    return found


def _listed(setting: Setting, by: CoverageBy) -> sa.Select[*tuple[Any, ...]]:
    """Enterprises on the programme's target lists, and how many of them count or wait in the city."""
    # The unit that is to visit, seen from the city: the one right below it in the responsible unit's line.
    below_city = sa.func.coalesce(Unit.lineage[2], Unit.id)
    city = ledger(Of(setting.programme.id, Whose.CITY, setting.known))
    of_enterprise = sa.and_(city.c.line == Line.THOUSAND, city.c.subject_id == Enterprise.id)
    counted = sa.func.coalesce(city.c.first_counted_on <= setting.as_of, sa.false())
    waiting = sa.func.coalesce(city.c.first_pending_on <= setting.as_of, sa.false())
    chosen = (
        sa.select(
            (sa.null() if by is CoverageBy.CHAIN else below_city).label("unit_id"),
            (sa.null() if by is CoverageBy.COUNTY else sa.func.nullif(Enterprise.chain, "")).label("chain"),
            Enterprise.id,
            counted.label("is_counted"),
            sa.and_(waiting, sa.not_(counted)).label("waits"),
        )
        .select_from(TargetListEntry)
        .join(TargetList, TargetList.id == TargetListEntry.list_id)
        .join(Enterprise, Enterprise.id == TargetListEntry.enterprise_id)
        .outerjoin(Unit, Unit.id == TargetListEntry.unit_id)
        .outerjoin(city, of_enterprise)
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
    if setting.known is not None:
        return _visited_then(setting, by)
    rows = sa.union_all(*_sums(setting, by), *_moving(setting, by)).subquery("rows")
    unit_id = sa.null() if by is CoverageBy.CHAIN else rows.c.unit_id
    figures = [sa.cast(sa.func.sum(rows.c[name]), sa.BigInteger) for name in ("counted", "pending")]
    return sa.select(unit_id.label("unit_id"), sa.func.nullif(rows.c.chain, ""), *figures).group_by(
        rows.c.chain, *([] if by is CoverageBy.CHAIN else [rows.c.unit_id])
    )


def _visited_then(setting: Setting, by: CoverageBy) -> sa.Select[*tuple[Any, ...]]:
    """The same as it was known at a moment, from the ledgers themselves."""
    every = Whose.CITY if by is CoverageBy.CHAIN else Whose.EVERY_UNIT
    rows = ledger(Of(setting.programme.id, setting.unit_id or every, setting.known))
    counted = sa.func.coalesce(rows.c.first_counted_on <= setting.as_of, sa.false())
    waits = sa.and_(rows.c.first_pending_on <= setting.as_of, sa.not_(counted))
    unit_id = sa.null() if by is CoverageBy.CHAIN else rows.c.unit_id
    chain = sa.func.nullif(Enterprise.chain, "")
    return (
        sa.select(unit_id.label("unit_id"), chain, *(sa.func.count().filter(one) for one in (counted, waits)))
        .select_from(rows)
        .join(Enterprise, Enterprise.id == rows.c.subject_id)
        .where(rows.c.line == Line.THOUSAND)
        .group_by(chain, *([] if by is CoverageBy.CHAIN else [rows.c.unit_id]))
    )


def _sums(setting: Setting, by: CoverageBy) -> list[sa.Select[*tuple[Any, ...]]]:
    """The sums of all days less those of the days after `as_of`: of few rows, because little comes after today."""
    tally, added = ChainTally, ChainDifference
    month = setting.as_of.replace(day=1)
    next_month = (month + 31 * _DAY).replace(day=1)

    def read(sign: int, table: Any, *which: sa.ColumnElement[bool]) -> sa.Select[*tuple[Any, ...]]:
        figures = ((sign * table.counted).label("counted"), (sign * table.pending).label("pending"))
        return sa.select(table.unit_id, table.chain, *figures).where(
            table.programme_id == setting.programme.id, _whose(table.unit_id, setting, by), *which
        )

    return [
        read(1, tally, tally.span == ChainSpan.ALL),
        read(-1, tally, tally.span == ChainSpan.MONTH, tally.day >= next_month),
        read(-1, tally, tally.span == ChainSpan.DAY, tally.day > setting.as_of, tally.day < next_month),
        read(1, added, added.day <= setting.as_of),
    ]


def _moving(setting: Setting, by: CoverageBy) -> list[sa.Select[*tuple[Any, ...]]]:
    """Enterprises that the sums still know by the chain they had: they go from there to the one they have."""
    of_city = by is CoverageBy.CHAIN and setting.unit_id is None
    table = CityLedgerRow if of_city else UnitLedgerRow
    unit_id = sa.literal(CITY, sa.Uuid()) if of_city else UnitLedgerRow.unit_id
    counted = sa.func.coalesce(table.first_counted_on <= setting.as_of, sa.false())
    waiting = sa.func.coalesce(table.first_pending_on <= setting.as_of, sa.false())
    held = (
        sa.select(unit_id.label("unit_id"), counted.label("is_counted"), waiting.label("waits"))
        .where(
            table.programme_id == setting.programme.id,
            table.line == Line.THOUSAND,
            table.subject_id == ChainMove.enterprise_id,
            sa.true() if of_city else _whose(UnitLedgerRow.unit_id, setting, by),
        )
        # Few enterprises move, usually none: each is looked up, however many rows the ledger has.
        .offset(sa.literal_column("0"))
        .lateral("held")
    )
    pending = sa.and_(held.c.waits, sa.not_(held.c.is_counted))

    def move(sign: int, chain: sa.ColumnElement[str]) -> sa.Select[*tuple[Any, ...]]:
        return (
            sa.select(
                held.c.unit_id,
                chain.label("chain"),
                (sign * sa.cast(held.c.is_counted, sa.Integer)).label("counted"),
                (sign * sa.cast(pending, sa.Integer)).label("pending"),
            )
            .select_from(ChainMove)
            .join(Enterprise, Enterprise.id == ChainMove.enterprise_id)
            .join(held, sa.true())
        )

    return [move(-1, ChainMove.tallied.expression), move(1, sa.func.coalesce(Enterprise.chain, ""))]


def _whose(unit_id: Any, setting: Setting, by: CoverageBy) -> sa.ColumnElement[bool]:
    """The rows of the unit that is asked for, of every unit, or of the city."""
    if setting.unit_id is not None:
        return sa.and_(unit_id == setting.unit_id)
    return sa.and_(unit_id == CITY if by is CoverageBy.CHAIN else unit_id != CITY)


def _visited_by_units(setting: Setting) -> sa.Select[*tuple[Any, ...]]:
    figures = figures_of_units(setting)
    found = sa.select(figures.c.unit_id, sa.null(), figures.c.counted, figures.c.pending)
    return found.where(figures.c.line == Line.THOUSAND)


def _figures(session: Session, statement: sa.Select[*tuple[Any, ...]]) -> _Figures:
    found: _Figures = {}
    for unit_id, chain, *figures in session.execute(statement):
        if any(figures):
            found.setdefault(unit_id, {})[chain] = tuple(figures)
    return found


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


def _rows_of(setting: Setting, by: CoverageBy) -> Callable[..., CoverageRow]:
    """What makes a row of a unit and a chain, its listed and its visited figures: there are thousands of them."""
    urls = first_urls(Behind(setting.programme.id, Line.THOUSAND, setting.as_of + _DAY))

    def row(
        unit: UnitShown | None,
        chain: str | None,
        listed: tuple[int, ...] | None,
        visited: tuple[int, ...] | None,
    ) -> CoverageRow:
        unassigned = by is not CoverageBy.CHAIN and unit is None
        targets, targets_counted, targets_waiting = listed or (0, 0, 0)
        counted, pending = (targets_counted, targets_waiting) if unassigned else visited or (0, 0)
        asked = None if by is CoverageBy.COUNTY else chain or ""
        records_url, pending_url = urls(unit.id if unit else setting.unit_id, asked, unassigned)
        return CoverageRow(
            unit=unit,
            chain=chain,
            label=_label(by, unit, chain),
            listed=targets,
            listed_counted=targets_counted,
            coverage=_share(targets_counted, targets),
            counted=counted,
            pending=pending,
            records_url=records_url,
            pending_url=pending_url,
            known_at=setting.known_at,
        )

    return row


def _label(by: CoverageBy, unit: UnitShown | None, chain: str | None) -> dict[str, str]:
    """The unit's name, the chain's, or both."""
    of_unit = _NO_UNIT if unit is None else dict.fromkeys(_NO_UNIT, unit.name)
    of_chain = dict.fromkeys(_NO_CHAIN, chain) if chain else _NO_CHAIN
    if by is CoverageBy.COUNTY:
        return of_unit
    if by is CoverageBy.CHAIN:
        return of_chain
    return {language: f"{name} · {of_chain[language]}" for language, name in of_unit.items()}


@lru_cache(maxsize=10_000)
def _share(counted: int, targets: int) -> str | None:
    """The visited share; most of a few thousand rows have one of a few."""
    return shown(Fraction(counted, targets), 4) if targets else None
