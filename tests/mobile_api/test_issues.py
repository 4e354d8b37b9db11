"""A phone raises a problem, and the same answers hold as for every record."""

from datetime import date
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa

from service.accounts.models import UnitKind
from service.audit.models import AuditEntry
from service.issues.models import EventKind, IssueCategory
from service.issues.routes import NewRoute, set_routes
from service.kernel.ids import uuid7
from service.kernel.revisions import body_sha256
from service.photos.models import PhotoClaim
from tests.factories.issues import add_issue, assign, event_body, happen, issue_body
from tests.factories.photos import add_photo
from tests.factories.sites import add_assignment, add_project, add_site, checkin_body
from tests.factories.visits import add_enterprise
from tests.support.counting import statements
from tests.support.world import add_unit


@pytest.fixture
def site(session, world):
    project = add_project(session, world.dongchangfu)
    made = add_site(session, world.dongchangfu, project_id=project.id)
    session.commit()
    return made


@pytest.fixture
def phone(client, world):
    return client.as_(world.commissioner1)


def put(phone, body, issue_id=None, **options):
    return phone.put(f"/api/v1/issues/{issue_id or uuid7()}", json=body, **options)


def kinds(answer):
    return [event["kind"] for event in answer.json["events"]]


def test_the_outsider_sees_nothing_and_learns_nothing(client, world, phone, site):
    path = f"/api/v1/issues/{put(phone, issue_body(site)).json['id']}"
    assert client.get(path).status_code == 401
    for outsider in (world.colleague, world.field2, world.unit2, world.department1):
        other = client.as_(outsider)
        assert other.get(path).status_code == 404
        assert other.get(f"{path}/revisions").status_code == 404
        assert other.post(f"{path}/events", json=event_body("report_in")).status_code == 404
        assert other.post(f"{path}/withdrawal", json={"reason": "x"}).status_code == 404
        assert other.get("/api/v1/issues").json["items"] == []
        assert other.get("/api/v1/issues?box=called").json["items"] == []
        taken = other.put(path, json=issue_body(site))
        assert (taken.status_code, taken.json["code"]) == (409, "id_taken")
        assert "conflict" not in taken.json


def test_it_answers_with_the_problem_and_its_receipt(phone, site):
    body = issue_body(site, severity="major", photo_ids=[str(uuid4())], checkin_id=str(uuid4()))
    answer = put(phone, body)
    made = answer.json
    assert answer.status_code == 201
    assert answer.headers["ETag"].startswith('"1-')
    assert made["receipt"]["sha256"] == body_sha256(body)
    assert (made["state"], made["category"], made["severity"]) == ("raised", "power", "major")
    assert (made["unit"]["name"], made["raiser"]["name"]) == ("东昌府区", "commissioner1")
    assert (made["site"]["name"], made["project"]["name"]) == ("一号工地", "铜铝精深加工项目")
    assert (made["enterprise"], made["calls"], made["events"], made["due_at"]) == (None, [], [], None)
    assert (made["photos"]["expected"], made["photos"]["received"]) == (1, 0)
    assert (made["may"], made["may_edit"], made["light"]["light"]) == ([], True, "green")
    assert (made["flags"], made["ignored_fields"]) == ([], [])


def test_it_has_no_position(phone, site):
    place = {"lat": 36.45, "lng": 115.98, "datum": "wgs84", "source": "gps"}
    made = put(phone, issue_body(site, location=place)).json
    assert made["ignored_fields"] == ["/location"]
    assert "location" not in made


def test_it_may_be_of_an_enterprise_without_a_site(phone, session):
    enterprise = add_enterprise(session)
    session.commit()
    made = put(phone, issue_body(enterprise_id=str(enterprise.id))).json
    assert (made["site"], made["enterprise"]["id"]) == (None, str(enterprise.id))


def test_it_answers_a_repeat_with_the_first_receipt(phone, site):
    body, issue_id = issue_body(site), uuid7()
    first = put(phone, body, issue_id)
    again = put(phone, body, issue_id)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (200, "true")
    assert again.json["receipt"] == first.json["receipt"]


