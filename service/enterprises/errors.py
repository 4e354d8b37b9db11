"""What the register may refuse."""

from collections.abc import Sequence
from uuid import UUID

from service.kernel import credit_code
from service.kernel.errors import Conflict, Fault, Invalid, NotFound

_WRONG = {
    credit_code.Fault.LENGTH: (
        "统一社会信用代码应为 18 位，现为 {length} 位",
        "The code has {length} characters, not 18",
    ),
    credit_code.Fault.ALPHABET: (
        "统一社会信用代码第 {position} 位“{character}”不是可用字符（不含 I、O、S、V、Z）",
        "Character {position} of the code, {character}, is never used in one",
    ),
    credit_code.Fault.CHECK_DIGIT: (
        "统一社会信用代码的校验位不符，请核对",
        "The check character of the code does not fit",
    ),
}


class UnknownEnterprise(NotFound):
    """No enterprise has that id."""

    code = "enterprise_unknown"
    zh = "没有找到这家企业"
    en = "There is no such enterprise"


class UnknownGroup(NotFound):
    """No group has that id."""

    code = "group_unknown"
    zh = "没有找到这个集团"
    en = "There is no such group"


class UnknownEdition(NotFound):
    """No edition of a list is meant by that."""

    code = "edition_unknown"
    zh = "没有找到这一版榜单"
    en = "There is no such list edition"


class CreditCodeWrong(Invalid):
    """The code cannot be a unified social credit code; the faults say why."""

    code = "credit_code_wrong"
    zh = "统一社会信用代码有误"
    en = "The unified social credit code is wrong"


class CreditCodeTaken(Conflict):
    """Another enterprise has that code."""

    code = "credit_code_taken"
    zh = "统一社会信用代码已属于另一家企业：{name}"
    en = "Another enterprise has that code: {name}"

    def __init__(self, *, enterprise_id: UUID, name: str) -> None:
        """Name the enterprise that has the code."""
        super().__init__(extra={"enterprise_id": str(enterprise_id)}, name=name)


class RevisionStale(Conflict):
    """The change was made to an older revision."""

    code = "revision_stale"
    zh = "记录已被他人修改（当前版本 {rev}），请刷新后再改"
    en = "It has been changed since; revision {rev} is current"


class AlreadyMerged(Conflict):
    """The enterprise was merged into another, which stands for it."""

    code = "enterprise_merged"
    zh = "该企业已并入另一家企业，请改用后者"
    en = "This enterprise was merged into another; use that one"

    def __init__(self, into_id: UUID) -> None:
        """Name the enterprise that stands for it."""
        super().__init__(extra={"enterprise_id": str(into_id)})


class CannotMerge(Conflict):
    """The two cannot be made one."""

    code = "cannot_merge"
    zh = "不能合并：{reason_zh}"
    en = "They cannot be merged: {reason_en}"


class AlreadyUndone(Conflict):
    """The merge was undone before."""

    code = "merge_undone"
    zh = "这次合并已经撤销"
    en = "This merge was undone before"


class NameTaken(Conflict):
    """A group, edition or membership of that name is there already."""

    code = "already_there"
    zh = "已经存在：{name}"
    en = "It is there already: {name}"

    def __init__(self, *, existing_id: UUID, name: str) -> None:
        """Name what is there."""
        super().__init__(extra={"id": str(existing_id)}, name=name)


class WrongMapping(Invalid):
    """The columns of the file cannot be told."""

    code = "columns_unknown"
    zh = "无法识别企业名称所在的列，表头为：{header}"
    en = "No column holds the enterprises' names; the headings are: {header}"


def credit_code_faults(code: str) -> Sequence[Fault]:
    """Why a normalised code is refused, with the code that was perhaps meant; nothing when it is right."""
    checked = credit_code.check(code)
    if checked.fault is None:
        return ()
    place = checked.position or 0
    facts = {"length": len(code), "position": place, "character": code[place - 1 : place]}
    zh, en = (text.format(**facts) for text in _WRONG[checked.fault])
    if meant := credit_code.suggest(code):
        zh, en = f"{zh}；是否应为 {meant}（字母 O、I 与数字 0、1）", f"{en}; was {meant} meant?"
    return (Fault("/credit_code", zh, en),)
