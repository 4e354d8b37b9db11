"""What every door shows of records: receipts, flags, reasons, and what was kept of a refused one."""

import hashlib
from collections.abc import Mapping
from typing import Any

import marshmallow as ma
from marshmallow import fields

from service.http.problems import language
from service.http.schemas import Flag, Id, Moment, OutSchema, PhonePageQuery, choice
from service.http.translations import translate
from service.programmes.models import Line
from service.submissions.clocks import Basis
from service.submissions.flags import Severity
from service.submissions.models import KeptBecause, RecordType, Settlement
from service.submissions.review_states import ReviewState
from service.visits.contacts import masked_body, masked_text


class InLanguage(fields.Field[str]):
    """The sentence of `{zh, en}` that is for this person."""

    def __init__(self, **options: Any) -> None:
        super().__init__(attribute="zh", dump_only=True, **options)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str:  # noqa: ARG002
        zh, en = (obj["zh"], obj["en"]) if isinstance(obj, Mapping) else (obj.zh, obj.en)
        if zh != en:
            return str(en if language() == "en" else zh)
        spoken, bar, english = str(zh).partition(" / ")  # a schema's own check may speak both in one sentence
        if language() == "en":
            return english if bar else str(en)
        return spoken if bar else translate(spoken)


class RecordUnitOut(OutSchema):
    """The unit a record belongs to."""

    id = Id(required=True)
    name = fields.String(required=True)


class RecordPersonOut(OutSchema):
    """A person beside a record."""

    id = Id(required=True)
    name = fields.String(required=True)


class ReceiptOut(OutSchema):
    """A revision is stored: `sha256` is over the canonical JSON (RFC 8785) of the body without `base_rev`."""

    id = Id(required=True)
    rev = fields.Integer(required=True)
    sha256 = fields.String(required=True)
    received_at = Moment(required=True)
    seal = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "`no:hash` of the newest audit seal at that time"},
    )


class OwnRevisionOut(OutSchema):
    """One accepted revision, as its author sent it."""

    rev = fields.Integer(required=True)
    receipt = fields.Nested(ReceiptOut, required=True)
    author_id = Id(required=True)
    device_id = fields.String(required=True, allow_none=True)
    body = fields.Dict(required=True)


class OwnRevisionsOut(OutSchema):
    """Every accepted revision, oldest first."""

    items = fields.List(fields.Nested(OwnRevisionOut), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class CaptureOut(OutSchema):
    """When the record was written, as far as the clocks tell; shown and flagged, it decides nothing."""

    claimed_at = Moment(required=True, metadata={"description": "`captured_at`, by the phone's clock"})
    at = Moment(required=True, metadata={"description": "best known, by the server's clock"})
    earliest = Moment(required=True, allow_none=True)
    latest = Moment(required=True, allow_none=True)
    skew_s = fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "how far the phone's clock was ahead; null when nothing tells"},
    )
    basis = choice(Basis, required=True)


class FlagOut(OutSchema):
    """A remark for a reviewer; it never refuses a record."""

    code = fields.String(required=True)
    severity = choice(Severity, required=True)
    value = fields.Raw(required=True, allow_none=True)
    limit = fields.Raw(required=True, allow_none=True)
    text = InLanguage(required=True)

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """A flag is stored as a document; its severity is a plain word there."""
        value = super().get_attribute(obj, attr, default)
        return Severity(value) if attr == "severity" else value


class CountingReasonOut(OutSchema):
    """Why a visit counts, or does not."""

    code = fields.String(required=True)
    text = fields.String(required=True)
    line = choice(Line, required=True, allow_none=True)


class CountingOut(OutSchema):
    """Whether a visit counts on any line now."""

    counted = Flag(required=True)
    reasons = fields.List(fields.Nested(CountingReasonOut), required=True)


class RecordPhotosOut(OutSchema):
    """How many of the record's photos have arrived."""

    expected = fields.Integer(required=True)
    received = fields.Integer(required=True)
    missing = fields.List(Id(), required=True)


