"""Appeals against a posted board: raised by a unit's office, decided by headquarters with the reason it will read."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.audit import commands as audit
from service.boards.errors import AppealDecided, AppealsClosed, UnknownAppeal, UnknownBoard
from service.boards.models import Appeal, AppealState, BoardState
from service.boards.rules import demand_headquarters
from service.boards.standing import BOARD, locked
from service.kernel.actor import Actor, Role
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.kernel.errors import Forbidden
from service.kernel.ids import uuid7


def appeal(session: Session, actor: Actor, board_id: UUID, text: str) -> Appeal:
    """Say for one's unit that its row is wrong.

    Raises:
        UnknownBoard; AppealsClosed: not within the publicity period; Forbidden: only a unit's office appeals.
    """
    if not actor.has(Role.UNIT_OFFICE) or actor.unit_id is None:
        raise Forbidden
    board = locked(session, board_id)
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
