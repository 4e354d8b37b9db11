"""Why something cannot be done with a report."""

from service.kernel.errors import Conflict, Invalid, NotFound


class UnknownReport(NotFound):
    """No such report."""

    code = "unknown_report"
    zh = "没有这份报告"
    en = "No such report"


class UnknownFigure(NotFound):
    """The report has no such figure, or it counts no rows of the report's tables."""

    code = "unknown_figure"
    zh = "报告中没有这项数据，或该数据不是按表内各行计数的"
    en = "The report has no such figure, or it counts no rows of its tables"


class DraftExists(Conflict):
    """The period's draft is already there; its id is told."""

    code = "draft_exists"
    zh = "该期报告已有草稿，请直接编辑"
    en = "There is a draft of this issue already; edit that one"


class IssueSigned(Conflict):
    """One issue of a period stands at a time: the signed one, whose id is told, is corrected, not drafted again."""

    code = "issue_signed"
    zh = "该期报告已签发（{reference}），需要更正时请另出更正稿"
    en = "This issue is signed ({reference}); begin a correction of it instead"


class NotADraft(Conflict):
    """What was signed or discarded is never changed."""

    code = "not_a_draft"
    zh = "报告已签发或作废，不能再修改；需要更正时请另出更正稿"
    en = "The report is signed or discarded; issue a correction instead"


class PeriodNotOver(Conflict):
    """What is signed never changes, and the figures of a running period still do."""

    code = "period_not_over"
    zh = "统计期至{last}，尚未结束，不能签发"
    en = "The period runs until {last}; it is signed when it is over"


class NotSigned(Conflict):
    """Only what was sent out can be corrected."""

    code = "not_signed"
    zh = "只有已签发的报告才需要更正"
    en = "Only a signed report can be corrected"


class EditedMeanwhile(Conflict):
    """Somebody else changed the draft since it was read."""

    code = "edited_meanwhile"
    zh = "草稿已被他人修改，请刷新后再编辑"
    en = "Somebody else has changed the draft; read it again"


class BadText(Invalid):
    """The text names a figure or table that the report does not have."""

    code = "bad_text"
    zh = "正文中有无法识别的数据或表格"
    en = "The text names a figure or a table that is not there"


class OutsideProgramme(Invalid):
    """The period has no day of the programme."""

    code = "outside_programme"
    zh = "该时段不在活动期内"
    en = "The programme has no day in this period"


class NothingPublished(Conflict):
    """A quarter's ranking is told when a board of the whole quarter is published, and not before."""

    code = "nothing_published"
    zh = "{period}还没有已发布的竞赛榜"
    en = "No board of this quarter is published yet"


class UnknownEvent(NotFound):
    """No such event."""

    code = "unknown_event"
    zh = "没有这项活动"
    en = "No such event"


class EventNotAhead(Conflict):
    """It is counted down from the first day of the preparation to the eve of the event."""

    code = "event_not_ahead"
    zh = "该日不在活动倒计时期间（{first}至{last}），或活动已取消"
    en = "The event is not counted down on this day ({first} to {last}), or it is cancelled"


class BadEvent(Invalid):
    """The days of an event do not follow each other."""

    code = "bad_event"
    zh = "活动日期有误"
    en = "The days of the event do not fit"


class EventMissing(Invalid):
    """A count-down names its event, and no other report does."""

    code = "event_missing"
    zh = "倒计时通报须指明活动，其他报告不须"
    en = "A count-down names its event, and no other report does"


class NoGlyph(Conflict):
    """A character is in none of the fonts; an empty box would stand in its place."""

    code = "no_glyph"
    zh = "现有字体中没有“{characters}”，不能生成 PDF；请改用 Word 文档，或请管理员在字体目录（QIANBAI_FONTS）中放入含该字的字体"
    en = "No font has {characters}; take the DOCX, or have a font that does put into the folder of QIANBAI_FONTS"
