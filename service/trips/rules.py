"""What makes a submitted trip valid beyond its shape, who went, and whose trips leaders' tables list. Pure."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime

from service.accounts.ranks import ORDER
from service.kernel.actor import FIELD_ROLES, Actor, Role
from service.kernel.calendar import local_date
from service.kernel.errors import Fault
from service.submissions.clocks import capture_flags
from service.submissions.flags import Flag, Severity
from service.trips.models import Filed
from service.trips.submission import Days, TripPerson, TripSubmission

RECORDERS = FIELD_ROLES | {Role.HEADQUARTERS}
"""Leaders and inspectors read; everybody else in the field, and headquarters, may file."""
LEADER_RANKS = ("bureau", "deputy_bureau", "county", "deputy_county")
"""领导: from 副处级 up. Nobody below is ever listed by name, whatever they did."""
LONGEST_DAYS = 366


def faults_of(what: TripSubmission) -> Iterator[Fault]:
    """What is wrong with the submission by itself."""
    days = what.days
    if days.returns_on < days.departs_on:
        yield Fault("/returns_on", "返回日期早于出发日期", "It returns before it departs")
    elif days.halves <= 0:
        yield Fault("/returns_half", "返回时间早于出发时间", "It returns before it departs")
    elif (days.returns_on - days.departs_on).days >= LONGEST_DAYS:
        yield Fault("/returns_on", "一次外出不超过一年", "A trip lasts a year at most")
    for place, one in enumerate(what.destinations):
        if not (one.country or one.province or one.city):
            yield Fault(f"/destinations/{place}", "请至少填写一项", "Give a country, province or city")
    for place, organisation in enumerate(what.organisations):
        if organisation.name is None and organisation.enterprise_id is None:
            yield Fault(
                f"/organisations/{place}", "请填写名称或 enterprise_id", "Give a name or an enterprise_id"
            )
    if what.project_count is not None and what.project_count < len(what.projects):
        yield Fault("/project_count", "少于列出的项目数", "Fewer than the projects that are listed")


def party(leader: TripPerson, participants: Sequence[TripPerson]) -> tuple[TripPerson, ...]:
    """Everybody who went, the leader first, each once: forms name the leader among the participants, too.

    Within one trip the same account is one person, and so is the same name unless two accounts tell them apart.
    """
    found: list[TripPerson] = []
    for person in (leader, *participants):
        if not any(_is_same(person, other) for other in found):
            found.append(person)
    return tuple(found)


def _is_same(one: TripPerson, other: TripPerson) -> bool:
    if one.user_id is not None and other.user_id is not None:
        return one.user_id == other.user_id
    return "".join(one.name.split()) == "".join(other.name.split())


def filed(days: Days, written_at: datetime) -> Filed:
    """When it was written, seen from the trip; the day of departure is still before."""
    day = local_date(written_at)
    if day <= days.departs_on:
        return Filed.BEFORE
    return Filed.ON_THE_WAY if day <= days.returns_on else Filed.AFTER


def flags_of(what: TripSubmission, received_at: datetime, when: Filed) -> Iterator[Flag]:
    """What a reader should know of a trip that was first filed then; nothing here refuses it."""
    yield from capture_flags(what.capture(received_at), what.clock, received_at)
    if when is not Filed.BEFORE and not what.filed_because:
        yield Flag(
            "filed_late_without_reason",
            Severity.INFO,
            when.value,
            Filed.BEFORE.value,
            "出发后才填报，未说明原因",
            "Filed after departure, without a reason",
        )


def may_file(actor: Actor) -> bool:
    """Whether the person holds a role that files trips."""
    return actor.has(*RECORDERS)


def may_file_for(actor: Actor, own_unit_id: object, unit_id: object, lineage: Collection[object]) -> bool:
    """Whether a trip of this unit may come from the person: of their own unit, or of those they answer for."""
    if unit_id == own_unit_id or actor.has(Role.HEADQUARTERS):
        return True
    return actor.has(Role.UNIT_OFFICE) and actor.unit_id in lineage


def is_leader(rank: str | None) -> bool:
    """Whether trips of somebody of this rank are listed under their name."""
    return rank in LEADER_RANKS


def rank_order(rank: str | None) -> int:
    """The place of a rank in the order of office."""
    return ORDER.get(rank or "", len(ORDER))


def months_of(start_on: date, end_on: date) -> list[tuple[date, date]]:
    """The months that have days in `[start_on, end_on)`, each cut at those ends."""
    found: list[tuple[date, date]] = []
    start = start_on
    while start < end_on:
        following = date(start.year + start.month // 12, start.month % 12 + 1, 1)
        found.append((start, min(following, end_on)))
        start = following
    return found
