"""Two contents of one record side by side, field by field, with what both began from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

ABSENT: Final = object()
"""Stands for a field that a content does not have, which is not the same as null."""


class ChangedBy(StrEnum):
    """Which of the two left what they began from; `unknown` when that is not at hand."""

    SERVER = "server"
    KEPT = "kept"
    BOTH = "both"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """One field (JSON pointer) in which the contents differ; an absent field is shown as None."""

    pointer: str
    base: Any
    server: Any
    kept: Any
    changed_by: ChangedBy


def differences(
    base: Mapping[str, Any] | None, server: Mapping[str, Any], kept: Mapping[str, Any]
) -> list[FieldDifference]:
    """Every field in which server and kept differ, in the order of their names; a list differs as a whole."""
    began = {} if base is None else dict(_leaves(base))
    left, right = dict(_leaves(server)), dict(_leaves(kept))
    return [
        FieldDifference(
            pointer,
            began.get(pointer),
            left.get(pointer),
            right.get(pointer),
            ChangedBy.UNKNOWN if base is None else _changed_by(began, left, right, pointer),
        )
        for pointer in sorted({*left, *right})
        if not _same(left.get(pointer, ABSENT), right.get(pointer, ABSENT))
    ]


def _leaves(content: Mapping[str, Any], pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Each value that is not an object, by its pointer; an empty object is a value."""
    for name, value in content.items():
        place = f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, place)
        else:
            yield place, value


def _changed_by(
    base: Mapping[str, Any], server: Mapping[str, Any], kept: Mapping[str, Any], pointer: str
) -> ChangedBy:
    began = base.get(pointer, ABSENT)
    if _same(began, server.get(pointer, ABSENT)):
        return ChangedBy.KEPT
    return ChangedBy.SERVER if _same(began, kept.get(pointer, ABSENT)) else ChangedBy.BOTH


def _same(one: Any, other: Any) -> bool:
    """Equal as JSON has it: true is not 1, and 1.0 is 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    return bool(one == other)
