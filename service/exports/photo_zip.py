"""The photos of visits as ZIP parts: folders by unit and enterprise, and a manifest of hashes beside them.

Pictures are compressed already, so they are stored as they are; each is copied from the store to the part's file in
small pieces, and a part is closed before it grows past what old file systems and mail gateways take.
"""

import csv
import hashlib
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from media.errors import NotFound
from media.facts import RenditionName
from media.stores.protocol import ObjectStore
from service.accounts.models import Unit
from service.enterprises.models import Enterprise
from service.exports.csv_form import BOM, harmless
from service.exports.orders import Order, PictureChoice
from service.kernel.actor import Actor
from service.kernel.calendar import SHANGHAI
from service.photos.models import Photo, PhotoClaim
from service.progress.sheet_scope import table_conditions
from service.visits.models import Visit

PART_BYTES = 1_900_000_000
"""Under 2 GB, which is as much as FAT and many gateways take."""
MANIFEST_HEADINGS = (
    "文件",
    "分卷",
    "记录编号",
    "单位",
    "企业",
    "拍摄时间",
    "照片编号",
    "原件SHA-256",
    "文件SHA-256",
    "说明",
)
_PIECE = 256 * 1024
_AT_ONCE = 200
_UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class _Picture:
    photo_id: UUID
    number: str
    unit: str
    enterprise: str
    taken_at: datetime | None
    original_sha256: str
    key: str | None
    suffix: str
    place: int


@dataclass(slots=True)
class _Part:
    number: int
    path: Path
    archive: zipfile.ZipFile
    size: int = 0


def count_of_photos(session: Session, actor: Actor, order: Order) -> int:
    """How many received photos the visits have."""
    return session.scalar(sa.select(sa.func.count()).select_from(_statement(actor, order).subquery())) or 0


def persons_of_originals(actor: Actor, order: Order) -> sa.Select[*tuple[Any, ...]]:
    """The ids of those whose original pictures say where they were taken; a copy says nothing of it."""
    placed = sa.func.jsonb_typeof(Photo.facts["capture"]["gps"]) == "object"
    columns: sa.Select[*tuple[Any, ...]] = sa.select(Photo.owner_id.label("id"))
    return _of_visits(columns, actor, order).where(placed).distinct()


@dataclass(frozen=True, slots=True)
class Passage:
    """Where pictures come from, where parts go, and who is told the id of each photo."""

    store: ObjectStore
    folder: Path
    note: Callable[[bytes], None]


