"""The demo city's problems: what commissioners whistled about in the last weeks, and what departments made of it.

Each is told once, by days before today; what has not come by today is left out, so that the city is at every stage at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from mobile_api.schemas.checkins import CheckinIn
from mobile_api.schemas.issues import IssueEventIn, IssueIn
from service.checkins.commands import submit_checkin
from service.cli.demo_city.scene import Happening, Scene
from service.issues.commands import raise_for_office, submit_issue, withdraw_issue
from service.issues.events import add_event
from service.issues.models import IssueCategory
from service.issues.routes import NewRoute, set_routes
from service.issues.submission import NewIssue
from service.kernel.actor import Actor
from service.kernel.calendar import SHANGHAI, local_date
from service.kernel.ids import uuid7
from service.projects.models import Site
from service.submissions.terms import Terms

ROUTES = {
    IssueCategory.WATER: ("水利局",),
    IssueCategory.POWER: ("发改委",),
    IssueCategory.GAS: ("住建局",),
    IssueCategory.ROAD: ("住建局",),
    IssueCategory.LAND: ("资规局", "发改委"),
    IssueCategory.PERMITS: ("投促局",),
    IssueCategory.CONSTRUCTION_ENVIRONMENT: ("住建局", "环境局"),
}
"""Other categories wait for headquarters to assign them."""
DEPARTMENTS = {"发改委": 1, "资规局": 2, "住建局": 3, "环境局": 4, "水利局": 5, "投促局": 6}
"""Each department's officer, by the number of the account."""
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Step:
    """What somebody does about a problem so long after it was raised; `by` is an account, a department or the raiser."""

    after: timedelta
    by: str
    kind: str
    text: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Told:
    """A problem at the site of a numbered commissioner, raised so many days ago."""

    days_ago: int
    at_site: int
    category: IssueCategory
    text: str
    steps: Sequence[Step] = ()
    severity: str = "general"
    key: str | None = None
    """By which another one names it."""


def _met(by: str, resolved: timedelta, how: str, confirmed: timedelta, **said: Any) -> tuple[Step, ...]:
    """A department that comes at once and solves it, and a raiser who confirms."""
    return (
        Step(4 * HOUR, by, "report_in", "已到现场对接"),
        Step(DAY, by, "reply", "已会同相关单位现场勘查，正在办理"),
        Step(resolved, by, "resolve", how),
        Step(confirmed, "raiser", "confirm", said.pop("text", "已解决"), said),
    )


