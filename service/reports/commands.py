"""Writes of drafts: begun from the figures, edited, taken anew, discarded; and the note of what was taken out.

All of them are headquarters' own; anybody else is refused as Forbidden. What is signed is `issuing`'s.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from service.audit import commands as audit
from service.kernel.actor import Actor
from service.kernel.calendar import chinese_date, containing
from service.kernel.clock import now
from service.kernel.errors import Fault
from service.kernel.ids import uuid7
from service.programmes import queries as programmes
from service.programmes.models import Programme
from service.reports.asked import Asked
from service.reports.catalogue import CATALOGUE, PLACE
from service.reports.drafts import (
    REPORT,
    asked_again,
    day_of,
    demand_draft,
    locked,
    locked_draft,
    period_of,
    touch,
    write_draft,
)
from service.reports.errors import (
    BadText,
    EditedMeanwhile,
    EventMissing,
    EventNotAhead,
    IssueSigned,
    UnknownReport,
)
from service.reports.events import event
from service.reports.figures import take_figures
from service.reports.models import Event, Report, ReportKind, ReportState
from service.reports.queries import signed_issue
from service.reports.rules import demand_editor
from service.visits.known import take_moment

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Order:
    """Which report: of the programme (None: the one shown on that day), for the period that holds `on`.

    A count-down, and no other report, names its event, whose programme it is of.
    """

    kind: ReportKind
    on: date
    programme_id: UUID | None = None
    event_id: UUID | None = None


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
        UnknownProgramme, UnknownEvent: there is none such.
        EventMissing, EventNotAhead: a count-down names an event that is prepared on that day and still ahead.
        OutsideProgramme: the period and the programme have no day in common, or it has not begun.
        NothingPublished: no board of the quarter is published.
        DraftExists: the draft is there already. IssueSigned: the period's issue stands; a correction supersedes it.
    """
    demand_editor(actor)
    of_event = _event(session, what)
    programme = _programme(session, what, of_event)
    entry = CATALOGUE[what.kind]
    period = containing(entry.period, what.on)
    _demand_unsigned(session, what, programme.id, period.start_on)
    as_of = day_of(period, programme)
    asked = Asked(what.kind, programme.id, period, as_of, take_moment(session).taken_at, of_event)
    figures = take_figures(session, actor, asked)
    report = Report(
        id=uuid7(),
        kind=what.kind,
        programme_id=programme.id,
        event_id=what.event_id,
        start_on=period.start_on,
        end_on=period.end_on,
        as_of=as_of,
        known_at=asked.known_at,
        title=entry.title_of(figures["facts"]),
        text=entry.text_of(figures["facts"]),
        figures=figures,
        drafted_by=actor.user_id,
        drafted_at=now(),
    )
    return write_draft(session, actor, report)


def edit_report(session: Session, actor: Actor, report_id: UUID, what: Edit) -> Report:
    """Change a draft's words; its figures stay as they were taken.

    Raises:
        UnknownReport, NotADraft, EditedMeanwhile; BadText: a figure or table is named that is not there.
    """
    demand_editor(actor)
    report = locked_draft(session, report_id)
    if report.rev != what.rev:
        raise EditedMeanwhile
    if what.text is not None:
        _demand_known(what.text, report.figures)
        report.text = [dict(block) for block in what.text]
    report.title = what.title or report.title
    report.recipient = report.recipient if what.recipient is None else what.recipient
    touch(report, actor)
    audit.record(session, actor, "report.edit", REPORT, report.id, rev=report.rev)
    return report


def take_anew(session: Session, actor: Actor, report_id: UUID) -> Report:
    """Take a draft's figures again, as they are known now; its words stay.

    Raises:
        UnknownReport, NotADraft; NothingPublished: the quarter's boards are being restated.
        BadText: the words name a board that is no longer published.
    """
    demand_editor(actor)
    report = locked_draft(session, report_id)
    programme = programmes.programme(session, report.programme_id)
    asked = asked_again(session, report, as_of=day_of(period_of(report), programme))
    figures = take_figures(session, actor, asked)
    _demand_known(report.text, figures)
    report.as_of, report.known_at, report.figures = asked.as_of, asked.known_at, figures
    touch(report, actor)
    audit.record(session, actor, "report.take_anew", REPORT, report.id, rev=report.rev)
    return report


def discard_report(session: Session, actor: Actor, report_id: UUID) -> Report:
    """Put a draft away; it stays readable, and a new one can be made. Again changes nothing.

    Raises:
        UnknownReport; NotADraft: it was signed.
    """
    demand_editor(actor)
    report = locked(session, report_id)
    if report.state is not ReportState.DISCARDED:
        demand_draft(report)
        report.state = ReportState.DISCARDED
        touch(report, actor)
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


def _event(session: Session, what: Order) -> Event | None:
    counts_down = what.kind is ReportKind.EVENT_COUNTDOWN
    if counts_down != (what.event_id is not None):
        raise EventMissing(
            faults=[
                Fault(
                    "/event_id",
                    "必填" if counts_down else "只有倒计时通报才指明活动",
                    "required" if counts_down else "a count-down alone has an event",
                )
            ]
        )
    if what.event_id is None:
        return None
    found = event(session, what.event_id)
    if found.cancelled_at is not None or not found.prepares_on <= what.on < found.held_on:
        raise EventNotAhead(first=chinese_date(found.prepares_on), last=chinese_date(found.held_on - _DAY))
    return found


def _demand_unsigned(session: Session, what: Order, programme_id: UUID, start_on: date) -> None:
    signed = signed_issue(session, what.kind, start_on, event_id=what.event_id, programme_id=programme_id)
    if signed is not None:
        raise IssueSigned(reference=signed.reference or "", extra={"signed": str(signed.id)})


def _programme(session: Session, what: Order, of_event: Event | None) -> Programme:
    if of_event is not None:
        return programmes.programme(session, of_event.programme_id)
    if what.programme_id is None:
        return programmes.shown_on(session, what.on)
    return programmes.programme(session, what.programme_id)


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
