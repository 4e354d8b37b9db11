"""到岗: sites day by day, the longest unsigned first; sites are shown, and nobody is ranked.

A day counts as signed when a check-in that stands was made at the site, by whomever and of whatever unit.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import Unit, User
from service.accounts.visibility import units_below, within_scope
from service.checkins.attendance_rules import (
    DayState,
    Expectation,
    Stay,
    days_between,
    expected_days,
    state_of,
    unsigned_run,
)
from service.checkins.models import Checkin, stands
from service.kernel.actor import Actor
from service.kernel.calendar import WorkingDays, is_working_day, local_date, month, start_of
from service.kernel.clock import now
from service.kernel.db import among
from service.kernel.named import Named
from service.kernel.pages import PageRequest, part_of
from service.projects.models import Assignment, Duty, Project, Site, Station

STATEMENTS = 6
"""How many statements the table takes, however many sites and days it has."""
STATIONED_BY = (Duty.SITE_COMMISSIONER, Duty.STATIONED)
"""Duties that are done at the site; a sponsor and a service officer come when they are needed."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AttendanceQuestion:
    """Days from `from_on` up to, and without, `until_on`; a unit with all below it."""

    from_on: date
    until_on: date
    unit_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A day, whether people work on it, and whether its year's holidays are published."""

    on: date
    working: bool
    certain: bool


@dataclass(frozen=True, slots=True)
class SiteDay:
    """A site on a day, with the check-ins that stand."""

    on: date
    state: DayState
    checkins: int


@dataclass(frozen=True, slots=True)
class PersonOnDuty:
    """Somebody who is to be there on the last day asked for."""

    id: UUID
    name: str
    duty: Duty


@dataclass(frozen=True, slots=True)
class SiteAttendance:
    """One site. `signed_days` and `expected_days` are of the span, those of the month of its last day beside."""

    site: Named
    unit: Named
    project: Named | None
    people: tuple[PersonOnDuty, ...]
    days: tuple[SiteDay, ...]
    signed_days: int
    expected_days: int
    month_signed_days: int
    month_expected_days: int
    unsigned_in_a_row: int
    last_signed_on: date | None
    records_url: str
    month_records_url: str


@dataclass(frozen=True, slots=True)
class OnLastDay:
    """All sites asked for on the last day that has begun: each expected one has signed, or has not."""

    sites: int
    expected: int
    signed: int
    unsigned: int


@dataclass(frozen=True, slots=True)
class Attendance:
    """A page of sites over the days asked for, and the figures of all of them on the last day."""

    from_on: date
    until_on: date
    as_of: date
    """The last day that has begun: what follows is not known yet."""
    calendar: tuple[CalendarDay, ...]
    on_last_day: OnLastDay
    items: Sequence[SiteAttendance]
    next_cursor: str | None


class _Known(NamedTuple):
    """The last day asked for that has begun, and today, which is not over."""

    as_of: date
    today: date


@dataclass(frozen=True, slots=True)
class _Site:
    row: sa.Row[*tuple[Any, ...]]
    expected: Expectation
    signed: Mapping[date, int]
    last_signed_on: date | None
    unsigned_in_a_row: int


def attendance(session: Session, actor: Actor, what: AttendanceQuestion, page: PageRequest) -> Attendance:
    """The sites of the scope that were open on these days, those unsigned for longest first, zeros too."""
    today = local_date(now())
    known = _Known(min(what.until_on - _DAY, today), today)
    as_of = known.as_of
    found = _sites(session, actor, what, known)
    shown = part_of(found, page, key=lambda one: (str(one.row.Site.id),))
    duties = _on_duty(session, [one.row.Site.id for one in shown.items], as_of)
    return Attendance(
        from_on=what.from_on,
        until_on=what.until_on,
        as_of=as_of,
        calendar=tuple(_calendar_day(on) for on in days_between(what.from_on, what.until_on)),
        on_last_day=_on_last_day(found, as_of),
        items=[_shown(one, what, known, duties.get(one.row.Site.id, ())) for one in shown.items],
        next_cursor=shown.next_cursor,
    )


def _sites(session: Session, actor: Actor, what: AttendanceQuestion, known: _Known) -> list[_Site]:
    rows = session.execute(_open_between(actor, what)).all()
    ids = [row.Site.id for row in rows]
    staffed = _staffed(session, ids)
    signed = _signed(session, ids, min(what.from_on, month(known.as_of).start_on), what.until_on)
    last = _last_signed(session, ids, known.as_of)
    found = []
    for row in rows:
        expected = Expectation(_open(row.Site), staffed.get(row.Site.id, ()))
        last_on = last.get(row.Site.id)
        run = unsigned_run(expected, last_on, as_of=known.as_of, today=known.today, is_working=_works)
        found.append(_Site(row, expected, signed.get(row.Site.id, {}), last_on, run))
    # The database has them by unit and name, and the sort keeps that where runs are equal.
    return sorted(found, key=lambda one: -one.unsigned_in_a_row)


def _open(site: Site) -> Stay:
    closed_at = site.closed_at
    return Stay(local_date(site.created_at), None if closed_at is None else local_date(closed_at))


