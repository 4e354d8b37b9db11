"""Writes of reports: drafted, edited, taken anew, signed and numbered, corrected by a later issue, discarded.

All of them are headquarters' own; anybody else is refused as Forbidden.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from service.audit import commands as audit
from service.kernel.actor import Actor
from service.kernel.calendar import Period, chinese_date, containing, local_date
from service.kernel.clock import now
from service.kernel.errors import Fault
from service.kernel.ids import uuid7
from service.programmes import queries as programmes
from service.progress.queries import Question
from service.reports.catalogue import CATALOGUE, PLACE
from service.reports.errors import (
    BadText,
    DraftExists,
    EditedMeanwhile,
    NotADraft,
    NotSigned,
    OutsideProgramme,
    PeriodNotOver,
    UnknownReport,
)
from service.reports.figures import take_figures
from service.reports.models import Report, ReportKind, ReportState
from service.reports.rules import demand_editor
from service.visits.known import take_moment

REPORT = "report"
_NUMBERING = 0x71620016
"""Whoever numbers an issue holds this lock, so that numbers follow each other without a gap."""


@dataclass(frozen=True, slots=True)
class Order:
    """Which report: of the programme (None: the one shown on that day), for the period that holds `on`."""

    kind: ReportKind
    on: date
    programme_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """What an editor changes, on top of the revision that was read; None leaves a part as it is."""

    rev: int
    title: str | None = None
    recipient: str | None = None
    text: Sequence[Mapping[str, Any]] | None = None


def draft_report(session: Session, actor: Actor, what: Order) -> Report:
    """Take the figures of a period and lay them into the report's skeleton.

    Raises:
        UnknownProgramme: there is none such.
        OutsideProgramme: the period and the programme have no day in common, or it has not begun.
        DraftExists: the draft is there already.
    """
    demand_editor(actor)
    programme = (
        programmes.shown_on(session, what.on)
        if what.programme_id is None
        else programmes.programme(session, what.programme_id)
    )
    entry = CATALOGUE[what.kind]
    period = containing(entry.period, what.on)
    as_of = min(period.last_on, local_date(now()), programme.ends_on)
    if as_of < max(period.start_on, programme.starts_on):
        raise OutsideProgramme
    known_at = take_moment(session).taken_at
    report = Report(
        id=uuid7(),
        kind=what.kind,
        programme_id=programme.id,
        start_on=period.start_on,
        end_on=period.end_on,
        as_of=as_of,
        known_at=known_at,
        title=entry.title_of(period),
        text=[dict(block) for block in entry.skeleton],
        figures=take_figures(session, actor, Question(programme.id, as_of, known_at=known_at), period),
        drafted_by=actor.user_id,
        drafted_at=now(),
    )
    return _write_draft(session, actor, report)


def edit_report(session: Session, actor: Actor, report_id: UUID, what: Edit) -> Report:
    """Change a draft's words; its figures stay as they were taken.

    Raises:
        UnknownReport, NotADraft, EditedMeanwhile; BadText: a figure or table is named that is not there.
    """
    demand_editor(actor)
    report = _draft(session, report_id)
    if report.rev != what.rev:
        raise EditedMeanwhile
    if what.text is not None:
        _demand_known(what.text, report.figures)
        report.text = [dict(block) for block in what.text]
    report.title = what.title or report.title
    report.recipient = report.recipient if what.recipient is None else what.recipient
    _touch(report, actor)
    audit.record(session, actor, "report.edit", REPORT, report.id, rev=report.rev)
    return report


def take_anew(session: Session, actor: Actor, report_id: UUID) -> Report:
    """Take a draft's figures again, as they are known now; its words stay.

    Raises:
        UnknownReport, NotADraft.
    """
    demand_editor(actor)
    report = _draft(session, report_id)
    period = period_of(report)
    report.as_of = min(
        period.last_on, local_date(now()), programmes.programme(session, report.programme_id).ends_on
    )
    report.known_at = take_moment(session).taken_at
    asked = Question(report.programme_id, report.as_of, known_at=report.known_at)
    report.figures = take_figures(session, actor, asked, period)
    _touch(report, actor)
    audit.record(session, actor, "report.take_anew", REPORT, report.id, rev=report.rev)
    return report


def sign_report(session: Session, actor: Actor, report_id: UUID, rev: int, *, office: str) -> Report:
    """Sign a draft off: from now on it has a number and never changes; what it corrects is superseded.

    Numbers run through the year of signing over all kinds, as 发文字号 of one office do. Signing again is answered as the first time.

    Raises:
        UnknownReport; NotADraft: it was discarded or superseded; EditedMeanwhile: not this revision was read;
        PeriodNotOver: its figures still change.
    """
    demand_editor(actor)
    report = _locked(session, report_id)
    if report.state is ReportState.SIGNED and report.rev == rev:
        return report
    _demand_draft(report)
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
    """
    demand_editor(actor)
    signed = _locked(session, report_id)
    if signed.state is not ReportState.SIGNED:
        raise NotSigned
    known_at = take_moment(session).taken_at
    asked = Question(signed.programme_id, signed.as_of, known_at=known_at)
    report = Report(
        id=uuid7(),
        kind=signed.kind,
        programme_id=signed.programme_id,
        start_on=signed.start_on,
        end_on=signed.end_on,
        as_of=signed.as_of,
        known_at=known_at,
        title=f"{signed.title.removesuffix('（更正）')}（更正）",
        recipient=signed.recipient,
        text=signed.text,
        figures=take_figures(session, actor, asked, period_of(signed)),
        corrects_id=signed.id,
        correction=reason,
        drafted_by=actor.user_id,
        drafted_at=now(),
    )
    return _write_draft(session, actor, report)


