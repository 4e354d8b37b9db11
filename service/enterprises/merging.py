"""Two enterprises become one, and two again: what moved is written down, so that it can be undone.

The merged one stays as a row that points at the kept one. Names, places on lists and the group move; the kept one's own
values stand, and only its blanks are filled: a credit code, a group, well-known.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.audit.commands import record
from service.enterprises.commands import hold_code, refresh_search
from service.enterprises.errors import AlreadyMerged, AlreadyUndone, CannotMerge, UnknownEnterprise
from service.enterprises.models import (
    Enterprise,
    EnterpriseAlias,
    EnterpriseMerge,
    ListMembership,
    SuspicionState,
)
from service.enterprises.rules import keepers_only
from service.enterprises.suspicions import decide
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.errors import NotFound
from service.kernel.ids import uuid7
from service.kernel.text import name_key, pinyin_initials

_GROUP = ("group_id", "group_confirmed_by", "group_confirmed_at")
_GIVEN = ("credit_code", "well_known", *_GROUP)


@dataclass(frozen=True, slots=True)
class Merge:
    """`merged_id` is the same enterprise as `kept_id`, which stands for both from now on."""

    kept_id: UUID
    merged_id: UUID


def absorb(session: Session, actor: Actor, merge: Merge) -> EnterpriseMerge:
    """The register has one enterprise for the two. What counts by them is recounted by the caller.

    Raises:
        CannotMerge: it is one enterprise already.
        AlreadyMerged, UnknownEnterprise: of either.
    """
    keepers_only(actor)
    if merge.kept_id == merge.merged_id:
        raise CannotMerge(reason_zh="是同一条记录", reason_en="they are one record")
    kept, merged = _both(session, merge)
    before = _given(kept)
    moved: dict[str, Any] = {
        "aliases": _move_aliases(session, kept, merged),
        "places": _move_places(session, kept, merged),
    }
    _give(session, kept, merged)
    moved["given"] = {
        name: [before[name], after] for name, after in _given(kept).items() if after != before[name]
    }
    merged.merged_into_id = kept.id
    _touch(kept, merged)
    refresh_search(session, kept)
    decide(session, actor, (kept.id, merged.id), SuspicionState.MERGED)
    written = EnterpriseMerge(
        id=uuid7(),
        kept_id=kept.id,
        merged_id=merged.id,
        moved=moved,
        merged_by=actor.user_id,
        merged_at=now(),
    )
    session.add(written)
    session.flush()
    record(
        session, actor, "enterprise.merge", "enterprise", kept.id, merged_id=merged.id, merge_id=written.id
    )
    return written


def release(session: Session, actor: Actor, merge_id: UUID) -> EnterpriseMerge:
    """The merged enterprise stands for itself again, with what was its own; later changes to the kept one stay.

    Raises:
        NotFound: there was no such merge.
        AlreadyUndone: it was undone before.
    """
    keepers_only(actor)
    merge = session.get(EnterpriseMerge, merge_id, with_for_update=True, populate_existing=True)
    if merge is None:
        raise NotFound
    if merge.undone_at is not None:
        raise AlreadyUndone
    kept, merged = _rows(session, merge.kept_id, merge.merged_id)
    _take_back(kept, merge.moved["given"])
    session.flush()
    if merged.credit_code:
        hold_code(session, merged.credit_code)
    merged.merged_into_id = None
    _return_aliases(session, merged, merge.moved["aliases"])
    _return_places(session, merged, merge.moved["places"])
    _touch(kept, merged)
    refresh_search(session, _standing(session, kept))
    refresh_search(session, merged)
    decide(session, actor, (kept.id, merged.id), SuspicionState.DISTINCT)
    merge.undone_by, merge.undone_at = actor.user_id, now()
    record(session, actor, "enterprise.unmerge", "enterprise", merged.id, kept_id=kept.id, merge_id=merge.id)
    session.flush()
    return merge


def _both(session: Session, merge: Merge) -> tuple[Enterprise, Enterprise]:
    kept, merged = _rows(session, merge.kept_id, merge.merged_id)
    for one in (kept, merged):
        if one.merged_into_id is not None:
            raise AlreadyMerged(one.merged_into_id)
    return kept, merged


def _rows(session: Session, kept_id: UUID, merged_id: UUID) -> tuple[Enterprise, Enterprise]:
    """Both, held in the order of their ids, so that two merges cannot wait for each other."""
    found = {
        one.id: one
        for one in session.scalars(
            sa.select(Enterprise)
            .where(Enterprise.id.in_([kept_id, merged_id]))
            .order_by(Enterprise.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    }
    if len(found) < 2:
        raise UnknownEnterprise
    return found[kept_id], found[merged_id]


def _standing(session: Session, one: Enterprise) -> Enterprise:
    while one.merged_into_id is not None:
        one = session.get_one(Enterprise, one.merged_into_id)
    return one


def _given(kept: Enterprise) -> dict[str, Any]:
    values = {name: getattr(kept, name) for name in _GIVEN}
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, (str, bool)) else str(value)


def _give(session: Session, kept: Enterprise, merged: Enterprise) -> None:
    """The kept one's blanks are filled from the merged one."""
    if kept.credit_code is None and merged.credit_code is not None:
        merged.merged_into_id = kept.id  # first, because a code is unique among those that stand
        session.flush()
        kept.credit_code = merged.credit_code
    kept.well_known = kept.well_known or merged.well_known
    if kept.group_id is None or (kept.group_id == merged.group_id and kept.group_confirmed_at is None):
        for name in _GROUP:
            setattr(kept, name, getattr(merged, name))


