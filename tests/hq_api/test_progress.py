import re
from datetime import date, timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
import python_calamine
import sqlalchemy as sa
import time_machine

from service.programmes.models import TargetList, TargetListEntry
from service.progress.sheet_cells import HEADINGS
from service.visits.ledger import recount
from service.visits.models import Intention, ReviewState
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
        assert len(hq.get(line["visits_url"]).json["items"]) == line["visits"]
    for unit in hq.get("/api/hq/v1/progress/units").json["items"]:
        assert len(hq.get(unit["records_url"]).json["items"]) == unit["counted"], unit
        assert len(hq.get(unit["pending_url"]).json["items"]) == unit["pending"], unit
        assert len(hq.get(unit["visits_url"]).json["items"]) == unit["visits"], unit
    for week in hq.get("/api/hq/v1/progress/weekly").json["items"]:
        if week["visits"] or week["pending"]:
            assert len(hq.get(week["records_url"]).json["items"]) == week["first_counted"]
            assert len(hq.get(week["pending_url"]).json["items"]) == week["pending"]
            assert len(hq.get(week["visits_url"]).json["items"]) == week["visits"]


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
        assert len(hq.get(one["records_url"]).json["items"]) == one["counted"], one
        assert len(hq.get(one["pending_url"]).json["items"]) == one["pending"], one


def test_it_names_the_row_of_targets_that_no_unit_is_to_visit_and_opens_its_records(
    client, session, world, visited
):
    targets = TargetList(
        id=world.city.id, programme_id=world.programme.id, name="目标", created_at=visited[0].captured_at
    )
    session.add(targets)
    session.flush()
    for enterprise_id in {visit.enterprise_id for visit in visited}:
        session.add(
            TargetListEntry(list_id=targets.id, enterprise_id=enterprise_id, added_at=visited[0].captured_at)
        )
    session.commit()
    hq = client.as_(world.hq1)
    items = hq.get("/api/hq/v1/progress/coverage?by=county").json["items"]
    assert [one["label"] for one in items][:2] == ["东昌府区", "茌平区"]
    row = items[-1]
    assert (row["unit"], row["label"]) == (None, "未分派")
    assert (row["listed"], row["listed_counted"], row["counted"], row["pending"]) == (2, 1, 1, 1)
    opened = hq.get(row["records_url"]).json["items"]
    assert [one["id"] for one in opened] == [str(visited[0].id)]
    waiting = hq.get(row["pending_url"]).json["items"]
    assert [one["id"] for one in waiting] == [str(visited[2].id)]
    english = hq.get("/api/hq/v1/progress/coverage", headers={"Accept-Language": "en"}).json["items"]
    assert english[-1]["label"] == "Not assigned"


def test_it_asks_which_programme_nobody_is_assigned_in(client, world):
    answer = client.as_(world.hq1).get("/api/hq/v1/visits?unassigned=true")
    assert answer.status_code == 422


def test_it_opens_the_weeks_that_still_wait_and_not_those_settled_since(client, session, world):
    enterprise = add_enterprise(session)
    visits = [
        add_visit(session, world.field1, enterprise, MARCH, review_state=ReviewState.SUBMITTED),
        add_visit(session, world.field1, enterprise, MARCH + timedelta(20)),
    ]
    recount(session, [visit.id for visit in visits])
    session.commit()
    hq = client.as_(world.hq1)
    for week in hq.get("/api/hq/v1/progress/weekly").json["items"]:
        if week["start_on"] == MARCH.isoformat():
            assert week["pending"] == 0
            assert hq.get(week["pending_url"]).json["items"] == []


def test_it_says_why_units_do_not_add_up_to_the_city(client, world, visited):
    hq = client.as_(world.hq1)
    for path in ("overview", "units"):
        assert "联合走访" in hq.get(f"/api/hq/v1/progress/{path}").json["note"]
        english = hq.get(f"/api/hq/v1/progress/{path}", headers={"Accept-Language": "en"})
        assert "joint" in english.json["note"]


