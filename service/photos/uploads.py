"""How far a resumable upload stands, who may move it, and when it ends; every step is one short transaction.

::

    open ─▶ hold ─ bytes to the store ─ advance ─▶ … ─▶ all there ─ the photo is received ─▶ finished
             ▲                            │
             └── a later hold takes over: the earlier one cannot advance any more, and exactly one wins
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from service.audit import commands as audit
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.errors import readable_size
from service.kernel.together import Question
from service.photos.errors import OffsetDiffers, TooMuchUnfinished, UnknownUpload, UploadGone
from service.photos.kinds import ONE_TRY_BYTES
from service.photos.models import Photo, Upload, UploadKind, UploadPiece
from service.photos.verification import Announced

Transactions = Callable[[], AbstractContextManager[Session]]
"""Opens one short transaction, committed when its block ends."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes that lie in the store, from `first_byte` of the photo on."""

    first_byte: int
    size: int
    object_key: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Leave to move an upload on from where it stands; whoever asks later takes it away."""

    announced: Announced
    holder: UUID
    offset: int
    tail: Piece | None = None
    """The last piece that has arrived."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a sender may know of its upload; a finished one does not expire."""

    offset: int
    size: int
    expires_at: datetime | None
    described_as: str | None = None


def open_upload(
    session: Session,
    actor: Actor,
    photo: Photo,
    *,
    kind: UploadKind,
    lasts: timedelta,
    described_as: str | None = None,
) -> Upload:
    """The photo's upload of this kind: opened now, going on as it stands, or begun anew after it had ended."""
    opening = insert(Upload).values(
        photo_id=photo.id,
        owner_id=actor.person_id,
        kind=kind,
        offset_bytes=0,
        opened_at=now(),
        expires_at=now() + lasts,
    )
    upload = session.scalar(
        opening.on_conflict_do_nothing(index_elements=["photo_id"])
        .returning(Upload)
        .execution_options(populate_existing=True)
    ) or _locked(session, photo.id)
    if upload is None:  # its photo was swept at this very moment
        raise UnknownUpload
    if _is_over(upload) or (upload.kind is not kind and upload.finished_at is None):
        _begin_anew(session, upload, kind)
    upload.expires_at = max(upload.expires_at, now() + lasts)
    upload.described_as = described_as or upload.described_as
    session.flush()
    return upload


def hold(session: Session, photo: Photo, offset: int, *, limit: int) -> Hold:
    """Take the upload over, to send on from this offset; `limit` bounds what its owner has unfinished.

    Raises:
        UnknownUpload: nobody has opened one.
        UploadGone: it was given up or has expired.
        OffsetDiffers: it stands elsewhere.
        TooMuchUnfinished: it would be one too many to begin.
    """
    upload = _tus(_locked(session, photo.id), photo)
    stands_at = photo.size if photo.received_at is not None else upload.offset_bytes
    if offset != stands_at:
        raise OffsetDiffers(offset=stands_at)
    if upload.started_at is None and photo.size > ONE_TRY_BYTES:
        demand_room(session, photo, limit=limit)
        upload.started_at = now()
    upload.holder = uuid4()
    session.flush()
    return Hold(Announced.of(photo), upload.holder, offset, _tail(session, photo.id) if offset else None)


def advance(session: Session, held: Hold, pieces: Sequence[Piece], *, offset: int, lasts: timedelta) -> bool:
    """Count these pieces as arrived, unless somebody has taken the upload over; their bytes are durable already."""
    moving = (
        sa.update(Upload)
        .where(
            Upload.photo_id == held.announced.photo_id,
            Upload.holder == held.holder,
            Upload.offset_bytes == held.offset,
            Upload.ended_at.is_(None),
        )
        .values(offset_bytes=offset, expires_at=now() + lasts)
        .returning(Upload.photo_id)
    )
    if session.execute(moving).first() is None:
        return False
    rows = [{"photo_id": held.announced.photo_id, **_columns(piece)} for piece in pieces]
    keeping = insert(UploadPiece).values(rows)
    changed = {name: keeping.excluded[name] for name in ("size", "object_key")}
    session.execute(keeping.on_conflict_do_update(index_elements=["photo_id", "first_byte"], set_=changed))
    return True


def standing(session: Session, photo: Photo) -> Standing:
    """How far the photo's upload is.

    Raises:
        UnknownUpload: nobody has opened one.
        UploadGone: it was given up or has expired.
    """
    upload = _tus(session.get(Upload, photo.id, populate_existing=True), photo)
    if photo.received_at is not None:
        return Standing(photo.size, photo.size, None, upload.described_as)
    return Standing(upload.offset_bytes, photo.size, upload.expires_at, upload.described_as)


