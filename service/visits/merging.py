"""Two enterprises are one: their visits go with the one that is kept, and come back when that was a mistake."""

from collections.abc import Iterator, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.enterprises import merging as register
from service.enterprises.models import Enterprise, EnterpriseMerge
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.programmes.target_lists import copy_entries, uncopy_entries
from service.visits.models import Visit
from service.visits.recounting import recount_enterprises

_VISITS, _TARGET_LISTS = "visits", "target_lists"
"""Keys of `EnterpriseMerge.moved` under which this room notes what it moved, beside the register's own."""


def merge_enterprises(session: Session, actor: Actor, kept_id: UUID, merged_id: UUID) -> EnterpriseMerge:
    """`kept_id` stands for `merged_id` from now on: names, lists, visits and figures.

    Raises:
        UnknownEnterprise, AlreadyMerged, CannotMerge: the register refuses.
    """
    merge = register.absorb(session, actor, register.Merge(kept_id, merged_id))
    visits = _move(session, Visit.enterprise_id == merged_id, kept_id)
    lists = copy_entries(session, merged_id=merged_id, kept_id=kept_id)
    merge.moved = {**merge.moved, _VISITS: _texts(visits), _TARGET_LISTS: _texts(lists)}
    recount_enterprises(session, [kept_id, merged_id])
    return merge


def unmerge_enterprises(session: Session, actor: Actor, merge_id: UUID) -> EnterpriseMerge:
    """Both stand for themselves again, each with the visits that were its own.

    A visit that was given to another enterprise in between stays there; one that was recorded for the kept
    enterprise after the merge stays with it.

    Raises:
        NotFound, AlreadyUndone: the register refuses.
    """
    merge = register.release(session, actor, merge_id)
    holders = [merge.kept_id, *_standing_above(session, merge.kept_id)]
    moved = [UUID(one) for one in merge.moved.get(_VISITS, ())]
    _move(session, sa.and_(Visit.id.in_(moved), Visit.enterprise_id.in_(holders)), merge.merged_id)
    uncopy_entries(session, merge.kept_id, [UUID(one) for one in merge.moved.get(_TARGET_LISTS, ())])
    recount_enterprises(session, [*holders, merge.merged_id])
    return merge


def _move(session: Session, which: sa.ColumnElement[bool], to: UUID) -> Sequence[UUID]:
    session.flush()
    # In the order of their ids, as reviewers lock them.
    locked = sa.select(Visit.id).where(which).order_by(Visit.id).with_for_update(key_share=True).cte("locked")
    return session.scalars(
        sa.update(Visit)
        .where(Visit.id == locked.c.id)
        .values(enterprise_id=to, updated_at=now())
        .returning(Visit.id),
        execution_options={"synchronize_session": False},
    ).all()


def _standing_above(session: Session, enterprise_id: UUID) -> Iterator[UUID]:
    """Those that stand for it by later merges, one above the other."""
    above = session.scalar(sa.select(Enterprise.merged_into_id).where(Enterprise.id == enterprise_id))
    while above is not None:
        yield above
        above = session.scalar(sa.select(Enterprise.merged_into_id).where(Enterprise.id == above))


def _texts(ids: Sequence[UUID]) -> list[str]:
    return [str(one) for one in ids]
