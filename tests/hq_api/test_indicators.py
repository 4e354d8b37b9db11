import io
from datetime import date

import pytest
import time_machine

from tests.factories.visits import add_enterprise, add_visit

INDICATORS = "/api/hq/v1/indicators"
YEAR = {"period": "year", "on": "2026-01-01"}


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel("2026-10-31T04:00:00+00:00", tick=False) as travelling:
        yield travelling


@pytest.fixture
def funds(client, world):
    body = {"code": "funds", "zh": "到位资金", "en": "Funds in place", "counted_in": "亿元"}
    answer = client.as_(world.hq1).post(INDICATORS, json=body)
    assert answer.status_code == 201, answer.json
    return answer.json["code"]


def put(client, who, indicator, *amounts, **query):
    body = {
        "amounts": [{"unit_id": unit, "level": level, "amount": amount} for unit, level, amount in amounts]
    }
    return client.as_(who).put(f"{INDICATORS}/{indicator}/amounts", query_string=YEAR | query, json=body)


def read(client, who, indicator, **query):
    answer = client.as_(who).get(f"{INDICATORS}/{indicator}/amounts", query_string=YEAR | query)
    assert answer.status_code == 200, answer.json
    return answer.json


def row(found, name):
    return next(one for one in found["items"] if one["name"] == name)


def import_file(client, who, indicator, text, **query):
    return client.as_(who).post(
        f"{INDICATORS}/{indicator}/amounts/imports",
        query_string=YEAR | query,
        data={"file": (io.BytesIO(text.encode()), "任务.csv")},
        content_type="multipart/form-data",
    )


def test_it_shows_completion_gap_and_light_as_published(client, world, funds):
    unit = str(world.dongchangfu.id)
    put(client, world.hq1, funds, (unit, "working", "589"), (unit, "actual", "219.22"))
    found = read(client, world.unit1, funds, elapsed_by="months")
    one = row(found, "东昌府区")
    assert (found["elapsed"], found["counted_in"]) == ("83.33", "亿元")
    assert (one["rate"], one["gap"], one["light"]) == ("37.22", "-46.11", "red")
    assert one["light_text"].startswith("红灯")


def test_it_keeps_units_without_a_target_and_lights_none(client, world, funds):
    found = read(client, world.hq1, funds)
    assert [one["name"] for one in found["items"]][:3] == ["聊城市", "东昌府区", "茌平区"]
    assert {(one["rate"], one["light"], one["light_text"]) for one in found["items"]} == {(None, None, None)}


def test_it_says_what_the_units_lack_to_reach_the_city(client, world, funds):
    put(
        client,
        world.hq1,
        funds,
        (None, "working", "500"),
        (str(world.dongchangfu.id), "working", "300.5"),
        (str(world.chiping.id), "working", "150"),
    )
    (rolled,) = read(client, world.hq1, funds)["roll_up"]
    assert (rolled["city"], rolled["units"], rolled["short"]) == ("500", "450.5", "49.5")


def test_it_counts_a_measure_from_its_records(client, world, session):
    for n in range(3):
        add_visit(session, world.field1, add_enterprise(session, f"企业{n}"), date(2026, 3, 2))
    session.commit()
    put(client, world.hq1, "organisations", (str(world.dongchangfu.id), "working", "4"))
    found = read(client, world.unit1, "organisations", elapsed_by="months")
    assert (row(found, "东昌府区")["actual"], row(found, "东昌府区")["rate"]) == ("3", "75.00")
    statistics = client.as_(world.hq1).get(
        "/api/hq/v1/statistics", query_string={"measure": "organisations", "by": "unit"}
    )
    shown = next(one for one in statistics.json["items"] if one["label"] == "东昌府区")
    assert (shown["target"], shown["rate"], shown["light"]) == ("4", "75.00", "green")


@pytest.mark.parametrize(("level", "amount"), [("actual", "3"), ("baseline", "9"), ("working", "-1")])
def test_it_refuses_amounts_that_cannot_be(client, world, level, amount):
    unit = str(world.dongchangfu.id)
    put(client, world.hq1, "visits", (unit, "working", "8"))
    answer = put(client, world.hq1, "visits", (unit, level, amount))
    assert (answer.status_code, answer.json["code"]) == (422, "bad_amounts")
    assert answer.json["errors"][0]["pointer"] == "/amounts/0"


