"""Boards at headquarters' and units' doors."""

from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from service.boards.commands import NewBoard
from service.boards.entries import NewEntry
from service.boards.models import AppealState, BoardState, EntryKind
from service.boards.queries import BoardFilter
from service.boards.rules import BoardRules, Measured, Rounding, Source, Totals
from service.boards.scoring import Method
from service.http.problems import language
from service.http.schemas import (
    Day,
    Flag,
    Id,
    Moment,
    OutSchema,
    PageQuery,
    QueryMoment,
    StrictSchema,
    Text,
    Whole,
    choice,
)

MOST_POINTS = 1_000_000


class _Points(fields.Decimal):
    """A decimal string with up to four decimals; one with more is refused rather than rounded."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Decimal:
        points = super()._deserialize(value, attr, data, **kwargs)
        if abs(points) <= MOST_POINTS and points != round(points, 4):
            raise ValidationError("At most four decimals." if language() == "en" else "最多四位小数")
        return points


def _is_sensible(value: Decimal) -> None:
    # As a Range it would stand in the contract as a text where JSON Schema wants a number.
    if not 0 <= value <= MOST_POINTS:
        said = (
            f"Must be between 0 and {MOST_POINTS}." if language() == "en" else f"应在 0 与 {MOST_POINTS} 之间"
        )
        raise ValidationError(said)


def _points(*, description: str = "up to four decimals", **options: Any) -> fields.Decimal:
    told = {"type": "string", "description": description}  # a JSON number would come as a binary float
    return _Points(as_string=True, allow_nan=False, validate=_is_sensible, metadata=told, **options)


class BoardIndicatorIn(StrictSchema):
    """An indicator: what it measures and what it is worth; a `manual` one is entered on the board for each unit.

    `measure` is the code of one of the statistics' measures, or of an indicator that is entered by hand.
    """

    code = Text(required=True, least=1, most=40)
    name = Text(required=True, least=1, most=60)
    source = choice(Source, required=True)
    measure = Text(load_default=None, allow_none=True, most=60)
    points = _points(required=True)
    method = choice(Method, load_default=Method.RATIO)
    cap = _points(load_default="1.2", description="the most a ratio may be; 1.2 is 120 %")

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> Measured:
        """The indicator as the rules have it."""
        return Measured(**found)


class BoardRulesIn(StrictSchema):
    """The rules, set before the figures are known."""

    indicators = fields.List(
        fields.Nested(BoardIndicatorIn()), required=True, validate=validate.Length(min=1, max=30)
    )
    most_bonus = _points(load_default=None, allow_none=True)
    rounding = choice(Rounding, load_default=Rounding.HALF_UP)
    decimals = Whole(load_default=2, least=0, most=4)
    low_places = Whole(load_default=2, least=1, most=20)
    publicity_days = Whole(load_default=5, least=1, most=60)

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> BoardRules:
        """The rules as a value."""
        return BoardRules(**found | {"indicators": tuple(found["indicators"])})


class BoardIn(StrictSchema):
    """A board to make; `end_on` is the day after its period's last."""

    series = Text(required=True, least=1, most=60)
    name = Text(required=True, least=1, most=100)
    programme_id = Id(required=True)
    start_on = Day(required=True)
    end_on = Day(required=True)
    rules = fields.Nested(BoardRulesIn(), required=True)

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> NewBoard:
        """The board as the command takes it."""
        return NewBoard(**found)


class BoardEntryIn(StrictSchema):
    """Something set for a unit, with its reason: points, a figure, or standing aside."""

    unit_id = Id(required=True)
    kind = choice(EntryKind, required=True)
    reason = Text(required=True, least=2, most=500)
    amount = _points(load_default=None, allow_none=True)
    indicator = Text(load_default=None, allow_none=True, most=40)
    target = _points(load_default=None, allow_none=True)

    @post_load
    def build(self, found: dict[str, Any], **_: Any) -> NewEntry:
        """The entry as the command takes it."""
        return NewEntry(**found)


class RestatementIn(StrictSchema):
    """Why a board is restated; its readers see it."""

    correction = Text(required=True, least=2, most=500)


class BoardAppealIn(StrictSchema):
    """What a unit says is wrong."""

    text = Text(required=True, least=2, most=2000)


class AppealDecisionIn(StrictSchema):
    """The decision, and the reason that the unit reads."""

    upheld = Flag(required=True)
    decision = Text(required=True, least=2, most=2000)


