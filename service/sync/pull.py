"""What changed for a person, page by page, in commit order; applied as it comes it leaves the phone with what they may see.

::

    no cursor ──▶ a walk over all that is there ──▶ marks since the walk began ──▶ nothing new
                        ▲                                      │                       │
                        └──── unit or roles changed, ──────────┴───────────────────────┘
                              or the house has learned a new type

What a phone may rely on:

* Applied in the order given, page after page, `upsert` by replacing the row and `delete` by dropping it if it is
  there, its rows are those the person may see, as soon as `has_more` is false.
* Both may be repeated: the same row may come again unchanged, and a `delete` may name a row the phone never had.
* Rows come in the order in which their last changes were committed; a row that changed thrice comes once a page. A
  walk comes in the order of types and ids. A child may come before its parent.
* A row is never skipped, however late the transaction that changed it commits.
* Names of people, units, enterprises and sites beside a record are those of the record's last change.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from service.kernel.actor import Actor
from service.kernel.clock import now
from service.sync.cursors import Cursor, Position, Walk
from service.sync.epoch import Horizon, horizon
from service.sync.errors import CursorExpired
from service.sync.feed import Shown
from service.sync.listed import BY_NAME, FEEDS
from service.sync.marks import PHOTO, Mark, Stretch, any_in, marks_in, records_with
from service.sync.scopes import Scope

DEFAULT_LIMIT, LARGEST_LIMIT = 500, 1000
CODE_LIST = "code_list"
RENEWED_AFTER_S = 24 * 3600
"""A cursor older than this is given anew although nothing is new, so that it never grows too old in use."""
MOST_SCOPES = 8

_NAMES = tuple(feed.name for feed in FEEDS)


@dataclass(frozen=True, slots=True)
class CodeLists:
    """The house's code lists, which change with a release only."""

    version: str
    lists: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """How many rows are asked for after which cursor, in which language."""

    cursor: Cursor | None
    codes: CodeLists
    limit: int = DEFAULT_LIMIT
    language: str = "zh"


