"""Events at headquarters' doors."""

from typing import Any

from marshmallow import fields, post_load

from service.http.schemas import Day, Flag, Id, Moment, OutSchema, StrictSchema, Text
from service.reports.events import EventEdit, NewEvent


class EventIn(StrictSchema):
    """An event to make; the work of the units is counted from `prepares_on` to the eve of `held_on`."""

    programme_id = Id(required=True)
    name = Text(required=True, least=2, most=60)
    prepares_on = Day(required=True)
    held_on = Day(required=True)

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> NewEvent:
        """The event as the command takes it."""
        return NewEvent(**found)


class EventPatchIn(StrictSchema):
    """What changes of an event; `cancelled` false revives it."""

    name = Text(least=2, most=60)
    prepares_on = Day()
    held_on = Day()
    cancelled = Flag()

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> EventEdit:
        """The edit as the command takes it."""
        return EventEdit(**found)


class EventOut(OutSchema):
    """An event that reports count down to."""

    id = Id(required=True)
    programme_id = Id(required=True)
    name = fields.String(required=True)
    prepares_on = fields.Date(required=True)
    held_on = fields.Date(required=True)
    made_at = Moment(required=True)
    cancelled_at = Moment(required=True, allow_none=True)
