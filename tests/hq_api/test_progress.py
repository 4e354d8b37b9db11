from datetime import date, timedelta
from io import BytesIO

import pytest
import python_calamine
import sqlalchemy as sa
import time_machine

from service.programmes.models import TargetList, TargetListEntry
from service.visits.ledger import recount
from service.visits.models import ReviewState
from service.visits.recounting import recount_enterprises
from tests.factories.visits import add_edition, add_enterprise, add_membership, add_visit

YEAR = 2026
MARCH = date(YEAR, 3, 2)


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel("2026-11-21T04:00:00+00:00", tick=True):
        yield


@pytest.fixture
def visited(session, world):
    """Two enterprises visited by two units together and alone, one of them waiting, one on a Top-500 list."""
    edition = add_edition(session, date(YEAR, 1, 1))
    top, known = (
        add_enterprise(session, "浪潮集团有限公司", chain="信息技术"),
        add_enterprise(session, "=危险公司"),
    )
    add_membership(session, edition, enterprise_id=top.id)
    visits = [
        add_visit(session, world.field1, top, MARCH, joint_unit_ids=[world.chiping.id]),
        add_visit(session, world.field2, top, MARCH + timedelta(8)),
        add_visit(
            session,
            world.field1,
            known,
            MARCH + timedelta(9),
            review_state=ReviewState.SUBMITTED,
            summary="=1+1 请致电13812345678",
            hosts=[{"name": "张三丰", "title": "总经理", "phone": "13812345678"}],
        ),
    ]
    recount(session, [visit.id for visit in visits])
    session.commit()
    return visits


def table_in(answer):
    book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(answer.data))
    answer.close()
    return book.get_sheet_by_index(0).to_python()


def test_it_shows_no_figures_to_field_staff(client, world):
    assert client.as_(world.field1).get("/api/hq/v1/progress/overview").status_code == 403


def test_it_shows_counted_and_pending_of_both_lines(client, world, visited):
    thousand, hundred = client.as_(world.hq1).get("/api/hq/v1/progress/overview").json["lines"]
    assert (thousand["code"], thousand["counted"], thousand["pending"]) == ("thousand", 1, 1)
    assert (hundred["code"], hundred["counted"], hundred["pending"]) == ("hundred", 1, 0)
    assert thousand["targets"] == {"baseline": 900, "working": 1000, "striving": 1200}
    assert thousand["expected_today"] == 890.41
    assert thousand["gap"] == -88.94
    assert thousand["behind"] == 889.41
    assert thousand["forecast"]["per_week"] == 0.00


def test_it_answers_as_of_an_earlier_day_by_the_day_of_the_visit(client, world, visited):
    answer = client.as_(world.hq1).get("/api/hq/v1/progress/overview?as_of=2026-03-01").json
    assert [line["counted"] for line in answer["lines"]] == [0, 0]


def test_it_is_never_as_of_a_day_to_come(client, world, visited):
    answer = client.as_(world.hq1).get("/api/hq/v1/progress/overview?as_of=2026-12-31").json
    assert answer["as_of"] == "2026-11-21"


def test_it_opens_exactly_the_records_behind_a_figure(client, world, visited):
    hq = client.as_(world.hq1)
    for line in hq.get("/api/hq/v1/progress/overview").json["lines"]:
        assert len(hq.get(line["records_url"]).json["items"]) == line["counted"]
        assert len(hq.get(line["pending_url"]).json["items"]) == line["pending"]
    for unit in hq.get("/api/hq/v1/progress/units").json["items"]:
        assert len(hq.get(unit["records_url"]).json["items"]) == unit["counted"], unit
        assert len(hq.get(unit["pending_url"]).json["items"]) == unit["pending"], unit
    for week in hq.get("/api/hq/v1/progress/weekly").json["items"]:
        if week["visits"] or week["pending"]:
            assert len(hq.get(week["records_url"]).json["items"]) == week["first_counted"]


def test_it_lists_units_with_zeros_and_counts_each_units_own(client, world, visited):
    items = client.as_(world.hq1).get("/api/hq/v1/progress/units").json["items"]
    figures = {(one["unit"]["name"], one["line"]): (one["counted"], one["pending"]) for one in items}
    assert figures["东昌府区", "thousand"] == (1, 1)
    assert figures["茌平区", "thousand"] == (1, 0)
    assert figures["临清市", "thousand"] == (0, 0)
    assert figures["市自然资源局", "hundred"] == (0, 0)
    assert len(items) == 10


