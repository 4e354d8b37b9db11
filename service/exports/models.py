"""Table of exports: what was asked for by whom, how far it is, and the files it became."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from service.kernel.db import Base


class ExportForm(StrEnum):
    """What comes out."""

    VISITS_XLSX = "visits_xlsx"
    VISITS_CSV = "visits_csv"
    VISITS_GEOJSON = "visits_geojson"
    VISIT_PHOTOS_ZIP = "visit_photos_zip"
    CHECKINS_XLSX = "checkins_xlsx"
    CHECKINS_CSV = "checkins_csv"
    CHECKINS_GEOJSON = "checkins_geojson"
    PROJECTS_XLSX = "projects_xlsx"
    PROJECTS_CSV = "projects_csv"
    PROBLEMS_XLSX = "problems_xlsx"
    PROBLEMS_CSV = "problems_csv"
    TARGETS_XLSX = "targets_xlsx"
    TARGETS_CSV = "targets_csv"


class ExportState(StrEnum):
    """`queued → running → succeeded → expired`, or `failed`."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    EXPIRED = "expired"


class Export(Base):
    """One export. The row stays when its files are gone: who took what out is never forgotten."""

    __tablename__ = "exports"
    __table_args__ = (
        sa.Index("ix_exports_asked_at", "asked_at", "id"),
        sa.Index("ix_exports_expires_at", "expires_at", postgresql_where=sa.text("state = 'succeeded'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    form: Mapped[ExportForm]
    what: Mapped[dict[str, Any]]
    """The filter and the options, as they were asked for."""
    labels: Mapped[dict[str, Any]]
    """The names of codes as the asker reads them: a worker knows no language."""
    state: Mapped[ExportState] = mapped_column(default=ExportState.QUEUED)
    asked_by: Mapped[UUID] = mapped_column(sa.ForeignKey("users.id"), index=True)
    unit_id: Mapped[UUID] = mapped_column(sa.ForeignKey("units.id"))
    asked_at: Mapped[datetime]
    started_at: Mapped[datetime | None] = mapped_column(default=None)
    finished_at: Mapped[datetime | None] = mapped_column(default=None)
    expires_at: Mapped[datetime | None] = mapped_column(default=None)
    rows_expected: Mapped[int | None] = mapped_column(default=None)
    """How many rows the query has, counted in the snapshot that is written."""
    rows_done: Mapped[int] = mapped_column(default=0)
    files: Mapped[list[dict[str, Any]]] = mapped_column(default_factory=list)
    """`{name, key, size, sha256, content_type}` each; the last is the manifest."""
    failed_because: Mapped[str | None] = mapped_column(default=None)
