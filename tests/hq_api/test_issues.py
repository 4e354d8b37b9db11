"""Problems as offices and the departments they call list, raise and deal with them."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
import time_machine

from service.accounts.models import UnitKind
from service.checkins.models import CheckinKind
from service.issues.models import CallRole
from service.kernel.ids import uuid7
from service.submissions.review_states import ReviewState
from tests.factories.problems import Called, add_problem
from tests.factories.sites import add_checkin, add_project, add_site
from tests.support.counting import statements
from tests.support.world import add_unit

PATH = "/api/hq/v1/issues"
NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)
OFFICES_ALONE = ("/statistics", "/untaken", "/routes", "/clock", "/clock/history")


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel("2026-11-21T04:00:00+00:00", tick=False):
        yield


@pytest.fixture
def hq(client, world):
    return client.as_(world.hq1)


@pytest.fixture
def department(client, world):
    return client.as_(world.department1)


@pytest.fixture
def site(session, world):
    project = add_project(session, world.dongchangfu, "智能制造产业园")
    site = add_site(session, world.dongchangfu, project_id=project.id)
    session.commit()
    return site


def told(site, **facts):
    return {"category": "land", "text": "征地未完成，联系13812345678", "site_id": str(site.id)} | facts


def raised(client, site, **facts):
    answer = client.post(PATH, json=told(site, **facts))
    assert answer.status_code == 201, answer.json
    return answer.json


def done(client, issue, kind, **facts):
    answer = client.post(f"{PATH}/{issue['id']}/events", json={"kind": kind} | facts)
    assert answer.status_code == 200, answer.json
    return answer.json


def listed(client, query=""):
    return client.get(f"{PATH}?{query}").json["items"]


def test_the_outsider_sees_nothing(client, world, session, hq, site):
    issue = raised(hq, site)
    assert client.get(PATH).status_code == 401
    assert client.as_(world.field1).get(PATH).status_code == 403
    other = client.as_(world.unit2)
    assert listed(other) == []
    assert other.get(f"{PATH}/{issue['id']}").status_code == 404
    refused = other.post(f"{PATH}/{issue['id']}/events", json={"kind": "supervise"})
    assert (refused.status_code, refused.json["code"]) == (404, "unknown_issue")


def test_a_department_reads_what_calls_it_and_nothing_else_of_headquarters(
    client, world, hq, department, site
):
    called = raised(hq, site, call=[str(world.department.id)])
    raised(hq, site)
    assert [one["id"] for one in listed(department)] == [called["id"]]
    assert department.get(f"{PATH}/{called['id']}").json["may"] == ["report_in", "reply"]
    assert {department.get(PATH + path).status_code for path in OFFICES_ALONE} == {403}
    assert department.post(PATH, json=told(site)).status_code == 403
    assert department.get("/api/hq/v1/checkins").status_code == 403


def test_it_answers_a_repeat_as_before_and_masks_phones(hq, site):
    body = told(site, id=str(uuid7()))
    first = hq.post(PATH, json=body)
    assert (first.status_code, first.json["text"]) == (201, "征地未完成，联系138****5678")
    again = hq.post(PATH, json=body)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (200, "true")
    assert hq.post(PATH, json=body | {"text": "另一件事"}).status_code == 409
    assert hq.post(PATH, json=body | {"mood": "好"}).status_code == 422


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"site_id": None}, "/site_id"),
        ({"category": "weather"}, "/category"),
        ({"text": None}, "/text"),
    ],
)
def test_it_says_what_is_missing(hq, site, body, pointer):
    answer = hq.post(PATH, json=told(site, **body))
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)


def test_leaders_and_inspectors_read(client, world, hq, site):
    issue = raised(hq, site)
    for reader in (world.leader1, world.inspector1):
        assert client.as_(reader).get(f"{PATH}/{issue['id']}").status_code == 200
        assert client.as_(reader).post(PATH, json=told(site)).status_code == 403


def test_a_problem_goes_its_whole_way(client, world, hq, department, site):
    issue = raised(hq, site)
    assert (issue["state"], issue["light"]["light"], "assign" in issue["may"]) == ("raised", "green", True)
    facts = {"lead_unit_id": str(world.department.id), "severity": "major"}
    called = done(hq, issue, "assign", **facts)
    assert (called["state"], called["lead"]["name"], called["due_on"]) == (
        "called",
        "市自然资源局",
        "2026-12-21",
    )
    event = {"id": str(uuid7()), "text": "已派人到场"}
    assert done(department, issue, "report_in", **event)["state"] == "in_progress"
    again = department.post(f"{PATH}/{issue['id']}/events", json={"kind": "report_in"} | event)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (200, "true")
    assert done(department, issue, "reply", text="正在补偿")["first_reply_at"] is not None
    assert done(department, issue, "resolve", text="已办结")["light"] is None
    closed = done(hq, issue, "confirm", text="电话核实属实")
    assert (closed["state"], closed["satisfied"], closed["in_time"]) == ("closed", True, True)
    assert [one["kind"] for one in closed["events"]] == [
        "assign",
        "report_in",
        "reply",
        "resolve",
        "confirm",
    ]


def test_it_refuses_what_is_for_others_to_do_or_does_not_fit(world, hq, department, site):
    issue = raised(hq, site, call=[str(world.department.id)])
    path = f"{PATH}/{issue['id']}/events"
    others = department.post(path, json={"kind": "supervise"})
    assert (others.status_code, others.json["code"]) == (403, "may_not_act")
    early = hq.post(path, json={"kind": "confirm", "text": "x"})
    assert (early.status_code, early.json["code"]) == (409, "wrong_state")
    bare = hq.post(path, json={"kind": "extend"})
    assert (bare.status_code, bare.json["code"]) == (422, "bad_issue_event")


def test_a_route_calls_departments_at_once(world, hq, site):
    route = {"category": "land", "lead_unit_id": str(world.department.id)}
    told_back = hq.put(f"{PATH}/routes", json={"items": [route]}).json["items"]
    assert {one["category"]: one["lead"]["name"] for one in told_back if one["lead"]} == {
        "land": "市自然资源局"
    }
    assert len(hq.get(f"{PATH}/routes").json["items"]) == 12
    issue = raised(hq, site)
    assert (issue["state"], issue["lead"]["name"]) == ("called", "市自然资源局")
    assert raised(hq, site, category="water")["state"] == "raised"


def test_it_refuses_a_route_that_names_a_unit_twice(world, hq):
    unit = str(world.department.id)
    route = {"category": "land", "lead_unit_id": unit, "support_unit_ids": [unit]}
    answer = hq.put(f"{PATH}/routes", json={"items": [route]})
    assert (answer.status_code, answer.json["code"]) == (422, "bad_issue_route")
    assert answer.json["errors"][0]["pointer"] == "/items/0/support_unit_ids"


def test_limits_are_set_with_their_time(client, world, hq):
    usual = hq.get(f"{PATH}/clock").json
    assert (usual["number"], usual["general_days"], usual["count_days"]) == (0, 7, "calendar")
    first = hq.put(f"{PATH}/clock", json={"general_days": 5}).json
    assert (first["number"], first["general_days"], first["feedback_days"]) == (1, 5, 3)
    assert hq.put(f"{PATH}/clock", json={"count_days": "working"}).json["set_by_name"] == "hq1"
    assert [one["number"] for one in hq.get(f"{PATH}/clock/history").json["items"]] == [2, 1]
    assert hq.put(f"{PATH}/clock", json={"general_days": 0}).status_code == 422
    assert client.as_(world.unit1).put(f"{PATH}/clock", json={"general_days": 5}).status_code == 403
    assert client.as_(world.unit1).put(f"{PATH}/routes", json={"items": []}).status_code == 403


@pytest.fixture
def whistled(session, world, site):
    """Two check-ins that tell of a problem, beside what is none: an arrival, a service, and one that was voided."""
    service = {"kind": CheckinKind.SERVICE}
    made = [
        add_checkin(session, world.commissioner1, site, NOON, note=note, **service)
        for note in ("【用电】临时用电不足，联系13812345678", "[Water] no pipe yet")
    ]
    add_checkin(session, world.commissioner1, site, NOON, note="【用电】到达时说的")
    add_checkin(session, world.commissioner1, site, NOON, note="协助办理施工许可", **service)
    add_checkin(session, world.commissioner1, site, NOON, **service)
    void = {"review_state": ReviewState.VOIDED, "review_reason": "重复"}
    add_checkin(session, world.commissioner1, site, NOON, note="【用气】管道未通", **service, **void)
    session.commit()
    return made


def test_it_lists_what_was_told_at_sites_until_somebody_raises_it(client, world, hq, whistled):
    found = {one["id"]: one for one in hq.get(f"{PATH}/untaken").json["items"]}
    power, water = (str(one.id) for one in whistled)
    assert {one["heading"]: one["text"] for one in found.values()} == {
        "用电": "临时用电不足，联系138****5678",
        "Water": "no pipe yet",
    }
    assert found[power]["project"]["name"] == "智能制造产业园"
    made = hq.post(PATH, json={"checkin_id": power}).json
    assert (made["category"], made["raiser"]["name"], made["on_day"]) == (
        "power",
        "commissioner1",
        "2026-11-20",
    )
    assert [one["id"] for one in hq.get(f"{PATH}/untaken").json["items"]] == [water]
    taken = hq.post(PATH, json={"checkin_id": power})
    assert (taken.status_code, taken.json["code"]) == (409, "checkin_taken")
    assert client.as_(world.unit2).get(f"{PATH}/untaken").json["items"] == []


def test_it_answers_a_repeat_as_before_whatever_has_become_of_the_check_in(session, hq, whistled):
    body = {"id": str(uuid7()), "checkin_id": str(whistled[0].id)}
    first = hq.post(PATH, json=body)
    whistled[0].review_state = ReviewState.VOIDED
    session.commit()
    again = hq.post(PATH, json=body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.json["receipt"] == first.json["receipt"]


def test_it_lists_again_what_was_raised_and_voided(hq, whistled):
    issue = hq.post(PATH, json={"checkin_id": str(whistled[0].id)}).json
    done(hq, issue, "void", text="误立项")
    assert len(hq.get(f"{PATH}/untaken").json["items"]) == 2


def test_it_pages_what_was_told(hq, whistled):
    first = hq.get(f"{PATH}/untaken?limit=1").json
    second = hq.get(f"{PATH}/untaken?limit=1&cursor={first['next_cursor']}").json
    ids = {one["id"] for page in (first, second) for one in page["items"]}
    assert (ids, second["next_cursor"]) == ({str(one.id) for one in whistled}, None)
    assert hq.get(f"{PATH}/untaken?from=2026-11-21").json["items"] == []
    assert len(hq.get(f"{PATH}/untaken?from=2026-11-20&to=2026-11-21").json["items"]) == 2


@pytest.fixture
def varied(session, world, site):
    """Problems in several states, of two units and two departments' calls."""
    lead = Called(world.department)
    add_problem(session, world.commissioner1, site, date(2026, 11, 2), [lead])
    add_problem(session, world.field2, site, date(2026, 11, 16), [lead], category="water")
    add_problem(session, world.unit1, site, date(2026, 11, 21), severity="major")
    add_problem(session, world.unit1, site, date(2026, 11, 20), state="withdrawn")
    session.commit()


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 3),
        ("state=raised", 1),
        ("state=raised,called", 3),
        ("state=withdrawn", 1),
        ("category=water", 1),
        ("severity=major", 1),
        ("due=overdue", 1),
        ("due=soon", 1),
        ("from=2026-11-16&to=2026-11-21", 1),
        ("q=用电", 3),
        ("q=%E6%B0%B4", 0),
        ("measure=waiting", 1),
        ("measure=overdue", 1),
    ],
)
def test_it_narrows_the_list(hq, varied, query, count):
    assert len(listed(hq, query)) == count


