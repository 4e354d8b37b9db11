"""An office raises a problem itself, or takes it out of a check-in, whose author raises it then."""

from datetime import datetime

import pytest

from service.checkins.errors import UnknownCheckin
from service.checkins.models import CheckinKind
from service.issues.commands import raise_for_office, submit_issue
from service.issues.errors import CheckinTaken
from service.issues.models import EventKind, IssueCategory, IssueState
from service.issues.queries import one_issue
from service.issues.submission import NewIssue
from service.kernel.calendar import SHANGHAI
from service.kernel.errors import Invalid
from service.kernel.ids import uuid7
from service.submissions.errors import MayNotRecord
from service.submissions.review_states import ReviewState
from tests.factories.issues import add_issue, happen
from tests.factories.sites import add_checkin, add_site

THEN = datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)


@pytest.fixture
def site(session, world):
    return add_site(session, world.dongchangfu)


def told(session, world, site, note="【用电】三号塔吊没有电", **facts):
    return add_checkin(session, world.commissioner1, site, THEN, kind=CheckinKind.SERVICE, note=note, **facts)


def test_headquarters_raises_one_of_its_own(session, world, site):
    what = NewIssue(id=uuid7(), category=IssueCategory.ROAD, text="门前道路不通", site_id=site.id)
    made = raise_for_office(session, world.hq1, what)
    assert (made.created, made.view.raiser.name, made.view.unit.name) == (True, "hq1", "聊城市")
    assert (made.view.state, made.view.category) == (IssueState.RAISED, IssueCategory.ROAD)
    again = raise_for_office(session, world.hq1, what)
    assert (again.created, again.replayed, again.view.receipt) == (False, True, made.view.receipt)


def test_it_takes_site_text_category_and_raiser_out_of_a_check_in(session, world, site):
    checkin = told(session, world, site)
    made = raise_for_office(session, world.hq1, NewIssue(id=uuid7(), checkin_id=checkin.id)).view
    assert (made.category, made.text) == (IssueCategory.POWER, "三号塔吊没有电")
    assert (made.site.id, made.raised_at, made.checkin_id) == (site.id, THEN, checkin.id)
    assert (made.raiser.name, made.unit.name) == ("commissioner1", "东昌府区")
    mine = one_issue(session, world.commissioner1, made.id)
    assert mine.may_edit is True


def test_its_clock_begins_on_the_day_it_was_taken_out_and_not_with_the_check_in(session, world, site):
    checkin = told(session, world, site)
    made = raise_for_office(session, world.hq1, NewIssue(id=uuid7(), checkin_id=checkin.id)).view
    assert made.assign_due_at > made.received_at > THEN


@pytest.mark.parametrize(
    ("note", "category", "text"),
    [
        ("【审批手续】施工许可未办", IssueCategory.PERMITS, "施工许可未办"),
        ("[Power] no current", IssueCategory.POWER, "no current"),
        ("【地基】渗水", IssueCategory.OTHER, "渗水"),
        ("一直没有水", IssueCategory.OTHER, "一直没有水"),
        ("【用水】", IssueCategory.WATER, "用水"),
    ],
)
def test_it_reads_what_stands_in_front_of_the_note(session, world, site, note, category, text):
    checkin = told(session, world, site, note)
    made = raise_for_office(session, world.hq1, NewIssue(id=uuid7(), checkin_id=checkin.id)).view
    assert (made.category, made.text) == (category, text)


def test_what_the_office_says_goes_before_the_note(session, world, site):
    checkin = told(session, world, site)
    what = NewIssue(
        id=uuid7(), checkin_id=checkin.id, category=IssueCategory.LAND, text="改写", call=(world.zone.id,)
    )
    made = raise_for_office(session, world.unit1, what).view
    assert (made.category, made.text, made.lead.name) == (
        IssueCategory.LAND,
        "改写",
        "高新技术产业开发区",
    )


def test_a_check_in_gives_one_problem_that_stands(session, world, site):
    checkin = told(session, world, site)
    first = raise_for_office(session, world.hq1, NewIssue(id=uuid7(), checkin_id=checkin.id)).view
    with pytest.raises(CheckinTaken) as refused:
        raise_for_office(session, world.unit1, NewIssue(id=uuid7(), checkin_id=checkin.id))
    assert refused.value.extra == {"issue_id": first.id}
    happen(session, world.hq1, first.id, EventKind.VOID)
    second = raise_for_office(session, world.unit1, NewIssue(id=uuid7(), checkin_id=checkin.id))
    assert second.created


def test_one_that_its_phone_has_raised_already_is_not_taken_out_again(session, world, site):
    checkin = told(session, world, site)
    add_issue(session, world.commissioner1, site, checkin_id=checkin.id)
    with pytest.raises(CheckinTaken):
        raise_for_office(session, world.hq1, NewIssue(id=uuid7(), checkin_id=checkin.id))


def test_a_phone_may_raise_two_problems_of_one_check_in(session, world, site):
    checkin = told(session, world, site)
    made = [add_issue(session, world.commissioner1, site, checkin_id=checkin.id) for _ in range(2)]
    cards = [one_issue(session, world.commissioner1, one) for one in made]
    assert [(one.checkin_id, one.state) for one in cards] == [(checkin.id, IssueState.RAISED)] * 2


def test_an_edit_by_the_raiser_keeps_the_check_in_it_was_taken_out_of(session, world, site):
    from service.issues.submission import IssueSubmission
    from service.submissions.sent import Sent
    from tests.factories.issues import PROBLEM

    checkin = told(session, world, site)
    made = raise_for_office(session, world.hq1, NewIssue(id=uuid7(), checkin_id=checkin.id)).view
    what = IssueSubmission(
        sent=Sent.of({"text": PROBLEM}).on_top_of(1),
        captured_at=THEN,
        category=IssueCategory.POWER,
        text=PROBLEM,
        raised_at=THEN,
        site_id=site.id,
    )
    edited = submit_issue(session, world.commissioner1, made.id, what).view
    assert (edited.rev, edited.text, edited.checkin_id) == (2, PROBLEM, checkin.id)


@pytest.mark.parametrize("state", [ReviewState.RETURNED, ReviewState.VOIDED])
def test_a_check_in_that_fell_tells_nothing(session, world, site, state):
    checkin = told(session, world, site, review_state=state)
    with pytest.raises(Invalid):
        raise_for_office(session, world.hq1, NewIssue(id=uuid7(), checkin_id=checkin.id))


def test_another_units_check_in_is_not_there(session, world, site):
    checkin = told(session, world, site)
    with pytest.raises(UnknownCheckin):
        raise_for_office(session, world.unit2, NewIssue(id=uuid7(), checkin_id=checkin.id))


@pytest.mark.parametrize("reader", ["leader1", "inspector1", "field1", "department1"])
def test_only_offices_raise_here(session, world, site, reader):
    with pytest.raises(MayNotRecord):
        raise_for_office(
            session, getattr(world, reader), NewIssue(id=uuid7(), text="没有电", site_id=site.id)
        )


def test_it_needs_words_and_a_place(session, world, site):
    for lacking in ({"site_id": site.id}, {"text": "没有电"}):
        with pytest.raises(Invalid):
            raise_for_office(session, world.hq1, NewIssue(id=uuid7(), **lacking))
