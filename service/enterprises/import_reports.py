"""What became of a file of enterprises, row by row: answered at once, and kept to be read again."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from service.enterprises.matching import Draft
from service.enterprises.models import EnterpriseImport
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.errors import NotFound
from service.kernel.ids import uuid7


class Outcome(StrEnum):
    """What became of a row."""

    ACCEPTED = "accepted"
    MERGED = "merged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class ImportedRow:
    """What became of one row; `reason` is a code, `text` and `text_en` say it to the person."""

    line: int
    outcome: Outcome
    name: str
    enterprise_id: UUID | None = None
    reason: str | None = None
    text: str | None = None
    text_en: str | None = None
    notes: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a file. A rehearsal has no `id` and no ids of enterprises."""

    id: UUID | None
    filename: str
    sha256: str
    dry_run: bool
    columns: Mapping[str, str]
    """Which heading was read as what."""
    rows: Sequence[ImportedRow]
    suspected: int = 0
    """New pairs of suspected duplicates."""
    imported_at: datetime | None = None
    drafts: Sequence[Draft] = ()
    """The enterprises that the accepted and merged rows are; not part of the kept report."""

    @property
    def accepted(self) -> int:
        """Rows that became new enterprises."""
        return self._count(Outcome.ACCEPTED)

    @property
    def merged(self) -> int:
        """Rows that were enterprises already, here or further up in the file."""
        return self._count(Outcome.MERGED)

    @property
    def refused(self) -> int:
        """Rows that were not taken."""
        return self._count(Outcome.REFUSED)

    def _count(self, outcome: Outcome) -> int:
        return sum(1 for row in self.rows if row.outcome == outcome)


def keep_report(session: Session, actor: Actor, report: ImportReport) -> None:
    """Keep the report of an import that this person has done."""
    session.add(
        EnterpriseImport(
            id=report.id or uuid7(),
            filename=report.filename,
            sha256=report.sha256,
            imported_by=actor.user_id,
            imported_at=report.imported_at or now(),
            report=_document(report),
        )
    )
    session.flush()


def kept_report(session: Session, actor: Actor, import_id: UUID) -> ImportReport:
    """The report of an earlier import.

    Raises:
        NotFound: there was none of that id.
    """
    del actor
    kept = session.get(EnterpriseImport, import_id)
    if kept is None:
        raise NotFound
    rows = [
        ImportedRow(
            **row
            | {
                "outcome": Outcome(row["outcome"]),
                "enterprise_id": _id(row["enterprise_id"]),
                "notes": tuple(row["notes"]),
            }
        )
        for row in kept.report["rows"]
    ]
    return ImportReport(
        id=kept.id,
        filename=kept.filename,
        sha256=kept.sha256,
        dry_run=False,
        columns=kept.report["columns"],
        rows=rows,
        suspected=kept.report["suspected"],
        imported_at=kept.imported_at,
    )


def _document(report: ImportReport) -> dict[str, Any]:
    rows = [
        asdict(row) | {"enterprise_id": str(row.enterprise_id) if row.enterprise_id else None}
        for row in report.rows
    ]
    return {
        "columns": dict(report.columns),
        "suspected": report.suspected,
        "accepted": report.accepted,
        "merged": report.merged,
        "refused": report.refused,
        "rows": rows,
    }


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None
