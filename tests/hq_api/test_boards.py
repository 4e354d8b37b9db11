from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
import time_machine

from service.audit.models import AuditEntry
from service.boards.models import Board
from service.programmes.models import Line, Target, TargetLevel
from service.visits.known import take_moment
from service.visits.ledger import recount
from tests.factories.visits import add_enterprise, add_visit

QUARTER = {"start_on": "2026-07-01", "end_on": "2026-10-01"}
THOUSAND = {"code": "thousand", "name": "千家", "source": "thousand_counted", "points": "60"}
NEW = {"code": "new", "name": "新增", "source": "thousand_new", "points": "20", "method": "efficacy"}
FUNDS = {"code": "funds", "name": "到位资金", "source": "manual", "points": "20", "cap": "1"}


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel("2026-10-08T04:00:00+00:00", tick=False) as travelling:
        yield travelling


def visit(session, person, name, on):
    made = add_visit(session, person, add_enterprise(session, name), on)
    recount(session, [made.id])


@pytest.fixture
def visited(session, world):
    """dongchangfu has three, one of them of the quarter; chiping one, of the quarter; linqing none. Zones have no target."""
    for place, day in enumerate((date(2026, 3, 2), date(2026, 4, 2), date(2026, 8, 3))):
        visit(session, world.field1, f"东昌府企业{place}", day)
    visit(session, world.field2, "茌平企业", date(2026, 8, 4))
    visit(session, world.field2, "国庆后的企业", date(2026, 10, 3))
    for unit in (world.dongchangfu, world.chiping, world.linqing):
        session.add(
            Target(
                id=uuid4(),
                programme_id=world.programme.id,
                line=Line.THOUSAND,
                unit_id=unit.id,
                level=TargetLevel.WORKING,
                subjects=40,
            )
        )
    session.commit()


def board_in(client, world, *indicators, **rules):
    body = {
        "series": "季度竞赛榜",
        "name": "2026年第三季度竞赛榜",
        "programme_id": str(world.programme.id),
        "rules": {"indicators": list(indicators or (THOUSAND,))} | rules,
    }
    return client.as_(world.hq1).post("/api/hq/v1/boards", json=body | QUARTER)


@pytest.fixture
def board(client, world, visited):
    answer = board_in(client, world)
    assert answer.status_code == 201, answer.json
    return answer.json


def step(client, who, board, name, **body):
    return client.as_(who).post(f"/api/hq/v1/boards/{board['id']}/{name}", json=body or None)


def row_of(board, unit):
    return next(row for row in board["rows"] if row["unit_id"] == str(unit.id))


def posted(client, world, board):
    step(client, world.hq1, board, "freezing")
    return step(client, world.hq1, board, "posting").json


def published(client, world, board, today):
    until = posted(client, world, board)["posted_until"]
    today.move_to(f"{date.fromisoformat(until) + timedelta(1)}T04:00:00+00:00")
    return step(client, world.hq1, board, "publication")


@pytest.mark.parametrize("who", ["field1", "commissioner1"])
def test_it_shows_field_staff_no_board(client, world, board, who):
    assert client.as_(getattr(world, who)).get("/api/hq/v1/boards").status_code == 403


def test_it_hides_a_board_from_units_until_it_is_posted(client, world, board):
    unit = client.as_(world.unit1)
    assert unit.get(f"/api/hq/v1/boards/{board['id']}").status_code == 404
    assert unit.get("/api/hq/v1/boards").json["items"] == []
    posted(client, world, board)
    assert unit.get(f"/api/hq/v1/boards/{board['id']}").status_code == 200


@pytest.mark.parametrize("who", ["unit1", "leader1", "inspector1"])
def test_it_lets_only_headquarters_make_one(client, world, who):
    body = {
        "series": "x",
        "name": "x",
        "programme_id": str(world.programme.id),
        "rules": {"indicators": [THOUSAND]},
    }
    assert client.as_(getattr(world, who)).post("/api/hq/v1/boards", json=body | QUARTER).status_code == 403


