"""What the room of visits refuses."""

from service.kernel.errors import Conflict, NotFound


class UnknownVisit(NotFound):
    """No such visit, or not this person's to see."""

    code = "unknown_visit"
    zh = "没有找到这次拜访"
    en = "No such visit"


class AlreadyVoided(Conflict):
    """A voided visit is settled; its sender cannot withdraw it any more."""

    code = "already_voided"
    zh = "记录已作废，不能撤回"
    en = "The visit was voided and cannot be withdrawn"


class NotToBeMatched(Conflict):
    """The visit was withdrawn or voided."""

    code = "not_to_be_matched"
    zh = "记录已撤回或作废，无需匹配企业"
    en = "The visit was withdrawn or voided; there is nothing to match"
