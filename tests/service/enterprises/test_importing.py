from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from service.enterprises import commands, lists, queries
from service.enterprises.commands import Registration
from service.enterprises.errors import WrongMapping
from service.enterprises.import_reports import Outcome, kept_report
from service.enterprises.importing import ImportOrder, import_enterprises, rehearse_import
from service.enterprises.models import Enterprise, EnterpriseKind, ListMembership
from service.enterprises.search import SearchRequest, search
from service.kernel.errors import Invalid
from tests.support.sheets import csv_of, sheet_of

FILES = Path(__file__).parents[2] / "files" / "enterprises"
HUAWEI, BYD = "914403001922038216", "91440300192317458F"


def import_rows(session, world, *rows, header=("企业名称", "统一社会信用代码", "城市"), **options):
    raw = csv_of([header, *rows])
    return import_enterprises(session, world.hq1, ImportOrder("a.csv", raw, **options))


def import_file(session, world, name):
    return import_enterprises(session, world.hq1, ImportOrder(name, (FILES / name).read_bytes()))


def only(session):
    return session.scalars(sa.select(Enterprise)).one()


def test_it_reads_a_published_list_in_gb18030(session, world):
    report = import_file(session, world, "forbes_global2000_2017_head.csv")
    assert (report.accepted, report.merged, report.refused) == (130, 0, 0)
    (bank,) = search(session, world.hq1, SearchRequest("ICBC")).items
    seen = queries.details(session, bank.id)
    assert (seen.name, seen.country) == ("中国工商银行", "China")
    assert seen.facts["revenue"] == {"text": "$151.4 B", "currency": "USD", "amount": "151400000000.00"}


def test_it_leaves_funds_out_of_a_list_of_securities(session, world):
    report = import_file(session, world, "listed_shenzhen_part.csv")
    refused = [row for row in report.rows if row.outcome == Outcome.REFUSED]
    assert (report.accepted, len(refused)) == (60, 6)
    assert {row.reason for row in refused} == {"not_an_enterprise"}


def test_the_same_file_again_changes_nothing(session, world):
    import_file(session, world, "forbes_global2000_2017_head.csv")
    before = session.scalar(sa.select(sa.func.count(), sa.func.sum(Enterprise.rev)).select_from(Enterprise))
    report = import_file(session, world, "forbes_global2000_2017_head.csv")
    assert (report.accepted, report.merged) == (0, 130)
    assert session.scalar(sa.select(sa.func.sum(Enterprise.rev))) == before


def test_a_dry_run_answers_the_same_and_writes_nothing(session, world):
    order = ImportOrder("a.csv", csv_of([("企业名称",), ("甲公司",), ("甲公司",), ("",), ("合计",)]))
    rehearsed = rehearse_import(session, world.hq1, order)
    assert session.scalar(sa.select(sa.func.count()).select_from(Enterprise)) == 0
    done = import_enterprises(session, world.hq1, order)
    told = [(row.line, row.outcome, row.reason) for row in rehearsed.rows]
    assert told == [(row.line, row.outcome, row.reason) for row in done.rows]
    assert rehearsed.id is None


def test_a_row_with_a_known_code_fills_blanks_and_adds_its_name(session, world):
    made = commands.register_enterprise(
        session, world.hq1, Registration("华为公司", credit_code=HUAWEI, city="深圳")
    )
    report = import_rows(session, world, ("华为技术有限公司", HUAWEI, "东莞"))
    assert report.merged == 1
    seen = queries.details(session, made)
    assert (seen.city, [alias.name for alias in seen.aliases]) == ("深圳", ["华为技术有限公司"])


def test_a_row_with_a_known_name_brings_its_code(session, world):
    made = commands.register_enterprise(session, world.hq1, Registration("华为技术有限公司"))
    import_rows(session, world, ("华为技术股份有限公司", HUAWEI, ""))
    assert queries.details(session, made).credit_code == HUAWEI


def test_the_same_name_with_another_code_is_another_firm(session, world):
    commands.register_enterprise(session, world.hq1, Registration("华为技术有限公司", credit_code=BYD))
    report = import_rows(session, world, ("华为技术有限公司", HUAWEI, ""))
    assert (report.accepted, report.suspected) == (1, 1)


def test_one_chinese_name_with_two_foreign_names_is_two_firms(session, world):
    header = ("公司", "公司英文", "国家/地区")
    rows = [("美国银行", "Bank of America", "United States"), ("美国银行", "U.S. Bancorp", "United States")]
    report = import_rows(session, world, *rows, header=header)
    assert (report.accepted, report.suspected) == (2, 1)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("", HUAWEI, ""), "name_missing"),
        (("合计", "", ""), "total_row"),
        (("填表人：张三", "审核人：李四", ""), "signature_row"),
        (("甲公司", "91440300192203821X", ""), "credit_code_wrong"),
        (("甲公司", "9.14403E+17", ""), "credit_code_damaged"),
        (("甲" * 201, "", ""), "name_too_long"),
        (("13800000000", "", ""), "not_a_name"),
        (("——？", "", ""), "not_a_name"),
    ],
)
def test_it_says_why_a_row_is_refused(session, world, row, reason):
    report = import_rows(session, world, row, ("乙公司", "", ""))
    assert [(one.line, one.reason) for one in report.rows if one.outcome == Outcome.REFUSED] == [(2, reason)]
    assert report.accepted == 1


