"""What reports there are: each one's title, period, tables and skeleton. A new report is an entry here.

Figures stand in the text by name, `{thousand.counted}`, and are filled in when the report is shown: whoever edits a
sentence cannot change a figure, and whoever takes the figures anew does not lose a sentence.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from service.kernel.calendar import PeriodKind
from service.reports.board_figures import board_text
from service.reports.models import ReportKind

PLACE = re.compile(r"\{([a-z0-9_.]+)\}")
"""A figure's name in a text."""


Facts = Mapping[str, Any]
Block = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Entry:
    """One kind of report."""

    kind: ReportKind
    period: PeriodKind
    title: str
    """Names facts as the text does; they are filled in once, when it is drafted."""
    skeleton: tuple[Block, ...]
    parts: Callable[[Facts], list[Block]] | None = None
    """What is laid behind the skeleton's first heading for each of several things there may be."""

    def title_of(self, facts: Facts) -> str:
        """The title of one issue."""
        return filled(self.title, facts)

    def text_of(self, facts: Facts) -> list[dict[str, Any]]:
        """The text an editor finds."""
        first, *rest = self.skeleton
        parts = [] if self.parts is None else self.parts(facts)
        return [dict(block) for block in (first, *parts, *rest)]


def filled(text: str, facts: Facts) -> str:
    """A text with its figures in their places."""
    return PLACE.sub(lambda match: facts[match[1]]["shown"], text)


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
    "走访知名企业、商协会{thousand.new_visits}家次。"
)
_ZEROS = "“千家”尚未破零的单位{thousand.zero_units_count}个：{thousand.zero_units}。“百家”尚未破零的单位{hundred.zero_units_count}个：{hundred.zero_units}。"
_NEXT = "按工作目标倒排，今后每周全市需新增走访知名企业、商协会{thousand.needed_per_week}家、三类500强企业{hundred.needed_per_week}家。"

_OUTINGS = (
    "截至{as_of}，{period}全市外出招商{trips.trips}次、{trips.person_times}人次，在外{trips.days}天，拜访企业机构"
    "{trips.organisations}家、{trips.visits}家次，洽谈项目{trips.projects}个。领导干部外出{trips.leader_times}人次，其中带队{led.trips}次、共{led.person_times}人次，"
    "在外{led.days}天，拜访企业机构{led.organisations}家。"
)
_LEADERS = (
    "领导干部未带队外出的单位{led.units.stayed_count}个：{led.units.stayed}。"
    "未带队外出的领导干部{led.leaders.stayed_count}人：{led.leaders.stayed}。"
)

_DRAWN = (
    "{period}共抽查{inspection.draws}次，最近一次可抽走访记录{inspection.population}条；共抽取{inspection.drawn}条，"
    "占{inspection.drawn_share}，其中随机抽取{inspection.random}条、按疑点抽取{inspection.weighted}条。"
)
_FOUND = (
    "已核实{inspection.looked_at}条：属实{inspection.confirmed}条，占{inspection.confirmed_share}；"
    "不实{inspection.wrong}条，占{inspection.wrong_share}；联系不上{inspection.unreachable}条，"
    "占{inspection.unreachable_share}。待核实{inspection.open}条。"
)
_IN_VAIN = (
    "按疑点抽取的记录中核实为属实的{inspection.weighted_confirmed}条，误报率{inspection.false_positive_share}。"
    "疑点仅供核实参考，不作为认定依据；当月经人工审核的疑点提示见下表。"
)
_WRONG = (
    "有不实记录的单位{inspection.wrong_units_count}个：{inspection.wrong_units}。"
    "未抽中记录的单位{inspection.undrawn_units_count}个：{inspection.undrawn_units}。"
)
_PROBLEMS = (
    "{period}企业和项目单位反映问题{issues.raised}件，已分办{issues.called}件，待分办{issues.waiting}件。部门应报到{issues.report_due}件，"
    "按时报到{issues.reported_in_time}件，响应率{issues.response_rate}；部门办结{issues.resolved}件，吹哨人确认销号{issues.closed}件，"
    "解决率{issues.solution_rate}，满意率{issues.satisfaction_rate}，平均办理天数{issues.days_to_close}。"
)
_UNSOLVED = (
    "逾期问题{issues.overdue}件（含当天未分办的），涉及部门{issues.overdue_departments_count}个：{issues.overdue_departments}。"
    "未被吹哨的部门{issues.uncalled_departments_count}个：{issues.uncalled_departments}。"
)
_AHEAD = (
    "截至{as_of}，距{event.name}（{event.held_on}）还有{event.days_left}天，筹备工作自{event.prepares_on}开展以来"
    "已{event.days_gone}天。"
)
_PREPARED = (
    "筹备期间，全市走访知名企业、商协会{event.visits}家次（近七日{event.lately}家次），新增知名企业、商协会"
    "{event.new_thousand}家、三类500强企业{event.new_hundred}家；外出招商{event.outings}次，接待来访{event.receptions}次。"
)
_IDLE = "已开展工作的单位{event.begun_units_count}个。尚未开展的单位{event.idle_units_count}个：{event.idle_units}。"

CATALOGUE = {
    entry.kind: entry
    for entry in (
        Entry(
            ReportKind.WEEKLY,
            PeriodKind.WEEK,
            "登门招商“千百工程”工作进展周统计（{period}，{days}）",
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
            "关于{period}登门招商“千百工程”进展情况的通报",
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
            ReportKind.MONTHLY_INSPECTION,
            PeriodKind.MONTH,
            "关于{period}登门招商“千百工程”专项督查情况的通报",
            (
                _heading("一、抽查情况"),
                _paragraph(_DRAWN),
                _paragraph(_FOUND),
                _table("inspected_units"),
                _heading("二、疑点提示审核情况"),
                _paragraph(_IN_VAIN),
                _table("remarks"),
                _heading("三、问题办理情况"),
                _paragraph(_PROBLEMS),
                _table("issues"),
                _heading("四、存在问题"),
                _paragraph(_WRONG),
                _paragraph(_UNSOLVED),
                _paragraph(_ZEROS),
                _heading("五、工作要求"),
                _paragraph(
                    "请有关单位对不实记录逐条说明情况，并于通报印发后及时更正；请有关部门对逾期未办结的问题明确时限，逐件销号。"
                ),
            ),
        ),
        Entry(
            ReportKind.QUARTERLY_BOARD,
            PeriodKind.QUARTER,
            "关于{period}登门招商“千百工程”竞赛榜的通报",
            (
                _paragraph("现将{period}登门招商“千百工程”竞赛榜（共{boards.count}项）通报如下。"),
                _paragraph("各单位对排名依据有疑问的，可在系统中查阅每项指标对应的记录。"),
            ),
            parts=board_text,
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
        Entry(
            ReportKind.EVENT_COUNTDOWN,
            PeriodKind.DAY,
            "{event.name}倒计时{event.days_left}天筹备工作进展情况通报",
            (
                _heading("一、总体进展"),
                _paragraph(_AHEAD),
                _paragraph(_PREPARED),
                _heading("二、各单位情况"),
                _paragraph(_IDLE),
                _table("countdown_units"),
                _heading("三、下一步"),
                _paragraph("请尚未开展的单位抓紧对接客商，各单位于{event.held_on}前完成邀约。"),
            ),
        ),
    )
}