def test_it_ranks_units_within_their_group_and_shares_ranks(client, world, visited):
    hq = client.as_(world.hq1)
    units = [world.dongchangfu, world.chiping, world.linqing, world.zone]
    targets = [
        {"line": "thousand", "unit_id": str(unit.id), "level": "working", "subjects": 100}
        for unit in units[:3]
    ]
    hq.put(f"/api/hq/v1/programmes/{world.programme.id}/targets", json={"targets": targets})
    items = hq.get("/api/hq/v1/progress/units").json["items"]
    ranks = {one["unit"]["name"]: one["rank"] for one in items if one["line"] == "thousand"}
    assert ranks == {
        "东昌府区": 1,
        "茌平区": 1,
        "临清市": 3,
        "高新技术产业开发区": None,
        "市自然资源局": None,
    }
    assert next(one["rate"] for one in items if one["rank"]) == 0.0100


def test_it_shows_a_units_office_its_own_rows_only(client, world, visited):
    unit2 = client.as_(world.unit2)
    names = {one["unit"]["name"] for one in unit2.get("/api/hq/v1/progress/units").json["items"]}
    assert names == {"茌平区"}
    assert unit2.get("/api/hq/v1/progress/overview").json["unit"]["name"] == "茌平区"
    assert unit2.get(f"/api/hq/v1/progress/overview?unit={world.dongchangfu.id}").status_code == 404


def test_it_gives_a_phone_the_headline_of_its_unit(client, world, visited):
    answer = client.as_(world.field2).get("/api/v1/progress").json
    assert answer["unit"]["name"] == "茌平区"
    assert answer["lines"][0]["counted"] == 1


def test_it_cuts_weeks_at_the_programmes_ends_and_keeps_zeros(client, world, visited):
    weeks = client.as_(world.hq1).get("/api/hq/v1/progress/weekly").json["items"]
    thousand = [week for week in weeks if week["line"] == "thousand"]
    assert (thousand[0]["start_on"], thousand[0]["end_on"]) == ("2026-01-01", "2026-01-05")
    assert not thousand[-1]["complete"]
    assert sum(week["first_counted"] for week in thousand) == 1
    assert sum(week["visits"] for week in thousand) == 2
    assert sum(week["pending"] for week in thousand) == 1


@pytest.mark.parametrize("by", ["county", "chain", "both"])
def test_it_shows_coverage_of_the_target_lists(client, session, world, visited, by):
    targets = TargetList(
        id=world.city.id, programme_id=world.programme.id, name="目标", created_at=visited[0].captured_at
    )
    session.add(targets)
    session.flush()
    other = add_enterprise(session, "未访公司", chain="信息技术")
    for enterprise_id in (visited[0].enterprise_id, other.id):
        session.add(
            TargetListEntry(
                list_id=targets.id,
                enterprise_id=enterprise_id,
                unit_id=world.town.id,
                added_at=visited[0].captured_at,
            )
        )
    recount_enterprises(session, [other.id])
    session.commit()
    hq = client.as_(world.hq1)
    items = hq.get(f"/api/hq/v1/progress/coverage?by={by}").json["items"]
    row = next(one for one in items if one["listed"])
    assert (row["listed"], row["listed_counted"], row["coverage"]) == (2, 1, 0.5)
    assert row["unit"] is None if by == "chain" else row["unit"]["name"] == "东昌府区"
    for one in items:
        if one["records_url"] is None:
            assert one["counted"] == 0
            continue
        assert len(hq.get(one["records_url"]).json["items"]) == one["counted"], one


def test_it_answers_not_modified_to_who_has_the_figures(client, world, visited):
    hq = client.as_(world.hq1)
    tag = hq.get("/api/hq/v1/progress/overview").headers["ETag"]
    assert hq.get("/api/hq/v1/progress/overview", headers={"If-None-Match": tag}).status_code == 304


def test_it_takes_out_the_visits_as_a_table_with_contacts_masked(client, session, world, visited):
    answer = client.as_(world.hq1).get("/api/hq/v1/progress/visits.xlsx")
    rows = table_in(answer)
    assert rows[0][0] == "拜访企业明细表"
    assert rows[1][0].startswith("填报单位：")
    assert "填报日期：2026年11月21日" in rows[1][7]
    assert rows[2][:4] == ["序号", "单位", "拜访日期", "企业（机构）名称"]
    assert [row[5] for row in rows[3:6]] == ["三类500强", "三类500强", "知名企业"]
    last = rows[5]
    assert last[3] == "=危险公司"
    assert last[10] == "=1+1 请致电138****5678"
    assert last[13] == "张** 138****5678"
    assert rows[6][0] == "合计"
    assert rows[6][2:4] == ["3 家次", "2 家（已匹配企业）"]
    entry = session.execute(
        sa.text("SELECT actor_name, details FROM audit_entries WHERE action = 'visit.export'")
    ).one()
    assert (entry.actor_name, entry.details["rows"]) == ("hq1", 3)


def test_it_takes_out_a_units_own_visits_only(client, world, visited):
    answer = client.as_(world.unit2).get("/api/hq/v1/progress/visits.xlsx")
    rows = table_in(answer)
    assert [row[1] for row in rows[3:-2]] == ["茌平区"]
