"""The figures of a month's inspections: how many visits were drawn and how, what was found, and what was in vain.

How departments answered the problems of the month stands beside them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from service.evidence.fairness import Between, Fairness, RemarkedFilter, RemarkOutcome, fairness
from service.evidence.inspected_months import DrawnFilter, Findings, Month, Outcome, findings_of_month
from service.evidence.models import DrawnAs
from service.evidence.remark_names import remark_name
from service.kernel.actor import Actor
from service.progress import comparison
from service.progress.measures import percent, shown
from service.reports.asked import Asked
from service.reports.fact import Fact
from service.reports.issue_figures import issue_facts

_INSPECTIONS = "/api/hq/v1/inspections"
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
    units = list(dict.fromkeys(one.unit for one in comparison.units(session, actor, asked.question)))
    month = findings_of_month(session, asked.period.start_on, [unit.id for unit in units])
    between = Between(asked.period.start_on, asked.until_on)
    remarks = fairness(session, actor, between)
    what = DrawnFilter(asked.period.start_on)
    facts = {
        **dict(_of_draws(month, what)),
        **dict(_of_findings(month.whole, what)),
        **dict(_of_units(month, [(unit.id, unit.name) for unit in units])),
    }
    tables = {
        "inspected_units": _units_table(month, what, [(unit.id, unit.name) for unit in units]),
        "remarks": _remarks_table(remarks, between),
    }
    more_facts, more_tables = issue_facts(session, actor, asked)
    return facts | more_facts, tables | more_tables


def _of_draws(month: Month, what: DrawnFilter) -> Iterator[tuple[str, Fact]]:
    lots = {lot: month.whole.count(drawn_as=lot) for lot in DrawnAs}
    drawn = month.whole.count()
    yield "inspection.draws", Fact(str(len(month.draws)), _INSPECTIONS)
    yield "inspection.population", Fact(str(month.population), _INSPECTIONS)
    yield "inspection.drawn", Fact(str(drawn), what.url)
    yield "inspection.drawn_share", Fact(share(drawn, month.population), what.url)
    for lot, number in lots.items():
        yield f"inspection.{lot}", Fact(str(number), _with(what, drawn_as=lot).url)


def _of_findings(whole: Findings, what: DrawnFilter) -> Iterator[tuple[str, Fact]]:
    looked_at = whole.count() - whole.count(outcome=Outcome.OPEN)
    yield "inspection.looked_at", Fact(str(looked_at), _with(what, outcome=Outcome.LOOKED_AT).url)
    for outcome, _ in _OUTCOMES:
        number, url = whole.count(outcome=outcome), _with(what, outcome=outcome).url
        yield f"inspection.{outcome}", Fact(str(number), url)
        yield f"inspection.{outcome}_share", Fact(share(number, looked_at), url)
    confirmed = whole.count(drawn_as=DrawnAs.WEIGHTED, outcome=Outcome.CONFIRMED)
    told = confirmed + whole.count(drawn_as=DrawnAs.WEIGHTED, outcome=Outcome.WRONG)
    url = _with(what, drawn_as=DrawnAs.WEIGHTED, outcome=Outcome.CONFIRMED).url
    yield "inspection.weighted_confirmed", Fact(str(confirmed), url)
    yield "inspection.false_positive_share", Fact(share(confirmed, told), url)


def _of_units(month: Month, units: Sequence[tuple[Any, str]]) -> Iterator[tuple[str, Fact]]:
    """Who had no visit drawn, and of whom a visit was found wrong; both in the order of office."""
    undrawn = [name for unit_id, name in units if not month.of_units[unit_id].count()]
    wrong = [name for unit_id, name in units if month.of_units[unit_id].count(outcome=Outcome.WRONG)]
    for name, found in (("undrawn_units", undrawn), ("wrong_units", wrong)):
        yield f"inspection.{name}", Fact("、".join(found) or "无")
        yield f"inspection.{name}_count", Fact(str(len(found)))


def _units_table(month: Month, what: DrawnFilter, units: Sequence[tuple[Any, str]]) -> dict[str, Any]:
    """A row a unit, also where nothing was drawn, and the whole last."""
    rows = [
        [
            {"shown": str(place)},
            {"shown": name},
            *_cells(month.of_units[unit_id], _with(what, unit_id=unit_id)),
        ]
        for place, (unit_id, name) in enumerate(units, start=1)
    ]
    rows.append([{"shown": ""}, {"shown": "合计"}, *_cells(month.whole, what)])
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
        yield {"shown": str(found.count(drawn_as=lot)), "url": _with(what, drawn_as=lot).url}
    for outcome, _ in _OUTCOMES:
        yield {"shown": str(found.count(outcome=outcome)), "url": _with(what, outcome=outcome).url}
    looked_at = found.count() - found.count(outcome=Outcome.OPEN)
    confirmed = found.count(outcome=Outcome.CONFIRMED)
    yield {
        "shown": share(confirmed, looked_at),
        "url": _with(what, outcome=Outcome.CONFIRMED).url,
    }
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
            [
                {"shown": remark_name(one.code)},
                {"shown": str(one.raised), "url": one.records_url},
                *(
                    {
                        "shown": str(getattr(one, outcome)),
                        "url": RemarkedFilter(one.code, between, outcome).url,
                    }
                    for outcome in RemarkOutcome
                ),
                {
                    "shown": share(one.approved, one.raised),
                    "url": RemarkedFilter(one.code, between, RemarkOutcome.APPROVED).url,
                },
            ]
            for one in remarks
        ]
        or [[{"shown": "当月没有经人工审核的疑点提示"}, *({"shown": "0"} for _ in range(4)), {"shown": "—"}]],
    }


def share(part: int, whole: int) -> str:
    """A share in percent; of nothing there is none."""
    return f"{shown(percent(Fraction(part, whole)))}%" if whole else "—"


def _with(what: DrawnFilter, **changed: Any) -> DrawnFilter:
    return replace(what, **changed)
