"""Tables of what phones sent: every accepted revision, and everything that was kept without being accepted."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.db import Base

RECORD_NUMBERS = sa.Sequence("record_numbers", metadata=Base.metadata)
"""Counts the records of all types; `numbers` makes `LC-2026-004217` of it."""


class RecordType(StrEnum):
    """The kinds of record a phone writes."""

    VISIT = "visit"
    CHECKIN = "checkin"
    TRIP = "trip"
    ISSUE = "issue"
    """吹哨: a problem that was raised; what is done about it comes as events of its own door."""
    PHOTO = "photo"
    """The announcement of a photo; its bytes go another way."""
    WITHDRAWAL = "withdrawal"
    """Taking a record back; it bears the record's id."""
    OP = "op"
    """An op of a batch that names no record: kept whole, under an id made of its bytes."""


class RecordRevision(Base):
    """One accepted revision of a record, as it was sent, with the receipt that was given for it.

    The primary key is the gate that makes races safe: of many that send revision 1 at once, one inserts it.
    """

    __tablename__ = "record_revisions"
    __table_args__ = (
        sa.Index("ix_record_revisions_record_id_sha256", "record_id", "sha256"),
        sa.Index("ix_record_revisions_received_at", "received_at", postgresql_using="brin"),
    )

    record_id: Mapped[UUID] = mapped_column(primary_key=True)
    rev: Mapped[int] = mapped_column(primary_key=True)
    record_type: Mapped[RecordType]
    sha256: Mapped[str]
    """Over the canonical JSON (RFC 8785) of the body without `base_rev`."""
    body: Mapped[dict[str, Any]]
    author_id: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"))
    device_id: Mapped[str | None] = mapped_column(default=None)
    received_at: Mapped[datetime]
    seal: Mapped[str | None] = mapped_column(default=None)
    """`no:hash` of the newest audit seal when the receipt was given."""


class KeptBecause(StrEnum):
    """Why a body was kept without being accepted."""

    QUARANTINED = "quarantined"
    CONFLICT = "conflict"
    ID_TAKEN = "id_taken"
    UNPERMITTED = "unpermitted"


class Settlement(StrEnum):
    """How a kept body was settled."""

    ACCEPTED_LATER = "accepted_later"
    REPLACED_SERVER = "replaced_server"
    BECAME_A_NEW_RECORD = "became_a_new_record"
    SERVER_STANDS = "server_stands"
    MERGED = "merged"
    REPAIRED = "repaired"
    DISCARDED = "discarded"


class KeptSubmission(Base):
    """A body that was not accepted and is not lost: the phone and headquarters both see it until it is settled."""

    __tablename__ = "kept_submissions"
    __table_args__ = (
        sa.UniqueConstraint(
            "author_id", "record_type", "record_id", "sha256", "because", name="uq_kept_submissions_body"
        ),
        sa.Index(
            "ix_kept_submissions_open", "received_at", "id", postgresql_where=sa.text("settled_at IS NULL")
        ),
        sa.Index(
            "ix_kept_submissions_settled_at",
            "settled_at",
            "id",
            postgresql_where=sa.text("settled_at IS NOT NULL AND raw_gone_at IS NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    record_type: Mapped[RecordType]
    record_id: Mapped[UUID] = mapped_column(index=True)
    because: Mapped[KeptBecause]
    code: Mapped[str]
    """Code of the refusal the phone was given."""
    faults: Mapped[list[dict[str, Any]]]
    """`{pointer, zh, en}` each."""
    sha256: Mapped[str]
    """Over the canonical body, or over the raw bytes when the body is not representable."""
    raw: Mapped[bytes]
    """Exactly the bytes that were sent; once it is settled, positions in them may have grown coarse (`privacy`)."""
    base_rev: Mapped[int | None] = mapped_column(default=None)
    server_rev: Mapped[int | None] = mapped_column(default=None)
    author_id: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"))
    unit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("units.id"), index=True)
    device_id: Mapped[str | None] = mapped_column(default=None)
    received_at: Mapped[datetime]
    settled_at: Mapped[datetime | None] = mapped_column(default=None)
    settled_by: Mapped[UUID | None] = mapped_column(sa.ForeignKey("users.id"), default=None)
    settlement: Mapped[Settlement | None] = mapped_column(default=None)
    settlement_note: Mapped[str | None] = mapped_column(default=None)
    became_record_id: Mapped[UUID | None] = mapped_column(default=None)
    raw_gone_at: Mapped[datetime | None] = mapped_column(default=None)
    """When the bytes of the settled body were given up, by their age; its hash and all else stay."""


class ParentType(StrEnum):
    """What a submission may name before it is here."""

    ENTERPRISE = "enterprise"
    SITE = "site"
    RECORD = "record"
    """The visit or check-in that a withdrawal takes back."""


class WaitingSubmission(Base):
    """A kept body that lacks nothing but what it names: it is let in by itself when that arrives in time."""

    __tablename__ = "waiting_submissions"
    __table_args__ = (sa.Index("ix_waiting_submissions_parent_id_parent_type", "parent_id", "parent_type"),)

    kept_id: Mapped[UUID] = mapped_column(
        sa.ForeignKey("kept_submissions.id", ondelete="CASCADE"), primary_key=True
    )
    parent_type: Mapped[ParentType]
    parent_id: Mapped[UUID]
    until_at: Mapped[datetime] = mapped_column(index=True)
    """From then on it is a quarantined body like any other."""


class Withdrawal(Base):
    """A withdrawal as it was sent, with what its receipt says; the first of a record is the one that was applied."""

    __tablename__ = "withdrawals"

    record_id: Mapped[UUID] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(primary_key=True)
    """Over the canonical body."""
    body: Mapped[dict[str, Any]]
    rev: Mapped[int]
    """The record's revision that was taken back."""
    author_id: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"))
    device_id: Mapped[str | None] = mapped_column(default=None)
    received_at: Mapped[datetime]
    seal: Mapped[str | None] = mapped_column(default=None)


class ReviewPlace(Base):
    """Where a record that waits for a reviewer stands; triggers of the records and of their assessments keep it."""

    __tablename__ = "review_places"
    __table_args__ = (
        sa.Index(
            "ix_review_places_order",
            "type",
            "trust",
            "received_at",
            "record_id",
            postgresql_include=["submitted"],
        ),
        sa.Index(
            "ix_review_places_of_unit",
            "type",
            "unit_id",
            "trust",
            "received_at",
            "record_id",
            postgresql_where=sa.text("submitted"),
        ),
    )

    type: Mapped[RecordType] = mapped_column(primary_key=True)
    record_id: Mapped[UUID] = mapped_column(primary_key=True)
    unit_id: Mapped[UUID]
    submitted: Mapped[bool]
    """Whether its unit's office may decide; the others wait for headquarters alone."""
    trust: Mapped[int]
    """What its flags and doubts weigh together, below nought: the least trusted come first."""
    received_at: Mapped[datetime]
