"""Units side by side, those with nothing included, ranked among those they are compared with. Never persons."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import Unit
from service.accounts.visibility import within_scope
from service.kernel.actor import Actor
from service.programmes.models import Line, Target, TargetLevel
from service.programmes.queries import Levels
from service.progress import measures
from service.progress.measures import shown
from service.progress.queries import LINES, Question, Setting, settle
from service.progress.records_links import Behind, counted_url, pending_url, visits_url
from service.progress.views import UnitProgress, UnitShown
from service.visits.known import later_tallies
from service.visits.models import LedgerTally

_DAY = timedelta(days=1)


def units(session: Session, actor: Actor, what: Question) -> list[UnitProgress]:
    """The units right below the city (or below the unit that is asked for), in the order of office, line by line.

    The city's own unit is listed once it has visits of its own. Ranks run within a comparison group and line by
    completion rate; equal rates share a rank, and who has no target has none.
    """
    setting = settle(session, actor, what)
    rows = session.execute(_statement(actor, setting))
    return [_row(setting, row) for row in rows]


def _statement(actor: Actor, setting: Setting) -> sa.Select[*tuple[Any, ...]]:
    figures, targets = figures_of_units(setting), _targets(setting)
    # A list of values would be written out as SQL anew each time.
    lines = sa.union_all(
        *(
            sa.select(sa.literal(line.value).label("line"), sa.literal(place).label("place"))
            for place, line in enumerate(LINES)
        )
    ).subquery("lines")
    counted = sa.func.coalesce(figures.c.counted, 0)
    working = targets.c.working
    rate = sa.cast(counted, sa.Numeric) / sa.func.nullif(working, 0)
    group = (Unit.comparison_group, lines.c.line)
    rank = sa.case(
        (
            rate.is_not(None) & Unit.comparison_group.is_not(None),
            sa.func.rank().over(partition_by=(*group, rate.is_(None)), order_by=rate.desc()),
        )
    )
    return (
        sa.select(
            Unit.id,
            Unit.name,
            Unit.kind,
            Unit.comparison_group,
            lines.c.line,
            targets.c.baseline,
            working,
            targets.c.striving,
            counted.label("counted"),
            sa.func.coalesce(figures.c.pending, 0).label("pending"),
            sa.func.coalesce(figures.c.visits, 0).label("visits"),
            rank.label("rank"),
        )
        .select_from(Unit)
        .join(lines, sa.true())
        .outerjoin(figures, sa.and_(figures.c.unit_id == Unit.id, figures.c.line == lines.c.line))
        .outerjoin(targets, sa.and_(targets.c.unit_id == Unit.id, targets.c.line == lines.c.line))
        .where(_listed(setting, figures), within_scope(actor, Unit.id))
        .order_by(Unit.parent_id.is_not(None), Unit.position, Unit.name, Unit.id, lines.c.place)
    )


def figures_of_units(setting: Setting) -> sa.Subquery:
    """Counted and waiting subjects and counted visits of each unit that has any, by line, as of the setting's day."""
    tally = LedgerTally
    month_start = setting.as_of.replace(day=1)

    def read(*which: sa.ColumnExpressionArgument[bool]) -> sa.Select[*tuple[Any, ...]]:
        # Every column of the index is named, so that it is read from day to day and the table not at all.
        return sa.select(tally.unit_id, tally.line, tally.counted, tally.pending, tally.visits).where(
            tally.programme_id == setting.programme.id,
            tally.line.in_(LINES),
            tally.unit_id.is_not(None),
            *which,
        )

    parts = [
        read(tally.monthly, tally.day < month_start),
        read(sa.not_(tally.monthly), tally.day >= month_start, tally.day <= setting.as_of),
    ]
    if setting.known is not None:
        later = later_tallies(setting.known)
        parts.append(
            sa.select(later.c.unit_id, later.c.line, later.c.counted, later.c.pending, later.c.visits).where(
                later.c.programme_id == setting.programme.id,
                later.c.line.in_(LINES),
                later.c.unit_id.is_not(None),
                later.c.day <= setting.as_of,
            )
        )
    rows = sa.union_all(*parts).subquery("rows")
    sums = [
        sa.cast(sa.func.sum(rows.c[name]), sa.BigInteger).label(name)
        for name in ("counted", "pending", "visits")
    ]
    return (
        sa.select(rows.c.unit_id, rows.c.line, *sums)
        .group_by(rows.c.unit_id, rows.c.line)
        .subquery("figures")
    )


def _targets(setting: Setting) -> sa.Subquery:
    def level(wanted: TargetLevel) -> sa.Label[Any]:
        return sa.func.max(Target.subjects).filter(Target.level == wanted).label(wanted.value)

    return (
        sa.select(Target.unit_id, Target.line, *(level(one) for one in TargetLevel))
        .where(Target.programme_id == setting.programme.id, Target.unit_id.is_not(None))
        .group_by(Target.unit_id, Target.line)
        .subquery("unit_targets")
    )


def _listed(setting: Setting, figures: sa.Subquery) -> sa.ColumnElement[bool]:
    """Units that existed during the programme, and the one above them; the city only where it has visits itself."""
    top = sa.select(Unit.id).where(Unit.parent_id.is_(None))
    parent = top.scalar_subquery() if setting.unit_id is None else sa.literal(setting.unit_id, sa.Uuid())
    existed = sa.and_(
        Unit.valid_from <= setting.as_of,
        sa.or_(Unit.valid_until.is_(None), Unit.valid_until > setting.programme.starts_on),
    )
    below = sa.and_(Unit.parent_id == parent, existed)
    above = Unit.id == parent
    if setting.unit_id is None:
        above = sa.and_(above, figures.c.unit_id.is_not(None))
    return sa.or_(below, above)


def _row(setting: Setting, row: sa.Row[*tuple[Any, ...]]) -> UnitProgress:
    line = Line(row.line)
    unit_id: UUID = row.id
    behind = Behind(setting.programme.id, line, setting.as_of + _DAY, unit_id)
    return UnitProgress(
        unit=UnitShown(unit_id, row.name, row.kind),
        group=row.comparison_group,
        line=line,
        targets=Levels(row.baseline, row.working, row.striving),
        counted=row.counted,
        pending=row.pending,
        visits=row.visits,
        rate=shown(measures.completion(row.counted, row.working), 4),
        gap=shown(measures.gap(row.counted, row.working, setting.span, setting.as_of)),
        rank=row.rank,
        records_url=counted_url(behind),
        pending_url=pending_url(behind),
        visits_url=visits_url(behind),
        known_at=setting.known_at,
    )
