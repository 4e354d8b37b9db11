"""A report that somebody is about to change: locked, demanded to be a draft, written as one, its revision raised."""

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from service.audit import commands as audit
from service.kernel.actor import Actor
from service.kernel.calendar import Period, local_date
from service.kernel.clock import now
from service.programmes.models import Programme
from service.reports.asked import Asked
from service.reports.catalogue import CATALOGUE
from service.reports.errors import DraftExists, NotADraft, OutsideProgramme, UnknownReport
from service.reports.events import event
from service.reports.models import Report, ReportState
from service.visits.known import take_moment

REPORT = "report"


def period_of(report: Report) -> Period:
    """The days a report is about."""
    return Period(CATALOGUE[report.kind].period, report.start_on, report.end_on)


def day_of(period: Period, programme: Programme) -> date:
    """The last day whose figures an issue has.

    Raises:
        OutsideProgramme: the period and the programme have no day in common, or it has not begun.
    """
    as_of = min(period.last_on, local_date(now()), programme.ends_on)
    if as_of < max(period.start_on, programme.starts_on):
        raise OutsideProgramme
    return as_of


def asked_again(session: Session, report: Report, *, as_of: date) -> Asked:
    """The same issue, as it is known from now on."""
    of_event = None if report.event_id is None else event(session, report.event_id)
    known_at = take_moment(session).taken_at
    return Asked(report.kind, report.programme_id, period_of(report), as_of, known_at, of_event)


def locked(session: Session, report_id: UUID) -> Report:
    """The report, which nobody else changes until this transaction ends.

    Raises:
        UnknownReport: there is none.
    """
    report = session.scalar(sa.select(Report).where(Report.id == report_id).with_for_update())
    if report is None:
        raise UnknownReport
    return report


def locked_draft(session: Session, report_id: UUID) -> Report:
    """The report as `locked`, if it is a draft.

    Raises:
        UnknownReport, NotADraft.
    """
    report = locked(session, report_id)
    demand_draft(report)
    return report


def demand_draft(report: Report) -> None:
    """Make sure a report still changes.

    Raises:
        NotADraft: it was signed or discarded.
    """
    if report.state is not ReportState.DRAFT:
        raise NotADraft


def touch(report: Report, actor: Actor) -> None:
    """Raise the revision, so that whoever read the one before cannot write over it."""
    report.rev += 1
    report.edited_by, report.edited_at = actor.user_id, now()


def write_draft(session: Session, actor: Actor, report: Report) -> Report:
    """Keep a draft, unless its issue has one: the database decides which of two was first.

    Raises:
        DraftExists: the draft is there already.
    """
    columns: dict[str, Any] = {
        column.key: getattr(report, column.key) for column in sa.inspect(Report).column_attrs
    }
    written = session.execute(
        insert(Report).values(columns).on_conflict_do_nothing().returning(Report.id)
    ).first()
    if written is None:
        raise DraftExists(extra={"draft": str(_standing(session, report))})
    audit.record(
        session, actor, "report.draft", REPORT, report.id, kind=report.kind, start_on=str(report.start_on)
    )
    return session.get_one(Report, report.id)


def _standing(session: Session, report: Report) -> UUID | None:
    return session.scalar(
        sa.select(Report.id).where(
            Report.kind == report.kind,
            Report.programme_id == report.programme_id,
            Report.event_id.is_not_distinct_from(report.event_id),
            Report.start_on == report.start_on,
            Report.state == ReportState.DRAFT,
        )
    )
