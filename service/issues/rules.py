"""What an event and a setting must say, and whose word it is; pure."""

from collections.abc import Iterator
from datetime import date

from service.issues.models import EventKind
from service.issues.submission import IssueSubmission, NewEvent
from service.issues.workflow import Standing
from service.kernel.errors import Fault

NEED_TEXT = frozenset(
    {
        EventKind.REPLY,
        EventKind.RESOLVE,
        EventKind.REOPEN,
        EventKind.EXTEND,
        EventKind.ESCALATE,
        EventKind.VOID,
    }
)
FURTHEST_YEARS = 5
"""A plan that ends later than this is a slip of the pen."""


def faults_of(what: IssueSubmission) -> Iterator[Fault]:
    """What is wrong with a problem in itself."""
    if what.site_id is None and what.enterprise_id is None:
        yield Fault("/site_id", "请选择工地或企业", "Name a site or an enterprise")
    if len(set(what.call)) < len(what.call):
        yield Fault("/call", "同一单位出现两次", "A unit stands twice")


def faults_of_event(what: NewEvent, who: Standing, today: date) -> Iterator[Fault]:
    """What is missing or wrong in an event, for this sender on this day."""
    speaks_for_raiser = what.kind is EventKind.CONFIRM and not who.is_raiser
    if (what.kind in NEED_TEXT or speaks_for_raiser) and not what.text:
        yield Fault("/text", "请填写说明", "Say it in words")
    if what.kind is EventKind.ASSIGN:
        yield from _faults_of_assignment(what)
    if what.kind is EventKind.EXTEND:
        yield from _faults_of_extension(what, today)


def _faults_of_assignment(what: NewEvent) -> Iterator[Fault]:
    if what.lead_unit_id is None:
        yield Fault("/lead_unit_id", "请选择牵头部门", "Name the department that leads")
    called = [what.lead_unit_id, *what.support_unit_ids]
    if len(set(called)) < len(called):
        yield Fault("/support_unit_ids", "同一单位出现两次", "A unit stands twice")


def _faults_of_extension(what: NewEvent, today: date) -> Iterator[Fault]:
    if what.until_on is None:
        yield Fault("/until_on", "请填写延期到哪一天", "Name the day until which")
    elif what.until_on < today:
        yield Fault("/until_on", "不能早于今天", "It is not before today")
    elif what.until_on.year > today.year + FURTHEST_YEARS:
        yield Fault(
            "/until_on", f"不能晚于 {FURTHEST_YEARS} 年后", f"It is at most {FURTHEST_YEARS} years away"
        )
