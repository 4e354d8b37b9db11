"""What the rows of all records have in common: revision, clocks and receipt, and what is decided about them."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, MappedAsDataclass, mapped_column

from service.submissions.clocks import Basis, CaptureView
from service.submissions.models import RecordRevision
from service.submissions.receipt import Receipt
from service.submissions.review_states import ReviewChoice, ReviewState

Rows = sa.Select[*tuple[Any, ...]]


class RecordColumns(MappedAsDataclass, kw_only=True):
    """The columns every record bears beside its own facts; it stands as its current revision tells it."""

    id: Mapped[UUID] = mapped_column(primary_key=True)
    rev: Mapped[int]
    number: Mapped[str] = mapped_column(unique=True)
    """Short and speakable, unique in a year: `LC-2026-004217`."""
    device_id: Mapped[str | None] = mapped_column(default=None)
    flags: Mapped[list[dict[str, Any]]]
    captured_at: Mapped[datetime]
    """As the phone claims it; the columns beside it say how far its clock can be trusted (`submissions.clocks`)."""
    capture_at: Mapped[datetime | None] = mapped_column(default=None)
    capture_earliest: Mapped[datetime | None] = mapped_column(default=None)
    capture_latest: Mapped[datetime | None] = mapped_column(default=None)
    capture_skew_s: Mapped[float | None] = mapped_column(default=None)
    capture_basis: Mapped[Basis | None] = mapped_column(default=None)
    received_at: Mapped[datetime]
    """When revision 1 was received."""
    updated_at: Mapped[datetime]

    @property
    def capture(self) -> CaptureView:
        """What is known of when it was written; of a record taken in before clocks were kept, its claim."""
        return CaptureView(
            claimed_at=self.captured_at,
            at=self.capture_at or self.captured_at,
            earliest=self.capture_earliest,
            latest=self.capture_latest,
            skew_s=self.capture_skew_s,
            basis=self.capture_basis or Basis.PHONE_ONLY,
        )


class DecisionColumns(MappedAsDataclass, kw_only=True):
    """What is kept for ever of one decision about one revision of a record."""

    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True, init=False)
    rev: Mapped[int]
    decision: Mapped[ReviewChoice]
    from_state: Mapped[ReviewState]
    to_state: Mapped[ReviewState]
    reason: Mapped[str | None] = mapped_column(default=None)
    reason_code: Mapped[str | None] = mapped_column(default=None)
    remarks: Mapped[list[str] | None] = mapped_column(default=None)
    """The codes of the flags and doubts it bore when it was decided about: their fairness is measured by these."""
    decided_by: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"))
    decided_at: Mapped[datetime]


def with_receipt(rows: Rows, record: type[RecordColumns]) -> Rows:
    """The same rows of records, each beside what `receipt_of` reads of its current revision."""
    is_current = sa.and_(RecordRevision.record_id == record.id, RecordRevision.rev == record.rev)
    return rows.add_columns(
        RecordRevision.sha256, RecordRevision.received_at.label("revised_at"), RecordRevision.seal
    ).join(RecordRevision, is_current)


def receipt_of(record: RecordColumns, row: sa.Row[*tuple[Any, ...]]) -> Receipt:
    """The receipt of the record's current revision, out of a row of `with_receipt`."""
    return Receipt(record.id, record.rev, row.sha256, row.revised_at, row.seal)
