"""Units, people, devices and programmes from the command line."""

from datetime import date

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from service.accounts import tokens
from service.accounts.devices import DeviceFacts, remember_device, remember_holder
from service.accounts.models import Device, DeviceHolder, EnrolmentPin, Posting, Unit, User
from service.cli import group
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.kernel.db import make_engine, make_sessions
from service.programmes.models import Programme, Target
from tests.support.postgres import migrated_database
from tests.support.sheets import csv_of, sheet_of
from tests.support.world import build_world

SECRET = "the installation's secret, as the server has it"


@pytest.fixture(scope="module")
def installed(postgres_url):
    """A migrated database that the environment of each test names."""
    with migrated_database(postgres_url) as url:
        yield url


@pytest.fixture
def command(installed, tmp_path, monkeypatch):
    """Runs `qianbai …` on the world and a phone of field1's; everything is gone after the test."""
    engine = make_engine(installed)
    sessions = make_sessions(engine)
    with sessions.begin() as session:
        world = build_world(session)
        remember_device(session, DeviceFacts("phone-1", model="Mate 60"))
        remember_holder(session, "phone-1", world.field1.user_id)
    monkeypatch.setenv("DATABASE_URL", installed)
    monkeypatch.setenv("QIANBAI_DATA", str(tmp_path / "var"))
    monkeypatch.setenv("QIANBAI_SECRET", SECRET)

    def run(*arguments):
        return CliRunner().invoke(group, [str(one) for one in arguments])

    run.sessions = sessions
    run.year = str(world.programme.year)
    run.programme = world.programme.name
    yield run
    with sessions.begin() as session:
        session.execute(sa.text("TRUNCATE units, devices, programmes CASCADE"))
    engine.dispose()


@pytest.fixture
def only(command):
    """The one row that a statement finds."""

    def one(statement):
        with command.sessions() as session:
            return session.scalars(statement).one()

    return one


def done(answer):
    assert answer.exit_code == 0, answer.output
    return answer.output


def refused(answer, *said):
    assert answer.exit_code == 1, answer.output
    assert all(word in answer.output for word in said), answer.output


def test_it_opens_a_unit_below_another(command, only):
    done(
        command(
            *("unit", "add", "莘县", "--kind", "county", "--parent", "聊城市", "--group", "县市区"),
            *("--position", "9", "--division-code", "371522", "--from", "2026-01-01"),
        )
    )
    made = only(sa.select(Unit).where(Unit.name == "莘县"))
    assert (made.kind, made.comparison_group, made.position) == ("county", "县市区", 9)
    assert (made.division_code, made.valid_from) == ("371522", date(2026, 1, 1))
    assert made.parent_id == only(sa.select(Unit.id).where(Unit.name == "聊城市"))


def test_it_lists_units_below_the_one_they_belong_to(command):
    names = [line.split("\t")[0] for line in done(command("unit", "list")).splitlines()]
    assert names[:3] == ["聊城市", "　东昌府区", "　　古楼街道"]
    assert len(names) == 7


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["unit", "add", "茌平区", "--kind", "县", "--parent", "聊城市"], ["已有单位", "already"]),
        (["unit", "add", "别处", "--kind", "city"], ["已有最上级单位", " / "]),
        (["unit", "add", "莘县", "--kind", "county", "--parent", "火星"], ["火星"]),
        (
            ["user", "move", "field1", "--unit", "茌平区", "--from", "2019-01-01"],
            ["没有找到该单位", "no such unit"],
        ),
        (["user", "move", "nobody", "--unit", "茌平区", "--from", "2026-01-01"], ["nobody"]),
        (["device", "revoke", "phone-9"], ["没有找到该设备", "no such device"]),
        (["device", "hand-over", "phone-9", "--to", "field2"], ["没有找到该设备", "no such device"]),
        (["programme", "amend", "1999", "--policy", "approved"], ["1999"]),
    ],
)
def test_it_says_in_both_languages_what_is_refused(command, arguments, said):
    refused(command(*arguments), *said)


