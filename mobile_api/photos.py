"""Phones announce photos, say when the bytes are there, and read what became of them."""

from typing import Any
from uuid import UUID

from flask import Response
from flask.views import MethodView
from sqlalchemy.orm import Session

from media.errors import NotFound as ObjectNotFound
from media.facts import RENDITION_CONTENT_TYPE, RenditionName
from mobile_api.schemas.photos import PhotoIn, PhotoOut, PhotoStateOut
from service.http.blueprint import Blueprint, untransacted
from service.http.guards import signed_in
from service.http.work import house, transaction, work
from service.issues.queries import shown_photo
from service.kernel.actor import Actor
from service.photos.commands import AnnouncedPhoto, expect_photo
from service.photos.completing import complete
from service.photos.errors import NoRendition, RenditionNotReady
from service.photos.granting import grant_upload
from service.photos.kinds import size_limit
from service.photos.models import Photo
from service.photos.queries import visible_photo
from service.photos.shown import facts_of, is_developed, state_of

blueprint = Blueprint(
    "photos", __name__, guard=signed_in, description="照片 Photos: expect, upload, complete"
)

VERIFYING_SECONDS = 5
LINK_SECONDS = 300
CACHED = "private, max-age=86400, immutable"


@blueprint.route("/photos")
class Photos(MethodView):
    """Announcements."""

    @blueprint.arguments(PhotoIn())
    @blueprint.alt_response(200, schema=PhotoStateOut, success=True)
    @blueprint.response(201, PhotoStateOut)
    def post(self, announced: AnnouncedPhoto) -> tuple[dict[str, Any], int]:
        """登记一张照片，取得上传方式；字节已在此处则直接给回执 / Announce a photo and get a way to send it."""
        current = work()
        state = announce(current.session, current.signed_in, announced)
        return state, 200 if "receipt" in state else 201


@blueprint.route("/photos/<uuid:photo_id>/complete")
class Completion(MethodView):
    """The phone has sent the bytes."""

    @untransacted
    @blueprint.alt_response(202, schema=PhotoStateOut, success=True)
    @blueprint.response(200, PhotoStateOut)
    def post(self, photo_id: UUID) -> Any:
        """核对已上传的字节并给出回执，可重复调用；大文件先答 202 / Verify what was uploaded and give the receipt; idempotent."""
        photo, is_verifying = complete(transaction, house().store, work().signed_in, photo_id)
        if is_verifying:
            return state_of(photo) | {"verifying": True}, 202, {"Retry-After": str(VERIFYING_SECONDS)}
        return state_of(photo)


@blueprint.route("/photos/<uuid:photo_id>")
class OnePhoto(MethodView):
    """One photo."""

    @blueprint.response(200, PhotoOut)
    def get(self, photo_id: UUID) -> dict[str, Any]:
        """照片的状态与事实 / A photo's state and facts."""
        current = work()
        return facts_of(seen_photo(current.session, current.signed_in, photo_id), current.signed_in)


@blueprint.route("/photos/<uuid:photo_id>/renditions/<string:name>")
class Rendition(MethodView):
    """The pictures made of a photo; the original never leaves the house this way."""

    @untransacted
    @blueprint.doc(
        responses={
            "200": {"description": "the picture", "content": {RENDITION_CONTENT_TYPE: {}}},
            "303": {"description": "a short-lived link to the picture"},
        }
    )
    def get(self, photo_id: UUID, name: str) -> Response:
        """缩略图、小图、大图或带水印图 / thumb, small, large or stamped."""
        if name not in set(RenditionName):
            raise NoRendition
        with transaction() as session:
            photo = seen_photo(session, work().signed_in, photo_id)
            made, is_done = (photo.renditions or {}).get(name), is_developed(photo)
        if made is None:
            raise NoRendition if is_done else RenditionNotReady
        return _picture(made["key"])


def seen_photo(session: Session, actor: Actor, photo_id: UUID) -> Photo:
    """A photo the person may look at: their own, one of their scope, or one of a problem that they read.

    Raises:
        UnknownPhoto: there is none for them.
    """
    return visible_photo(session, actor, photo_id, also=shown_photo(actor))


def announce(session: Session, actor: Actor, announced: AnnouncedPhoto) -> dict[str, Any]:
    """The photo's state, and its receipt when the bytes are here, or else how to send them."""
    settings = house().settings
    photo = expect_photo(session, actor, announced, limit=size_limit(settings, announced.content_type))
    if photo.received_at is not None:
        return state_of(photo)
    grant = grant_upload(
        session, actor, photo, accepted=announced.accept, store=house().store, settings=settings
    )
    return state_of(photo, grant)


def _picture(key: str) -> Response:
    link = house().store.download_url(key, seconds=LINK_SECONDS, content_type=RENDITION_CONTENT_TYPE)
    if link is not None:
        answer = Response(status=303)
        answer.headers.update({"Location": link, "Cache-Control": "private, no-store"})
        return answer
    try:
        with house().store.open(key) as stream:
            content = stream.read()
    except ObjectNotFound as error:
        raise RenditionNotReady from error
    answer = Response(content, mimetype=RENDITION_CONTENT_TYPE)
    answer.headers.update({"Cache-Control": CACHED, "X-Content-Type-Options": "nosniff"})
    answer.headers["Content-Disposition"] = "inline"
    return answer