def write_photo_parts(session: Session, actor: Actor, order: Order, where: Passage) -> Iterator[int]:
    """Write `photos-001.zip` … and `manifest.csv` into a folder and yield how many photos are done.

    A photo whose picture is not there is named in the manifest with why; it never stops the others.
    """
    with (where.folder / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        file.write(BOM)
        manifest = csv.writer(file)
        manifest.writerow(MANIFEST_HEADINGS)
        part: _Part | None = None
        try:
            for count, picture in enumerate(_pictures(session, actor, order), start=1):
                where.note(picture.photo_id.bytes)
                part = _room(part, where.folder)
                manifest.writerow([harmless(cell) for cell in _add(part, picture, where.store)])
                yield count
        finally:
            if part is not None:
                part.archive.close()


def _pictures(session: Session, actor: Actor, order: Order) -> Iterator[_Picture]:
    result = session.execute(_statement(actor, order), execution_options={"yield_per": _AT_ONCE})
    for some in result.partitions():
        for row in some:
            yield _picture(row, order.pictures)


def _picture(row: sa.Row[*tuple[Any, ...]], choice: PictureChoice) -> _Picture:
    key, suffix = row.object_key, _suffix(row.content_type)
    if choice is PictureChoice.STAMPED:
        made = (row.renditions or {}).get(RenditionName.STAMPED) or (row.renditions or {}).get(
            RenditionName.LARGE
        )
        key, suffix = (made["key"], "jpg") if made else (None, "jpg")
    free = (row.free_enterprise or {}).get("name")
    return _Picture(
        row.id,
        row.number,
        row.unit,
        row.enterprise or free or "未匹配",
        row.taken_at,
        row.sha256,
        key,
        suffix,
        row.position,
    )


def _add(part: _Part, picture: _Picture, store: ObjectStore) -> tuple[str, ...]:
    """The manifest's line of a photo, after its picture was copied into the part."""
    name = _path_of(picture)
    copied = None if picture.key is None else _copy(part, name, picture.key, store)
    taken_at = picture.taken_at.astimezone(SHANGHAI).isoformat() if picture.taken_at else ""
    why = "" if copied else ("尚未显影" if picture.key is None else "存储中缺失")
    return (
        name if copied else "",
        part.path.name if copied else "",
        picture.number,
        picture.unit,
        picture.enterprise,
        taken_at,
        str(picture.photo_id),
        picture.original_sha256,
        copied or "",
        why,
    )


def _copy(part: _Part, name: str, key: str, store: ObjectStore) -> str | None:
    """SHA-256 of what was copied; None when nothing lies under the key."""
    try:
        stream = store.open(key)
    except NotFound:
        return None
    digest = hashlib.sha256()
    with stream, part.archive.open(zipfile.ZipInfo(name), "w", force_zip64=True) as entry:
        while piece := stream.read(_PIECE):
            digest.update(piece)
            entry.write(piece)
            part.size += len(piece)
    return digest.hexdigest()


def _room(part: _Part | None, folder: Path) -> _Part:
    """The part that takes the next photo."""
    if part is not None and part.size < PART_BYTES:
        return part
    if part is not None:
        part.archive.close()
    number = 1 if part is None else part.number + 1
    path = folder / f"photos-{number:03}.zip"
    return _Part(number, path, zipfile.ZipFile(path, "w", zipfile.ZIP_STORED))


def _path_of(picture: _Picture) -> str:
    name = f"{picture.number}_{picture.place:02}_{str(picture.photo_id)[-8:]}.{picture.suffix}"
    return "/".join((_safe(picture.unit), _safe(picture.enterprise), name))


def _safe(name: str) -> str:
    """A folder's name that every file system takes, and that never leads anywhere else."""
    return _UNSAFE.sub("_", name).strip(". ")[:_LONGEST_NAME] or "_"


def _suffix(content_type: str) -> str:
    return {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "image/heic": "heic"}.get(
        content_type, content_type.rpartition("/")[2] or "bin"
    )


def _statement(actor: Actor, order: Order) -> sa.Select[*tuple[Any, ...]]:
    columns: sa.Select[*tuple[Any, ...]] = sa.select(
        Photo.id,
        Photo.object_key,
        Photo.content_type,
        Photo.renditions,
        Photo.taken_at,
        Photo.sha256,
        PhotoClaim.position,
        Visit.number,
        Visit.free_enterprise,
        Unit.name.label("unit"),
        Enterprise.name.label("enterprise"),
    )
    return _of_visits(columns, actor, order).order_by(
        Unit.position, Unit.name, Visit.visited_at, Visit.id, PhotoClaim.position, Photo.id
    )


def _of_visits(
    columns: sa.Select[*tuple[Any, ...]], actor: Actor, order: Order
) -> sa.Select[*tuple[Any, ...]]:
    """Of the photos that have arrived and that the visits name."""
    return (
        columns.select_from(Visit)
        .join(PhotoClaim, PhotoClaim.record_id == Visit.id)
        .join(Photo, Photo.id == PhotoClaim.photo_id)
        .join(Unit, Unit.id == Visit.unit_id)
        .outerjoin(Enterprise, Enterprise.id == Visit.enterprise_id)
        .where(Photo.received_at.is_not(None), *table_conditions(actor, order.visits))
    )
