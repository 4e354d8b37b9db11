"""Files of enterprises at headquarters' door: what to do with their rows, and what became of each."""

import json
from typing import Any

import marshmallow as ma
from marshmallow import fields, post_load, validate

from service.enterprises.import_reports import Outcome
from service.http.schemas import Id, Moment, OutSchema, StrictSchema, Text, choice


class ImportOptions(StrictSchema):
    """What to do with a file; in the query, or as fields beside the file."""

    dry_run = fields.Boolean(load_default=False)
    list = Text(
        most=100, load_default=None, metadata={"description": "put the rows on this target list: id or name"}
    )
    programme = Id(
        load_default=None, metadata={"description": "whose target list; by default the one in force"}
    )
    edition = Text(
        most=100, load_default=None, metadata={"description": "put the rows on this edition: CODE:YEAR"}
    )
    confirm = fields.Boolean(
        load_default=False, metadata={"description": "the places on the edition are confirmed"}
    )
    well_known = fields.Boolean(load_default=False)
    mapping = fields.String(
        load_default="",
        validate=validate.Length(max=10_000),
        metadata={"description": 'which heading is what, where it must be told: `{"客户": "name"}`'},
    )

    @post_load
    def read_mapping(self, values: dict[str, Any], **_: Any) -> dict[str, Any]:
        """The mapping as headings and fields."""
        try:
            mapping = json.loads(values["mapping"] or "{}")
        except ValueError:
            mapping = None
        if not isinstance(mapping, dict) or not all(isinstance(field, str) for field in mapping.values()):
            raise ma.ValidationError("应为 JSON 对象 / must be a JSON object", "mapping")
        return {**values, "mapping": mapping}


class ImportedRowOut(OutSchema):
    """What became of one row of the file."""

    line = fields.Integer(required=True)
    outcome = choice(Outcome, required=True)
    name = fields.String(required=True)
    enterprise_id = Id(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    text = fields.String(required=True, allow_none=True)
    text_en = fields.String(required=True, allow_none=True)
    notes = fields.List(fields.String(), required=True)
    facts = fields.Dict(required=True)


class EnterpriseImportOut(OutSchema):
    """What became of a file, with a line for every row."""

    id = Id(required=True, allow_none=True, metadata={"description": "none for a dry run"})
    filename = fields.String(required=True)
    sha256 = fields.String(required=True)
    dry_run = fields.Boolean(required=True)
    accepted = fields.Integer(required=True)
    merged = fields.Integer(required=True)
    refused = fields.Integer(required=True)
    suspected = fields.Integer(required=True)
    columns = fields.Dict(required=True)
    rows = fields.List(fields.Nested(ImportedRowOut), required=True)
    imported_at = Moment(required=True, allow_none=True)
