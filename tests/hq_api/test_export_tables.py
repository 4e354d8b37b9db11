"""Check-ins, projects and targets are taken out as the office's tables, each proven by its manifest."""

import hashlib
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from service.enterprises.models import EnterpriseKind
from service.indicators.amounts import AmountFigure, Sheet, name_indicator, put_amounts
from service.indicators.models import AmountLevel
from service.kernel.calendar import PeriodKind
from service.kernel.clock import pretending
from service.projects.models import ContractKind, Duty, ProjectStage
from service.projects.progress_months import MonthTold, put_months
from service.submissions.review_states import ReviewState
from tests.factories.sites import add_assignment, add_checkin, add_project, add_site
from tests.factories.visits import add_enterprise
from tests.support.committed import committed_house
from tests.support.exporting import cells, fetched, lines, made

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
FLAG = {
    "code": "outside_fence",
    "severity": "warning",
    "value": 900,
    "limit": 310,
    "zh": "位于围栏之外",
    "en": "out",
}
YEAR = Sheet("funds", PeriodKind.YEAR, date(2025, 1, 1))
MONTH = Sheet("funds", PeriodKind.MONTH, date(2025, 10, 1))


@pytest.fixture(scope="module")
def house(postgres_url, tmp_path_factory):
    """Two units with a site each, a project with what is known of it, and targets of a year."""
    with committed_house(postgres_url, tmp_path_factory.mktemp("tables")) as house:
        with house.sessions.begin() as session:
            _field(session, house.world)
            _targets(session, house.world)
        yield house


def _field(session, world):
    investor = add_enterprise(
        session, "浪潮集团", kind=EnterpriseKind.ENTERPRISE, province="山东", city="济南", industry="电子信息"
    )
    project = add_project(
        session,
        world.dongchangfu,
        "智能制造产业园",
        enterprise_id=investor.id,
        stage=ProjectStage.STARTED,
        total_investment_wan=Decimal("120000.5"),
        started_on=date(2026, 1, 8),
        contract_signed_on=date(2025, 11, 6),
        contract_kind=ContractKind.AGREEMENT,
        planned_start_on=date(2026, 1, 5),
        year_plans={2026: Decimal(60000)},
    )
    _months(session, world, project)
    add_project(session, world.chiping, "铝深加工", stage=ProjectStage.CONTRACT)
    site = add_site(session, world.dongchangfu, "一号工地", project_id=project.id, address="中华路9号")
    other = add_site(session, world.chiping, "二号工地")
    add_assignment(session, world.commissioner1, site)
    add_assignment(session, world.leader1, site, duty=Duty.SPONSOR)
    add_checkin(
        session,
        world.commissioner1,
        site,
        NOON,
        note="=1+1 联系13812345678",
        progress_percent=Decimal("62.5"),
        progress_text="主体封顶",
        inside=False,
        distance_m=912.4,
        latitude=36.45671,
        longitude=115.98542,
        flags=[FLAG],
    )
    add_checkin(session, world.field2, other, NOON, review_state=ReviewState.VOIDED, review_reason="重复填报")


def _months(session, world, project):
    told = {
        date(2026, 1, 1): MonthTold(Decimal("1000.5"), Decimal(3000), "桩基完成"),
        date(2026, 2, 1): MonthTold(Decimal("5200.25"), Decimal(800), None, "等待供电，联系13812345678"),
    }
    with pretending(datetime(2026, 3, 1, tzinfo=UTC)):
        put_months(session, world.unit1, {(project.id, of): one for of, one in told.items()})


def _targets(session, world):
    name_indicator(session, world.hq1, "funds", ("到位资金", "Funds in place"), "亿元")
    unit, other = world.dongchangfu.id, world.chiping.id

    def figures(unit_id, **levels):
        return [AmountFigure(unit_id, AmountLevel(name), Decimal(text)) for name, text in levels.items()]

    put_amounts(
        session,
        world.hq1,
        YEAR,
        [
            *figures(unit, baseline="500", working="589", striving="650", actual="219.22"),
            *figures(other, working="100", actual="50"),
        ],
    )
    put_amounts(session, world.hq1, MONTH, figures(unit, actual="20.5"))


@pytest.fixture
def hq(house):
    return house.phone(house.world.hq1)


def test_it_takes_out_the_checkins_a_list_shows_and_proves_it(house, hq):
    export = made(house, hq, "checkins_csv", filters={"from": "2026-03-01", "to": "2026-04-01"})
    rows = lines(fetched(hq, export, "checkins.csv"))
    listed = hq.get("/api/hq/v1/checkins?from=2026-03-01&to=2026-04-01").json["items"]
    assert {row["ID"] for row in rows} == {one["id"] for one in listed}
    manifest = json.loads(fetched(hq, export, "manifest.json"))
    ids = b"".join(UUID(row["ID"]).bytes for row in rows)
    assert manifest["rows"] == len(rows) == export["rows_expected"] == 2
    assert manifest["ids_sha256"] == hashlib.sha256(ids).hexdigest()
    assert manifest["what"]["checkins"] == {
        "from_on": "2026-03-01",
        "until_on": "2026-04-01",
        "standing": False,
    }


