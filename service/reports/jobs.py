"""Each report is drafted the morning after it falls due, so that an editor finds it ready."""

from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy.orm import Session

from service.boards.queries import published_between
from service.jobs.queue import periodic
from service.jobs.workshop import Workshop
from service.kernel.actor import Actor
from service.kernel.calendar import PeriodKind, as_instants, containing, day, local_date, quarter
from service.kernel.clock import now
from service.programmes.errors import UnknownProgramme
from service.reports.catalogue import CATALOGUE
from service.reports.commands import Order, draft_report
from service.reports.errors import DraftExists, IssueSigned, NothingPublished, OutsideProgramme
from service.reports.events import counted_down_on
from service.reports.models import ReportKind
from service.reports.queries import is_issued

_DAY = timedelta(days=1)
_LAST_DAYS = 7
"""So many days before an event it is counted down daily; before that, weekly."""
_BY_ITSELF = {ReportKind.QUARTERLY_BOARD, ReportKind.EVENT_COUNTDOWN}
"""Falls due by something else than the end of its period."""


@periodic("reports.draft", cron="10 22 * * *")
def draft_what_is_due(workshop: Workshop) -> None:
    """Draft each report that fell due yesterday (06:10 in Shanghai); what is there already stays as it is."""
    yesterday = local_date(now()) - _DAY
    with workshop.sessions.begin() as session:
        orders = [
            *due_by_period(yesterday),
            *_due_boards(session, yesterday),
            *_due_events(session, yesterday),
        ]
    for order in orders:
        _draft(workshop, order)


def due_by_period(yesterday: date) -> Iterator[Order]:
    """The reports whose period ended on a day."""
    for kind, entry in CATALOGUE.items():
        if kind not in _BY_ITSELF and containing(entry.period, yesterday).last_on == yesterday:
            yield Order(kind, yesterday)


def _due_boards(session: Session, yesterday: date) -> Iterator[Order]:
    """A quarter's ranking falls due when a board of it is published, after its publicity period."""
    for board in published_between(session, *as_instants(day(yesterday))):
        last_on = board.end_on - _DAY
        whole = quarter(last_on)
        if board.start_on <= whole.start_on and last_on == whole.last_on:
            yield Order(ReportKind.QUARTERLY_BOARD, last_on, board.programme_id)


def _due_events(session: Session, yesterday: date) -> Iterator[Order]:
    """Each Monday for the days up to Sunday, and every morning of an event's last week."""
    is_sunday = containing(PeriodKind.WEEK, yesterday).last_on == yesterday
    for event in counted_down_on(session, yesterday):
        if is_sunday or (event.held_on - yesterday).days <= _LAST_DAYS:
            yield Order(ReportKind.EVENT_COUNTDOWN, yesterday, event_id=event.id)


def _draft(workshop: Workshop, order: Order) -> None:
    start_on = containing(CATALOGUE[order.kind].period, order.on).start_on
    try:
        with workshop.sessions.begin() as session:
            of = {"event_id": order.event_id, "programme_id": order.programme_id}
            if not is_issued(session, order.kind, start_on, **of):
                draft_report(session, Actor.system("reports.draft"), order)
    except (DraftExists, IssueSigned, NothingPublished, OutsideProgramme, UnknownProgramme):
        return
