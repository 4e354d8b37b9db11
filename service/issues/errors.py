"""What this room refuses."""

from service.kernel.errors import Conflict, Forbidden, Invalid, NotFound


class UnknownIssue(NotFound):
    """No such problem, or not this person's to see."""

    code = "unknown_issue"
    zh = "没有找到这个问题"
    en = "There is no such problem"


class WrongState(Conflict):
    """What was asked does not fit where the problem is now; `issue` says where, and what may be done."""

    code = "wrong_state"
    zh = "该问题现在是“{state_zh}”，不能“{kind_zh}”；{instead_zh}"
    en = "The problem is now “{state_en}”: “{kind_en}” is not possible; {instead_en}"


class MayNotAct(Forbidden):
    """The person reads the problem, and this is for others to do."""

    code = "may_not_act"
    zh = "“{kind_zh}”不由您办理"
    en = "“{kind_en}” is not for you to do"


class EventIdTaken(Conflict):
    """The event's id is known with other content."""

    code = "event_id_taken"
    zh = "该办理动作编号已用于其他内容，请用新的编号重新提交"
    en = "This event id was used for other content; send it again under a new id"


class CheckinTaken(Conflict):
    """An office has taken a problem out of this check-in already; `issue_id` names it."""

    code = "checkin_taken"
    zh = "这条驻点记录已经立项"
    en = "A problem was already taken out of this check-in"


class BadEvent(Invalid):
    """Something that this kind of event needs is missing or wrong; `faults` say what."""

    code = "bad_issue_event"
    zh = "办理动作的内容有误"
    en = "What was sent of this event is not valid"


class BadClock(Invalid):
    """A limit lies beyond its bounds; `faults` say which."""

    code = "bad_issue_clock"
    zh = "办理时限设置有误"
    en = "A limit lies beyond its bounds"


class BadRoute(Invalid):
    """A route names a unit that does not exist, or one twice."""

    code = "bad_issue_route"
    zh = "分办路由有误"
    en = "A route is not valid"