@pytest.mark.parametrize(
    ("heading", "told"),
    [("目标（万元）", "120000"), ("目标(亿元)", "12"), ("目标", "12"), ("目标（2026年）", "12")],
)
def test_it_reads_amounts_of_a_file_in_the_unit_of_their_heading(client, world, funds, heading, told):
    answer = import_file(client, world.hq1, funds, f"单位,{heading}\n东昌府区,{told}\n")
    assert (answer.status_code, answer.json["accepted"]) == (200, 1)
    assert row(read(client, world.hq1, funds), "东昌府区")["working"] == "12"


@pytest.mark.parametrize("heading", ["目标（百万美元）", "目标（万元）"])
def test_it_refuses_money_where_something_else_is_counted(client, world, funds, heading):
    indicator = "visits" if "万元" in heading else funds
    answer = import_file(client, world.hq1, indicator, f"单位,{heading}\n东昌府区,1\n")
    assert (answer.status_code, answer.json["code"]) == (422, "other_unit_of_count")


@pytest.mark.parametrize("amount", ["1.23456", "1E+999999", "0.00001", "NaN"])
def test_it_refuses_an_amount_rather_than_round_it(client, world, funds, amount):
    answer = put(client, world.hq1, funds, (str(world.dongchangfu.id), "working", amount))
    assert (answer.status_code, answer.json["code"]) == (422, "invalid")


def test_it_takes_an_amount_away(client, world, funds):
    unit = str(world.dongchangfu.id)
    put(client, world.hq1, funds, (unit, "working", "8"), (unit, "striving", "9"))
    put(client, world.hq1, funds, (unit, "working", None))
    one = row(read(client, world.hq1, funds), "东昌府区")
    assert (one["working"], one["striving"]) == (None, "9")


def test_it_imports_a_table_and_only_looks_in_a_dry_run(client, world, funds):
    text = "单位,计划目标,工作目标,奋斗目标,完成数\n东昌府区,500,589,600,219.22\n全市,1,2,3,\n无此单位,1,2,3,4\n茌平区,9,8,7,\n"
    dry = import_file(client, world.hq1, funds, text, dry_run="true")
    assert dry.status_code == 200, dry.json
    assert (dry.json["accepted"], [one["line_no"] for one in dry.json["refused"]]) == (2, [4, 5])
    assert row(read(client, world.hq1, funds), "东昌府区")["working"] is None
    import_file(client, world.hq1, funds, text)
    assert row(read(client, world.hq1, funds), "东昌府区")["rate"] == "37.22"


@pytest.mark.parametrize("who", ["unit1", "leader1", "inspector1"])
def test_it_lets_only_headquarters_write(client, world, funds, who):
    answers = (
        put(client, getattr(world, who), funds, (None, "working", "1")),
        import_file(client, getattr(world, who), funds, "单位,工作目标\n全市,1\n"),
        client.as_(getattr(world, who)).post(
            INDICATORS, json={"code": "x", "zh": "x", "en": "x", "counted_in": "x"}
        ),
    )
    assert [answer.status_code for answer in answers] == [403, 403, 403]


def test_it_takes_no_code_twice_and_none_of_a_measure(client, world, funds):
    for code in (funds, "visits"):
        body = {"code": code, "zh": "x", "en": "x", "counted_in": "x"}
        answer = client.as_(world.hq1).post(INDICATORS, json=body)
        assert (answer.status_code, answer.json["code"]) == (409, "indicator_taken")
    assert [one["code"] for one in client.as_(world.unit1).get(INDICATORS).json["items"]] == [funds]


def test_it_knows_no_indicator_that_nobody_named(client, world):
    answer = client.as_(world.hq1).get(f"{INDICATORS}/nothing/amounts", query_string=YEAR)
    assert (answer.status_code, answer.json["code"]) == (404, "unknown_indicator")
