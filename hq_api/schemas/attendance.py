"""Attendance at sites, day by day."""

from datetime import date, timedelta
from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema

from service.checkins.attendance import AttendanceQuestion
from service.checkins.attendance_rules import DayState
from service.http.places import NamedRowOut
from service.http.schemas import Day, Id, OutSchema, PageQuery, choice
from service.kernel.calendar import local_date, month
from service.kernel.clock import now
from service.projects.models import Duty

MOST_DAYS = 93
"""A quarter."""
_DAY = timedelta(days=1)


class AttendanceQuery(PageQuery):
    """Which days: `from` up to, and without, `to`; without them this month up to today."""

    from_on = Day(data_key="from", load_default=None)
    until_on = Day(data_key="to", load_default=None)
    unit = Id(load_default=None, metadata={"description": "with all units below it"})

    @validates_schema
    def spans_days(self, values: dict[str, Any], **_: Any) -> None:
        """A day at least, a quarter at most."""
        from_on, until_on = _span(values["from_on"], values["until_on"])
        if not 1 <= (until_on - from_on).days <= MOST_DAYS:
            raise ValidationError(
                f"应为 1 至 {MOST_DAYS} 天 / must be 1 to {MOST_DAYS} days after `from`", "to"
            )

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> dict[str, Any]:
        """The question beside the page."""
        from_on, until_on = _span(values.pop("from_on"), values.pop("until_on"))
        values["what"] = AttendanceQuestion(from_on, until_on, values.pop("unit"))
        return values


def _span(from_on: date | None, until_on: date | None) -> tuple[date, date]:
    if until_on is None:
        until_on = local_date(now()) + _DAY if from_on is None else month(from_on).end_on
    return from_on or month(until_on - _DAY).start_on, until_on


class AttendanceDayOut(OutSchema):
    """A site on a day."""

    on = fields.Date(required=True)
    state = choice(DayState, required=True)
    checkins = fields.Integer(required=True, metadata={"description": "that stand"})


class AttendanceCalendarOut(OutSchema):
    """A day; `certain` is false while its year's holidays are not published."""

    on = fields.Date(required=True)
    working = fields.Boolean(required=True)
    certain = fields.Boolean(required=True)


class AttendancePersonOut(OutSchema):
    """Somebody who is to be there on `as_of`."""

    id = Id(required=True)
    name = fields.String(required=True)
    duty = choice(Duty, required=True)


class SiteAttendanceOut(OutSchema):
    """A site over the days; `expected_days` are working days so far on which somebody was to be there."""

    site = fields.Nested(NamedRowOut, required=True)
    unit = fields.Nested(NamedRowOut, required=True)
    project = fields.Nested(NamedRowOut, required=True, allow_none=True)
    people = fields.List(fields.Nested(AttendancePersonOut), required=True)
    days = fields.List(fields.Nested(AttendanceDayOut), required=True)
    signed_days = fields.Integer(required=True)
    expected_days = fields.Integer(required=True)
    month_signed_days = fields.Integer(required=True, metadata={"description": "in the month of `as_of`"})
    month_expected_days = fields.Integer(required=True)
    unsigned_in_a_row = fields.Integer(
        required=True, metadata={"description": "days absent since somebody last signed, 366 at most"}
    )
    last_signed_on = fields.Date(required=True, allow_none=True)
    records_url = fields.String(required=True)
    month_records_url = fields.String(required=True)


class AttendanceLastDayOut(OutSchema):
    """All sites asked for on `as_of`; of a working day's expected ones each has signed or has not."""

    sites = fields.Integer(required=True)
    expected = fields.Integer(required=True)
    signed = fields.Integer(required=True)
    unsigned = fields.Integer(required=True)


class AttendanceOut(OutSchema):
    """A page of sites, those unsigned for longest first; `as_of` is the last day asked for that has begun."""

    from_on = fields.Date(required=True, data_key="from")
    until_on = fields.Date(required=True, data_key="to")
    as_of = fields.Date(required=True)
    calendar = fields.List(fields.Nested(AttendanceCalendarOut), required=True)
    on_last_day = fields.Nested(AttendanceLastDayOut, required=True)
    items = fields.List(fields.Nested(SiteAttendanceOut), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
