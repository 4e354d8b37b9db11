"""Events the units prepare for, such as an expo; reports count down to them."""

from typing import Any
from uuid import UUID

from flask.views import MethodView

from hq_api.schemas.events import EventIn, EventOut, EventPatchIn
from service.http.blueprint import Blueprint
from service.http.conditional import paged
from service.http.guards import readers
from service.http.lists import list_of
from service.http.schemas import PageQuery, page_request
from service.http.work import work
from service.kernel.pages import Page
from service.reports import events
from service.reports.models import Event

blueprint = Blueprint("events", __name__, guard=readers, description="重大活动 / Events")


@blueprint.route("/events")
class Events(MethodView):
    """All events."""

    @blueprint.arguments(PageQuery(), location="query")
    @blueprint.response(200, list_of(EventOut)())
    def get(self, query: dict[str, Any]) -> Page[Event]:
        """List events, the latest first; cancelled ones say so."""
        page = page_request(query["limit"], query["cursor"], parts=2)
        return paged(events.events(work().session, page))

    @blueprint.arguments(EventIn())
    @blueprint.response(201, EventOut())
    def post(self, new: events.NewEvent) -> Event:
        """Put an event on the calendar: each Monday, and daily in its last week, a count-down is drafted."""
        return events.make_event(work().session, work().signed_in, new)


@blueprint.route("/events/<uuid:event_id>")
class OneEvent(MethodView):
    """One event."""

    @blueprint.arguments(EventPatchIn())
    @blueprint.response(200, EventOut())
    def patch(self, edit: events.EventEdit, event_id: UUID) -> Event:
        """Rename, move, cancel or revive an event; reports keep the days they were drafted with."""
        return events.change_event(work().session, work().signed_in, event_id, edit)