def test_it_narrows_by_unit_department_and_place(hq, world, site, varied):
    assert len(listed(hq, f"unit={world.chiping.id}")) == 1
    assert len(listed(hq, f"unit={world.city.id}")) == 3
    assert len(listed(hq, f"unit={world.city.id}&own_only=true")) == 0
    assert len(listed(hq, f"department={world.department.id}&role=lead")) == 2
    assert len(listed(hq, f"department={world.department.id}&role=support")) == 0
    assert len(listed(hq, f"site={site.id}")) == 3
    assert hq.get(f"{PATH}?state=asleep").status_code == 422
    assert hq.get(f"{PATH}?mood=good").status_code == 422


@pytest.mark.parametrize("query", ["", "&measure=raised"])
def test_it_pages_the_list_the_latest_first(hq, varied, query):
    days, at = [], f"{PATH}?limit=1{query}"
    page = hq.get(at).json
    days += [one["on_day"] for one in page["items"]]
    while page["next_cursor"]:
        page = hq.get(f"{at}&cursor={page['next_cursor']}").json
        days += [one["on_day"] for one in page["items"]]
    assert days == ["2026-11-21", "2026-11-16", "2026-11-02"]


def test_the_list_takes_as_many_statements_however_long_it_is(session, hq, world, site, varied):
    def ask():
        return hq.get(f"{PATH}?measure=raised")

    ask()
    before = statements(session, ask)
    for day in range(1, 20):
        add_problem(session, world.field2, site, date(2026, 11, day), [Called(world.department)])
    session.commit()
    assert statements(session, ask) == before


