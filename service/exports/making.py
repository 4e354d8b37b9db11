"""A worker writes an export: from one snapshot, counted before and after, hashed, and put where it is fetched from.

::

    queued ─▶ running ─ rows written = rows counted ─▶ succeeded ─ a week ─▶ expired
                └─ they differ, or the person has left ─▶ failed
"""

import hashlib
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.queries import actor_of
from service.exports.checkin_table import CHECKINS, persons_of_checkins
from service.exports.csv_form import write_csv
from service.exports.geojson_form import feature, write_geojson
from service.exports.models import Export, ExportForm, ExportState
from service.exports.office_tables import Taking, as_csv, as_geojson, as_xlsx
from service.exports.orders import Order, PictureChoice, read, written
from service.exports.photo_zip import (
    Passage,
    count_of_photos,
    persons_of_originals,
    write_photo_parts,
)
from service.exports.problem_table import PROBLEMS
from service.exports.project_table import PROJECTS
from service.exports.target_table import COMPLETIONS
from service.jobs.workshop import Workshop
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.content_types import XLSX
from service.privacy.viewing import note_export
from service.progress.sheet_cells import HEADINGS, MASKED, WHOLE, Labels
from service.progress.visit_sheet import (
    SheetOrder,
    count_of_visits,
    persons_of_visits,
    rows_of_visit_sheet,
    texts_of_visits,
)
from service.submissions.location import LISTED

KEPT_DAYS = 7
"""So long an export can be fetched; it can always be asked for again."""
_TOLD_EVERY_S = 1.0
_PATIENCE = sa.text("SET LOCAL idle_in_transaction_session_timeout = '15min'")
"""The last of a large workbook is packed while no statement runs."""
_TYPES = {
    ".xlsx": XLSX,
    ".csv": "text/csv; charset=utf-8",
    ".geojson": "application/geo+json",
    ".zip": "application/zip",
    ".json": "application/json",
}


class _Unequal(Exception):
    """The rows written are not the rows counted."""


@dataclass(frozen=True, slots=True)
class _Job:
    """One export while it is being written."""

    workshop: Workshop
    export_id: UUID
    order: Order
    actor: Actor
    labels: Labels
    folder: Path


def make_export(workshop: Workshop, export_id: UUID) -> None:
    """Write an export's files; a second run after a broken one writes the same files again."""
    begun = _begin(workshop, export_id)
    if begun is None:
        return
    order, labels, actor = begun
    if actor is None:
        _fail(workshop, export_id, "申请人账号已停用 / the account of who asked is closed")
        return
    with tempfile.TemporaryDirectory(prefix="qianbai-export-") as folder:
        job = _Job(workshop, export_id, order, actor, labels, Path(folder))
        try:
            rows, digest = _write(job)
        except _Unequal:
            _fail(
                workshop,
                export_id,
                "写出的行数与查询不符，请重新导出 / rows differ from the query, export again",
            )
            return
        _finish(job, rows, digest)


def _begin(workshop: Workshop, export_id: UUID) -> tuple[Order, Labels, Actor | None] | None:
    with workshop.sessions.begin() as session:
        export = session.get(Export, export_id, with_for_update=True)
        if export is None or export.state not in (ExportState.QUEUED, ExportState.RUNNING):
            return None
        export.state, export.started_at, export.rows_done = ExportState.RUNNING, now(), 0
        return read(export.form, export.what), export.labels, actor_of(session, export.asked_by)


def _write(job: _Job) -> tuple[int, str]:
    """How many rows were written, and the hash of their ids in order."""
    with job.workshop.sessions() as session:
        session.connection(
            execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        )
        session.execute(_PATIENCE)
        expected = _count(session, job)
        _tell(job, rows_expected=expected)
        digest = hashlib.sha256()
        rows, told_at = 0, time.monotonic()
        for rows in _rows(session, job, digest.update):
            if time.monotonic() - told_at > _TOLD_EVERY_S:
                _tell(job, rows_done=rows)
                told_at = time.monotonic()
        session.commit()
    if rows != expected:
        raise _Unequal
    return rows, digest.hexdigest()


def _count(session: Session, job: _Job) -> int:
    if job.order.form in _TABLES:
        exported, _write_form = _TABLES[job.order.form]
        return exported.count(session, _taking(job, lambda _id: None))
    if job.order.form is ExportForm.VISIT_PHOTOS_ZIP:
        return count_of_photos(session, job.actor, job.order)
    return count_of_visits(session, job.actor, job.order.visits)


def _rows(session: Session, job: _Job, note: Callable[[bytes], None]) -> Iterator[int]:
    if job.order.form not in _TABLES:
        return _WRITERS[job.order.form](session, job, note)
    exported, write_form = _TABLES[job.order.form]
    return write_form(exported, session, _taking(job, note))


def _taking(job: _Job, note: Callable[[bytes], None]) -> Taking:
    return Taking(job.actor, job.order, job.labels, job.workshop.settings.organisation, job.folder, note)


def _sheet_order(job: _Job) -> SheetOrder:
    return SheetOrder(
        job.order.visits,
        reporting_unit=job.workshop.settings.organisation,
        labels=job.labels,
        veil=WHOLE if job.order.is_unmasked else MASKED,
    )


def _xlsx(session: Session, job: _Job, note: Callable[[bytes], None]) -> Iterator[int]:
    with (job.folder / "visits.xlsx").open("wb") as file:
        yield from rows_of_visit_sheet(session, job.actor, _sheet_order(job), file, note)


