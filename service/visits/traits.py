"""What visits may be asked for by: each statistic and the list of its records say it in these same words."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased

from service.accounts.models import Unit
from service.accounts.visibility import units_below
from service.enterprises.models import Enterprise, EnterpriseKind, ListEdition, ListMembership
from service.programmes.models import TargetList, TargetListEntry
from service.projects.models import Project
from service.visits.models import Intention, ReviewState, Visit, VisitCredit, VisitCreditStatus, VisitMode

STANDING = (ReviewState.SUBMITTED, ReviewState.UNIT_APPROVED, ReviewState.APPROVED)
_MAKER = aliased(Unit)
"""A unit that made the visit; the statement around may name others."""
INCLINED = (Intention.INTERESTED, Intention.NEGOTIATING, Intention.AGREED)


class Each(StrEnum):
    """Only one visit to each enterprise, of those that are asked for."""

    FIRST = "first"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class Traits:
    """Which visits; None and False ask for nothing. An empty text finds those for which nobody entered one."""

    standing: bool = False
    """Neither returned, voided nor withdrawn."""
    credited_in: UUID | None = None
    """Counted in this programme, on any line."""
    of_unit: UUID | None = None
    """Made by the unit or one below it, alone or together with others."""
    own_unit: UUID | None = None
    """Made by the unit itself, alone or together with others."""
    of_group: str | None = None
    """Made by a unit whose unit right below the city is in this comparison group."""
    industry: str | None = None
    province: str | None = None
    method: str | None = None
    mode: VisitMode | None = None
    intention: Intention | None = None
    inclined: bool = False
    """With an intention to invest, of whatever level."""
    with_amount: bool = False
    has_project: bool = False
    """The enterprise is the investor of a project."""
    matched: bool = False
    """Their enterprise is known."""
    well_known: bool = False
    kind: EnterpriseKind | None = None
    on_list: str | None = None
    """The enterprise, or its confirmed group, was on this list's edition in force on the day."""
    targeted_in: UUID | None = None
    """The enterprise is on a target list of this programme."""
    assigned_to: UUID | None = None
    """The enterprise is on a target list for this unit, or one below it, to visit."""
    each: Each | None = None


def having(what: Traits) -> list[sa.ColumnElement[bool]]:
    """The conditions, for a statement over visits and enterprises; `each` is for `one_each`."""
    plain: list[tuple[object, sa.ColumnElement[bool]]] = [
        (what.standing, Visit.review_state.in_(STANDING)),
        (what.credited_in, _credited(what.credited_in)),
        (what.of_unit, _by(_MAKER.lineage.contains([what.of_unit]))),
        (what.own_unit, _by(_MAKER.id == what.own_unit)),
        (what.mode, Visit.mode == what.mode),
        (what.intention, Visit.intention == what.intention),
        (what.inclined, Visit.intention.in_(INCLINED)),
        (what.with_amount, Visit.amount_wan.is_not(None)),
        (what.has_project, sa.exists().where(Project.enterprise_id == Visit.enterprise_id)),
        # A foreign key stands behind it: the register need not be read for this.
        (what.matched or what.each, Visit.enterprise_id.is_not(None)),
        (what.well_known, Enterprise.well_known.is_(True)),
        (what.kind, Enterprise.kind == what.kind),
        (what.on_list, _on_list(what.on_list)),
        (what.targeted_in, _targeted(TargetList.programme_id == what.targeted_in)),
        (what.assigned_to, _assigned(what)),
    ]
    texts = [
        (what.method, Visit.method, sa.true()),
        (what.industry, Enterprise.industry, Enterprise.id.is_not(None)),
        (what.province, Enterprise.province, Enterprise.id.is_not(None)),
    ]
    found = [condition for asked, condition in plain if asked]
    for text, column, there in texts:
        if text is not None:
            found.append(sa.and_(there, sa.func.coalesce(column, "") == text))
    if what.of_group is not None:
        found.append(_of_group(what.of_group))
    return found


