"""How far a programme has come. Every figure is a sum over few rows, and knows the address of its records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.errors import UnknownUnit
from service.accounts.models import Unit
from service.accounts.visibility import within_scope
from service.kernel.actor import Actor
from service.kernel.calendar import Period, local_date, weeks_between
from service.kernel.clock import now
from service.programmes import queries as programmes
from service.programmes.models import Line, Programme
from service.programmes.queries import Levels
from service.progress import measures
from service.progress.late_arrivals import IN_TIME, LateWeek, late_weeks
from service.progress.ledgers import Of, Whose
from service.progress.measures import Span, shown
from service.progress.outlook import outlook
from service.progress.records_links import Behind, counted_url, late_url, pending_url, visits_url
from service.progress.views import (
    DayFigures,
    LineProgress,
    Overview,
    ProgrammeShown,
    UnitShown,
    WeekProgress,
)
from service.progress.waiting import waiting_by_day
from service.visits.known import Moment, later_tallies, moment_at
from service.visits.models import LedgerTally

LINES = (Line.THOUSAND, Line.HUNDRED)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Question:
    """Which programme (the one in force), as of which business day (today), and of which unit (the whole scope)."""

    programme_id: UUID | None = None
    as_of: date | None = None
    unit_id: UUID | None = None
    known_at: datetime | None = None
    """As it was known at that time; None is now."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A question answered as far as which programme, day and unit it is about; `unit` None is the city."""

    programme: Programme
    as_of: date
    unit: UnitShown | None
    known: Moment | None = None
    """The moment that stands for the time that is asked for; None is now."""

    @property
    def known_at(self) -> datetime | None:
        """Which moment it really is."""
        return None if self.known is None else self.known.taken_at

    @property
    def span(self) -> Span:
        """The programme's days."""
        return Span(self.programme.starts_on, self.programme.ends_on, self.programme.elapsed_by)

    @property
    def unit_id(self) -> UUID | None:
        """The unit's id; None for the city."""
        return None if self.unit is None else self.unit.id

    @property
    def shown_programme(self) -> ProgrammeShown:
        """The programme as answers name it."""
        one = self.programme
        return ProgrammeShown(one.id, one.name, one.year, one.starts_on, one.ends_on)


def settle(session: Session, actor: Actor, what: Question) -> Setting:
    """Which programme, day and unit are meant; no day is beyond today, and no unit beyond the actor's scope.

    Raises:
        UnknownProgramme, UnknownUnit: there is none such (in scope).
        NotYetKnown, NotKnown: what was known at that time cannot be told.
    """
    known = None if what.known_at is None else moment_at(session, what.known_at)
    today = local_date(now() if known is None else known.taken_at)
    as_of = min(what.as_of or today, today)
    if what.programme_id is None:
        programme = programmes.shown_on(session, as_of)
    else:
        programme = programmes.programme(session, what.programme_id)
    return Setting(programme, as_of, _unit(session, actor, what.unit_id), known)


def overview(session: Session, actor: Actor, what: Question) -> Overview:
    """The headline of both lines."""
    setting = settle(session, actor, what)
    days = days_of(session, setting)
    targets = programmes.levels_of(session, setting.programme.id, setting.unit_id)
    lines = tuple(_line(setting, line, days[line], targets.get(line, Levels())) for line in LINES)
    return Overview(setting.shown_programme, setting.as_of, setting.unit, lines, setting.known_at)


def weekly(session: Session, actor: Actor, what: Question) -> list[WeekProgress]:
    """Each week of the programme up to the one of `as_of`, cut at the programme's ends, with its zeros."""
    setting = settle(session, actor, what)
    days = days_of(session, setting)
    waiting = waiting_by_day(
        session, Of(setting.programme.id, setting.unit_id or Whose.CITY, setting.known), setting.as_of
    )
    # Which visits came late is read from the visits as they are now: of the past it cannot be told.
    late = (
        late_weeks(session, setting.span, setting.as_of, setting.unit_id) if setting.known is None else None
    )
    span = setting.span
    until = min(setting.as_of, span.last_on) + _DAY
    weeks = [week for week in weeks_between(span.starts_on, span.last_on + _DAY) if week.start_on < until]
    return [
        _week(
            setting,
            week,
            line,
            days[line],
            waiting[line],
            late=None if late is None else late.get(week.start_on, IN_TIME),
        )
        for line in LINES
        for week in weeks
    ]


