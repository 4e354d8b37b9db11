"""The ways along which positions grow coarse: each goes through rows by age, once, a batch at a time.

::

    record_revisions (received_at) ─▶ body as sent; if it is the current revision, the visit's or check-in's columns
    photos (developed or expected) ─▶ where the phone said it was, and what EXIF says
    kept_submissions (settled_at)  ─▶ the bytes of bodies that are settled; open ones wait for their decision as they are

Hashes, receipts, distances, flags and everything that figures rest on stay as they are.
"""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from service.checkins.models import Checkin
from service.kernel.revisions import Malformed, NotRepresentable, canonical, strict_json
from service.photos.models import Photo
from service.privacy.precision import coarse, coarse_wgs84, is_exact
from service.submissions.models import KeptSubmission, RecordRevision, RecordType
from service.visits.models import Visit

Rows = Sequence[sa.Row[*tuple[Any, ...]]]
Treat = Callable[[Session, Rows, int], Counter[str]]


@dataclass(frozen=True, slots=True)
class Walk:
    """Rows of a table by the moment from which they age, and what is done to a batch; `key` parts rows of one moment."""

    name: str
    moment: sa.ColumnElement[Any]
    key: sa.ColumnElement[str]
    columns: tuple[sa.ColumnElement[Any], ...]
    treat: Treat
    only: tuple[sa.ColumnElement[bool], ...] = ()


def _treat_revisions(session: Session, rows: Rows, decimals: int) -> Counter[str]:
    told = [
        {"record_id": row.record_id, "rev": row.rev, "body": coarse(row.body, decimals)}
        for row in rows
        if is_exact(row.body, decimals)
    ]
    _write(session, RecordRevision, ("record_id", "rev"), told)
    done = Counter({"revisions": len(told)})
    done["visits"] = _treat_current(session, Visit, _current(rows, RecordType.VISIT), decimals)
    done["checkins"] = _treat_current(session, Checkin, _current(rows, RecordType.CHECKIN), decimals)
    return done


def _current(rows: Rows, record_type: RecordType) -> dict[UUID, int]:
    return {row.record_id: row.rev for row in rows if row.record_type is record_type}


def _treat_current(session: Session, table: Any, revisions: dict[UUID, int], decimals: int) -> int:
    """The columns of a record are those of its current revision, and age with it."""
    if not revisions:
        return 0
    columns = (table.id, table.rev, table.location, table.latitude, table.longitude)
    held = sa.select(*columns).where(table.id.in_(revisions)).order_by(table.id)
    found = session.execute(held.with_for_update(key_share=True)).all()
    current = [row for row in found if row.rev == revisions[row.id]]
    told = [made for row in current if (made := _coarse_columns(row, decimals))]
    _write(session, table, ("id",), told)
    return len(told)


def _treat_photos(session: Session, rows: Rows, decimals: int) -> Counter[str]:
    told = []
    for row in rows:
        made = _coarse_columns(row, decimals)
        if made or is_exact(row.facts, decimals):
            told.append((made or _columns(row)) | {"facts": coarse(row.facts, decimals)})
    _write(session, Photo, ("id",), told)
    return Counter({"photos": len(told)})


def _treat_kept(session: Session, rows: Rows, decimals: int) -> Counter[str]:
    told = []
    for row in rows:
        body = read_bytes(row.raw)
        if is_exact(body, decimals):
            told.append({"id": row.id, "raw": canonical(coarse(body, decimals))})
    _write(session, KeptSubmission, ("id",), told)
    return Counter({"kept_bodies": len(told)})


def read_bytes(raw: bytes) -> Any:
    """What the bytes say as JSON; None when they are none."""
    try:
        return strict_json(raw)
    except (Malformed, NotRepresentable):
        return None


def _coarse_columns(row: sa.Row[*tuple[Any, ...]], decimals: int) -> dict[str, Any]:
    """The columns of a position as they become; nothing when they are coarse already."""
    made = _columns(row) | {"location": coarse(row.location, decimals)}
    if row.latitude is not None and row.longitude is not None and made["location"] != row.location:
        made["latitude"], made["longitude"] = coarse_wgs84(
            row.location, row.latitude, row.longitude, decimals
        )
    elif row.latitude is not None and row.longitude is not None and row.location is None:
        made["latitude"], made["longitude"] = coarse_wgs84(None, row.latitude, row.longitude, decimals)
    return {} if made == _columns(row) else made


def _columns(row: sa.Row[*tuple[Any, ...]]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("id", "location", "latitude", "longitude")}


def _write(session: Session, table: Any, keys: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    """Set these columns of these rows by one statement: so the triggers that tell phones run once a batch."""
    if not rows:
        return
    kinds = {name: table.__table__.c[name].type for name in rows[0]}
    sent = {name: sa.Text() if isinstance(kind, JSONB) else kind for name, kind in kinds.items()}
    arrays = [
        sa.cast([_sendable(row[name], kinds[name]) for row in rows], sa.ARRAY(kind))
        for name, kind in sent.items()
    ]
    columns = [sa.column(name, kind) for name, kind in sent.items()]
    given = sa.func.unnest(*arrays).table_valued(*columns, name="given").render_derived()
    values = {name: sa.cast(given.c[name], kind) for name, kind in kinds.items() if name not in keys}
    session.execute(
        sa.update(table).values(values).where(*(getattr(table, key) == given.c[key] for key in keys)),
        execution_options={"synchronize_session": False},
    )


def _sendable(value: Any, kind: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(kind, JSONB) and value is not None else value


def _text(column: Any) -> sa.ColumnElement[str]:
    return sa.cast(column, sa.Text())


WALKS = (
    Walk(
        name="revisions",
        moment=sa.type_coerce(RecordRevision.received_at, sa.DateTime(timezone=True)),
        key=_text(RecordRevision.record_id) + "/" + _text(RecordRevision.rev),
        columns=(
            RecordRevision.record_id,
            RecordRevision.rev,
            RecordRevision.record_type,
            RecordRevision.body,
        ),  # type: ignore[arg-type] # mapped columns are column elements
        treat=_treat_revisions,
    ),
    Walk(
        name="photos",
        # Written as in its index: the facts of a photo come when it is developed, perhaps long after its place.
        moment=sa.func.coalesce(Photo.developed_at, Photo.expected_at),
        key=_text(Photo.id),
        columns=(Photo.id, Photo.location, Photo.latitude, Photo.longitude, Photo.facts),  # type: ignore[arg-type] # mapped columns are column elements
        treat=_treat_photos,
    ),
    Walk(
        name="kept",
        moment=sa.type_coerce(KeptSubmission.settled_at, sa.DateTime(timezone=True)),
        key=_text(KeptSubmission.id),
        columns=(KeptSubmission.id, KeptSubmission.raw),  # type: ignore[arg-type] # mapped columns are column elements
        treat=_treat_kept,
        only=(KeptSubmission.settled_at.is_not(None), KeptSubmission.raw_gone_at.is_(None)),
    ),
)
