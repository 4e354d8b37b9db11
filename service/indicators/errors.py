"""Why a statistic or a target of an indicator is refused."""

from service.kernel.errors import Conflict, Invalid, NotFound


class UnknownIndicator(NotFound):
    """No such measure and no such indicator."""

    code = "unknown_indicator"
    zh = "没有指标“{indicator}”"
    en = "There is no indicator {indicator}"


class IndicatorTaken(Conflict):
    """The code is a measure's or another indicator's."""

    code = "indicator_taken"
    zh = "指标代码“{indicator}”已被使用"
    en = "The code {indicator} is taken"


class NotSoDivided(Invalid):
    """The measure cannot be shown by that."""

    code = "not_so_divided"
    zh = "“{measure}”不能按此方式分列"
    en = "{measure} cannot be shown by that"


class TooManyPeriods(Invalid):
    """More periods than a table holds."""

    code = "too_many_periods"
    zh = "期间超过 {most} 个，请缩短时间范围"
    en = "More than {most} periods; ask for fewer days"


class BadAmounts(Invalid):
    """Targets that contradict each other, or that nobody could have."""

    code = "bad_amounts"
    zh = "目标有误"
    en = "The amounts are not right"


class OtherUnitOfCount(Invalid):
    """A heading names a unit that the indicator is not in, and that cannot be turned into it."""

    code = "other_unit_of_count"
    zh = "“{heading}”与该指标的计量单位“{unit}”不一致，请换算后再导入"
    en = "{heading} is not in the indicator's unit, {unit}; convert it first"


class BadAmountTable(Invalid):
    """A column is missing."""

    code = "bad_amount_table"
    zh = "表格缺少“{missing}”一列"
    en = "The table has no column {missing}"
