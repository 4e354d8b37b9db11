"""What phones and offices see alike of statistics: the words of a measure, and the figures of a row."""

from marshmallow import fields

from service.http.problems import language
from service.http.schemas import OutSchema


def words(name: str) -> fields.Function:
    """The attribute `name`, a word in each language, in that of the person who asks."""
    return fields.Function(
        lambda row: getattr(row, name)[language()], required=True, metadata={"type": "string"}
    )


def figure(meaning: str) -> fields.String:
    """A figure as a decimal's text; null where there is none to say."""
    return fields.String(required=True, allow_none=True, metadata={"description": meaning})


class MeasureFields(OutSchema):
    """A measure and its words."""

    code = fields.String(required=True)
    name = fields.Function(
        lambda one: one.en if language() == "en" else one.zh, required=True, metadata={"type": "string"}
    )
    counted_in = words("counted_in")
    meaning = words("meaning")


class StatisticRowFields(OutSchema):
    """A value of some days beside those it is compared with; growth is in per cent."""

    key = fields.String(required=True, allow_none=True)
    label = words("label")
    start_on = fields.Date(required=True)
    end_on = fields.Date(required=True)
    value = fields.String(required=True)
    last_year = figure("the same days of last year")
    before = figure("the period before, as many days of it")
    year_on_year = figure("同比, per cent")
    on_before = figure("环比, per cent")