@pytest.mark.parametrize("by", ["department", "category", "unit"])
@pytest.mark.parametrize("who", ["hq1", "unit1"])
def test_every_figure_of_the_statistics_opens_its_problems(client, world, varied, by, who):
    person = client.as_(getattr(world, who))
    answer = person.get(f"{PATH}/statistics?by={by}").json
    for row in (*answer["items"], answer["total"]):
        for code, figure in row["figures"].items():
            assert len(person.get(figure["records_url"]).json["items"]) == figure["count"], (row, code)
    assert answer["total"]["figures"]["raised"]["count"] == (3 if who == "hq1" else 2)


def test_the_statistics_list_zeros_and_say_what_each_figure_means(hq, varied, world, session):
    answer = hq.get(f"{PATH}/statistics?by=category&from=2026-11-01&to=2026-12-01").json
    notes = {row["label"]: row["note"] for row in answer["items"]}
    assert (len(notes), notes["用电"], notes["用水"], notes["用地"]) == (12, None, None, "无问题")
    assert {one["code"] for one in answer["measures"]} == {
        *answer["total"]["figures"],
        *answer["total"]["rates"],
    }
    english = hq.get(f"{PATH}/statistics?by=category", headers={"Accept-Language": "en"}).json
    assert (english["items"][0]["label"], english["total"]["label"]) == ("Water", "Total")


