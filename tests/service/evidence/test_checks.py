from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from service.evidence.checks import Verdict, check, weight_beyond_flags
from service.evidence.subject import Before, OtherVisit, Picture, RecordNamed, Sighting, Subject
from service.kernel.datum import Datum
from service.kernel.geo import Circle, Point
from service.photos.models import PhotoSource, PhotoState
from service.submissions.clocks import Basis, CaptureView
from service.submissions.location import Location, LocationSource
from service.submissions.models import RecordType

AT = datetime(2026, 3, 4, 2, tzinfo=UTC)  # 10:00 on a Wednesday in Asia/Shanghai
HERE = Point(36.456684, 115.985389)
CLOCK = CaptureView(AT, AT, AT, AT, 3.0, Basis.MONOTONIC)
EARLIER = RecordNamed(RecordType.VISIT, uuid4(), "LC-2026-000001", "茌平区")
HONEST = Subject(
    type=RecordType.VISIT,
    id=uuid4(),
    rev=1,
    unit_id=uuid4(),
    at=AT,
    ended_at=AT + timedelta(hours=1),
    capture=CLOCK,
    received_at=AT + timedelta(hours=5),
    location=Location(HERE.lat, HERE.lng, Datum.WGS84, LocationSource.GPS, 12.0, is_mock=False),
    enterprise=HERE,
    pictures=(Picture(uuid4(), PhotoState.READY, PhotoSource.CAMERA, {}),),
)


def at(lat, lng, datum=Datum.WGS84, **facts):
    return Location(lat, lng, datum, LocationSource.GPS, **facts)


def flag(code, severity="warning"):
    return {"code": code, "severity": severity, "value": 9, "limit": 1, "zh": "提示", "en": "note"}


def picture(**exif):
    return Picture(uuid4(), PhotoState.READY, PhotoSource.CAMERA, {"capture": exif})


def seen(bits, **facts):
    return Sighting(HONEST.pictures[0].id, uuid4(), EARLIER, bits, **facts)


def before(hours, km, until=None):
    return Before(
        EARLIER, until or AT - timedelta(hours=hours), Point(HERE.lat - km / 111.195, HERE.lng), 0.0
    )


def verdicts(subject):
    return {one.check: one.verdict.value for one in check(subject)}


def test_it_doubts_nothing_about_an_honest_visit():
    found = verdicts(HONEST)
    assert "doubt" not in found.values()
    assert {name for name, verdict in found.items() if verdict == "pass"} >= {
        "distance",
        "clock",
        "mock",
        "hours",
        "duration",
        "photo_bytes",
        "photo_alike",
        "photo_source",
        "other_team",
    }


def test_it_has_no_data_rather_than_a_doubt_about_a_bare_record():
    bare = replace(
        HONEST,
        ended_at=None,
        location=None,
        enterprise=None,
        pictures=(),
        capture=replace(CLOCK, skew_s=None, basis=Basis.PHONE_ONLY),
    )
    assert set(verdicts(bare).values()) == {"no_data", "pass"}


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("distance", {"location": at(HERE.lat + 0.02, HERE.lng)}),
        ("distance", {"fence": Circle(HERE, 300), "location": at(HERE.lat + 0.02, HERE.lng)}),
        ("datum", {"fence": Circle(HERE, 300), "location": at(36.45677164, 115.99106937)}),
        (
            "datum",
            {"location": at(36.45677164, 115.99106937)},
        ),  # GCJ-02 called WGS-84, 508 m away: near enough
        ("mock", {"location": at(HERE.lat, HERE.lng, is_mock=True)}),
        ("speed", {"before": before(0.1, 100)}),
        ("speed", {"before": before(0.5, 1500)}),
        ("speed", {"before": before(0, 30, until=AT + timedelta(minutes=20))}),
        ("clock", {"flags": (flag("clock_skew"),)}),
        ("recording", {"flags": (flag("recorded_late", "info"),)}),
        ("hours", {"at": datetime(2026, 3, 3, 18, tzinfo=UTC)}),
        ("hours", {"at": datetime(2026, 10, 1, 2, tzinfo=UTC)}),
        ("duration", {"ended_at": AT + timedelta(minutes=2)}),
        ("photo_bytes", {"sightings": (seen(None),)}),
        ("photo_alike", {"sightings": (seen(6),)}),
        ("photo_alike", {"sightings": (seen(2, is_of_same_site=True),)}),
        ("photo_source", {"pictures": (Picture(uuid4(), PhotoState.READY, PhotoSource.GALLERY, {}),)}),
        ("photo_missing", {"pictures": (Picture(uuid4(), None, None, None),)}),
        ("photo_missing", {"pictures": (Picture(uuid4(), PhotoState.REJECTED, PhotoSource.CAMERA, None),)}),
        ("exif_time", {"pictures": (picture(taken_at="2026-03-01T02:00:00+00:00"),)}),
        ("exif_place", {"pictures": (picture(gps={"lat": 36.6, "lng": 117.1}),)}),
        ("other_team", {"others": (OtherVisit(EARLIER, 3),)}),
        ("similar_visit", {"flags": (flag("similar_visit"),)}),
    ],
)
def test_it_doubts_what_was_planted_and_says_so(name, changes):
    found = {one.check: one for one in check(replace(HONEST, **changes))}
    assert found[name].verdict is Verdict.DOUBT
    assert found[name].zh
    assert found[name].en


