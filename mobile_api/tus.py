"""Resumable uploads by tus 1.0.0, at one address for each announced photo: it is opened, asked, sent on and given up there.

Opening a second time finds the upload as it stands, so a lost answer costs nothing. Bytes may take minutes to arrive,
and no transaction is open while they do.
"""

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from uuid import UUID

from flask import Response, request
from flask.views import MethodView
from werkzeug.exceptions import ClientDisconnected

from mobile_api import tus_headers
from mobile_api.upload_leave import grant_or_signed_in
from service.http.blueprint import Blueprint, untransacted
from service.http.work import house, transaction, work
from service.kernel.clock import now
from service.kernel.errors import TooLarge
from service.photos.arriving import Checksum, Progress, receive
from service.photos.commands import mark_received, my_photo
from service.photos.completing import complete
from service.photos.errors import BeyondTheLength, BytesDiffer
from service.photos.granting import upload_time
from service.photos.grants import tus_address
from service.photos.kinds import LARGE_BYTES
from service.photos.models import UploadKind
from service.photos.uploads import Hold, Standing, give_up, hold, open_upload, standing

blueprint = Blueprint(
    "tus",
    __name__,
    guard=grant_or_signed_in,
    description="断点续传 Resumable uploads (tus 1.0.0)",
)

_BYTES = {
    "requestBody": {"content": {tus_headers.CONTENT_TYPE: {"schema": {"type": "string", "format": "binary"}}}}
}


def _said(*names: str, required: tuple[str, ...] = ()) -> dict[str, Any]:
    """Request headers for the contract."""
    return {
        "parameters": [
            {"in": "header", "name": name, "required": name in required, "schema": {"type": "string"}}
            for name in ("Tus-Resumable", *names)
        ]
    }


class _Body:
    """The request's bytes; a connection that breaks raises OSError, whoever notices it."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; empty at the end."""
        try:
            return request.stream.read(size)
        except ClientDisconnected as error:
            raise ConnectionAbortedError from error


@blueprint.route("/photos/<uuid:photo_id>/tus")
class TusUpload(MethodView):
    """The resumable upload of one photo."""

    @blueprint.response(204)
    def options(self, photo_id: UUID) -> Response:
        """服务器支持的续传协议与扩展 / What this server can do, for anybody."""
        del photo_id
        return _answer(
            204,
            {
                "Tus-Extension": tus_headers.EXTENSIONS,
                "Tus-Max-Size": str(_most_bytes()),
                "Tus-Checksum-Algorithm": ",".join(tus_headers.ALGORITHMS),
            },
        )

    @untransacted
    @blueprint.doc(**_BYTES, **_said("Upload-Length", "Upload-Metadata", "Upload-Checksum"))
    @blueprint.response(201)
    def post(self, photo_id: UUID) -> Response:
        """开始（或继续）断点续传，可同时发送首批字节 / Open the upload, and send its first bytes if you like."""
        tus_headers.demand_version(request.headers.get("Tus-Resumable"))
        if "Upload-Defer-Length" in request.headers:
            raise tus_headers.BadUploadHeader(header="Upload-Defer-Length")
        length = tus_headers.read_whole("Upload-Length", request.headers.get("Upload-Length"))
        described_as = tus_headers.read_metadata(request.headers.get("Upload-Metadata"))
        checksum = tus_headers.read_checksum(request.headers.get("Upload-Checksum"))
        if _has_body():
            tus_headers.demand_content_type(request.mimetype)
        if length > _most_bytes():
            raise TooLarge(limit=_most_bytes())
        held, location = _opened(photo_id, length, described_as)
        if held is not None:
            _take(held, checksum)
        answer = _standing(201, photo_id)
        answer.headers["Location"] = location
        return answer

    @blueprint.doc(**_said())
    @blueprint.response(200)
    def head(self, photo_id: UUID) -> Response:
        """已收到多少字节 / How far the upload is."""
        tus_headers.demand_version(request.headers.get("Tus-Resumable"))
        current = work()
        found = standing(current.session, my_photo(current.session, current.signed_in, photo_id))
        return _shown(200, found)

    @untransacted
    @blueprint.doc(**_BYTES, **_said("Upload-Offset", "Upload-Checksum"))
    @blueprint.response(204)
    def patch(self, photo_id: UUID) -> Response:
        """从已收到的位置起继续发送 / Send on from where the upload stands."""
        tus_headers.demand_version(request.headers.get("Tus-Resumable"))
        tus_headers.demand_content_type(request.mimetype)
        offset = tus_headers.read_whole("Upload-Offset", request.headers.get("Upload-Offset"))
        checksum = tus_headers.read_checksum(request.headers.get("Upload-Checksum"))
        with transaction() as session:
            photo = my_photo(session, work().signed_in, photo_id)
            held = hold(session, photo, offset, limit=house().settings.unfinished_limit_bytes)
        progress = _take(held, checksum)
        return _shown(204, Standing(progress.offset, photo.size, _expiry()))

    @untransacted
    @blueprint.doc(**_said())
    @blueprint.response(204)
    def delete(self, photo_id: UUID) -> Response:
        """放弃上传，删除已收到的字节 / Give the upload up; what had arrived is removed."""
        tus_headers.demand_version(request.headers.get("Tus-Resumable"))
        with transaction() as session:
            photo = my_photo(session, work().signed_in, photo_id)
            left = give_up(session, work().signed_in, photo)
        house().store.delete(left)
        return _answer(204, {})


