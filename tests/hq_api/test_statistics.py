from datetime import date
from decimal import Decimal
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
import time_machine

from service.enterprises.models import EnterpriseKind
from service.indicators.measures import MEASURES
from service.kernel.clock import now
from service.programmes.models import TargetList, TargetListEntry
from service.visits.ledger import recount
from service.visits.models import Intention, ReviewState, VisitMode
from tests.factories.sites import add_project
from tests.factories.visits import add_edition, add_enterprise, add_membership, add_visit

STATISTICS = "/api/hq/v1/statistics"
OF_VISITS = [code for code, one in MEASURES.items() if not one.is_of_target_lists]
DIVISIONS = (
    "total",
    "unit",
    "group",
    "industry",
    "chain",
    "place",
    "method",
    "mode",
    "intention",
    "period",
)


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel("2026-10-20T04:00:00+00:00", tick=False) as travelling:
        yield travelling


@pytest.fixture
def story(session, world):
    """Two units visit four enterprises over two years, together once; one visit is voided and one unmatched."""
    known = add_enterprise(session, "浪潮集团", industry="信息", chain="算力", province="山东")
    other = add_enterprise(session, "甲公司", well_known=False, province="江苏")
    chamber = add_enterprise(session, "商会", kind=EnterpriseKind.ASSOCIATION, well_known=False)
    top = add_enterprise(session, "国企", industry="化工")
    add_membership(session, add_edition(session, date(2026, 1, 1)), enterprise_id=top.id)
    two = [{"name": "张三"}, {"name": "李四"}]
    first, second = world.field1, world.field2
    visits = [
        add_visit(session, first, known, date(2025, 3, 2), participants=two),
        add_visit(session, first, known, date(2026, 3, 2), participants=two, method="exhibition"),
        add_visit(
            session,
            first,
            known,
            date(2026, 4, 2),
            amount_wan=Decimal("120.5"),
            intention=Intention.INTERESTED,
        ),
        add_visit(
            session, first, known, date(2026, 10, 2), amount_wan=Decimal("0.0001"), intention=Intention.AGREED
        ),
        add_visit(session, second, known, date(2026, 10, 3), joint_unit_ids=[world.dongchangfu.id]),
        add_visit(session, second, other, date(2026, 10, 3), mode=VisitMode.ONLINE, participants=two),
        add_visit(session, second, chamber, date(2026, 9, 3), review_state=ReviewState.SUBMITTED),
        add_visit(session, second, top, date(2026, 2, 3), amount_wan=Decimal(1000)),
        add_visit(session, second, top, date(2026, 2, 4), review_state=ReviewState.VOIDED),
        add_visit(
            session, second, None, date(2026, 2, 5), free_enterprise={"name": "手填"}, amount_wan=Decimal(7)
        ),
        add_visit(session, world.hq1, top, date(2026, 5, 5)),
    ]
    add_project(session, world.dongchangfu, enterprise_id=known.id)
    lists = TargetList(id=known.id, programme_id=world.programme.id, name="名单", created_at=now())
    session.add(lists)
    session.flush()
    for enterprise, unit in ((known, world.dongchangfu), (other, world.chiping), (chamber, None)):
        session.add(
            TargetListEntry(
                list_id=lists.id,
                enterprise_id=enterprise.id,
                unit_id=unit.id if unit else None,
                added_at=now(),
            )
        )
    recount(session, [visit.id for visit in visits])
    session.commit()


def asked(client, who, **query):
    answer = client.as_(who).get(STATISTICS, query_string=query)
    assert answer.status_code == 200, answer.json
    return answer.json["items"]


def records(client, who, url):
    parts = urlsplit(url)
    answer = client.as_(who).get(
        parts.path, query_string=parse_qs(parts.query, keep_blank_values=True) | {"limit": 500}
    )
    assert answer.status_code == 200, answer.json
    return answer.json["items"]


def figure_of(measure, found):
    """What the listed records come to, by the measure's own definition."""
    if measure == "person_times":
        return sum(len(one["participants"]) for one in found)
    if measure == "intended_amount":
        return sum(Decimal(one["amount_wan"]) for one in found)
    return len(found)


def value(rows, label):
    return next(row["value"] for row in rows if row["label"] == label)


@pytest.mark.parametrize("by", DIVISIONS)
@pytest.mark.parametrize("whom", ["hq1", "unit1"])
def test_it_lists_exactly_the_records_behind_each_figure(client, world, story, whom, by):
    who, within = getattr(world, whom), {"programme": str(world.programme.id)}
    for measure in OF_VISITS:
        rows = asked(client, who, measure=measure, by=by, **(within if measure == "visits" else {}))
        # Most methods and units have nothing; one of those rows stands for them.
        some = [row for row in rows if row["value"] != "0"]
        for row in some + [row for row in rows if row["value"] == "0"][:1]:
            found = records(client, who, row["url"])
            assert figure_of(measure, found) == Decimal(row["value"]), (measure, row)


@pytest.mark.parametrize("by", ["total", "unit", "chain"])
def test_it_lists_the_visits_to_target_enterprises(client, world, story, by):
    rows = asked(client, world.hq1, measure="covered", by=by)
    assert sum(int(row["value"]) for row in rows) == 2
    for row in rows:
        assert len(records(client, world.hq1, row["url"])) == int(row["value"])


