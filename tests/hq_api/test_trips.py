"""Trips as offices file, list, count and take out."""

from datetime import date
from io import BytesIO
from urllib.parse import unquote

import docx
import pytest
import python_calamine
import time_machine

from service.accounts.models import UnitKind, User
from service.kernel.actor import Role
from service.kernel.ids import uuid7
from service.kernel.text import name_key
from service.trips.models import TripKind
from service.trips.submission import Destination, Organisation, TripPerson
from tests.factories.trips import add_trip, filing
from tests.factories.visits import add_edition, add_enterprise, add_membership, add_visit
from tests.support.world import add_person, add_unit

HEADINGS = "序号 单位 带队领导 职务级别 出发日期 返回日期 天数 外出人数 目的地 拜访企业(机构)数 其中三类500强 其中知名企业/商协会 洽谈项目数 签约意向数 主要成果 备注"
STATISTICS = "/api/hq/v1/trips/statistics"


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel("2026-11-21T04:00:00+00:00", tick=False):
        yield


@pytest.fixture
def hq(client, world):
    return client.as_(world.hq1)


def rows(client, query):
    return client.get(f"{STATISTICS}?{query}").json["items"]


def test_the_outsider_sees_nothing(client, world, session):
    trip_id = add_trip(session, world.field1, date(2026, 3, 4))
    session.commit()
    assert client.get("/api/hq/v1/trips").status_code == 401
    assert client.as_(world.field1).get("/api/hq/v1/trips").status_code == 403
    other = client.as_(world.unit2)
    assert other.get("/api/hq/v1/trips").json["items"] == []
    assert other.get(f"/api/hq/v1/trips/{trip_id}").status_code == 404
    taken = other.put(f"/api/hq/v1/trips/{trip_id}", json=filing(base_rev=1))
    assert (taken.status_code, taken.json["code"]) == (409, "id_taken")
    assert other.post(f"/api/hq/v1/trips/{trip_id}/withdrawal", json={"reason": "x"}).status_code == 404
    assert other.get(f"{STATISTICS}?by=unit").json["total"]["figures"]["trips"] == 0


def test_an_office_files_for_a_unit_and_repeats_are_answered_as_before(hq, world):
    path, body = f"/api/hq/v1/trips/{uuid7()}", filing(unit_id=str(world.chiping.id))
    made = hq.put(path, json=body)
    assert (made.status_code, made.json["unit"]["name"]) == (201, "茌平区")
    again = hq.put(path, json=body)
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (200, "true")
    assert hq.put(path, json=body | {"result": "补充"}).status_code == 409
    assert hq.put(path, json=body | {"result": "补充", "base_rev": 1}).json["rev"] == 2


def test_an_office_refuses_fields_it_does_not_know(hq):
    answer = hq.put(f"/api/hq/v1/trips/{uuid7()}", json=filing(leader={"name": "李", "mood": "好"}))
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/leader/mood")


def test_an_office_corrects_and_strikes_what_its_people_filed(client, world, session):
    trip_id = add_trip(session, world.field1, date(2026, 3, 4))
    session.commit()
    office, path = client.as_(world.unit1), f"/api/hq/v1/trips/{trip_id}"
    fixed = office.put(path, json=filing(departs_on="2026-03-04", returns_on="2026-03-05", base_rev=1))
    assert (fixed.status_code, fixed.json["days"], fixed.json["filer"]["name"]) == (200, "2", "field1")
    assert office.post(f"{path}/withdrawal", json={"reason": "未成行"}).json["withdrawn_because"] == "未成行"
    assert office.get("/api/hq/v1/trips").json["items"] == []
    assert len(office.get("/api/hq/v1/trips?withdrawn=true").json["items"]) == 1
    leader = client.as_(world.leader1)
    assert leader.post(f"{path}/withdrawal", json={"reason": "x"}).status_code == 403


@pytest.fixture
def two_trips(session, world):
    """A trip of three people and two and a half days that met three organisations by four visits and two by name."""
    inspur = add_enterprise(session, "浪潮集团有限公司")
    edition = add_edition(session, date(2025, 8, 1))
    add_membership(session, edition, enterprise_id=inspur.id)
    chamber = add_enterprise(session, "深圳市山东商会", kind="association", well_known=False)
    chamber.name_key = name_key(chamber.name)
    first = add_trip(
        session,
        world.field1,
        date(2026, 3, 2),
        date(2026, 3, 4),
        leader=TripPerson("李区长", "county", world.colleague.person_id),
        participants=(
            TripPerson("field1", user_id=world.field1.person_id),
            TripPerson("张三", "deputy_county"),
        ),
        destinations=(Destination(province="广东省", city="深圳市"), Destination(country="日本")),
        campaign="招商周",
        organisations=(
            Organisation("深圳市山东商会"),
            Organisation(enterprise_id=inspur.id),
            Organisation("无名公司"),
        ),
        projects=("甲", "乙"),
        result="达成意向",
    )
    second = add_trip(
        session,
        world.field1,
        date(2026, 4, 2),
        leader=TripPerson("王科长", "section"),
        participants=(TripPerson("field1", user_id=world.field1.person_id),),
    )
    for trip_id, enterprise in ((first, inspur), (first, inspur), (first, chamber), (second, inspur)):
        visit = add_visit(session, world.field1, enterprise, date(2026, 3, 3))
        visit.trip_id = trip_id
    session.flush()
    session.commit()
    return first, second


