"""A feed says of one type of row which ones a person may see, and reads them; a module of `feeds` makes each."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class Shown:
    """A row as it is told: its revision, when it has any, and its facts, which the door puts into JSON."""

    rev: int | None
    facts: Any


class Written(str):
    """Facts that are JSON already, and leave the house as they stand."""

    __slots__ = ()


Visible = Callable[[Actor], sa.Select[UUID]]
"""The ids of all rows of the type that this person may see now."""

Reader = Callable[[Session, Actor, Collection[UUID], str], dict[UUID, Shown]]
"""Those of these rows that the person may see now, in their language."""

Walker = Callable[[Session, Actor, UUID | None, int], Sequence[UUID]]
"""Up to so many ids that the person may see, in their order, after an id."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One type of row that phones pull.

    Whatever changes what `visible` or `read` answer for a person must leave a mark for them (migration 0011), or be
    marked when the day begins (`turning`); a change of the person's own unit or roles is noticed by the pull itself.
    """

    name: str
    visible: Visible
    read: Reader
    by_scope: bool = False
    """Whether unit and roles decide what is visible; such rows are few enough for their ids to be held at once."""
    walk: Walker | None = None
    """A quicker way through `visible`, where there is one."""
    read_at_once: int | None = None
    """How many rows are read at a time, where reading keeps the process busy: others get their turn in between."""

    def read_all(
        self, session: Session, actor: Actor, ids: Sequence[UUID], language: str
    ) -> dict[UUID, Shown]:
        """Those of all these rows that the person may see now."""
        at_once = self.read_at_once or max(1, len(ids))
        shown: dict[UUID, Shown] = {}
        for start in range(0, len(ids), at_once):
            shown |= self.read(session, actor, ids[start : start + at_once], language)
        return shown

    def ids_after(self, session: Session, actor: Actor, after: UUID | None, limit: int) -> Sequence[UUID]:
        """Up to `limit` visible ids in their order; each page costs the same, however far on."""
        if self.walk is not None:
            return self.walk(session, actor, after, limit)
        ids = self.visible(actor).subquery("visible")
        (key,) = ids.c
        query = sa.select(key).order_by(key).limit(limit)
        return session.scalars(query if after is None else query.where(key > after)).all()

    def all_ids(self, session: Session, actor: Actor) -> set[UUID]:
        """Every visible id."""
        return set(session.scalars(self.visible(actor)))