def _take_back(kept: Enterprise, given: dict[str, list[Any]]) -> None:
    """What the merge gave goes, unless somebody has changed it since."""
    held = _given(kept)
    for name, (before, after) in given.items():
        if held[name] == after:
            setattr(kept, name, _typed(name, before))


def _typed(name: str, value: Any) -> Any:
    if isinstance(value, str) and name in {"group_id", "group_confirmed_by"}:
        return UUID(value)
    if isinstance(value, str) and name == "group_confirmed_at":
        return datetime.fromisoformat(value)
    return value


def _move_aliases(session: Session, kept: Enterprise, merged: Enterprise) -> dict[str, Any]:
    """The merged one's names are the kept one's; those it has already are put aside."""
    known = set(
        session.scalars(sa.select(EnterpriseAlias.name_key).where(EnterpriseAlias.enterprise_id == kept.id))
    ) | {kept.name_key}
    aliases = session.scalars(
        sa.select(EnterpriseAlias).where(EnterpriseAlias.enterprise_id == merged.id)
    ).all()
    moved: dict[str, Any] = {"moved": [], "dropped": [], "added": []}
    for alias in aliases:
        if alias.name_key in known:
            moved["dropped"].append({"id": str(alias.id), "name": alias.name})
            session.delete(alias)
        else:
            alias.enterprise_id = kept.id
            moved["moved"].append(str(alias.id))
            known.add(alias.name_key)
    for name in filter(None, (merged.name, merged.short_name)):
        if name_key(name) not in known:
            known.add(name_key(name))
            moved["added"].append(str(_new_alias(session, kept.id, name).id))
    session.flush()
    return moved


def _new_alias(
    session: Session, enterprise_id: UUID, name: str, alias_id: UUID | None = None
) -> EnterpriseAlias:
    alias = EnterpriseAlias(
        id=alias_id or uuid7(),
        enterprise_id=enterprise_id,
        name=name,
        name_key=name_key(name),
        initials=pinyin_initials(name),
    )
    session.add(alias)
    return alias


def _return_aliases(session: Session, merged: Enterprise, moved: dict[str, Any]) -> None:
    added, returned = ([UUID(text) for text in moved[name]] for name in ("added", "moved"))
    session.execute(sa.delete(EnterpriseAlias).where(EnterpriseAlias.id.in_(added)))
    session.execute(
        sa.update(EnterpriseAlias).where(EnterpriseAlias.id.in_(returned)).values(enterprise_id=merged.id)
    )
    for alias in moved["dropped"]:
        _new_alias(session, merged.id, alias["name"], UUID(alias["id"]))
    session.flush()


def _move_places(session: Session, kept: Enterprise, merged: Enterprise) -> dict[str, Any]:
    """The merged one's places on lists are the kept one's; where both are on an edition, one place stays.

    It is confirmed when either was.
    """
    own = {
        place.edition_id: place
        for place in session.scalars(sa.select(ListMembership).where(ListMembership.enterprise_id == kept.id))
    }
    moved: dict[str, Any] = {"moved": [], "dropped": [], "confirmed": []}
    for place in session.scalars(
        sa.select(ListMembership).where(ListMembership.enterprise_id == merged.id)
    ).all():
        if place.edition_id not in own:
            place.enterprise_id = kept.id
            moved["moved"].append(str(place.id))
            continue
        moved["dropped"].append(_place_document(place))
        stays = own[place.edition_id]
        if stays.confirmed_at is None and place.confirmed_at is not None:
            stays.confirmed_by, stays.confirmed_at = place.confirmed_by, place.confirmed_at
            moved["confirmed"].append(str(stays.id))
        session.delete(place)
    session.flush()
    return moved


def _place_document(place: ListMembership) -> dict[str, Any]:
    names = ("id", "edition_id", "rank", "listed_name", "confirmed_by", "confirmed_at")
    values = {name: getattr(place, name) for name in names}
    return {name: value if isinstance(value, int) else _plain(value) for name, value in values.items()}


def _return_places(session: Session, merged: Enterprise, moved: dict[str, Any]) -> None:
    ids = {name: [UUID(text) for text in moved[name]] for name in ("moved", "confirmed")}
    session.execute(
        sa.update(ListMembership).where(ListMembership.id.in_(ids["moved"])).values(enterprise_id=merged.id)
    )
    session.execute(
        sa.update(ListMembership)
        .where(ListMembership.id.in_(ids["confirmed"]))
        .values(confirmed_by=None, confirmed_at=None)
    )
    for place in moved["dropped"]:
        confirmed_at, confirmed_by = place["confirmed_at"], place["confirmed_by"]
        session.add(
            ListMembership(
                id=UUID(place["id"]),
                edition_id=UUID(place["edition_id"]),
                enterprise_id=merged.id,
                rank=place["rank"],
                listed_name=place["listed_name"],
                confirmed_by=UUID(confirmed_by) if confirmed_by else None,
                confirmed_at=datetime.fromisoformat(confirmed_at) if confirmed_at else None,
            )
        )
    session.flush()


def _touch(*enterprises: Enterprise) -> None:
    for one in enterprises:
        one.rev += 1
        one.updated_at = now()
