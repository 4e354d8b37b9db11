"""Lists are paged by key: a cursor says where the last page ended, and is opaque to who holds it."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar
from uuid import UUID

from service.kernel.errors import Fault, Invalid
from service.kernel.text import has_forbidden_characters

Row = TypeVar("Row")

DEFAULT_LIMIT = 100
LARGEST_LIMIT = 1000


@dataclass(frozen=True, slots=True)
class PageRequest:
    """How many rows are asked for, and after which key (as strings, in the list's own order)."""

    limit: int = DEFAULT_LIMIT
    after: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """Some rows, and the cursor of the next page when there is one."""

    items: Sequence[Row]
    next_cursor: str | None


def write_cursor(key: Sequence[str]) -> str:
    """The key as one opaque, URL-safe word."""
    text = json.dumps(list(key), separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def read_cursor(cursor: str, *, parts: int) -> tuple[str, ...]:
    """The key behind a cursor of `parts` strings.

    Raises:
        Invalid: it is not one of ours, or of another list.
    """
    try:
        padded = cursor.encode() + b"=" * (-len(cursor) % 4)
        key = json.loads(base64.urlsafe_b64decode(padded))
    except ValueError:
        key = None
    if not isinstance(key, list) or len(key) != parts or not all(_is_text(part) for part in key):
        raise Invalid(faults=[Fault("/cursor", "分页游标无效", "The cursor is not valid")])
    return tuple(key)


def _is_text(part: object) -> bool:
    return isinstance(part, str) and not has_forbidden_characters(part)


def page_of(rows: Sequence[Row], *, limit: int, key: Callable[[Row], Sequence[str]]) -> Page[Row]:
    """The first `limit` of up to `limit + 1` rows that a query fetched, with a cursor when one is left over."""
    if len(rows) <= limit:
        return Page(items=rows, next_cursor=None)
    shown = rows[:limit]
    return Page(items=shown, next_cursor=write_cursor(key(shown[-1])))


def moment_and_id(after: Sequence[str]) -> tuple[datetime, UUID]:
    """The key of a list that is ordered by a moment and then by id.

    Raises:
        Invalid: the cursor is of another list.
    """
    try:
        return datetime.fromisoformat(after[0]), UUID(after[1])
    except ValueError as error:
        raise Invalid(faults=[Fault("/cursor", "分页游标无效", "The cursor is not valid")]) from error


def day_and_id(after: Sequence[str]) -> tuple[date, UUID]:
    """The key of a list that is ordered by a day and then by id.

    Raises:
        Invalid: the cursor is of another list.
    """
    try:
        return date.fromisoformat(after[0]), UUID(after[1])
    except ValueError as error:
        raise Invalid(faults=[Fault("/cursor", "分页游标无效", "The cursor is not valid")]) from error


def id_alone(after: Sequence[str]) -> UUID:
    """The key of a list that is ordered by id.

    Raises:
        Invalid: the cursor is of another list.
    """
    try:
        return UUID(after[0])
    except ValueError as error:
        raise Invalid(faults=[Fault("/cursor", "分页游标无效", "The cursor is not valid")]) from error


def metres_and_id(after: Sequence[str]) -> tuple[float, UUID]:
    """The key of a list that is ordered by distance and then by id.

    Raises:
        Invalid: the cursor is of another list.
    """
    try:
        return float(after[0]), UUID(after[1])
    except ValueError as error:
        raise Invalid(faults=[Fault("/cursor", "分页游标无效", "The cursor is not valid")]) from error


def part_of(rows: Sequence[Row], request: PageRequest, *, key: Callable[[Row], Sequence[str]]) -> Page[Row]:
    """The page of a table that is computed whole: the rows behind the cursor's, in the table's own order."""
    start = 0
    if request.after is not None:
        keys = [tuple(key(row)) for row in rows]
        start = keys.index(request.after) + 1 if request.after in keys else len(rows)
    return page_of(rows[start : start + request.limit + 1], limit=request.limit, key=key)
