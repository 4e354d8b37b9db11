"""Top-500 lists for headquarters: editions, the places on them, and who is meant by each."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from hq_api.schemas.lists import (
    ConfirmationIn,
    ConfirmedOut,
    EditionIn,
    EditionList,
    EditionPatchIn,
    ListMadeOut,
    PlaceIn,
    PlaceList,
    edition_change,
    new_place,
)
from service.enterprises import lists
from service.http import guards
from service.http.blueprint import Blueprint
from service.http.conditional import paged
from service.http.schemas import PageQuery, page_request
from service.http.work import work
from service.kernel.pages import Page
from service.visits import consequences

blueprint = Blueprint("hq-lists", __name__, guard=guards.office, description="三类500强榜单 / Top-500 lists")


@blueprint.route("/list-editions")
class Editions(MethodView):
    """Editions of lists."""

    @blueprint.response(200, EditionList())
    def get(self) -> Page[lists.EditionRow]:
        """List every edition, newest first."""
        return Page(lists.editions(work().session, work().signed_in), None)

    @blueprint.arguments(EditionIn())
    @blueprint.response(201, ListMadeOut())
    def post(self, edition: lists.NewEdition) -> dict[str, UUID]:
        """Make an edition; it is in force from its day until the next one's."""
        return {"id": consequences.create_edition(work().session, work().signed_in, edition)}


@blueprint.route("/list-editions/<uuid:edition_id>")
class OneEdition(MethodView):
    """One edition."""

    @blueprint.arguments(EditionPatchIn())
    @blueprint.response(204)
    def patch(self, told: dict[str, Any], edition_id: UUID) -> None:
        """Change an edition's title and first day; visits count by it as it is now."""
        consequences.amend_edition(work().session, work().signed_in, edition_change(edition_id, told))


@blueprint.route("/list-editions/<uuid:edition_id>/places")
class Places(MethodView):
    """Who is on an edition."""

    @blueprint.arguments(PageQuery(), location="query")
    @blueprint.response(200, PlaceList())
    def get(self, asked: dict[str, Any], edition_id: UUID) -> Page[lists.PlaceRow]:
        """List the places of an edition by rank."""
        page = page_request(asked["limit"], asked["cursor"], parts=lists.KEY_PARTS)
        return paged(lists.places(work().session, work().signed_in, edition_id, page))

    @blueprint.arguments(PlaceIn())
    @blueprint.response(201, ListMadeOut())
    def post(self, told: dict[str, Any], edition_id: UUID) -> dict[str, UUID]:
        """Put an enterprise or a group on an edition; it counts once confirmed."""
        place = new_place(edition_id, told)
        return {"id": consequences.add_place(work().session, work().signed_in, place)}


@blueprint.route("/list-places/confirmations")
class Confirmations(MethodView):
    """Who is meant by a place, by a person's word."""

    @blueprint.arguments(ConfirmationIn())
    @blueprint.response(200, ConfirmedOut())
    def post(self, told: dict[str, Any]) -> dict[str, int]:
        """Confirm places; visits to their holders count."""
        return {"confirmed": consequences.confirm_places(work().session, work().signed_in, told["place_ids"])}


@blueprint.route("/list-places/<uuid:place_id>")
class OnePlace(MethodView):
    """One place."""

    @blueprint.response(204)
    def delete(self, place_id: UUID) -> None:
        """Take a place off its edition."""
        consequences.remove_place(work().session, work().signed_in, place_id)
