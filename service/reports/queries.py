"""Reads of reports: the list, one with its text filled in, and what has changed since the issue before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.queries import people_named
from service.kernel.pages import Page, PageRequest, day_and_id, page_of
from service.reports.errors import UnknownFigure, UnknownReport
from service.reports.models import Report, ReportKind, ReportState

ISSUED = (ReportState.SIGNED, ReportState.SUPERSEDED)


@dataclass(frozen=True, slots=True)
class ReportFilter:
    """Which reports to list; None is all."""

    kind: ReportKind | None = None
    state: ReportState | None = None
    programme_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ReportLine:
    """A report in a list; `end_on` is the day after the period's last."""

    id: UUID
    kind: ReportKind
    state: ReportState
    title: str
    reference: str | None
    start_on: date
    end_on: date
    as_of: date
    known_at: datetime
    event_id: UUID | None
    corrects_id: UUID | None
    rev: int
    signed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Change:
    """A fact that reads otherwise than in the issue before; None where one of them has it not."""

    name: str
    before: str | None
    now: str | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What has changed since the issue before; `reference` None says there is none."""

    against: UUID | None
    reference: str | None
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class RowBehind:
    """A row that a figure counts: of which table, where in it, and its cells."""

    table: str
    place: int
    cells: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class People:
    """Who drafted (None: the schedule), edited and signed a report, by name."""

    drafted_by: str | None
    edited_by: str | None
    signed_by: str | None


def reports(session: Session, what: ReportFilter, request: PageRequest) -> Page[ReportLine]:
    """The reports, those of the latest period first."""
    statement = sa.select(
        Report.id,
        Report.kind,
        Report.state,
        Report.title,
        Report.reference,
        Report.start_on,
        Report.end_on,
        Report.as_of,
        Report.known_at,
        Report.event_id,
        Report.corrects_id,
        Report.rev,
        Report.signed_at,
    ).where(
        *(
            column == value
            for column, value in (
                (Report.kind, what.kind),
                (Report.state, what.state),
                (Report.programme_id, what.programme_id),
            )
            if value is not None
        )
    )
    if request.after is not None:
        statement = statement.where(sa.tuple_(Report.start_on, Report.id) < day_and_id(request.after))
    rows = session.execute(
        statement.order_by(Report.start_on.desc(), Report.id.desc()).limit(request.limit + 1)
    )
    lines = [ReportLine(**row._asdict()) for row in rows]
    return page_of(lines, limit=request.limit, key=lambda line: (line.start_on.isoformat(), str(line.id)))


def report(session: Session, report_id: UUID) -> Report:
    """One report.

    Raises:
        UnknownReport: there is none.
    """
    found = session.get(Report, report_id)
    if found is None:
        raise UnknownReport
    return found


def figures_of(one: Report) -> dict[str, Any]:
    """A report's figures with their addresses; what counts rows of its own tables opens these."""
    facts = {
        name: fact | {"url": f"/api/hq/v1/reports/{one.id}/figures/{name}/rows"} if "rows" in fact else fact
        for name, fact in one.figures["facts"].items()
    }
    return {**one.figures, "facts": facts}


def rows_behind(session: Session, report_id: UUID, name: str) -> list[RowBehind]:
    """The rows of the report's own tables that a figure counts, in their order; they change no more than the figure.

    Raises:
        UnknownReport: there is none such. UnknownFigure: it has no such figure, or one that counts no rows.
    """
    figures = report(session, report_id).figures
    counted = figures["facts"].get(name, {}).get("rows")
    if counted is None:
        raise UnknownFigure
    table = figures["tables"][counted["table"]]
    return [RowBehind(counted["table"], place, table["rows"][place]) for place in counted["places"]]


def is_issued(
    session: Session,
    kind: ReportKind,
    start_on: date,
    *,
    event_id: UUID | None = None,
    programme_id: UUID | None = None,
) -> bool:
    """Whether an issue of this period (and event, and programme if one is named) has been signed."""
    which = [
        Report.kind == kind,
        Report.start_on == start_on,
        Report.event_id.is_not_distinct_from(event_id),
        Report.state.in_(ISSUED),
    ]
    if programme_id is not None:
        which.append(Report.programme_id == programme_id)
    return session.scalar(sa.select(sa.exists().where(*which))) or False


def signed_issue(
    session: Session, kind: ReportKind, start_on: date, *, event_id: UUID | None, programme_id: UUID
) -> Report | None:
    """The issue of this period (and event) that stands: signed, and not superseded."""
    return session.scalar(
        sa.select(Report).where(
            Report.kind == kind,
            Report.start_on == start_on,
            Report.programme_id == programme_id,
            Report.event_id.is_not_distinct_from(event_id),
            Report.state == ReportState.SIGNED,
        )
    )


def people_of(session: Session, one: Report) -> People:
    """The names behind a report."""
    ids = {one.drafted_by, one.edited_by, one.signed_by} - {None}
    names = people_named(session, [user_id for user_id in ids if user_id is not None])
    return People(
        *(
            names.get(user_id) if user_id else None
            for user_id in (one.drafted_by, one.edited_by, one.signed_by)
        )
    )


def compared(session: Session, one: Report) -> Comparison:
    """What reads otherwise than in the issue it corrects, or else in the last issue of its kind before its period."""
    before = session.get(Report, one.corrects_id) if one.corrects_id else _issue_before(session, one)
    if before is None:
        return Comparison(None, None, ())
    return Comparison(before.id, before.reference, changes(before.figures["facts"], one.figures["facts"]))


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """The facts that read otherwise, in the order of the newer issue."""
    names = [*after, *(name for name in before if name not in after)]
    told = ((name, _shown(before, name), _shown(after, name)) for name in names)
    return tuple(Change(name, old, new) for name, old, new in told if old != new)


def _issue_before(session: Session, one: Report) -> Report | None:
    return session.scalar(
        sa.select(Report)
        .where(
            Report.kind == one.kind,
            Report.programme_id == one.programme_id,
            Report.event_id.is_not_distinct_from(one.event_id),
            Report.state == ReportState.SIGNED,
            Report.start_on < one.start_on,
        )
        .order_by(Report.start_on.desc())
        .limit(1)
    )


def _shown(facts: Mapping[str, Any], name: str) -> str | None:
    fact = facts.get(name)
    return None if fact is None else fact["shown"]
