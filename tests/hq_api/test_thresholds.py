"""Limits that headquarters sets: kept with their time, applied from then on, named beside what they decide."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
import time_machine

from service.audit.models import AuditEntry
from service.evidence.assessing import assess_waiting_visits
from service.evidence.models import VisitAssessment
from service.kernel.clock import now
from service.programmes.limits import CATALOGUE, USUAL
from service.visits.models import ReviewState
from tests.factories.visits import add_enterprise, add_visit
from tests.support.phone_steps import visit_body


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel("2026-10-20T04:00:00+00:00", tick=False) as travelling:
        yield travelling


@pytest.fixture
def address(world):
    return f"/api/hq/v1/programmes/{world.programme.id}/thresholds"


def values(shown):
    return {one["code"]: one["value"] for one in shown["limits"]}


def put(client, world, address, **limits):
    answer = client.as_(world.hq1).put(address, json={"limits": limits})
    assert answer.status_code == 200, answer.json
    return answer.json


def test_it_shows_field_staff_no_limits(client, world, address):
    assert client.as_(world.field1).get(address).status_code == 403


@pytest.mark.parametrize("who", ["unit1", "leader1", "inspector1"])
def test_only_headquarters_sets_them(client, world, address, who):
    answer = client.as_(getattr(world, who)).put(address, json={"limits": {"distance_m": 500}})
    assert answer.status_code == 403


def test_it_starts_with_the_usual_ones(client, world, address):
    shown = client.as_(world.unit1).get(address).json
    assert (shown["number"], shown["set_at"]) == (0, None)
    assert values(shown) == {one.code: one.usual for one in CATALOGUE}


def test_it_sets_those_that_are_named_and_keeps_every_setting(client, world, address, today):
    put(client, world, address, distance_m=500)
    today.move_to("2026-10-21T04:00:00+00:00")
    shown = put(client, world, address, late_days=3)
    assert (shown["number"], values(shown)["distance_m"], values(shown)["late_days"]) == (2, 500, 3)
    before = client.as_(world.hq1).get(address, query_string={"at": "2026-10-20T20:00:00 08:00"}).json
    assert (before["number"], values(before)["late_days"]) == (1, USUAL.late_days)
    history = client.as_(world.unit1).get(f"{address}/history").json["items"]
    assert [one["number"] for one in history] == [2, 1]


def test_what_changes_nothing_is_no_setting(client, world, address):
    assert put(client, world, address, distance_m=USUAL.distance_m)["number"] == 0


def test_it_is_audited_with_both_values(client, world, session, address):
    put(client, world, address, distance_m=500)
    entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "programme.thresholds")).one()
    assert entry.details["changed"] == {"distance_m": {"from": 1000, "to": 500}}


@pytest.mark.parametrize(
    ("limits", "pointer"),
    [
        ({"distance_m": 0}, "/limits/distance_m"),
        ({"distance_m": "500"}, "/limits/distance_m"),
        ({"nonsense": 1}, "/limits/nonsense"),
        ({"light_yellow_points": 40}, "/limits/light_yellow_points"),
        ({"rail_kmh": 950}, "/limits/rail_kmh"),
    ],
)
def test_it_refuses_what_makes_no_sense(client, world, address, limits, pointer):
    answer = client.as_(world.hq1).put(address, json={"limits": limits})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)


def test_lights_say_which_limits_lit_them(client, world, address):
    client.as_(world.hq1).put(
        "/api/hq/v1/indicators/visits/amounts?period=year&on=2026-10-20",
        json={"amounts": [{"unit_id": None, "level": "working", "amount": "100"}]},
    )

    def row():
        shown = client.as_(world.hq1).get("/api/hq/v1/statistics?measure=visits").json
        return shown["items"][0]["light"], shown["items"][0]["light_text"], shown["light_limits"]

    assert row()[0] == "red"
    put(client, world, address, light_red_points=90)
    light, text, limits = row()
    assert light == "yellow"
    assert "10至90" in text
    assert limits == {
        "programme_id": str(world.programme.id),
        "number": 1,
        "yellow_points": 10,
        "red_points": 90,
    }
    completion = client.as_(world.hq1).get("/api/hq/v1/indicators/visits/amounts").json
    assert (completion["items"][0]["light"], completion["light_limits"]["number"]) == ("yellow", 1)


def test_flags_carry_the_limit_of_the_moment_they_were_raised(client, world, session, address):
    near = add_enterprise(session, "某企业", latitude=36.45, longitude=115.98)
    session.commit()
    place = {"lat": 36.456, "lng": 115.98, "datum": "wgs84", "source": "gps"}

    def submitted(n):
        at = {"visited_at": f"2026-10-1{n}T10:00:00+08:00", "captured_at": "2026-10-20T10:00:00+08:00"}
        body = visit_body(enterprise_id=str(near.id), location=place, **at)
        answer = client.as_(world.field1).put(
            f"/api/v1/visits/{'0' * 7}{n}-0000-7000-8000-000000000000", json=body
        )
        assert answer.status_code == 201, answer.json
        return {one["code"]: one["limit"] for one in answer.json["flags"]}

    assert "far_from_enterprise" not in submitted(1)
    put(client, world, address, distance_m=500, late_days=1)
    flags = submitted(2)
    assert (flags["far_from_enterprise"], flags["recorded_late"]) == (500, 1)


def test_checks_use_them_from_then_on_and_what_waits_is_checked_again(client, world, session, address):
    visit = add_visit(
        session,
        world.field1,
        add_enterprise(session, "某企业"),
        date(2026, 10, 12),
        review_state=ReviewState.SUBMITTED,
    )
    visit.ended_at = visit.visited_at + timedelta(minutes=20)
    session.commit()
    assess_waiting_visits(session)
    session.commit()
    with time_machine.travel(now() + timedelta(hours=1), tick=False):
        put(client, world, address, hurried_minutes=30)
        assert assess_waiting_visits(session) == 1
        assert assess_waiting_visits(session) == 0
    assert session.scalar(sa.select(VisitAssessment.doubts)) == ["duration"]
    evidence = client.as_(world.hq1).get(f"/api/hq/v1/visits/{visit.id}/evidence").json["evidence"]
    (duration,) = (one for one in evidence if one["check"] == "duration")
    assert (duration["verdict"], duration["value"], duration["limit"]) == ("doubt", 20, 30)


def test_config_tells_names_tiers_limits_and_no_map(client, world, address):
    put(client, world, address, fence_radius_m=200)
    shown = client.as_(world.unit1).get("/api/hq/v1/config").json
    assert [one["code"] for one in shown["tiers"]] == ["baseline", "working", "striving"]
    assert (shown["fence_radius_m"], shown["thresholds"]["number"], shown["map"]) == (200, 1, None)
    assert client.as_(world.field1).get("/api/hq/v1/config").status_code == 403