def _shown(
    one: _Site, what: AttendanceQuestion, known: _Known, people: Sequence[PersonOnDuty]
) -> SiteAttendance:
    row, of_month, after = one.row, month(known.as_of), known.as_of + _DAY
    url = f"/api/hq/v1/checkins?site={row.Site.id}&standing=true"
    return SiteAttendance(
        site=Named(row.Site.id, row.Site.name),
        unit=Named(row.Site.unit_id, row.unit_name),
        project=None if row.Site.project_id is None else Named(row.Site.project_id, row.project_name),
        people=tuple(people),
        days=tuple(_day(one, on, known.today) for on in days_between(what.from_on, what.until_on)),
        signed_days=_signed_days(one, what.from_on, what.until_on),
        expected_days=expected_days(one.expected, what.from_on, after, is_working=_works),
        month_signed_days=_signed_days(one, of_month.start_on, after),
        month_expected_days=expected_days(one.expected, of_month.start_on, after, is_working=_works),
        unsigned_in_a_row=one.unsigned_in_a_row,
        last_signed_on=one.last_signed_on,
        records_url=f"{url}&from={what.from_on}&to={what.until_on}",
        month_records_url=f"{url}&from={of_month.start_on}&to={after}",
    )


def _day(one: _Site, on: date, today: date) -> SiteDay:
    count = one.signed.get(on, 0)
    state = state_of(on, one.expected, signed=count > 0, today=today, is_working=_works)
    return SiteDay(on, state, count)


def _signed_days(one: _Site, from_on: date, until_on: date) -> int:
    return sum(from_on <= on < until_on for on in one.signed)


def _on_last_day(found: Sequence[_Site], as_of: date) -> OnLastDay:
    works = _works(as_of)
    expected = [one for one in found if works and one.expected.covers(as_of)]
    signed = sum(as_of in one.signed for one in expected)
    return OnLastDay(len(found), len(expected), signed, len(expected) - signed)


def _open_between(actor: Actor, what: AttendanceQuestion) -> sa.Select[*tuple[Any, ...]]:
    columns: sa.Select[*tuple[Any, ...]] = sa.select(
        Site, Unit.name.label("unit_name"), Project.name.label("project_name")
    )
    found = (
        columns.join(Unit, Unit.id == Site.unit_id)
        .outerjoin(Project, Project.id == Site.project_id)
        .where(
            within_scope(actor, Site.unit_id),
            Site.created_at < start_of(what.until_on),
            sa.or_(Site.closed_at.is_(None), Site.closed_at >= start_of(what.from_on)),
        )
        .order_by(Unit.position, Unit.name, Site.name, Site.id)
    )
    if what.unit_id is not None:
        found = found.where(Site.unit_id.in_(units_below(what.unit_id)))
    return found


def _staffed(session: Session, site_ids: Collection[UUID]) -> dict[UUID, list[Stay]]:
    """When somebody was assigned to be at each site, or a station stood there."""
    found: defaultdict[UUID, list[Stay]] = defaultdict(list)
    assigned = sa.select(Assignment.site_id, Assignment.from_on, Assignment.until_on).where(
        Assignment.site_id == among(site_ids), Assignment.duty.in_(STATIONED_BY)
    )
    for site_id, from_on, until_on in session.execute(assigned):
        found[site_id].append(Stay(from_on, until_on))
    standing = sa.select(Station.site_id, Station.created_at, Station.closed_at).where(
        Station.site_id == among(site_ids)
    )
    for site_id, created_at, closed_at in session.execute(standing):
        until_on = None if closed_at is None else local_date(closed_at)
        found[site_id].append(Stay(local_date(created_at), until_on))
    return dict(found)


def _signed(
    session: Session, site_ids: Collection[UUID], from_on: date, until_on: date
) -> dict[UUID, dict[date, int]]:
    """How many check-ins of each day stand."""
    counted = (
        sa.select(Checkin.site_id, Checkin.on_day, sa.func.count())
        .where(
            Checkin.site_id == among(site_ids),
            Checkin.at >= start_of(from_on),
            Checkin.at < start_of(until_on),
            stands(),
        )
        .group_by(Checkin.site_id, Checkin.on_day)
    )
    found: defaultdict[UUID, dict[date, int]] = defaultdict(dict)
    for site_id, on, count in session.execute(counted):
        found[site_id][on] = count
    return dict(found)


def _last_signed(session: Session, site_ids: Collection[UUID], as_of: date) -> dict[UUID, date]:
    """The last day on which a check-in stands, looked up at the end of each site's index."""
    latest = (
        sa.select(Checkin.on_day)
        .where(Checkin.site_id == Site.id, Checkin.at < start_of(as_of + _DAY), stands())
        .order_by(Checkin.at.desc())
        .limit(1)
        .lateral("latest")
    )
    asked = sa.select(Site.id, latest.c.on_day).join(latest, sa.true()).where(Site.id == among(site_ids))
    return {row.id: row.on_day for row in session.execute(asked)}


def _on_duty(session: Session, site_ids: Collection[UUID], as_of: date) -> dict[UUID, list[PersonOnDuty]]:
    on_duty = (
        sa.select(Assignment.site_id, User.id, User.name, Assignment.duty)
        .join(User, User.id == Assignment.user_id)
        .where(
            Assignment.site_id == among(site_ids),
            Assignment.duty.in_(STATIONED_BY),
            Assignment.from_on <= as_of,
            sa.or_(Assignment.until_on.is_(None), Assignment.until_on > as_of),
        )
        .order_by(Assignment.site_id, User.name, User.id)
    )
    found: defaultdict[UUID, list[PersonOnDuty]] = defaultdict(list)
    for site_id, person_id, name, duty in session.execute(on_duty):
        found[site_id].append(PersonOnDuty(person_id, name, duty))
    return dict(found)


def _calendar_day(on: date) -> CalendarDay:
    answer = _working(on)
    return CalendarDay(on, bool(answer.count), answer.certain)


def _works(on: date) -> bool:
    return bool(_working(on).count)


@lru_cache(maxsize=4096)
def _working(on: date) -> WorkingDays:
    """The calendar comes with the house: what it says of a day does not change while this process lives."""
    return is_working_day(on)
