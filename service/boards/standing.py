"""A board that somebody is about to change: locked, and in the state that the step starts from."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.boards.errors import BoardNotSo, UnknownBoard
from service.boards.models import Board, BoardState

BOARD = "board"
_STATES = {
    BoardState.DRAFT: "草稿",
    BoardState.FROZEN: "已冻结",
    BoardState.POSTED: "公示中",
    BoardState.PUBLISHED: "已发布",
    BoardState.RESTATED: "已更正",
}


def locked(session: Session, board_id: UUID) -> Board:
    """The board, which nobody else changes until this transaction ends.

    Raises:
        UnknownBoard: there is none.
    """
    board = session.scalar(sa.select(Board).where(Board.id == board_id).with_for_update())
    if board is None:
        raise UnknownBoard
    return board


def in_state(session: Session, board_id: UUID, *states: BoardState) -> Board:
    """The board as `locked`, in one of these states.

    Raises:
        UnknownBoard; BoardNotSo: it is in another.
    """
    board = locked(session, board_id)
    if board.state not in states:
        raise BoardNotSo(state=board.state.value, state_zh=_STATES[board.state])
    return board