def test_the_statistics_round_half_up_or_cut_off(hq, varied):
    shares = {
        rounding: hq.get(f"{PATH}/statistics?rounding={rounding}").json["total"]["rates"]
        for rounding in ("half_up", "truncated")
    }
    assert shares["half_up"]["response_rate"] == "0.00"
    assert shares["truncated"]["satisfaction_rate"] is None


def test_the_statistics_narrow_to_a_department_and_take_this_year_without_days(hq, world, varied):
    asked = hq.get(f"{PATH}/statistics?by=category&department={world.department.id}").json
    assert (asked["from"], asked["to"]) == ("2026-01-01", "2026-11-22")
    assert asked["total"]["figures"]["raised"]["count"] == 2
    assert hq.get(f"{PATH}/statistics?from=2026-11-02&to=2026-11-02").status_code == 422
    assert hq.get(f"{PATH}/statistics?state=closed").status_code == 422


def test_a_card_says_when_the_problem_was_raised_by_whom_and_where(hq, world, site):
    issue = raised(hq, site, call=[str(world.department.id)])
    card = hq.get(f"{PATH}/{issue['id']}")
    assert card.json["project"]["name"] == "智能制造产业园"
    assert [one["role"] for one in card.json["calls"]] == ["lead"]
    assert card.json["events"][0]["facts"]["lead"]["name"] == "市自然资源局"
    assert hq.get(f"{PATH}/{issue['id']}", headers={"If-None-Match": card.headers["ETag"]}).status_code == 304
    assert UUID(issue["id"])


@pytest.mark.parametrize("who", ["hq1", "leader1", "unit1", "unit2", "department1"])
def test_overdue_means_the_same_wherever_it_is_counted_or_listed(client, session, world, varied, site, who):
    support = Called(world.department, role=CallRole.SUPPORT)
    water = add_unit(session, world.city, "市水利局", UnitKind.DEPARTMENT)
    add_problem(session, world.field2, site, date(2026, 11, 3), [Called(water), support])
    add_problem(session, world.unit1, site, date(2026, 11, 20))
    add_problem(session, world.unit1, site, date(2026, 11, 19), state="voided")
    done = {"state": "resolved", "resolved_at": NOON}
    add_problem(session, world.unit2, site, date(2026, 11, 2), [Called(water)], **done)
    session.commit()
    person = client.as_(getattr(world, who))
    counted = person.get(f"{PATH}/counts").json["overdue"]
    listed_here = person.get(f"{counted['records_url']}&limit=200").json["items"]
    expected = {"hq1": 3, "leader1": 3, "unit1": 2, "unit2": 1, "department1": 2}[who]
    assert (counted["count"], len(listed_here)) == (expected, expected)
    assert {one["light"]["light"] for one in listed_here} == {"red"}
    if who != "department1":
        for by in ("department", "category"):
            total = person.get(f"{PATH}/statistics?by={by}").json["total"]["figures"]["overdue"]
            rows = person.get(f"{total['records_url']}&limit=200").json["items"]
            assert (total["count"], [one["id"] for one in rows]) == (
                expected,
                [one["id"] for one in listed_here],
            )


def test_of_a_department_those_it_leads_are_overdue(hq, session, world, varied, site):
    support = Called(world.department, role=CallRole.SUPPORT)
    water = add_unit(session, world.city, "市水利局", UnitKind.DEPARTMENT)
    add_problem(session, world.field2, site, date(2026, 11, 3), [Called(water), support])
    session.commit()
    rows = hq.get(f"{PATH}/statistics?by=department").json["items"]
    overdue = {row["label"]: row["figures"]["overdue"] for row in rows}
    assert {name: figure["count"] for name, figure in overdue.items()} == {"市水利局": 1, "市自然资源局": 1}
    for figure in overdue.values():
        assert len(hq.get(figure["records_url"]).json["items"]) == figure["count"]