class MaskedText(fields.String):
    """Free text as offices read it: phone numbers in it are masked."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        text = super()._serialize(value, attr, obj, **kwargs)
        return None if text is None else masked_text(text)


class MaskedBody(fields.Dict):
    """A body as it was sent, with the phones in it masked."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return super()._serialize(masked_body(value), attr, obj, **kwargs)  # type: ignore[no-untyped-call] # marshmallow's is


class KeptFaultOut(OutSchema):
    """One thing that is wrong with a kept body."""

    pointer = fields.String(required=True)
    detail = InLanguage(required=True)


class KeptOut(OutSchema):
    """A body that was not accepted and is not lost."""

    id = Id(required=True)
    record_type = choice(RecordType, required=True)
    record_id = Id(required=True)
    because = choice(KeptBecause, required=True)
    code = fields.String(required=True)
    errors = fields.List(fields.Nested(KeptFaultOut), required=True, attribute="faults")
    sha256 = fields.String(required=True)
    size = fields.Integer(required=True, metadata={"description": "bytes"})
    base_rev = fields.Integer(required=True, allow_none=True)
    server_rev = fields.Integer(required=True, allow_none=True)
    received_at = Moment(required=True)
    settled_at = Moment(required=True, allow_none=True)
    settlement = choice(Settlement, required=True, allow_none=True)
    settlement_note = fields.String(required=True, allow_none=True)
    became_record_id = Id(required=True, allow_none=True)
    raw_gone_at = Moment(
        required=True,
        allow_none=True,
        metadata={"description": "the bytes are gone by their age, the hash stays"},
    )


class KeptFilters(ma.Schema):
    """Which kept bodies."""

    because = choice(KeptBecause, load_default=None)
    type = choice(RecordType, load_default=None, attribute="record_type")
    open = fields.Boolean(load_default=None, attribute="is_open")


class KeptQuery(PhonePageQuery, KeptFilters):
    """Which of the kept bodies a phone asks for."""


def record_tag(rev: int, view: object) -> str:
    """A strong entity tag that begins with the revision, so that it may stand in `If-Match` as it is."""
    seen = hashlib.sha256(f"{language()} {view!r}".encode()).hexdigest()[:24]
    return f'"{rev}-{seen}"'


class RecordPictureOut(OutSchema):
    """A photo of a record; `state` is null while it was named and not yet announced."""

    id = Id(required=True)
    state = fields.String(required=True, allow_none=True)
    source = fields.String(required=True, allow_none=True)
    taken_at = Moment(required=True, allow_none=True)
    facts = fields.Dict(required=True, allow_none=True, metadata={"description": "EXIF time, place, camera"})
    renditions = fields.List(
        fields.String(), required=True, metadata={"description": "names for /api/v1/photos/{id}/renditions/"}
    )


class RecordPictureListOut(OutSchema):
    """The photos of one record in the phone's order."""

    items = fields.List(fields.Nested(RecordPictureOut()), required=True)


class RecordRevisionOut(OutSchema):
    """One accepted revision of a record as an office reads it: phones masked, a check-in without its exact place."""

    rev = fields.Integer(required=True)
    receipt = fields.Nested(ReceiptOut, required=True)
    author_id = Id(required=True)
    author_name = fields.String(required=True)
    device_id = fields.String(required=True, allow_none=True)
    body = MaskedBody(required=True)


class RecordDecisionOut(OutSchema):
    """One decision of a review."""

    rev = fields.Integer(required=True)
    decision = fields.String(required=True)
    from_state = choice(ReviewState, required=True)
    to_state = choice(ReviewState, required=True)
    reason = fields.String(required=True, allow_none=True)
    reason_code = fields.String(required=True, allow_none=True)
    remarks = fields.List(fields.String(), required=True)
    decided_by = Id(required=True)
    decided_by_name = fields.String(required=True)
    decided_at = Moment(required=True)


class RecordHistoryOut(OutSchema):
    """All that became of a record, oldest first."""

    revisions = fields.List(fields.Nested(RecordRevisionOut), required=True)
    decisions = fields.List(fields.Nested(RecordDecisionOut), required=True)
