from datetime import date, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from service.evidence.assessing import assess_waiting_visits
from service.evidence.letting_through import apply_policies
from service.evidence.models import PolicyKind, VisitAssessment
from service.evidence.policies import NewPolicy, set_policy
from service.kernel.clock import now
from service.visits.models import ReviewDecision, ReviewState, Visit
from tests.factories.photos import LONG_AGO, SCENE, add_claim, add_photo
from tests.factories.visits import add_enterprise, add_visit
from tests.support.world import add_programme


@pytest.fixture
def day(world):
    return date(world.programme.year, 1, 5)


@pytest.fixture
def waiting(session, world, day):
    def make(by=None, **facts):
        enterprise = add_enterprise(session, f"企业{uuid4()}")
        usual = {"review_state": ReviewState.SUBMITTED}
        return add_visit(session, by or world.field1, enterprise, day, **(usual | facts))

    return make


def policy(session, world, kind, percent=0, wait_hours=0, programme=None):
    chosen = programme or world.programme
    set_policy(session, world.hq1, chosen.id, NewPolicy(kind, percent, wait_hours))


def run(session):
    assess_waiting_visits(session)
    approved = apply_policies(session)
    session.expire_all()
    return approved


def state(session, visit):
    return session.scalar(sa.select(Visit.review_state).where(Visit.id == visit.id))


def test_without_a_policy_it_approves_nothing(session, waiting):
    visit = waiting()
    assert run(session) == 0
    assert state(session, visit) == ReviewState.SUBMITTED


def test_it_lets_through_what_is_not_doubtful_and_says_so(session, world, waiting):
    visit, doubtful = waiting(), waiting(ended_at=None)
    doubtful.ended_at = doubtful.visited_at + timedelta(minutes=1)
    session.flush()
    policy(session, world, PolicyKind.FLAGGED)
    assert run(session) == 1
    assert state(session, visit) == ReviewState.APPROVED
    assert state(session, doubtful) == ReviewState.SUBMITTED
    (decision,) = session.scalars(sa.select(ReviewDecision)).all()
    assert (decision.reason_code, decision.decided_by) == ("policy", world.hq1.person_id)
    assert "自动通过" in decision.reason
    actor = session.scalar(sa.text("SELECT actor_name FROM audit_entries WHERE action = 'visit.approve'"))
    assert actor == "review_policy"


def test_it_waits_as_long_as_the_policy_says(session, world, waiting):
    visit = waiting(received_at=now() - timedelta(hours=5))
    policy(session, world, PolicyKind.FLAGGED, wait_hours=6)
    assert run(session) == 0
    policy(session, world, PolicyKind.FLAGGED, wait_hours=4)
    assert run(session) == 1
    assert state(session, visit) == ReviewState.APPROVED


def test_it_holds_a_share_by_lot_and_the_same_whenever_it_runs(session, world, waiting):
    made = [waiting() for _ in range(60)]
    policy(session, world, PolicyKind.RANDOM, percent=50)
    approved = run(session)
    assert 15 < approved < 45
    assert run(session) == 0
    policy(session, world, PolicyKind.RANDOM, percent=50)
    assert run(session) == 0
    assert sum(state(session, one) == ReviewState.SUBMITTED for one in made) == 60 - approved


def test_the_stricter_of_two_programmes_speaks(session, world, waiting):
    waiting()
    other = add_programme(session, name="春季行动")
    policy(session, world, PolicyKind.FLAGGED)
    assert run(session) == 0  # the other one holds everything
    policy(session, world, PolicyKind.FLAGGED, programme=other)
    assert run(session) == 1


def test_it_holds_what_waits_for_its_photos_and_assesses_it_again_when_they_come(session, world, waiting):
    photo_id = uuid4()
    visit = waiting(photo_ids=[photo_id], received_at=now())
    add_claim(session, world.field1, visit.id, photo_id)
    policy(session, world, PolicyKind.FLAGGED)
    assert run(session) == 0
    first = session.get(VisitAssessment, visit.id).assessed_at
    assert assess_waiting_visits(session) == 0
    add_photo(session, world.field1, id=photo_id, difference_hash=SCENE, developed_at=now())
    assert run(session) == 1
    assert session.get(VisitAssessment, visit.id).assessed_at > first


def test_it_never_lets_through_the_setters_own_records_or_free_entries(session, world, waiting, day):
    waiting(world.hq1)
    add_visit(
        session, world.field1, None, day, review_state=ReviewState.SUBMITTED, free_enterprise={"name": "某"}
    )
    policy(session, world, PolicyKind.FLAGGED)
    assert run(session) == 0


def test_an_edit_is_assessed_anew(session, waiting):
    visit = waiting()
    assert assess_waiting_visits(session) == 1
    assert assess_waiting_visits(session) == 0
    visit.rev = 2
    session.flush()
    assert assess_waiting_visits(session) == 1


def test_honest_records_of_a_month_are_not_doubted(session, world, waiting):
    at = LONG_AGO
    for n in range(40):
        photo = add_photo(session, world.field1, difference_hash=hash_of(n), taken_at=at)
        visit = waiting(world.field1 if n % 2 else world.field2, photo_ids=[photo.id])
        visit.ended_at = visit.visited_at + timedelta(minutes=45)
        add_claim(session, world.field1, visit.id, photo)
    session.flush()
    assess_waiting_visits(session)
    doubted = session.scalars(
        sa.select(VisitAssessment.doubts).where(sa.func.cardinality(VisitAssessment.doubts) > 0)
    ).all()
    assert doubted == []


def hash_of(n):
    spread = (n * 0x9E37_79B9_7F4A_7C15 + SCENE) % 2**64
    return spread - 2**64 if spread >= 2**63 else spread
