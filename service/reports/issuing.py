"""What leaves the office: signed and numbered, or corrected by a later issue. All is headquarters' own."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.audit import commands as audit
from service.kernel.actor import Actor
from service.kernel.calendar import chinese_date, local_date
from service.kernel.clock import now
from service.kernel.ids import uuid7
from service.reports.drafts import REPORT, asked_again, demand_draft, locked, period_of, write_draft
from service.reports.errors import EditedMeanwhile, NotSigned, PeriodNotOver
from service.reports.figures import take_figures
from service.reports.models import Report, ReportState
from service.reports.rules import demand_editor

_NUMBERING = 0x71620016
"""Whoever numbers an issue holds this lock, so that numbers follow each other without a gap."""


def sign_report(session: Session, actor: Actor, report_id: UUID, rev: int, *, office: str) -> Report:
    """Sign a draft off: from now on it has a number and never changes; what it corrects is superseded.

    Numbers run through the year of signing over all kinds, as 发文字号 of one office do. Signing again is answered as the first time.

    Raises:
        UnknownReport; NotADraft: it was discarded or superseded; EditedMeanwhile: not this revision was read;
        PeriodNotOver: its figures still change.
    """
    demand_editor(actor)
    report = locked(session, report_id)
    if report.state is ReportState.SIGNED and report.rev == rev:
        return report
    demand_draft(report)
    if report.rev != rev:
        raise EditedMeanwhile
    if local_date(now()) < report.end_on:
        raise PeriodNotOver(last=chinese_date(period_of(report).last_on))
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(_NUMBERING)))
    report.number_year = local_date(now()).year
    report.number = _next_number(session, report.number_year)
    report.reference = f"{office}〔{report.number_year}〕{report.number}号"
    report.state, report.signed_by, report.signed_at = ReportState.SIGNED, actor.person_id, now()
    if report.corrects_id is not None:
        _supersede(session, report.corrects_id)
    audit.record(session, actor, "report.sign", REPORT, report.id, reference=report.reference, rev=rev)
    return report


def correct_report(session: Session, actor: Actor, report_id: UUID, reason: str) -> Report:
    """Begin the issue that will supersede a signed one: the same words, the figures as they are known now.

    Raises:
        UnknownReport, NotSigned; DraftExists: a correction is being written already.
        NothingPublished: the quarter's boards are being restated.
    """
    demand_editor(actor)
    signed = locked(session, report_id)
    if signed.state is not ReportState.SIGNED:
        raise NotSigned
    asked = asked_again(session, signed, as_of=signed.as_of)
    report = Report(
        id=uuid7(),
        kind=signed.kind,
        programme_id=signed.programme_id,
        event_id=signed.event_id,
        start_on=signed.start_on,
        end_on=signed.end_on,
        as_of=signed.as_of,
        known_at=asked.known_at,
        title=f"{signed.title.removesuffix('（更正）')}（更正）",
        recipient=signed.recipient,
        text=signed.text,
        figures=take_figures(session, actor, asked),
        corrects_id=signed.id,
        correction=reason,
        drafted_by=actor.user_id,
        drafted_at=now(),
    )
    return write_draft(session, actor, report)


def _next_number(session: Session, year: int) -> int:
    highest = session.scalar(sa.select(sa.func.max(Report.number)).where(Report.number_year == year))
    return (highest or 0) + 1


def _supersede(session: Session, report_id: UUID) -> None:
    session.execute(
        sa.update(Report)
        .where(Report.id == report_id, Report.state == ReportState.SIGNED)
        .values(state=ReportState.SUPERSEDED)
    )
