"""问题台账 is taken out of what commissioners told at their sites."""

from datetime import UTC, datetime

import pytest

from service.checkins.models import CheckinKind
from service.exports.problem_table import category_and_problem
from service.submissions.review_states import ReviewState
from tests.factories.sites import add_checkin, add_project, add_site
from tests.support.committed import committed_house
from tests.support.exporting import cells, fetched, made

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
TOLD = "【用电】临时用电不足，联系13812345678"


@pytest.fixture(scope="module")
def house(postgres_url, tmp_path_factory):
    """A problem at a site with a project, beside an arrival, a service without words, and a voided problem."""
    with committed_house(postgres_url, tmp_path_factory.mktemp("problems")) as house:
        with house.sessions.begin() as session:
            world = house.world
            project = add_project(session, world.dongchangfu, "智能制造产业园")
            site = add_site(session, world.dongchangfu, project_id=project.id)
            add_checkin(session, world.commissioner1, site, NOON, kind=CheckinKind.SERVICE, note=TOLD)
            add_checkin(session, world.commissioner1, site, NOON, note=TOLD)
            add_checkin(session, world.commissioner1, site, NOON, kind=CheckinKind.SERVICE)
            void = {"review_state": ReviewState.VOIDED, "review_reason": "重复填报"}
            add_checkin(session, world.commissioner1, site, NOON, kind=CheckinKind.SERVICE, note=TOLD, **void)
        yield house


@pytest.fixture
def hq(house):
    return house.phone(house.world.hq1)


def test_it_lists_problems_told_at_sites_and_leaves_empty_what_nobody_records(house, hq):
    rows = cells(fetched(hq, made(house, hq, "problems_xlsx"), "problems.xlsx"))
    assert rows[0][0] == "问题台账"
    told = dict(zip(rows[2], rows[3], strict=True))
    known = {
        "项目": "智能制造产业园",
        "问题": "临时用电不足，联系138****5678",
        "类别": "用电",
        "提出人": "commissioner1",
    }
    assert {name: told[name] for name in known} == known
    assert told["提出日期"] == "2026-03-02"
    assert told["编号"].startswith("LC-")
    assert {told[name] for name in ("牵头部门", "办理时限", "办结日期", "是否超期", "督办次数")} == {""}
    assert len(rows[2]) == 16
    assert rows[4][0] == "合计"


@pytest.mark.parametrize(
    ("note", "told"),
    [
        ("【用水】管道未通", ("用水", "管道未通")),
        (" 【用地】 手续未办", ("用地", "手续未办")),
        ("没有类别", ("", "没有类别")),
        ("先说【用电】再说别的", ("", "先说【用电】再说别的")),
        ("【】空的", ("", "【】空的")),
    ],
)
def test_a_category_is_what_stands_in_front(note, told):
    assert category_and_problem(note) == told
