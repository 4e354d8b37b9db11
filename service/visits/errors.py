"""What the room of visits refuses."""

from service.kernel.errors import Conflict, NotFound


class UnknownVisit(NotFound):
    """No such visit, or not this person's to see."""

    code = "unknown_visit"
    zh = "没有找到这次拜访"
    en = "No such visit"


class NotToBeMatched(Conflict):
    """The visit names its enterprise itself, or was withdrawn or voided."""

    code = "not_to_be_matched"
    zh = "记录无需匹配：企业不是手工填写，或记录已撤回、作废"
    en = "There is nothing to match: the visit is no free entry, or was withdrawn or voided"
