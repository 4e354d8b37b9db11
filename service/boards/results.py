"""A board computed: every unit's figures, points and place, and each figure's records."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.boards.measured import NOTHING, UnitFigure, figures
from service.boards.models import Board, BoardEntry, BoardState, EntryKind
from service.boards.rules import BoardRules, Measured, Rounding, Source, Totals, read
from service.boards.scoring import Reading, capped, places, points_of, total_of
from service.indicators.spans import Days
from service.kernel.actor import Actor
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.programmes.models import Line
from service.progress import comparison
from service.progress.measures import rounded, shown, truncated
from service.progress.queries import Question
from service.progress.records_links import Behind, counted_url, visits_url
from service.progress.views import UnitProgress

_DAY = timedelta(days=1)
_LINES = {
    Source.THOUSAND_COUNTED: Line.THOUSAND,
    Source.THOUSAND_NEW: Line.THOUSAND,
    Source.HUNDRED_COUNTED: Line.HUNDRED,
    Source.HUNDRED_NEW: Line.HUNDRED,
    Source.VISITS: Line.THOUSAND,
}
_OF_THE_PERIOD = {Source.THOUSAND_NEW, Source.HUNDRED_NEW, Source.VISITS}
UNGROUPED = "未分组"


@dataclass(frozen=True, slots=True)
class _Figures:
    """What the house measures of the units, at the period's end and right before its first day."""

    board: Board
    at_end: Mapping[tuple[UUID, Line], UnitProgress]
    before: Mapping[tuple[UUID, Line], UnitProgress]
    measured: Mapping[str, Mapping[UUID, UnitFigure]]

    def of(self, unit_id: UUID, what: Measured) -> UnitFigure:
        """A unit's figure of an indicator that is not entered on the board."""
        if what.measure is not None:
            return self.measured[what.measure].get(unit_id, NOTHING)
        return UnitFigure(self._of_line(unit_id, what.source), self._url(unit_id, what.source))

    def _of_line(self, unit_id: UUID, source: Source) -> Reading:
        line = _LINES[source]
        one = self.at_end.get((unit_id, line))
        if one is None:
            return Reading(None)
        value, target = _value(one, source), _fraction(one.targets.working)
        if source in _OF_THE_PERIOD:
            earlier = self.before.get((unit_id, line))
            value -= _value(earlier, source) if earlier else 0
        return Reading(Fraction(value), target)

    def _url(self, unit_id: UUID, source: Source) -> str:
        from_on = self.board.start_on if source in _OF_THE_PERIOD else None
        behind = Behind(self.board.programme_id, _LINES[source], self.board.end_on, unit_id, from_on=from_on)
        return visits_url(behind) if source is Source.VISITS else counted_url(behind)


def compute(
    session: Session, actor: Actor, board: Board, known_at: datetime | None = None
) -> list[dict[str, Any]]:
    """A row a unit, in the order of office within its group; those that stand aside are listed without a place.

    Units that nobody has given a group are compared with each other. With `known_at` the figures are those that were
    known then; entries by hand, targets, groups and the statistics' measures are those of now.

    Raises:
        NotYetKnown, NotKnown: what was known at that time cannot be told.
    """
    rules = read(board.rules)

    def on(day: date) -> list[UnitProgress]:
        return comparison.units(session, actor, Question(board.programme_id, day, known_at=known_at))

    at_end, before = on(board.end_on - _DAY), on(board.start_on - _DAY)
    days = Days(board.start_on, board.end_on)
    codes = {one.measure for one in rules.indicators if one.measure is not None}
    measured = {code: figures(session, actor, code, days) for code in sorted(codes)}
    held = _Figures(board, _by_key(at_end), _by_key(before), measured)
    entries = _entries(session, board.id)
    groups: dict[str, list[UnitProgress]] = defaultdict(list)
    for one in at_end:
        if one.line is Line.THOUSAND:
            groups[one.group or UNGROUPED].append(one)
    before_place = _places_of_last_issue(session, board)
    return [
        {**row, "place_before": before_place.get(row["unit_id"])}
        for group, units in groups.items()
        for row in _Group(group, units, rules, held, entries).rows()
    ]


