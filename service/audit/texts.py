"""The columns of an entry and a seal as text, as the database itself writes them, for hashing."""

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from service.audit.models import AuditEntry, AuditSeal

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def entry_columns() -> list[Any]:
    """Every column of an entry that its seal covers, in the order that the hash takes them.

    The order is part of the chain's format: a later column goes to the end, under a new version of the link.
    """
    entry = AuditEntry
    return [
        sa.cast(entry.id, sa.Text),
        _epoch(entry.at),
        sa.cast(entry.actor_id, sa.Text),
        entry.actor_name,
        sa.cast(entry.unit_id, sa.Text),
        entry.device_id,
        entry.request_id,
        entry.address,
        entry.action,
        entry.subject_type,
        entry.subject_id,
        # jsonb's own text: keys in storage order, numbers with every digit; the same after a dump and restore.
        sa.cast(entry.details, sa.Text),
    ]


def sealed_at_text() -> sa.ColumnElement[str]:
    """A seal's time as the link takes it."""
    return _epoch(AuditSeal.sealed_at)


def moment_text(moment: datetime) -> str:
    """The same text for a time that is about to be written: seconds since 1970 with six decimals."""
    seconds, micros = divmod((moment - _BEGINNING) // _MICROSECOND, 1_000_000)
    return f"{seconds}.{micros:06d}"


def _epoch(column: Any) -> sa.ColumnElement[str]:
    # Free of DateStyle and TimeZone, and says Infinity where a client could not read the value.
    return sa.cast(sa.extract("epoch", column), sa.Text)
