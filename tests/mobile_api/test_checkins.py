"""A phone sends a check-in, and is told what the house makes of it."""

from uuid import uuid4

import pytest

from service.kernel.ids import uuid7
from service.kernel.revisions import body_sha256
from tests.factories.sites import (
    LIAOCHENG_GCJ02,
    add_assignment,
    add_site,
    checkin_body,
    location_at,
)


@pytest.fixture
def site(session, world):
    site = add_site(session, world.dongchangfu)
    add_assignment(session, world.commissioner1, site)
    session.commit()
    return site


@pytest.fixture
def phone(client, world):
    return client.as_(world.commissioner1)


def put(phone, body, checkin_id=None, **options):
    return phone.put(f"/api/v1/checkins/{checkin_id or uuid7()}", json=body, **options)


def test_the_outsider_sees_nothing_and_learns_nothing(client, world, phone, site):
    made = put(phone, checkin_body(site)).get_json()
    path = f"/api/v1/checkins/{made['id']}"
    assert client.get(path).status_code == 401
    outsider = client.as_(world.field2)
    assert outsider.get(path).status_code == 404
    assert outsider.get(f"{path}/revisions").status_code == 404
    assert outsider.post(f"{path}/withdrawal", json={"reason": "x"}).status_code == 404
    assert outsider.get("/api/v1/checkins").get_json()["items"] == []
    taken = outsider.put(path, json=checkin_body(site))
    assert (taken.status_code, taken.get_json()["code"]) == (409, "id_taken")
    assert "conflict" not in taken.get_json()


def test_it_answers_with_the_record_its_receipt_and_the_verdict(phone, site):
    body = checkin_body(
        site,
        kind="progress",
        location=location_at(),
        note="主体封顶",
        progress={"percent": 62.5, "text": "封顶"},
    )
    answer = put(phone, body)
    made = answer.get_json()
    assert answer.status_code == 201
    assert answer.headers["ETag"].startswith('"1-')
    assert made["receipt"]["sha256"] == body_sha256(body)
    assert made["number"].startswith("LC-20")
    assert (made["rev"], made["inside"], made["distance_m"], made["accuracy_m"]) == (1, True, 0.0, 10.0)
    assert made["progress"] == {"percent": 62.5, "text": "封顶"}
    assert made["photos"] == {"expected": 0, "received": 0, "missing": []}
    assert (made["flags"], made["ignored_fields"]) == ([], [])
    assert made["unit"]["name"] == "东昌府区"


def test_it_takes_a_record_without_a_place(phone, site):
    made = put(phone, checkin_body(site)).get_json()
    assert (made["inside"], made["distance_m"], made["location"], made["flags"]) == (None, None, None, [])


def test_it_hints_at_another_datum_in_the_askers_language(phone, site):
    body = checkin_body(site, location=location_at(LIAOCHENG_GCJ02))
    made = put(phone, body).get_json()
    assert made["inside"] is False
    assert 480 < made["distance_m"] < 560
    hint = next(flag for flag in made["flags"] if flag["code"] == "other_datum_fits")
    assert set(hint) == {"code", "severity", "value", "limit", "text"}
    assert "疑似坐标系偏移" in hint["text"]
    english = phone.get(f"/api/v1/checkins/{made['id']}", headers={"Accept-Language": "en"}).get_json()
    assert "Probably another datum" in str(english["flags"])


def test_it_flags_a_mock_location_and_takes_the_record(phone, site):
    answer = put(phone, checkin_body(site, location=location_at(is_mock=True)))
    assert answer.status_code == 201
    assert [flag["code"] for flag in answer.get_json()["flags"]] == ["mock_location"]


def test_it_flags_a_clock_that_is_ahead(phone, site):
    body = checkin_body(site)
    body["at"] = body["captured_at"] = "2099-01-01T00:00:00+08:00"
    made = put(phone, body).get_json()
    assert made["clock_skew_s"] > 600
    assert [flag["code"] for flag in made["flags"]] == ["clock_ahead"]


def test_it_answers_a_repeat_with_the_first_receipt(phone, site):
    body, checkin_id = checkin_body(site, note="原文"), uuid7()
    first = put(phone, body, checkin_id)
    put(phone, body | {"note": "改", "base_rev": 1}, checkin_id)
    late = put(phone, dict(reversed(body.items())), checkin_id)
    assert (late.status_code, late.headers["Idempotency-Replayed"]) == (200, "true")
    assert late.get_json()["receipt"] == first.get_json()["receipt"]
    assert (late.get_json()["rev"], late.get_json()["note"]) == (2, "改")


def test_it_takes_an_edit_on_top_of_the_current_revision(phone, site):
    checkin_id = uuid7()
    first = put(phone, checkin_body(site), checkin_id).get_json()
    edit = put(phone, checkin_body(site, note="补充", base_rev=1), checkin_id)
    assert (edit.status_code, edit.get_json()["rev"]) == (200, 2)
    assert "Idempotency-Replayed" not in edit.headers
    assert edit.get_json()["number"] == first["number"]
    revisions = phone.get(f"/api/v1/checkins/{checkin_id}/revisions").get_json()["items"]
    assert [one["rev"] for one in revisions] == [1, 2]
    assert revisions[0]["receipt"] == first["receipt"]
    assert revisions[1]["body"]["note"] == "补充"