def test_it_ranks_units_within_their_group_and_keeps_the_zeros(board, world):
    assert row_of(board, world.dongchangfu)["place"] == 1
    assert row_of(board, world.chiping)["place"] == 2
    linqing = row_of(board, world.linqing)
    assert (linqing["total"], linqing["indicators"][0]["value"]) == ("0.00", "0")
    zone = row_of(board, world.zone)
    assert (zone["group"], zone["total"], zone["place"]) == ("市属开发区", None, None)


def test_it_opens_the_records_behind_each_figure(client, world, board):
    for row in board["rows"]:
        score = row["indicators"][0]
        records = client.as_(world.hq1).get(score["url"]).json["items"]
        assert str(len(records)) == score["value"]


def test_it_measures_what_the_period_added(client, world, visited):
    board = board_in(client, world, NEW).json
    assert row_of(board, world.dongchangfu)["indicators"][0]["value"] == "1"
    assert row_of(board, world.chiping)["indicators"][0]["value"] == "1"
    assert row_of(board, world.linqing)["total"] == "12.00"


def enter(client, world, indicator, *amounts):
    body = {
        "amounts": [
            {"unit_id": str(unit.id), "level": level, "amount": amount} for unit, level, amount in amounts
        ]
    }
    quarter = {"period": "quarter", "on": "2026-08-01"}
    answer = client.as_(world.hq1).put(
        f"/api/hq/v1/indicators/{indicator}/amounts", query_string=quarter, json=body
    )
    assert answer.status_code == 200, answer.json


def measure(code, **changed):
    return {"code": "one", "name": "一项", "source": "measure", "measure": code, "points": "20"} | changed


def test_it_scores_a_measure_of_the_statistics_against_that_periods_target(client, world, visited):
    enter(
        client, world, "organisations", (world.dongchangfu, "working", "4"), (world.linqing, "working", "2")
    )
    board = board_in(client, world, measure("organisations")).json
    units = (world.dongchangfu, world.linqing, world.chiping)
    scores = [row_of(board, unit)["indicators"][0] for unit in units]
    assert [(one["value"], one["target"], one["points"]) for one in scores] == [
        ("1", "4", "5.00"),
        ("0", "2", "0.00"),
        ("1", None, None),
    ]
    for one in scores:
        records = client.as_(world.hq1).get(one["url"]).json["items"]
        assert str(len(records)) == one["value"]


def test_it_scores_what_offices_entered_for_that_period(client, world, visited):
    named = {"code": "funds", "zh": "到位资金", "en": "Funds in place", "counted_in": "亿元"}
    client.as_(world.hq1).post("/api/hq/v1/indicators", json=named)
    enter(client, world, "funds", (world.chiping, "working", "8"), (world.chiping, "actual", "6"))
    board = board_in(client, world, measure("funds", cap="1")).json
    (score,) = row_of(board, world.chiping)["indicators"]
    assert (score["value"], score["target"], score["points"], score["url"]) == ("6", "8", "15.00", None)
    assert row_of(board, world.linqing)["total"] is None


@pytest.mark.parametrize(
    "indicator",
    [
        measure("nothing"),
        measure(None),
        measure("covered"),
        measure("visits", source="visits"),
    ],
)
def test_it_refuses_a_figure_that_cannot_be_had(client, world, visited, indicator):
    answer = board_in(client, world, THOUSAND, indicator)
    assert (answer.status_code, answer.json["code"]) == (422, "bad_board")
    assert answer.json["errors"][0]["pointer"] == "/rules/indicators/1/measure"
    assert answer.json["detail"] == answer.json["errors"][0]["detail"]
    assert "一项" in answer.json["detail"]


def test_it_refuses_odd_days_for_what_offices_enter_by_period(client, world, visited):
    named = {"code": "funds", "zh": "到位资金", "en": "Funds in place", "counted_in": "亿元"}
    client.as_(world.hq1).post("/api/hq/v1/indicators", json=named)
    body = {
        "series": "x",
        "name": "x",
        "programme_id": str(world.programme.id),
        "rules": {"indicators": [measure("funds")]},
    }
    odd = {"start_on": "2026-07-02", "end_on": "2026-10-01"}
    answer = client.as_(world.hq1).post("/api/hq/v1/boards", json=body | odd)
    assert (answer.status_code, answer.json["code"]) == (422, "bad_board")


