"""What happened to a subject, or through a person, newest first, for those who inspect."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.audit.models import AuditEntry, AuditSeal
from service.kernel.actor import Actor, Role
from service.kernel.errors import Forbidden, fault
from service.kernel.pages import Page, PageRequest, page_of

READERS = frozenset({Role.HEADQUARTERS, Role.INSPECTOR, Role.ADMINISTRATOR})
"""Who may read what everybody did; leaders read figures, not this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFilter:
    """Which entries are asked for; the period is half-open."""

    subject_type: str | None = None
    subject_id: str | None = None
    actor_id: UUID | None = None
    action: str | None = None
    from_at: datetime | None = None
    until_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One thing that somebody did; `seal_no` is null within the first minute."""

    id: int
    at: datetime
    actor_id: UUID | None
    actor_name: str
    unit_id: UUID | None
    device_id: str | None
    request_id: str | None
    address: str | None
    action: str
    subject_type: str
    subject_id: str
    details: dict[str, Any]
    seal_no: int | None


def entries(session: Session, actor: Actor, wanted: EntryFilter, page: PageRequest) -> Page[EntryRow]:
    """Entries that fit, newest first, a page at a time.

    Raises:
        Forbidden: the person is not of headquarters, an inspector or an administrator.
    """
    if not actor.has(*READERS):
        raise Forbidden
    entry = AuditEntry
    statement = (
        sa.select(
            entry.id,
            entry.at,
            entry.actor_id,
            entry.actor_name,
            entry.unit_id,
            entry.device_id,
            entry.request_id,
            entry.address,
            entry.action,
            entry.subject_type,
            entry.subject_id,
            entry.details,
            entry.seal_no,
        )
        .where(*_conditions(wanted))
        .order_by(entry.id.desc())
        .limit(page.limit + 1)
    )
    if page.after is not None:
        statement = statement.where(entry.id < _entry_id(page.after[0]))
    rows = [EntryRow(**row) for row in session.execute(statement).mappings()]
    return page_of(rows, limit=page.limit, key=lambda row: (str(row.id),))


def seconds_unsealed(session: Session) -> float:
    """How long the oldest entry without a seal has been waiting; 0 when there is none."""
    oldest = sa.select(sa.func.min(AuditEntry.at)).where(AuditEntry.seal_no.is_(None)).scalar_subquery()
    waiting = session.scalar(sa.select(sa.extract("epoch", sa.func.clock_timestamp() - oldest)))
    return max(0.0, float(waiting or 0))


def seals_made(session: Session) -> int:
    """How many seals the chain has."""
    return session.scalar(sa.select(sa.func.coalesce(sa.func.max(AuditSeal.no), 0))) or 0


def _entry_id(text: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise fault("/cursor", "分页游标无效", "The cursor is not valid")
    return int(text)


def _conditions(wanted: EntryFilter) -> list[sa.ColumnElement[bool]]:
    entry = AuditEntry
    conditions = [
        column == value
        for column, value in (
            (entry.subject_type, wanted.subject_type),
            (entry.subject_id, wanted.subject_id),
            (entry.actor_id, wanted.actor_id),
            (entry.action, wanted.action),
        )
        if value is not None
    ]
    if wanted.from_at is not None:
        conditions.append(entry.at >= wanted.from_at)
    if wanted.until_at is not None:
        conditions.append(entry.at < wanted.until_at)
    return conditions