def test_it_keeps_other_content_under_the_same_id(phone, site):
    issue_id = uuid7()
    put(phone, issue_body(site), issue_id)
    answer = put(phone, issue_body(site, text="另一份"), issue_id)
    assert (answer.status_code, answer.json["code"]) == (409, "conflict")
    assert answer.json["conflict"]["href"] == f"/api/v1/issues/{issue_id}"
    kept = phone.get("/api/v1/kept").json["items"]
    assert [(one["record_type"], one["because"]) for one in kept] == [("issue", "conflict")]


def test_it_takes_an_edit_on_the_current_revision_and_shows_both(phone, site):
    issue_id = uuid7()
    put(phone, issue_body(site, text="没有电"), issue_id)
    edited = put(phone, issue_body(site, text="没有电也没有水", base_rev=1), issue_id)
    assert (edited.status_code, edited.json["rev"], edited.json["text"]) == (200, 2, "没有电也没有水")
    found = phone.get(f"/api/v1/issues/{issue_id}/revisions").json["items"]
    assert [one["body"]["text"] for one in found] == ["没有电", "没有电也没有水"]
    assert "base_rev" not in found[1]["body"]


def test_it_fails_on_another_revision_than_the_header_names(phone, site):
    issue_id = uuid7()
    put(phone, issue_body(site), issue_id)
    answer = put(phone, issue_body(site, text="改"), issue_id, headers={"If-Match": '"7"'})
    assert answer.status_code == 412


@pytest.mark.parametrize(
    ("facts", "pointer"),
    [
        ({"text": ""}, "/text"),
        ({"text": "字" * 4001}, "/text"),
        ({"category": "weather"}, "/category"),
        ({"severity": "grave"}, "/severity"),
        ({"raised_at": "yesterday"}, "/raised_at"),
        ({"photo_ids": ["x"]}, "/photo_ids/0"),
        ({"call": ["6ba7b810-9dad-11d1-80b4-00c04fd430c8"]}, "/call"),
        ({"site_id": None}, "/site_id"),
    ],
)
def test_what_cannot_be_understood_is_kept_in_quarantine(phone, site, facts, pointer):
    answer = put(phone, issue_body(site) | facts)
    assert (answer.status_code, answer.json["client_action"]) == (422, "quarantine")
    assert [one["pointer"] for one in answer.json["errors"]] == [pointer]
    assert answer.json["quarantine"]["id"]


def test_it_waits_for_a_site_that_is_not_here_yet(phone, site):
    answer = put(phone, issue_body(site_id=str(uuid4())))
    assert (answer.status_code, answer.json["code"]) == (422, "waits_for_parent")
    assert answer.json["waits_for"]["type"] == "site"


def test_a_check_in_and_a_visit_that_it_names_may_come_later(phone, session, world, site):
    checkin_id = str(uuid7())
    made = put(phone, issue_body(site, checkin_id=checkin_id, visit_id=str(uuid4()))).json
    assert phone.put(f"/api/v1/checkins/{checkin_id}", json=checkin_body(site)).status_code == 201
    assert phone.get(f"/api/v1/issues/{made['id']}").json["checkin_id"] == checkin_id


@pytest.mark.parametrize("reader", ["leader1", "inspector1"])
def test_who_only_reads_may_not_raise_and_what_they_sent_is_kept(client, world, site, reader):
    answer = put(client.as_(getattr(world, reader)), issue_body(site))
    assert (answer.status_code, answer.json["code"]) == (403, "may_not_record")


def test_it_calls_the_units_it_names_at_once(client, phone, world, site):
    called = [str(world.department.id), str(world.zone.id)]
    made = put(phone, issue_body(site, call=called)).json
    assert made["state"] == "called"
    assert [(one["unit"]["id"], one["role"]) for one in made["calls"]] == [
        (called[0], "lead"),
        (called[1], "support"),
    ]
    (event,) = made["events"]
    assert (event["kind"], event["facts"]["because"], event["by"]["name"]) == (
        "assign",
        "call",
        "commissioner1",
    )
    waiting = client.as_(world.department1).get("/api/v1/issues?box=called").json["items"]
    assert [one["may"] for one in waiting] == [["report_in", "reply"]]


