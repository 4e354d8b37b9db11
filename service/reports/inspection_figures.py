"""The figures of a month's inspections: how many visits were drawn and how, what was found, and what was in vain.

How departments answered the problems of the month stands beside them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from service.evidence.fairness import Between, Fairness, RemarkedFilter, RemarkOutcome, fairness
from service.evidence.inspected_months import (
    DrawnFilter,
    Findings,
    Month,
    Outcome,
    draw_url,
    draws_url,
    findings_of_month,
)
from service.evidence.models import DrawnAs
from service.evidence.remark_names import remark_name
from service.kernel.actor import Actor
from service.progress import comparison
from service.progress.measures import percent, shown
from service.reports.asked import Asked
from service.reports.fact import Fact, MadeBy, NotCounted, named, order_cell
from service.reports.issue_figures import issue_facts

_OUTCOMES = (
    (Outcome.CONFIRMED, "属实"),
    (Outcome.WRONG, "不实"),
    (Outcome.UNREACHABLE, "联系不上"),
    (Outcome.OPEN, "待核实"),
)


def inspection_facts(
    session: Session, actor: Actor, asked: Asked
) -> tuple[dict[str, Fact], dict[str, dict[str, Any]]]:
    """What a text may name about the inspections of the period's month, and its tables: by unit, remark and department."""
    units = [
        (unit.id, unit.name)
        for unit in dict.fromkeys(one.unit for one in comparison.units(session, actor, asked.question))
    ]
    month = findings_of_month(session, asked.period.start_on, [unit_id for unit_id, _ in units])
    between = Between(asked.period.start_on, asked.until_on)
    remarks = fairness(session, actor, between)
    what = DrawnFilter(asked.period.start_on)
    facts = {
        **dict(_of_draws(month, what)),
        **dict(_of_findings(month.whole, what)),
        **dict(_of_units(month, units)),
    }
    tables = {
        "inspected_units": _units_table(month, what, units),
        "remarks": _remarks_table(remarks, between),
    }
    more_facts, more_tables = issue_facts(session, actor, asked)
    return facts | more_facts, tables | more_tables


def _of_draws(month: Month, what: DrawnFilter) -> Iterator[tuple[str, Fact]]:
    drawn, population = _count(month.whole, what), _population(month, what)
    yield "inspection.draws", Fact(str(len(month.draws)), draws_url(what.month))
    yield "inspection.population", population
    yield "inspection.drawn", drawn
    yield "inspection.drawn_share", _share(drawn, population)
    for lot in DrawnAs:
        yield f"inspection.{lot}", _count(month.whole, what, drawn_as=lot)


def _population(month: Month, what: DrawnFilter) -> Fact:
    """From how many visits the last draw was made; those that stand today may be others, so the draw itself is opened."""
    url = draw_url(month.draws[-1]) if month.draws else draws_url(what.month)
    return Fact(str(month.population), url, because=NotCounted.KEPT)


def _of_findings(whole: Findings, what: DrawnFilter) -> Iterator[tuple[str, Fact]]:
    looked_at = _looked_at(whole, what)
    yield "inspection.looked_at", looked_at
    for outcome, _ in _OUTCOMES:
        found = _count(whole, what, outcome=outcome)
        yield f"inspection.{outcome}", found
        of = looked_at if outcome is not Outcome.OPEN else _count(whole, what)
        yield f"inspection.{outcome}_share", _share(found, of)
    confirmed, wrong = (
        _count(whole, what, drawn_as=DrawnAs.WEIGHTED, outcome=outcome)
        for outcome in (Outcome.CONFIRMED, Outcome.WRONG)
    )
    yield "inspection.weighted_confirmed", confirmed
    in_vain = share(int(confirmed.shown), int(confirmed.shown) + int(wrong.shown))
    parts = confirmed.as_part, confirmed.as_part, wrong.as_part
    yield "inspection.false_positive_share", Fact(in_vain, confirmed.url, made_of=parts, made_by=MadeBy.SHARE)


def _of_units(month: Month, units: Sequence[tuple[Any, str]]) -> Iterator[tuple[str, Fact]]:
    """Who had no visit drawn, and of whom a visit was found wrong; both in the order of office."""
    rows = [(place, name, month.of_units[unit_id]) for place, (unit_id, name) in enumerate(units)]
    undrawn = [(place, name) for place, name, found in rows if not found.count()]
    wrong = [(place, name) for place, name, found in rows if found.count(outcome=Outcome.WRONG)]
    for told, which in (("undrawn_units", undrawn), ("wrong_units", wrong)):
        names, count = named("inspected_units", which)
        yield f"inspection.{told}", names
        yield f"inspection.{told}_count", count