def test_it_tells_every_measure_apart(hq, two_trips):
    total = hq.get(STATISTICS).json["total"]["figures"]
    assert total == {
        "trips": 2,
        "person_times": 5,
        "leader_times": 2,
        "people": 2,
        "without_account": 2,
        "days": "4",
        "person_days": "11",
        "organisations": 3,
        "organisations_approved": 2,
        "visits": 4,
        "visits_approved": 4,
        "projects": 2,
    }


def test_it_tells_where_trips_went_and_which_name_no_place(hq, two_trips):
    answer = hq.get(f"{STATISTICS}?by=region").json
    assert [(row["label"], row["figures"]["trips"]) for row in answer["items"]] == [
        ("广东", 1),
        ("日本", 1),
        ("未填目的地", 1),
    ]
    assert answer["total"]["figures"]["trips"] == 2


@pytest.mark.parametrize("by", ["unit", "leader", "kind", "campaign", "month", "region"])
def test_it_opens_the_records_of_every_figure(hq, two_trips, by):
    answer = hq.get(f"{STATISTICS}?by={by}").json
    for row in (*answer["items"], answer["total"]):
        figures = row["figures"]
        trips = hq.get(row["records_url"]).json["items"]
        assert len(trips) == figures["trips"], row
        assert sum(one["people"] for one in trips) == figures["person_times"]
        assert len(hq.get(row["visits_url"]).json["items"]) == figures["visits"]
        assert len(hq.get(row["organisations_url"]).json["items"]) == figures["organisations"]


def test_it_lists_units_in_the_order_of_office_with_zeros(hq, two_trips, world):
    found = rows(hq, "by=unit")
    assert [row["label"] for row in found] == [
        "东昌府区",
        "茌平区",
        "临清市",
        "高新技术产业开发区",
        "市自然资源局",
    ]
    assert [row["note"] for row in found] == [None, "未外出", "未外出", "未外出", "未外出"]


def test_it_never_lists_who_is_below_deputy_county_level(hq, two_trips, world, session):
    for name, rank in (("陈副市长", "deputy_bureau"), ("赵副区长", "副处级"), ("钱科长", "section")):
        person = add_person(session, name, world.city if "市长" in name else world.chiping, Role.LEADER)
        session.get_one(User, person.person_id).rank = rank
    session.commit()
    found = rows(hq, "by=leader")
    assert [(row["label"], row["leader"]["rank"]) for row in found] == [
        ("陈副市长", "deputy_bureau"),
        ("colleague", "county"),
        ("赵副区长", "deputy_county"),
    ]
    assert [row["note"] for row in found] == ["未外出", None, "未外出"]
    assert found[1]["figures"]["trips"] == 1


def test_it_counts_receptions_by_themselves(hq, session, world):
    add_trip(session, world.field1, date(2026, 3, 4))
    add_trip(session, world.field1, date(2026, 3, 4), kind=TripKind.RECEPTION)
    session.commit()
    assert [(row["kind"], row["figures"]["trips"], row["note"]) for row in rows(hq, "by=kind")] == [
        ("outing", 1, None),
        ("reception", 1, None),
        ("online", 0, "未开展"),
        ("event", 0, "未开展"),
    ]
    assert hq.get(f"{STATISTICS}?kind=reception").json["total"]["figures"]["trips"] == 1


def test_it_names_rows_in_the_readers_language(hq, two_trips):
    assert [row["label"] for row in rows(hq, "by=kind")] == ["外出招商", "接待来访", "线上洽谈", "推介活动"]
    english = {"Accept-Language": "en"}
    kinds = hq.get(f"{STATISTICS}?by=kind", headers=english).json
    assert [row["label"] for row in kinds["items"]] == [
        "Outing",
        "Reception",
        "Online meeting",
        "Promotion event",
    ]
    assert kinds["total"]["label"] == "Total"
    regions = hq.get(f"{STATISTICS}?by=region", headers=english).json["items"]
    assert regions[-1]["label"] == "No destination given"


def test_it_lists_every_month_of_the_days_asked_for(hq, two_trips):
    found = rows(hq, "by=month&from=2026-02-10&until=2026-04-03")
    assert [(row["month"], row["figures"]["trips"]) for row in found] == [
        ("2026-02", 0),
        ("2026-03", 1),
        ("2026-04", 1),
    ]


