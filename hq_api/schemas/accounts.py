"""What the doors of units, people and devices have in common."""

from typing import Any

from marshmallow import fields

from service.accounts.imports import ImportLine, Outcome
from service.accounts.models import UnitKind
from service.http.problems import language
from service.http.schemas import Id, Moment, OutSchema, StrictSchema, choice


class PersonUnitOut(OutSchema):
    """A unit as it is named beside something else."""

    id = Id(required=True)
    name = fields.String(required=True)
    kind = choice(UnitKind, required=True)


class PinOut(OutSchema):
    """A one-time PIN, shown once; the QR code says `qr`, a link that opens the phone's app to take it."""

    pin = fields.String(required=True)
    expires_at = Moment(required=True)
    qr = fields.String(required=True)
    qr_svg = fields.String(required=True)


class AccountImportQuery(StrictSchema):
    """Whether the import is only tried."""

    dry_run = fields.Boolean(load_default=False)


class Reasons(fields.List[str]):
    """Why a row was refused, in the reader's language."""

    def __init__(self, **options: Any) -> None:
        super().__init__(fields.String(), **options)

    def get_value(self, obj: ImportLine, attr: str, accessor: Any = None, default: Any = None) -> Any:  # noqa: ARG002 - marshmallow's signature
        """The line's reasons."""
        return obj.reasons(language())


class AccountImportLineOut(OutSchema):
    """One row of the file and what became of it."""

    line_no = fields.Integer(required=True)
    name = fields.String(required=True)
    outcome = choice(Outcome, required=True)
    id = Id(required=True, allow_none=True)
    reasons = Reasons(required=True)


class AccountImportOut(OutSchema):
    """Every row, and how many went which way; a dry run has changed nothing."""

    dry_run = fields.Boolean(required=True)
    opened = fields.Integer(required=True)
    amended = fields.Integer(required=True)
    unchanged = fields.Integer(required=True)
    refused = fields.Integer(required=True)
    lines = fields.List(fields.Nested(AccountImportLineOut), required=True)
