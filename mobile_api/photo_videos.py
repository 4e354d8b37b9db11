"""Videos as they were sent, for those who may see them: as a download, never opened here and never shown in a page."""

from collections.abc import Iterator
from typing import BinaryIO
from uuid import UUID

from flask import Response, request
from flask.views import MethodView

from media.intake import CHUNK_BYTES
from mobile_api.photos import seen_photo
from service.http.blueprint import Blueprint, untransacted
from service.http.guards import signed_in
from service.http.work import house, transaction, work
from service.photos.errors import NoVideo, RenditionNotReady
from service.photos.kinds import is_video
from service.photos.models import Photo, PhotoState

blueprint = Blueprint("photo_videos", __name__, guard=signed_in, description="视频 Videos of sites")

LINK_SECONDS = 300
_ENDINGS = {"video/mp4": "mp4", "video/quicktime": "mov"}


@blueprint.route("/photos/<uuid:photo_id>/video")
class Video(MethodView):
    """The file of one video."""

    @untransacted
    @blueprint.doc(
        responses={
            "200": {"description": "the file", "content": {kind: {} for kind in _ENDINGS}},
            "206": {
                "description": "the range that was asked for",
                "content": {kind: {} for kind in _ENDINGS},
            },
            "303": {"description": "a short-lived link to the file"},
        }
    )
    def get(self, photo_id: UUID) -> Response:
        """下载视频原件 / Download the video as it was sent."""
        with transaction() as session:
            photo = seen_photo(session, work().signed_in, photo_id)
        if not is_video(photo.content_type) or photo.state is PhotoState.REJECTED:
            raise NoVideo
        if photo.state is not PhotoState.READY:
            raise RenditionNotReady
        link = house().store.download_url(
            photo.object_key,
            seconds=LINK_SECONDS,
            content_type=photo.content_type,
            filename=_file_name(photo),
        )
        if link is None:
            return _file(photo)
        answer = Response(status=303)
        answer.headers.update({"Location": link, "Cache-Control": "private, no-store"})
        return answer


def _file_name(photo: Photo) -> str:
    return f"{photo.id}.{_ENDINGS[photo.content_type]}"


def _file(photo: Photo) -> Response:
    start, end = _range(photo.size)
    stream = house().store.open(photo.object_key, start, end)
    answer = Response(_chunks(stream), mimetype=photo.content_type, direct_passthrough=True)
    answer.call_on_close(stream.close)
    answer.content_length = end - start
    answer.headers["Accept-Ranges"] = "bytes"
    answer.headers["Content-Disposition"] = f'attachment; filename="{_file_name(photo)}"'
    if (start, end) != (0, photo.size):
        answer.status_code = 206
        answer.headers["Content-Range"] = f"bytes {start}-{end - 1}/{photo.size}"
    return answer


def _range(size: int) -> tuple[int, int]:
    """The one range that was asked for, or everything: players go on where a download broke off."""
    asked = request.range
    found = asked.range_for_length(size) if asked is not None else None
    return found if found is not None else (0, size)


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK_BYTES):
        yield chunk
