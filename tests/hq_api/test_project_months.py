"""Offices tell their projects month by month; sums, lights and what was known then follow from it."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import uuid4

import pytest
import sqlalchemy as sa
import time_machine

from service.audit.models import AuditEntry
from service.projects.models import ProjectMonth
from tests.factories.sites import add_project
from tests.support.counting import statements
from tests.support.sheets import sheet_of

HQ = "/api/hq/v1"
TOLD = {
    "completed_investment_wan": "1.2亿",
    "funds_in_place_wan": "3000.5",
    "visible_progress": "主体封顶",
    "problem": "等待供电",
    "not_started_because": None,
}


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel("2026-11-20T04:00:00+00:00", tick=False) as travelling:
        yield travelling


@pytest.fixture
def project(session, world):
    made = add_project(session, world.dongchangfu)
    session.commit()
    return made


def put(client, who, project, month, **told):
    return client.as_(who).put(f"{HQ}/projects/{project.id}/months/{month}", json=told)


def months(client, who, project, **query):
    answer = client.as_(who).get(f"{HQ}/projects/{project.id}/months", query_string=query)
    assert answer.status_code == 200, answer.json
    return answer.json["items"]


def shown(client, who, project):
    return client.as_(who).get(f"{HQ}/projects/{project.id}").json


def listed(client, who, **query):
    answer = client.as_(who).get(f"{HQ}/projects", query_string=query)
    assert answer.status_code == 200, answer.json
    return [one["name"] for one in answer.json["items"]]


def import_file(client, who, content, name="月报.csv", **query):
    return client.as_(who).post(
        f"{HQ}/projects/months/imports",
        query_string=query,
        data={"file": (io.BytesIO(content.encode() if isinstance(content, str) else content), name)},
        content_type="multipart/form-data",
    )


def test_it_shows_the_outsider_nothing(client, world, project):
    put(client, world.unit1, project, "2026-10", **TOLD)
    at = f"{HQ}/projects/{project.id}"
    for path in ("months", "months/2026-10/versions", "stages"):
        assert client.get(f"{at}/{path}").status_code == 401
        assert client.as_(world.field1).get(f"{at}/{path}").status_code == 403
        assert client.as_(world.unit2).get(f"{at}/{path}").status_code == 404
    assert put(client, world.unit2, project, "2026-10", **TOLD).status_code == 404
    assert client.as_(world.unit2).patch(at, json={"contract_kind": "contract"}).status_code == 404
    assert put(client, world.leader1, project, "2026-10", **TOLD).status_code == 403
    assert import_file(client, world.inspector1, "项目名称,月份,存在问题\n").status_code == 403


def test_a_unit_tells_its_own_months_and_sums_are_added_up(client, world, project):
    put(client, world.unit1, project, "2026-09", completed_investment_wan="100", funds_in_place_wan="50")
    answer = put(client, world.unit1, project, "2026-10", **TOLD)
    assert answer.status_code == 200, answer.json
    newest, before = answer.json["items"]
    assert {name: newest[name] for name in TOLD} == TOLD | {"completed_investment_wan": "12000"}
    assert (newest["month"], newest["number"], newest["set_by_name"]) == ("2026-10", 1, "unit1")
    sums = ("completed_to_date_wan", "funds_to_date_wan")
    assert [newest[name] for name in sums] == ["12100", "3050.5"]
    assert [before[name] for name in sums] == ["100", "50"]
    one = shown(client, world.hq1, project)
    assert (one["month"]["month"], one["completed_to_date_wan"], one["funds_to_date_wan"]) == (
        "2026-10",
        "12100",
        "3050.5",
    )


def test_telling_the_same_again_changes_nothing_and_leaves_no_trace(client, session, world, project):
    first = put(client, world.unit1, project, "2026-10", **TOLD)
    assert put(client, world.hq1, project, "2026-10", **TOLD).json == first.json
    told = sa.select(sa.func.count()).select_from(AuditEntry).where(AuditEntry.action == "project.month")
    assert session.scalar(told) == 1
    assert put(client, world.unit1, project, "2026-09").json["items"] == first.json["items"]


def test_what_was_told_before_stays_and_can_be_asked_for(client, world, project, today):
    put(client, world.unit1, project, "2026-10", completed_investment_wan="100")
    today.shift(3600)
    put(client, world.unit1, project, "2026-09", completed_investment_wan="7")
    today.shift(3600)
    put(client, world.hq1, project, "2026-10", completed_investment_wan="90")
    today.shift(3600)
    put(client, world.hq1, project, "2026-09")

    def known(at):
        rows = months(client, world.unit1, project, **({"known_at": at} if at else {}))
        return [(one["month"], one["completed_investment_wan"], one["completed_to_date_wan"]) for one in rows]

    assert known("2026-11-20T03:59:59Z") == []
    assert known("2026-11-20T04:00:00Z") == [("2026-10", "100", "100")]
    assert known("2026-11-20T05:30:00Z") == [("2026-10", "100", "107"), ("2026-09", "7", "7")]
    assert known("2026-11-20T06:00:00Z") == [("2026-10", "90", "97"), ("2026-09", "7", "7")]
    assert known(None) == [("2026-10", "90", "90")]
    versions = (
        client.as_(world.unit1).get(f"{HQ}/projects/{project.id}/months/2026-10/versions").json["items"]
    )
    assert [(one["number"], one["completed_investment_wan"]) for one in versions] == [(2, "90"), (1, "100")]
    assert (versions[0]["replaced_at"], versions[1]["replaced_at"]) == (None, "2026-11-20T06:00:00Z")


def test_it_refuses_a_moment_to_come(client, world, project):
    answer = client.as_(world.unit1).get(
        f"{HQ}/projects/{project.id}/months", query_string={"known_at": "2026-11-20T04:00:01Z"}
    )
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/known_at")


@pytest.mark.parametrize("month", ["2026-12", "1999-12", "2026-13", "2026-1", "october", "2026-10-01"])
def test_it_refuses_what_is_no_month_or_has_not_begun(client, world, project, month):
    answer = put(client, world.unit1, project, month, problem="x")
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/month")


@pytest.mark.parametrize(
    "told",
    [
        {"completed_investment_wan": "-1"},
        {"completed_investment_wan": 5},
        {"funds_in_place_wan": "很多"},
        {"completed_to_date_wan": "5"},
        {"problem": "长" * 1001},
        {"visible_progress": "a\u0000b"},
    ],
)
def test_it_refuses_what_is_no_amount_or_text_and_any_sum(client, world, project, told):
    answer = put(client, world.unit1, project, "2026-10", **told)
    assert answer.status_code == 422, answer.json
    assert months(client, world.unit1, project) == []


def test_the_largest_amounts_are_kept_and_added_up_exactly(client, world, project):
    most = "999999999999.9999"
    put(client, world.unit1, project, "2026-09", completed_investment_wan=most)
    rows = put(client, world.unit1, project, "2026-10", completed_investment_wan=most)
    assert rows.status_code == 200, rows.json
    assert rows.json["items"][0]["completed_to_date_wan"] == "1999999999999.9998"
    assert (
        put(client, world.unit1, project, "2026-08", completed_investment_wan="1000000000000").status_code
        < 500
    )


def test_it_amends_what_is_named_and_notes_stages_with_their_days(client, session, world, project):
    office = client.as_(world.unit1)
    at = f"{HQ}/projects/{project.id}"
    facts = {
        "contract_signed_on": "2026-02-03",
        "contract_kind": "framework",
        "planned_start_on": "2026-03-01",
        "planned_completion_on": "2027-06-30",
        "year_plans": [{"year": 2026, "planned_investment_wan": "2亿"}],
    }
    amended = office.patch(at, json=facts)
    assert amended.status_code == 200, amended.json
    told = facts | {"year_plans": [{"year": 2026, "planned_investment_wan": "20000"}]}
    assert {name: amended.json[name] for name in facts} == told
    office.patch(at, json={"stage": "completed", "stage_on": "2026-11-01", "completed_on": "2026-11-01"})
    office.patch(
        at, json={"contract_kind": None, "year_plans": [{"year": 2026, "planned_investment_wan": None}]}
    )
    final = shown(client, world.unit1, project)
    assert (final["contract_kind"], final["year_plans"], final["contract_signed_on"]) == (
        None,
        [],
        "2026-02-03",
    )
    stages = office.get(f"{at}/stages").json["items"]
    assert [(one["stage_before"], one["stage"], one["reached_on"]) for one in stages] == [
        ("started", "completed", "2026-11-01"),
        (None, "started", "2026-11-20"),
    ]
    actions = session.scalars(
        sa.select(AuditEntry.action).where(AuditEntry.subject_id == str(project.id)).order_by(AuditEntry.id)
    )
    assert list(actions) == [
        "project.open",
        "project.amend",
        "project.move",
        "project.amend",
        "project.amend",
    ]


def test_an_amendment_that_changes_nothing_is_not_noted(client, session, world, project):
    for _ in range(2):
        body = {
            "contract_kind": "contract",
            "stage": "started",
            "year_plans": [{"year": 2026, "planned_investment_wan": "5"}],
        }
        assert client.as_(world.hq1).patch(f"{HQ}/projects/{project.id}", json=body).status_code == 200
    noted = sa.select(sa.func.count()).select_from(AuditEntry).where(AuditEntry.subject_id == str(project.id))
    assert session.scalar(noted) == 2


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"stage_on": "2026-01-01"}, "/stage_on"),
        ({"unit_id": str(uuid4())}, "/unit_id"),
        ({"contract_kind": "handshake"}, "/contract_kind"),
        ({"contract_signed_on": "2026-11-21"}, "/contract_signed_on"),
        ({"stat_entered_on": "2026-11-21"}, "/stat_entered_on"),
        ({"planned_start_on": "2026-03-02", "planned_completion_on": "2026-03-01"}, "/planned_completion_on"),
        ({"started_on": "2026-03-02", "completed_on": "2026-03-01"}, "/completed_on"),
        ({"enterprise_id": str(uuid4())}, "/enterprise_id"),
        ({"year_plans": [{"year": 2026, "planned_investment_wan": "1"}] * 2}, "/year_plans"),
        ({"year_plans": [{"year": 1999, "planned_investment_wan": "1"}]}, "/year_plans/0/year"),
    ],
)
def test_it_points_at_what_cannot_be(client, world, project, body, pointer):
    answer = client.as_(world.unit1).patch(f"{HQ}/projects/{project.id}", json=body)
    assert (answer.status_code, [one["pointer"] for one in answer.json["errors"]]) == (422, [pointer])


def test_a_new_project_takes_all_of_it(client, world):
    new = {
        "name": "新材料",
        "unit_id": str(world.chiping.id),
        "stage": "contract",
        "contract_signed_on": "2026-01-05",
        "contract_kind": "contract",
        "planned_start_on": "2026-12-01",
        "year_plans": [{"year": 2026, "planned_investment_wan": "800"}],
    }
    made = client.as_(world.unit2).post(f"{HQ}/projects", json=new)
    assert made.status_code == 201, made.json
    assert {name: made.json[name] for name in new if name != "unit_id"} == {
        name: value for name, value in new.items() if name != "unit_id"
    }
    assert (made.json["light"]["light"], made.json["light_limits_number"]) == ("green", 0)


@pytest.fixture
def lamps(session, world):
    """A project of each light, and one that nothing is known of."""
    plans = {2026: Decimal(120)}
    for name, months_late in (("绿", date(2026, 12, 1)), ("黄", date(2026, 11, 1)), ("红", date(2026, 8, 1))):
        add_project(session, world.dongchangfu, name, planned_start_on=months_late, stage="contract")
    add_project(session, world.chiping, "红二", year_plans=plans)
    add_project(session, world.chiping, "无")
    session.commit()


def test_it_filters_by_light_and_says_why(client, world, lamps):
    assert listed(client, world.hq1, light="red") == ["红二", "红"]
    assert listed(client, world.hq1, light="yellow") == ["黄"]
    assert listed(client, world.unit1, light="green") == ["绿"]
    assert listed(client, world.unit2, light="red") == ["红二"]
    assert listed(client, world.hq1, light="red", unit=str(world.dongchangfu.id)) == ["红"]
    items = {one["name"]: one for one in client.as_(world.hq1).get(f"{HQ}/projects").json["items"]}
    assert items["无"]["light"] is None
    assert items["红"]["light"]["text"] == "红灯：计划2026-08-01开工，已连续3个月未开工且未说明原因"
    assert items["红"]["light"]["findings"][0]["rule"] == "start"


def test_it_pages_through_what_a_light_finds(client, world, lamps):
    first = client.as_(world.hq1).get(f"{HQ}/projects?light=red&limit=1").json
    second = client.as_(world.hq1).get(f"{HQ}/projects?light=red&limit=1&cursor={first['next_cursor']}").json
    assert [one["name"] for one in first["items"] + second["items"]] == ["红二", "红"]
    assert second["next_cursor"] is None


def test_it_shows_figures_and_lights_as_of_a_months_end(client, world, session):
    project = add_project(
        session,
        world.dongchangfu,
        "铜",
        year_plans={2026: Decimal(120)},
        planned_start_on=date(2026, 8, 1),
        stage="contract",
    )
    session.commit()
    for month in ("2026-08", "2026-09"):
        put(client, world.unit1, project, month, completed_investment_wan="5")
    (one,) = client.as_(world.unit1).get(f"{HQ}/projects?month=2026-08").json["items"]
    assert (one["month"]["month"], one["completed_to_date_wan"], one["light"]["light"]) == (
        "2026-08",
        "5",
        "yellow",
    )
    assert one["light"]["findings"][0]["rule"] == "start"
    (one,) = client.as_(world.unit1).get(f"{HQ}/projects?month=2026-10").json["items"]
    assert (one["month"], one["completed_to_date_wan"]) == (None, "10")
    assert client.as_(world.unit1).get(f"{HQ}/projects?month=2026").status_code == 422


def test_a_list_takes_as_many_statements_for_a_hundred_as_for_one(client, session, world):
    office = client.as_(world.hq1)

    def count(**query):
        return statements(session, lambda: office.get(f"{HQ}/projects", query_string=query))

    add_project(session, world.dongchangfu, "1", planned_start_on=date(2026, 1, 1), stage="contract")
    session.commit()
    before = count(), count(light="red")
    for number in range(30):
        made = add_project(
            session,
            world.dongchangfu,
            f"{number}",
            planned_start_on=date(2026, 1, 1),
            stage="contract",
            year_plans={2026: Decimal(1)},
        )
        session.add(_month(made))
    session.commit()
    assert (count(), count(light="red")) == before
    assert before[1] - before[0] == 2


def _month(project):
    return ProjectMonth(
        project_id=project.id,
        month=date(2026, 9, 1),
        number=1,
        completed_investment_wan=Decimal(1),
        funds_in_place_wan=None,
        visible_progress=None,
        problem=None,
        not_started_because=None,
        set_by=None,
        set_at=datetime(2026, 10, 1, tzinfo=UTC),
    )


def test_limits_are_set_with_their_time_and_light_from_then_on(client, session, world):
    add_project(session, world.dongchangfu, "铜", planned_start_on=date(2026, 9, 1), stage="contract")
    session.commit()
    at = f"{HQ}/projects/lights/limits"
    assert client.as_(world.unit1).put(at, json={"limits": {"start_red_months": 2}}).status_code == 403
    assert listed(client, world.hq1, light="red") == []
    answer = client.as_(world.hq1).put(at, json={"limits": {"start_red_months": 2}})
    assert (answer.status_code, answer.json["number"]) == (200, 1)
    assert client.as_(world.hq1).put(at, json={"limits": {"start_red_months": 2}}).json["number"] == 1
    assert listed(client, world.hq1, light="red") == ["铜"]
    assert client.as_(world.hq1).get(f"{HQ}/projects").json["items"][0]["light_limits_number"] == 1
    held = {
        one["code"]: (one["value"], one["usual"]) for one in client.as_(world.unit1).get(at).json["limits"]
    }
    assert (held["start_red_months"], held["progress_red_points"]) == ((2, 3), (30, 30))
    assert [one["number"] for one in client.as_(world.unit1).get(f"{at}/history").json["items"]] == [1]


@pytest.mark.parametrize(
    "limits",
    [
        {"progress_yellow_points": 31},
        {"entry_yellow_months": 3},
        {"start_red_months": 1},
        {"month_due_day": 29},
        {"hue": 1},
    ],
)
def test_it_refuses_limits_that_contradict_each_other(client, world, limits):
    answer = client.as_(world.hq1).put(f"{HQ}/projects/lights/limits", json={"limits": limits})
    assert answer.status_code == 422, answer.json


def test_a_table_is_read_row_by_row_and_only_looked_at_in_a_dry_run(client, session, world, project):
    add_project(session, world.chiping, "同名")
    add_project(session, world.dongchangfu, "同名")
    session.commit()
    put(client, world.unit1, project, "2026-10", problem="等待供电", completed_investment_wan="1")
    text = (
        "项目名称,责任单位,月份,本月完成投资,累计完成投资,本月到位资金,形象进度,存在问题\n"
        f"{project.name},,2026年10月,1.2亿,99999,,主体封顶,\n"  # 2
        f"{project.name},,2026/9,3000万,,500元,,\n"  # 3
        f"{project.name},,2026-10,5,,,,\n"  # 4: twice
        "没有的项目,,2026-10,5,,,,\n"  # 5
        "同名,,2026-10,5,,,,\n"  # 6: which
        "同名,茌平区,2026-10,5,,,,\n"  # 7
        f"{project.name},,2026-12,5,,,,\n"  # 8: to come
        f"{project.name},,十月,5,,,,\n"  # 9
        f"{project.name},,2026-08,一点五亿,,,,\n"  # 10
        f"{project.name},,2026-07,-5,,,,\n"  # 11
        f"{project.name},,2026-06,,,,,\n"  # 12: nothing told
        ",,2026-06,5,,,,\n"  # 13
    )
    dry = import_file(client, world.hq1, text, dry_run="true")
    assert dry.status_code == 200, dry.json
    assert (dry.json["accepted"], dry.json["changed"], dry.json["ignored"]) == (3, 3, ["累计完成投资"])
    assert [one["line_no"] for one in dry.json["refused"]] == [4, 5, 6, 8, 9, 10, 11, 12, 13]
    assert len(months(client, world.unit1, project)) == 1
    assert import_file(client, world.hq1, text).json | {"dry_run": True} == dry.json
    newest, before = months(client, world.unit1, project)
    assert (newest["completed_investment_wan"], newest["visible_progress"], newest["problem"]) == (
        "12000",
        "主体封顶",
        "等待供电",
    )
    assert (before["completed_investment_wan"], before["funds_in_place_wan"]) == ("3000", "0.05")
    again = import_file(client, world.hq1, text).json
    assert (again["accepted"], again["changed"]) == (3, 0)


def test_a_stage_is_not_reached_on_a_day_to_come(client, world, project):
    told = {"stage": "started", "stage_on": "2026-11-21"}
    answer = client.as_(world.hq1).patch(f"{HQ}/projects/{project.id}", json=told)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/stage_on")


def test_a_unit_imports_its_own_projects_only_and_the_month_may_stand_beside(client, session, world, project):
    other = add_project(session, world.chiping, "别人的项目")
    session.commit()
    rows = [
        ["各项目2026年10月进展", None, None, None],
        ["项目名称", "ID", "本月完成投资", "到位资金"],
        [project.name, "", 12.5, 100],
        [other.name, "", 3, 100],
        ["", str(other.id), 3, 100],
        ["随便", str(project.id), 4, 100],
        ["", "不是ID", 4, 100],
    ]
    answer = import_file(client, world.unit1, sheet_of(rows), name="月报.xlsx", month="2026-10")
    assert answer.status_code == 200, answer.json
    assert (answer.json["accepted"], answer.json["ignored"]) == (1, ["到位资金"])
    assert [one["line_no"] for one in answer.json["refused"]] == [4, 5, 6, 7]
    (one,) = months(client, world.unit1, project)
    assert (one["month"], one["completed_investment_wan"], one["funds_in_place_wan"]) == (
        "2026-10",
        "12.5",
        None,
    )
    assert months(client, world.hq1, other) == []


def test_an_import_takes_as_many_statements_for_many_rows_as_for_few_but_for_those_it_adds(
    client, session, world
):
    projects = [add_project(session, world.dongchangfu, f"项目{number}") for number in range(30)]
    session.commit()
    lines = [f"{one.name},2026-10,{number}" for number, one in enumerate(projects)]

    def count(rows):
        text = "\n".join(["项目名称,月份,本月完成投资", *rows])
        return statements(session, lambda: import_file(client, world.hq1, text, dry_run="true"))

    assert count(lines) == count(lines[:1])


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("月份,本月完成投资\n2026-10,5\n", "项目名称"),
        ("项目名称,本月完成投资\n甲,5\n", "月份"),
        ("项目名称,月份,累计完成投资\n甲,2026-10,5\n", "本月完成投资/本月到位资金/形象进度/存在问题"),
    ],
)
def test_it_says_which_column_a_table_lacks(client, world, text, missing):
    answer = import_file(client, world.hq1, text)
    assert (answer.status_code, answer.json["code"]) == (422, "bad_month_table")
    assert missing in answer.json["detail"]


@pytest.mark.parametrize(
    "row",
    [
        "铜铝精深加工项目,2026-10,=1+1,",
        "铜铝精深加工项目,2026-10,1e9,",
        "铜铝精深加工项目,2026-10,NaN,",
        "铜铝精深加工项目,2026-10,99999999999999999999,",
        "铜铝精深加工项目,9999-99,1,",
        "铜铝精深加工项目,٢٠٢٦-١٠,1,",
        f"{'长' * 5000},2026-10,1,",
        f"铜铝精深加工项目,2026-10,1,{'长' * 1001}",
        "铜铝精深加工项目' OR 1=1,2026-10,1,",
    ],
)
def test_a_hostile_row_is_refused_with_its_reason(client, world, project, row):
    answer = import_file(client, world.hq1, f"项目名称,月份,本月完成投资,存在问题\n{row}\n")
    assert answer.status_code == 200, answer.json
    assert (answer.json["accepted"], [one["line_no"] for one in answer.json["refused"]]) == (0, [2])
    assert 0 < len(answer.json["refused"][0]["zh"]) < 300