def test_a_unit_office_counts_its_own_unit_and_those_below(client, world, two_trips):
    found = rows(client.as_(world.unit1), "by=unit")
    assert [(row["label"], row["figures"]["trips"]) for row in found] == [("东昌府区", 2), ("古楼街道", 0)]


def test_a_voided_visit_counts_nowhere(hq, two_trips, world, session):
    visit = add_visit(session, world.field1, add_enterprise(session, "某公司"), date(2026, 3, 3))
    visit.trip_id, visit.review_state = two_trips[0], "voided"
    session.commit()
    assert hq.get(STATISTICS).json["total"]["figures"]["visits"] == 4


@pytest.fixture
def golden(session, world):
    """外出招商情况统计表: twenty groups, of which seventeen went out, 31 people and 223 days in all."""
    for unit in (world.dongchangfu, world.chiping, world.linqing, world.zone, world.department):
        unit.valid_until = date(2021, 1, 1)
    units = [
        add_unit(session, world.city, f"第{place}组", UnitKind.DEPARTMENT, position=place)
        for place in range(1, 21)
    ]
    people = [2] * 14 + [1] * 3
    days = [13] * 16 + [15]
    for unit, count, length in zip(units, people, days, strict=False):
        person = add_person(session, f"组长{unit.position}", unit, Role.FIELD_STAFF)
        others = tuple(TripPerson(f"组员{place}") for place in range(1, count))
        add_trip(session, person, date(2026, 9, 1), date(2026, 9, length), participants=others)
    session.commit()


def test_it_reproduces_the_published_table_and_lists_all_twenty_groups(hq, golden):
    answer = hq.get(f"{STATISTICS}?by=unit&from=2026-09-01&until=2026-10-01").json
    went = [row for row in answer["items"] if row["figures"]["trips"]]
    assert (len(answer["items"]), len(went)) == (20, 17)
    assert sum(row["figures"]["person_times"] for row in answer["items"]) == 31
    assert sum(int(row["figures"]["days"]) for row in answer["items"]) == 223
    assert (answer["total"]["figures"]["person_times"], answer["total"]["figures"]["days"]) == (31, "223")
    assert [row["note"] for row in answer["items"]][-3:] == ["未外出"] * 3


def sheet(hq, query=""):
    answer = hq.get(f"{STATISTICS}.xlsx?{query}")
    assert answer.status_code == 200
    assert "外出招商统计表_20261121.xlsx" in unquote(answer.headers["Content-Disposition"])
    book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(answer.data))
    assert book.sheet_names == ["外出招商统计表"]
    return book.get_sheet_by_index(0).to_python()


def test_the_sheet_has_the_offices_headings_and_every_group(hq, golden):
    found = sheet(hq, "from=2026-09-01&until=2026-10-01")
    assert found[2] == HEADINGS.split()
    lines = found[3:23]
    assert [line[2] for line in lines[17:]] == ["未外出"] * 3
    assert (sum(line[6] for line in lines), sum(line[7] for line in lines)) == (223, 31)
    assert (found[23][1], found[23][6], found[23][7]) == ("合计", 223, 31)


def test_the_sheet_tells_a_trip_in_the_offices_words(hq, two_trips):
    line = sheet(hq)[3]
    assert line[1:14] == [
        "东昌府区",
        "李区长",
        "正处级",
        "2026-03-02",
        "2026-03-04",
        3,
        3,
        "广东省深圳市、日本",
        3,
        1,
        2,
        2,
        0,
    ]


def test_the_half_year_is_drafted_edited_signed_and_taken_out(hq, two_trips):
    draft = hq.post("/api/hq/v1/reports", json={"kind": "half_year", "on": "2026-05-10"})
    assert draft.status_code == 201
    facts, path = draft.json["figures"]["facts"], f"/api/hq/v1/reports/{draft.json['id']}"
    assert (facts["trips.trips"]["shown"], facts["led.trips"]["shown"]) == ("2", "1")
    assert len(hq.get(facts["led.trips"]["url"]).json["items"]) == 1
    assert "茌平区" in facts["led.units.stayed"]["shown"]
    text = [{"kind": "paragraph", "text": "带队{led.trips}次。"}, {"kind": "table", "table": "trip_units"}]
    edited = hq.patch(path, json={"rev": draft.json["rev"], "text": text}).json
    assert hq.post(f"{path}/signature", json={"rev": edited["rev"]}).json["state"] == "signed"
    word = docx.Document(BytesIO(hq.get(f"{path}/document.docx").data))
    assert "带队1次。" in [paragraph.text for paragraph in word.paragraphs]
    book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(hq.get(f"{path}/tables.xlsx").data))
    cells = book.get_sheet_by_index(0).to_python()
    assert [row[9] for row in cells if row[1] == "茌平区"] == ["未外出"]