def test_it_says_great_figures_in_words_people_use():
    told = {
        one.check: one.zh
        for one in check(
            replace(
                HONEST,
                location=at(39.9, 116.4),
                pictures=(picture(taken_at="2011-01-13T06:00:00+00:00", gps={"lat": 41.8, "lng": 12.4}),),
            )
        )
    }
    assert told["distance"].startswith("距企业 384.6 公里（允许 1000 米")
    assert "相差 15.1 年（允许 12 小时）" in told["exif_time"]
    assert "公里（允许 2000 米）" in told["exif_place"]


def test_each_check_that_measures_names_its_limit():
    found = {one.check: one for one in check(HONEST)}
    measuring = (
        "distance",
        "clock",
        "recording",
        "hours",
        "duration",
        "photo_bytes",
        "photo_alike",
        "other_team",
    )
    assert all(found[name].limit is not None for name in measuring)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("distance", {"location": at(HERE.lat + 0.005, HERE.lng)}),
        ("distance", {"is_elsewhere": True, "location": at(31.2, 121.4)}),
        ("speed", {"before": before(3, 600)}),
        ("speed", {"before": before(0, 0.4)}),
        ("hours", {"at": datetime(2026, 3, 7, 2, tzinfo=UTC)}),  # a Saturday: 5+2
        ("photo_alike", {"sightings": (seen(4, is_of_same_site=True),)}),
        ("exif_time", {"pictures": (picture(taken_at="2026-03-04T10:30:00+00:00"),)}),
        ("exif_place", {"pictures": (picture(gps={"lat": 36.457, "lng": 115.99}),)}),
        ("photo_missing", {"pictures": ()}),
    ],
)
def test_it_lets_honest_reasons_pass(name, changes):
    assert verdicts(replace(HONEST, **changes))[name] != "doubt"


def test_it_names_the_record_a_speed_is_measured_from():
    (speed,) = [one for one in check(replace(HONEST, before=before(0.1, 100))) if one.check == "speed"]
    assert speed.records == (EARLIER,)
    assert speed.value == 1000
    assert speed.limit == 350


def test_it_says_where_a_picture_was_seen():
    subject = replace(HONEST, sightings=(seen(None),))
    (found,) = [one for one in check(subject) if one.check == "photo_bytes"]
    assert "LC-2026-000001" in found.zh
    assert "茌平区" in found.zh
    assert found.sightings[0].record == EARLIER


def test_it_weighs_a_doubt_once_when_a_flag_tells_it_already():
    far = replace(HONEST, location=at(HERE.lat + 0.02, HERE.lng))
    told = replace(far, flags=(flag("far_from_enterprise"),))
    assert weight_beyond_flags(far, check(far)) == 10
    assert weight_beyond_flags(told, check(told)) == 0
