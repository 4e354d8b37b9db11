"""Writes of boards: made, filled in, frozen, posted, appealed against, published, restated."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import Unit
from service.audit import commands as audit
from service.boards.errors import (
    AppealDecided,
    AppealsClosed,
    AppealsOpen,
    AppealUpheld,
    BadBoard,
    BoardNotSo,
    PublicityNotOver,
    UnknownAppeal,
    UnknownBoard,
    UnknownEntry,
)
from service.boards.models import Appeal, AppealState, Board, BoardEntry, BoardState, EntryKind
from service.boards.results import compute, is_over
from service.boards.rules import BoardRules, Source, demand_headquarters, read, written
from service.kernel.actor import Actor, Role
from service.kernel.calendar import chinese_date, local_date
from service.kernel.clock import now
from service.kernel.errors import Fault, Forbidden
from service.kernel.ids import uuid7
from service.programmes import queries as programmes

BOARD = "board"
_STATES = {
    BoardState.DRAFT: "草稿",
    BoardState.FROZEN: "已冻结",
    BoardState.POSTED: "公示中",
    BoardState.PUBLISHED: "已发布",
    BoardState.RESTATED: "已更正",
}


@dataclass(frozen=True, slots=True)
class NewBoard:
    """A board to make; `end_on` is the day after its period's last."""

    series: str
    name: str
    programme_id: UUID
    start_on: date
    end_on: date
    rules: BoardRules


@dataclass(frozen=True, slots=True)
class NewEntry:
    """Something to set for a unit: points, a figure (of `indicator`, with its `target`), or standing aside."""

    unit_id: UUID
    kind: EntryKind
    reason: str
    amount: Decimal | None = None
    indicator: str | None = None
    target: Decimal | None = None


def make_board(session: Session, actor: Actor, what: NewBoard) -> Board:
    """Begin a board; its rules are set before its figures are known.

    Raises:
        Forbidden: only headquarters makes boards. UnknownProgramme: there is none such.
        BadBoard: two indicators share a code, or the period is empty.
    """
    demand_headquarters(actor)
    programmes.programme(session, what.programme_id)
    codes = [one.code for one in what.rules.indicators]
    if len(set(codes)) != len(codes):
        raise BadBoard(faults=[Fault("/rules/indicators", "指标代码重复", "two indicators share a code")])
    if what.end_on <= what.start_on:
        raise BadBoard(faults=[Fault("/end_on", "应晚于开始日期", "must be after start_on")])
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


def enter(session: Session, actor: Actor, board_id: UUID, what: NewEntry) -> BoardEntry:
    """Set something for a unit of a draft, with its reason.

    Raises:
        UnknownBoard, BoardNotSo; BadBoard: the unit, the indicator or the amount does not fit.
    """
    demand_headquarters(actor)
    board = _in(session, board_id, BoardState.DRAFT)
    _demand_fitting(session, board, what)
    entry = BoardEntry(
        id=uuid7(),
        board_id=board.id,
        unit_id=what.unit_id,
        kind=what.kind,
        indicator=what.indicator,
        amount=what.amount,
        target=what.target,
        reason=what.reason,
        entered_by=actor.person_id,
        entered_at=now(),
    )
    session.add(entry)
    session.flush()
    audit.record(
        session,
        actor,
        "board.enter",
        BOARD,
        board.id,
        unit_id=str(what.unit_id),
        kind=what.kind,
        amount=str(what.amount) if what.amount is not None else None,
        reason=what.reason,
    )
    return entry


def take_back(session: Session, actor: Actor, board_id: UUID, entry_id: UUID) -> None:
    """Remove an entry from a draft.

    Raises:
        UnknownBoard, BoardNotSo, UnknownEntry.
    """
    demand_headquarters(actor)
    board = _in(session, board_id, BoardState.DRAFT)
    gone = session.execute(
        sa.delete(BoardEntry)
        .where(BoardEntry.id == entry_id, BoardEntry.board_id == board.id)
        .returning(BoardEntry.unit_id, BoardEntry.kind, BoardEntry.reason)
    ).one_or_none()
    if gone is None:
        raise UnknownEntry
    audit.record(
        session,
        actor,
        "board.take_back",
        BOARD,
        board.id,
        unit_id=str(gone.unit_id),
        kind=gone.kind,
        reason=gone.reason,
    )


