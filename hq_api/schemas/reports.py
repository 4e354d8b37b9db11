"""Reports at headquarters' doors."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from service.http.problems import language
from service.http.schemas import (
    Day,
    Id,
    Moment,
    OutSchema,
    PageQuery,
    StrictSchema,
    Text,
    Whole,
    choice,
)
from service.reports.commands import Edit, Order
from service.reports.fact import MadeBy, NotCounted
from service.reports.models import ReportKind, ReportState

MOST_BLOCKS = 200
BLOCK_KINDS = ("heading", "paragraph", "table")


class ReportIn(StrictSchema):
    """A report to draft, for the period that holds `on`; `event_countdown` names its event, and no other kind does."""

    kind = choice(ReportKind, required=True)
    on = Day(required=True)
    programme_id = Id(load_default=None, allow_none=True)
    event_id = Id(load_default=None, allow_none=True)

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> Order:
        """The order as the command takes it."""
        return Order(**found)


class ReportBlockIn(StrictSchema):
    """A part of the text. Figures stand in it by name, `{thousand.counted}`; a table by its name in `figures`."""

    kind = fields.String(required=True, validate=validate.OneOf(BLOCK_KINDS))
    level = Whole(load_default=1, least=1, most=2)
    text = Text(most=5000, least=1)
    table = Text(most=60, least=1)

    @validates_schema
    def fits_its_kind(self, found: dict[str, Any], **_: Any) -> None:
        """A table has a name, everything else a text."""
        wanted = "table" if found.get("kind") == "table" else "text"
        if wanted not in found:
            said = "Missing data for required field." if language() == "en" else "必填"
            raise ValidationError(said, wanted)

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Only what its kind has."""
        names = {
            "heading": ("kind", "level", "text"),
            "paragraph": ("kind", "text"),
            "table": ("kind", "table"),
        }
        return {name: found[name] for name in names[found["kind"]]}


class ReportPatchIn(StrictSchema):
    """What an editor changes of a draft, on top of the revision that was read."""

    rev = Whole(required=True, least=1)
    title = Text(least=1, most=120)
    recipient = Text(most=200)
    text = fields.List(fields.Nested(ReportBlockIn()), validate=validate.Length(min=1, max=MOST_BLOCKS))

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> Edit:
        """The edit as the command takes it."""
        return Edit(**found)


class ReportSigningIn(StrictSchema):
    """The revision that was read and is signed."""

    rev = Whole(required=True, least=1)


class ReportCorrectionIn(StrictSchema):
    """Why a signed report is corrected; the note opens the corrected issue."""

    reason = Text(required=True, least=1, most=500)


class ReportQuery(PageQuery):
    """Which reports to list."""

    kind = choice(ReportKind, load_default=None)
    state = choice(ReportState, load_default=None)
    programme = Id(load_default=None)


class ReportFileQuery(StrictSchema):
    """How the document is laid out."""

    red_head = fields.Boolean(load_default=False, metadata={"description": "红头; a seal is never drawn"})


class ReportLineOut(OutSchema):
    """A report in the list; `end_on` is the day after the period's last."""

    id = Id()
    kind = fields.Enum(ReportKind, by_value=True)
    state = fields.Enum(ReportState, by_value=True)
    title = fields.String()
    reference = fields.String(allow_none=True)
    start_on = fields.Date()
    end_on = fields.Date()
    as_of = fields.Date()
    known_at = Moment()
    event_id = Id(allow_none=True)
    corrects_id = Id(allow_none=True)
    rev = fields.Integer()
    signed_at = Moment(allow_none=True)


class ReportBlockOut(OutSchema):
    """A part of the text as it is kept, and as it reads with its figures in place."""

    kind = fields.String(validate=validate.OneOf(BLOCK_KINDS))
    level = fields.Integer()
    text = fields.String()
    reads = fields.String(metadata={"description": "the text with its figures in place"})
    table = fields.String()


class ReportPartOut(OutSchema):
    """One of the figures that a figure is made of; `url`, `adds` and `because` as the figure itself has them."""

    shown = fields.String()
    url = fields.String(allow_none=True)
    adds = fields.String(
        metadata={"description": "the field of the records that is added up, a list by how many it holds"}
    )
    because = fields.String(validate=validate.OneOf([one.value for one in NotCounted]))


class ReportFactOut(ReportPartOut):
    """One figure: `url` lists as many records, or with `adds` those whose field it adds up.

    What is `made_of` other figures says by `made_by` how; `url` is then that of the first, or the board they stand on.
    `because` says why a figure is no number of records: told by the `calendar`, or in part (`made_of` is then the other
    part); the `order` of a line; a `rank` among the rows; `set` by somebody, where `url` says; an `average` over the records
    at `url`; `kept` when something was done, as `url` shows.
    """

    made_of = fields.List(fields.Nested(ReportPartOut))
    made_by = fields.String(
        validate=validate.OneOf([one.value for one in MadeBy]),
        metadata={
            "description": (
                "share: the first of `made_of`, in per cent of the others added up; points: what the board's rules give for the "
                "figure against its target; total: all added up but the last, the deduction, which is taken off, rounded and "
                "bounded as `total_words` of the board says"
            )
        },
    )


class ReportColumnOut(OutSchema):
    """A column of a table."""

    label = fields.String()
    number = fields.Boolean()
    group = fields.String(allow_none=True)
    width = fields.Integer()


class ReportCellOut(ReportFactOut):
    """A cell, which is a text or a figure."""


class ReportRowOut(OutSchema):
    """A row of one of the report's tables; `place` is its place there, from 0."""

    table = fields.String(required=True)
    place = fields.Integer(required=True)
    cells = fields.List(fields.Nested(ReportCellOut), required=True)


class ReportTableOut(OutSchema):
    """A table of figures."""

    title = fields.String()
    note = fields.String()
    columns = fields.List(fields.Nested(ReportColumnOut))
    rows = fields.List(fields.List(fields.Nested(ReportCellOut)))


class ReportFiguresOut(OutSchema):
    """Everything the text may name, as it was taken."""

    facts = fields.Dict(keys=fields.String(), values=fields.Nested(ReportFactOut))
    tables = fields.Dict(keys=fields.String(), values=fields.Nested(ReportTableOut))


class ReportChangeOut(OutSchema):
    """A figure that reads otherwise than in the issue before."""

    name = fields.String()
    before = fields.String(allow_none=True)
    now = fields.String(allow_none=True)


class ReportComparisonOut(OutSchema):
    """What has changed since the issue before."""

    against = Id(allow_none=True)
    reference = fields.String(allow_none=True)
    changes = fields.List(fields.Nested(ReportChangeOut))


class ReportPeopleOut(OutSchema):
    """Who drafted (null: the schedule), edited and signed it."""

    drafted_by = fields.String(allow_none=True)
    edited_by = fields.String(allow_none=True)
    signed_by = fields.String(allow_none=True)


class ReportOut(ReportLineOut):
    """A whole report."""

    recipient = fields.String()
    correction = fields.String(allow_none=True)
    drafted_at = Moment()
    edited_at = Moment(allow_none=True)
    text = fields.List(fields.Nested(ReportBlockOut))
    figures = fields.Nested(ReportFiguresOut)
    people = fields.Nested(ReportPeopleOut)
    comparison = fields.Nested(ReportComparisonOut)
