"""Target lists (目标企业库): who is on them, and which unit is to visit whom.

Being on a list may make an enterprise count; visits are counted again by who calls these, a floor above.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from service.accounts.models import Unit
from service.audit import commands as audit
from service.enterprises.models import Enterprise
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.errors import Fault, Invalid
from service.kernel.ids import uuid7
from service.programmes.commands import open_programme
from service.programmes.errors import TargetListNameTaken
from service.programmes.models import TargetList, TargetListEntry
from service.programmes.queries import target_list

TARGET_LIST = "target_list"


@dataclass(frozen=True, slots=True)
class Entry:
    """An enterprise for a list, and the unit that is to visit it, if one is named."""

    enterprise_id: UUID
    unit_id: UUID | None = None


def create_target_list(session: Session, actor: Actor, programme_id: UUID, name: str) -> TargetList:
    """A new, empty list.

    Raises:
        UnknownProgramme, ProgrammeClosed, TargetListNameTaken: it cannot be made.
    """
    programme = open_programme(session, actor, programme_id)
    taken = sa.select(TargetList.id).where(TargetList.programme_id == programme.id, TargetList.name == name)
    if session.scalar(taken):
        raise TargetListNameTaken(name=name)
    made = TargetList(id=uuid7(), programme_id=programme.id, name=name, created_at=now())
    session.add(made)
    session.flush()
    audit.record(session, actor, "target_list.create", TARGET_LIST, made.id, name=name)
    return made


def put_on_target_list(
    session: Session, actor: Actor, programme_id: UUID, list_id: UUID, what: Sequence[Entry]
) -> list[UUID]:
    """These enterprises are on the list, with these units; answers those that were not on it before.

    Raises:
        UnknownTargetList, ProgrammeClosed: the list cannot be changed.
        Invalid: an enterprise or a unit is unknown, or an enterprise was merged into another.
    """
    found = _open_list(session, actor, programme_id, list_id)
    _check(session, what)
    wanted = {entry.enterprise_id: entry.unit_id for entry in what}
    if not wanted:
        return []
    before = set(
        session.scalars(
            sa.select(TargetListEntry.enterprise_id).where(
                TargetListEntry.list_id == found.id, TargetListEntry.enterprise_id.in_(wanted)
            )
        )
    )
    rows = [
        {"list_id": found.id, "enterprise_id": enterprise_id, "unit_id": unit_id, "added_at": now()}
        for enterprise_id, unit_id in sorted(wanted.items())
    ]
    statement = insert(TargetListEntry)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["list_id", "enterprise_id"], set_={"unit_id": statement.excluded.unit_id}
        ),
        rows,
    )
    audit.record(session, actor, "target_list.put_on", TARGET_LIST, found.id, enterprises=sorted(wanted))
    return [enterprise_id for enterprise_id in wanted if enterprise_id not in before]


def take_off_target_list(
    session: Session, actor: Actor, programme_id: UUID, list_id: UUID, enterprise_ids: Collection[UUID]
) -> list[UUID]:
    """These enterprises are not on the list; answers those that were.

    Raises:
        UnknownTargetList, ProgrammeClosed: the list cannot be changed.
    """
    found = _open_list(session, actor, programme_id, list_id)
    gone = session.scalars(
        sa.delete(TargetListEntry)
        .where(TargetListEntry.list_id == found.id, TargetListEntry.enterprise_id.in_(enterprise_ids))
        .returning(TargetListEntry.enterprise_id)
    ).all()
    if gone:
        audit.record(session, actor, "target_list.take_off", TARGET_LIST, found.id, enterprises=sorted(gone))
    return list(gone)


def copy_entries(session: Session, *, merged_id: UUID, kept_id: UUID) -> list[UUID]:
    """The one that is kept is on every list the merged one is on; answers the lists it was not on before."""
    theirs = sa.select(
        TargetListEntry.list_id,
        sa.literal(kept_id, sa.Uuid()),
        TargetListEntry.unit_id,
        TargetListEntry.added_at,
    ).where(TargetListEntry.enterprise_id == merged_id)
    added = session.scalars(
        insert(TargetListEntry)
        .from_select(["list_id", "enterprise_id", "unit_id", "added_at"], theirs)
        .on_conflict_do_nothing()
        .returning(TargetListEntry.list_id)
    )
    return list(added)


def uncopy_entries(session: Session, kept_id: UUID, list_ids: Collection[UUID]) -> None:
    """Undo `copy_entries`: take it off the lists it came to by a merge."""
    session.execute(
        sa.delete(TargetListEntry).where(
            TargetListEntry.enterprise_id == kept_id, TargetListEntry.list_id.in_(list_ids)
        )
    )


def _open_list(session: Session, actor: Actor, programme_id: UUID, list_id: UUID) -> TargetList:
    found = target_list(session, programme_id, list_id)
    open_programme(session, actor, found.programme_id)
    return found


def _check(session: Session, what: Sequence[Entry]) -> None:
    named = {entry.enterprise_id for entry in what}
    known = set(
        session.scalars(
            sa.select(Enterprise.id).where(Enterprise.id.in_(named), Enterprise.merged_into_id.is_(None))
        )
    )
    units = {entry.unit_id for entry in what if entry.unit_id}
    known_units = set(session.scalars(sa.select(Unit.id).where(Unit.id.in_(units)))) if units else set()
    faults = [
        Fault(f"/entries/{place}/enterprise_id", "没有找到该企业", "There is no such enterprise")
        for place, entry in enumerate(what)
        if entry.enterprise_id not in known
    ] + [
        Fault(f"/entries/{place}/unit_id", "没有找到该单位", "There is no such unit")
        for place, entry in enumerate(what)
        if entry.unit_id and entry.unit_id not in known_units
    ]
    if faults:
        raise Invalid(faults=faults)