def test_it_calls_the_units_of_its_categorys_route(phone, session, world, site):
    set_routes(session, world.hq1, [NewRoute(IssueCategory.POWER, world.department.id, (world.zone.id,))])
    session.commit()
    made = put(phone, issue_body(site)).json
    assert (made["state"], made["lead"]["name"]) == ("called", "市自然资源局")
    assert made["events"][0]["facts"]["because"] == "route"
    assert put(phone, issue_body(site, category="water")).json["state"] == "raised"


def test_an_edit_to_a_routed_category_calls_its_departments(phone, session, world, site):
    set_routes(session, world.hq1, [NewRoute(IssueCategory.WATER, world.department.id)])
    session.commit()
    issue_id = uuid7()
    put(phone, issue_body(site), issue_id)
    edited = put(phone, issue_body(site, category="water", base_rev=1), issue_id)
    assert (edited.json["state"], kinds(edited)) == ("called", ["assign"])


def test_once_departments_are_called_an_edit_leaves_the_severity_to_the_office(phone, session, world, site):
    issue_id = uuid7()
    put(phone, issue_body(site), issue_id)
    assign(session, world.hq1, issue_id, world.department)
    session.commit()
    edited = put(phone, issue_body(site, severity="major", text="补充", base_rev=1), issue_id).json
    assert (edited["severity"], edited["text"], edited["state"]) == ("general", "补充", "called")


def test_it_is_taken_back_with_a_reason_and_stays_to_be_read(phone, site):
    issue_id = uuid7()
    put(phone, issue_body(site), issue_id)
    path = f"/api/v1/issues/{issue_id}/withdrawal"
    assert phone.post(path, json={"reason": "填错"}).json["state"] == "withdrawn"
    assert phone.post(path, json={"reason": "再来"}).json["withdrawn_because"] == "填错"
    answer = put(phone, issue_body(site, text="改", base_rev=1), issue_id)
    assert (answer.status_code, answer.json["code"]) == (409, "record_closed")
    assert phone.get(f"/api/v1/issues/{issue_id}").json["may"] == []


def test_what_is_closed_is_not_taken_back(phone, session, world, site):
    issue_id = add_issue(session, world.commissioner1, site, call=[world.department])
    for kind in (EventKind.REPORT_IN, EventKind.RESOLVE):
        happen(session, world.department1, issue_id, kind)
    happen(session, world.commissioner1, issue_id, EventKind.CONFIRM)
    session.commit()
    answer = phone.post(f"/api/v1/issues/{issue_id}/withdrawal", json={"reason": "填错"})
    assert (answer.status_code, answer.json["code"]) == (409, "wrong_state")
    assert answer.json["issue"]["state"] == "closed"
    edit = put(phone, issue_body(site, text="改", base_rev=1), issue_id)
    assert (edit.status_code, edit.json["code"]) == (409, "record_closed")


def test_it_pages_my_problems_the_latest_first(phone, site):
    for day in (1, 2, 3):
        put(phone, issue_body(site, raised_at=f"2026-03-0{day}T09:00:00+08:00"))
    first = phone.get("/api/v1/issues?limit=2").json
    second = phone.get(f"/api/v1/issues?limit=2&cursor={first['next_cursor']}").json
    days = [one["on_day"] for one in (*first["items"], *second["items"])]
    assert days == ["2026-03-03", "2026-03-02", "2026-03-01"]


def test_it_lists_by_state(phone, world, site):
    put(phone, issue_body(site))
    put(phone, issue_body(site, call=[str(world.department.id)]))
    for states, count in (("raised", 1), ("raised,called", 2), ("closed", 0), ("", 2)):
        assert len(phone.get(f"/api/v1/issues?state={states}").json["items"]) == count
    assert phone.get("/api/v1/issues?state=asleep").status_code == 422