@pytest.mark.parametrize(
    ("filters", "count"),
    [({"standing": "true"}, 1), ({"state": "voided"}, 1), ({"to": "2026-03-02"}, 0), ({"kind": "arrive"}, 2)],
)
def test_it_takes_the_filters_of_the_list(house, hq, filters, count):
    assert made(house, hq, "checkins_csv", filters=filters)["rows_done"] == count


def test_it_gives_a_unit_its_own_checkins_only(house):
    phone = house.phone(house.world.unit2)
    rows = lines(fetched(phone, made(house, phone, "checkins_csv"), "checkins.csv"))
    assert [row["签到人"] for row in rows] == ["field2"]


def test_it_shows_words_and_figures_and_masks_numbers(house, hq):
    rows = lines(fetched(hq, made(house, hq, "checkins_csv"), "checkins.csv"))
    first = next(row for row in rows if row["签到人"] == "commissioner1")
    assert first | {"编号": "", "ID": ""} == {
        "序号": first["序号"],
        "单位": "东昌府区",
        "签到日期": "2026-03-02",
        "时间": "12:00",
        "工地（驻点）": "一号工地",
        "项目": "智能制造产业园",
        "签到人": "commissioner1",
        "类型": "到达",
        "是否在围栏内": "否",
        "距离（米）": "912",
        "情况说明": "'=1+1 联系138****5678",
        "形象进度（%）": "62.5",
        "进度说明": "主体封顶",
        "照片（张）": "0",
        "疑点": "位于围栏之外",
        "编号": "",
        "审核状态": "待审核",
        "退回或作废原因": "",
        "ID": "",
    }
    whole = made(house, hq, "checkins_csv", reason="节前逐一电话核实")
    assert "13812345678" in fetched(hq, whole, "checkins.csv").decode()


def test_it_writes_the_checkins_as_a_workbook_with_figures_as_numbers(house, hq):
    rows = cells(fetched(hq, made(house, hq, "checkins_xlsx"), "checkins.xlsx"))
    assert rows[0][0] == "驻点签到明细表"
    assert rows[1][6].endswith("范围：全部单位；全部日期")
    head, first = rows[2], next(row for row in rows[3:5] if row[6] == "commissioner1")
    told = dict(zip(head, first, strict=True))
    assert (told["距离（米）"], told["形象进度（%）"], told["照片（张）"]) == (912.0, 62.5, 0.0)
    assert told["情况说明"] == "=1+1 联系138****5678"
    assert rows[5][:3] == ["合计", "", "2 条记录"]
    assert rows[6][0] == "填表人："


def test_it_tells_positions_to_a_kilometre_and_whole_for_a_reason(house, hq):
    def places(**order):
        found = json.loads(fetched(hq, made(house, hq, "checkins_geojson", **order), "checkins.geojson"))
        assert found["datum"] == "WGS-84"
        return [one["geometry"] and one["geometry"]["coordinates"] for one in found["features"]]

    masked = places()
    assert len(masked) == 2
    assert None in masked
    assert [115.99, 36.46] in masked
    assert [115.98542, 36.45671] in places(reason="与规划部门核对选址")


def test_it_fills_the_offices_project_table_with_what_is_known_and_guesses_nothing(house, hq):
    export = made(house, hq, "projects_xlsx")
    rows = cells(fetched(hq, export, "projects.xlsx"))
    assert rows[0][0] == "重点项目进展表"
    told = dict(zip(rows[2], rows[3], strict=True))
    known = {
        "序号": 1.0,
        "项目名称": "智能制造产业园",
        "投资方": "浪潮集团",
        "来源地": "山东 济南",
        "建设地点": "中华路9号",
        "产业": "电子信息",
        "总投资（万元）": 120000.5,
        "签约日期": "2025-11-06",
        "合同类别": "投资协议",
        "阶段": "开工",
        "计划开工": "2026-01-05",
        "实际开工": "2026-01-08",
        "本月完成投资": 5200.25,
        "累计完成投资": 6200.75,
        "到位资金": 3800.0,
        "形象进度": "62.5%，主体封顶（2026-03-02）",
        "存在问题": "等待供电，联系138****5678",
        "责任单位": "东昌府区",
        "包联领导": "leader1",
        "驻工地专员": "commissioner1",
        "灯色": "红灯",
    }
    assert {name: cell for name, cell in told.items() if cell != ""} == known
    assert len(rows[2]) == 21
    assert rows[4][1] == "铝深加工"
    assert "本月指2026年2月，累计与到位资金截至该月" in rows[1][6]
    total = {name: cell for name, cell in zip(rows[2], rows[5], strict=True) if cell != ""}
    assert total == {
        "序号": "合计",
        "项目名称": "2 个项目",
        "总投资（万元）": 120000.5,
        "本月完成投资": 5200.25,
        "累计完成投资": 6200.75,
        "到位资金": 3800.0,
    }
    assert export["rows_done"] == export["rows_expected"] == 2