@dataclass(frozen=True, slots=True)
class Change:
    """A row as it is now, or None when the person may not see it, or not any more."""

    type: str
    id: str
    shown: Shown | None


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Some changes, and where the next page begins; the same cursor again when nothing is new."""

    changes: Sequence[Change]
    next_cursor: Cursor
    has_more: bool


@dataclass(frozen=True, slots=True)
class _Part:
    """Rows to be looked at, and how far the cursor has come with them."""

    rows: Sequence[tuple[str, UUID]]
    cursor: Cursor
    is_last: bool


def changes(session: Session, actor: Actor, asked: Asked) -> ChangePage:
    """The next page for this person.

    Raises:
        CursorExpired: the cursor is too old, another person's, or of another history.
    """
    sight = horizon(session)
    begun = _resumed(actor, asked.cursor, sight)
    codes, cursor = _code_lists(begun, asked)
    room = asked.limit - len(codes)
    walked = _walked(session, actor, cursor, room)
    marked = _marked(session, actor, walked, sight, room - len(walked.rows))
    rows = [*walked.rows, *marked.rows]
    found = [*codes, *_read(session, actor, rows, asked.language)]
    if marked.is_last and not found and _is_as_before(asked.cursor, marked.cursor):
        return ChangePage((), begun, has_more=False)
    issued = replace(marked.cursor, issued=_seconds())
    return ChangePage(found, issued, has_more=not marked.is_last)


def anything_new(session: Session, actor: Actor, asked: Asked) -> bool:
    """Whether the next page would tell anything; it reads no row, and asks one question of the marks.

    Raises:
        CursorExpired: as `changes` does.
    """
    sight = horizon(session)
    cursor = _resumed(actor, asked.cursor, sight)
    if cursor.walk or cursor.codes != asked.codes.version or not _is_as_before(asked.cursor, cursor):
        return True
    if cursor.until is not None and sight.done_below >= cursor.until:
        return True
    return any_in(session, actor, Stretch(cursor.held, cursor.position, sight.done_below))


def _resumed(actor: Actor, cursor: Cursor | None, sight: Horizon) -> Cursor:
    """The cursor as this pull begins: a new one, or the given one with whatever the person has become since."""
    scope = Scope.of(actor)
    first = Walk(_NAMES[0])
    if cursor is None:
        start = Position(sight.done_below)
        return Cursor(actor.person_id, sight.epoch, start, held=(scope,), issued=_seconds(), walk=first)
    if (cursor.person_id, cursor.epoch) != (actor.person_id, sight.epoch):
        raise CursorExpired
    if not sight.purged_below <= cursor.position.xid <= sight.begun_below:
        raise CursorExpired
    if scope != cursor.held[-1]:
        held = (*(one for one in cursor.held if one != scope), scope)
        if len(held) > MOST_SCOPES:
            raise CursorExpired
        return replace(cursor, held=held, walk=first, until=None)
    if cursor.walk is None and not set(_NAMES) <= set(cursor.has):
        return replace(cursor, walk=first, until=None)
    return cursor


def _is_as_before(given: Cursor | None, cursor: Cursor) -> bool:
    """Whether a cursor that has told nothing may be kept: all is read, for this person as they are, and it is young."""
    return (
        given is not None
        and replace(cursor, position=given.position) == given
        and _seconds() - given.issued < RENEWED_AFTER_S
    )


def _code_lists(cursor: Cursor, asked: Asked) -> tuple[list[Change], Cursor]:
    """The code lists that the phone does not have yet, as many as the page holds."""
    version, _, told = cursor.codes.partition("/")
    done = int(told or 0) if version == asked.codes.version else 0
    if cursor.codes == asked.codes.version:
        return [], cursor
    rest = list(asked.codes.lists.items())[done : done + asked.limit]
    done += len(rest)
    codes = asked.codes.version if done >= len(asked.codes.lists) else f"{asked.codes.version}/{done}"
    return [Change(CODE_LIST, name, Shown(None, facts)) for name, facts in rest], replace(cursor, codes=codes)


def _walked(session: Session, actor: Actor, cursor: Cursor, room: int) -> _Part:
    """The next rows of the walk; behind its last row the marks follow."""
    walk = cursor.walk
    if walk is None:
        return _Part((), cursor, is_last=True)
    found: list[tuple[str, UUID]] = []
    begin = _NAMES.index(walk.feed) if walk.feed in _NAMES else 0
    for feed in FEEDS[begin:]:
        here = walk if feed.name == walk.feed else Walk(feed.name)
        if room > len(found):
            ids = _ids_at(session, actor, cursor, here, room - len(found))
            found += [(feed.name, row_id) for row_id in ids]
            here = Walk(feed.name, ids[-1]) if ids else here
        if room <= len(found):
            return _Part(found, replace(cursor, walk=here), is_last=False)
    # Whatever the walk saw was written below this number: until then the marks of every scope count.
    until = horizon(session).begun_below
    return _Part(found, replace(cursor, walk=None, until=until, has=_NAMES), is_last=True)


def _ids_at(session: Session, actor: Actor, cursor: Cursor, here: Walk, room: int) -> Sequence[UUID]:
    """What the walk tells of one type: all of it, or what the person has gained and lost by becoming another."""
    feed, is_whole = BY_NAME[here.feed], here.feed in cursor.has
    if not feed.by_scope:
        return () if is_whole else feed.ids_after(session, actor, here.after, room)
    seen = [feed.all_ids(session, scope.person(actor)) for scope in cursor.held]
    always = set.intersection(*seen) if is_whole else set()
    told = sorted(set.union(*seen) - always)
    return [row_id for row_id in told if here.after is None or row_id > here.after][:room]


def _marked(session: Session, actor: Actor, walked: _Part, sight: Horizon, room: int) -> _Part:
    """The rows of the next marks, each once, in the order of their last marks."""
    cursor = walked.cursor
    if not walked.is_last or room <= 0:
        return _Part((), cursor, is_last=False)
    stretch = Stretch(cursor.held, cursor.position, sight.done_below)
    marks = marks_in(session, actor, stretch, limit=room)
    if len(marks) == room:
        return _Part(_rows_of(session, marks), replace(cursor, position=marks[-1].at), is_last=False)
    cursor = replace(cursor, position=max(cursor.position, Position(sight.done_below)))
    if cursor.until is not None and sight.done_below >= cursor.until:
        cursor = replace(cursor, held=cursor.held[-1:], until=None)
    return _Part(_rows_of(session, marks), cursor, is_last=True)


def _rows_of(session: Session, marks: Iterable[Mark]) -> list[tuple[str, UUID]]:
    touched = {(mark.type, mark.subject): mark.at for mark in marks}
    photos = [subject for kind, subject in touched if kind == PHOTO]
    named = records_with(session, photos)
    rows = sorted((at, row) for row, at in touched.items() if row[0] in BY_NAME and row not in named)
    return [*(row for _, row in rows), *(row for row in named if row[0] in BY_NAME)]


def _read(session: Session, actor: Actor, rows: Sequence[tuple[str, UUID]], language: str) -> list[Change]:
    by_type: dict[str, list[UUID]] = {}
    for kind, row_id in rows:
        by_type.setdefault(kind, []).append(row_id)
    shown = {kind: BY_NAME[kind].read_all(session, actor, ids, language) for kind, ids in by_type.items()}
    return [Change(kind, str(row_id), shown[kind].get(row_id)) for kind, row_id in dict.fromkeys(rows)]


def _seconds() -> int:
    return int(now().timestamp())
