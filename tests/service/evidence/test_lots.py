from uuid import UUID, uuid4

import pytest

from service.evidence.models import DrawnAs, PolicyKind
from service.evidence.rules import Drawable, Policy, draw, holds, lot

UNIT = uuid4()
PEOPLE = [Drawable(UUID(int=n), UNIT, 100 if n % 10 == 0 else 0) for n in range(1000)]


def test_a_lot_is_the_same_for_the_same_seed_and_another_for_another():
    assert lot("s", "review", UUID(int=1)) == lot("s", "review", UUID(int=1))
    assert lot("s", "review", UUID(int=1)) != lot("t", "review", UUID(int=1))


@pytest.mark.parametrize(
    ("kind", "is_doubtful", "held"),
    [
        (PolicyKind.ALL, False, True),
        (PolicyKind.FLAGGED, False, False),
        (PolicyKind.FLAGGED, True, True),
        (PolicyKind.RANDOM, True, True),
    ],
)
def test_it_holds_what_the_policy_says_and_always_what_is_doubtful(kind, is_doubtful, held):
    assert holds(Policy(kind, 0, "s"), uuid4(), is_doubtful=is_doubtful) is held


def test_it_holds_about_the_share_that_is_asked_for():
    held = sum(holds(Policy(PolicyKind.RANDOM, 20, "s"), one.visit_id, is_doubtful=False) for one in PEOPLE)
    assert 150 < held < 250


def test_a_greater_share_holds_all_that_a_smaller_one_held():
    few, more = Policy(PolicyKind.RANDOM, 10, "s"), Policy(PolicyKind.RANDOM, 40, "s")
    ids = [one.visit_id for one in PEOPLE]
    assert all(holds(more, one, is_doubtful=False) for one in ids if holds(few, one, is_doubtful=False))


def test_it_draws_the_same_visits_again_in_whatever_order_they_come():
    once = draw(PEOPLE, "seed", random_count=20, weighted_count=20)
    assert draw(PEOPLE[::-1], "seed", random_count=20, weighted_count=20) == once
    assert draw(PEOPLE, "other", random_count=20, weighted_count=20) != once


def test_it_draws_the_suspicious_more_often_by_weight_and_nobody_twice():
    drawn = draw(PEOPLE, "seed", random_count=50, weighted_count=50)
    assert len({one.one.visit_id for one in drawn}) == 100
    heavy = {kind: sum(bool(one.one.weight) for one in drawn if one.drawn_as is kind) for kind in DrawnAs}
    assert heavy[DrawnAs.RANDOM] < 15
    assert heavy[DrawnAs.WEIGHTED] > 35


def test_it_draws_all_when_there_are_fewer():
    assert len(draw(PEOPLE[:3], "seed", random_count=2, weighted_count=9)) == 3
