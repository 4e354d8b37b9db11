"""What this room refuses."""

from service.kernel.errors import Conflict, Invalid, NotFound


class UnknownSite(NotFound):
    """No open site with this id is to be seen."""

    code = "unknown_site"
    zh = "没有找到该驻点或工地"
    en = "There is no such site"


class UnknownProject(NotFound):
    """No project with this id is to be seen."""

    code = "unknown_project"
    zh = "没有找到该项目"
    en = "There is no such project"


class BadFence(Invalid):
    """The coordinates make no fence."""

    code = "bad_fence"
    zh = "围栏无效：{reason}"
    en = "The fence is not valid: {reason}"


class AlreadyAssigned(Conflict):
    """The person has this duty at this site on some of these days."""

    code = "already_assigned"
    zh = "该人员在此期间已承担同一驻点的同一职责"
    en = "The person already has this duty at this site in that period"
