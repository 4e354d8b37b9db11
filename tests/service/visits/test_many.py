"""Many new visits at once are what they would be one by one."""

from dataclasses import replace
from uuid import UUID

import pytest
import sqlalchemy as sa

from mobile_api.schemas.visits import VisitIn
from service.audit.models import AuditEntry
from service.kernel.clock import now, pretending
from service.kernel.geo import Point
from service.kernel.ids import uuid7
from service.photos.models import Photo, PhotoClaim
from service.submissions.models import RecordRevision
from service.submissions.terms import Terms
from service.visits import ledger, many
from service.visits.commands import take_visit
from service.visits.models import Visit, VisitCredit
from service.visits.recounting import verify
from tests.factories.submissions import visit_body, whole_visit_body
from tests.factories.visits import add_enterprise

HERE = Point(36.65, 117.12)


@pytest.fixture
def bodies(session, world):
    """Visits as different as they come: whole, free, joint, far away, twice on a day, by a colleague, with photos."""
    near = add_enterprise(session, "近处", latitude=HERE.lat, longitude=HERE.lng)
    far = add_enterprise(session, "远处", latitude=30.0, longitude=120.0)
    merged = add_enterprise(session, "旧名", merged_into_id=near.id)
    return [
        whole_visit_body(
            enterprise_id=near.id, joint_units=[str(world.chiping.id), str(world.dongchangfu.id)]
        ),
        whole_visit_body(),
        visit_body(enterprise_id=str(near.id)),
        visit_body(enterprise_id=str(near.id), summary='引号 " 和 \\ 与 \u2028 😀'),
        visit_body(enterprise_id=str(merged.id), mode="online"),
        whole_visit_body(enterprise_id=far.id, amount_wan="0.0001", photo_ids=[]),
        visit_body(visitor_id=str(world.colleague.user_id), location=None, trip_id=str(uuid7())),
        visit_body(visited_at="2020-02-29T23:59:59.999999+08:00", extra={"unknown": [1.5, None, True]}),
    ]


def one_by_one(session, actor, what):
    for visit_id, submission in what.items():
        take_visit(session, actor, visit_id, submission)


def at_once(session, actor, what):
    assert set(many.take_new_visits(session, actor, what, terms=Terms())) == set(what)


def told(session, actor, what, way):
    """Everything that is written of these visits, without what is given anew each time."""
    around = session.begin_nested()
    way(session, actor, what)
    ledger.recount(session, list(what))
    assert verify(session).clean
    tables = {
        Visit: ("id", {"number", "received_at", "updated_at"}),
        RecordRevision: ("record_id", {"received_at"}),
        PhotoClaim: ("record_id", {"claimed_at", "stamp"}),
        AuditEntry: ("subject_id", {"id", "at"}),
        VisitCredit: ("visit_id", set()),
    }
    found = []
    for table, (key, without) in tables.items():
        columns = table.__table__.c
        ids = [str(one) for one in what] if key == "subject_id" else list(what)
        rows = session.execute(sa.select(*columns).where(columns[key].in_(ids)))
        for row in rows.mappings():
            shown = {name: value for name, value in row.items() if name not in without}
            if "details" in shown:
                shown["details"] = {k: v for k, v in shown["details"].items() if k != "number"}
            if "flags" in shown:
                shown["flags"] = sorted(shown["flags"], key=lambda flag: flag["code"])
            found.append((table.__tablename__, str(sorted(shown.items(), key=lambda pair: pair[0]))))
    stamps = session.scalars(sa.select(Photo.stamp).where(Photo.stamp.is_not(None))).all()
    found.append(("stamps", str(sorted((one["unit"], one["subject"]) for one in stamps))))
    around.rollback()
    return sorted(found)


def announce(session, actor, photo_id):
    session.execute(
        sa.insert(Photo.__table__).values(
            id=UUID(photo_id), owner_id=actor.user_id, unit_id=actor.unit_id, state="expected", sha256=photo_id,
            md5="", size=1, content_type="image/jpeg", source="gallery", taken_at=sa.func.now(),
            object_key=photo_id, expected_at=sa.func.now(),
        )
    )  # fmt: skip


def test_they_become_the_same_rows_as_one_by_one(session, world, bodies):
    actor = replace(world.field1, device_id="phone-1", request_id="r", address="127.0.0.1")
    announce(session, actor, bodies[0]["photo_ids"][0])
    session.commit()
    what = {uuid7(): VisitIn().load(body) for body in bodies}
    with pretending(now()):
        alone, together = told(session, actor, what, one_by_one), told(session, actor, what, at_once)
    assert len(alone) == len(together)
    for one, other in zip(alone, together, strict=True):
        assert one == other


def test_their_numbers_follow_one_another(session, world, bodies):
    what = {uuid7(): VisitIn().load(body) for body in bodies}
    many.take_new_visits(session, world.field1, what, terms=Terms(number_prefix="QB"))
    numbers = session.scalars(sa.select(Visit.number).where(Visit.id.in_(what)).order_by(Visit.id)).all()
    counts = [int(number.rpartition("-")[2]) for number in numbers]
    assert all(number.startswith("QB-") for number in numbers)
    assert counts == list(range(counts[0], counts[0] + len(what)))


def test_it_leaves_out_what_is_known_invalid_or_names_the_photo_of_another(session, world):
    enterprise = add_enterprise(session)
    shared = str(uuid7())
    known, good, ends_early, unknown, first, second = (uuid7() for _ in range(6))
    take_visit(session, world.field1, known, VisitIn().load(visit_body()))
    what = {
        known: visit_body(summary="另一份"),
        good: visit_body(enterprise_id=str(enterprise.id)),
        ends_early: visit_body(ended_at="2020-01-01T00:00:00+08:00"),
        unknown: visit_body(enterprise_id=str(uuid7())),
        first: visit_body(photo_ids=[shared]),
        second: visit_body(photo_ids=[shared]),
    }
    taken = many.take_new_visits(
        session, world.field1, {key: VisitIn().load(body) for key, body in what.items()}, terms=Terms()
    )
    assert set(taken) == {good}
    revised = session.scalars(sa.select(RecordRevision.record_id).where(RecordRevision.record_id.in_(what)))
    assert set(revised) == {known, good}


def test_somebody_who_only_reads_takes_nothing_in(session, world):
    what = {uuid7(): VisitIn().load(visit_body())}
    assert many.take_new_visits(session, world.leader1, what, terms=Terms()) == {}