PROBLEMS = (
    Told(
        26, 2, IssueCategory.WATER, "施工用水管径偏小，高峰时段三号楼无水养护。",
        _met("水利局", 4 * DAY, "更换DN100管道，水压恢复正常", 5 * DAY),
    ),
    Told(
        21, 1, IssueCategory.POWER, "二号车间临时用电容量不足，塔吊与混凝土泵不能同时开机。",
        _met("发改委", 5 * DAY, "协调供电公司增容至630千伏安，已接火", 6 * DAY),
    ),
    Told(
        16, 5, IssueCategory.CONSTRUCTION_ENVIRONMENT, "进场道路被周边商户占用，渣土车无法通行。",
        (
            Step(4 * DAY, "住建局", "report_in", "已到现场"),
            Step(5 * HOUR, "环境局", "report_in", "配合核查扬尘情况"),
            Step(10 * DAY, "住建局", "resolve", "会同街道清理占道，设置限高杆"),
            Step(11 * DAY, "raiser", "confirm", "道路已通，办理偏慢", {"satisfied": False}),
        ),
    ),
    Told(
        30, 4, IssueCategory.PERMITS, "施工许可申报材料两次退回，要求不一致。",
        (
            Step(2 * HOUR, "投促局", "report_in", "已联系窗口"),
            Step(3 * DAY, "投促局", "resolve", "已与窗口明确一次性告知清单"),
            Step(4 * DAY, "raiser", "reopen", "窗口仍要求补交未列入清单的材料"),
            Step(5 * DAY, "投促局", "reply", "已协调窗口容缺受理"),
            Step(6 * DAY, "投促局", "resolve", "施工许可证已发放"),
            Step(7 * DAY, "raiser", "confirm", "已领证"),
        ),
    ),
    Told(
        40, 3, IssueCategory.LAND, "二期32亩用地尚未完成土地征收，桩基队伍已窝工。",
        (
            Step(6 * HOUR, "资规局", "report_in", "已对接乡镇"),
            Step(DAY, "发改委", "report_in", "配合调整年度计划"),
            Step(2 * DAY, "资规局", "reply", "组卷材料已报省厅，正在补正"),
            Step(20 * DAY, "inspector1", "supervise", "请说明补正时间表"),
            Step(33 * DAY, "hq1", "supervise", "已超办理时限，请明确销号日期"),
        ),
        severity="major",
    ),
    Told(
        60, 8, IssueCategory.FINANCE, "设备采购贷款迟迟未批，首批预付款三个月后到期。",
        (
            Step(5 * HOUR, "hq1", "assign", None, {"lead": "投促局", "supports": ("发改委",)}),
            Step(DAY, "投促局", "report_in", "已联系三家银行"),
            Step(15 * DAY, "hq1", "supervise", "请加快银企对接"),
            Step(24 * DAY, "inspector1", "supervise", "请报送对接进展"),
            Step(27 * DAY, "hq1", "supervise", "第三次督办，提交联席会议协调"),
            Step(28 * DAY, "hq1", "extend", "银团贷款须经总行审批，按周调度，月底前放款", {"until_in": 20}),
        ),
        severity="major",
    ),
    Told(
        13, 9, IssueCategory.LABOUR, "焊工缺口40人，用工旺季招不到熟练工。",
        (
            Step(3 * HOUR, "hq1", "assign", None, {"lead": "投促局"}),
            Step(5 * HOUR, "投促局", "report_in", "已对接人力资源机构"),
            Step(4 * DAY, "投促局", "resolve", "组织专场招聘会，达成意向35人"),
            Step(5 * DAY, "raiser", "reopen", "实际到岗仅6人"),
        ),
    ),
    Told(
        6, 6, IssueCategory.ROAD, "园区西路未硬化，雨天重载车辆无法进场。",
        (
            Step(5 * HOUR, "住建局", "report_in", "已现场踏勘"),
            Step(2 * DAY, "住建局", "reply", "先行铺设碎石便道，硬化已列入本月计划"),
        ),
    ),
    Told(
        9, 7, IssueCategory.GAS, "天然气管道未通至厂区，烘干线无法调试。",
        (
            Step(5 * HOUR, "住建局", "report_in", "已会同燃气公司到场"),
            Step(6 * DAY, "住建局", "resolve", "支线已接通并完成置换"),
        ),
    ),
    Told(
        5, 10, IssueCategory.LIVING, "外地技术骨干子女转学手续未办结，影响到岗。",
        (
            Step(4 * HOUR, "hq1", "assign", None, {"lead": "发改委"}),
            Step(20 * HOUR, "发改委", "report_in", "已联系教育部门"),
            Step(2 * DAY, "发改委", "reply", "两名学生已安排学位，其余待补材料"),
        ),
    ),
    Told(10, 6, IssueCategory.WATER, "厂区排水口与市政管网标高不符，雨水倒灌。"),
    Told(3, 12, IssueCategory.CONSTRUCTION_ENVIRONMENT, "夜间施工被投诉，浇筑中断。", key="night"),
    Told(
        2, 12, IssueCategory.CONSTRUCTION_ENVIRONMENT, "夜间浇筑又被叫停。",
        (Step(3 * HOUR, "hq1", "void", "与前一日反映的为同一问题，并案办理", {"duplicate_of": "night"}),),
    ),
    Told(1, 11, IssueCategory.POLICY, "固定资产投资奖补尚未兑现，企业询问办理进度。"),
)  # fmt: skip
"""Closed in time and late, reopened, overdue, before the joint meeting, unanswered, unassigned, and one told twice."""
TAKEN_BACK = Told(11, 2, IssueCategory.POWER, "配电箱跳闸，疑似线路老化。")
TAKEN_OUT, UNTAKEN = (4, 3, "【审批手续】环评批复时间未定"), (2, 7, "【用工】夜班搬运工不足")
"""Told in check-ins: out of the first headquarters makes a problem, the second is still to be seen."""


def set_demo_routes(scene: Scene) -> None:
    """Let most categories call their departments at once."""
    wanted = [NewRoute(category, *_called(scene, names)) for category, names in ROUTES.items()]
    set_routes(scene.session, scene.people["hq1"], wanted)


def problems(scene: Scene, sites: Sequence[tuple[Site, Actor]]) -> Iterator[Happening]:
    """Everything that happened about problems by now, as far back as there are sites."""
    town = _Town(scene, sites, {told.key: uuid7() for told in PROBLEMS if told.key})
    happenings = (*town.raised(), *town.taken_back(), *town.told_in_checkins())
    return (one for one in happenings if one.at <= scene.now)