def freeze(session: Session, actor: Actor, board_id: UUID) -> Board:
    """Compute the board and keep it: from now on later records do not change it.

    Raises:
        UnknownBoard; BoardNotSo: it was frozen before, or its period is not over (code `board_not_so`).
    """
    demand_headquarters(actor)
    board = _in(session, board_id, BoardState.DRAFT)
    if not is_over(board):
        raise BadBoard(faults=[Fault("/end_on", "考核期尚未结束", "the period is not over")])
    board.results = compute(session, actor, board)
    board.state, board.frozen_at = BoardState.FROZEN, now()
    audit.record(session, actor, "board.freeze", BOARD, board.id, units=len(board.results))
    return board


def post(session: Session, actor: Actor, board_id: UUID) -> Board:
    """Begin the publicity period (公示): units see the board, and may appeal.

    Raises:
        UnknownBoard, BoardNotSo.
    """
    demand_headquarters(actor)
    board = _in(session, board_id, BoardState.FROZEN)
    today = local_date(now())
    board.state, board.posted_from = BoardState.POSTED, today
    board.posted_until = today + timedelta(days=read(board.rules).publicity_days - 1)
    audit.record(session, actor, "board.post", BOARD, board.id, until=str(board.posted_until))
    return board


def appeal(session: Session, actor: Actor, board_id: UUID, text: str) -> Appeal:
    """Say for one's unit that its row is wrong.

    Raises:
        UnknownBoard; AppealsClosed: not within the publicity period; Forbidden: only a unit's office appeals.
    """
    if not actor.has(Role.UNIT_OFFICE) or actor.unit_id is None:
        raise Forbidden
    board = _locked(session, board_id)
    today = local_date(now())
    if board.state in (BoardState.DRAFT, BoardState.FROZEN):
        raise UnknownBoard
    if board.state is not BoardState.POSTED or board.posted_until is None or today > board.posted_until:
        raise AppealsClosed
    raised = Appeal(
        id=uuid7(),
        board_id=board.id,
        unit_id=actor.unit_id,
        text=text,
        raised_by=actor.person_id,
        raised_at=now(),
    )
    session.add(raised)
    session.flush()
    audit.record(session, actor, "board.appeal", BOARD, board.id, appeal_id=str(raised.id))
    return raised


def decide_appeal(session: Session, actor: Actor, appeal_id: UUID, *, upheld: bool, decision: str) -> Appeal:
    """Decide an appeal, with the reason its unit will read. What is upheld is put right by a restatement.

    Raises:
        UnknownAppeal, AppealDecided.
    """
    demand_headquarters(actor)
    found = session.scalar(sa.select(Appeal).where(Appeal.id == appeal_id).with_for_update())
    if found is None:
        raise UnknownAppeal
    if found.state is not AppealState.OPEN:
        raise AppealDecided
    found.state = AppealState.UPHELD if upheld else AppealState.DISMISSED
    found.decision, found.decided_by, found.decided_at = decision, actor.person_id, now()
    audit.record(
        session,
        actor,
        "board.decide_appeal",
        BOARD,
        found.board_id,
        appeal_id=str(appeal_id),
        state=found.state,
    )
    return found


def publish(session: Session, actor: Actor, board_id: UUID) -> Board:
    """Publish a board whose publicity period is over and whose appeals are decided.

    Raises:
        UnknownBoard, BoardNotSo, PublicityNotOver, AppealsOpen, AppealUpheld.
    """
    demand_headquarters(actor)
    board = _in(session, board_id, BoardState.POSTED)
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
    wrong = _in(session, board_id, BoardState.POSTED, BoardState.PUBLISHED)
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


def _demand_fitting(session: Session, board: Board, what: NewEntry) -> None:
    faults = []
    if session.get(Unit, what.unit_id) is None:
        faults.append(Fault("/unit_id", "没有这个单位", "no such unit"))
    needs_amount = what.kind in (EntryKind.BONUS, EntryKind.DEDUCTION, EntryKind.FIGURE)
    if needs_amount and what.amount is None:
        faults.append(Fault("/amount", "必填", "required"))
    manual = {one.code for one in read(board.rules).indicators if one.source is Source.MANUAL}
    if what.kind is EntryKind.FIGURE and what.indicator not in manual:
        faults.append(Fault("/indicator", "不是手工填报的指标", "not an indicator that is entered by hand"))
    if faults:
        raise BadBoard(faults=faults)


def _locked(session: Session, board_id: UUID) -> Board:
    board = session.scalar(sa.select(Board).where(Board.id == board_id).with_for_update())
    if board is None:
        raise UnknownBoard
    return board


def _in(session: Session, board_id: UUID, *states: BoardState) -> Board:
    board = _locked(session, board_id)
    if board.state not in states:
        raise BoardNotSo(state=board.state.value, state_zh=_STATES[board.state])
    return board
