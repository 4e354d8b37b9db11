"""A trip as phones send it, and as its filer sees it."""

from typing import Any

import marshmallow as ma
from marshmallow import fields, post_load

from mobile_api.schemas.clocks import ClaimedMoment, Clock
from service.http.phone_clock import skew_of_request
from service.http.schemas import PhoneSchema, Text, ignored_fields
from service.http.trip_schemas import (
    MOST_ORGANISATIONS,
    MOST_PEOPLE,
    MOST_PLACES,
    TITLE,
    TripDestinationIn,
    TripFields,
    TripLeaderIn,
    TripOrganisationIn,
    TripParticipantIn,
    as_submission,
    nested,
)
from service.submissions.sent import Sent
from service.trips.submission import TripSubmission


class TripIn(PhoneSchema, TripFields):
    """The whole record, each time. Visits join it by their `trip_id`, before or after it is here."""

    leader = fields.Nested(TripLeaderIn, required=True)
    participants = nested(TripParticipantIn, MOST_PEOPLE, ma.EXCLUDE)
    destinations = nested(TripDestinationIn, MOST_PLACES, ma.EXCLUDE)
    organisations = nested(TripOrganisationIn, MOST_ORGANISATIONS, ma.EXCLUDE)
    captured_at = ClaimedMoment(required=True)
    clock = Clock(allow_none=True)

    @post_load(pass_original=True)
    def build(self, values: dict[str, Any], original: dict[str, Any], **_: Any) -> TripSubmission:
        """The submission as the house has it, with what was sent beside it."""
        sent = Sent.of(
            original, ignored_fields=ignored_fields(self, original), sending_skew_s=skew_of_request()
        )
        return as_submission(values, sent)


class TripWithdrawalIn(PhoneSchema):
    """Why a trip is taken back."""

    reason = Text(most=TITLE, least=1, required=True)