@pytest.mark.parametrize(
    "arguments",
    [
        ["unit", "add", "莘县", "--kind", "planet", "--parent", "聊城市"],
        ["unit", "add", " ", "--kind", "county", "--parent", "聊城市"],
        ["unit", "add", "莘县", "--kind", "county", "--parent", "聊城市", "--division-code", "37"],
        ["programme", "set-target", "茌平区", "--line", "thousand"],
    ],
)
def test_it_shows_the_usage_for_what_makes_no_sense(command, arguments):
    assert command(*arguments).exit_code == 2


def test_it_moves_a_person_from_a_day_on(command, only):
    done(command("user", "move", "Field1", "--unit", "茌平区", "--from", "2026-01-05"))
    chiping = only(sa.select(Unit.id).where(Unit.name == "茌平区"))
    assert only(sa.select(Posting.unit_id).where(Posting.from_on == date(2026, 1, 5))) == chiping


def test_it_lists_people_with_unit_and_roles(command):
    done(command("user", "close", "field2"))
    lines = dict(line.split("\t", 1) for line in done(command("user", "list")).splitlines())
    assert lines["unit1"].split("\t")[1:] == ["东昌府区", "unit_office"]
    assert lines["field2"].endswith("closed")


def test_it_takes_a_lost_phone_out_of_use(command, only):
    assert "phone-1\tMate 60\tfield1" in done(command("device", "list", "--user", "field1"))
    done(command("device", "revoke", "phone-1"))
    assert only(sa.select(Device.revoked_at)) is not None
    assert "phone-1\tMate 60\t-\t已停用" in done(command("device", "list"))


def test_it_gives_a_phone_to_another_who_enrols_by_the_pin(command, only):
    told = done(command("device", "hand-over", "phone-1", "--to", "field2"))
    pin = told.rsplit(": ", 1)[1].strip()
    assert f"/m/#/enrol?pin={pin}" in told
    issued = only(sa.select(EnrolmentPin))
    assert issued.pin_hash == tokens.pin_hash(pin, SECRET.encode())
    assert issued.user_id == only(sa.select(User.id).where(User.username == "field2"))
    assert only(sa.select(DeviceHolder.revoked_at)) is not None


def test_it_keeps_the_phone_where_it_is_when_the_new_holder_is_closed(command, only):
    done(command("user", "close", "field2"))
    refused(command("device", "hand-over", "phone-1", "--to", "field2"), "已停用")
    assert only(sa.select(DeviceHolder.revoked_at)) is None


def test_it_makes_a_programme_of_the_whole_year(command, only):
    done(command("programme", "add", "--year", "2031", "--policy", "submitted", "--mode", "door_to_door"))
    made = only(sa.select(Programme).where(Programme.year == 2031))
    assert (made.starts_on, made.ends_on) == (date(2031, 1, 1), date(2031, 12, 31))
    assert (made.counting_policy, made.thousand_scope) == ("submitted", "listed")
    assert made.counted_modes == ["door_to_door"]
    refused(command("programme", "add", "--year", "2031", "--name", "另一个"), "重叠", "overlap")
    listed = done(command("programme", "list")).splitlines()
    assert listed[0].startswith("2031\t2031年")
    assert len(listed) == 2


def test_it_changes_only_the_rules_that_are_given(command, only):
    before = only(sa.select(Programme))
    told = done(
        command("programme", "amend", command.year, "--hundred-apart", "--ends-on", f"{before.year}-11-30")
    )
    after = only(sa.select(Programme))
    assert "ends_on, hundred_within_thousand" in told
    assert (after.name, after.counted_modes) == (before.name, before.counted_modes)
    assert (after.ends_on, after.hundred_within_thousand) == (date(before.year, 11, 30), False)


