"""Which event is possible where, and whose it is: the whole table, and whatever order people may think of."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.issues import workflow
from service.issues.models import EventKind as K
from service.issues.models import IssueState as S
from service.issues.workflow import Place, Standing

HEADQUARTERS = Standing(is_headquarters=True)
INSPECTOR = Standing(is_inspector=True)
RAISER = Standing(is_raiser=True)
OFFICE = Standing(is_raisers_office=True)
LEAD = Standing(leads=True, is_called=True, has_to_report_in=True)
LEAD_HERE = Standing(leads=True, is_called=True)
SUPPORT = Standing(is_called=True, has_to_report_in=True)
SUPPORT_HERE = Standing(is_called=True)
READER = Standing()


@pytest.mark.parametrize(
    ("state", "who", "may"),
    [
        (S.RAISED, HEADQUARTERS, {K.ASSIGN, K.ESCALATE, K.VOID}),
        (S.RAISED, OFFICE, {K.ASSIGN}),
        (S.RAISED, RAISER, set()),
        (S.RAISED, INSPECTOR, set()),
        (S.CALLED, HEADQUARTERS, {K.ASSIGN, K.SUPERVISE, K.EXTEND, K.ESCALATE, K.VOID}),
        (S.CALLED, OFFICE, {K.ASSIGN}),
        (S.CALLED, LEAD, {K.REPORT_IN, K.REPLY}),
        (S.CALLED, SUPPORT, {K.REPORT_IN, K.REPLY}),
        (S.CALLED, SUPPORT_HERE, {K.REPLY}),
        (S.CALLED, INSPECTOR, {K.SUPERVISE}),
        (S.IN_PROGRESS, HEADQUARTERS, {K.ASSIGN, K.SUPERVISE, K.EXTEND, K.ESCALATE, K.VOID}),
        (S.IN_PROGRESS, LEAD_HERE, {K.REPLY, K.RESOLVE}),
        (S.IN_PROGRESS, SUPPORT, {K.REPORT_IN, K.REPLY}),
        (S.IN_PROGRESS, SUPPORT_HERE, {K.REPLY}),
        (S.IN_PROGRESS, RAISER, set()),
        (S.RESOLVED, RAISER, {K.CONFIRM, K.REOPEN}),
        (S.RESOLVED, HEADQUARTERS, {K.CONFIRM, K.REOPEN, K.VOID}),
        (S.RESOLVED, LEAD_HERE, set()),
        (S.RESOLVED, OFFICE, set()),
        (S.CLOSED, RAISER, {K.REOPEN}),
        (S.CLOSED, HEADQUARTERS, {K.REOPEN}),
        (S.CLOSED, LEAD_HERE, set()),
    ],
)
def test_it_says_what_each_may_do(state, who, may):
    assert set(workflow.may(Place(state), who)) == may


@pytest.mark.parametrize("state", [S.WITHDRAWN, S.VOIDED])
def test_nobody_does_anything_about_what_is_gone(state):
    everything = Standing(*[True] * 7)
    assert workflow.may(Place(state), everything) == ()


@pytest.mark.parametrize("state", list(S))
def test_a_reader_does_nothing(state):
    assert workflow.may(Place(state), READER) == ()


def test_it_is_brought_before_the_joint_meeting_once():
    assert K.ESCALATE not in workflow.may(Place(S.CALLED, is_before_joint_meeting=True), HEADQUARTERS)


@pytest.mark.parametrize(
    ("kind", "state", "is_here", "then"),
    [
        (K.ASSIGN, S.RAISED, False, S.CALLED),
        (K.ASSIGN, S.IN_PROGRESS, False, S.CALLED),
        (K.ASSIGN, S.IN_PROGRESS, True, S.IN_PROGRESS),
        (K.REPORT_IN, S.CALLED, True, S.IN_PROGRESS),
        (K.REPORT_IN, S.CALLED, False, S.CALLED),
        (K.REPLY, S.CALLED, False, S.CALLED),
        (K.REPLY, S.IN_PROGRESS, True, S.IN_PROGRESS),
        (K.RESOLVE, S.IN_PROGRESS, True, S.RESOLVED),
        (K.CONFIRM, S.RESOLVED, True, S.CLOSED),
        (K.REOPEN, S.RESOLVED, True, S.IN_PROGRESS),
        (K.REOPEN, S.CLOSED, True, S.IN_PROGRESS),
        (K.SUPERVISE, S.CALLED, False, S.CALLED),
        (K.EXTEND, S.IN_PROGRESS, True, S.IN_PROGRESS),
        (K.ESCALATE, S.RAISED, False, S.RAISED),
        (K.VOID, S.RESOLVED, True, S.VOIDED),
    ],
)
def test_it_says_what_each_leads_to(kind, state, is_here, then):
    assert workflow.after(kind, Place(state), lead_has_reported_in=is_here) is then


def test_every_state_but_the_ends_can_be_left_and_every_kind_fits_somewhere():
    left = {state for kind in K for state in workflow.FROM[kind]}
    assert set(S) - left == {S.WITHDRAWN, S.VOIDED}
    assert all(any(workflow.fits(kind, Place(state)) for state in S) for kind in K)


people = st.builds(Standing, *[st.booleans()] * 7)


@given(st.lists(st.tuples(st.sampled_from(K), people, st.booleans()), max_size=40))
def test_whatever_people_try_in_whatever_order_a_legal_sequence_stays_legal(attempts):
    """Confirmed is only what was resolved, resolved only what its lead worked on, worked on only what was called."""
    state, is_here, is_met, path = S.RAISED, False, False, []
    for kind, who, by_lead in attempts:
        place = Place(state, is_here, is_met)
        if kind not in workflow.may(place, who):
            continue
        if kind is K.ASSIGN:
            is_here = is_here and by_lead  # the same lead, or another
        if kind is K.REPORT_IN:
            is_here = is_here or by_lead
        is_met = is_met or kind is K.ESCALATE
        state = workflow.after(kind, place, lead_has_reported_in=is_here)
        path.append(kind)
        assert (state is S.CALLED) <= (not is_here)
    for before, kind in zip([None, *path], path, strict=False):
        if kind is K.CONFIRM:
            assert before is K.RESOLVE
    assert path.count(K.CONFIRM) <= path.count(K.RESOLVE) <= 1 + path.count(K.REOPEN)
    assert K.RESOLVE not in path or path.index(K.ASSIGN) < path.index(K.REPORT_IN) < path.index(K.RESOLVE)


def test_who_may_do_something_is_never_told_that_it_is_nobodys_business():
    for kind, state, who in product(K, S, (HEADQUARTERS, INSPECTOR, RAISER, OFFICE, LEAD, SUPPORT)):
        if kind in workflow.may(Place(state), who):
            assert workflow.is_somebodys(kind, who)
