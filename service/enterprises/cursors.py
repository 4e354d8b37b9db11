"""The keys of the register's lists, read back from cursors that anybody may have written."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa

from service.kernel.errors import Fault, Invalid

_INT32 = 2**31


class RankedKey(NamedTuple):
    """Where a list by rank, then by name, ended."""

    rank: int
    length: int
    name: str
    id: UUID


def ranked_key(after: Sequence[str]) -> RankedKey:
    """The key of a search.

    Raises:
        Invalid: it is not one of ours.
    """
    try:
        rank, length, name, row_id = after
        return RankedKey(_whole(rank), _whole(length), name, UUID(row_id))
    except ValueError as error:
        raise _wrong() from error


def rank_name_and_id(after: Sequence[str]) -> tuple[int, str, UUID]:
    """The key of a list by rank.

    Raises:
        Invalid: it is not one of ours.
    """
    try:
        rank, name, row_id = after
        return _whole(rank), name, UUID(row_id)
    except ValueError as error:
        raise _wrong() from error


def name_and_id(after: Sequence[str]) -> tuple[str, UUID]:
    """The key of a list by name.

    Raises:
        Invalid: it is not one of ours.
    """
    try:
        name, row_id = after
        return name, UUID(row_id)
    except ValueError as error:
        raise _wrong() from error


def likeness_and_id(after: Sequence[str]) -> tuple[float, UUID]:
    """The key of a list by likeness.

    Raises:
        Invalid: it is not one of ours.
    """
    try:
        likeness, row_id = after
        return float(likeness), UUID(row_id)
    except ValueError as error:
        raise _wrong() from error


def bound(*key: float | str | UUID) -> sa.Tuple:
    """The key as one value to compare with."""
    return sa.tuple_(
        *(sa.literal(part, sa.Uuid()) if isinstance(part, UUID) else sa.literal(part) for part in key)
    )


def _whole(text: str) -> int:
    number = int(text)
    if not -_INT32 <= number < _INT32:
        raise ValueError(text)
    return number


def _wrong() -> Invalid:
    return Invalid(faults=[Fault("/cursor", "分页游标无效", "The cursor is not valid")])