def _units_table(month: Month, what: DrawnFilter, units: Sequence[tuple[Any, str]]) -> dict[str, Any]:
    """A row a unit, also where nothing was drawn, and the whole last."""
    rows = [
        [
            order_cell(place),
            {"shown": name},
            *_cells(month.of_units[unit_id], replace(what, unit_id=unit_id)),
        ]
        for place, (unit_id, name) in enumerate(units, start=1)
    ]
    rows.append([order_cell(""), {"shown": "合计"}, *_cells(month.whole, what)])
    return {
        "title": "各单位走访记录抽查情况表",
        "note": (
            "单位：条。随机＝按随机种子抽取，重点＝按疑点轻重抽取；属实率＝属实／已核实（属实、不实、联系不上之和）；"
            "同一记录被两次抽中的分别计；单位数含其下级单位。"
        ),
        "columns": [
            {"label": "序号", "number": True, "width": 3},
            {"label": "单位", "number": False, "width": 8},
            {"label": "随机", "number": True, "group": "抽取", "width": 3},
            {"label": "重点", "number": True, "group": "抽取", "width": 3},
            *(
                {"label": label, "number": True, "group": "核实结果", "width": 3 + len(label) // 4}
                for _, label in _OUTCOMES
            ),
            {"label": "属实率", "number": True, "width": 4},
            {"label": "备注", "number": False, "width": 4},
        ],
        "rows": rows,
    }


def _cells(found: Findings, what: DrawnFilter) -> Iterator[dict[str, Any]]:
    for lot in DrawnAs:
        yield _count(found, what, drawn_as=lot).as_document()
    for outcome, _ in _OUTCOMES:
        yield _count(found, what, outcome=outcome).as_document()
    confirmed = _count(found, what, outcome=Outcome.CONFIRMED)
    yield _share(confirmed, _looked_at(found, what)).as_document()
    yield {"shown": "" if found.count() else "未抽中"}


def _remarks_table(remarks: Sequence[Fairness], between: Between) -> dict[str, Any]:
    return {
        "title": "疑点提示审核情况表",
        "note": "单位：条，按当月最后一次人工审核计；误报率＝审核通过／提示。疑点只供核实参考，不作为认定依据。",
        "columns": [
            {"label": "疑点", "number": False, "width": 6},
            *(
                {"label": label, "number": True, "width": 3}
                for label in ("提示", "通过", "退回", "作废", "误报率")
            ),
        ],
        "rows": [
            [{"shown": remark_name(one.code)}, *(fact.as_document() for fact in _of_remark(one, between))]
            for one in remarks
        ]
        or [[{"shown": "当月没有经人工审核的疑点提示"}, *({"shown": "—"} for _ in range(5))]],
    }


def _of_remark(one: Fairness, between: Between) -> Iterator[Fact]:
    raised = Fact(str(one.raised), one.records_url)
    became = {
        outcome: Fact(str(getattr(one, outcome)), RemarkedFilter(one.code, between, outcome).url)
        for outcome in RemarkOutcome
    }
    yield raised
    yield from became.values()
    yield _share(became[RemarkOutcome.APPROVED], raised)


def _count(found: Findings, what: DrawnFilter, **which: Any) -> Fact:
    """How many of a lot, of an outcome, or of both, and where exactly these are listed."""
    return Fact(str(found.count(**which)), replace(what, **which).url)


def _looked_at(found: Findings, what: DrawnFilter) -> Fact:
    number = found.count() - found.count(outcome=Outcome.OPEN)
    return Fact(str(number), replace(what, outcome=Outcome.LOOKED_AT).url)


def _share(part: Fact, whole: Fact) -> Fact:
    """One count of another."""
    shown_share = share(int(part.shown), int(whole.shown))
    return Fact(shown_share, part.url, made_of=(part.as_part, whole.as_part), made_by=MadeBy.SHARE)


def share(part: int, whole: int) -> str:
    """A share in percent; of nothing there is none."""
    return f"{shown(percent(Fraction(part, whole)))}%" if whole else "—"