def test_it_counts_enterprises_that_became_the_investor_of_a_project(client, world, story):
    rows = asked(client, world.hq1, measure="converted", by="unit")
    assert (value(rows, "东昌府区"), value(rows, "茌平区"), value(rows, "临清市")) == ("1", "1", "0")
    (total,) = asked(client, world.hq1, measure="converted")
    assert total["value"] == "1"


def test_it_tells_who_is_not_visited(client, world, story):
    (row,) = asked(client, world.hq1, measure="unvisited")
    assert (row["value"], row["target"], row["rate"]) == ("1", "3", "33.33")


@pytest.mark.parametrize(
    ("measure", "value"),
    [
        ("visits", "9"),
        ("organisations", "4"),
        ("known_enterprises", "2"),
        ("top500_china", "1"),
        ("top500_world", "0"),
        ("chambers", "1"),
        ("person_times", "4"),
        ("intentions", "1"),
        ("intended_amount", "1000.0001"),
    ],
)
def test_it_measures(client, world, story, measure, value):
    (row,) = asked(client, world.hq1, measure=measure)
    assert row["value"] == value


def test_it_keeps_units_with_nothing_in_the_order_of_office_and_ranks_them_within_their_group(
    client, world, story
):
    rows = asked(client, world.hq1, measure="visits", by="unit")
    assert [(row["label"], row["value"], row["rank"]) for row in rows] == [
        ("聊城市", "1", None),
        ("东昌府区", "4", 2),
        ("茌平区", "5", 1),
        ("临清市", "0", 3),
        ("高新技术产业开发区", "0", 1),
        ("市自然资源局", "0", 1),
    ]


def test_it_compares_with_last_year_and_with_as_many_days_of_the_period_before(client, world, story):
    (month,) = asked(client, world.hq1, measure="visits", period="month")
    assert (month["start_on"], month["end_on"]) == ("2026-10-01", "2026-10-21")
    assert (month["value"], month["before"], month["on_before"]) == ("3", "1", "200.00")
    (year,) = asked(client, world.hq1, measure="visits")
    assert (year["value"], year["last_year"], year["year_on_year"]) == ("9", "1", "800.00")


def test_it_tells_how_places_have_changed(client, world, story):
    rows = asked(client, world.hq1, measure="visits", by="unit", period="month")
    dongchangfu = next(row for row in rows if row["label"] == "东昌府区")
    assert (dongchangfu["rank"], dongchangfu["rank_before"], dongchangfu["rank_change"]) == (1, 2, 1)


def test_it_shows_a_unit_s_office_its_own_and_nothing_else(client, world, story):
    rows = asked(client, world.unit1, measure="visits", by="unit")
    assert [(row["label"], row["value"]) for row in rows] == [("东昌府区", "4"), ("古楼街道", "0")]
    answer = client.as_(world.unit1).get(
        STATISTICS, query_string={"measure": "visits", "unit": str(world.chiping.id)}
    )
    assert answer.status_code == 404


def test_it_asks_one_statement_for_a_table(client, world, story, connection):
    asked(client, world.hq1, measure="visits", by="unit")
    statements = []
    listener = lambda *told: statements.append(told[2])  # noqa: E731 it is taken off by itself
    sa.event.listen(connection, "before_cursor_execute", listener)
    asked(client, world.hq1, measure="organisations", by="unit")
    sa.event.remove(connection, "before_cursor_execute", listener)
    assert sum("FROM visits" in one for one in statements) == 1
    assert sum("indicator_amounts" in one for one in statements) == 1
    assert len([one for one in statements if "FROM" in one]) <= 8, statements


def test_it_refuses_too_many_periods_and_days_that_end_before_they_begin(client, world):
    for query, code in (
        ({"by": "period", "period": "day"}, "too_many_periods"),
        ({"from": "2026-02-01", "until": "2026-01-01"}, None),
        ({"from": "2026-02-01"}, None),
        ({"measure": "listed", "by": "place"}, "not_so_divided"),
    ):
        answer = client.as_(world.hq1).get(STATISTICS, query_string={"measure": "visits"} | query)
        assert answer.status_code == 422
        assert code in (None, answer.json["code"])


def test_it_says_what_each_measure_means(client, world):
    words = client.as_(world.unit1).get(f"{STATISTICS}/measures").json["items"]
    assert {one["code"] for one in words} == set(MEASURES)
    assert {"家", "家次", "人次", "万元"} <= {one["counted_in"] for one in words}


def test_it_counts_periods_with_their_zeros(client, world, story):
    rows = asked(client, world.hq1, measure="visits", by="period", period="quarter")
    assert [(row["label"], row["value"]) for row in rows] == [
        ("2026年第一季度", "3"),
        ("2026年第二季度", "2"),
        ("2026年第三季度", "1"),
        ("2026年第四季度", "3"),
    ]


def test_it_reads_the_edition_of_each_visit_s_own_day(client, world, session):
    """A later edition, and visits after it, take nothing from what was on the list before."""
    stayed, left = add_enterprise(session, "仍在榜"), add_enterprise(session, "已落榜")
    old, new = add_edition(session, date(2025, 1, 1)), add_edition(session, date(2026, 1, 1), year=2026)
    for edition, firm in ((old, stayed), (old, left), (new, stayed)):
        add_membership(session, edition, enterprise_id=firm.id)
    for firm in (stayed, left):
        for on in (date(2025, 6, 1), date(2026, 6, 1)):
            add_visit(session, world.field1, firm, on)
    session.commit()
    (row,) = asked(client, world.hq1, measure="top500_china")
    assert (row["value"], row["last_year"]) == ("1", "2")
