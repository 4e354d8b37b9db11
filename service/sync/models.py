"""Tables of the delta pull: what changed for whom, in commit order, and since when cursors hold."""

from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.db import Base

EVERYBODY = UUID(int=0)
"""The audience of what every person may see."""


class SyncMark(Base):
    """Something this audience may see, or could see until now, was changed by this transaction.

    Triggers of the database write it (migration 0011), so that no command can forget. It says nothing of what is
    there now: a pull reads that, and tells what is not there for its person as deleted. Rows are only added, so
    writers never wait for each other; a job takes away those that a newer one of the same subject replaces.
    """

    __tablename__ = "sync_marks"

    audience: Mapped[UUID] = mapped_column(primary_key=True)
    """A person, a unit, or everybody."""
    xid: Mapped[int] = mapped_column(
        sa.BigInteger,
        primary_key=True,
        init=False,
        server_default=sa.text("(pg_current_xact_id()::text::bigint)"),
    )
    """The writing transaction, as 64 bits that never come round."""
    seq: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True, init=False)
    subject: Mapped[UUID]
    type: Mapped[str]
    marked_at: Mapped[datetime] = mapped_column(init=False, server_default=sa.text("transaction_timestamp()"))


class SyncEpoch(Base):
    """The time within which cursors hold; the newest row is in force."""

    __tablename__ = "sync_epochs"

    number: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True, init=False)
    id: Mapped[UUID] = mapped_column(unique=True)
    began_at: Mapped[datetime]
    purged_below: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    """Marks of transactions before this one may be gone: a cursor that old has to start anew."""
    turned_on: Mapped[date | None] = mapped_column(default=None)
    """The last day whose beginning was marked: with it lists, assignments and programmes begin and end."""
