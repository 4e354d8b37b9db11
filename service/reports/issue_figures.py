"""The figures of a month's problems: what was raised, how departments answered and solved, zeros listed, nobody ranked."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy.orm import Session

from service.indicators.rates import Rounding, figure, in_percent
from service.issues.measures import RATES, WORDS, Measure, Rate
from service.issues.queries import IssueFilter
from service.issues.statistics import By, IssueRow, IssueTable, issue_statistics
from service.kernel.actor import Actor
from service.reports.asked import Asked
from service.reports.fact import Fact, MadeBy, NotCounted, named, order_cell

_COLUMNS: tuple[tuple[Measure | Rate, str, str], ...] = (
    (Measure.CALLED, "吹哨", "报到"),
    (Measure.REPORT_DUE, "应报到", "报到"),
    (Measure.REPORTED_IN_TIME, "按时", "报到"),
    (Rate.RESPONSE, "响应率", "报到"),
    (Measure.LED, "牵头", "办理"),
    (Measure.RESOLVED, "办结", "办理"),
    (Measure.CLOSED, "销号", "办理"),
    (Measure.OVERDUE, "逾期", "办理"),
    (Rate.SOLUTION, "解决率", "办理"),
    (Rate.SATISFACTION, "满意率", "办理"),
)
_TOLD = (Rate.RESPONSE, Rate.SOLUTION, Rate.SATISFACTION)


def issue_facts(
    session: Session, actor: Actor, asked: Asked
) -> tuple[dict[str, Fact], dict[str, dict[str, Any]]]:
    """What a text may name about the problems raised in the period, as they stand now, and their table by department."""
    what = IssueFilter(from_on=asked.period.start_on, until_on=asked.until_on)
    table = issue_statistics(session, actor, By.DEPARTMENT, what)
    return dict(_facts(table)), {"issues": _table(table)}


def _facts(table: IssueTable) -> Iterator[tuple[str, Fact]]:
    total = table.total
    for measure in Measure:
        yield f"issues.{measure}", _count(total, measure)
    for rate in Rate:
        yield f"issues.{rate}", _rate(total, rate)
    days = figure(total.figures.days_to_close, Rounding.HALF_UP, places=1)
    yield "issues.days_to_close", Fact(days or "—", total.url(Measure.CLOSED), because=NotCounted.AVERAGE)
    for name, measure, is_named in (
        ("overdue_departments", Measure.OVERDUE, bool),
        ("uncalled_departments", Measure.CALLED, lambda count: not count),
    ):
        found = [
            (place, _name(row))
            for place, row in enumerate(table.rows)
            if is_named(row.figures.counts[measure])
        ]
        names, count = named("issues", found)
        yield f"issues.{name}", names
        yield f"issues.{name}_count", count


def _table(table: IssueTable) -> dict[str, Any]:
    rows: Sequence[IssueRow] = (*table.rows, table.total)
    meanings = "；".join(f"{WORDS[one].zh}＝{WORDS[one].means_zh}" for one in _TOLD)
    return {
        "title": "各部门问题办理情况表",
        "note": (
            f"单位：件，按问题提出日期计，办理情况截至出表时。{meanings}；未到时限的不计入。"
            "一个问题可吹哨多个部门，合计按问题计，以牵头部门的办理情况为准；逾期含当天未分办的。"
        ),
        "columns": [
            {"label": "序号", "number": True, "width": 3},
            {"label": "部门", "number": False, "width": 8},
            *(
                {"label": label, "number": True, "group": group, "width": 5 if one in _TOLD else 3}
                for one, label, group in _COLUMNS
            ),
            {"label": "备注", "number": False, "width": 4},
        ],
        "rows": [
            [order_cell("" if row is table.total else place), {"shown": _name(row)}, *_cells(row)]
            for place, row in enumerate(rows, start=1)
        ],
    }


def _cells(row: IssueRow) -> Iterator[dict[str, Any]]:
    for one, _, _ in _COLUMNS:
        fact = _rate(row, one) if isinstance(one, Rate) else _count(row, one)
        yield fact.as_document()
    yield {"shown": "" if row.figures.counts[Measure.CALLED] else "未吹哨"}


def _count(row: IssueRow, measure: Measure) -> Fact:
    return Fact(str(row.figures.counts[measure]), row.url(measure))


def _rate(row: IssueRow, rate: Rate) -> Fact:
    part, whole = (_count(row, measure).as_part for measure in RATES[rate])
    share = in_percent(row.figures.rate(rate), Rounding.HALF_UP)
    return Fact("—" if share is None else f"{share}%", part.url, made_of=(part, whole), made_by=MadeBy.SHARE)


def _name(row: IssueRow) -> str:
    return row.unit.name if row.unit else "合计"
