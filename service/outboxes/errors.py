"""What the help for phones refuses."""

from service.kernel.errors import Conflict, NotFound


class UnknownRecall(NotFound):
    """There is no such recall for this person to see."""

    code = "unknown_recall"
    zh = "没有找到这条补传请求"
    en = "There is no such recall"


class RecallCancelled(Conflict):
    """Headquarters no longer asks for it; the phone forgets it."""

    code = "recall_cancelled"
    zh = "该补传请求已取消"
    en = "The recall has been cancelled"
