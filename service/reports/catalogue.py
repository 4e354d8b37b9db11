"""What reports there are: each one's title, period, tables and skeleton. A new report is an entry here.

Figures stand in the text by name, `{thousand.counted}`, and are filled in when the report is shown: whoever edits a
sentence cannot change a figure, and whoever takes the figures anew does not lose a sentence.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from service.kernel.calendar import Period, PeriodKind, label_with_year
from service.reports.models import ReportKind

PLACE = re.compile(r"\{([a-z0-9_.]+)\}")
"""A figure's name in a text."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One kind of report."""

    kind: ReportKind
    period: PeriodKind
    title: str
    """`{period}` is the period's name."""
    skeleton: tuple[Mapping[str, Any], ...]

    def title_of(self, period: Period) -> str:
        """The title of one issue."""
        return self.title.replace("{period}", label_with_year(period))


def _heading(text: str) -> dict[str, Any]:
    return {"kind": "heading", "level": 1, "text": text}


def _paragraph(text: str) -> dict[str, Any]:
    return {"kind": "paragraph", "text": text}


def _table(name: str) -> dict[str, Any]:
    return {"kind": "table", "table": name}


_OVERALL = (
    "截至{as_of}，全市累计走访知名企业、商协会{thousand.counted}家，完成年度工作目标{thousand.working}家的{thousand.rate}，"
    "{thousand.gap}；走访三类500强企业{hundred.counted}家，完成年度工作目标{hundred.working}家的{hundred.rate}，{hundred.gap}。"
    "另有知名企业、商协会{thousand.pending}家、三类500强企业{hundred.pending}家待审核。年度时间进度{elapsed}。"
)
_ADDED = (
    "{period}新增走访知名企业、商协会{thousand.new}家、三类500强企业{hundred.new}家，"
    "登门拜访{thousand.new_visits}家次。"
)
_ZEROS = "“千家”尚未破零的单位{thousand.zero_units_count}个：{thousand.zero_units}。“百家”尚未破零的单位{hundred.zero_units_count}个：{hundred.zero_units}。"
_NEXT = "按工作目标倒排，今后每周全市需新增走访知名企业、商协会{thousand.needed_per_week}家、三类500强企业{hundred.needed_per_week}家。"

_OUTINGS = (
    "截至{as_of}，{period}全市外出招商{trips.trips}次、{trips.person_times}人次，在外{trips.days}天，拜访企业机构"
    "{trips.organisations}家、{trips.visits}家次，洽谈项目{trips.projects}个。其中领导干部带队{led.trips}次、{led.person_times}人次，"
    "在外{led.days}天，拜访企业机构{led.organisations}家。"
)
_LEADERS = (
    "领导干部未带队外出的单位{led.units.stayed_count}个：{led.units.stayed}。"
    "未带队外出的领导干部{led.leaders.stayed_count}人：{led.leaders.stayed}。"
)

CATALOGUE = {
    entry.kind: entry
    for entry in (
        Entry(
            ReportKind.WEEKLY,
            PeriodKind.WEEK,
            "登门招商“千百工程”工作进展周统计（{period}）",
            (_paragraph(_ADDED), _paragraph(_OVERALL), _table("units")),
        ),
        Entry(
            ReportKind.HALF_MONTH,
            PeriodKind.HALF_MONTH,
            "关于{period}登门招商“千百工程”进展情况的通报",
            (
                _heading("一、总体情况"),
                _paragraph(_OVERALL),
                _paragraph(_ADDED),
                _table("lines"),
                _heading("二、各单位情况"),
                _paragraph("“千家”完成率居同组首位的单位：{thousand.leading_units}。"),
                _table("units"),
                _heading("三、存在问题"),
                _paragraph(_ZEROS),
                _heading("四、下一步"),
                _paragraph(_NEXT),
            ),
        ),
        Entry(
            ReportKind.MONTHLY,
            PeriodKind.MONTH,
            "关于{period}登门招商“千百工程”督查情况的通报",
            (
                _heading("一、任务完成情况"),
                _paragraph(_OVERALL),
                _paragraph(_ADDED),
                _table("units"),
                _heading("二、存在问题"),
                _paragraph(_ZEROS),
                _heading("三、工作要求"),
                _paragraph(_NEXT),
            ),
        ),
        Entry(
            ReportKind.HALF_YEAR,
            PeriodKind.HALF_YEAR,
            "关于{period}领导干部外出招商情况的统计",
            (
                _heading("一、总体情况"),
                _paragraph(_OUTINGS),
                _table("trip_units"),
                _heading("二、领导干部带队情况"),
                _paragraph(_LEADERS),
                _table("trip_leaders"),
                _heading("三、各单位外出招商情况"),
                _table("trips"),
            ),
        ),
    )
}
