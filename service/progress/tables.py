"""Tables of figures are computed whole; a reader may ask for one line of them, or for a page."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from service.kernel.pages import Page, PageRequest, part_of
from service.programmes.models import Line
from service.progress.views import UnitProgress, WeekProgress


class _OfALine(Protocol):
    @property
    def line(self) -> Line: ...


Row = TypeVar("Row", bound=_OfALine)


def page_of_units(
    rows: Sequence[UnitProgress], line: Line | None, request: PageRequest
) -> Page[UnitProgress]:
    """The units on one line or on both, in their order."""
    return part_of(_on(rows, line), request, key=lambda row: (str(row.unit.id), row.line.value))


def page_of_weeks(
    rows: Sequence[WeekProgress], line: Line | None, request: PageRequest
) -> Page[WeekProgress]:
    """The weeks of one line or of both, in their order."""
    return part_of(_on(rows, line), request, key=lambda row: (row.start_on.isoformat(), row.line.value))


def _on(rows: Sequence[Row], line: Line | None) -> Sequence[Row]:
    return rows if line is None else [row for row in rows if row.line is line]
