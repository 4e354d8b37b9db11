"""Ranks are found by every word that forms have for them."""

import pytest

from service.accounts.ranks import RANKS, rank_code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("厅级副职", "deputy_bureau"),
        ("县处级正职", "county"),
        (" 正县级 ", "county"),
        ("副科", "deputy_section"),
        ("正局级", None),
    ],
)
def test_it_knows_a_rank_by_what_forms_call_it(text, code):
    assert rank_code(text) == code


def test_it_takes_no_word_for_two_ranks():
    words = [word for rank in RANKS for word in (rank.code, rank.zh, *rank.words)]
    assert len(words) == len(set(words))
