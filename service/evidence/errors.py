"""Why something about evidence, policies or inspections cannot be done."""

from service.kernel.errors import Conflict, Invalid, NotFound


class Doubtful(Conflict):
    """A batch lets nothing through that a check doubts."""

    code = "doubtful"
    zh = "记录存疑（{named}），不能批量通过，请逐条查看"
    en = "The record is doubtful ({doubts}); look at it by itself"


class NothingToExplain(Conflict):
    """Nobody asks anything of this record's author."""

    code = "nothing_to_explain"
    zh = "记录没有疑点，也未被退回，无需说明"
    en = "Nothing about the record is flagged or returned"


class UnknownInspection(NotFound):
    """No such draw, or the visit was not drawn in it."""

    code = "unknown_inspection"
    zh = "没有这次抽查，或抽查中没有这条记录"
    en = "No such inspection, or the visit was not drawn"


class NothingToInspect(Invalid):
    """The month has no visits to draw from."""

    code = "nothing_to_inspect"
    zh = "该月没有可供抽查的拜访记录"
    en = "The month has no visits to draw from"
