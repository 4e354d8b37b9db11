"""Tables of what happened: entries as they are written, seals as a job adds them."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.db import Base


class AuditEntry(Base):
    """One write by somebody. The database refuses to change or delete it; only a seal may be set, once."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        sa.Index("ix_audit_entries_unsealed", "id", postgresql_where=sa.text("seal_no IS NULL")),
        sa.Index(
            "ix_audit_entries_sealed",
            "seal_no",
            "place",
            unique=True,
            postgresql_where=sa.text("seal_no IS NOT NULL"),
        ),
        sa.Index("ix_audit_entries_subject", "subject_type", "subject_id"),
    )

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True, init=False)
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None] = mapped_column(default=None)
    actor_name: Mapped[str]
    unit_id: Mapped[UUID | None] = mapped_column(default=None)
    device_id: Mapped[str | None] = mapped_column(default=None)
    request_id: Mapped[str | None] = mapped_column(default=None)
    address: Mapped[str | None] = mapped_column(default=None)
    action: Mapped[str]
    subject_type: Mapped[str]
    subject_id: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    seal_no: Mapped[int | None] = mapped_column(sa.BigInteger, default=None)
    place: Mapped[int | None] = mapped_column(default=None)
    """Position within the seal, from 1."""


class AuditSeal(Base):
    """A link of the hash chain: it covers the entries that were unsealed and committed when it was made."""

    __tablename__ = "audit_seals"

    no: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    entries: Mapped[int]
    hash: Mapped[str]
    """SHA-256 (hex) over the previous hash and the canonical text of each entry in order."""
    previous_hash: Mapped[str]
    sealed_at: Mapped[datetime]