def _week(
    setting: Setting,
    week: Period,
    line: Line,
    days: Sequence[DayFigures],
    waiting: Mapping[date, int],
    *,
    late: LateWeek | None,
) -> WeekProgress:
    until = min(week.end_on, setting.as_of + _DAY)
    behind = Behind(setting.programme.id, line, until, setting.unit_id, from_on=week.start_on)
    return WeekProgress(
        start_on=week.start_on,
        end_on=week.end_on,
        line=line,
        first_counted=sum(one.counted for one in days if one.day in week),
        visits=sum(one.visits for one in days if one.day in week),
        pending=sum(count for day, count in waiting.items() if day in week),
        complete=week.end_on <= setting.as_of + _DAY,
        late=None if late is None else late.visits,
        latest_at=None if late is None else late.latest_at,
        records_url=counted_url(behind),
        # Who waited in that week and counts since is not among those that wait.
        pending_url=pending_url(replace(behind, as_of=setting.as_of)),
        visits_url=visits_url(behind),
        late_url=late_url(week.start_on, until, setting.unit_id),
        known_at=setting.known_at,
    )


def days_of(session: Session, setting: Setting) -> dict[Line, list[DayFigures]]:
    """What each day up to `as_of` added, by line; days without a difference are left out."""
    rows = session.execute(_days_now(setting) if setting.known is None else _days_then(setting))
    days: dict[Line, list[DayFigures]] = {line: [] for line in LINES}
    for line, day, counted, pending, visits, visits_pending in rows:
        days[Line(line)].append(DayFigures(day, counted, pending, visits, visits_pending))
    return days


def _days_now(setting: Setting) -> sa.Select[*tuple[Any, ...]]:
    tally = LedgerTally
    return (
        sa.select(
            tally.line,
            tally.day,
            sa.func.sum(tally.counted).label("counted"),
            sa.func.sum(tally.pending).label("pending"),
            sa.func.sum(tally.visits).label("visits"),
            sa.func.sum(tally.visits_pending).label("visits_pending"),
        )
        .where(
            tally.programme_id == setting.programme.id,
            tally.unit_id.is_(None) if setting.unit_id is None else tally.unit_id == setting.unit_id,
            sa.not_(tally.monthly),
            tally.day <= setting.as_of,
        )
        .group_by(tally.line, tally.day)
        .order_by(tally.line, tally.day)
    )


def _days_then(setting: Setting) -> sa.Select[*tuple[Any, ...]]:
    """The days as they are now, less what was not known yet; days that come to nothing are left out."""
    if setting.known is None:
        return _days_now(setting)
    present, later = _days_now(setting).order_by(None).subquery("present"), later_tallies(setting.known)
    figures = ("counted", "pending", "visits", "visits_pending")
    rows = sa.union_all(
        sa.select(present.c.line, present.c.day, *(present.c[name] for name in figures)),
        sa.select(later.c.line, later.c.day, *(later.c[name] for name in figures)).where(
            later.c.programme_id == setting.programme.id,
            later.c.unit_id.is_(None) if setting.unit_id is None else later.c.unit_id == setting.unit_id,
            later.c.day <= setting.as_of,
        ),
    ).subquery("rows")
    sums = [sa.cast(sa.func.sum(rows.c[name]), sa.BigInteger) for name in figures]
    return (
        sa.select(rows.c.line, rows.c.day, *sums)
        .group_by(rows.c.line, rows.c.day)
        .having(sa.or_(*(one != 0 for one in sums)))
        .order_by(rows.c.line, rows.c.day)
    )


def _unit(session: Session, actor: Actor, wanted: UUID | None) -> UnitShown | None:
    """The unit that is asked for, else the actor's scope: None for the city and for its root unit."""
    unit_id = wanted or (None if actor.sees_every_unit else actor.unit_id)
    if unit_id is None:
        return None
    row = session.execute(
        sa.select(Unit.id, Unit.name, Unit.kind, Unit.parent_id).where(
            Unit.id == unit_id, within_scope(actor, Unit.id)
        )
    ).one_or_none()
    if row is None:
        raise UnknownUnit
    return None if row.parent_id is None else UnitShown(row.id, row.name, row.kind)


def _line(setting: Setting, line: Line, days: Sequence[DayFigures], targets: Levels) -> LineProgress:
    counted = sum(day.counted for day in days)
    working, span, as_of = targets.working, setting.span, setting.as_of
    behind = Behind(setting.programme.id, line, as_of + _DAY, setting.unit_id)
    return LineProgress(
        code=line,
        counted=counted,
        pending=sum(day.pending for day in days),
        visits=sum(day.visits for day in days),
        visits_pending=sum(day.visits_pending for day in days),
        targets=targets,
        rate=shown(measures.completion(counted, working), 4),
        elapsed=shown(measures.elapsed(span, as_of), 4) or "0",
        expected_today=shown(measures.expected_today(working, span, as_of)),
        gap=shown(measures.gap(counted, working, span, as_of)),
        behind=shown(measures.behind(counted, working, span, as_of)),
        forecast=outlook(span, as_of, days, counted, working),
        needed_per_week=shown(measures.needed_per_week(counted, working, span, as_of), 0),
        records_url=counted_url(behind),
        pending_url=pending_url(behind),
        visits_url=visits_url(behind),
    )
