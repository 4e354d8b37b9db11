"""One figure of a report, as a sentence or a cell prints it, and where the records behind it are."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class NotCounted(StrEnum):
    """Why a figure is not a number of records, or of others that are."""

    CALENDAR = "calendar"
    """It is told by the calendar, or in part: days gone, days left, the elapsed share."""
    ORDER = "order"
    """The number of a line in its table."""
    RANK = "rank"
    """A place among the rows of its table."""
    SET = "set"
    """Somebody set it: a target, points added to a board; its address says where."""
    AVERAGE = "average"
    """An average over the records at its address."""
    KEPT = "kept"
    """It was kept when something was done, and stays when records change: from how many visits a draw was made."""


class MadeBy(StrEnum):
    """How a figure is made of others."""

    SHARE = "share"
    """Per cent: the first, of the others added up."""
    POINTS = "points"
    """What a board's rules give for the first, the figure, against the second, its target; both stand on the board."""
    TOTAL = "total"
    """All of them added up, as a board's rules say, but the last, which is taken off; they stand on the board."""


@dataclass(frozen=True, slots=True)
class Part:
    """One of the figures that a figure is made of, with where it is found and what it does there."""

    shown: str
    url: str | None
    adds: str | None = None
    because: NotCounted | None = None

    def as_document(self) -> dict[str, Any]:
        """The part as it is kept; what it does not have is left out, but for the address."""
        document: dict[str, Any] = {"shown": self.shown, "url": self.url}
        if self.adds is not None:
            document["adds"] = self.adds
        if self.because is not None:
            document["because"] = self.because.value
        return document


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of one of the report's own tables, by their place in it."""

    table: str
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure as it is printed.

    A count has the address of as many records, or the rows of the report's own tables that it counts; a sum names the
    field of those records that it adds up, a list by how many it holds; what is made of other figures has these, and says
    how. What is none of these says why; what the calendar tells in part has the figures of the other part.
    """

    shown: str
    url: str | None = None
    adds: str | None = None
    made_of: tuple[Part, ...] = ()
    made_by: MadeBy | None = None
    rows: Rows | None = None
    because: NotCounted | None = None

    @property
    def as_part(self) -> Part:
        """The figure as one that another is made of."""
        return Part(self.shown, self.url, self.adds, self.because)

    def as_document(self) -> dict[str, Any]:
        """The fact as it is kept; what it does not have is left out, but for the address."""
        document = self.as_part.as_document()
        if self.made_of:
            document["made_of"] = [one.as_document() for one in self.made_of]
        if self.made_by is not None:
            document["made_by"] = self.made_by.value
        if self.rows is not None:
            document["rows"] = {"table": self.rows.table, "places": list(self.rows.places)}
        return document


def by_calendar(shown: str) -> Fact:
    """What the calendar tells."""
    return Fact(shown, because=NotCounted.CALENDAR)


def order_cell(place: int | str) -> dict[str, Any]:
    """The number of a line; a total has none."""
    return Fact(str(place), because=NotCounted.ORDER).as_document()


def named(table: str, found: Sequence[tuple[int, str]]) -> tuple[Fact, Fact]:
    """The names of some rows of a table, 无 where there are none, and how many they are; both open these rows."""
    rows = Rows(table, tuple(place for place, _ in found))
    return Fact("、".join(name for _, name in found) or "无", rows=rows), Fact(str(len(found)), rows=rows)
