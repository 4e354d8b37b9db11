"""Large files that phones send to the store itself, part by part."""

from uuid import UUID

from flask.views import MethodView

from mobile_api.schemas.photos import PartsOut
from service.http.blueprint import Blueprint, untransacted
from service.http.guards import signed_in
from service.http.work import house, transaction, work
from service.photos.commands import my_photo
from service.photos.granting import upload_time
from service.photos.parts import PartsOf, give_parts_up, parts_of

blueprint = Blueprint(
    "photo_parts", __name__, guard=signed_in, description="分片上传 Large files in parts, sent to the store"
)


@blueprint.route("/photos/<uuid:photo_id>/parts")
class Parts(MethodView):
    """The parts of one file."""

    @untransacted
    @blueprint.response(200, PartsOut)
    def get(self, photo_id: UUID) -> PartsOf:
        """哪些分片已到，其余分片的上传地址 / Which parts are there, and where to send the others."""
        actor, settings = work().signed_in, house().settings
        with transaction() as session:
            photo = my_photo(session, actor, photo_id)
        return parts_of(
            transaction,
            house().store,
            actor,
            photo,
            lasts=upload_time(settings),
            limit=settings.unfinished_limit_bytes,
        )

    @untransacted
    @blueprint.response(204)
    def delete(self, photo_id: UUID) -> None:
        """放弃分片上传，删除已到的分片 / Give the upload up; the parts that had arrived are removed."""
        actor = work().signed_in
        with transaction() as session:
            photo = my_photo(session, actor, photo_id)
        give_parts_up(transaction, house().store, actor, photo)