def test_it_keeps_both_contents_of_a_conflict(client, world, phone, site):
    checkin_id, other = uuid7(), checkin_body(site, note="另一份")
    first = put(phone, checkin_body(site), checkin_id).get_json()
    refused = put(phone, other, checkin_id)
    assert refused.status_code == 409
    assert refused.get_json()["conflict"] == {
        "id": str(checkin_id),
        "server_rev": 1,
        "server_sha256": first["receipt"]["sha256"],
        "href": f"/api/v1/checkins/{checkin_id}",
        "kept_sha256": body_sha256(other),
    }
    solved = put(phone, other | {"base_rev": 1}, checkin_id)
    assert (solved.status_code, solved.get_json()["note"]) == (200, "另一份")


def test_it_refuses_a_failed_if_match_and_keeps_nothing(phone, site):
    checkin_id = uuid7()
    tag = put(phone, checkin_body(site), checkin_id).headers["ETag"]
    stale = put(phone, checkin_body(site, note="改"), checkin_id, headers={"If-Match": '"7"'})
    assert (stale.status_code, stale.get_json()["code"]) == (412, "stale")
    assert "quarantine" not in stale.get_json()
    assert put(phone, checkin_body(site, note="改"), checkin_id, headers={"If-Match": tag}).status_code == 200


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"site_id": str(uuid4())}, "/site_id"),
        ({"site_id": 5}, "/site_id"),
        ({"kind": "clock_in"}, "/kind"),
        ({"at": "2026-01-01T00:00:00"}, "/at"),
        ({"captured_at": "昨天"}, "/captured_at"),
        ({"location": location_at((91.0, 0.0))}, "/location/lat"),
        ({"location": {"lat": 36.0, "lng": 115.0, "source": "gps"}}, "/location/datum"),
        ({"location": location_at(datum="cgcs2000")}, "/location/datum"),
        ({"progress": {"percent": 100.5}}, "/progress/percent"),
        ({"progress": {"percent": "50"}}, "/progress/percent"),
        ({"progress": [50]}, "/progress"),
        ({"note": 5}, "/note"),
        ({"photo_ids": ["x"]}, "/photo_ids/0"),
        ({"base_rev": 1.5}, "/base_rev"),
    ],
)
def test_it_quarantines_what_is_invalid_and_closes_it_with_a_valid_body(phone, site, change, pointer):
    checkin_id, body = uuid7(), checkin_body(site)
    refused = put(phone, body | change, checkin_id)
    problem = refused.get_json()
    assert (refused.status_code, problem["client_action"]) == (422, "quarantine")
    assert [fault["pointer"] for fault in problem["errors"]] == [pointer]
    assert set(problem["quarantine"]) == {"id", "sha256", "received_at"}
    assert put(phone, body | change, checkin_id).get_json()["quarantine"] == problem["quarantine"]
    assert put(phone, body, checkin_id).status_code == 201


def test_it_ignores_keeps_and_names_unknown_fields(phone, site):
    body = checkin_body(site, mood="good", location=location_at(altitude=31))
    made = put(phone, body).get_json()
    assert sorted(made["ignored_fields"]) == ["/location/altitude", "/mood"]
    kept = phone.get(f"/api/v1/checkins/{made['id']}/revisions").get_json()["items"][0]["body"]
    assert kept == body


def test_it_withdraws_with_a_reason_and_shows_the_record_still(phone, site):
    made = put(phone, checkin_body(site)).get_json()
    path = f"/api/v1/checkins/{made['id']}"
    assert phone.post(f"{path}/withdrawal", json={}).status_code == 422
    withdrawn = phone.post(f"{path}/withdrawal", json={"reason": "填错了工地"}).get_json()
    assert withdrawn["withdrawn_because"] == "填错了工地"
    assert phone.get(path).get_json()["withdrawn_at"] == withdrawn["withdrawn_at"]
    late = put(phone, checkin_body(site, note="改", base_rev=1), made["id"])
    assert (late.status_code, late.get_json()["code"]) == (409, "record_closed")


def test_it_pages_through_ones_own_records_the_latest_first(phone, site):
    for day in (3, 1, 2):
        put(phone, checkin_body(site, at=f"2026-01-0{day}T09:00:00+08:00"))
    first = phone.get("/api/v1/checkins?limit=2")
    assert [one["at"][:10] for one in first.get_json()["items"]] == ["2026-01-03", "2026-01-02"]
    assert 'rel="next"' in first.headers["Link"]
    following = phone.get(f"/api/v1/checkins?limit=2&cursor={first.get_json()['next_cursor']}").get_json()
    assert [one["at"][:10] for one in following["items"]] == ["2026-01-01"]
    assert following["next_cursor"] is None
    assert phone.get("/api/v1/checkins?limit=1001").status_code == 422


def test_it_answers_not_modified_to_who_has_it(phone, site):
    made = put(phone, checkin_body(site)).get_json()
    path = f"/api/v1/checkins/{made['id']}"
    tag = phone.get(path).headers["ETag"]
    assert phone.get(path, headers={"If-None-Match": tag}).status_code == 304


def test_headquarters_repairs_a_quarantined_check_in_in_its_authors_name(client, world, phone, site):
    checkin_id = uuid7()
    put(phone, checkin_body(site, kind="clock_in"), checkin_id)
    office = client.as_(world.hq1)
    kept = office.get("/api/hq/v1/kept").get_json()["items"][0]
    settled = office.post(
        f"/api/hq/v1/kept/{kept['id']}/settlement",
        json={"how": "repair", "body": checkin_body(site, kind="arrive")},
    )
    assert settled.status_code == 200
    mine = phone.get(f"/api/v1/checkins/{checkin_id}").get_json()
    assert (mine["kind"], mine["user"]["id"]) == ("arrive", str(world.commissioner1.user_id))
