"""Why a submission is not accepted; all but `KeptFull` are kept."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from service.kernel.errors import Conflict, Fault, Forbidden, Invalid, NotFound, TooMany
from service.submissions.models import ParentType

WAITS = timedelta(days=30)
"""How long a body waits for what it names."""


class RecordConflict(Conflict):
    """The id holds other content, or `base_rev` is no longer current; both contents are kept."""

    code = "conflict"
    zh = "服务器上已有同一编号的其他内容，两份内容都已保留"
    en = "This id already holds other content; both are kept"


class RecordClosed(RecordConflict):
    """The record was withdrawn or voided; what was sent is kept beside it."""

    code = "record_closed"
    zh = "记录已撤回或作废，新内容已另行保留"
    en = "The record was withdrawn or voided; what was sent is kept beside it"


class IdTaken(Conflict):
    """The id is somebody else's record, about which nothing is said."""

    code = "id_taken"
    zh = "该编号已被占用，内容已保留，请用新的编号重新提交"
    en = "This id is taken; what was sent is kept, send it again under a new id"


class MayNotRecord(Forbidden):
    """The person no longer has a role that writes such records."""

    code = "may_not_record"
    zh = "您目前没有填报此类记录的权限，内容已保留"
    en = "You may not write such records at present; what was sent is kept"


class MayNotRecordFor(Forbidden):
    """The record is a colleague's whose unit the sender does not answer for."""

    code = "may_not_record_for"
    zh = "您不能替该人员填报，内容已保留"
    en = "You may not record for this person; what was sent is kept"


class WaitsForParent(Invalid):
    """It names something that is not here yet; it is kept, and let in by itself when that arrives within 30 days."""

    code = "waits_for_parent"
    zh = "所关联的内容尚未到达，已保留；30 天内到达后自动生效"
    en = "What it names is not here yet; it is kept and takes effect by itself when that arrives within 30 days"

    def __init__(self, parent_type: ParentType, parent_id: UUID, faults: Sequence[Fault]) -> None:
        """Say what is waited for."""
        self.parent_type = parent_type
        self.parent_id = parent_id
        waits_for = {"type": parent_type.value, "id": str(parent_id), "days": WAITS.days}
        super().__init__(faults=faults, extra={"waits_for": waits_for})


class KeptFull(TooMany):
    """Too much of this person's is waiting to be settled; the phone keeps its own copy."""

    code = "kept_full"
    zh = "待处理的问题记录过多，请先联系双招双引办处理，手机上的记录不会丢失"
    en = "Too many records wait to be settled; ask headquarters, and keep the record on the phone"
    retry_after_s = 3600


class UnknownKept(NotFound):
    """No such kept body."""

    zh = "没有找到这条保留的内容"
    en = "No such kept submission"


class AlreadySettled(Conflict):
    """Somebody was quicker."""

    code = "already_settled"
    zh = "这条内容已被处理"
    en = "This has already been settled"


class CannotSettleSo(Invalid):
    """This way of settling does not fit why the body was kept."""

    code = "cannot_settle_so"
    zh = "{because_zh}的内容不能“{how_zh}”，可以选择：{fitting_zh}"
    en = "{because_en} cannot be settled by “{how_en}”; there are: {fitting_en}"
