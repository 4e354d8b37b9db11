"""What the room of privacy refuses."""

from service.kernel.errors import Conflict, NotFound


class UnknownRequest(NotFound):
    """No such request."""

    code = "unknown_privacy_request"
    zh = "没有这条个人信息请求"
    en = "No such request"


class StillSearching(Conflict):
    """The search for what is kept about the person has not ended yet."""

    code = "still_searching"
    zh = "正在查找与此人有关的记录，请稍后再试"
    en = "Records of the person are still being searched; try again later"


class AlreadyDecided(Conflict):
    """The request was granted or refused before."""

    code = "privacy_request_decided"
    zh = "这条请求已经处理"
    en = "This request was decided before"


class NothingToHandOut(Conflict):
    """Only what was granted is handed out, and only to be seen: an erasure leaves nothing to show."""

    code = "privacy_request_not_granted"
    zh = "这条请求不是已同意的查阅请求"
    en = "This is no granted request for access"
