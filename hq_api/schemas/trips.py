"""Trips as offices file, list and count them."""

from datetime import timedelta
from typing import Any

import marshmallow as ma
from marshmallow import ValidationError, fields, post_load, validates_schema

from service.http.problems import said
from service.http.record_schemas import RecordUnitOut
from service.http.schemas import Day, Id, OutSchema, PageQuery, StrictSchema, Text, choice
from service.http.trip_schemas import (
    MOST_ORGANISATIONS,
    MOST_PEOPLE,
    MOST_PLACES,
    TITLE,
    RankCode,
    TripDestinationIn,
    TripFields,
    TripLeaderIn,
    TripLeaderOut,
    TripOrganisationIn,
    TripOut,
    TripParticipantIn,
    as_submission,
    nested,
)
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.submissions.sent import Sent
from service.trips.figures import TripFigures, as_facts, shown_days
from service.trips.models import TripKind
from service.trips.queries import TripFilter
from service.trips.statistics import By
from service.trips.submission import TripSubmission
from service.trips.tables import TripRow, TripTable
from service.visits.models import ReviewState


class TripFilingIn(StrictSchema, TripFields):
    """A trip as an office files it for a unit it answers for; the moment of filing is now."""

    leader = fields.Nested(TripLeaderIn, required=True, unknown=ma.RAISE)
    participants = nested(TripParticipantIn, MOST_PEOPLE, ma.RAISE)
    destinations = nested(TripDestinationIn, MOST_PLACES, ma.RAISE)
    organisations = nested(TripOrganisationIn, MOST_ORGANISATIONS, ma.RAISE)

    @post_load(pass_original=True)
    def build(self, values: dict[str, Any], original: dict[str, Any], **_: Any) -> TripSubmission:
        """The submission as the house has it, with what was sent beside it."""
        return as_submission({**values, "captured_at": now()}, Sent.of(original))


class TripStrikingIn(StrictSchema):
    """Why a trip is taken back."""

    reason = Text(most=TITLE, least=1, required=True)


class _TripFilterFields(ma.Schema):
    means_something_empty = frozenset({"campaign", "region"})

    unit = Id(load_default=None, metadata={"description": "with all units below it"})
    own_only = fields.Boolean(
        load_default=False, metadata={"description": "only the unit's own, without those below it"}
    )
    kind = choice(TripKind, load_default=None)
    leader = Id(load_default=None, metadata={"description": "the leader's account"})
    leader_name = Text(
        most=TITLE, load_default=None, metadata={"description": "a leader of this name without an account"}
    )
    rank = RankCode(load_default=None)
    leaders_only = fields.Boolean(load_default=False, metadata={"description": "led by 副处级 and above"})
    campaign = Text(most=TITLE, load_default=None, metadata={"description": "empty: of none"})
    region = Text(
        most=TITLE,
        load_default=None,
        metadata={"description": "a province (广东), or a country abroad, they go to; empty: none is named"},
    )
    from_ = Day(data_key="from", load_default=None, metadata={"description": "first day of departure"})
    until = Day(load_default=None, metadata={"description": "the day after the last"})


def _filter(values: dict[str, Any]) -> TripFilter:
    return TripFilter(
        unit_id=values["unit"],
        own_only=values["own_only"],
        kind=values["kind"],
        leader_id=values["leader"],
        leader_name=values["leader_name"],
        rank=values["rank"],
        leaders_only=values["leaders_only"],
        campaign=values["campaign"],
        region=values["region"],
        from_on=values["from_"],
        until_on=values["until"],
        withdrawn=values.get("withdrawn", False),
    )


class TripQuery(PageQuery, _TripFilterFields):
    """Which trips; the filters are those of the figures' addresses."""

    withdrawn = fields.Boolean(load_default=False, metadata={"description": "those that were taken back"})

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> dict[str, Any]:
        """The page's words, and the filter as the house has it."""
        return {"limit": values["limit"], "cursor": values["cursor"], "what": _filter(values)}


class TripRecordsQuery(PageQuery, _TripFilterFields):
    """Of which trips the records are asked for."""

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> dict[str, Any]:
        """The page's words, and the filter as the house has it."""
        return {"limit": values["limit"], "cursor": values["cursor"], "what": _filter(values)}


class _TripDaysFields(StrictSchema, _TripFilterFields):
    @validates_schema
    def ends_after_it_begins(self, values: dict[str, Any], **_: Any) -> None:
        """Days that are given are in order."""
        if values["from_"] and values["until"] and values["until"] <= values["from_"]:
            raise ValidationError("应晚于起始日期 / must be after from", "until")


def _within_days(values: dict[str, Any]) -> TripFilter:
    """Outings, unless another kind is asked for, from the first of January to today, unless days are given."""
    tomorrow = local_date(now()) + timedelta(days=1)
    first_end = values["from_"] + timedelta(days=1) if values["from_"] else tomorrow
    until = values["until"] or max(tomorrow, first_end)
    start = values["from_"] or (until - timedelta(days=1)).replace(month=1, day=1)
    kind = values["kind"] or TripKind.OUTING
    return _filter({**values, "kind": kind, "from_": start, "until": until})


