"""What this room refuses."""

from service.kernel.errors import Conflict, Invalid, NotFound


class UnknownProject(NotFound):
    """No project with this id is to be seen."""

    code = "unknown_project"
    zh = "没有找到该项目"
    en = "There is no such project"


class UnknownSite(NotFound):
    """No open site with this id is to be seen."""

    code = "unknown_site"
    zh = "没有找到该工地或驻点"
    en = "There is no such site"


class UnknownStation(NotFound):
    """No open station with this id is to be seen."""

    code = "unknown_station"
    zh = "没有找到该驻点"
    en = "There is no such station"


class UnknownAssignment(NotFound):
    """No assignment with this id is to be seen."""

    code = "unknown_assignment"
    zh = "没有找到该任务分派"
    en = "There is no such assignment"


class BadFence(Invalid):
    """The coordinates make no fence; the reason is said in both languages."""

    code = "bad_fence"
    zh = "围栏无效：{reason_zh}"
    en = "The fence is not valid: {reason_en}"


class AlreadyAssigned(Conflict):
    """The person has this duty at this site on some of these days."""

    code = "already_assigned"
    zh = "该人员在此期间已承担同一工地的同一职责"
    en = "The person already has this duty at this site in that period"


class BadMonthTable(Invalid):
    """The table lacks a column without which no month can be told."""

    code = "bad_month_table"
    zh = "表格缺少“{missing}”列"
    en = "The table has no column {missing}"
