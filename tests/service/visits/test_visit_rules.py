"""What a visit must hold, what it is flagged for, and whose it may be: tables of cases, no database."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from service.kernel.actor import Actor, Role
from service.kernel.datum import Datum, from_wgs84
from service.kernel.geo import Point
from service.submissions.location import Location, LocationSource
from service.submissions.sent import Sent
from service.visits import rules
from service.visits.contacts import ERASED, masked_body, masked_phone, masked_text
from service.visits.flags import flags_of
from service.visits.methods import METHODS, method_slug
from service.visits.models import VisitMode
from service.visits.submission import FreeEnterprise, VisitSubmission
from service.visits.surroundings import KnownEnterprise, PhotoFacts, Surroundings, Visitor

AT = datetime(2026, 3, 2, 2, tzinfo=UTC)
UNIT, CITY = uuid4(), uuid4()
VISITOR = Visitor(uuid4(), "张三", UNIT, "东昌府区", frozenset({CITY, UNIT}))
OFFICE = Point(36.456684, 115.985389)
SEEN = Surroundings(visitor=VISITOR, enterprise=KnownEnterprise(uuid4(), "甲", OFFICE), unit_names={})


def visit(**facts):
    usual = {
        "sent": Sent.of({}),
        "visited_at": AT,
        "mode": VisitMode.DOOR_TO_DOOR,
        "captured_at": AT,
        "enterprise_id": uuid4(),
    }
    return VisitSubmission(**(usual | facts))


def at(point, datum=Datum.WGS84, shown_in=None):
    lat, lng = from_wgs84(point.lat, point.lng, shown_in or datum)
    return Location(lat=lat, lng=lng, datum=datum, source=LocationSource.GPS)


def pointers(faults):
    return [fault.pointer for fault in faults]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, []),
        ({"enterprise_id": None}, ["/enterprise_id"]),
        ({"free_enterprise": FreeEnterprise("乙")}, ["/enterprise_id"]),
        ({"enterprise_id": None, "free_enterprise": FreeEnterprise("乙")}, []),
        ({"ended_at": AT}, []),
        ({"ended_at": AT - timedelta(seconds=1)}, ["/ended_at"]),
        ({"next_on": date(2026, 3, 2)}, []),
        ({"next_on": date(2026, 3, 1)}, ["/next_on"]),
    ],
)
def test_it_finds_what_is_wrong_by_itself(facts, expected):
    assert pointers(rules.faults_of(visit(**facts))) == expected


def test_it_finds_what_does_not_exist():
    known, unknown = uuid4(), uuid4()
    nothing = Surroundings(visitor=None, enterprise=None, unit_names={known: "茌平区"})
    faults = rules.faults_against(visit(joint_unit_ids=(known, unknown)), nothing)
    assert pointers(faults) == ["/visitor_id", "/enterprise_id", "/joint_units/1"]


def person(*roles, unit_id=UNIT):
    return Actor(user_id=uuid4(), name="某人", unit_id=unit_id, roles=frozenset(roles))


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.FIELD_STAFF, True),
        (Role.SITE_COMMISSIONER, True),
        (Role.DEPARTMENT_OFFICER, True),
        (Role.UNIT_OFFICE, True),
        (Role.HEADQUARTERS, True),
        (Role.LEADER, False),
        (Role.INSPECTOR, False),
        (Role.ADMINISTRATOR, False),
    ],
)
def test_those_in_the_field_record(role, may):
    assert rules.may_record(person(role)) is may


@pytest.mark.parametrize(
    ("actor", "may"),
    [
        (person(Role.FIELD_STAFF), True),
        (person(Role.FIELD_STAFF, unit_id=CITY), False),
        (person(Role.UNIT_OFFICE, unit_id=CITY), True),
        (person(Role.UNIT_OFFICE, unit_id=uuid4()), False),
        (person(Role.HEADQUARTERS, unit_id=uuid4()), True),
    ],
)
def test_a_record_for_somebody_comes_from_who_answers_for_them(actor, may):
    assert rules.may_record_for(actor, actor.user_id, VISITOR) is may


def test_ones_own_record_is_ones_own_wherever_one_was():
    actor = replace(person(Role.FIELD_STAFF, unit_id=uuid4()), user_id=VISITOR.id)
    assert rules.may_record_for(actor, VISITOR.id, VISITOR)


FAR = Point(36.6, 116.9)


@pytest.mark.parametrize(
    ("facts", "seen", "expected"),
    [
        ({}, {}, []),
        ({"visited_at": AT + timedelta(days=2)}, {}, ["future_visit"]),
        ({"visited_at": AT - timedelta(days=8)}, {}, ["recorded_late"]),
        ({"captured_at": AT + timedelta(hours=3)}, {}, ["clock_ahead"]),
        ({"ended_at": AT + timedelta(hours=13)}, {}, ["long_visit"]),
        ({"location": at(OFFICE)}, {}, []),
        ({"location": at(FAR)}, {}, ["far_from_enterprise"]),
        ({"location": at(FAR)}, {"enterprise": None}, []),
        ({}, {"photos": PhotoFacts(reused=frozenset({uuid4()}))}, ["photo_reused"]),
        ({}, {"photos": PhotoFacts(from_gallery=frozenset({uuid4()}))}, ["photo_from_gallery"]),
        ({"joint_unit_ids": (UNIT,)}, {}, ["joint_with_own_unit"]),
        ({}, {"similar_visits": 2}, ["similar_visit"]),
        ({"free_enterprise": FreeEnterprise("乙", "91370000163023142X")}, {}, ["doubtful_credit_code"]),
    ],
)
def test_it_flags_and_never_refuses(facts, seen, expected):
    flags = flags_of(visit(**facts), replace(SEEN, **seen), AT)
    assert [flag.code for flag in flags] == expected
    assert all(flag.zh and flag.en for flag in flags)


def test_it_says_when_another_datum_would_fit():
    # 1.05 km away as declared, at the door when read as BD-09.
    sent = at(OFFICE, Datum.WGS84, shown_in=Datum.BD09)
    flags = {flag.code: flag for flag in flags_of(visit(location=sent), SEEN, AT)}
    assert flags["other_datum_fits"].value == "bd09"
    assert flags["far_from_enterprise"].value > 1000


def test_a_method_is_named_by_slug_or_number():
    assert method_slug("door_to_door") == method_slug("ME-14") == "door_to_door"
    assert method_slug("ME-09") == "squad"
    assert method_slug("ME-99") is None
    names = [name for method in METHODS for name in (method.slug, *method.numbers)]
    assert len(names) == len(set(names)) == len(METHODS) + 38


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13806351234", "138****1234"),
        ("0635-8288888", "063****8888"),
        ("8288888", "****88"),
        ("12", "**"),
        ("", ""),
    ],
)
def test_a_phone_is_masked(phone, shown):
    assert masked_phone(phone) == shown


def test_it_leaves_the_word_for_an_erased_phone():
    assert masked_phone(ERASED) == ERASED


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("电话13806351234。", "电话138****1234。"),
        ("138 0635 1234", "138****1234"),
        ("138-0635-1234", "138****1234"),
        ("138 063 51234", "138****1234"),
        ("1380 635 1234", "138****1234"),
        ("138\u00a00635\u30001234", "138****1234"),
        ("１３８０６３５１２３４", "１３８****１２３４"),
        ("+8613806351234", "+86138****1234"),
        ("0086 138 0635 1234", "0086 138****1234"),
        ("座机0635-8312345转8", "座机0635-8****45转8"),
        ("（010）83123456", "（010）83****56"),
        ("06358312345", "06358****45"),
        ("91440300192317458F", "91440300192317458F"),
        ("2026-11-20 13:30，共1380户", "2026-11-20 13:30，共1380户"),
        ("115.98538912, 0.0635831234", "115.98538912, 0.0635831234"),
    ],
)
def test_it_masks_numbers_in_texts_however_they_are_set_apart(written, shown):
    assert masked_text(written) == shown


def test_it_leaves_ids_whole():
    told = {"photo_ids": ["0000a139-1234-5678-9abc-0123456789ab"]}
    assert masked_body(told) == told


def test_a_body_is_masked_whatever_its_hosts_are():
    assert masked_body({"hosts": [{"phone": "13806351234"}, 1]})["hosts"] == [{"phone": "138****1234"}]
    assert masked_body({"hosts": "13806351234"}) == {"hosts": "138****1234"}
    assert masked_body({"x": [{"y": "电话13806351234。"}]}) == {"x": [{"y": "电话138****1234。"}]}
    assert masked_body({"trip_id": "01a200c8-f53f-72ee-b41a-1380635123499"})["trip_id"].endswith(
        "1380635123499"
    )
