"""Reads of boards: headquarters sees all; units see what is posted or published, and only their own appeals.

Who was low twice running is told to headquarters alone.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.visibility import within_scope
from service.boards.errors import UnknownBoard
from service.boards.measured import demand_knowable
from service.boards.models import Appeal, Board, BoardState
from service.boards.results import compute, last_issue
from service.boards.rules import read
from service.boards.scoring import low_places
from service.kernel.actor import Actor
from service.kernel.pages import Page, PageRequest, moment_and_id, page_of

SEEN_BY_UNITS = (BoardState.POSTED, BoardState.PUBLISHED, BoardState.RESTATED)


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """Which boards to list: with days, those that are of the whole of them and end with them. None is all."""

    series: str | None = None
    programme_id: UUID | None = None
    state: BoardState | None = None
    from_on: date | None = None
    until_on: date | None = None

    @property
    def url(self) -> str:
        """Where they are listed."""
        asked = {
            "series": self.series,
            "programme": self.programme_id,
            "state": self.state,
            "from": self.from_on,
            "until": self.until_on,
        }
        told = urlencode({name: value for name, value in asked.items() if value is not None})
        return f"/api/hq/v1/boards?{told}"

    def conditions(self) -> Iterator[sa.ColumnElement[bool]]:
        """The same of rows."""
        if self.series is not None:
            yield Board.series == self.series
        if self.programme_id is not None:
            yield Board.programme_id == self.programme_id
        if self.state is not None:
            yield Board.state == self.state
        if self.from_on is not None:
            yield Board.start_on <= self.from_on
        if self.until_on is not None:
            yield Board.end_on == self.until_on


def boards(session: Session, actor: Actor, what: BoardFilter, request: PageRequest) -> Page[Board]:
    """The boards the actor may see, the latest made first."""
    statement = sa.select(Board).where(_seen_by(actor), *what.conditions())
    if request.after is not None:
        statement = statement.where(sa.tuple_(Board.made_at, Board.id) < moment_and_id(request.after))
    rows = session.scalars(
        statement.order_by(Board.made_at.desc(), Board.id.desc()).limit(request.limit + 1)
    ).all()
    return page_of(rows, limit=request.limit, key=lambda one: (one.made_at.isoformat(), str(one.id)))


def board(session: Session, actor: Actor, board_id: UUID) -> Board:
    """A board the actor may see.

    Raises:
        UnknownBoard: there is none such for them.
    """
    found = session.scalar(sa.select(Board).where(Board.id == board_id, _seen_by(actor)))
    if found is None:
        raise UnknownBoard
    return found


def published_of(session: Session, programme_id: UUID, start_on: date, end_on: date) -> list[Board]:
    """The published boards of a programme that end with a period and are of the whole of it.

    A series keeps its place when a board of it is restated: series stand in the order in which they were begun.
    """
    of_period = BoardFilter(programme_id=programme_id, from_on=start_on, until_on=end_on)
    found = session.scalars(
        sa.select(Board).where(*of_period.conditions()).order_by(Board.made_at, Board.id)
    ).all()
    series = list(dict.fromkeys(one.series for one in found))
    published = [one for one in found if one.state is BoardState.PUBLISHED]
    return sorted(published, key=lambda one: series.index(one.series))


def published_between(session: Session, from_at: datetime, until_at: datetime) -> Sequence[Board]:
    """The boards that were published from one moment up to, and without, another."""
    return session.scalars(
        sa.select(Board)
        .where(
            Board.state == BoardState.PUBLISHED,
            Board.published_at >= from_at,
            Board.published_at < until_at,
        )
        .order_by(Board.published_at, Board.id)
    ).all()


def rows_of(
    session: Session, actor: Actor, one: Board, known_at: datetime | None = None
) -> list[dict[str, Any]]:
    """A board's rows as they were frozen; of a draft, as they would be now, or by what was known at a moment.

    Raises:
        NotYetKnown, NotKnown: what was known at that time cannot be told.
        BadBoard: a draft has figures that are known as of now alone.
    """
    if one.state is not BoardState.DRAFT:
        return one.results
    demand_knowable(one, known_at)
    return compute(session, actor, one, known_at)


def appeals(session: Session, actor: Actor, board_id: UUID) -> Sequence[Appeal]:
    """The appeals against a board that the actor may read, in the order they came."""
    return session.scalars(
        sa.select(Appeal)
        .where(Appeal.board_id == board_id, within_scope(actor, Appeal.unit_id))
        .order_by(Appeal.raised_at, Appeal.id)
    ).all()


def low_twice(session: Session, one: Board) -> list[str]:
    """Ids of the units on the last places of this board and of the one before; for headquarters alone."""
    before = last_issue(session, one)
    return [] if before is None else sorted(_low(one) & _low(before))


def _low(one: Board) -> set[str]:
    groups: dict[str, dict[str, int | None]] = defaultdict(dict)
    for row in one.results:
        groups[row["group"]][row["unit_id"]] = row["place"]
    count = read(one.rules).low_places
    return {unit_id for places in groups.values() for unit_id in low_places(places, count=count)}


def _seen_by(actor: Actor) -> sa.ColumnElement[bool]:
    return sa.true() if actor.sees_every_unit else Board.state.in_(SEEN_BY_UNITS)
