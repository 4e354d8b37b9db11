"""What programmes refuse."""

from service.kernel.errors import Conflict, Invalid, NotFound
from service.programmes.models import Programme


class UnknownProgramme(NotFound):
    """No such programme, or none at all yet."""

    code = "unknown_programme"
    zh = "没有找到该方案"
    en = "There is no such programme"


class UnknownTargetList(NotFound):
    """No such target list in this programme."""

    code = "unknown_target_list"
    zh = "没有找到该目标企业库"
    en = "There is no such target list"


class BadLimits(Invalid):
    """A limit lies beyond its bounds, or two contradict each other."""

    code = "bad_limits"
    zh = "界限设置有误"
    en = "The limits are not right"


class ProgrammeClosed(Conflict):
    """A closed programme's rules, targets and lists stay as they were."""

    code = "programme_closed"
    zh = "方案已关闭，不能再修改"
    en = "The programme is closed and cannot be changed"


class ProgrammeOverlaps(Conflict):
    """An open programme of the same year covers some of these days; each visit would count in both."""

    code = "programme_overlaps"
    zh = "日期与同年度的方案“{name}”（{starts_on} 至 {ends_on}）重叠；确需并行时请传 allow_overlap: true"
    en = "Its days overlap those of {name} ({starts_on} to {ends_on}); send allow_overlap: true if both are meant"

    def __init__(self, other: Programme) -> None:
        """Name the other programme."""
        super().__init__(
            extra={"programme_id": str(other.id)},
            name=other.name,
            starts_on=other.starts_on.isoformat(),
            ends_on=other.ends_on.isoformat(),
        )


class ProgrammeNotEmpty(Conflict):
    """A programme that has targets, target enterprises or credited visits is closed, never deleted."""

    code = "programme_not_empty"
    zh = "方案已有目标、目标企业或计入的拜访，不能删除；可以关闭"
    en = "The programme has targets, target enterprises or credited visits; it can be closed, not deleted"


class TargetListNameTaken(Conflict):
    """The programme has a list of this name."""

    code = "target_list_name_taken"
    zh = "本方案已有目标企业库“{name}”"
    en = "The programme already has a target list named {name}"


class BadTargets(Invalid):
    """Targets that name unknown units, name something twice, or do not rise from level to level."""

    code = "bad_targets"
    zh = "目标填写有误"
    en = "The targets are not valid"


class BadTargetTable(Invalid):
    """The file has no column for units, or none for any level."""

    code = "bad_target_table"
    zh = "目标表缺少必需的列：{missing}"
    en = "The table of targets lacks the column {missing}"