def test_it_computes_statistics_by_what_is_known_now_alone(client, world, visited, session):
    moment = take_moment(session).taken_at
    session.commit()
    board = board_in(client, world, measure("visits")).json
    asked = client.as_(world.hq1).get(
        f"/api/hq/v1/boards/{board['id']}", query_string={"known_at": moment.isoformat()}
    )
    assert (asked.status_code, asked.json["errors"][0]["pointer"]) == (422, "/known_at")
    frozen = step(client, world.hq1, board, "freezing")
    assert (frozen.status_code, frozen.json["state"]) == (200, "frozen")


@pytest.mark.parametrize("number", ["1.00001", 1.00001, "0.99999999999999999999999999999999", "1E-5"])
def test_it_refuses_points_it_would_have_to_round(client, world, visited, number):
    refused = [
        board_in(client, world, THOUSAND | {"points": number}),
        board_in(client, world, THOUSAND | {"cap": number}),
        board_in(client, world, THOUSAND, most_bonus=number),
    ]
    board = board_in(client, world, FUNDS | {"points": "60.0001"}).json
    entry = {
        "unit_id": str(world.chiping.id),
        "kind": "figure",
        "indicator": "funds",
        "amount": "1",
        "target": "1",
    }
    refused += [
        step(client, world.hq1, board, "entries", reason="财政局来函", **entry | {name: number})
        for name in ("amount", "target")
    ]
    told = [(one.status_code, one.json["errors"][0]) for one in refused]
    assert [(status, error["detail"]) for status, error in told] == [(422, "最多四位小数")] * 5
    assert [error["pointer"] for _, error in told] == [
        "/rules/indicators/0/points",
        "/rules/indicators/0/cap",
        "/rules/most_bonus",
        "/amount",
        "/target",
    ]


@pytest.mark.parametrize("number", ["-1", "-1E30", "1E30", "1000001"])
def test_it_refuses_points_that_nobody_gives(client, world, visited, number):
    answer = board_in(client, world, THOUSAND | {"points": number})
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/rules/indicators/0/points")


def test_a_row_adds_up_to_its_total_as_it_is_printed(client, world, visited):
    """9.1849 + 38.5549 are exactly 47.7398; printed they are 9.18 and 38.55, and a clerk adds up 47.73."""
    board = board_in(
        client, world, FUNDS | {"points": "9.1849"}, FUNDS | {"code": "more", "points": "38.5549"}
    ).json
    for place, unit in enumerate((world.chiping, world.linqing)):
        for code in ("funds", "more"):
            entry = {"unit_id": str(unit.id), "kind": "figure", "indicator": code, "target": "1"}
            step(client, world.hq1, board, "entries", reason="来函", amount="1", **entry)
        bonus = {"unit_id": str(unit.id), "kind": "bonus", "amount": ("0.0049", "0")[place]}
        board = step(client, world.hq1, board, "entries", reason="承办活动", **bonus).json
    one, other = (row_of(board, unit) for unit in (world.chiping, world.linqing))
    assert [score["points"] for score in one["indicators"]] == ["9.18", "38.55"]
    assert (one["bonus"], one["deduction"], one["total"]) == ("0.00", "0.00", "47.73")
    assert (other["total"], one["place"], other["place"]) == ("47.73", 1, 1)
    assert board["rules"]["totals"] == "shown"
    assert "总分为所示各项得分与加分之和减扣分" in board["rules"]["total_words"]


def test_a_bonus_is_shown_as_it_is_added(client, world, visited):
    board = board_in(client, world, THOUSAND, most_bonus="3").json
    bonus = {"unit_id": str(world.chiping.id), "kind": "bonus", "amount": "10"}
    row = row_of(
        step(client, world.hq1, board, "entries", reason="承办省级活动", **bonus).json, world.chiping
    )
    assert (row["bonus"], row["entries"][0]["amount"]) == ("3.00", "10.0000")


