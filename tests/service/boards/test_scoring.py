from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.boards.scoring import Indicator, Method, Reading, capped, low_places, places, points_of, total_of

HALF = Fraction(1, 2)


def points(indicator, **readings):
    return points_of(
        indicator,
        {name: Reading(Fraction(value), Fraction(target)) for name, (value, target) in readings.items()},
    )


def test_it_gives_a_county_board_the_points_it_printed():
    """Sichuan county board 2024: 96 % × 0.5 = 0.48; 120 % cap × 0.5 = 0.6."""
    found = points(Indicator("start", HALF), one=("96", "100"), two=("130", "100"))
    assert found == {"one": Fraction("0.48"), "two": Fraction("0.6")}


def test_it_caps_two_halves_of_an_indicator_at_its_points():
    """28 of 27 projects and 177.7 of 54 yi would give 1.08 of 0.5 points."""
    both = Reading((Fraction(28, 27) + Fraction("177.7") / 54) / 2, Fraction(1))
    indicator = Indicator("signed", HALF, cap=Fraction(1))
    assert points_of(indicator, {"one": both}) == {"one": HALF}


def test_it_adds_exactly_where_binary_floats_do_not():
    parts = [Fraction("0.48"), Fraction("0.6"), Fraction("0.5"), Fraction("0.5"), Fraction("0.87")]
    assert total_of(parts, bonus=Fraction(0), deduction=Fraction(0)) == Fraction("2.95")


@pytest.mark.parametrize(("value", "score"), [("10", "60"), ("30", "100"), ("20", "80"), ("15", "70")])
def test_it_scores_by_efficacy(value, score):
    readings = {name: Reading(Fraction(name)) for name in ("10", "15", "20", "30")}
    found = points_of(Indicator("x", Fraction(100), Method.EFFICACY), readings)
    assert found[value] == Fraction(score)


def test_it_gives_all_points_when_all_are_equal():
    readings = {name: Reading(Fraction(7)) for name in "abc"}
    assert set(points_of(Indicator("x", Fraction(100), Method.EFFICACY), readings).values()) == {
        Fraction(100)
    }


@pytest.mark.parametrize(
    "reading", [Reading(None, Fraction(1)), Reading(Fraction(1), None), Reading(Fraction(1), Fraction(0))]
)
def test_it_has_no_points_where_there_is_nothing_to_compare(reading):
    assert points_of(Indicator("x", Fraction(10)), {"a": reading}) == {"a": None}


def test_it_tells_nought_from_nothing():
    found = points(Indicator("x", Fraction(10)), zero=("0", "5"))
    assert found == {"zero": Fraction(0)}
    assert total_of([Fraction(0)], bonus=Fraction(0), deduction=Fraction(0)) == 0
    assert total_of([None], bonus=Fraction(1), deduction=Fraction(0)) is None


def test_it_lets_equal_totals_share_a_place():
    totals = {"a": Fraction(3), "b": Fraction(5), "c": Fraction(3), "d": Fraction(1), "e": None}
    assert places(totals) == {"a": 2, "b": 1, "c": 2, "d": 4, "e": None}


@given(st.dictionaries(st.integers(), st.fractions(), min_size=1))
def test_it_gives_as_many_places_as_there_are_better_totals(totals):
    for key, place in places(totals).items():
        assert place == 1 + sum(other > totals[key] for other in totals.values())


@pytest.mark.parametrize(
    ("order", "low"),
    [
        ({"a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "f": 6}, {"e", "f"}),
        ({"a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "f": 5}, {"e", "f"}),
        ({"a": 1, "b": 2, "c": 3, "d": 4, "e": 4, "f": 4}, {"d", "e", "f"}),
        ({"a": 1, "b": 2, "c": 2, "d": 4, "e": 4, "f": 4, "g": 4, "h": 8}, {"h"}),
        ({"a": 1, "b": 2, "c": 2, "d": 2, "e": 5, "f": 6}, {"e", "f"}),
        ({"a": 1, "b": 2, "c": 3, "d": 3, "e": 3, "f": 3}, set()),
        ({"a": 1, "b": 1, "c": 1, "d": 1}, set()),
        ({"a": 1, "b": 1, "c": 1, "d": 4}, {"d"}),
        ({"a": 1, "b": 1, "c": 1, "d": 1, "e": 5, "f": 5}, {"e", "f"}),
        ({"a": 1, "b": 1, "c": 3, "d": 3}, {"c", "d"}),
        ({"a": 1, "b": 2, "c": 3}, set()),
        ({"a": 1, "b": None, "c": 2, "d": 3, "e": 4}, {"d", "e"}),
    ],
)
def test_it_finds_the_low_places_of_a_group(order, low):
    assert low_places(order, count=2) == low


@pytest.mark.parametrize("count", [1, 2, 3])
def test_it_is_low_only_if_everybody_below_is_and_the_many_never_are(count):
    """Every order of up to six units with up to four totals."""
    for size in range(1, 7):
        for totals in product(range(4), repeat=size):
            low = low_places(places(dict(enumerate(totals))), count=count)
            assert {key for key in range(size) if any(totals[key] <= totals[one] for one in low)} == low
            assert 2 * len(low) <= size


def low_by_the_former_rule(place_of, *, count):
    """Everybody at or below the place of the last `count`, and nobody where that is the whole group."""
    ordered = sorted(place_of.values())
    low = {key for key, place in place_of.items() if len(ordered) >= 2 * count and place >= ordered[-count]}
    return low if len(low) < len(ordered) else set()


@pytest.mark.parametrize("count", [1, 2, 3])
def test_it_finds_more_than_the_former_rule_only_where_that_one_s_tie_was_the_whole_group(count):
    """1 1 1 4: the former rule took the first three for low with the last, and so found nobody."""
    more = set()
    for size in range(1, 7):
        for totals in product(range(4), repeat=size):
            place_of = places(dict(enumerate(totals)))
            low, former = (rule(place_of, count=count) for rule in (low_places, low_by_the_former_rule))
            if not low <= former:
                assert sorted(place_of.values())[-count] == 1
                assert former == set()
                more.add(tuple(sorted(place_of.values())))
    assert ((1, 1, 1, 4) in more) is (count == 2)


@pytest.mark.parametrize(("amount", "most", "given"), [("4", "3", "3"), ("2", "3", "2"), ("4", None, "4")])
def test_it_bounds_a_bonus(amount, most, given):
    assert capped(Fraction(amount), None if most is None else Fraction(most)) == Fraction(given)
