"""A board says in both languages how its totals are made, also of boards whose rows were frozen by an older release."""

from decimal import Decimal

import pytest

from service.boards.rules import BoardRules, Totals
from service.boards.words import total_words


@pytest.mark.parametrize(
    ("totals", "zh", "en"),
    [
        (
            Totals.EXACT,
            "加分最多计3分，所示加分为实际录入数，未按此封顶；",
            "At most 3 of the bonus is added; it is shown whole.",
        ),
        (Totals.SHOWN, "加分最多计3分，所示加分已按此封顶；", "The bonus is 3 at most, and is shown so."),
    ],
)
def test_it_says_how_much_bonus_counts_and_whether_it_is_shown_so(totals, zh, en):
    words = total_words(BoardRules((), most_bonus=Decimal("3.00"), totals=totals))
    assert zh in words[0]
    assert en in words[1]


@pytest.mark.parametrize("totals", list(Totals))
def test_it_says_nothing_of_a_bound_that_is_not_there(totals):
    zh, en = total_words(BoardRules((), totals=totals))
    assert "最多" not in zh
    assert "most" not in en
