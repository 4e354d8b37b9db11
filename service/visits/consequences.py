"""Whatever counting depends on is changed through here: the lower room's command, then the visits it concerns.

The register and the programmes know nothing of visits. A door that changes a kind, a group, a list, an edition, a
target list or a programme calls the function of that name here, so that no figure waits for somebody to remember.
"""

from collections.abc import Collection, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.enterprises import commands as register
from service.enterprises import grouping, groups, importing, lists
from service.enterprises.import_reports import ImportReport
from service.enterprises.models import ListEdition
from service.kernel.actor import Actor
from service.programmes import commands as programmes
from service.programmes import target_lists
from service.programmes.errors import ProgrammeNotEmpty
from service.programmes.models import Programme
from service.visits import counting_locks
from service.visits.models import VisitCredit
from service.visits.recounting import recount_enterprises, recount_programme

_COUNTS = frozenset({"kind", "well_known"})
"""Columns of an enterprise on which counting depends; its group and lists have commands of their own."""


def amend_enterprise(session: Session, actor: Actor, amendment: register.Amendment) -> int:
    """`register.amend_enterprise`; its visits count as the enterprise is now."""
    rev = register.amend_enterprise(session, actor, amendment)
    if amendment.changes.keys() & _COUNTS:
        recount_enterprises(session, [amendment.enterprise_id])
    return rev


def suggest_group(session: Session, actor: Actor, link: grouping.GroupLink) -> None:
    """`grouping.suggest_group`; a suggestion takes the place of what was confirmed before."""
    grouping.suggest_group(session, actor, link)
    recount_enterprises(session, [link.enterprise_id])


def confirm_group(session: Session, actor: Actor, link: grouping.GroupLink) -> None:
    """`grouping.confirm_group`; its visits count for the group."""
    grouping.confirm_group(session, actor, link)
    recount_enterprises(session, [link.enterprise_id])


def leave_group(session: Session, actor: Actor, enterprise_id: UUID) -> None:
    """`grouping.leave_group`; its visits count for itself."""
    grouping.leave_group(session, actor, enterprise_id)
    recount_enterprises(session, [enterprise_id])


def import_enterprises(session: Session, actor: Actor, order: importing.ImportOrder) -> ImportReport:
    """`importing.import_enterprises`; what was known before counts as the file has left it."""
    report = importing.import_enterprises(session, actor, order)
    known = [draft.id for draft in report.drafts if not draft.is_new]
    listed = _listed(session, order.edition_id) if order.edition_id else set()
    recount_enterprises(session, {*known, *listed})
    return report


def create_programme(session: Session, actor: Actor, what: programmes.NewProgramme) -> Programme:
    """`programmes.create_programme`; visits of its days that are here already count."""
    made = programmes.create_programme(session, actor, what)
    recount_programme(session, made.id)
    return made


def amend_programme(
    session: Session, actor: Actor, programme_id: UUID, what: programmes.ProgrammeChanges
) -> frozenset[str]:
    """`programmes.amend_programme`; every visit counts by the rules and dates as they are now."""
    changed = programmes.amend_programme(session, actor, programme_id, what)
    if changed & programmes.COUNTING_RULES:
        recount_programme(session, programme_id)
    return changed


def delete_programme(session: Session, actor: Actor, programme_id: UUID) -> None:
    """`programmes.delete_programme`, where no visit is credited to it.

    Raises:
        ProgrammeNotEmpty: a visit counts in it, or will once it is reviewed.
    """
    programme = programmes.open_programme(session, actor, programme_id)
    counting_locks.hold_rules(session)
    if session.scalar(sa.select(sa.exists().where(VisitCredit.programme_id == programme.id))):
        raise ProgrammeNotEmpty
    programmes.delete_programme(session, actor, programme_id)


def put_on_target_list(
    session: Session, actor: Actor, programme_id: UUID, list_id: UUID, what: Sequence[target_lists.Entry]
) -> list[UUID]:
    """`target_lists.put_on_target_list`; visits to those that came on count."""
    added = target_lists.put_on_target_list(session, actor, programme_id, list_id, what)
    recount_enterprises(session, added)
    return added


def take_off_target_list(
    session: Session, actor: Actor, programme_id: UUID, list_id: UUID, enterprise_ids: Collection[UUID]
) -> list[UUID]:
    """`target_lists.take_off_target_list`; visits to them count only for what else they are."""
    gone = target_lists.take_off_target_list(session, actor, programme_id, list_id, enterprise_ids)
    recount_enterprises(session, gone)
    return gone


def create_edition(session: Session, actor: Actor, edition: lists.NewEdition) -> UUID:
    """`lists.create_edition`; visits from its first day on no longer count by the edition before."""
    made = lists.create_edition(session, actor, edition)
    recount_enterprises(session, groups.on_list(session, edition.list_code))
    return made


def amend_edition(session: Session, actor: Actor, change: lists.EditionChange) -> str:
    """`lists.amend_edition`; visits count by the edition that is now in force on their day."""
    list_code = lists.amend_edition(session, actor, change)
    recount_enterprises(session, groups.on_list(session, list_code))
    return list_code


def add_place(session: Session, actor: Actor, place: lists.NewPlace) -> UUID:
    """`lists.add_place`; when it is confirmed at once, visits to its holders count."""
    made = lists.add_place(session, actor, place)
    if place.confirmed:
        recount_enterprises(session, groups.holding(session, [made]))
    return made


def confirm_places(session: Session, actor: Actor, place_ids: Collection[UUID]) -> int:
    """`lists.confirm_places`; visits to their holders count."""
    confirmed = lists.confirm_places(session, actor, place_ids)
    if confirmed:
        recount_enterprises(session, groups.holding(session, place_ids))
    return confirmed


def remove_place(session: Session, actor: Actor, place_id: UUID) -> None:
    """`lists.remove_place`; visits to those who held it no longer count by it."""
    holders = groups.holding(session, [place_id])
    lists.remove_place(session, actor, place_id)
    recount_enterprises(session, holders)


def _listed(session: Session, edition_id: UUID) -> set[UUID]:
    edition = session.get(ListEdition, edition_id)
    return set() if edition is None else groups.on_list(session, edition.list_code)
