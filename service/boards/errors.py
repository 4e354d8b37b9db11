"""Why something cannot be done with a board."""

from service.kernel.errors import Conflict, Invalid, NotFound


class UnknownBoard(NotFound):
    """No such board to see."""

    code = "unknown_board"
    zh = "没有这个榜单"
    en = "No such board"


class UnknownEntry(NotFound):
    """No such entry on the board."""

    code = "unknown_board_entry"
    zh = "榜单上没有这一条"
    en = "The board has no such entry"


class UnknownAppeal(NotFound):
    """No such appeal."""

    code = "unknown_appeal"
    zh = "没有这条申诉"
    en = "No such appeal"


class BoardNotSo(Conflict):
    """The board is not in the state this step starts from."""

    code = "board_not_so"
    zh = "榜单当前为“{state_zh}”，不能这样操作"
    en = "The board is {state}; this step does not start from there"


class PublicityNotOver(Conflict):
    """Appeals are still taken."""

    code = "publicity_not_over"
    zh = "公示期至{until}，尚未结束"
    en = "Appeals are taken until {until}"


class AppealsOpen(Conflict):
    """Appeals wait for a decision."""

    code = "appeals_open"
    zh = "还有 {count} 条申诉未处理"
    en = "{count} appeals wait for a decision"


class AppealUpheld(Conflict):
    """A unit was right: the board is wrong and is not published as it is."""

    code = "appeal_upheld"
    zh = "有申诉成立，请先更正榜单再发布"
    en = "An appeal was upheld; restate the board instead"


class AppealsClosed(Conflict):
    """The publicity period is over, or has not begun."""

    code = "appeals_closed"
    zh = "不在公示期内，不能申诉"
    en = "Appeals are taken in the publicity period only"


class AppealDecided(Conflict):
    """Somebody was quicker."""

    code = "appeal_decided"
    zh = "这条申诉已处理"
    en = "The appeal has been decided"


class BadBoard(Invalid):
    """The rules or an entry do not fit together."""

    code = "bad_board"
    zh = "榜单设置有误"
    en = "The board does not fit together"

    def text(self, language: str) -> str:
        """What does not fit, in the words of the faults: a person reads the reason, not that there is one."""
        if language == "en":
            return "; ".join(one.en for one in self.faults) or super().text(language)
        return "；".join(one.zh for one in self.faults) or super().text(language)
