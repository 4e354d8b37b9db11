import json
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from service.audit.commands import seal
from service.audit.models import AuditEntry
from service.audit.verification import verify
from service.kernel.clock import now
from service.privacy.models import Door, PositionView, Reach
from service.privacy.retention import BATCH, Policy, rehearse, retain
from service.submissions.models import RecordRevision, RecordType
from service.sync.models import SyncMark
from tests.factories.photos import add_photo
from tests.factories.sites import add_site
from tests.service.privacy.conftest import HERE, POLICY, SPOT, ago, revision

COARSE = {"lat": 36.46, "lng": 115.99}


@pytest.fixture
def run(sessions, session):
    def run(policy=POLICY):
        done = retain(sessions, policy)
        session.expire_all()
        return done

    return run


def body_of(session, record, rev=1):
    return session.get_one(RecordRevision, (record.id, rev)).body


def test_it_makes_the_position_of_an_old_visit_coarse_in_the_record_and_in_its_body(session, run, visit):
    old, young = visit(91), visit(89)
    assert run() == {"revisions": 1, "visits": 1}
    assert old.location == HERE | COARSE | {"reduced_to_decimals": 2}
    assert (old.latitude, old.longitude) == (36.46, 115.98)
    assert body_of(session, old)["location"] == old.location
    assert (young.location, young.latitude) == (HERE, SPOT["latitude"])
    assert body_of(session, young)["location"] == HERE


def test_the_hash_the_receipt_and_what_counts_stay_as_they_were(session, run, visit):
    old = visit(flags=[{"code": "far_from_enterprise", "value": 812}])
    before = (old.rev, old.number, old.updated_at, old.review_state, old.flags, old.visited_on)
    revised = session.get_one(RecordRevision, (old.id, 1))
    receipt = (revised.sha256, revised.received_at, revised.seal)
    run()
    assert (old.rev, old.number, old.updated_at, old.review_state, old.flags, old.visited_on) == before
    assert (revised.sha256, revised.received_at, revised.seal) == receipt


def test_it_makes_check_ins_and_photos_coarse(session, world, run, checkin):
    there = checkin(add_site(session, world.dongchangfu).id)
    told = {"capture": {"gps": {"lat": 36.456684, "lng": 115.985389, "altitude_m": 31.5}}, "width": 4000}
    photo = add_photo(session, world.field1, expected_at=ago(100), developed_at=ago(99), facts=told, **SPOT)
    late = add_photo(session, world.field1, expected_at=ago(100), developed_at=ago(10), facts=told)
    session.commit()
    assert run() == {"revisions": 1, "checkins": 1, "photos": 1}
    assert (there.latitude, there.location["lat"]) == (36.46, 36.46)
    assert (photo.latitude, photo.location["lng"]) == (36.46, 115.99)
    assert photo.facts["capture"]["gps"] == {"lat": 36.46, "lng": 115.99, "reduced_to_decimals": 2}
    assert photo.facts["width"] == 4000
    assert late.facts == told


def test_an_edit_ages_by_itself(session, world, run, visit):
    edited = visit(100, rev=1)
    edited.rev = 2
    session.add(revision(edited.id, world.field1, ago(5), RecordType.VISIT, {"location": HERE}, rev=2))
    session.commit()
    assert run() == {"revisions": 1}
    assert (edited.latitude, body_of(session, edited, 2)["location"]) == (SPOT["latitude"], HERE)


def test_it_goes_on_where_it_stopped_and_a_second_run_changes_nothing(session, run, visit):
    visit(400)
    assert run()["visits"] == 1
    reached = {one.walk: one.reached_at for one in session.scalars(sa.select(Reach))}
    assert reached["revisions:2"] > ago(91)
    assert run() == {}
    assert run(Policy(position_days=90, decimals=3, kept_days=0, view_days=0)) == {}
    assert run(Policy(position_days=90, decimals=1, kept_days=0, view_days=0))["visits"] == 1


def test_it_takes_more_than_a_batch_of_one_moment(session, world, run):
    moment = ago(100)
    session.add_all(
        revision(uuid4(), world.field1, moment, RecordType.CHECKIN, {"location": HERE})
        for _ in range(BATCH + 7)
    )
    session.commit()
    assert run()["revisions"] == BATCH + 7
    assert run() == {}


def test_a_rehearsal_counts_the_same_and_changes_nothing(session, sessions, run, visit, kept):
    old = visit(200)
    visit(100)
    gone = kept(b"{}", settled_days=400)
    assert rehearse(sessions, POLICY) == {"revisions": 2, "visits": 2, "kept_bytes": 1}
    session.expire_all()
    assert (old.location, gone.raw, session.scalar(sa.select(sa.func.count()).select_from(Reach))) == (
        HERE,
        b"{}",
        0,
    )
    assert run() == {"revisions": 2, "visits": 2, "kept_bytes": 1}


def test_zero_days_keep_everything(run, visit, kept):
    old, body = visit(4000), kept(b"{}", settled_days=4000)
    assert run(Policy(position_days=0, decimals=2, kept_days=0, view_days=0)) == {}
    assert (old.location, body.raw) == (HERE, b"{}")


def test_bytes_of_settled_bodies_go_and_everything_else_stays(run, kept):
    raw = json.dumps({"location": HERE, "x": 1}).encode()
    gone, coarse, is_open = kept(raw, settled_days=366), kept(raw, settled_days=100), kept(raw)
    sha256 = gone.sha256
    assert run() == {"kept_bytes": 1, "kept_bodies": 1}
    assert (gone.raw, gone.sha256, gone.code) == (b"", sha256, "invalid")
    assert gone.raw_gone_at is not None
    assert json.loads(coarse.raw)["location"]["lat"] == 36.46
    assert is_open.raw == raw
    assert run() == {}


def test_bytes_that_are_no_json_stay_until_they_go(run, kept):
    broken = kept(b'{"lat": 36.456', settled_days=100)
    assert run() == {}
    assert broken.raw == b'{"lat": 36.456'


def test_old_views_are_forgotten(session, world, run):
    for days in (1001, 999):
        session.add(
            PositionView(
                viewed_at=ago(days),
                viewer_id=world.hq1.person_id,
                person_id=world.field1.person_id,
                door=Door.VISIT,
                record_type="visit",
                record_id=uuid4(),
            )
        )
        session.flush()
    session.commit()
    assert run() == {"views": 1}
    assert session.scalar(sa.select(PositionView.viewed_at)) > ago(1000)


def test_it_leaves_counts_in_the_audit_and_the_chain_stays_whole(session, run, visit):
    visit()
    while seal(session) is not None:
        session.commit()
    run()
    entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "privacy.retain")).one()
    assert entry.details == {"revisions": 1, "visits": 1}
    while seal(session) is not None:
        session.commit()
    assert verify(session, anchor=None).is_sound


def test_phones_are_told_of_what_they_are_to_show_again(session, run, visit):
    old = visit()
    marked = sa.select(sa.func.count()).where(SyncMark.subject == old.id, SyncMark.type == "visit")
    before = session.scalar(marked)
    run()
    assert session.scalar(marked) == before + 1


def test_a_quiet_year_is_one_step(session, run, visit):
    visit(900)
    visit(100)
    assert run()["visits"] == 2
    assert session.get_one(Reach, "revisions:2").reached_at <= now() - timedelta(days=89)
