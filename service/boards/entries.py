"""What headquarters sets by hand for a unit of a draft: points, a figure, or standing aside; always with its reason."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import Unit
from service.audit import commands as audit
from service.boards.errors import BadBoard, UnknownEntry
from service.boards.models import Board, BoardEntry, BoardState, EntryKind
from service.boards.rules import Source, demand_headquarters, read
from service.boards.standing import BOARD, in_state
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.errors import Fault
from service.kernel.ids import uuid7


@dataclass(frozen=True, slots=True)
class NewEntry:
    """Something to set for a unit: points, a figure (of `indicator`, with its `target`), or standing aside."""

    unit_id: UUID
    kind: EntryKind
    reason: str
    amount: Decimal | None = None
    indicator: str | None = None
    target: Decimal | None = None


def enter(session: Session, actor: Actor, board_id: UUID, what: NewEntry) -> BoardEntry:
    """Set something for a unit of a draft, with its reason.

    Raises:
        UnknownBoard, BoardNotSo; BadBoard: the unit, the indicator or the amount does not fit.
    """
    demand_headquarters(actor)
    board = in_state(session, board_id, BoardState.DRAFT)
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
    board = in_state(session, board_id, BoardState.DRAFT)
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


def _demand_fitting(session: Session, board: Board, what: NewEntry) -> None:
    faults = []
    if session.get(Unit, what.unit_id) is None:
        faults.append(Fault("/unit_id", "没有这个单位", "There is no such unit"))
    needs_amount = what.kind in (EntryKind.BONUS, EntryKind.DEDUCTION, EntryKind.FIGURE)
    if needs_amount and what.amount is None:
        faults.append(Fault("/amount", "请填写分值或数值", "An amount is required"))
    manual = {one.code for one in read(board.rules).indicators if one.source is Source.MANUAL}
    if what.kind is EntryKind.FIGURE and what.indicator not in manual:
        faults.append(
            Fault("/indicator", "该指标不是手工填报的", "The indicator is not one that is entered by hand")
        )
    if faults:
        raise BadBoard(faults=faults)
