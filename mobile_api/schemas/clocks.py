"""What a phone says of its clocks. A wrong clock is no fault of the record: nothing here refuses one."""

from datetime import UTC, datetime
from typing import Any

import marshmallow as ma
from marshmallow import fields, post_load

from service.http.schemas import Moment, PhoneSchema, Whole
from service.submissions.clocks import UNREADABLE, PhoneClock, within_calendar

MOST_ELAPSED_MS = 2**53 - 1


class ClaimedMoment(Moment):
    """A time with its offset by a phone's clock, of any year: phones wake up in 1970."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        if not isinstance(value, str):
            raise self.make_error("invalid", input=value, obj_type="aware datetime")
        moment: datetime = fields.AwareDateTime._deserialize(self, value, attr, data, **kwargs)  # noqa: SLF001 the range of Moment is what this leaves out
        return within_calendar(moment).astimezone(UTC)


class ClockIn(PhoneSchema):
    """The last server time the phone knew, and its monotonic milliseconds from then to the capture."""

    server_time = ClaimedMoment(allow_none=True)
    elapsed_ms = Whole(most=MOST_ELAPSED_MS, allow_none=True)
    phone_time = ClaimedMoment(
        allow_none=True,
        metadata={"description": "the phone's clock at capture, where captured_at is not that"},
    )

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> PhoneClock:
        """The clocks as the house has them."""
        return PhoneClock(**values)


class Clock(fields.Nested):
    """Clocks that cannot be read are noted as such; they refuse nothing."""

    def __init__(self, **options: Any) -> None:
        super().__init__(ClockIn, **options)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> PhoneClock:
        try:
            clock: PhoneClock = super()._deserialize(value, *args, **kwargs)
        except ma.ValidationError:
            return UNREADABLE
        return clock