@pytest.mark.parametrize(
    ("reader", "sees"),
    [
        ("field1", False),
        ("colleague", True),
        ("field2", False),
        ("unit1", True),
        ("unit2", False),
        ("department1", True),
        ("hq1", True),
        ("leader1", True),
        ("inspector1", True),
    ],
)
def test_it_is_read_by_its_raiser_its_site_its_office_and_whom_it_calls(
    client, session, world, site, reader, sees
):
    add_assignment(session, world.colleague, site)
    issue_id = add_issue(session, world.commissioner1, site, call=[world.department])
    session.commit()
    answer = client.as_(getattr(world, reader)).get(f"/api/v1/issues/{issue_id}")
    assert answer.status_code == (200 if sees else 404)


def test_a_department_that_is_no_longer_called_reads_it_no_more(client, session, world, site):
    issue_id = add_issue(session, world.commissioner1, site, call=[world.department])
    assign(session, world.hq1, issue_id, world.zone)
    session.commit()
    department = client.as_(world.department1)
    assert department.get(f"/api/v1/issues/{issue_id}").status_code == 404
    assert department.get("/api/v1/issues?box=called").json["items"] == []


def test_its_photos_are_claimed_and_whom_it_calls_sees_them(client, session, world, phone, site):
    photo, other = add_photo(session, world.commissioner1), add_photo(session, world.department1)
    session.commit()
    made = put(phone, issue_body(site, photo_ids=[str(photo.id)], call=[str(world.department.id)])).json
    assert made["photos"] == {"expected": 1, "received": 1, "missing": []}
    department = client.as_(world.department1)
    assert department.get(f"/api/v1/photos/{photo.id}").status_code == 200
    assert client.as_(world.field2).get(f"/api/v1/photos/{photo.id}").status_code == 404
    done = event_body("report_in", photo_ids=[str(other.id)])
    answer = department.post(f"/api/v1/issues/{made['id']}/events", json=done)
    assert answer.json["photos"] == {"expected": 2, "received": 2, "missing": []}
    assert phone.get(f"/api/v1/photos/{other.id}").status_code == 200
    edited = put(phone, issue_body(site, photo_ids=[], base_rev=1), made["id"]).json
    assert edited["photos"]["expected"] == 1
    claims = session.scalars(sa.select(PhotoClaim).where(PhotoClaim.record_id == UUID(made["id"])))
    assert [(one.photo_id, one.record_type) for one in claims] == [(other.id, "issue")]


def test_a_photo_that_shows_a_problem_does_not_make_a_check_in_look_reused(session, world, phone, site):
    photo = add_photo(session, world.commissioner1)
    session.commit()
    put(phone, issue_body(site, photo_ids=[str(photo.id)]))
    made = phone.put(f"/api/v1/checkins/{uuid7()}", json=checkin_body(site, photo_ids=[str(photo.id)])).json
    assert "photo_reused" not in [flag["code"] for flag in made["flags"]]


def test_a_batch_takes_a_problem_and_its_withdrawal(phone, site):
    issue_id, other_id = str(uuid7()), str(uuid7())
    ops = [
        {"op_id": "1", "type": "issue", "id": issue_id, "body": issue_body(site)},
        {"op_id": "2", "type": "issue", "id": other_id, "body": issue_body(site, text="另一个")},
        {"op_id": "3", "type": "withdrawal", "id": other_id, "body": {"reason": "已自行解决"}},
        {"op_id": "4", "type": "issue", "id": str(uuid7()), "body": {"text": 3}},
    ]
    results = phone.post("/api/v1/sync/push", json={"ops": ops}).json["results"]
    assert [one["status"] for one in results] == ["applied"] * 3 + ["quarantined"]
    again = phone.post("/api/v1/sync/push", json={"ops": ops}).json["results"]
    assert [one["status"] for one in again] == ["duplicate"] * 3 + ["quarantined"]
    assert again[0]["receipt"] == results[0]["receipt"]
    assert phone.get(f"/api/v1/issues/{other_id}").json["withdrawn_because"] == "已自行解决"


