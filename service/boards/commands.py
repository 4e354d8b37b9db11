"""Writes of boards: made, frozen, posted, published, restated; entries and appeals have files of their own."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.audit import commands as audit
from service.boards.errors import (
    AppealsOpen,
    AppealUpheld,
    BadBoard,
    PublicityNotOver,
)
from service.boards.measured import demand_knowable, demand_measurable
from service.boards.models import Appeal, AppealState, Board, BoardEntry, BoardState
from service.boards.results import compute, is_over
from service.boards.rules import BoardRules, demand_headquarters, read, written
from service.boards.standing import BOARD, in_state
from service.kernel.actor import Actor
from service.kernel.calendar import chinese_date, local_date, start_of
from service.kernel.clock import now
from service.kernel.errors import Fault
from service.kernel.ids import uuid7
from service.programmes import queries as programmes
from service.visits.known import moment_at, take_moment

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class NewBoard:
    """A board to make; `end_on` is the day after its period's last."""

    series: str
    name: str
    programme_id: UUID
    start_on: date
    end_on: date
    rules: BoardRules


def make_board(session: Session, actor: Actor, what: NewBoard) -> Board:
    """Begin a board; its rules are set before its figures are known.

    Raises:
        Forbidden: only headquarters makes boards. UnknownProgramme: there is none such.
        BadBoard: two indicators share a code, a figure cannot be had, or the period is empty.
    """
    demand_headquarters(actor)
    programmes.programme(session, what.programme_id)
    codes = [one.code for one in what.rules.indicators]
    if len(set(codes)) != len(codes):
        raise BadBoard(
            faults=[Fault("/rules/indicators", "两项指标的代码重复", "Two indicators share a code")]
        )
    if what.end_on <= what.start_on:
        raise BadBoard(
            faults=[Fault("/end_on", "考核期的结束日期应晚于开始日期", "end_on must be after start_on")]
        )
    demand_measurable(session, what.rules, what.start_on, what.end_on)
    board = Board(
        id=uuid7(),
        series=what.series,
        name=what.name,
        programme_id=what.programme_id,
        start_on=what.start_on,
        end_on=what.end_on,
        rules=written(what.rules),
        made_by=actor.person_id,
        made_at=now(),
    )
    session.add(board)
    session.flush()
    audit.record(session, actor, "board.make", BOARD, board.id, series=board.series, rules=board.rules)
    return board


def freeze(session: Session, actor: Actor, board_id: UUID, known_at: datetime | None = None) -> Board:
    """Compute the board by what is known now, or was at a moment, and keep it: later records do not change it.

    The moment is kept with it, so that anybody can ask for the same figures again.

    Raises:
        UnknownBoard; BoardNotSo: it was frozen before.
        BadBoard: its period is not over, or was not at that moment, or some figures are known as of now alone.
        NotYetKnown, NotKnown: what was known at that time cannot be told.
    """
    demand_headquarters(actor)
    board = in_state(session, board_id, BoardState.DRAFT)
    if not is_over(board):
        last = board.end_on - _DAY
        raise BadBoard(
            faults=[
                Fault("/end_on", f"考核期至{chinese_date(last)}，尚未结束", f"The period runs until {last}")
            ]
        )
    if known_at is not None and known_at < start_of(board.end_on):
        raise BadBoard(
            faults=[Fault("/known_at", "当时考核期尚未结束", "The period was not over at that moment")]
        )
    demand_knowable(board, known_at)
    moment = take_moment(session) if known_at is None else moment_at(session, known_at)
    board.known_at = moment.taken_at
    board.results = compute(session, actor, board, board.known_at)
    board.state, board.frozen_at = BoardState.FROZEN, now()
    known = board.known_at.isoformat()
    audit.record(session, actor, "board.freeze", BOARD, board.id, units=len(board.results), known_at=known)
    return board


def post(session: Session, actor: Actor, board_id: UUID) -> Board:
    """Begin the publicity period (公示): units see the board, and may appeal.

    Raises:
        UnknownBoard, BoardNotSo.
    """
    demand_headquarters(actor)
    board = in_state(session, board_id, BoardState.FROZEN)
    today = local_date(now())
    board.state, board.posted_from = BoardState.POSTED, today
    board.posted_until = today + (read(board.rules).publicity_days - 1) * _DAY
    audit.record(session, actor, "board.post", BOARD, board.id, until=str(board.posted_until))
    return board


def publish(session: Session, actor: Actor, board_id: UUID) -> Board:
    """Publish a board whose publicity period is over and whose appeals are decided.

    Raises:
        UnknownBoard, BoardNotSo, PublicityNotOver, AppealsOpen, AppealUpheld.
    """
    demand_headquarters(actor)
    board = in_state(session, board_id, BoardState.POSTED)
    if board.posted_until is not None and local_date(now()) <= board.posted_until:
        raise PublicityNotOver(until=chinese_date(board.posted_until))
    decided = session.scalars(sa.select(Appeal.state).where(Appeal.board_id == board.id)).all()
    if waiting := decided.count(AppealState.OPEN):
        raise AppealsOpen(count=waiting)
    if AppealState.UPHELD in decided:
        raise AppealUpheld
    board.state, board.published_at = BoardState.PUBLISHED, now()
    if board.restates_id is not None:
        session.execute(
            sa.update(Board).where(Board.id == board.restates_id).values(state=BoardState.RESTATED)
        )
    audit.record(session, actor, "board.publish", BOARD, board.id)
    return board


def restate(session: Session, actor: Actor, board_id: UUID, correction: str) -> Board:
    """Begin the board that will replace a posted or published one: the same rules and entries, with why.

    Raises:
        UnknownBoard, BoardNotSo.
    """
    demand_headquarters(actor)
    wrong = in_state(session, board_id, BoardState.POSTED, BoardState.PUBLISHED)
    board = Board(
        id=uuid7(),
        series=wrong.series,
        name=wrong.name,
        programme_id=wrong.programme_id,
        start_on=wrong.start_on,
        end_on=wrong.end_on,
        rules=wrong.rules,
        made_by=actor.person_id,
        made_at=now(),
        restates_id=wrong.id,
        correction=correction,
    )
    session.add(board)
    session.flush()
    _copy_entries(session, wrong.id, board.id)
    audit.record(
        session, actor, "board.restate", BOARD, board.id, restates=str(wrong.id), correction=correction
    )
    return board


def _copy_entries(session: Session, from_id: UUID, to_id: UUID) -> None:
    for one in session.scalars(sa.select(BoardEntry).where(BoardEntry.board_id == from_id)).all():
        session.add(
            BoardEntry(
                id=uuid7(),
                board_id=to_id,
                unit_id=one.unit_id,
                kind=one.kind,
                indicator=one.indicator,
                amount=one.amount,
                target=one.target,
                reason=one.reason,
                entered_by=one.entered_by,
                entered_at=one.entered_at,
            )
        )
    session.flush()