def discard_report(session: Session, actor: Actor, report_id: UUID) -> Report:
    """Put a draft away; it stays readable, and a new one can be made. Again changes nothing.

    Raises:
        UnknownReport; NotADraft: it was signed.
    """
    demand_editor(actor)
    report = _locked(session, report_id)
    if report.state is not ReportState.DISCARDED:
        _demand_draft(report)
        report.state = ReportState.DISCARDED
        _touch(report, actor)
        audit.record(session, actor, "report.discard", REPORT, report.id)
    return report


def take_out(session: Session, actor: Actor, report_id: UUID, form: str) -> Report:
    """A report that leaves the house as a file of some form: who took it is noted.

    Raises:
        UnknownReport.
    """
    report = session.get(Report, report_id)
    if report is None:
        raise UnknownReport
    audit.record(session, actor, "report.export", REPORT, report_id, form=form, state=report.state)
    return report


def period_of(report: Report) -> Period:
    """The days a report is about."""
    return Period(CATALOGUE[report.kind].period, report.start_on, report.end_on)


def _write_draft(session: Session, actor: Actor, report: Report) -> Report:
    """The database decides which of two drafts was first."""
    columns = {column.key: getattr(report, column.key) for column in sa.inspect(Report).column_attrs}
    written = session.execute(
        insert(Report).values(columns).on_conflict_do_nothing().returning(Report.id)
    ).first()
    if written is None:
        standing = session.scalar(
            sa.select(Report.id).where(
                Report.kind == report.kind,
                Report.programme_id == report.programme_id,
                Report.start_on == report.start_on,
                Report.state == ReportState.DRAFT,
            )
        )
        raise DraftExists(extra={"draft": str(standing)})
    audit.record(
        session, actor, "report.draft", REPORT, report.id, kind=report.kind, start_on=str(report.start_on)
    )
    return session.get_one(Report, report.id)


def _locked(session: Session, report_id: UUID) -> Report:
    report = session.scalar(sa.select(Report).where(Report.id == report_id).with_for_update())
    if report is None:
        raise UnknownReport
    return report


def _draft(session: Session, report_id: UUID) -> Report:
    report = _locked(session, report_id)
    _demand_draft(report)
    return report


def _demand_draft(report: Report) -> None:
    if report.state is not ReportState.DRAFT:
        raise NotADraft


def _demand_known(text: Sequence[Mapping[str, Any]], figures: Mapping[str, Any]) -> None:
    faults = [
        Fault(f"/text/{place}", f"没有名为 {name} 的{what}", f"there is no {name}")
        for place, block in enumerate(text)
        for what, name in _names(block)
        if name not in figures["tables" if what == "表格" else "facts"]
    ]
    if faults:
        raise BadText(faults=faults)


def _names(block: Mapping[str, Any]) -> list[tuple[str, str]]:
    if block["kind"] == "table":
        return [("表格", block["table"])]
    return [("数据", name) for name in PLACE.findall(block["text"])]


def _touch(report: Report, actor: Actor) -> None:
    report.rev += 1
    report.edited_by, report.edited_at = actor.user_id, now()


def _next_number(session: Session, year: int) -> int:
    highest = session.scalar(sa.select(sa.func.max(Report.number)).where(Report.number_year == year))
    return (highest or 0) + 1


def _supersede(session: Session, report_id: UUID) -> None:
    session.execute(
        sa.update(Report)
        .where(Report.id == report_id, Report.state == ReportState.SIGNED)
        .values(state=ReportState.SUPERSEDED)
    )
