"""What is kept and not settled, for the phone's owner and for headquarters."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import Unit, User
from service.accounts.visibility import within_scope
from service.kernel.actor import Actor
from service.kernel.pages import Page, PageRequest, moment_and_id, page_of
from service.kernel.revisions import Malformed, NotRepresentable, strict_json
from service.submissions.difference import FieldDifference, differences
from service.submissions.errors import UnknownKept
from service.submissions.models import KeptBecause, KeptSubmission, RecordRevision, RecordType, Settlement
from service.submissions.receipt import Receipt

MOST_SHOWN = 200_000
"""Characters of a kept body that are shown; all bytes stay stored."""

_SHOWN = (
    KeptSubmission.id,
    KeptSubmission.record_type,
    KeptSubmission.record_id,
    KeptSubmission.because,
    KeptSubmission.code,
    KeptSubmission.faults,
    KeptSubmission.sha256,
    KeptSubmission.base_rev,
    KeptSubmission.server_rev,
    KeptSubmission.author_id,
    KeptSubmission.unit_id,
    KeptSubmission.device_id,
    KeptSubmission.received_at,
    KeptSubmission.settled_at,
    KeptSubmission.settlement,
    KeptSubmission.settlement_note,
    KeptSubmission.became_record_id,
    KeptSubmission.raw_gone_at,
    sa.func.octet_length(KeptSubmission.raw).label("size"),
    User.name.label("author_name"),
    Unit.name.label("unit_name"),
)


@dataclass(frozen=True, slots=True)
class KeptFilter:
    """Which kept bodies are asked for; None asks for all."""

    because: KeptBecause | None = None
    record_type: RecordType | None = None
    is_open: bool | None = None
    unit_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class KeptBody:
    """A kept body as the lists show it: why it was kept, and what became of it."""

    id: UUID
    record_type: RecordType
    record_id: UUID
    because: KeptBecause
    code: str
    faults: list[dict[str, Any]]
    sha256: str
    base_rev: int | None
    server_rev: int | None
    author_id: UUID
    unit_id: UUID
    device_id: str | None
    received_at: datetime
    settled_at: datetime | None
    settlement: Settlement | None
    settlement_note: str | None
    became_record_id: UUID | None
    raw_gone_at: datetime | None
    size: int
    author_name: str
    unit_name: str


@dataclass(frozen=True, slots=True)
class ServerContent:
    """The current revision of a record, as it was sent."""

    rev: int
    sha256: str
    author_id: UUID
    author_name: str
    received_at: datetime
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class KeptWhole:
    """A kept body with what was sent, as text that is safe to show whatever the bytes are."""

    kept: KeptBody
    text: str
    is_cut: bool
    body: Mapping[str, Any] | None
    """None when the bytes are no JSON object."""
    server: ServerContent | None
    """What the server holds under the id: what letting the kept body in would write over."""
    differences: Sequence[FieldDifference]


def own_kept(session: Session, actor: Actor, what: KeptFilter, page: PageRequest) -> Page[KeptBody]:
    """What of the actor's own was kept, newest first."""
    return _listed(session, [KeptSubmission.author_id == actor.person_id, *_conditions(what)], page)


def own_kept_among(session: Session, actor: Actor, ids: Collection[UUID]) -> list[KeptBody]:
    """Those of these bodies that are the actor's own."""
    rows = _rows(KeptSubmission.id.in_(ids), KeptSubmission.author_id == actor.person_id)
    return [KeptBody(*row) for row in session.execute(rows)]


def kept_in_scope(session: Session, actor: Actor, what: KeptFilter, page: PageRequest) -> Page[KeptBody]:
    """What was kept in the actor's scope, newest first."""
    return _listed(session, [within_scope(actor, KeptSubmission.unit_id), *_conditions(what)], page)


