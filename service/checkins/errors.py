"""What this room refuses."""

from service.kernel.errors import NotFound


class UnknownCheckin(NotFound):
    """No such check-in, or not this person's to see."""

    code = "unknown_checkin"
    zh = "没有找到这条驻点记录"
    en = "No such check-in"