def test_headquarters_lets_in_what_was_kept_as_its_authors(client, phone, world, site):
    issue_id = uuid7()
    kept = put(phone, issue_body(text="没有电"), issue_id).json["quarantine"]["id"]
    repaired = {"how": "repair", "body": issue_body(site, text="没有电")}
    answer = client.as_(world.hq1).post(f"/api/hq/v1/kept/{kept}/settlement", json=repaired)
    assert answer.status_code == 200
    made = phone.get(f"/api/v1/issues/{issue_id}").json
    assert (made["raiser"]["name"], made["unit"]["name"]) == ("commissioner1", "东昌府区")


def test_every_change_is_noted(phone, session, world, site):
    issue_id = uuid7()
    put(phone, issue_body(site, call=[str(world.department.id)]), issue_id)
    put(phone, issue_body(site, text="改", base_rev=1, call=[str(world.department.id)]), issue_id)
    phone.post(f"/api/v1/issues/{issue_id}/withdrawal", json={"reason": "填错"})
    noted = session.scalars(
        sa.select(AuditEntry.action).where(AuditEntry.subject_id == str(issue_id)).order_by(AuditEntry.id)
    )
    assert list(noted) == ["issue.submit", "issue.assign", "issue.edit", "issue.withdraw"]


def test_a_list_and_a_card_cost_the_same_however_much_there_is(client, phone, session, world, site):
    department = client.as_(world.department1)

    def cost():
        return (
            statements(session, lambda: department.get("/api/v1/issues?box=called")),
            statements(session, lambda: department.get(f"/api/v1/issues/{first}")),
        )

    first = add_issue(session, world.commissioner1, site, call=[world.department])
    session.commit()
    before = cost()
    for _ in range(5):
        add_issue(session, world.commissioner1, site, call=[world.department, world.zone])
    happen(session, world.department1, first, EventKind.REPORT_IN)
    for _ in range(5):
        happen(session, world.department1, first, EventKind.REPLY)
    session.commit()
    assert cost() == before
    # The test's savepoint and its end, who asks, the rows, whom they call, their photos, the limits; and the events.
    assert before == (7, 8)


NUMBER = "13812345678"


def test_only_who_wrote_a_number_reads_it_whole(client, session, world, phone, site):
    made = put(phone, issue_body(site, text=f"没有电，找王工 {NUMBER}", call=[str(world.department.id)])).json
    path = f"/api/v1/issues/{made['id']}"
    assert (NUMBER in made["text"], NUMBER in phone.get(path).json["text"]) == (True, True)
    department = client.as_(world.department1)
    answer = department.post(f"{path}/events", json=event_body("report_in", text=f"已派李工 {NUMBER}")).json
    assert [NUMBER in one["text"] for one in answer["events"] if one["text"]] == [True]
    seen = phone.get(path).json
    assert [one["text"] for one in seen["events"] if one["text"]] == ["已派李工 138****5678"]
    for reader in (world.department1, world.unit1, world.hq1, world.leader1, world.inspector1):
        other = client.as_(reader)
        assert other.get(path).json["text"] == "没有电，找王工 138****5678"
        assert NUMBER not in other.get(f"{path}/revisions").get_data(as_text=True)
    assert NUMBER in phone.get(f"{path}/revisions").get_data(as_text=True)
    assert NUMBER not in department.get("/api/v1/issues?box=called").get_data(as_text=True)


def test_naming_a_strangers_photo_does_not_show_it(client, session, world, phone, site):
    photo, mine = add_photo(session, world.field2), add_photo(session, world.department1)
    session.commit()
    assert phone.get(f"/api/v1/photos/{photo.id}").status_code == 404
    body = issue_body(site, photo_ids=[str(photo.id)], call=[str(world.department.id)])
    made = put(phone, body).json
    assert phone.get(f"/api/v1/photos/{photo.id}").status_code == 404
    department = client.as_(world.department1)
    assert department.get(f"/api/v1/photos/{photo.id}").status_code == 404
    done = event_body("report_in", photo_ids=[str(mine.id), str(photo.id)])
    department.post(f"/api/v1/issues/{made['id']}/events", json=done)
    assert department.get(f"/api/v1/photos/{photo.id}").status_code == 404
    assert phone.get(f"/api/v1/photos/{mine.id}").status_code == 200


