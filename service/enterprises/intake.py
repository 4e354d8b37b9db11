"""What an import decided is written in few statements, however many rows there are."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from service.enterprises.errors import UnknownEdition
from service.enterprises.matching import Draft
from service.enterprises.models import (
    Enterprise,
    EnterpriseAlias,
    EnterpriseGroup,
    ListEdition,
    ListMembership,
)
from service.enterprises.names import searchable
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.ids import uuid7
from service.kernel.text import name_key, pinyin_initials

_MANY = 100


@dataclass(frozen=True, slots=True)
class Intake:
    """Where the enterprises come from, and the edition they are put on."""

    source: str
    edition_id: UUID | None
    confirmed: bool


def write_drafts(session: Session, actor: Actor, drafts: Sequence[Draft], intake: Intake) -> None:
    """The register has these enterprises, with their aliases, suggested groups and places on the edition.

    Raises:
        UnknownEdition: there is no such edition.
    """
    if intake.edition_id and session.get(ListEdition, intake.edition_id) is None:
        raise UnknownEdition
    moment = now()
    groups = _groups(session, drafts, moment)
    new = [draft for draft in drafts if draft.is_new]
    changed = [draft for draft in drafts if not draft.is_new and (draft.changed or _new_group(draft, groups))]
    if new:
        session.execute(sa.insert(Enterprise), [_new_row(draft, groups, intake, moment) for draft in new])
    if changed:
        revs = _revisions(session, [draft.id for draft in changed])
        session.execute(
            sa.update(Enterprise),
            [
                _columns(draft, groups) | {"updated_at": moment, "rev": revs[draft.id] + 1}
                for draft in changed
            ],
        )
    _write_aliases(session, drafts)
    if intake.edition_id:
        _write_places(session, actor, drafts, intake, moment)
    if len(new) > _MANY:
        _tidy_index(session)
    session.expire_all()


def _tidy_index(session: Session) -> None:
    """Searches right after are as quick as later: the index's pending entries are put in their places."""
    with suppress(sa.exc.ProgrammingError), session.begin_nested():  # only the index's owner may
        session.execute(sa.select(sa.func.gin_clean_pending_list(sa.literal("ix_enterprises_grams"))))


def _revisions(session: Session, ids: Sequence[UUID]) -> dict[UUID, int]:
    rows = session.execute(
        sa.select(Enterprise.id, Enterprise.rev)
        .where(Enterprise.id.in_(ids))
        .order_by(Enterprise.id)
        .with_for_update()
    )
    return {row.id: row.rev for row in rows}


def _columns(draft: Draft, groups: dict[str, UUID]) -> dict[str, object]:
    found_by = searchable(draft.name, draft.columns["short_name"], draft.alias_keys.values())
    return {
        "id": draft.id,
        **draft.columns,
        "well_known": draft.well_known,
        "facts": draft.facts,
        "tags": draft.tags,
        "responsible_unit_id": draft.unit_id,
        "group_id": draft.group_id or _new_group(draft, groups),
        "name_key": found_by.name_key,
        "initials": found_by.initials,
        "grams": found_by.grams,
        "search_text": found_by.search_text,
    }


def _new_row(draft: Draft, groups: dict[str, UUID], intake: Intake, moment: datetime) -> dict[str, object]:
    return _columns(draft, groups) | {
        "name": draft.name,
        "kind": draft.kind,
        "source": intake.source,
        "created_at": moment,
        "updated_at": moment,
        "rev": 1,
    }


def _new_group(draft: Draft, groups: dict[str, UUID]) -> UUID | None:
    """The group that a row suggests for an enterprise without one."""
    return groups.get(name_key(draft.group)) if draft.group and not draft.group_id else None


def _groups(session: Session, drafts: Sequence[Draft], moment: datetime) -> dict[str, UUID]:
    """The groups that rows name, by key; those that are not there are created."""
    names = {name_key(draft.group): draft.group for draft in drafts if draft.group}
    if not names:
        return {}
    rows = [
        {"id": uuid7(), "name": name, "name_key": key, "created_at": moment} for key, name in names.items()
    ]
    session.execute(insert(EnterpriseGroup).on_conflict_do_nothing(index_elements=["name_key"]), rows)
    found = session.execute(
        sa.select(EnterpriseGroup.name_key, EnterpriseGroup.id).where(EnterpriseGroup.name_key.in_(names))
    )
    return {row.name_key: row.id for row in found}


def _write_aliases(session: Session, drafts: Sequence[Draft]) -> None:
    rows = [
        {
            "id": uuid7(),
            "enterprise_id": draft.id,
            "name": alias,
            "name_key": name_key(alias),
            "initials": pinyin_initials(alias),
        }
        for draft in drafts
        for alias in draft.new_aliases
    ]
    if rows:
        written = insert(EnterpriseAlias).on_conflict_do_nothing(index_elements=["enterprise_id", "name_key"])
        session.execute(written, rows)


def _write_places(
    session: Session, actor: Actor, drafts: Sequence[Draft], intake: Intake, moment: datetime
) -> None:
    """A place on the edition for each: its confirmed group's, else its own; a confirmed place stays confirmed."""
    confirmed: dict[str, object] = (
        {"confirmed_by": actor.user_id, "confirmed_at": moment} if intake.confirmed else {}
    )
    by_owner: dict[tuple[str, UUID], dict[str, object]] = {}
    for draft in drafts:
        through_group = draft.group_confirmed and draft.group_id is not None
        owner = (
            ("group_id", draft.group_id) if draft.group_id and through_group else ("enterprise_id", draft.id)
        )
        place: dict[str, object] = {
            "id": uuid7(),
            "edition_id": intake.edition_id,
            "rank": draft.rank,
            "listed_name": draft.listed_name,
        }
        by_owner.setdefault(owner, place | {owner[0]: owner[1]} | confirmed)
    for column in ("group_id", "enterprise_id"):
        rows = [row for (kind, _), row in by_owner.items() if kind == column]
        if rows:
            written = insert(ListMembership)
            told = {"rank": written.excluded.rank, "listed_name": written.excluded.listed_name}
            told |= {name: written.excluded[name] for name in confirmed}
            session.execute(
                written.on_conflict_do_update(index_elements=["edition_id", column], set_=told), rows
            )
