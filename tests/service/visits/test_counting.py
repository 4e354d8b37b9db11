from datetime import date, timedelta

import pytest

from service.programmes.models import ThousandScope
from service.visits.counting import explain
from service.visits.ledger import recount
from service.visits.models import ReviewState, VisitMode
from tests.factories.visits import add_edition, add_enterprise, add_membership, add_visit
from tests.support.world import add_programme


@pytest.fixture
def day(world):
    return date(world.programme.year, 3, 2)


def codes(session, visit, language="zh"):
    recount(session, [visit.id])
    counting = explain(session, [visit.id], language=language)[visit.id]
    return counting.counted, [(reason.code, reason.line) for reason in counting.reasons]


def test_it_counts_an_approved_visit_to_a_known_enterprise(session, world, day):
    visit = add_visit(session, world.field1, add_enterprise(session), day)
    assert codes(session, visit) == (True, [("counted", "thousand")])


def test_it_waits_for_the_review(session, world, day):
    visit = add_visit(
        session, world.field1, add_enterprise(session), day, review_state=ReviewState.UNIT_APPROVED
    )
    assert codes(session, visit) == (False, [("awaiting_review", "thousand")])


@pytest.mark.parametrize("state", [ReviewState.RETURNED, ReviewState.VOIDED, ReviewState.WITHDRAWN])
def test_it_says_that_it_was_turned_down(session, world, day, state):
    visit = add_visit(session, world.field1, add_enterprise(session), day, review_state=state)
    assert codes(session, visit) == (False, [(state.value, None)])


def test_it_says_that_the_enterprise_is_not_matched(session, world, day):
    visit = add_visit(session, world.field1, None, day, free_enterprise={"name": "某公司"})
    assert codes(session, visit) == (False, [("enterprise_unmatched", None)])


def test_it_says_that_no_programme_covers_the_day(session, world, day):
    visit = add_visit(session, world.field1, add_enterprise(session), day.replace(year=day.year - 2))
    assert codes(session, visit) == (False, [("outside_programme", None)])


def test_it_says_that_the_mode_does_not_count(session, world, day):
    world.programme.counted_modes = ["door_to_door"]
    visit = add_visit(session, world.field1, add_enterprise(session), day, mode=VisitMode.ONLINE)
    assert codes(session, visit) == (False, [("mode_not_counted", None)])


def test_it_says_that_the_enterprise_is_not_listed(session, world, day):
    visit = add_visit(session, world.field1, add_enterprise(session, well_known=False), day)
    assert codes(session, visit) == (False, [("not_listed", None)])


def test_it_says_that_a_repeat_adds_no_subject(session, world, day):
    enterprise = add_enterprise(session)
    first = add_visit(session, world.field1, enterprise, day)
    second = add_visit(session, world.field2, enterprise, day + timedelta(1))
    recount(session, [first.id])
    assert codes(session, second) == (True, [("counted", "thousand"), ("repeat_visit", "thousand")])
    assert codes(session, first) == (True, [("counted", "thousand")])


def test_it_counts_a_top500_visit_on_both_lines_in_the_edition_of_its_day(session, world, day):
    enterprise = add_enterprise(session, well_known=False)
    add_membership(session, add_edition(session, day), enterprise_id=enterprise.id)
    before = add_visit(session, world.field1, enterprise, day - timedelta(1))
    on_it = add_visit(session, world.field1, enterprise, day)
    assert codes(session, before) == (False, [("not_listed", None)])
    assert codes(session, on_it) == (True, [("counted", "thousand"), ("counted", "hundred")])


def test_it_speaks_english_when_asked(session, world, day):
    visit = add_visit(session, world.field1, add_enterprise(session), day)
    recount(session, [visit.id])
    assert (
        explain(session, [visit.id], language="en")[visit.id].reasons[0].text == "Counts towards the thousand"
    )


def test_it_names_the_programme_when_more_than_one_is_in_force(session, world, day):
    other = add_programme(session, day.year, name="专项行动", thousand_scope=ThousandScope.ANY)
    enterprise = add_enterprise(session)
    visit = add_visit(session, world.field1, enterprise, day)
    online = add_visit(session, world.field1, add_enterprise(session, well_known=False), day)
    recount(session, [visit.id, online.id])
    reasons = explain(session, [visit.id])[visit.id].reasons
    assert {one.text for one in reasons} == {
        f"{name}：已计入“千家”" for name in (world.programme.name, other.name)
    }
    assert [one.text for one in explain(session, [online.id])[online.id].reasons] == [
        f"{other.name}：已计入“千家”"
    ]


def test_it_says_of_each_programme_in_force_why_a_visit_does_not_count(session, world, day):
    add_programme(session, day.year, name="专项行动", counted_modes=["online"])
    visit = add_visit(session, world.field1, add_enterprise(session, well_known=False), day)
    recount(session, [visit.id])
    reasons = explain(session, [visit.id], language="en")[visit.id].reasons
    assert {(one.programme, one.code) for one in reasons} == {
        (world.programme.name, "not_listed"),
        ("专项行动", "mode_not_counted"),
    }
    assert all(one.text.startswith(f"{one.programme}: ") for one in reasons)