def test_a_board_of_an_older_release_keeps_its_exact_totals(client, session, world, visited):
    board = board_in(
        client, world, FUNDS | {"points": "9.1849"}, FUNDS | {"code": "more", "points": "38.5449"}
    ).json
    kept = session.get_one(Board, UUID(board["id"]))
    kept.rules = {name: value for name, value in kept.rules.items() if name != "totals"}
    session.commit()
    for code in ("funds", "more"):
        entry = {"unit_id": str(world.chiping.id), "kind": "figure", "indicator": code, "target": "1"}
        entered = step(client, world.hq1, board, "entries", reason="来函", amount="1", **entry).json
    assert (row_of(entered, world.chiping)["total"], entered["rules"]["totals"]) == ("47.73", "exact")
    step(client, world.hq1, board, "freezing")
    step(client, world.hq1, board, "posting")
    right = step(client, world.hq1, board, "restatement", correction="补计").json
    assert (row_of(right, world.chiping)["total"], right["rules"]["totals"]) == ("47.73", "exact")


def test_a_board_of_an_older_release_shows_its_bonus_whole_and_says_so(client, session, world, visited):
    board = board_in(client, world, FUNDS | {"points": "60"}, most_bonus="3").json
    kept = session.get_one(Board, UUID(board["id"]))
    kept.rules = {name: value for name, value in kept.rules.items() if name != "totals"}
    session.commit()
    unit = {"unit_id": str(world.chiping.id), "reason": "来函"}
    step(
        client, world.hq1, board, "entries", kind="figure", indicator="funds", amount="1", target="1", **unit
    )
    entered = step(client, world.hq1, board, "entries", kind="bonus", amount="5", **unit).json
    row = row_of(entered, world.chiping)
    assert (row["bonus"], row["total"]) == ("5.00", "63.00")
    assert "加分最多计3分，所示加分为实际录入数" in entered["rules"]["total_words"]


def test_it_takes_a_figure_by_hand_with_its_target(client, world, visited):
    board = board_in(client, world, FUNDS).json
    entry = {
        "unit_id": str(world.chiping.id),
        "kind": "figure",
        "indicator": "funds",
        "amount": "3.2",
        "target": "4",
    }
    entered = step(client, world.hq1, board, "entries", reason="财政局来函", **entry).json
    assert row_of(entered, world.chiping)["total"] == "16.00"
    assert row_of(entered, world.linqing)["total"] is None


def test_it_refuses_a_figure_for_an_indicator_the_house_measures(client, world, board):
    entry = {"unit_id": str(world.chiping.id), "kind": "figure", "indicator": "thousand", "amount": "3"}
    answer = step(client, world.hq1, board, "entries", reason="想改", **entry)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/indicator")


def test_it_adds_and_takes_off_points_with_reasons_and_a_bound(client, world, visited):
    board = board_in(client, world, THOUSAND, most_bonus="3").json
    before = row_of(board, world.chiping)["total"]
    unit = {"unit_id": str(world.chiping.id)}
    step(client, world.hq1, board, "entries", kind="bonus", amount="10", reason="承办省级活动", **unit)
    after = step(
        client, world.hq1, board, "entries", kind="deduction", amount="0.1", reason="月报迟报", **unit
    ).json
    assert float(row_of(after, world.chiping)["total"]) == pytest.approx(float(before) + 2.9)


def test_it_sets_a_unit_aside_with_its_reason(client, world, board):
    entry = {"unit_id": str(world.dongchangfu.id), "kind": "exempt", "reason": "防汛抗洪"}
    after = step(client, world.hq1, board, "entries", **entry).json
    row = row_of(after, world.dongchangfu)
    assert (row["place"], row["aside"]) == (None, {"kind": "exempt", "reason": "防汛抗洪"})
    assert row_of(after, world.chiping)["place"] == 1


def test_it_takes_an_entry_back(client, world, board):
    entry = {"unit_id": str(world.dongchangfu.id), "kind": "exempt", "reason": "防汛抗洪"}
    entered = row_of(step(client, world.hq1, board, "entries", **entry).json, world.dongchangfu)["entries"][0]
    path = f"/api/hq/v1/boards/{board['id']}/entries/{entered['id']}"
    assert client.as_(world.hq1).delete(path).status_code == 204
    assert client.as_(world.hq1).delete(path).status_code == 404


