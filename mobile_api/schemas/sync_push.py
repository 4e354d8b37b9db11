"""A batch as phones send it, for the contract, and what became of each of its ops."""

from typing import Any

from marshmallow import fields, validate

from mobile_api.push_ops import LONGEST_OP_ID, MOST_OPS, TYPES
from mobile_api.schemas.photos import UploadOut
from service.http.api import ProblemSchema
from service.http.problems import document_of
from service.http.record_schemas import ReceiptOut
from service.http.schemas import Flag, Id, OutSchema, PhoneSchema, Text, Whole, choice
from service.photos.models import PhotoState
from service.submissions.batch import Outcome, Status
from service.submissions.models import RecordType


class OpIn(PhoneSchema):
    """One op: `body` is what the type's own door takes (for `withdrawal`: `{reason}`, `id` is the record's)."""

    op_id = Text(least=1, most=LONGEST_OP_ID, required=True)
    type = fields.String(required=True, validate=validate.OneOf([one.value for one in TYPES]))
    id = Id(required=True)
    base_rev = Whole(least=1, allow_none=True)
    author_id = Id(
        allow_none=True,
        metadata={
            "description": "who wrote it on this phone: of another than the signed-in person it is not taken"
        },
    )
    body = fields.Dict(keys=fields.String(), values=fields.Raw(allow_none=True), required=True)


class PushIn(PhoneSchema):
    """The contract of a batch. It is read op by op instead, so that one that cannot be read spoils no other."""

    ops = fields.List(fields.Nested(OpIn), required=True, validate=validate.Length(max=MOST_OPS))


class PushQuery(PhoneSchema):
    """How the batch is meant; the answer says how it was understood."""

    check_only = fields.Boolean(
        load_default=False, metadata={"description": "try everything and keep nothing"}
    )


class ProblemField(fields.Nested):
    """A problem document, with whatever facts it carries beside."""

    def _serialize(  # type: ignore[override] # marshmallow itself names the argument in two ways
        self,
        nested_obj: Any,
        attr: str | None,  # noqa: ARG002
        obj: Any,  # noqa: ARG002
        **kwargs: Any,  # noqa: ARG002
    ) -> Any:
        return nested_obj


class OpResultOut(OutSchema):
    """What became of one op; `receipt` when it is accepted, `problem` when it is not."""

    op_id = fields.String(required=True, allow_none=True)
    type = fields.String(metadata={"description": "as it was understood"})
    id = Id()
    status = choice(Status, required=True)
    rev = fields.Integer()
    receipt = fields.Nested(ReceiptOut)
    state = choice(PhotoState, metadata={"description": "of a photo"})
    upload = fields.Nested(UploadOut, metadata={"description": "how to send the photo's bytes"})
    problem = ProblemField(ProblemSchema)


class PushOut(OutSchema):
    """The results, in the order of the ops."""

    check_only = Flag(required=True, metadata={"description": "nothing was kept"})
    results = fields.List(fields.Nested(OpResultOut), required=True)


def shown(outcome: Outcome) -> dict[str, Any]:
    """The outcome as it is answered: only what there is to say."""
    op = outcome.op
    told: dict[str, Any] = {"op_id": op.op_id, "status": outcome.status}
    if op.record_type is not RecordType.OP:
        told |= {"type": op.record_type, "id": op.record_id}
    if outcome.problem is not None:
        told["problem"] = document_of(outcome.problem)
    if outcome.taken is not None:
        told |= outcome.taken.beside
        if outcome.taken.receipt is not None:
            told |= {"rev": outcome.taken.receipt.rev, "receipt": outcome.taken.receipt}
    return told