def test_it_says_whether_the_forecast_lies_within_the_programme(client, session, world, visited):
    hq = client.as_(world.hq1)
    path = f"/api/hq/v1/programmes/{world.programme.id}/targets"
    figures = [{"line": "thousand", "level": level, "subjects": 1} for level in ("baseline", "working")]

    def forecast():
        found = hq.get("/api/hq/v1/progress/overview").json["lines"][0]["forecast"]
        return found["on"], found["within_programme"]

    assert forecast() == (None, None)
    assert hq.put(path, json={"targets": figures}).status_code == 200
    assert forecast() == ("2026-03-02", True)
    late = add_visit(session, world.field1, add_enterprise(session), date(YEAR, 11, 10))
    recount(session, [late.id])
    session.commit()
    assert hq.put(path, json={"targets": [{**figures[1], "subjects": 100}]}).status_code == 200
    on, within = forecast()
    assert on > "2026-12-31"
    assert within is False


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
    assert rows[6][2:4] == ["3 条记录", "2 家企业（已匹配）"]
    entry = session.execute(
        sa.text("SELECT actor_name, details FROM audit_entries WHERE action = 'visit.export'")
    ).one()
    assert (entry.actor_name, entry.details["rows"]) == ("hq1", 3)


def test_it_takes_out_a_units_own_visits_only(client, world, visited):
    answer = client.as_(world.unit2).get("/api/hq/v1/progress/visits.xlsx")
    rows = table_in(answer)
    assert [row[1] for row in rows[3:-2]] == ["茌平区"]


def test_it_ties_each_row_to_its_record_and_says_whether_it_counts(client, session, world, visited):
    again = add_visit(session, world.field1, visited[0].enterprise_id, MARCH + timedelta(12))
    returned = add_visit(
        session,
        world.field1,
        None,
        MARCH + timedelta(13),
        review_state=ReviewState.RETURNED,
        free_enterprise={},
    )
    to_come = add_visit(session, world.field1, add_enterprise(session), date(YEAR, 12, 24))
    recount(session, [again.id, returned.id, to_come.id])
    session.commit()
    rows = table_in(client.as_(world.hq1).get("/api/hq/v1/progress/visits.xlsx"))
    assert rows[2] == list(HEADINGS)
    assert [row[14] for row in rows[3:9]] == [visit.number for visit in (*visited, again, returned, to_come)]
    assert [row[15] for row in rows[3:9]] == ["已核准", "已核准", "待审核", "已核准", "已退回", "已核准"]
    assert [row[16] for row in rows[3:9]] == [
        "是：千家、百家",
        "是：千家、百家；千家、百家此前已计，只增家次",
        "否：审核通过后计入千家",
        "是：千家、百家；千家、百家此前已计，只增家次",
        "否：已退回，修改并重新审核后才能计入",
        "否：拜访日期未到",
    ]


def test_it_leaves_out_what_is_voided_or_withdrawn_unless_asked(client, session, world):
    for state in (ReviewState.VOIDED, ReviewState.WITHDRAWN):
        add_visit(session, world.field1, add_enterprise(session), MARCH, review_state=state)
    session.commit()
    hq = client.as_(world.hq1)
    rows = table_in(hq.get("/api/hq/v1/progress/visits.xlsx"))
    assert rows[3][:3] == ["合计", "", "0 条记录"]
    assert "全部单位；全部日期；不含已撤回、已作废" in rows[1][7]
    rows = table_in(hq.get("/api/hq/v1/progress/visits.xlsx?state=voided"))
    assert [row[15] for row in rows[3:4]] == ["已作废"]
    assert "状态 已作废" in rows[1][7]