def test_projects_keep_to_stage_and_scope(house, hq):
    rows = lines(fetched(hq, made(house, hq, "projects_csv", filters={"stage": "started"}), "projects.csv"))
    assert [row["项目名称"] for row in rows] == ["智能制造产业园"]
    phone = house.phone(house.world.unit2)
    rows = lines(fetched(phone, made(house, phone, "projects_csv"), "projects.csv"))
    assert [row["项目名称"] for row in rows] == ["铝深加工"]


def test_projects_are_told_as_of_a_months_end_and_by_light(house, hq):
    asked = {"month": "2026-01"}
    (first, second) = lines(fetched(hq, made(house, hq, "projects_csv", filters=asked), "projects.csv"))
    told = ("本月完成投资", "累计完成投资", "到位资金", "形象进度", "存在问题", "灯色")
    assert [first[name] for name in told] == ["1000.5", "1000.5", "3000", "桩基完成", "", "绿灯"]
    assert [second[name] for name in told] == [""] * 6
    for light, names in (("red", ["智能制造产业园"]), ("yellow", [])):
        export = made(house, hq, "projects_csv", filters={"light": light})
        rows = lines(fetched(hq, export, "projects.csv"))
        assert [row["项目名称"] for row in rows] == names
        assert export["rows_done"] == export["rows_expected"] == len(names)


def test_it_shows_targets_with_rate_gap_and_rank_as_published(house, hq):
    asked = {"period": "year", "on": "2025-01-01", "as_of": "2025-10-31"}
    export = made(house, hq, "targets_csv", filters=asked)
    rows = {row["单位"]: row for row in lines(fetched(hq, export, "targets.csv"))}
    first = rows["东昌府区"]
    assert first["指标"] == "到位资金（亿元）"
    assert [first[name] for name in ("计划目标", "工作目标", "奋斗目标")] == ["500", "589", "650"]
    assert [first[name] for name in ("本期", "累计", "完成率（%）")] == ["20.5", "219.22", "37.22"]
    assert (first["序时进度（%）"], first["超欠进度（百分点）"]) == ("83.29", "-46.07")
    assert (first["排名"], rows["茌平区"]["排名"]) == ("2", "1")
    assert first["同比（%）"] == ""
    assert (rows["临清市"]["累计"], rows["临清市"]["排名"]) == ("", "")
    assert len(rows) == export["rows_expected"]


def test_it_shows_the_lines_of_the_programme_with_their_three_targets(house, hq):
    year = house.world.programme.year
    asked = {"period": "year", "on": f"{year}-01-01", "as_of": f"{year}-01-31"}
    export = made(house, hq, "targets_csv", filters=asked)
    rows = [row for row in lines(fetched(hq, export, "targets.csv")) if row["指标"].startswith("千家")]
    city, units = rows[0], {row["单位"]: row for row in rows[1:]}
    assert city["单位"] == "全市"
    assert [city[name] for name in ("计划目标", "工作目标", "奋斗目标", "累计")] == [
        "900",
        "1000",
        "1200",
        "0",
    ]
    assert (city["完成率（%）"], city["超欠进度（百分点）"]) == ("0.00", f"-{city['序时进度（%）']}")
    assert (units["临清市"]["工作目标"], units["临清市"]["累计"], units["临清市"]["排名"]) == ("", "0", "")
    assert export["rows_done"] == export["rows_expected"] == 2 * len(rows)


def test_targets_come_as_numbers_in_the_workbook(house, hq):
    asked = {"period": "year", "on": "2025-01-01", "as_of": "2025-10-31"}
    rows = cells(fetched(hq, made(house, hq, "targets_xlsx", filters=asked), "targets.xlsx"))
    told = next(dict(zip(rows[2], row, strict=True)) for row in rows[3:] if row[1] == "东昌府区")
    assert (told["累计"], told["完成率（%）"], told["排名"]) == (219.22, 37.22, 2.0)
    assert "截至 2025-10-31" in rows[1][5]


@pytest.mark.parametrize(
    ("form", "filters"),
    [
        ("checkins_csv", {"chain": "铜"}),
        ("projects_csv", {"from": "2026-01-01"}),
        ("targets_csv", {"unit": "x"}),
        ("issues_xlsx", {}),
    ],
)
def test_it_refuses_filters_and_forms_that_are_not_there(hq, form, filters):
    answer = hq.post("/api/hq/v1/exports", json={"form": form, "filters": filters})
    assert (answer.status_code, answer.json["code"]) == (422, "invalid")