def _csv(session: Session, job: _Job, note: Callable[[bytes], None]) -> Iterator[int]:
    def rows() -> Iterator[list[str]]:
        for place, (row, texts) in enumerate(texts_of_visits(session, job.actor, _sheet_order(job)), start=1):
            note(row.id.bytes)
            yield [str(place), *texts, str(row.id)]

    with (job.folder / "visits.csv").open("wb") as file:
        yield from write_csv(file, [*HEADINGS, "ID"], rows(), bom=job.order.bom)


def _geojson(session: Session, job: _Job, note: Callable[[bytes], None]) -> Iterator[int]:
    def features() -> Iterator[dict[str, Any]]:
        for row, texts in texts_of_visits(session, job.actor, _sheet_order(job)):
            note(row.id.bytes)
            yield feature(str(row.id), _position(job, row), dict(zip(HEADINGS[1:], texts, strict=True)))

    with (job.folder / "visits.geojson").open("wb") as file:
        yield from write_geojson(file, features())


def _position(job: _Job, row: sa.Row[*tuple[Any, ...]]) -> tuple[float, float] | None:
    """The exact one with a reason alone; else to about a kilometre, as lists show it."""
    if row.longitude is None:
        return None
    if job.order.is_unmasked:
        return row.longitude, row.latitude
    return round(row.longitude, LISTED), round(row.latitude, LISTED)


def _photos(session: Session, job: _Job, note: Callable[[bytes], None]) -> Iterator[int]:
    yield from write_photo_parts(session, job.actor, job.order, Passage(job.workshop.store, job.folder, note))


_WRITERS: dict[ExportForm, Callable[[Session, _Job, Callable[[bytes], None]], Iterator[int]]] = {
    ExportForm.VISITS_XLSX: _xlsx,
    ExportForm.VISITS_CSV: _csv,
    ExportForm.VISITS_GEOJSON: _geojson,
    ExportForm.VISIT_PHOTOS_ZIP: _photos,
}
_TABLES = {
    ExportForm.CHECKINS_XLSX: (CHECKINS, as_xlsx),
    ExportForm.CHECKINS_CSV: (CHECKINS, as_csv),
    ExportForm.CHECKINS_GEOJSON: (CHECKINS, as_geojson),
    ExportForm.PROJECTS_XLSX: (PROJECTS, as_xlsx),
    ExportForm.PROJECTS_CSV: (PROJECTS, as_csv),
    ExportForm.PROBLEMS_XLSX: (PROBLEMS, as_xlsx),
    ExportForm.PROBLEMS_CSV: (PROBLEMS, as_csv),
    ExportForm.TARGETS_XLSX: (COMPLETIONS, as_xlsx),
    ExportForm.TARGETS_CSV: (COMPLETIONS, as_csv),
}


def _finish(job: _Job, rows: int, digest: str) -> None:
    files = [_put(job, path) for path in sorted(job.folder.iterdir())]
    manifest = job.folder / "manifest.json"
    manifest.write_text(json.dumps(_manifest(job, rows, digest, files), ensure_ascii=False, indent=1))
    files.append(_put(job, manifest))
    with job.workshop.sessions.begin() as session:
        session.execute(
            sa.update(Export)
            .where(Export.id == job.export_id, Export.state == ExportState.RUNNING)
            .values(
                state=ExportState.SUCCEEDED,
                rows_done=rows,
                files=files,
                finished_at=now(),
                expires_at=now() + timedelta(days=KEPT_DAYS),
            )
        )
        persons = _persons_told_of(job)
        if persons is not None:
            note_export(session, job.actor, job.export_id, persons)


def _persons_told_of(job: _Job) -> sa.Select[*tuple[Any, ...]] | None:
    """Whose exact positions leave the house in this export; None when nobody's do."""
    order = job.order
    if not order.is_unmasked:
        return None
    if order.form is ExportForm.VISITS_GEOJSON:
        return persons_of_visits(job.actor, order.visits)
    if order.form is ExportForm.CHECKINS_GEOJSON:
        return persons_of_checkins(job.actor, order.checkins)
    if order.form is ExportForm.VISIT_PHOTOS_ZIP and order.pictures is PictureChoice.ORIGINAL:
        return persons_of_originals(job.actor, order)
    return None


def _manifest(job: _Job, rows: int, digest: str, files: list[dict[str, Any]]) -> dict[str, Any]:
    """What proves that the rows are the query's: their number, and the hash of their ids (16 bytes each) in order."""
    return {
        "form": job.order.form,
        "what": written(job.order),
        "asked_by": job.actor.name,
        "written_at": now().isoformat(),
        "rows": rows,
        "ids_sha256": digest,
        "files": [{name: one[name] for name in ("name", "size", "sha256")} for one in files],
    }


def _put(job: _Job, path: Path) -> dict[str, Any]:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(1024 * 1024):
            digest.update(piece)
        size, sha256 = file.tell(), digest.hexdigest()
        file.seek(0)
        key = f"exports/{job.export_id}/{path.name}"
        content_type = _TYPES[path.suffix]
        job.workshop.store.put(key, file, size=size, sha256=sha256, content_type=content_type)
    return {"name": path.name, "key": key, "size": size, "sha256": sha256, "content_type": content_type}


def _tell(job: _Job, **facts: int) -> None:
    """Progress is told in a transaction of its own: the snapshot that is written would hide it."""
    with job.workshop.sessions.begin() as session:
        session.execute(sa.update(Export).where(Export.id == job.export_id).values(facts))


def _fail(workshop: Workshop, export_id: UUID, because: str) -> None:
    with workshop.sessions.begin() as session:
        session.execute(
            sa.update(Export)
            .where(Export.id == export_id)
            .values(state=ExportState.FAILED, failed_because=because, finished_at=now())
        )
