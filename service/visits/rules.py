"""What makes a submitted visit valid beyond its shape, pure; whatever breaks a rule is quarantined, never dropped."""

from collections.abc import Iterator
from uuid import UUID

from service.kernel.actor import FIELD_ROLES, Actor, Role
from service.kernel.calendar import local_date
from service.kernel.errors import Fault
from service.visits.submission import VisitSubmission
from service.visits.surroundings import Surroundings, Visitor

RECORDERS = FIELD_ROLES | {Role.HEADQUARTERS}
"""Leaders and inspectors read; everybody else in the field may record."""


def faults_of(what: VisitSubmission) -> Iterator[Fault]:
    """What is wrong with the submission by itself."""
    if (what.enterprise_id is None) == (what.free_enterprise is None):
        yield Fault(
            "/enterprise_id",
            "enterprise_id 与 enterprise 应填且只填一项",
            "Give exactly one of enterprise_id and enterprise",
        )
    if what.ended_at is not None and what.ended_at < what.visited_at:
        yield Fault("/ended_at", "结束时间早于开始时间", "It ends before it starts")
    if what.next_on is not None and what.next_on < local_date(what.visited_at):
        yield Fault("/next_on", "下一步日期早于拜访日期", "The next step lies before the visit")


def faults_against(what: VisitSubmission, seen: Surroundings) -> Iterator[Fault]:
    """What the submission names that does not exist."""
    if seen.visitor is None:
        yield Fault("/visitor_id", "没有这个人员", "There is no such person")
    if what.enterprise_id is not None and seen.enterprise is None:
        yield Fault("/enterprise_id", "名录中没有这家企业", "The register has no such enterprise")
    for index, unit_id in enumerate(what.joint_unit_ids):
        if unit_id not in seen.unit_names:
            yield Fault(f"/joint_units/{index}", "没有这个单位", "There is no such unit")


def may_record(actor: Actor) -> bool:
    """Whether the person holds a role that records visits."""
    return actor.has(*RECORDERS)


def may_record_for(actor: Actor, author_id: UUID, visitor: Visitor) -> bool:
    """Whether a record of this visitor may come from the author: own, a colleague's, or of the units answered for."""
    if visitor.id == author_id or actor.has(Role.HEADQUARTERS):
        return True
    return visitor.unit_id == actor.unit_id or (
        actor.has(Role.UNIT_OFFICE) and actor.unit_id in visitor.lineage
    )