def one_each(each: Each, conditions: list[sa.ColumnElement[bool]]) -> sa.ColumnElement[bool]:
    """The first or the last visit to each enterprise, of those that meet the conditions."""
    order = (Visit.visited_at, Visit.id)
    chosen = (
        sa.select(Visit.id)
        .join(Enterprise, Enterprise.id == Visit.enterprise_id)
        .where(*conditions)
        .ext(distinct_on(Visit.enterprise_id))
        .order_by(Visit.enterprise_id, *(one.desc() if each is Each.LAST else one for one in order))
        .correlate(None)
    )
    return Visit.id.in_(chosen)


def _credited(programme_id: UUID | None) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        VisitCredit.visit_id == Visit.id,
        VisitCredit.programme_id == programme_id,
        VisitCredit.status == VisitCreditStatus.COUNTED,
    )


def _by(which: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """One of the units that made the visit is such."""
    units = sa.select(_MAKER.id).where(which)
    partner = sa.exists().where(which, _MAKER.id == sa.any_(Visit.joint_unit_ids))
    return sa.or_(Visit.unit_id.in_(units), sa.and_(sa.func.cardinality(Visit.joint_unit_ids) > 0, partner))


def _of_group(group: str) -> sa.ColumnElement[bool]:
    top = aliased(Unit)
    in_group = sa.select(top.id).where(sa.func.coalesce(top.comparison_group, "") == group)
    return _by(sa.func.coalesce(_MAKER.lineage[2], _MAKER.id).in_(in_group))


def _on_list(code: str | None) -> sa.ColumnElement[bool]:
    """On the edition in force on the day; few are on any, and only of those it is asked which day it was."""
    return sa.and_(Visit.enterprise_id.in_(_ever_on_list(code)), _on_list_that_day(code))


def _ever_on_list(code: str | None) -> sa.CompoundSelect[UUID | None]:
    """The enterprises that are, or whose group is, on any edition."""
    member, edition, of_group = aliased(ListMembership), aliased(ListEdition), aliased(Enterprise)
    listed = sa.and_(edition.id == member.edition_id, edition.list_code == code)
    themselves = (
        sa.select(member.enterprise_id).join(edition, listed).where(member.enterprise_id.is_not(None))
    )
    groups = sa.select(of_group.id).join(member, member.group_id == of_group.group_id).join(edition, listed)
    return sa.union(themselves.correlate(None), groups.correlate(None))


def _on_list_that_day(code: str | None) -> sa.ColumnElement[bool]:
    newer = aliased(ListEdition)
    # Said aloud: left to itself the inner one would ask for any visit's day instead of this one's.
    is_replaced = (
        sa.exists()
        .where(
            newer.list_code == code,
            newer.in_force_from > ListEdition.in_force_from,
            newer.in_force_from <= Visit.visited_on,
        )
        .correlate(ListEdition, Visit)
    )
    return (
        sa.select(sa.literal(1))
        .select_from(ListMembership)
        .join(ListEdition, ListEdition.id == ListMembership.edition_id)
        .where(
            sa.or_(
                ListMembership.enterprise_id == Enterprise.id,
                sa.and_(
                    ListMembership.group_id == Enterprise.group_id, Enterprise.group_confirmed_at.is_not(None)
                ),
            ),
            ListMembership.confirmed_at.is_not(None),
            ListEdition.list_code == code,
            ListEdition.in_force_from <= Visit.visited_on,
            ~is_replaced,
        )
        .correlate(Enterprise, Visit)
        .exists()
    )


def _targeted(which: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.exists().where(
        TargetListEntry.enterprise_id == Visit.enterprise_id,
        TargetList.id == TargetListEntry.list_id,
        which,
    )


def _assigned(what: Traits) -> sa.ColumnElement[bool]:
    here = TargetListEntry.unit_id.in_(units_below(what.assigned_to))
    return _targeted(
        here if what.targeted_in is None else here & (TargetList.programme_id == what.targeted_in)
    )
