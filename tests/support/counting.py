"""How many statements a question sends to the database."""

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.orm import Session


def statements(session: Session, ask: Callable[[], object]) -> int:
    """How many statements a question sends."""
    bind = session.get_bind()
    engine, seen = bind.engine, []

    def note(*told: object) -> None:
        seen.append(told[2])

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        ask()
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    return len(seen)
