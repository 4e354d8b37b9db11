"""Why a record is returned or voided: a code of a short list, with text beside it or instead of it."""

from service.submissions.review_errors import ReasonMissing, UnknownReason
from service.submissions.review_states import ReviewChoice

OTHER = "other"
"""Says nothing by itself: text has to follow."""
BY_POLICY = "policy"
"""A review policy approved it, and nobody looked; no reviewer may give it."""
RETURN_REASONS = (
    ("incomplete", "内容不完整", "Incomplete"),
    ("wrong_enterprise", "企业名称有误", "Wrong enterprise"),
    ("wrong_time_or_place", "时间或地点有误", "Wrong time or place"),
    ("missing_evidence", "缺少佐证材料", "Evidence is missing"),
    ("unclear_photo", "照片不清晰或与内容不符", "Photo unclear or unrelated"),
    (OTHER, "其他", "Other"),
)
VOID_REASONS = (
    ("duplicate", "重复填报", "Duplicate"),
    ("did_not_happen", "未实际发生", "Did not take place"),
    ("test_record", "测试记录", "Test record"),
    ("out_of_scope", "不属于登门招商", "Not a visit of the programme"),
    (OTHER, "其他", "Other"),
)
_LISTS = {ReviewChoice.RETURN: RETURN_REASONS, ReviewChoice.VOID: VOID_REASONS}


def reason_told(choice: ReviewChoice, code: str | None, text: str | None) -> str | None:
    """What the author of the record reads: the text, else the words of the code; None where no reason is needed.

    Raises:
        UnknownReason: the code is not on the list of this decision.
        ReasonMissing: returning and voiding say why.
    """
    listed = {slug: zh for slug, zh, _en in _LISTS.get(choice, ())}
    if code is not None and code not in listed:
        raise UnknownReason(reason=code)
    if choice not in _LISTS:
        return None
    said = (text or "").strip()
    if not said and (code is None or code == OTHER):
        raise ReasonMissing
    if not said or code is None or code == OTHER:
        return said or listed[str(code)]
    return f"{listed[code]}：{said}"
