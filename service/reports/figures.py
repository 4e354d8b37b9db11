"""The figures of a report: taken once, from the very queries the dashboard reads, and frozen with their addresses."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from service.kernel.actor import Actor
from service.kernel.calendar import Period, chinese_date, label_with_year
from service.programmes.models import Line
from service.progress import comparison, measures, queries
from service.progress.measures import shown
from service.progress.queries import LINES, Setting
from service.progress.records_links import Behind, counted_url, visits_url
from service.progress.views import DayFigures, LineProgress, UnitProgress
from service.reports.asked import Asked
from service.reports.board_figures import board_facts
from service.reports.countdown_figures import countdown_facts
from service.reports.fact import Fact, MadeBy, NotCounted, by_calendar, named, order_cell
from service.reports.inspection_figures import inspection_facts
from service.reports.models import ReportKind
from service.reports.trip_figures import trip_facts

LINE_NAMES = {Line.THOUSAND: "千家", Line.HUNDRED: "百家"}
_LEVELS = ("baseline", "working", "striving")
_DAY = timedelta(days=1)


_MORE = {
    ReportKind.HALF_YEAR: trip_facts,
    ReportKind.MONTHLY_INSPECTION: inspection_facts,
    ReportKind.QUARTERLY_BOARD: board_facts,
    ReportKind.EVENT_COUNTDOWN: countdown_facts,
}
"""What a kind tells beyond the two lines, which every report may name."""


def take_figures(session: Session, actor: Actor, asked: Asked) -> dict[str, Any]:
    """Everything a report's text and tables may name, as of the day and the moment asked for.

    Raises:
        NothingPublished: no board of the quarter is. EventMissing: a count-down names no event.
    """
    what, period = asked.question, asked.period
    setting = queries.settle(session, actor, what)
    headline = queries.overview(session, actor, what)
    units = comparison.units(session, actor, what)
    days = queries.days_of(session, setting)
    facts = dict(_general(setting, period))
    for line in headline.lines:
        facts.update(_of_line(setting, line))
        facts.update(_of_period(setting, period, line.code, days[line.code]))
        facts.update(_of_units(line.code, [one for one in units if one.line is line.code]))
    targets = _targets_url(setting)
    tables = {
        "units": _units_table(targets, units, headline.lines),
        "lines": _lines_table(targets, headline.lines),
    }
    more = _MORE.get(asked.kind)
    if more is not None:
        more_facts, more_tables = more(session, actor, asked)
        facts |= more_facts
        tables |= more_tables
    return {"facts": {name: fact.as_document() for name, fact in facts.items()}, "tables": tables}


def _general(setting: Setting, period: Period) -> Iterator[tuple[str, Fact]]:
    yield "period", by_calendar(label_with_year(period))
    yield "days", by_calendar(_days(period))
    yield "as_of", by_calendar(chinese_date(setting.as_of))
    yield "programme", Fact(setting.programme.name)
    elapsed = measures.percent(measures.elapsed(setting.span, setting.as_of))
    yield "elapsed", by_calendar(f"{shown(elapsed)}%")


def _days(period: Period) -> str:
    """`11月9日至15日`: a week's number tells few people which days it has."""
    first, last = period.start_on, period.last_on
    began = f"{first.month}月{first.day}日"
    if first == last:
        return began
    if first.year != last.year:
        return f"{chinese_date(first)}至{chinese_date(last)}"
    return f"{began}至{'' if first.month == last.month else f'{last.month}月'}{last.day}日"


def _targets_url(setting: Setting) -> str:
    return f"/api/hq/v1/programmes/{setting.programme.id}/targets"


def _of_line(setting: Setting, line: LineProgress) -> Iterator[tuple[str, Fact]]:
    name, targets = line.code.value, _targets_url(setting)
    yield f"{name}.counted", Fact(str(line.counted), line.records_url)
    yield f"{name}.pending", Fact(str(line.pending), line.pending_url)
    yield f"{name}.visits", Fact(str(line.visits), line.visits_url)
    for level in _LEVELS:
        yield f"{name}.{level}", _target(targets, getattr(line.targets, level))
    yield f"{name}.rate", _rate(targets, line)
    parts = _rate(targets, line).made_of
    yield f"{name}.gap", Fact(gap_words(line.gap), made_of=parts, because=NotCounted.CALENDAR)
    per_week = line.needed_per_week or "—"
    yield f"{name}.needed_per_week", Fact(per_week, made_of=parts, because=NotCounted.CALENDAR)


def _target(targets: str, subjects: int | None) -> Fact:
    return Fact(_or_dash(subjects), targets, because=NotCounted.SET)


def _rate(targets: str, one: LineProgress | UnitProgress) -> Fact:
    """完成率: what is counted of the working target."""
    counted = Fact(str(one.counted), one.records_url)
    parts = counted.as_part, _target(targets, one.targets.working).as_part
    return Fact(_percent(one.rate), counted.url, made_of=parts, made_by=MadeBy.SHARE)


