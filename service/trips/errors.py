"""What this room refuses."""

from service.kernel.errors import NotFound


class UnknownTrip(NotFound):
    """No such trip, or not this person's to see."""

    code = "unknown_trip"
    zh = "没有找到这条外出招商记录"
    en = "No such trip"