def test_whom_it_calls_sees_its_photo_and_not_where_its_raiser_stood(client, session, world, phone, site):
    stood = {"lat": 36.456789, "lng": 115.987654, "datum": "wgs84"}
    told = {"capture": {"gps": {"lat": 36.456789, "lng": 115.987654}}}
    photo = add_photo(session, world.commissioner1, location=stood, facts=told)
    session.commit()
    put(phone, issue_body(site, photo_ids=[str(photo.id)], call=[str(world.department.id)]))
    path = f"/api/v1/photos/{photo.id}"
    assert phone.get(path).json["location"] == stood
    for other in (world.department1, world.unit1, world.hq1):
        seen = client.as_(other).get(path)
        assert (seen.json["state"], "36.45" in seen.get_data(as_text=True)) == ("ready", False)


def test_a_photo_of_the_check_in_that_an_office_took_it_out_of_is_shown_to_whom_it_calls(
    client, session, world, site
):
    photo = add_photo(session, world.commissioner1)
    session.commit()
    checkin = client.as_(world.commissioner1).put(
        f"/api/v1/checkins/{uuid7()}", json=checkin_body(site, photo_ids=[str(photo.id)])
    )
    taken = {"checkin_id": checkin.json["id"], "text": "没有电", "photo_ids": [str(photo.id)]}
    answer = client.as_(world.hq1).post(
        "/api/hq/v1/issues", json=taken | {"call": [str(world.department.id)]}
    )
    assert answer.status_code == 201, answer.json
    assert client.as_(world.department1).get(f"/api/v1/photos/{photo.id}").status_code == 200


def test_a_phone_learns_whom_it_may_call_the_departments_first(client, session, world, phone, site):
    world.linqing.valid_until = date(2026, 1, 1)
    company = add_unit(session, world.city, "供电公司", UnitKind.COMPANY, position=9)
    session.commit()
    assert client.get("/api/v1/issues/callable").status_code == 401
    answer = phone.get("/api/v1/issues/callable")
    told = [one["name"] for one in answer.json["items"]]
    assert told[:2] == ["市自然资源局", "聊城市"]
    assert set(told[2:]) == {"东昌府区", "茌平区", "高新技术产业开发区", "供电公司", "古楼街道"}
    assert answer.json["items"][0] == {
        "id": str(world.department.id),
        "name": "市自然资源局",
        "short_name": "市自然",
        "kind": "department",
        "leads": [],
        "supports": [],
    }
    for one in answer.json["items"]:
        assert put(phone, issue_body(site, call=[one["id"]])).status_code == 201, one
    assert put(phone, issue_body(site, call=[str(world.linqing.id)])).status_code == 422
    again = phone.get("/api/v1/issues/callable", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, str(company.id) in answer.get_data(as_text=True)) == (304, True)


def test_a_phone_learns_whom_each_route_calls(client, session, world, phone):
    closed = add_unit(session, world.city, "旧局", UnitKind.DEPARTMENT)
    session.commit()
    lead, support = str(world.department.id), str(world.chiping.id)
    items = [
        {"category": "power", "lead_unit_id": lead, "support_unit_ids": [support, str(closed.id)]},
        {"category": "road", "lead_unit_id": str(closed.id), "support_unit_ids": [support]},
    ]
    assert client.as_(world.hq1).put("/api/hq/v1/issues/routes", json={"items": items}).status_code == 200
    closed.valid_until = date(2026, 1, 1)
    session.commit()
    told = {one["id"]: one for one in phone.get("/api/v1/issues/callable").json["items"]}
    assert (told[lead]["leads"], told[lead]["supports"]) == (["power"], [])
    assert (told[support]["leads"], told[support]["supports"]) == ([], ["power"])