def test_it_never_changes_after_it_was_frozen(client, session, world, board):
    frozen = step(client, world.hq1, board, "freezing").json
    visit(session, world.field2, "补录的企业", date(2026, 8, 9))
    session.commit()
    again = client.as_(world.hq1).get(f"/api/hq/v1/boards/{board['id']}").json
    assert again["rows"] == frozen["rows"]
    entry = {"unit_id": str(world.chiping.id), "kind": "bonus", "amount": "1", "reason": "补加"}
    assert step(client, world.hq1, board, "entries", **entry).json["code"] == "board_not_so"


def test_it_freezes_nothing_before_the_period_is_over(client, world, board, today):
    today.move_to("2026-09-30T04:00:00+00:00")
    refused = step(client, world.hq1, board, "freezing")
    assert (refused.status_code, refused.json["code"]) == (422, "bad_board")
    assert refused.json["detail"] == "考核期至2026年9月30日，尚未结束"
    english = client.as_(world.hq1).post(
        f"/api/hq/v1/boards/{board['id']}/freezing", headers={"Accept-Language": "en"}
    )
    assert english.json["detail"] == "The period runs until 2026-09-30"


def test_it_takes_appeals_of_units_in_the_publicity_period_only(client, world, board, today):
    shown = posted(client, world, board)
    assert (shown["posted_from"], shown["posted_until"]) == ("2026-10-08", "2026-10-12")
    assert step(client, world.unit2, board, "appeals", text="漏计一家").status_code == 201
    assert step(client, world.leader1, board, "appeals", text="漏计一家").status_code == 403
    today.move_to("2026-10-13T04:00:00+00:00")
    assert step(client, world.unit2, board, "appeals", text="又漏一家").json["code"] == "appeals_closed"


def test_it_shows_an_appeal_to_its_unit_and_headquarters_alone(client, world, board):
    posted(client, world, board)
    step(client, world.unit2, board, "appeals", text="漏计一家")
    path = f"/api/hq/v1/boards/{board['id']}"
    assert client.as_(world.unit1).get(path).json["appeals"] == []
    assert len(client.as_(world.unit2).get(path).json["appeals"]) == 1
    assert len(client.as_(world.hq1).get(path).json["appeals"]) == 1


def test_it_publishes_only_after_the_period_and_with_every_appeal_decided(client, world, board, today):
    posted(client, world, board)
    appeal = step(client, world.unit2, board, "appeals", text="漏计一家").json
    assert step(client, world.hq1, board, "publication").json["code"] == "publicity_not_over"
    today.move_to("2026-10-13T04:00:00+00:00")
    assert step(client, world.hq1, board, "publication").json["code"] == "appeals_open"
    decided = client.as_(world.hq1).post(
        f"/api/hq/v1/boards/appeals/{appeal['id']}/decision", json={"upheld": False, "decision": "已计入"}
    )
    assert decided.json["state"] == "dismissed"
    assert step(client, world.hq1, board, "publication").json["state"] == "published"


def test_it_restates_a_board_whose_appeal_was_upheld(client, session, world, board, today):
    posted(client, world, board)
    appeal = step(client, world.unit2, board, "appeals", text="漏计一家").json
    decision = {"upheld": True, "decision": "属实"}
    client.as_(world.hq1).post(f"/api/hq/v1/boards/appeals/{appeal['id']}/decision", json=decision)
    visit(session, world.field2, "补录的企业", date(2026, 8, 9))
    session.commit()
    today.move_to("2026-10-13T04:00:00+00:00")
    assert step(client, world.hq1, board, "publication").json["code"] == "appeal_upheld"
    right = step(client, world.hq1, board, "restatement", correction="补计茌平一家").json
    assert row_of(right, world.chiping)["indicators"][0]["value"] == "2"
    assert published(client, world, right, today).json["state"] == "published"
    assert client.as_(world.hq1).get(f"/api/hq/v1/boards/{board['id']}").json["state"] == "restated"