class BoardQuery(PageQuery):
    """Which boards to list; with days, those that are of the whole of them and end with them."""

    series = Text(load_default=None, most=60)
    programme = Id(load_default=None)
    state = choice(BoardState, load_default=None)
    from_ = Day(data_key="from", load_default=None, metadata={"description": "first day"})
    until = Day(load_default=None, metadata={"description": "the day after the last"})

    @post_load
    def build(self, values: dict[str, Any], **_: Any) -> dict[str, Any]:
        """The page's words, and the filter as the house has it."""
        what = BoardFilter(
            values["series"], values["programme"], values["state"], values["from_"], values["until"]
        )
        return {"limit": values["limit"], "cursor": values["cursor"], "what": what}


class BoardKnownQuery(StrictSchema):
    """By what was known at a past moment, if one is given."""

    known_at = QueryMoment(
        load_default=None,
        metadata={"description": "as it was known then; answered by the last moment fixed at or before it"},
    )


class BoardOut(OutSchema):
    """A board in the list; `end_on` is the day after the period's last, `posted_until` the last day for appeals."""

    id = Id(required=True)
    series = fields.String(required=True)
    name = fields.String(required=True)
    programme_id = Id(required=True)
    start_on = fields.Date(required=True)
    end_on = fields.Date(required=True)
    state = choice(BoardState, required=True)
    frozen_at = Moment(required=True, allow_none=True)
    known_at = Moment(
        required=True,
        allow_none=True,
        metadata={
            "description": "the moment whose figures were frozen; null before, and of boards of older releases"
        },
    )
    posted_from = fields.Date(required=True, allow_none=True)
    posted_until = fields.Date(required=True, allow_none=True)
    published_at = Moment(required=True, allow_none=True)
    restates_id = Id(required=True, allow_none=True)
    correction = fields.String(required=True, allow_none=True)


class BoardIndicatorOut(OutSchema):
    """An indicator's rule."""

    code = fields.String()
    name = fields.String()
    source = fields.String()
    measure = fields.String(allow_none=True)
    points = fields.String()
    method = fields.String()
    cap = fields.String()


class BoardRulesOut(OutSchema):
    """The rules a board is computed by."""

    indicators = fields.List(fields.Nested(BoardIndicatorOut))
    most_bonus = fields.String(allow_none=True)
    rounding = fields.String()
    decimals = fields.Integer()
    low_places = fields.Integer()
    publicity_days = fields.Integer()
    totals = choice(
        Totals,
        metadata={
            "description": "a total is the sum of the points as shown, or, of older boards, of the exact ones"
        },
    )
    total_words = fields.String(metadata={"description": "how totals and places are made, in words"})


class BoardScoreOut(OutSchema):
    """A unit's figure of one indicator and its points; `url` lists the records."""

    code = fields.String()
    value = fields.String(allow_none=True)
    target = fields.String(allow_none=True)
    points = fields.String(allow_none=True)
    url = fields.String(allow_none=True)


class BoardAsideOut(OutSchema):
    """Why a unit has no place."""

    kind = fields.String()
    reason = fields.String()


class BoardEntryOut(OutSchema):
    """What was set by hand."""

    id = Id()
    kind = fields.String()
    indicator = fields.String(allow_none=True)
    amount = fields.String(allow_none=True)
    reason = fields.String()


class BoardRowOut(OutSchema):
    """A unit's row; `place_before` is its place on the issue before."""

    group = fields.String()
    unit_id = Id()
    unit = fields.String()
    indicators = fields.List(fields.Nested(BoardScoreOut))
    bonus = fields.String(allow_none=True)
    deduction = fields.String(allow_none=True)
    total = fields.String(allow_none=True)
    place = fields.Integer(allow_none=True)
    place_before = fields.Integer(allow_none=True)
    aside = fields.Nested(BoardAsideOut, allow_none=True)
    entries = fields.List(fields.Nested(BoardEntryOut))


class BoardAppealOut(OutSchema):
    """An appeal and what was decided."""

    id = Id()
    board_id = Id()
    unit_id = Id()
    text = fields.String()
    state = choice(AppealState)
    raised_at = Moment()
    decision = fields.String(allow_none=True)
    decided_at = Moment(allow_none=True)


class WholeBoardOut(BoardOut):
    """A board with its rules and rows; of a draft, the rows are as they would be now."""

    rules = fields.Nested(BoardRulesOut, required=True)
    rows = fields.List(fields.Nested(BoardRowOut), required=True)
    appeals = fields.List(fields.Nested(BoardAppealOut), required=True)
    low_twice = fields.List(
        Id(),
        metadata={
            "description": "units on the last places here and on the issue before; headquarters alone sees it"
        },
    )
    low_words = fields.String(
        metadata={"description": "whose places are low, in words; headquarters alone sees it"}
    )
