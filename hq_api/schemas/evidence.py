"""Evidence, explanations, and how fair flags are."""

from typing import Any

from marshmallow import fields, post_load

from service.evidence.fairness import Between, RemarkOutcome
from service.evidence.verdicts import Verdict
from service.http.record_schemas import InLanguage, MaskedText
from service.http.schemas import Day, Figure, Id, Moment, OutSchema, PageQuery, StrictSchema, Text, choice
from service.submissions.models import RecordType
from service.visits.models import ReviewState


class EvidenceRecordOut(OutSchema):
    """Another record that a check speaks of."""

    type = choice(RecordType, required=True)
    id = Id(required=True)
    number = fields.String(required=True)
    unit_name = fields.String(required=True)


class EvidenceSightingOut(OutSchema):
    """A photo, and the one of another record that it is a copy of (`bits` null) or resembles (bits of 64 that differ)."""

    photo_id = Id(required=True)
    other_photo_id = Id(required=True)
    record = fields.Nested(EvidenceRecordOut(), required=True)
    bits = fields.Integer(required=True, allow_none=True)


class EvidenceCheckOut(OutSchema):
    """One check: its verdict with what was measured and the limit, in plain words."""

    check = fields.String(required=True)
    verdict = choice(Verdict, required=True)
    value = fields.Raw(required=True, allow_none=True)
    limit = fields.Raw(required=True, allow_none=True)
    text = InLanguage(required=True)
    records = fields.List(fields.Nested(EvidenceRecordOut()), required=True)
    sightings = fields.List(fields.Nested(EvidenceSightingOut()), required=True)


class EvidenceExplanationOut(OutSchema):
    """What the author says."""

    id = Id(required=True)
    rev = fields.Integer(required=True)
    text = MaskedText(required=True)
    author_name = fields.String(required=True)
    written_at = Moment(required=True)


class RecordEvidenceOut(OutSchema):
    """Every check of a record's present revision; none of them decides anything."""

    id = Id(required=True)
    rev = fields.Integer(required=True)
    evidence = fields.List(fields.Nested(EvidenceCheckOut()), required=True, attribute="checks")
    explanations = fields.List(fields.Nested(EvidenceExplanationOut()), required=True)


class FairnessQuery(StrictSchema):
    """Decisions of the days `from` up to, and without, `to`."""

    from_on = Day(data_key="from", load_default=None)
    until_on = Day(data_key="to", load_default=None)

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> Between:
        """The days."""
        return Between(**found)


class FairnessOut(OutSchema):
    """A flag or check, and what became of the reviewed records that bore it; the share is a percentage."""

    code = fields.String(required=True)
    raised = fields.Integer(required=True)
    approved = fields.Integer(required=True)
    returned = fields.Integer(required=True)
    voided = fields.Integer(required=True)
    false_positive_share = Figure(required=True, allow_none=True)
    records_url = fields.String(required=True)


class FairnessListOut(OutSchema):
    """One line a flag or check."""

    items = fields.List(fields.Nested(FairnessOut()), required=True)


class RemarkedQuery(PageQuery):
    """The reviewed records that bore `remark`; days `from` up to, and without, `to`."""

    remark = Text(required=True, least=1, most=60)
    outcome = choice(RemarkOutcome, load_default=None)
    from_on = Day(data_key="from", load_default=None)
    until_on = Day(data_key="to", load_default=None)


class RemarkedOut(OutSchema):
    """The last decision about a record that bore the remark."""

    type = choice(RecordType, required=True)
    id = Id(required=True)
    number = fields.String(required=True)
    unit_name = fields.String(required=True)
    to_state = choice(ReviewState, required=True)
    reason = fields.String(required=True, allow_none=True)
    reason_code = fields.String(required=True, allow_none=True)
    remarks = fields.List(fields.String(), required=True)
    decided_at = Moment(required=True)
    record_url = fields.String(required=True)
