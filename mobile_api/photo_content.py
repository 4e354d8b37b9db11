"""The bytes of photos, sent to us: raw by PUT, or as a one-file form by POST for mini-programs.

Whoever holds a granted address may send exactly the announced bytes there, signed in or not; so may the photo's owner.
The body may take minutes to arrive, so no transaction is open while it does.
"""

from typing import Any, NoReturn
from uuid import UUID

from flask import request
from flask.views import MethodView
from werkzeug.exceptions import RequestEntityTooLarge

from media.intake import Readable
from mobile_api.schemas.photos import PhotoStateOut
from mobile_api.upload_leave import grant_or_signed_in
from service.http.blueprint import Blueprint, untransacted
from service.http.work import house, transaction, work
from service.kernel.errors import fault
from service.photos.commands import mark_received, my_photo
from service.photos.errors import BytesDiffer
from service.photos.grants import base64_md5
from service.photos.shown import state_of
from service.photos.verification import Announced, take_in

FORM_OVERHEAD_BYTES = 64 * 1024


blueprint = Blueprint(
    "photo_content",
    __name__,
    guard=grant_or_signed_in,
    description="照片内容 The bytes of photos",
)

_RAW = {
    "requestBody": {
        "required": True,
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}} for kind in ("image/*", "video/*")
        },
    }
}
_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


@blueprint.route("/photos/<uuid:photo_id>/content")
class Content(MethodView):
    """The announced bytes."""

    @untransacted
    @blueprint.doc(**_RAW)
    @blueprint.response(200, PhotoStateOut)
    def put(self, photo_id: UUID) -> dict[str, Any]:
        """上传照片原始字节 / Send the photo's bytes as they are."""
        announced = _announced(photo_id)
        # One more: werkzeug reads on to see the end, and takes a body that ends at its limit for one that goes on.
        request.max_content_length = announced.size + 1
        _demand_headers(announced)
        return _kept(announced, request.stream)

    @untransacted
    @blueprint.doc(**_FORM)
    @blueprint.response(200, PhotoStateOut)
    def post(self, photo_id: UUID) -> dict[str, Any]:
        """以表单上传单个文件（小程序） / Send the bytes as the form field `file`."""
        announced = _announced(photo_id)
        request.max_content_length = announced.size + FORM_OVERHEAD_BYTES
        try:
            file = request.files.get("file")
        except RequestEntityTooLarge:
            _differ("wrong_length")
        if file is None:
            raise fault("/file", "缺少文件字段 file", "The form field `file` is missing")
        return _kept(announced, file.stream)


def _announced(photo_id: UUID) -> Announced:
    with transaction() as session:
        return Announced.of(my_photo(session, work().signed_in, photo_id))


def _demand_headers(announced: Announced) -> None:
    """Turn a wrong length or hash down before a byte of it is read."""
    if request.content_length not in {None, announced.size}:
        _differ("wrong_length")
    if request.headers.get("Content-MD5", base64_md5(announced.md5)) != base64_md5(announced.md5):
        _differ("wrong_hash")


def _differ(what: str) -> NoReturn:
    raise BytesDiffer(what=what)


def _kept(announced: Announced, body: Readable) -> dict[str, Any]:
    try:
        key = take_in(house().store, announced, body)
    except RequestEntityTooLarge:
        _differ("wrong_length")
    with transaction() as session:
        photo = mark_received(session, work().signed_in, announced.photo_id, key)
    if photo.object_key != key:
        house().store.delete([key])  # the photo was here before; these bytes came twice
    return state_of(photo)
