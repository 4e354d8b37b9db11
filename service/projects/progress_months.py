"""What projects report month by month; what was told before stays, so that any moment can be asked for.

::

    told at t1 ── replaced at t2        number 1        known at every moment from t1 on, before t2
    told at t2 ── holds                 number 2        known since

A version is told while a lock is held that whoever asks for a moment waits for, and has its time from within: so no
version that comes later bears a time at or before a moment that was answered.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import User
from service.accounts.visibility import within_scope
from service.audit import commands as audit
from service.kernel.actor import Actor
from service.kernel.calendar import local_date, month
from service.kernel.clock import now
from service.kernel.db import among
from service.kernel.errors import fault
from service.projects.commands import found, require_office
from service.projects.errors import UnknownProject
from service.projects.models import Project, ProjectMonth

_KNOWN = 5_190_221_030
"""Shared by who tells a month, alone for who asks what was known at a moment."""
FIRST_MONTH = date(2000, 1, 1)
Place = tuple[UUID, date]
"""A project and the first day of a month."""


@dataclass(frozen=True, slots=True)
class MonthTold:
    """What is reported of one month; amounts are of that month alone, in 万元. All None takes the month back."""

    completed_investment_wan: Decimal | None = None
    funds_in_place_wan: Decimal | None = None
    visible_progress: str | None = None
    problem: str | None = None
    not_started_because: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is told."""
        return all(value is None for value in asdict(self).values())


FACTS = tuple(one.name for one in fields(MonthTold))


@dataclass(frozen=True, slots=True)
class MonthRow:
    """A month as it was told once, with the sums of all months up to it; `replaced_at` None is what holds."""

    month: date
    number: int
    told: MonthTold
    completed_to_date_wan: Decimal
    funds_to_date_wan: Decimal
    set_at: datetime
    set_by_name: str | None
    replaced_at: datetime | None


def put_month(session: Session, actor: Actor, project_id: UUID, on: date, told: MonthTold) -> None:
    """Tell a month of a project, the one with the day `on`; told again as it stands it changes nothing.

    Raises:
        Forbidden: the actor only reads.
        UnknownProject: it is of another unit, or not there.
        Invalid: the month has not come yet, or lies before 2000.
    """
    put_months(session, actor, {(project_id, month(on).start_on): told})


def put_months(session: Session, actor: Actor, what: Mapping[Place, MonthTold]) -> None:
    """Tell many months as `put_month` tells one: in as many statements as versions are added, and a few."""
    for _project_id, of in what:
        refuse_month_to_come(of)
    claim_projects(session, actor, {project_id for project_id, _of in what})
    held = _held(session, what)
    changed = {
        place: told
        for place, told in what.items()
        if told != (_told(held[place]) if place in held else MonthTold())
    }
    at = now()
    for place in changed.keys() & held.keys():
        held[place].replaced_at = at
    # One holds at a time: those that were replaced have to be written first.
    session.flush()
    for (project_id, of), told in changed.items():
        before = held.get((project_id, of))
        number = before.number + 1 if before is not None else 1
        session.add(
            ProjectMonth(
                project_id=project_id,
                month=of,
                number=number,
                set_by=actor.user_id,
                set_at=at,
                **asdict(told),
            )
        )
        amounts = {name: getattr(told, name) for name in FACTS if name.endswith("_wan")}
        audit.record(
            session, actor, "project.month", "project", project_id, month=of, version=number, **amounts
        )
    session.flush()


def refuse_month_to_come(of: date) -> None:
    """Refuse a month that has not begun, or that lies before any project."""
    if not FIRST_MONTH <= of <= month(local_date(now())).start_on:
        raise fault("/month", "应为2000年1月至本月", "must lie between January 2000 and this month")


def held_months(session: Session, places: Collection[Place]) -> dict[Place, MonthTold]:
    """What holds of these months, where anything does."""
    return {place: _told(row) for place, row in _held(session, places).items()}


def months(
    session: Session, actor: Actor, project_id: UUID, known_at: datetime | None = None
) -> list[MonthRow]:
    """The months of a project in scope, the newest first, as they stand or as they were known at a moment.

    Raises:
        UnknownProject: it is of another unit, or not there.
        Invalid: the moment has not come yet.
    """
    _require_seen(session, actor, project_id)
    holds = ProjectMonth.replaced_at.is_(None) if known_at is None else _known(session, known_at)
    rows = session.execute(
        _rows(project_id).where(holds, sa.or_(*(getattr(ProjectMonth, name).is_not(None) for name in FACTS)))
    ).all()
    return _with_sums(rows)[::-1]


def month_versions(session: Session, actor: Actor, project_id: UUID, on: date) -> list[MonthRow]:
    """Everything that was ever told of one month, the newest first; the sums are of its own figures only.

    Raises:
        UnknownProject: it is of another unit, or not there.
    """
    _require_seen(session, actor, project_id)
    rows = session.execute(_rows(project_id).where(ProjectMonth.month == month(on).start_on)).all()
    return [_with_sums([row])[0] for row in reversed(rows)]


def _known(session: Session, at: datetime) -> sa.ColumnElement[bool]:
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(_KNOWN)))
    if at > now():
        raise fault("/known_at", "时刻尚未到来", "This moment has not come yet")
    return sa.and_(
        ProjectMonth.set_at <= at, sa.or_(ProjectMonth.replaced_at.is_(None), ProjectMonth.replaced_at > at)
    )


def claim_projects(session: Session, actor: Actor, project_ids: Collection[UUID]) -> None:
    """Let nobody else tell months of these projects; locked in the order of their ids, so that two offices wait.

    Raises:
        Forbidden: the actor only reads.
        UnknownProject: one is of another unit, or not there.
    """
    session.execute(sa.select(sa.func.pg_advisory_xact_lock_shared(_KNOWN)))
    require_office(actor)
    seen = sa.select(Project.id).where(Project.id == among(project_ids), within_scope(actor, Project.unit_id))
    claimed = session.scalars(seen.order_by(Project.id).with_for_update()).all()
    if len(claimed) != len(project_ids):
        raise UnknownProject


def _held(session: Session, places: Collection[Place]) -> dict[Place, ProjectMonth]:
    rows = session.scalars(
        sa.select(ProjectMonth).where(
            ProjectMonth.project_id == among({project_id for project_id, _of in places}),
            ProjectMonth.month.in_({of for _project_id, of in places}),
            ProjectMonth.replaced_at.is_(None),
        )
    )
    return {(row.project_id, row.month): row for row in rows}


def _require_seen(session: Session, actor: Actor, project_id: UUID) -> None:
    seen = sa.select(Project.id).where(Project.id == project_id, within_scope(actor, Project.unit_id))
    found(session.scalar(seen), UnknownProject)


def _rows(project_id: UUID) -> sa.Select[ProjectMonth, str]:
    return (
        sa.select(ProjectMonth, User.name)
        .outerjoin(User, User.id == ProjectMonth.set_by)
        .where(ProjectMonth.project_id == project_id)
        .order_by(ProjectMonth.month, ProjectMonth.number)
    )


def _told(row: ProjectMonth) -> MonthTold:
    return MonthTold(**{name: getattr(row, name) for name in FACTS})


def _with_sums(rows: Sequence[sa.Row[ProjectMonth, str]]) -> list[MonthRow]:
    shown: list[MonthRow] = []
    completed = funds = Decimal(0)
    for row, name in rows:
        completed += row.completed_investment_wan or 0
        funds += row.funds_in_place_wan or 0
        shown.append(
            MonthRow(row.month, row.number, _told(row), completed, funds, row.set_at, name, row.replaced_at)
        )
    return shown
