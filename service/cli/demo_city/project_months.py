"""What the demo city's projects told month by month: most are on schedule, some are behind, one has not started."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy.orm import Session

from service.kernel.actor import Actor
from service.kernel.calendar import SHANGHAI, month
from service.kernel.clock import pretending
from service.projects.commands import ProjectAmendment, amend_project
from service.projects.lights import months_after
from service.projects.models import ContractKind, ProjectStage
from service.projects.progress_months import MonthTold, put_month

_PROGRESS = (
    "场地平整完成",
    "桩基施工",
    "桩基完成，基础开挖",
    "基础浇筑完成",
    "主体施工至二层",
    "主体封顶",
    "钢结构吊装",
    "屋面施工",
    "设备基础完成",
    "设备进场安装",
    "设备调试",
    "试生产准备",
)
_PROBLEMS = ("10千伏专线尚未接通", "二期用地手续在办", "道路开口审批未办结")
_PACES = (100, 96, 104, 88, 100, 78, 93, 100, 55, 98, 0, 101)
"""Per cent of what the plan asks for, project by project; 0 has not started."""
_REPORTED_WITHIN = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class _Teller:
    session: Session
    actor: Actor
    today: date


def tell_projects(session: Session, actor: Actor, projects: Sequence[UUID], today: date) -> None:
    """Give each project its contract, its plan of the year, and the months that are over."""
    teller = _Teller(session, actor, today)
    for place, project_id in enumerate(projects):
        pace = _PACES[place % len(_PACES)]
        plan = Decimal(24_000 + 6_000 * (place % 5))
        _sign(teller, project_id, place, plan, has_started=pace > 0)
        if pace:
            _tell_months(teller, project_id, place, plan * pace / 1200)


def started_on(first: date, place: int) -> date:
    """When a project broke ground: on a Monday of the half year before."""
    day = first - timedelta(days=18 + 14 * place)
    return day - timedelta(days=day.weekday())


def _sign(teller: _Teller, project_id: UUID, place: int, plan: Decimal, *, has_started: bool) -> None:
    first = date(teller.today.year, 1, 1)
    begun = started_on(first, place)
    started: dict[str, object] = {"started_on": begun} if has_started else {"started_on": None}
    started |= {} if has_started else {"stage": ProjectStage.CONTRACT}
    planned = begun + timedelta(days=6 * (place % 3 - 1)) if has_started else first + timedelta(days=9)
    entered = months_after(begun, 1)
    is_entered = has_started and place % 6 != 3 and entered <= teller.today
    facts = {
        "total_investment_wan": plan * 3,
        "contract_signed_on": begun - timedelta(days=70 + 9 * (place % 4)),
        "contract_kind": (ContractKind.CONTRACT, ContractKind.AGREEMENT)[place % 2],
        "planned_start_on": planned,
        "planned_completion_on": date(first.year + 1, 12, 31),
        "stat_entered_on": entered if is_entered else None,
    }
    amend_project(
        teller.session,
        teller.actor,
        ProjectAmendment(project_id, facts | started, year_plans={first.year: plan}),
    )


def _tell_months(teller: _Teller, project_id: UUID, place: int, monthly: Decimal) -> None:
    of = month(date(teller.today.year, 1, 1))
    while of.end_on + _REPORTED_WITHIN <= teller.today:
        number = of.start_on.month
        told = MonthTold(
            # Slower in winter, faster in summer; the year adds up to about its twelve months.
            completed_investment_wan=(monthly * (80 + 6 * min(number, 12 - number)) / 100).quantize(
                Decimal(1)
            ),
            funds_in_place_wan=(monthly * (110 if number % 3 == 1 else 85) / 100).quantize(Decimal(1)),
            visible_progress=_PROGRESS[number - 1],
            problem=_PROBLEMS[(place + number) % 3] if (place + number) % 4 == 0 else None,
        )
        with pretending(datetime.combine(of.end_on + _REPORTED_WITHIN, time(9), SHANGHAI)):
            put_month(teller.session, teller.actor, project_id, of.start_on, told)
        of = month(of.end_on)