def test_it_shows_places_against_the_issue_before_and_who_was_low_twice(
    client, session, world, visited, today
):
    visit(session, world.field2, "茌平春天的企业", date(2026, 5, 4))
    session.commit()
    rules = {"indicators": [THOUSAND], "low_places": 1}
    issues = []
    for start, end in (("2026-04-01", "2026-07-01"), ("2026-07-01", "2026-10-01")):
        body = {"series": "季度", "name": end, "programme_id": str(world.programme.id), "rules": rules}
        made = (
            client.as_(world.hq1)
            .post("/api/hq/v1/boards", json=body | {"start_on": start, "end_on": end})
            .json
        )
        issues.append(published(client, world, made, today).json)
    assert row_of(issues[1], world.dongchangfu)["place_before"] == 1
    assert issues[1]["low_twice"] == [str(world.linqing.id)]
    assert "各组最后1名为靠后；并列跨过这一界线的，并列者都不算" in issues[1]["low_words"]
    seen = client.as_(world.unit1).get(f"/api/hq/v1/boards/{issues[1]['id']}").json
    assert not seen.keys() & {"low_twice", "low_words"}


def test_it_refuses_two_indicators_of_one_code(client, world):
    assert board_in(client, world, THOUSAND, THOUSAND).status_code == 422


def test_it_cuts_points_off_when_the_rules_say_so(client, world, visited):
    third = THOUSAND | {"points": "1"}
    rounded, cut = (board_in(client, world, third, rounding=how).json for how in ("half_up", "truncated"))
    totals = [float(row_of(one, world.dongchangfu)["total"]) for one in (rounded, cut)]
    assert totals[1] <= totals[0]


def test_it_answers_for_a_board_that_is_not_there(client, world):
    path = "/api/hq/v1/boards/00000000-0000-7000-8000-000000000000"
    assert client.as_(world.hq1).get(path).json["code"] == "unknown_board"


def test_it_notes_every_step(client, session, world, board, today):
    published(client, world, board, today)
    actions = session.scalars(
        sa.select(AuditEntry.action).where(AuditEntry.subject_id == board["id"]).order_by(AuditEntry.id)
    ).all()
    assert actions == ["board.make", "board.freeze", "board.post", "board.publish"]


def test_a_draft_can_be_computed_by_what_was_known_then(client, world, session, board):
    moment = take_moment(session).taken_at
    session.commit()
    late = add_visit(session, world.field1, add_enterprise(session, "后来补录"), date(2026, 8, 20))
    recount(session, [late.id])
    session.commit()
    address = f"/api/hq/v1/boards/{board['id']}"
    then, now = (
        client.as_(world.hq1).get(address, query_string=asked).json
        for asked in ({"known_at": moment.isoformat().replace("+", " ")}, {})
    )
    counted = [row_of(one, world.dongchangfu)["indicators"][0]["value"] for one in (then, now)]
    assert int(counted[1]) - int(counted[0]) == 1


def test_it_is_frozen_by_what_was_known_then_and_says_when(client, world, session, board):
    moment = take_moment(session).taken_at
    session.commit()
    late = add_visit(session, world.field1, add_enterprise(session, "后来补录"), date(2026, 8, 20))
    recount(session, [late.id])
    session.commit()
    frozen = client.as_(world.hq1).post(
        f"/api/hq/v1/boards/{board['id']}/freezing", query_string={"known_at": moment.isoformat()}
    )
    assert (frozen.status_code, frozen.json["known_at"]) == (200, moment.isoformat().replace("+00:00", "Z"))
    before = row_of(board, world.dongchangfu)["indicators"][0]["value"]
    assert row_of(frozen.json, world.dongchangfu)["indicators"][0]["value"] == before


def test_it_keeps_the_moment_it_was_frozen_at(client, world, board):
    frozen = step(client, world.hq1, board, "freezing").json
    assert frozen["known_at"] is not None


def test_it_is_not_frozen_by_what_was_known_before_its_period_was_over(client, world, session, board, today):
    today.move_to("2026-09-20T04:00:00+00:00")
    moment = take_moment(session).taken_at
    session.commit()
    today.move_to("2026-10-10T04:00:00+00:00")
    answer = client.as_(world.hq1).post(
        f"/api/hq/v1/boards/{board['id']}/freezing", query_string={"known_at": moment.isoformat()}
    )
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "/known_at")