@pytest.mark.parametrize(
    ("header", "row", "accepted"),
    [
        (("公司", "公司英文", "国家/地区"), ("道达尔", "Total", "France"), 1),
        (("排名", "Company", "Country"), ("26", "Total", "France"), 1),
        (("Company", "Country", "Sales"), ("Total", "", "$128.1 B"), 0),
        (("排名", "公司", "公司英文"), ("Total", "25", ""), 0),
    ],
)
def test_it_tells_the_company_total_from_a_total(session, world, header, row, accepted):
    assert import_rows(session, world, row, header=header).accepted == accepted


def test_a_code_that_the_sheet_kept_as_a_number_is_refused_with_the_cure(session, world):
    raw = sheet_of([["单位名称", "信用代码"], ["甲公司", 914403001922038216]])
    (row,) = import_enterprises(session, world.hq1, ImportOrder("a.xlsx", raw)).rows
    assert (row.reason, "文本" in row.text) == ("credit_code_damaged", True)


def test_a_name_that_several_have_is_not_guessed(session, world):
    for _ in range(2):
        commands.register_enterprise(session, world.hq1, Registration("甲乙丙有限公司"))
    (row,) = import_rows(session, world, ("甲乙丙股份有限公司", "", "")).rows
    assert row.reason == "name_ambiguous"


def test_it_reads_the_headings_that_offices_use(session, world):
    header = (
        "序号",
        "企业（机构）名称",
        "类型",
        "所属行业",
        "所在地",
        "营业收入（万元）",
        "官网",
        "曾用名",
        "责任单位",
        "标签",
    )
    row = (
        "1",
        "聊城市电子商务协会",
        "商协会",
        "服务业",
        "山东省聊城市",
        "12000",
        "http://a.cn",
        "甲协会；乙协会",
        "东昌府区",
        "重点",
    )
    report = import_rows(session, world, row, header=header)
    seen = queries.details(session, only(session).id)
    assert report.accepted == 1
    assert (seen.kind, seen.industry, seen.province, seen.city) == (
        EnterpriseKind.ASSOCIATION,
        "服务业",
        "山东省",
        "聊城市",
    )
    assert seen.facts["revenue"]["amount_wan"] == "12000"
    assert {alias.name for alias in seen.aliases} == {"甲协会", "乙协会"}
    assert (seen.responsible_unit_id, seen.tags) == (world.dongchangfu.id, ["重点"])


@pytest.mark.parametrize(
    ("text", "amount"),
    [("1.2亿", "12000"), ("12000万", "12000"), ("12000", "12000"), ("undefined", None), ("-3亿元", "-30000")],
)
def test_amounts_are_read_as_offices_write_them(session, world, text, amount):
    import_rows(session, world, ("甲公司", text), header=("企业名称", "销售额"))
    assert only(session).facts.get("revenue", {}).get("amount_wan") == amount


def test_a_bare_amount_is_in_the_unit_of_its_heading(session, world):
    import_rows(session, world, ("沃尔玛", "611289"), header=("公司名称（中英文）", "营业收入（百万美元）"))
    assert only(session).facts["revenue"] == {
        "text": "611289",
        "currency": "USD",
        "amount": "611289000000.00",
    }


def test_of_several_years_the_latest_rank_is_taken(session, world):
    edition = lists.create_edition(
        session, world.hq1, lists.NewEdition("china_500", "中国企业500强", 2025, date(2025, 9, 1))
    )
    header = ("2024排名", "2025年排名", "企业名称")
    import_rows(session, world, ("7", "5", "华为技术有限公司"), header=header, edition_id=edition)
    assert session.scalars(sa.select(ListMembership.rank)).one() == 5


def test_an_amount_that_cannot_be_read_is_kept_and_noted(session, world):
    (row,) = import_rows(session, world, ("甲公司", "约三个亿"), header=("企业名称", "销售额")).rows
    assert row.notes
    assert only(session).facts["revenue"] == {"text": "约三个亿"}


def test_a_column_can_be_told(session, world):
    rows = [("甲公司", "x")]
    with pytest.raises(WrongMapping):
        import_rows(session, world, *rows, header=("客户", "其他"))
    assert import_rows(session, world, *rows, header=("客户", "其他"), mapping={"客户": "name"}).accepted == 1
    with pytest.raises(Invalid):
        import_rows(session, world, *rows, header=("客户", "其他"), mapping={"没有": "name"})


def test_rows_go_on_an_edition_with_their_rank(session, world):
    edition = lists.create_edition(
        session, world.hq1, lists.NewEdition("china_500", "中国企业500强", 2025, date(2025, 9, 1))
    )
    for confirmed in (True, False):
        report = import_rows(
            session,
            world,
            ("华为技术有限公司", "5"),
            header=("企业名称", "排名"),
            edition_id=edition,
            confirmed=confirmed,
        )
    place = session.scalars(sa.select(ListMembership)).one()
    assert (place.rank, place.enterprise_id) == (5, report.rows[0].enterprise_id)
    assert place.confirmed_at is not None
    assert queries.details(session, place.enterprise_id).top500 == ("中国企业500强（2025）",)


def test_it_marks_all_as_well_known_when_asked(session, world):
    import_rows(session, world, ("甲公司", "", ""), well_known=True)
    assert only(session).well_known


def test_the_report_can_be_read_again(session, world):
    report = import_rows(session, world, ("甲公司", "", ""), ("", HUAWEI, ""))
    kept = kept_report(session, world.hq1, report.id)
    assert (list(kept.rows), kept.accepted, kept.refused) == ([*report.rows], 1, 1)