@dataclass(frozen=True, slots=True)
class _Town:
    """The city, and the ids of problems that others name."""

    scene: Scene
    sites: Sequence[tuple[Site, Actor]]
    named: Mapping[str, UUID]

    def raised(self) -> Iterator[Happening]:
        """What was raised, with everything that was done about it."""
        for told in PROBLEMS:
            at, issue_id = self._at(told.days_ago), self.named.get(told.key or "") or uuid7()
            if at is None:
                continue
            yield self._raising(told, issue_id, at)
            for step in told.steps:
                act = partial(self._act, issue_id, step, self._who(step.by, told.at_site))
                yield Happening(at + step.after, act)

    def taken_back(self) -> Iterator[Happening]:
        """What settled itself before anybody came."""
        at, issue_id = self._at(TAKEN_BACK.days_ago), uuid7()
        if at is not None:
            raiser = self._who("raiser", TAKEN_BACK.at_site)
            yield self._raising(TAKEN_BACK, issue_id, at)
            taking = partial(withdraw_issue, self.scene.session, raiser, issue_id, "电工已更换开关，恢复正常")
            yield Happening(at + 2 * HOUR, taking)

    def told_in_checkins(self) -> Iterator[Happening]:
        """What commissioners told in passing; headquarters has seen the first."""
        for days_ago, at_site, note in (TAKEN_OUT, UNTAKEN):
            at, checkin_id = self._at(days_ago), uuid7()
            if at is None:
                continue
            yield Happening(at, partial(self._check_in, checkin_id, at_site, note, at))
            if note == TAKEN_OUT[-1]:
                new = NewIssue(id=uuid7(), category=IssueCategory.PERMITS, checkin_id=checkin_id)
                yield Happening(at + 3 * HOUR, partial(self._take_out, new))

    def _at(self, days_ago: int) -> datetime | None:
        """Half past nine of that day; None before the sites were opened."""
        today = local_date(self.scene.now)
        on = today - days_ago * DAY
        return datetime.combine(on, time(9, 30), SHANGHAI) if on.year == today.year else None

    def _who(self, by: str, at_site: int) -> Actor:
        if by == "raiser":
            return self.sites[at_site - 1][1]
        return self.scene.people[f"department{DEPARTMENTS[by]}" if by in DEPARTMENTS else by]

    def _raising(self, told: Told, issue_id: UUID, at: datetime) -> Happening:
        site, raiser = self.sites[told.at_site - 1]
        body = {
            "site_id": str(site.id),
            "category": told.category.value,
            "severity": told.severity,
            "text": told.text,
            "raised_at": at.isoformat(),
            "captured_at": at.isoformat(),
        }
        return Happening(at, partial(self._raise, raiser, issue_id, body))

    def _raise(self, raiser: Actor, issue_id: UUID, body: dict[str, Any]) -> None:
        submit_issue(self.scene.session, raiser, issue_id, IssueIn().load(body), terms=self._terms())

    def _act(self, issue_id: UUID, step: Step, by: Actor) -> None:
        body = {"id": str(uuid7()), "kind": step.kind} | self._facts(step.facts)
        if step.text is not None:
            body["text"] = step.text
        add_event(self.scene.session, by, issue_id, IssueEventIn().load(body))

    def _facts(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """What a step says, in the words of a phone."""
        told = dict(facts)
        if "lead" in told:
            lead, supports = _called(self.scene, (told.pop("lead"), *told.pop("supports", ())))
            told |= {"lead_unit_id": str(lead), "support_unit_ids": [str(one) for one in supports]}
        if "until_in" in told:
            until_on = local_date(self.scene.now) + told.pop("until_in") * DAY
            told["until_on"] = until_on.isoformat()
        if "duplicate_of" in told:
            told["duplicate_of"] = str(self.named[told["duplicate_of"]])
        return told

    def _check_in(self, checkin_id: UUID, at_site: int, note: str, at: datetime) -> None:
        site, commissioner = self.sites[at_site - 1]
        body = {
            "site_id": str(site.id),
            "kind": "service",
            "at": at.isoformat(),
            "note": note,
            "captured_at": at.isoformat(),
        }
        submit_checkin(
            self.scene.session, commissioner, checkin_id, CheckinIn().load(body), terms=self._terms()
        )

    def _take_out(self, new: NewIssue) -> None:
        raise_for_office(self.scene.session, self.scene.people["hq1"], new, terms=self._terms())

    def _terms(self) -> Terms:
        return Terms(number_prefix=self.scene.settings.number_prefix)


def _called(scene: Scene, names: Sequence[str]) -> tuple[UUID, tuple[UUID, ...]]:
    lead, *supports = (scene.units[name].id for name in names)
    return lead, tuple(supports)
