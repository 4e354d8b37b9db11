"""问题台账 is taken out of the problems on the screen, and of what commissioners told and nobody raised."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from service.accounts.models import UnitKind
from service.checkins.models import CheckinKind
from service.issues.models import CallRole, EventKind, IssueEvent, IssueState
from service.issues.untaken import heading_and_text
from service.kernel.ids import uuid7
from service.submissions.review_states import ReviewState
from tests.factories.problems import Called, add_problem, at_nine
from tests.factories.sites import add_checkin, add_project, add_site
from tests.support.committed import committed_house
from tests.support.exporting import cells, fetched, lines, made
from tests.support.world import add_unit

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
TOLD = "【用电】临时用电不足，联系13812345678"
HEADINGS = "序号 编号 项目 问题 类别 提出人 提出日期 牵头部门 配合部门 报到时间 办理时限 办理情况 办结日期 企业确认 是否超期 督办次数"


@pytest.fixture(scope="module")
def house(postgres_url, tmp_path_factory):
    """Problems in every state, and check-ins of which one tells of a problem that nobody raised."""
    with committed_house(postgres_url, tmp_path_factory.mktemp("problems")) as house:
        with house.sessions.begin() as session:
            _problems(session, house.world)
        yield house


def _problems(session, world):
    project = add_project(session, world.dongchangfu, "智能制造产业园")
    site = add_site(session, world.dongchangfu, project_id=project.id)
    plain = add_site(session, world.chiping, "二号工地")
    nature = add_unit(session, world.city, "市环境局", UnitKind.DEPARTMENT, position=6)
    calls = (
        Called(world.department, timedelta(hours=5)),
        Called(nature, role=CallRole.SUPPORT),
        Called(world.zone, role=CallRole.SUPPORT),
        Called(world.linqing, role=CallRole.SUPPORT, withdrawn=True),
    )
    march = date(2026, 3, 2)
    closed = add_problem(
        session,
        world.commissioner1,
        site,
        march,
        calls,
        number="LC-2026-1",
        text="临时用电不足，联系13812345678",
        state=IssueState.CLOSED,
        resolved_at=at_nine(date(2026, 3, 12)),
        closed_at=at_nine(date(2026, 3, 13)),
        satisfied=False,
        supervisions=2,
    )
    _event(session, world.department1, closed, EventKind.REPLY, "已派人", 3)
    _event(session, world.department1, closed, EventKind.RESOLVE, "已增容，电话13912345678", 12)
    _event(session, world.hq1, closed, EventKind.CONFIRM, "核实", 13)
    add_problem(session, world.field2, plain, date(2026, 3, 3), number="LC-2026-2")
    told = {"state": IssueState.RESOLVED, "resolved_at": at_nine(date(2026, 3, 5)), "number": "LC-2026-3"}
    add_problem(session, world.unit1, plain, date(2026, 3, 4), [Called(world.department)], **told)
    add_problem(session, world.unit1, plain, date(2026, 3, 5), [Called(world.department)], number="LC-2026-4")
    add_problem(session, world.unit1, plain, date(2026, 3, 5), number="gone", state=IssueState.VOIDED)
    taken = add_checkin(session, world.commissioner1, site, NOON, kind=CheckinKind.SERVICE, note=TOLD)
    add_problem(session, world.commissioner1, site, date(2026, 3, 6), checkin_id=taken.id, number="LC-2026-5")
    add_checkin(session, world.commissioner1, site, NOON, kind=CheckinKind.SERVICE, note=TOLD)
    add_checkin(session, world.commissioner1, site, NOON, note=TOLD)
    add_checkin(session, world.commissioner1, site, NOON, kind=CheckinKind.SERVICE)
    add_checkin(session, world.commissioner1, site, NOON, kind=CheckinKind.SERVICE, note="协助办证")
    void = {"review_state": ReviewState.VOIDED, "review_reason": "重复填报"}
    add_checkin(session, world.commissioner1, site, NOON, kind=CheckinKind.SERVICE, note=TOLD, **void)


def _event(session, by, issue_id, kind, text, day):
    at = at_nine(date(2026, 3, day))
    session.add(
        IssueEvent(
            id=uuid7(),
            issue_id=issue_id,
            kind=kind,
            by_user=by.person_id,
            at=at,
            received_at=at,
            text=text,
            photo_ids=[],
            facts={},
            from_state=IssueState.CALLED,
            to_state=IssueState.CALLED,
            sha256="0" * 64,
        )
    )


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel("2026-03-08T04:00:00+00:00", tick=True):
        yield


@pytest.fixture
def hq(house):
    return house.phone(house.world.hq1)


def taken_out(house, phone, **order):
    return lines(fetched(phone, made(house, phone, "problems_csv", **order), "problems.csv"))


def test_it_fills_all_fifteen_columns_of_a_problem(house, hq):
    rows = cells(fetched(hq, made(house, hq, "problems_xlsx"), "problems.xlsx"))
    assert rows[0][0] == "问题台账"
    assert [one for one in rows[2] if one] == HEADINGS.split()
    told = dict(zip(rows[2], rows[3], strict=True))
    assert {name: told[name] for name in HEADINGS.split()[1:]} == {
        "编号": "LC-2026-1",
        "项目": "智能制造产业园",
        "问题": "临时用电不足，联系138****5678",
        "类别": "用电",
        "提出人": "commissioner1",
        "提出日期": "2026-03-02",
        "牵头部门": "市自然资源局",
        "配合部门": "高新技术产业开发区、市环境局",
        "报到时间": "2026-03-02 14:00",
        "办理时限": "2026-03-09",
        "办理情况": "已办结；已增容，电话139****5678",
        "办结日期": "2026-03-12",
        "企业确认": "不满意",
        "是否超期": "是",
        "督办次数": 2.0,
    }
    assert rows[-2][0] == "合计"


def test_it_says_how_far_each_problem_is_and_what_nobody_raised_last(house, hq):
    found = taken_out(house, hq)
    shown = [
        tuple(one[name] for name in ("项目", "办理情况", "办结日期", "企业确认", "是否超期"))
        for one in found[1:]
    ]
    assert shown == [
        ("二号工地", "待分办", "", "", ""),
        ("二号工地", "待确认", "2026-03-05", "待确认", "否"),
        ("二号工地", "待报到", "", "", "否"),
        ("智能制造产业园", "待分办", "", "", ""),
        ("智能制造产业园", "未立项", "", "", ""),
    ]
    last = found[-1]
    assert (last["类别"], last["问题"], last["提出人"], last["提出日期"]) == (
        "用电",
        "临时用电不足，联系138****5678",
        "commissioner1",
        "2026-03-02",
    )


@pytest.mark.parametrize(
    ("filters", "numbers"),
    [
        ({"state": "called,resolved"}, ["LC-2026-3", "LC-2026-4"]),
        ({"state": "voided"}, ["gone"]),
        ({"measure": "closed"}, ["LC-2026-1"]),
        ({"due": "overdue"}, ["LC-2026-2", "LC-2026-5"]),
        ({"from": "2026-03-03", "to": "2026-03-05"}, ["LC-2026-2", "LC-2026-3"]),
        ({"q": "-4"}, ["LC-2026-4"]),
    ],
)
def test_it_holds_what_the_screen_shows(house, hq, filters, numbers):
    assert [one["编号"] for one in taken_out(house, hq, filters=filters)] == numbers


def test_a_check_in_follows_where_the_filter_asks_for_nothing_it_lacks(house, hq):
    unit = {"unit": str(house.world.dongchangfu.id)}
    assert [one["办理情况"] for one in taken_out(house, hq, filters=unit)][-1] == "未立项"
    category = unit | {"category": "power"}
    assert "未立项" not in [one["办理情况"] for one in taken_out(house, hq, filters=category)]


def test_a_unit_takes_out_its_own_and_a_reason_lifts_the_veil(house, hq):
    office = house.phone(house.world.unit2)
    assert [one["编号"] for one in taken_out(house, office)] == ["LC-2026-2"]
    whole = taken_out(house, hq, reason="核实问题办理情况")
    assert "13812345678" in whole[0]["问题"]
    assert "13912345678" in whole[0]["办理情况"]


def test_it_refuses_a_filter_of_another_list(hq):
    answer = hq.post("/api/hq/v1/exports", json={"form": "problems_csv", "filters": {"kind": "service"}})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("note", "told"),
    [
        ("【用水】管道未通", ("用水", "管道未通")),
        ("[Water] no pipe", ("Water", "no pipe")),
        (" 【用地】 手续未办", ("用地", "手续未办")),
        ("没有类别", ("", "没有类别")),
        ("先说【用电】再说别的", ("", "先说【用电】再说别的")),
        ("【】空的", ("", "【】空的")),
    ],
)
def test_a_category_is_what_stands_in_front(note, told):
    assert heading_and_text(note) == told