def one_kept(session: Session, actor: Actor, kept_id: UUID) -> KeptWhole:
    """One kept body with its content.

    Raises:
        UnknownKept: there is none such in the actor's scope.
    """
    conditions = (KeptSubmission.id == kept_id, within_scope(actor, KeptSubmission.unit_id))
    row = session.execute(_rows(*conditions).add_columns(KeptSubmission.raw)).one_or_none()
    if row is None:
        raise UnknownKept
    *facts, raw = row
    text = bytes(raw).decode("utf-8", "backslashreplace").replace("\0", "\\x00")
    kept, body = KeptBody(*facts), _object_in(bytes(raw))
    server = None if kept.because is KeptBecause.ID_TAKEN else _newest(session, kept)
    found: list[FieldDifference] = []
    if body is not None and server is not None:
        found = differences(_body_of(session, kept.record_id, kept.base_rev), server.body, body)
    return KeptWhole(kept, text[:MOST_SHOWN], len(text) > MOST_SHOWN, body, server, found)


def _object_in(raw: bytes) -> Mapping[str, Any] | None:
    """The body as it would be hashed, when it is one."""
    try:
        body = strict_json(raw)
    except (Malformed, NotRepresentable):
        return None
    if not isinstance(body, dict):
        return None
    return {name: value for name, value in body.items() if name != "base_rev"}


def _newest(session: Session, kept: KeptBody) -> ServerContent | None:
    row = session.execute(
        sa.select(
            RecordRevision.rev,
            RecordRevision.sha256,
            RecordRevision.author_id,
            User.name,
            RecordRevision.received_at,
            RecordRevision.body,
        )
        .join(User, User.id == RecordRevision.author_id)
        .where(RecordRevision.record_id == kept.record_id, RecordRevision.record_type == kept.record_type)
        .order_by(RecordRevision.rev.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else ServerContent(*row)


def _body_of(session: Session, record_id: UUID, rev: int | None) -> Mapping[str, Any] | None:
    return session.scalar(
        sa.select(RecordRevision.body).where(
            RecordRevision.record_id == record_id, RecordRevision.rev == (rev or 0)
        )
    )


def receipts(session: Session, record_ids: set[UUID]) -> dict[tuple[UUID, int], Receipt]:
    """The receipts of every revision of these records, by id and revision."""
    rows = session.execute(
        sa.select(
            RecordRevision.record_id,
            RecordRevision.rev,
            RecordRevision.sha256,
            RecordRevision.received_at,
            RecordRevision.seal,
        ).where(RecordRevision.record_id.in_(record_ids))
    )
    return {(row.record_id, row.rev): Receipt(*row) for row in rows}


def _rows(*conditions: sa.ColumnElement[bool]) -> sa.Select[*tuple[Any, ...]]:
    rows: sa.Select[*tuple[Any, ...]] = sa.select(*_SHOWN)
    return (
        rows.join(User, User.id == KeptSubmission.author_id)
        .join(Unit, Unit.id == KeptSubmission.unit_id)
        .where(*conditions)
    )


def _conditions(what: KeptFilter) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if what.because is not None:
        found.append(KeptSubmission.because == what.because)
    if what.record_type is not None:
        found.append(KeptSubmission.record_type == what.record_type)
    if what.is_open is not None:
        found.append(KeptSubmission.settled_at.is_(None) == what.is_open)
    if what.unit_id is not None:
        found.append(KeptSubmission.unit_id == what.unit_id)
    return found


def _listed(session: Session, conditions: list[sa.ColumnElement[bool]], page: PageRequest) -> Page[KeptBody]:
    rows = _rows(*conditions)
    if page.after is not None:
        key = sa.tuple_(KeptSubmission.received_at, KeptSubmission.id)
        rows = rows.where(key < sa.tuple_(*moment_and_id(page.after)))
    rows = rows.order_by(KeptSubmission.received_at.desc(), KeptSubmission.id.desc()).limit(page.limit + 1)
    found = [KeptBody(*row) for row in session.execute(rows)]
    return page_of(found, limit=page.limit, key=lambda kept: (kept.received_at.isoformat(), str(kept.id)))
