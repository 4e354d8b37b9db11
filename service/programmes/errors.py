"""What programmes refuse."""

from service.kernel.errors import Conflict, Invalid, NotFound


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


class ProgrammeClosed(Conflict):
    """A closed programme's rules, targets and lists stay as they were."""

    code = "programme_closed"
    zh = "方案已关闭，不能再修改"
    en = "The programme is closed and cannot be changed"


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