@dataclass(frozen=True, slots=True)
class _Group:
    """Units that are compared with each other, with everything their rows are made of."""

    name: str
    units: Sequence[UnitProgress]
    rules: BoardRules
    figures: _Figures
    entries: Mapping[UUID, Sequence[BoardEntry]]

    def rows(self) -> list[dict[str, Any]]:
        """A row a unit, those that stand aside included."""
        aside = {one.unit.id: _aside(self.entries[one.unit.id]) for one in self.units}
        ranked = [unit_id for unit_id, why in aside.items() if why is None]
        scores = [self._scores(measured, ranked) for measured in self.rules.indicators]
        totals = {unit_id: self._total(unit_id, scores) for unit_id in ranked}
        place_of = places(totals)
        return [
            {
                "group": self.name,
                "unit_id": str(one.unit.id),
                "unit": one.unit.name,
                "indicators": [self._shown(score, one.unit.id) for score in scores],
                "bonus": _number(self._shown_bonus(one.unit.id), self.rules),
                "deduction": _number(_sum(self.entries[one.unit.id], EntryKind.DEDUCTION), self.rules),
                "total": _number(totals.get(one.unit.id), self.rules),
                "place": place_of.get(one.unit.id),
                "aside": aside[one.unit.id],
                "entries": [_entry(entry) for entry in self.entries[one.unit.id]],
            }
            for one in self.units
        ]

    def _scores(self, measured: Measured, ranked: Sequence[UUID]) -> "_Scores":
        found = {
            one.unit.id: _figure_of(measured, one.unit.id, self.figures, self.entries[one.unit.id])
            for one in self.units
        }
        # Who stands aside sets neither the most nor the least of an efficacy score.
        compared = {unit_id: found[unit_id].reading for unit_id in ranked}
        return _Scores(measured, found, points_of(measured.as_indicator(), compared))

    def _total(self, unit_id: UUID, scores: Sequence["_Scores"]) -> Fraction | None:
        return total_of(
            [None if (points := score.points[unit_id]) is None else self._added(points) for score in scores],
            bonus=self._added(self._bonus(unit_id)),
            deduction=self._added(_sum(self.entries[unit_id], EntryKind.DEDUCTION)),
        )

    def _entered_bonus(self, unit_id: UUID) -> Fraction:
        return _sum(self.entries[unit_id], EntryKind.BONUS)

    def _bonus(self, unit_id: UUID) -> Fraction:
        """What is added to the total: everything entered, or the most the rules allow."""
        return capped(self._entered_bonus(unit_id), _fraction(self.rules.most_bonus))

    def _shown_bonus(self, unit_id: UUID) -> Fraction:
        """The bonus as it is added; where totals are exact, whole, as these boards were announced."""
        return self._entered_bonus(unit_id) if self.rules.totals is Totals.EXACT else self._bonus(unit_id)

    def _added(self, points: Fraction) -> Fraction:
        """Points as a total adds them up: as they are printed, so that whoever adds the row up finds the same."""
        return points if self.rules.totals is Totals.EXACT else Fraction(_printed(points, self.rules))

    def _shown(self, score: "_Scores", unit_id: UUID) -> dict[str, Any]:
        found = score.figures[unit_id]
        return {
            "code": score.measured.code,
            "value": _figure(found.reading.value),
            "target": _figure(found.reading.target),
            "points": _number(score.points.get(unit_id), self.rules),
            "url": found.url,
        }


class _Scores(NamedTuple):
    """One indicator of a group: every unit's figure, and the points of those that are ranked."""

    measured: Measured
    figures: Mapping[UUID, UnitFigure]
    points: Mapping[UUID, Fraction | None]


def _figure_of(
    measured: Measured, unit_id: UUID, held: _Figures, entries: Sequence[BoardEntry]
) -> UnitFigure:
    if measured.source is not Source.MANUAL:
        return held.of(unit_id, measured)
    entered = [one for one in entries if one.kind is EntryKind.FIGURE and one.indicator == measured.code]
    if not entered:
        return NOTHING
    last = entered[-1]
    return UnitFigure(Reading(_fraction(last.amount), _fraction(last.target)), None)


def _aside(entries: Sequence[BoardEntry]) -> dict[str, str] | None:
    """Why a unit has no place: it is not of those compared, or something beyond its power befell it."""
    for entry in entries:
        if entry.kind in (EntryKind.EXCLUDED, EntryKind.EXEMPT):
            return {"kind": entry.kind.value, "reason": entry.reason}
    return None


def _sum(entries: Iterable[BoardEntry], kind: EntryKind) -> Fraction:
    return sum((Fraction(one.amount or 0) for one in entries if one.kind is kind), Fraction(0))


def _number(value: Fraction | None, rules: BoardRules) -> str | None:
    return None if value is None else _printed(value, rules)


def _printed(value: Fraction, rules: BoardRules) -> str:
    if rules.rounding is Rounding.TRUNCATED:
        return truncated(value, rules.decimals)
    return rounded(value, rules.decimals)


def _figure(value: Fraction | None) -> str | None:
    """A figure as people write it: whole ones without decimals, others with up to four, as they are entered."""
    figure = shown(value, 4)
    return figure if figure is None or "." not in figure else figure.rstrip("0").rstrip(".")


def _entry(entry: BoardEntry) -> dict[str, Any]:
    return {
        "id": str(entry.id),
        "kind": entry.kind.value,
        "indicator": entry.indicator,
        "amount": None if entry.amount is None else str(entry.amount),
        "reason": entry.reason,
    }


def _entries(session: Session, board_id: UUID) -> Mapping[UUID, list[BoardEntry]]:
    found: dict[UUID, list[BoardEntry]] = defaultdict(list)
    for entry in session.scalars(
        sa.select(BoardEntry)
        .where(BoardEntry.board_id == board_id)
        .order_by(BoardEntry.entered_at, BoardEntry.id)
    ):
        found[entry.unit_id].append(entry)
    return found


def last_issue(session: Session, board: Board) -> Board | None:
    """The board of the same series that was published last before this one's period."""
    return session.scalar(
        sa.select(Board)
        .where(
            Board.series == board.series, Board.state == BoardState.PUBLISHED, Board.start_on < board.start_on
        )
        .order_by(Board.start_on.desc(), Board.published_at.desc())
        .limit(1)
    )


def _places_of_last_issue(session: Session, board: Board) -> dict[str, int | None]:
    last = last_issue(session, board)
    return {} if last is None else {row["unit_id"]: row["place"] for row in last.results}


def is_over(board: Board) -> bool:
    """Whether the board's period has ended."""
    return board.end_on <= local_date(now())


def _by_key(rows: Iterable[UnitProgress]) -> dict[tuple[UUID, Line], UnitProgress]:
    return {(one.unit.id, one.line): one for one in rows}


def _value(one: UnitProgress, source: Source) -> int:
    return one.visits if source is Source.VISITS else one.counted


def _fraction(value: Any) -> Fraction | None:
    return None if value is None else Fraction(value)
