"""What the demo city's office has brought out by now: the bulletin of the last half-month, and the quarter's board.

Figures are taken as they are known once the year is kept, so this is done in a transaction of its own afterwards.
"""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import User
from service.boards.commands import NewBoard, freeze, make_board, post, publish
from service.boards.models import Board
from service.boards.rules import BoardRules, Measured, Source
from service.kernel import clock
from service.kernel.actor import Actor, Role
from service.kernel.calendar import SHANGHAI, Period, half_month, local_date, quarter
from service.programmes.models import Programme
from service.reports.commands import Order, draft_report
from service.reports.issuing import sign_report
from service.reports.models import Report, ReportKind

OFFICE = "聊招组办发"
RULES = BoardRules(
    indicators=(
        Measured("thousand", "千家走访完成情况", Source.THOUSAND_COUNTED, Decimal(70)),
        Measured("hundred", "三类500强走访完成情况", Source.HUNDRED_COUNTED, Decimal(30)),
    ),
    publicity_days=3,
)
DAY = timedelta(days=1)


def bring_out(session: Session, headquarters: str) -> None:
    """Publish the board and sign the bulletin of the last periods of this year that are over, unless papers are out."""
    if session.scalar(
        sa.select(sa.exists().where(Report.id.is_not(None)) | sa.exists().where(Board.id.is_not(None)))
    ):
        return
    today = local_date(clock.now())
    hq = _actor(session, headquarters)
    over = quarter(quarter(today).start_on - DAY)
    if over.start_on.year == today.year and over.end_on + 5 * DAY <= today:
        _board(session, hq, over)
    over = half_month(half_month(today).start_on - DAY)
    if over.start_on.year == today.year:
        _bulletin(session, hq, over)


def _bulletin(session: Session, hq: Actor, over: Period) -> None:
    with clock.pretending(_at(over.end_on)):
        report = draft_report(session, hq, Order(ReportKind.HALF_MONTH, over.start_on))
        session.flush()
        sign_report(session, hq, report.id, report.rev, office=OFFICE)


def _board(session: Session, hq: Actor, over: Period) -> None:
    programme_id = session.scalars(
        sa.select(Programme.id).where(Programme.starts_on <= over.start_on, Programme.ends_on >= over.last_on)
    ).one()
    name = f"{over.start_on.year}年第{'一二三四'[(over.start_on.month - 1) // 3]}季度登门招商竞赛榜"
    with clock.pretending(_at(over.end_on)):
        board = make_board(
            session, hq, NewBoard("登门招商竞赛榜", name, programme_id, over.start_on, over.end_on, RULES)
        )
        freeze(session, hq, board.id)
        post(session, hq, board.id)
    with clock.pretending(_at(over.end_on + 4 * DAY)):
        publish(session, hq, board.id)


def _at(on: date) -> datetime:
    """Nine o'clock of that day, or now where that is yet to come."""
    return min(datetime.combine(on, time(9), SHANGHAI), clock.now())


def _actor(session: Session, username: str) -> Actor:
    user = session.scalars(sa.select(User).where(User.username == username)).one()
    return Actor(user.id, user.name, user.unit_id, frozenset(Role(role) for role in user.roles))
