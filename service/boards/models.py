"""Tables of boards, of what was added and taken off, and of appeals."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.db import Base


class BoardState(StrEnum):
    """A board's life.

    ::

        draft ─ freeze ─▶ frozen ─ post ─▶ posted (公示) ─ publish ─▶ published ─ its restatement is published ─▶ restated
                                              └─ appeals are raised and decided here
    """

    DRAFT = "draft"
    FROZEN = "frozen"
    POSTED = "posted"
    PUBLISHED = "published"
    RESTATED = "restated"


class Board(Base):
    """One issue of a board. Its rules can change while it is a draft; its figures never after it was frozen."""

    __tablename__ = "boards"
    __table_args__ = (
        sa.CheckConstraint("end_on > start_on", name="ends_after_it_starts"),
        sa.CheckConstraint("(state = 'draft') = (frozen_at IS NULL)", name="is_frozen_once"),
        sa.Index("ix_boards_series", "series", "start_on", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    series: Mapped[str]
    """Boards of one series follow each other, quarter by quarter; places are compared within it."""
    name: Mapped[str]
    programme_id: Mapped[UUID] = mapped_column(sa.ForeignKey("programmes.id"))
    start_on: Mapped[date]
    end_on: Mapped[date]
    """The day after the period's last."""
    state: Mapped[BoardState] = mapped_column(default=BoardState.DRAFT)
    rules: Mapped[dict[str, Any]]
    """Indicators with points, caps and methods; rounding; bounds of bonus; how many places are low."""
    results: Mapped[list[dict[str, Any]]] = mapped_column(default_factory=list)
    """A row a unit, with every input, from the moment it was frozen."""
    made_by: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"))
    made_at: Mapped[datetime]
    frozen_at: Mapped[datetime | None] = mapped_column(default=None)
    posted_from: Mapped[date | None] = mapped_column(default=None)
    posted_until: Mapped[date | None] = mapped_column(default=None)
    """The last day on which appeals are taken."""
    published_at: Mapped[datetime | None] = mapped_column(default=None)
    known_at: Mapped[datetime | None] = mapped_column(default=None)
    """The moment whose figures were frozen; asked for again, they are the same."""
    restates_id: Mapped[UUID | None] = mapped_column(sa.ForeignKey("boards.id"), default=None)
    correction: Mapped[str | None] = mapped_column(default=None)


class EntryKind(StrEnum):
    """What is set for one unit on one board."""

    BONUS = "bonus"
    DEDUCTION = "deduction"
    FIGURE = "figure"
    EXCLUDED = "excluded"
    EXEMPT = "exempt"


class BoardEntry(Base):
    """Something set by hand for a unit, with why: points, a figure the house does not measure, or standing aside."""

    __tablename__ = "board_entries"
    __table_args__ = (sa.Index("ix_board_entries_board_id_unit_id", "board_id", "unit_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    board_id: Mapped[UUID] = mapped_column(sa.ForeignKey("boards.id"))
    unit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("units.id"))
    kind: Mapped[EntryKind]
    indicator: Mapped[str | None] = mapped_column(default=None)
    amount: Mapped[Decimal | None] = mapped_column(default=None)
    target: Mapped[Decimal | None] = mapped_column(default=None)
    reason: Mapped[str]
    entered_by: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"))
    entered_at: Mapped[datetime]


class AppealState(StrEnum):
    """`open → upheld | dismissed`."""

    OPEN = "open"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


class Appeal(Base):
    """A unit says that its row of a posted board is wrong; headquarters decides with a reason."""

    __tablename__ = "board_appeals"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    board_id: Mapped[UUID] = mapped_column(sa.ForeignKey("boards.id"), index=True)
    unit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("units.id"))
    text: Mapped[str]
    state: Mapped[AppealState] = mapped_column(default=AppealState.OPEN)
    raised_by: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"))
    raised_at: Mapped[datetime]
    decision: Mapped[str | None] = mapped_column(default=None)
    decided_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("users.id"), default=None)
    decided_at: Mapped[datetime | None] = mapped_column(default=None)
