"""What a board's rules mean for its totals and its low places, in words its readers can check it by. Pure."""

from decimal import Decimal

from service.boards.rules import BoardRules, Rounding, Totals
from service.kernel.words import Words

_HOW: dict[Rounding, Words] = {
    Rounding.HALF_UP: ("四舍五入", "rounded half up"),
    Rounding.TRUNCATED: ("截断", "cut off"),
}


def total_words(rules: BoardRules) -> Words:
    """How a total is made of the points of its row, and what places go by."""
    zh, en = _HOW[rules.rounding]
    most_zh, most_en = _most_bonus_words(rules)
    if rules.totals is Totals.EXACT:
        return (
            (
                f"总分为未取舍的各项得分与加分之和减扣分，再{zh}至{rules.decimals}位小数，因此可能与所示各项之和相差末位；"
                f"{most_zh}名次按未取舍的总分，同分并列。"
            ),
            (
                f"The total adds up the exact points and the bonus less deductions, and is {en} to {rules.decimals} decimals "
                f"afterwards. {most_en}Places go by the exact totals, equal ones share one."
            ),
        )
    return (
        (
            f"各项得分、加分、扣分先{zh}至{rules.decimals}位小数，总分为所示各项得分与加分之和减扣分；"
            f"{most_zh}名次按所示总分，同分并列。"
        ),
        (
            f"Points, bonus and deductions are {en} to {rules.decimals} decimals first; the total is the sum of what is shown. "
            f"{most_en}Places go by the totals as shown, equal ones share one."
        ),
    )


def _most_bonus_words(rules: BoardRules) -> Words:
    """How much bonus is added at most, and whether it is shown so; nothing where it has no bound."""
    if rules.most_bonus is None:
        return "", ""
    most = _plain(rules.most_bonus)
    if rules.totals is Totals.EXACT:
        return (
            f"加分最多计{most}分，所示加分为实际录入数，未按此封顶；",
            f"At most {most} of the bonus is added; it is shown whole. ",
        )
    return (
        f"加分最多计{most}分，所示加分已按此封顶；",
        f"The bonus is {most} at most, and is shown so. ",
    )


def _plain(points: Decimal) -> str:
    """Points without the noughts behind them."""
    return f"{points.normalize():f}"


def low_words(rules: BoardRules) -> Words:
    """Whose places are low, and whom a tie spares."""
    count = rules.low_places
    return (
        (
            f"各组最后{count}名为靠后；并列跨过这一界线的，并列者都不算，但并列末位的都算（超过全组半数的除外）；"
            f"参加排名不足{2 * count}个单位的组不计。连续两期靠后的列入。"
        ),
        (
            f"The last {count} of a group are low. A tie that reaches above them is spared whole, but whoever shares the very last "
            f"place is low (unless they are more than half of the group); groups with fewer than {2 * count} ranked units have no "
            "low places. Listed is who was low on two issues running."
        ),
    )
