"""Every write leaves an entry in its own transaction; a job seals entries into the chain, never a request."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from math import isfinite
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.audit.chain import FIRST_PREVIOUS_HASH, Anchor, Link
from service.audit.models import AuditEntry, AuditSeal
from service.audit.texts import entry_columns, moment_text
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.many import inserting
from service.kernel.together import Question

MOST_ENTRIES_PER_SEAL = 5_000
"""Bounds the memory of the sealing job; more entries than this make several seals."""

_SEALER_LOCK = 5_190_221_010
_TABLE = AuditEntry.metadata.tables[AuditEntry.__tablename__]
_WRITTEN = (
    "at",
    "actor_id",
    "actor_name",
    "unit_id",
    "device_id",
    "request_id",
    "address",
    "action",
    "subject_type",
    "subject_id",
    "details",
)
_WRITING = (
    sa.insert(_TABLE)
    .values({name: sa.bindparam(f"new_{name}", type_=_TABLE.c[name].type) for name in _WRITTEN})
    .inline()  # nobody asks for its number
)
"""On the table: as an object of the session the entry costs three times as much, on every write there is."""


def record(
    session: Session, actor: Actor, action: str, subject_type: str, subject_id: UUID | str, **details: Any
) -> None:
    """Add an entry to this transaction: `actor` did `action` (such as `visit.submit`) to that subject.

    Details may hold ids, times, amounts, enums and collections of them; passwords and tokens never belong here.
    """
    session.execute(*recording(actor, action, subject_type, subject_id, **details))


def recording(
    actor: Actor, action: str, subject_type: str, subject_id: UUID | str, **details: Any
) -> Question:
    """What `record` executes, for a command whose statements travel together."""
    entry = {
        "new_at": now(),
        "new_actor_id": actor.user_id,
        "new_actor_name": _storable(actor.name),
        "new_unit_id": actor.unit_id,
        "new_device_id": None if actor.device_id is None else _storable(actor.device_id),
        "new_request_id": actor.request_id,
        "new_address": actor.address,
        "new_action": action,
        "new_subject_type": subject_type,
        "new_subject_id": _storable(str(subject_id)),
        "new_details": {key: _plain(value) for key, value in details.items()},
    }
    return Question(_WRITING, entry)


def recording_all(entries: Sequence[Question]) -> Question:
    """What `recording` made of many entries, as one statement."""
    rows = [{name: entry.values[f"new_{name}"] for name in _WRITTEN} for entry in entries]
    return inserting(_TABLE, rows)


def latest_seal(session: Session) -> str | None:
    """The newest seal as `no:hash`, to be noted where this database cannot reach; None before the first."""
    newest = sa.select(AuditSeal.no, AuditSeal.hash).order_by(AuditSeal.no.desc()).limit(1)
    row = session.execute(newest).one_or_none()
    return None if row is None else str(Anchor(row.no, row.hash))


def seal(session: Session) -> AuditSeal | None:
    """Append one seal over the committed entries that have none, in the order of their ids.

    An entry that commits later goes into a later seal, whatever its id. Answers None when there is nothing to
    seal, or while another sealer is at work. The caller commits; call again until None to take a long queue.
    """
    if not session.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(_SEALER_LOCK))):
        return None
    # A statement of its own after the lock: it sees what the sealer before us has committed.
    unsealed = (
        sa.select(*entry_columns())
        .where(AuditEntry.seal_no.is_(None))
        .order_by(AuditEntry.id)
        .limit(MOST_ENTRIES_PER_SEAL)
    )
    rows = session.execute(unsealed).all()
    if not rows:
        return None
    made = _link(session, rows)
    session.add(made)
    session.flush()
    _mark(session, made.no, [int(row[0]) for row in rows])
    return made


def _link(session: Session, rows: Any) -> AuditSeal:
    newest = session.execute(
        sa.select(AuditSeal.no, AuditSeal.hash).order_by(AuditSeal.no.desc()).limit(1)
    ).one_or_none()
    no, previous_hash = (newest.no + 1, newest.hash) if newest else (1, FIRST_PREVIOUS_HASH)
    sealed_at = now()
    link = Link(no=no, previous_hash=previous_hash, sealed_at=moment_text(sealed_at))
    for row in rows:
        link.add(row)
    return AuditSeal(
        no=no, entries=link.entries, hash=link.hash(), previous_hash=previous_hash, sealed_at=sealed_at
    )


def _mark(session: Session, no: int, ids: list[int]) -> None:
    places = (
        sa.func.unnest(sa.cast(ids, sa.ARRAY(sa.BigInteger)))
        .table_valued(sa.column("id", sa.BigInteger), with_ordinality="place", name="sealed")
        .render_derived()
    )
    session.execute(
        sa.update(AuditEntry)
        .values(seal_no=no, place=sa.cast(places.c.place, sa.Integer))
        .where(AuditEntry.id == places.c.id),
        execution_options={"synchronize_session": False},
    )


def _plain(value: Any) -> Any:
    """The value as JSON can hold it and PostgreSQL takes it."""
    if value is None or (isinstance(value, (bool, int)) and not isinstance(value, Enum)):
        return value
    if isinstance(value, float):
        return value if isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {_storable(str(key)): _plain(inner) for key, inner in value.items()}
    if isinstance(value, AbstractSet):
        return sorted((_plain(inner) for inner in value), key=str)
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return _storable(_text(value))


def _text(value: object) -> str:
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (str, UUID)):
        return str(value)
    msg = f"an audit entry cannot hold a {type(value).__name__}"
    raise TypeError(msg)


def _storable(text: str) -> str:
    """The text without NUL and lone surrogates, which PostgreSQL refuses; an entry must never fail its command."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode("utf-8")