def _opened(photo_id: UUID, length: int, described_as: str | None) -> tuple[Hold | None, str]:
    """The upload's address, and leave to move it when this request brings its first bytes."""
    settings = house().settings
    with transaction() as session:
        actor = work().signed_in
        photo = my_photo(session, actor, photo_id)
        if length != photo.size:
            raise BytesDiffer(what="wrong_length")
        upload = open_upload(
            session,
            actor,
            photo,
            kind=UploadKind.TUS,
            lasts=upload_time(settings),
            described_as=described_as,
        )
        location = tus_address(photo, secret=settings.secret, expires_at=upload.expires_at)
        if not _has_body() or upload.offset_bytes > 0 or photo.received_at is not None:
            return None, location
        return hold(session, photo, 0, limit=settings.unfinished_limit_bytes), location


def _take(held: Hold, checksum: Checksum | None) -> Progress:
    """Keep the bytes of this request; with the last of them the photo is received, unless it is large."""
    announced, actor = held.announced, work().signed_in
    left = announced.size - held.offset
    if (request.content_length or 0) > left:
        raise BeyondTheLength
    # One more: werkzeug reads on to see the end, and takes a body that ends at its limit for one that goes on.
    request.max_content_length = left + 1
    progress = receive(
        house().store,
        transaction,
        held,
        _Body(),
        checksum=checksum,
        lasts=upload_time(house().settings),
    )
    if progress.stored_key is not None:
        with transaction() as session:
            photo = mark_received(session, actor, announced.photo_id, progress.stored_key)
        twice = [] if photo.object_key == progress.stored_key else [progress.stored_key]
        house().store.delete([*twice, *([held.tail.object_key] if held.tail else [])])
    elif progress.offset == announced.size and announced.size <= LARGE_BYTES:
        complete(transaction, house().store, actor, announced.photo_id)
    return progress


def _standing(status: int, photo_id: UUID) -> Response:
    with transaction() as session:
        photo = my_photo(session, work().signed_in, photo_id)
        session.refresh(photo)
        return _shown(status, standing(session, photo))


def _shown(status: int, found: Standing) -> Response:
    headers = {"Upload-Offset": str(found.offset), "Upload-Length": str(found.size)}
    if found.expires_at is not None:
        headers["Upload-Expires"] = format_datetime(found.expires_at.astimezone(UTC), usegmt=True)
    if found.described_as:
        headers["Upload-Metadata"] = found.described_as
    return _answer(status, headers)


def _answer(status: int, headers: dict[str, str]) -> Response:
    answer = Response(status=status)
    # An offset is never answered from a cache, nor with 304 by the hash of a body that is always empty.
    answer.direct_passthrough = True
    answer.headers.update({"Cache-Control": "no-store", **headers})
    return answer


def _expiry() -> datetime:
    return now() + upload_time(house().settings)


def _most_bytes() -> int:
    settings = house().settings
    return max(settings.photo_limit_bytes, settings.video_limit_bytes)


def _has_body() -> bool:
    return bool(request.content_length) or "chunked" in request.headers.get("Transfer-Encoding", "").lower()
