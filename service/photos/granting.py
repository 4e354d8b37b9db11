"""How a phone may send an announced photo: the best way that it, the store and the file's size allow."""

from datetime import timedelta

from sqlalchemy.orm import Session

from media.stores.protocol import ObjectStore
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.photos.grants import Grant, own_grant, parts_grant, tus_grant
from service.photos.kinds import best_kind
from service.photos.models import Photo, UploadKind
from service.photos.parts import PART_BYTES
from service.photos.uploads import open_upload
from service.settings import Settings

GRANT_SECONDS = 3600


def upload_time(settings: Settings) -> timedelta:
    """How long an upload waits for its next bytes."""
    return timedelta(days=settings.upload_days)


def grant_upload(
    session: Session,
    actor: Actor,
    photo: Photo,
    *,
    accepted: tuple[str, ...],
    store: ObjectStore,
    settings: Settings,
) -> Grant:
    """A way to send the photo; asked again, an upload that has begun goes on from where it stands."""
    presigned = store.upload_grant(
        photo.object_key,
        size=photo.size,
        md5=photo.md5,
        sha256=photo.sha256,
        content_type=photo.content_type,
        seconds=GRANT_SECONDS,
    )
    kind = best_kind(
        accepted,
        size=photo.size,
        takes_parts=store.parts is not None,
        phones_reach_store=presigned is not None,
    )
    if kind is not UploadKind.PUT:
        upload = open_upload(session, actor, photo, kind=kind, lasts=upload_time(settings))
        if kind is UploadKind.TUS:
            return tus_grant(photo, secret=settings.secret, expires_at=upload.expires_at)
        return parts_grant(photo, part_size=upload.part_bytes or PART_BYTES, expires_at=upload.expires_at)
    if presigned is None:
        return own_grant(photo, secret=settings.secret, moment=now())
    return Grant(kind, presigned.method, presigned.url, dict(presigned.headers), presigned.expires_at)