def give_up(session: Session, actor: Actor, photo: Photo) -> list[str]:
    """End the photo's upload; answers the keys of the pieces that nobody needs any more.

    A photo that was received stays so: only the address is gone.

    Raises:
        UnknownUpload: nobody has opened one.
        UploadGone: it has ended already.
    """
    left = end(session, _tus(_locked(session, photo.id), photo))
    audit.record(session, actor, "photo.upload_end", "photo", str(photo.id))
    return left


def end(session: Session, upload: Upload) -> list[str]:
    """Close the upload's address for good, and answer the keys of what had arrived."""
    upload.ended_at, upload.holder, upload.offset_bytes = now(), None, 0
    session.flush()
    return forget_pieces(session, upload.photo_id)


def finishing(photo_id: UUID, size: int) -> Question:
    """The statement that ends the upload of a photo which is received, however its bytes came.

    It has a row when there was an upload: its pieces are to be forgotten.
    """
    return Question(_FINISHING, {"photo": photo_id, "size": size, "finished": now()})


_FINISHING = (
    sa.update(Upload)
    .where(Upload.photo_id == sa.bindparam("photo", type_=sa.Uuid()))
    .values(
        offset_bytes=sa.bindparam("size", type_=sa.BigInteger()),
        finished_at=sa.bindparam("finished", type_=sa.DateTime(timezone=True)),
        holder=None,
    )
    .returning(Upload.photo_id)
)


def begin_over(session: Session, photo_id: UUID, *, holder: UUID | None) -> list[str]:
    """What had arrived is not what was announced: the upload stands at its first byte again.

    Nothing happens when it has moved on since `holder` finished it. Answers the keys of what had arrived.
    """
    upload = _locked(session, photo_id)
    if upload is None or upload.holder != holder or upload.finished_at is not None:
        return []
    upload.offset_bytes, upload.holder, upload.parts_id = 0, None, None
    session.flush()
    return forget_pieces(session, photo_id)


def pieces_of(session: Session, photo_id: UUID) -> list[Piece]:
    """What has arrived, in the order of the bytes."""
    rows = session.execute(
        sa.select(UploadPiece.first_byte, UploadPiece.size, UploadPiece.object_key)
        .where(UploadPiece.photo_id == photo_id)
        .order_by(UploadPiece.first_byte)
    )
    return [Piece(*row) for row in rows]


def demand_room(session: Session, photo: Photo, *, limit: int) -> None:
    """Make sure that the owner may begin another upload; two at once are asked one after the other.

    Whoever has begun may always go on to the end, so a person is never stuck between two halves.

    Raises:
        TooMuchUnfinished: those that have begun leave no room.
    """
    whose = sa.func.hashtextextended(f"uploads:{photo.owner_id}", 0)
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(whose)))
    begun = session.scalar(
        sa.select(sa.func.coalesce(sa.func.sum(Photo.size), 0))
        .select_from(Upload)
        .join(Photo, Photo.id == Upload.photo_id)
        .where(
            Upload.owner_id == photo.owner_id,
            Upload.started_at.is_not(None),
            Upload.finished_at.is_(None),
            Upload.ended_at.is_(None),
        )
    )
    if (begun or 0) + photo.size > limit:
        raise TooMuchUnfinished(size=readable_size(limit))


def _locked(session: Session, photo_id: UUID) -> Upload | None:
    return session.get(Upload, photo_id, with_for_update=True, populate_existing=True)


def _tus(upload: Upload | None, photo: Photo) -> Upload:
    if upload is None or upload.kind is not UploadKind.TUS:
        raise UnknownUpload
    if upload.ended_at is not None or (photo.received_at is None and upload.expires_at <= now()):
        raise UploadGone
    return upload


def _is_over(upload: Upload) -> bool:
    if upload.ended_at is not None:
        return True
    return upload.finished_at is None and upload.expires_at <= now()


def _begin_anew(session: Session, upload: Upload, kind: UploadKind) -> None:
    """Pieces and parts of before are left to the sweep."""
    upload.kind, upload.offset_bytes, upload.holder, upload.opened_at = kind, 0, None, now()
    upload.started_at = upload.ended_at = upload.parts_id = upload.part_bytes = upload.described_as = None
    forget_pieces(session, upload.photo_id)


def _tail(session: Session, photo_id: UUID) -> Piece | None:
    row = session.execute(
        sa.select(UploadPiece.first_byte, UploadPiece.size, UploadPiece.object_key)
        .where(UploadPiece.photo_id == photo_id)
        .order_by(UploadPiece.first_byte.desc())
        .limit(1)
    ).first()
    return None if row is None else Piece(*row)


def forget_pieces(session: Session, photo_id: UUID) -> list[str]:
    """What had arrived counts no more; answers the keys of the pieces that nobody needs."""
    going = sa.delete(UploadPiece).where(UploadPiece.photo_id == photo_id).returning(UploadPiece.object_key)
    return list(session.scalars(going.execution_options(synchronize_session=False)))


def _columns(piece: Piece) -> dict[str, object]:
    return {"first_byte": piece.first_byte, "size": piece.size, "object_key": piece.object_key}