def _of_period(
    setting: Setting, period: Period, line: Line, days: Sequence[DayFigures]
) -> Iterator[tuple[str, Fact]]:
    """What the period itself added."""
    until = min(period.end_on, setting.as_of + _DAY)
    behind = Behind(setting.programme.id, line, until, from_on=period.start_on)
    within = [one for one in days if period.start_on <= one.day < until]
    yield f"{line}.new", Fact(str(sum(one.counted for one in within)), counted_url(behind))
    yield f"{line}.new_visits", Fact(str(sum(one.visits for one in within)), visits_url(behind))


def _of_units(line: Line, units: Sequence[UnitProgress]) -> Iterator[tuple[str, Fact]]:
    """Units are named in the order of office; those without a counted subject are named too."""
    rows = list(enumerate(units))
    zeros, zeros_count = named("units", [(place, one.unit.name) for place, one in rows if not one.counted])
    first, _ = named(
        "units", [(place, one.unit.name) for place, one in rows if one.rank == 1 and one.counted]
    )
    yield f"{line}.zero_units", zeros
    yield f"{line}.zero_units_count", zeros_count
    yield f"{line}.leading_units", first


def _units_table(targets: str, units: Sequence[UnitProgress], city: Sequence[LineProgress]) -> dict[str, Any]:
    """A row a unit with both lines beside each other, the city last; the order is that of office, and zeros stay."""
    ordered = list(dict.fromkeys(one.unit for one in units))
    by_line = {(one.unit.id, one.line): one for one in units}
    rows = [
        [
            order_cell(place),
            {"shown": unit.name},
            *(cell for line in LINES for cell in _cells(targets, by_line[unit.id, line])),
        ]
        for place, unit in enumerate(ordered, start=1)
    ]
    cells = [cell for line in city for cell in _cells(targets, line)]
    rows.append([order_cell(""), {"shown": "全市"}, *cells])
    return {
        "title": "各单位完成情况表",
        "note": "单位：家。联合走访分别计入各单位，各单位之和因此可大于全市数；排名在同组单位内按完成率，同率并列。",
        "columns": [
            {"label": "序号", "number": True, "width": 3},
            {"label": "单位", "number": False, "width": 8},
            *(
                {"label": head, "number": True, "group": LINE_NAMES[line], "width": width}
                for line in LINES
                for head, width in (("工作目标", 4), ("已核", 3), ("待核", 3), ("完成率", 5), ("排名", 3))
            ),
        ],
        "rows": rows,
    }


def _cells(targets: str, one: UnitProgress | LineProgress) -> Iterator[dict[str, Any]]:
    """A unit on one line, or the whole city, which has no rank."""
    rank = one.rank if isinstance(one, UnitProgress) else None
    for fact in (
        _target(targets, one.targets.working),
        Fact(str(one.counted), one.records_url),
        Fact(str(one.pending), one.pending_url),
        _rate(targets, one),
        Fact(_or_dash(rank), because=NotCounted.RANK),
    ):
        yield fact.as_document()


def _lines_table(targets: str, lines: Sequence[LineProgress]) -> dict[str, Any]:
    return {
        "title": "目标完成情况表",
        "note": "单位：家；序时进度差以百分点计。",
        "columns": [
            {"label": "指标", "number": False, "width": 2},
            *(
                {"label": label, "number": True, "group": group, "width": 2}
                for label, group in (
                    ("计划", "目标"),
                    ("工作", "目标"),
                    ("奋斗", "目标"),
                    ("已核", "累计"),
                    ("待核", "累计"),
                    ("完成率", None),
                    ("序时进度差", None),
                )
            ),
        ],
        "rows": [
            [
                {"shown": LINE_NAMES[line.code]},
                *(fact.as_document() for fact in _line_facts(targets, line)),
            ]
            for line in lines
        ],
    }


def _line_facts(targets: str, line: LineProgress) -> Iterator[Fact]:
    for level in _LEVELS:
        yield _target(targets, getattr(line.targets, level))
    yield Fact(str(line.counted), line.records_url)
    yield Fact(str(line.pending), line.pending_url)
    rate = _rate(targets, line)
    yield rate
    yield Fact(line.gap or "—", made_of=rate.made_of, because=NotCounted.CALENDAR)


def gap_words(gap: str | None) -> str:
    """超欠进度 in words: `落后序时进度3.20个百分点`; the figure itself is never signed."""
    if gap is None:
        return "未设目标"
    if Fraction(gap) == 0:
        return "与序时进度持平"
    return (
        f"落后序时进度{gap.removeprefix('-')}个百分点" if gap.startswith("-") else f"超序时进度{gap}个百分点"
    )


def _percent(rate: str | None) -> str:
    return "—" if rate is None else f"{shown(measures.percent(Fraction(rate)))}%"


def _or_dash(value: int | None) -> str:
    return "—" if value is None else str(value)
