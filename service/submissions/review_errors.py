"""Why a decision is not applied; each is the answer for one record, the others go on."""

from service.kernel.errors import Conflict, Forbidden, Invalid, NotFound


class UnknownRecord(NotFound):
    """No such record in the reviewer's scope."""

    code = "unknown_record"
    zh = "没有找到该记录"
    en = "There is no such record"


class NotReviewed(Invalid):
    """Records of this type have no review."""

    code = "not_reviewed"
    zh = "此类记录不需要审核"
    en = "Records of this type are not reviewed"


class RevisionChanged(Conflict):
    """The record was edited since the reviewer read it."""

    code = "rev_conflict"
    zh = "记录已被修改（当前第 {rev} 版），请重新查看后再审核"
    en = "The record has changed (it is at revision {rev}); read it again"


class WrongState(Conflict):
    """The decision does not lead on from the record's state for this reviewer."""

    code = "wrong_state"
    zh = "记录当前状态（{state}）不能作此决定"
    en = "This cannot be decided while the record is {state}"


class OwnRecord(Forbidden):
    """Nobody approves what they did or recorded themselves."""

    code = "own_record"
    zh = "不能审核通过自己的记录"
    en = "Nobody approves their own record"


class ReasonMissing(Invalid):
    """Returning and voiding say why."""

    code = "reason_required"
    zh = "退回或作废必须说明原因"
    en = "Returning and voiding need a reason"


class UnknownReason(Invalid):
    """The reason's code is not on the list of this decision."""

    code = "unknown_reason"
    zh = "此决定没有“{reason}”这一原因"
    en = "This decision has no reason “{reason}”"


class AlreadyVoided(Conflict):
    """A voided record is settled; its sender cannot withdraw it any more."""

    code = "already_voided"
    zh = "记录已作废，不能撤回"
    en = "The record was voided and cannot be withdrawn"