def targets_of(command, name):
    statement = (
        sa.select(Target.level, Target.subjects)
        .outerjoin(Unit, Unit.id == Target.unit_id)
        .where(Target.line == "thousand", Unit.name == name if name else Target.unit_id.is_(None))
    )
    with command.sessions() as session:
        return {row.level.value: row.subjects for row in session.execute(statement)}


def test_it_sets_targets_by_file_and_says_which_rows_it_refuses(command, tmp_path):
    file = tmp_path / "目标.xlsx"
    rows = [("单位", "计划目标", "工作目标", "奋斗目标"), ("临清市", 71, 72, 73), ("火星", 1, 2, 3)]
    file.write_bytes(sheet_of(rows))
    before = targets_of(command, "临清市")
    rehearsed = done(command("programme", "targets", file, "--dry-run"))
    assert "第 3 行：没有找到单位“火星” / There is no unit named 火星" in rehearsed
    assert targets_of(command, "临清市") == before
    assert "refused 1" in done(command("programme", "targets", file, "--programme", command.programme))
    assert targets_of(command, "临清市") == {"baseline": 71, "working": 72, "striving": 73}


def test_it_refuses_a_file_that_is_no_table_of_targets(command, tmp_path):
    file = tmp_path / "目标.csv"
    file.write_bytes(csv_of([("甲", "乙"), ("1", "2")]))
    refused(command("programme", "targets", file), " / ")


def test_it_sets_the_targets_of_one_unit_and_of_the_city(command):
    done(command("programme", "set-target", "临清市", "--line", "thousand", "--striving", "99999"))
    assert targets_of(command, "临清市")["striving"] == 99999
    done(command("programme", "set-target", "聊城市", "--line", "thousand", "--striving", "88888"))
    assert targets_of(command, None)["striving"] == 88888
    given = ["--baseline", "9", "--working", "8"]
    refused(command("programme", "set-target", "临清市", "--line", "thousand", *given), "高于", "above")


def test_it_asks_for_a_programme_when_none_is_in_force(command):
    done(command("programme", "amend", command.year, "--starts-on", "2001-01-01", "--ends-on", "2001-12-31"))
    refused(
        command("programme", "set-target", "临清市", "--line", "thousand", "--working", "8"), "--programme"
    )


def test_it_imports_units_and_says_which_rows_it_refuses(command, only, tmp_path):
    file = tmp_path / "单位.csv"
    rows = [
        ("单位名称", "类型", "上级单位"),
        ("莘县", "县", ""),
        ("某镇", "镇", "莘县"),
        ("某局", "行星", ""),
    ]
    file.write_bytes(csv_of(rows, "gb18030"))
    rehearsed = done(command("import", "units", file, "--dry-run"))
    assert "第 4 行 某局：" in rehearsed
    assert " / Unknown kind" in rehearsed
    assert "莘县" not in done(command("unit", "list"))
    assert "opened 2" in done(command("import", "units", file))
    assert only(sa.select(Unit.valid_from).where(Unit.name == "某镇")) == local_date(now())


def test_it_imports_people_and_says_which_rows_it_refuses(command, only, tmp_path):
    file = tmp_path / "人员.csv"
    rows = [
        ("姓名", "用户名", "单位", "角色"),
        ("李宁", "lining", "茌平区", "外勤"),
        ("王五", "w5", "火星", "外勤"),
    ]
    file.write_bytes(csv_of(rows))
    assert "opened 1" in done(command("import", "people", file, "--dry-run"))
    assert "lining" not in done(command("user", "list"))
    told = done(command("import", "people", file))
    assert "第 3 行 王五：没有找到单位“火星” / There is no unit named 火星" in told
    assert only(sa.select(User.roles).where(User.username == "lining")) == ["field_staff"]


def test_it_refuses_a_file_without_the_columns_it_needs(command, tmp_path):
    file = tmp_path / "人员.csv"
    file.write_bytes(csv_of([("姓名", "电话"), ("李宁", "13800000000")]))
    refused(command("import", "people", file), "缺少列", "lacks these columns")