class TripStatisticsQuery(_TripDaysFields):
    """What to count, and by what; `kind` is `outing` unless it is given, and every kind is a row by kind."""

    by = choice(By, load_default=By.UNIT)

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> dict[str, Any]:
        """What to count by, and the filter as the house has it."""
        return {"by": values["by"], "what": _within_days(values)}


class TripSheetQuery(_TripDaysFields):
    """Which trips the spreadsheet holds."""

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> TripFilter:
        """The filter as the house has it."""
        return _within_days(values)


class TripRecordOut(TripOut):
    """A trip as an office reads it."""

    leaders = fields.Integer(
        required=True, metadata={"description": "how many of those who went are 副处级 or above"}
    )
    visits = fields.Integer(
        required=True, metadata={"description": "visits that name it, voided and withdrawn ones left out"}
    )


class TripVisitOut(OutSchema):
    """A visit paid on a trip."""

    id = Id(required=True)
    number = fields.String(required=True)
    trip_id = Id(required=True)
    organisation = fields.String(required=True)
    enterprise_id = Id(required=True, allow_none=True)
    visited_on = fields.Date(required=True)
    review_state = choice(ReviewState, required=True)


class TripOrganisationOut(OutSchema):
    """An organisation met on these trips, once; without visits it was listed beside them."""

    name = fields.String(required=True)
    enterprise_id = Id(required=True, allow_none=True)
    visits = fields.Integer(required=True)
    visits_approved = fields.Integer(required=True)
    trips = fields.Integer(required=True)


class TripFiguresOut(OutSchema):
    """Figures that never stand for each other."""

    trips = fields.Integer(required=True, metadata={"description": "次"})
    person_times = fields.Integer(required=True, metadata={"description": "人次"})
    leader_times = fields.Integer(
        required=True, metadata={"description": "领导人次: of 副处级 and above, whoever led"}
    )
    people = fields.Integer(required=True, metadata={"description": "人数: distinct accounts"})
    without_account = fields.Integer(
        required=True, metadata={"description": "人次 of people who cannot be told apart"}
    )
    days = fields.String(required=True, metadata={"description": "天, whole or half"})
    person_days = fields.String(required=True, metadata={"description": "人天"})
    organisations = fields.Integer(required=True, metadata={"description": "家, distinct"})
    organisations_approved = fields.Integer(
        required=True, metadata={"description": "家 with an approved visit"}
    )
    visits = fields.Integer(required=True, metadata={"description": "家次"})
    visits_approved = fields.Integer(required=True)
    projects = fields.Integer(required=True, metadata={"description": "个"})


class TripRowOut(OutSchema):
    """One row and the addresses of its records; `note` says 未外出 where there is nothing."""

    label = fields.String(required=True)
    unit = fields.Nested(RecordUnitOut, required=True, allow_none=True)
    leader = fields.Nested(TripLeaderOut, required=True, allow_none=True)
    kind = choice(TripKind, required=True, allow_none=True)
    campaign = fields.String(required=True, allow_none=True)
    month = fields.String(required=True, allow_none=True)
    region = fields.String(required=True, allow_none=True)
    figures = fields.Nested(TripFiguresOut, required=True)
    note = fields.String(required=True, allow_none=True)
    records_url = fields.String(required=True)
    visits_url = fields.String(required=True)
    organisations_url = fields.String(required=True)


class TripStatisticsOut(OutSchema):
    """The rows in the order of office, never by count; distinct figures of the rows do not add up to the total."""

    by = choice(By, required=True)
    from_on = fields.Date(required=True, data_key="from")
    until_on = fields.Date(required=True, data_key="until")
    items = fields.List(fields.Nested(TripRowOut), required=True)
    total = fields.Nested(TripRowOut, required=True)
    next_cursor = fields.String(required=True, allow_none=True)


def shown_table(by: By, table: TripTable) -> dict[str, Any]:
    """A table as the door shows it."""
    asked = table.total.records
    return {
        "by": by,
        "from_on": asked.from_on,
        "until_on": asked.until_on,
        "items": [_shown_row(row) for row in table.rows],
        "total": _shown_row(table.total),
        "next_cursor": None,
    }


def _shown_row(row: TripRow) -> dict[str, Any]:
    names = ("unit", "leader", "kind", "campaign", "month", "region", "note")
    urls = ("records_url", "visits_url", "organisations_url")
    told = {"label": said(row.words), "figures": _shown(row.figures)}
    return told | {name: getattr(row, name) for name in (*names, *urls)}


def _shown(figures: TripFigures) -> dict[str, Any]:
    days = {"days": shown_days(figures.days), "person_days": shown_days(figures.person_days)}
    return as_facts(figures) | days
