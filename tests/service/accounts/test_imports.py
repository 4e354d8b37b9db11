"""Units and people come in by file, each row answering for itself."""

import pytest
import sqlalchemy as sa

from service.accounts import imports
from service.accounts.models import Unit, User
from service.kernel.errors import Forbidden
from service.kernel.tables import read_table

UNITS = """单位名称,上级单位,类型,简称,区划代码,分组,排序
阳谷县,聊城市,县市区,阳谷,371521,县市区,5
侨润街道,阳谷县,街道,,,,1
东昌府区,聊城市,县,东昌府,371502,主城区,1
怪单位,聊城市,飞船,,,,
孤儿局,火星,部门,,,,
坏代码,聊城市,县,,37,,
"""
PEOPLE = """姓名,用户名,手机,单位,角色,职务
张三,zhangsan,13800000001,茌平区,登门招商人员、驻工地专员,科员
李四,,13800000002,茌平区,外勤,
field1,field1,,茌平区,外勤,
王五,wangwu,,茌平区,宇航员,
,nobody,,茌平区,外勤,
"""


def table(text, columns):
    return read_table("表.csv", text.encode(), headings=imports.headings(columns))


def outcomes(report):
    return {line.name: str(line.outcome) for line in report.lines}


def test_it_lets_nobody_else_import(session, world):
    with pytest.raises(Forbidden):
        imports.import_units(session, world.unit1, table(UNITS, imports.UNIT_COLUMNS), dry_run=True)


def test_it_takes_units_row_by_row_and_says_why_not(session, world):
    report = imports.import_units(session, world.hq1, table(UNITS, imports.UNIT_COLUMNS), dry_run=False)
    assert outcomes(report) == {
        "阳谷县": "opened",
        "侨润街道": "opened",
        "东昌府区": "amended",
        "怪单位": "refused",
        "孤儿局": "refused",
        "坏代码": "refused",
    }
    refused = {line.name: line.reasons("zh") for line in report.lines if line.refusal}
    assert refused["孤儿局"] == ["没有找到单位“火星”"]
    assert report.lines[0].line_no == 2
    town = session.scalars(sa.select(Unit).where(Unit.name == "侨润街道")).one()
    assert town.lineage == [world.city.id, report.lines[0].id, town.id]


def test_it_changes_nothing_in_a_dry_run_that_says_the_same(session, world):
    rows = table(UNITS, imports.UNIT_COLUMNS)
    tried = imports.import_units(session, world.hq1, rows, dry_run=True)
    assert session.scalar(sa.select(sa.func.count()).select_from(Unit)) == 7
    done = imports.import_units(session, world.hq1, rows, dry_run=False)
    assert outcomes(tried) == outcomes(done)
    again = imports.import_units(session, world.hq1, rows, dry_run=False)
    assert (again.opened, again.amended, again.unchanged, again.refused) == (0, 0, 3, 3)


def test_it_takes_people_and_moves_nobody(session, world):
    report = imports.import_people(session, world.hq1, table(PEOPLE, imports.PERSON_COLUMNS), dry_run=False)
    assert [str(line.outcome) for line in report.lines] == [
        "opened",
        "opened",
        "refused",
        "refused",
        "refused",
    ]
    zhangsan = session.scalars(sa.select(User).where(User.username == "zhangsan")).one()
    assert zhangsan.roles == ["field_staff", "site_commissioner"]
    assert zhangsan.password_hash is None
    assert session.scalar(sa.select(User.name).where(User.username == "13800000002")) == "李四"
    assert session.get_one(User, world.field1.user_id).unit_id == world.dongchangfu.id


def test_it_names_the_columns_that_are_missing(session, world):
    with pytest.raises(imports.MissingColumns, match="角色"):
        imports.import_people(
            session, world.hq1, table("姓名,单位\n张三,茌平区\n", imports.PERSON_COLUMNS), dry_run=False
        )


def test_it_refuses_to_import_administrators_for_headquarters(session, world):
    text = "姓名,用户名,单位,角色\n坏人,bad,聊城市,系统管理员\n"
    report = imports.import_people(session, world.hq1, table(text, imports.PERSON_COLUMNS), dry_run=False)
    assert report.refused == 1
