"""The review queue and decisions."""

from typing import Any

from marshmallow import fields, post_load, validate

from hq_api.schemas.checkins import CheckinRow
from hq_api.schemas.evidence import EvidenceCheckOut, EvidenceExplanationOut
from hq_api.schemas.visits import VisitRecordOut
from service.evidence.reviewing import REVIEWED
from service.http.schemas import Flag, Id, OutSchema, PageQuery, StrictSchema, Text, Whole, choice
from service.submissions.models import RecordType
from service.submissions.reviewing import Decision
from service.visits.models import ReviewChoice, ReviewState


class QueueQuery(PageQuery):
    """Which records of the queue: visits, check-ins, or both."""

    type = fields.String(load_default=None, validate=validate.OneOf([one.value for one in REVIEWED]))

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> dict[str, Any]:
        """The type as the house has it."""
        return {**found, "type": found["type"] and RecordType(found["type"])}


class WaitingOut(OutSchema):
    """A record that waits, with its evidence; `suspicion` is how much its flags and doubts weigh together."""

    type = fields.String(required=True, validate=validate.OneOf([one.value for one in REVIEWED]))
    id = Id(required=True)
    rev = fields.Integer(required=True)
    suspicion = fields.Integer(required=True)
    record = fields.Nested(
        VisitRecordOut(), required=True, allow_none=True, metadata={"description": "the visit, of `visit`"}
    )
    checkin = fields.Nested(
        CheckinRow(), required=True, allow_none=True, metadata={"description": "the check-in, of `checkin`"}
    )
    evidence = fields.List(fields.Nested(EvidenceCheckOut()), required=True)
    explanations = fields.List(fields.Nested(EvidenceExplanationOut()), required=True)


class DecisionIn(StrictSchema):
    """What a reviewer decided about the revision they have read; returning and voiding say why by code or text."""

    type = Text(load_default="visit", most=40)
    id = Id(required=True)
    rev = Whole(required=True, least=1)
    decision = choice(ReviewChoice, required=True)
    reason = Text(most=500, load_default=None, allow_none=True)
    reason_code = Text(most=40, load_default=None, allow_none=True)

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> Decision:
        """The decision as the command takes it."""
        return Decision(**found)


class DecisionsIn(StrictSchema):
    """Decisions, each of which stands or falls alone; with `batch`, no doubtful record is approved."""

    decisions = fields.List(
        fields.Nested(DecisionIn()), required=True, validate=validate.Length(min=1, max=1000)
    )
    batch = Flag(load_default=False)


class DecisionResultOut(OutSchema):
    """What became of a decision; a refused one says why."""

    type = fields.String(required=True)
    id = Id(required=True)
    status = fields.String(required=True, validate=validate.OneOf(["applied", "refused"]))
    review_state = choice(ReviewState, required=True, allow_none=True)
    code = fields.String(required=True, allow_none=True)
    detail = fields.String(required=True, allow_none=True)


class DecisionResultsOut(OutSchema):
    """One result a decision, in the order they came."""

    results = fields.List(fields.Nested(DecisionResultOut()), required=True)