@pytest.mark.parametrize("asked", ["", "until=2026-03-09", "unit", "from=2026-03-09&until=2026-04-01"])
def test_it_says_how_much_counts_as_the_overview_does(client, world, visited, asked):
    hq = client.as_(world.hq1)
    overview, sheet = "", asked
    if asked == "unit":
        overview = sheet = f"unit={world.chiping.id}"
    if asked == "until=2026-03-09":
        overview = "as_of=2026-03-08"
    thousand, hundred = hq.get(f"/api/hq/v1/progress/overview?{overview}").json["lines"]
    told = table_in(hq.get(f"/api/hq/v1/progress/visits.xlsx?{sheet}"))
    expected = f"其中已计入 {thousand['counted']} 家 {thousand['visits']} 家次（千家）/ {hundred['counted']} 家（百家）"
    if asked.startswith("from"):
        expected = "其中已计入 0 家 1 家次（千家）/ 0 家（百家）"
    assert expected in told[1][7]
    assert any(expected in str(cell) for row in told[3:] for cell in row)
    assert ("联合走访 1 家次" in told[1][7]) == (asked == "unit")


def test_it_counts_the_rows_where_something_else_narrows_them(client, world, visited):
    hq = client.as_(world.hq1)
    told = table_in(hq.get(f"/api/hq/v1/progress/visits.xlsx?visitor={world.field2.user_id}"))
    assert "其中已计入 1 家 1 家次（千家）/ 1 家（百家）" in told[1][7]
    assert "走访人 field2" in told[1][7]


def test_it_writes_words_for_codes_and_leaves_unknown_ones(client, session, world):
    enterprise = add_enterprise(session)
    for day, rank in enumerate(("county", "区委常委", None)):
        leader = {"name": "张县长"} | ({"rank": rank} if rank else {})
        add_visit(
            session,
            world.field1,
            enterprise,
            MARCH + timedelta(day),
            led_by=leader,
            intention=Intention.NEGOTIATING,
        )
    session.commit()
    rows = table_in(client.as_(world.hq1).get("/api/hq/v1/progress/visits.xlsx"))
    assert [row[9] for row in rows[3:6]] == ["张县长 正处级", "张县长 区委常委", "张县长"]
    assert {row[11] for row in rows[3:6]} == {"在谈"}


def test_it_makes_rows_as_high_as_their_wrapped_text(client, session, world):
    add_visit(session, world.field1, add_enterprise(session), MARCH, summary="洽谈内容" * 40)
    session.commit()
    answer = client.as_(world.hq1).get("/api/hq/v1/progress/visits.xlsx")
    sheet = ZipFile(BytesIO(answer.data)).read("xl/worksheets/sheet1.xml").decode()
    answer.close()
    heights = {
        int(row): float(points) for row, points in re.findall(r'<row r="(\d+)"[^>]* ht="([0-9.]+)"', sheet)
    }
    assert heights[4] > 9 * 13
    assert heights[2] > 25
    assert 'paperSize="8" orientation="landscape"' in re.sub(r' (scale|fitTo\w+)="\d+"', "", sheet)


@pytest.mark.parametrize("table", ["units", "weekly"])
def test_a_table_may_be_asked_for_by_line_and_by_page(client, world, visited, table):
    hq = client.as_(world.hq1)
    path = f"/api/hq/v1/progress/{table}"
    whole = hq.get(path).get_json()
    assert whole["next_cursor"] is None
    hundred = hq.get(path, query_string={"line": "hundred"}).get_json()["items"]
    assert hundred == [row for row in whole["items"] if row["line"] == "hundred"]
    pages, cursor = [], None
    while cursor is not None or not pages:
        answer = hq.get(path, query_string={"limit": 3} | ({"cursor": cursor} if cursor else {}))
        pages += answer.get_json()["items"]
        cursor = answer.get_json()["next_cursor"]
    assert pages == whole["items"]
    assert hq.get(path, query_string={"limit": 1001}).status_code == 422


def test_a_parameter_without_a_value_is_not_given(client, world, visited):
    hq = client.as_(world.hq1)
    bare = hq.get("/api/hq/v1/progress/overview").get_json()
    assert hq.get("/api/hq/v1/progress/overview?programme=&as_of=").get_json() == bare
