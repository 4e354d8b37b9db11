"""How wide the columns of a table are: what its figures need comes first, then its names, then what the columns ask. Pure."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from service.reports.document import Table

_SHORTEST_NAME, _LONGEST_NAME = 4.0, 12.0
"""A name is broken after so many characters where there is no room, and after so many where there is."""
_HEAD = 3.0
"""A head of a figure is broken after so many."""


def column_widths(table: Table, whole: float, em: float, margin: float) -> list[float]:
    """The widths in the unit of `whole`; `em` is a Chinese character's, `margin` what a cell leaves free in all."""
    least, wanted = ([need * em + margin for need in needs] for needs in zip(*_needs(table), strict=True))
    if sum(least) >= whole:
        return [whole * one / sum(least) for one in least]
    widths = _given(least, wanted, whole)
    over, parts = whole - sum(widths), sum(column.width for column in table.columns)
    return [width + over * column.width / parts for width, column in zip(widths, table.columns, strict=True)]


def characters(text: str) -> float:
    """A text's width in Chinese characters; others are taken as half of one, capitals as a little more."""
    return sum(1.0 if ord(one) > 0x2000 else 0.7 if one.isupper() or one == "%" else 0.56 for one in text)


def _needs(table: Table) -> Iterator[tuple[float, float]]:
    """What each column needs so that no figure is broken, and what it would need so that no name is."""
    lines = [*table.rows, *([table.total] if table.total else [])]
    groups = dict(_group_needs(table))
    for place, column in enumerate(table.columns):
        longest = max((characters(line[place]) for line in lines), default=0.0)
        label = characters(column.label)
        if column.is_number:
            least = max(longest, min(label, _HEAD), groups.get(place, 0.0), 1.0)
            yield least, max(least, min(label, _SHORTEST_NAME))
        else:
            least = max(min(longest, _SHORTEST_NAME), min(label, _SHORTEST_NAME))
            yield least, max(least, min(longest, _LONGEST_NAME))


def _group_needs(table: Table) -> Iterator[tuple[int, float]]:
    """What each column of a group needs for the head above them."""
    for group, places in groupby(range(len(table.columns)), key=lambda place: table.columns[place].group):
        neighbours = list(places)
        if group is not None:
            for place in neighbours:
                yield place, min(characters(group), _SHORTEST_NAME) / len(neighbours)


def _given(least: Sequence[float], wanted: Sequence[float], whole: float) -> list[float]:
    """What is wanted as far as there is room, in equal shares of it."""
    lacking = sum(wanted) - sum(least)
    share = min(1.0, (whole - sum(least)) / lacking) if lacking else 0.0
    return [few + (many - few) * share for few, many in zip(least, wanted, strict=True)]
