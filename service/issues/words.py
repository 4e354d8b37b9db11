"""The words of this room in both languages, for the lists of codes and for what is refused."""

from collections.abc import Mapping

from service.issues.clock import Light
from service.issues.models import (
    CallRole,
    CountDays,
    EventKind,
    IssueCategory,
    IssueSeverity,
    IssueState,
    Level,
)

CATEGORIES: Mapping[IssueCategory, tuple[str, str]] = {
    IssueCategory.WATER: ("用水", "Water"),
    IssueCategory.POWER: ("用电", "Power"),
    IssueCategory.GAS: ("用气", "Gas"),
    IssueCategory.ROAD: ("道路", "Road"),
    IssueCategory.LAND: ("用地", "Land"),
    IssueCategory.PERMITS: ("手续审批", "Permits"),
    IssueCategory.CONSTRUCTION_ENVIRONMENT: ("施工环境", "Construction environment"),
    IssueCategory.FINANCE: ("融资", "Finance"),
    IssueCategory.LABOUR: ("用工", "Labour"),
    IssueCategory.LIVING: ("生活配套", "Living"),
    IssueCategory.POLICY: ("政策兑现", "Promised policy"),
    IssueCategory.OTHER: ("其他", "Other"),
}
STATES: Mapping[IssueState, tuple[str, str]] = {
    IssueState.RAISED: ("待分办", "To be assigned"),
    IssueState.CALLED: ("待报到", "Waiting for report-in"),
    IssueState.IN_PROGRESS: ("办理中", "In progress"),
    IssueState.RESOLVED: ("待确认", "To be confirmed"),
    IssueState.CLOSED: ("已办结", "Closed"),
    IssueState.WITHDRAWN: ("已撤回", "Withdrawn"),
    IssueState.VOIDED: ("已作废", "Voided"),
}
SEVERITIES: Mapping[IssueSeverity, tuple[str, str]] = {
    IssueSeverity.GENERAL: ("一般问题", "General"),
    IssueSeverity.MAJOR: ("重大复杂问题", "Major"),
}
EVENTS: Mapping[EventKind, tuple[str, str]] = {
    EventKind.ASSIGN: ("分办", "Assign"),
    EventKind.REPORT_IN: ("报到", "Report in"),
    EventKind.REPLY: ("反馈进展", "Reply"),
    EventKind.RESOLVE: ("办结", "Resolve"),
    EventKind.CONFIRM: ("确认销号", "Confirm"),
    EventKind.REOPEN: ("退回重办", "Reopen"),
    EventKind.SUPERVISE: ("督办", "Supervise"),
    EventKind.EXTEND: ("延期", "Extend"),
    EventKind.ESCALATE: ("提交联席会议", "Bring before the joint meeting"),
    EventKind.VOID: ("作废", "Void"),
}
LEVELS: Mapping[Level, tuple[str, str]] = {
    Level.DEPARTMENT: ("部门办理", "Departments"),
    Level.JOINT_MEETING: ("联席会议协调", "Joint meeting"),
}
LIGHTS: Mapping[Light, tuple[str, str]] = {
    Light.GREEN: ("正常", "In time"),
    Light.YELLOW: ("临期", "Due soon"),
    Light.RED: ("超期", "Overdue"),
}
ROLES: Mapping[CallRole, tuple[str, str]] = {
    CallRole.LEAD: ("牵头", "Lead"),
    CallRole.SUPPORT: ("配合", "Support"),
}
COUNTED_DAYS: Mapping[CountDays, tuple[str, str]] = {
    CountDays.CALENDAR: ("自然日", "Calendar days"),
    CountDays.WORKING: ("工作日", "Working days"),
}
OTHER_NAMES: Mapping[str, IssueCategory] = {
    "审批手续": IssueCategory.PERMITS,
    "approvals": IssueCategory.PERMITS,
    "征地拆迁": IssueCategory.LAND,
}
"""What check-ins have called a category beside its name."""


def category_called(heading: str) -> IssueCategory | None:
    """The category of this name in either language; None when none is called so."""
    plain = heading.strip().casefold()
    by_name = (one for one, (zh, en) in CATEGORIES.items() if plain in {zh, en.casefold(), one.value})
    return next(by_name, OTHER_NAMES.get(plain))
