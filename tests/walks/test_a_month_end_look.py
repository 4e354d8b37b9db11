"""The last day of the month at headquarters: figures are exact, and each opens the records it counts.

The stories before the look, all in January: A is well known and visited three times, twice by one unit and once by
another; B is on the 500 list and visited by two units together; C is a chamber whose visit is returned, corrected
and approved; D is on no list; E is written by hand, registered by headquarters and then counts.
"""

import io
import zipfile
from collections import Counter
from datetime import date, timedelta

import pytest
from python_calamine import CalamineWorkbook

from tests.support.office_steps import decide, figures, put_on_list, records_behind, register
from tests.support.phone_steps import a_moment, handed_in, pull_until, shown, visit_body

pytestmark = pytest.mark.slow
PHONE = "13812345678"
ZERO = {"thousand": (0, 0), "hundred": (0, 0)}


@pytest.fixture
def register_of(house):
    hq = house.sign_in("hq1")
    made = {
        "A": register(hq, "浪潮集团有限公司", well_known=True),
        "B": register(hq, "山东魏桥创业集团有限公司"),
        "C": register(hq, "山东省电子商务商会", kind="association"),
        "D": register(hq, "某小型商贸有限公司"),
    }
    put_on_list(hq, made["B"], code="china_500", year=int(a_moment("01-01 00:00")[:4]))
    return made


@pytest.fixture
def visits(house, phone_of, register_of):
    """Everything the field has sent by the end of the month; nothing is reviewed yet."""
    one, two = ((phone_of(name), house.sign_in(name)) for name in ("field1", "field2"))
    hosts = [{"name": "王总", "title": "董事长", "phone": PHONE}]
    chiping = str(house.world.chiping.id)
    assert figures(house.sign_in("hq1")) == ZERO

    def visit(pair, day, letter, **facts):
        at = a_moment(f"{day} 09:30")
        return handed_in(
            *pair, enterprise_id=register_of[letter], visited_at=at, captured_at=at, hosts=hosts, **facts
        )

    return {
        "A1": visit(one, "01-06", "A"),
        "B": visit(one, "01-07", "B", joint_units=[chiping]),
        "C": visit(one, "01-08", "C"),
        "D": visit(one, "01-09", "D"),
        "A2": visit(one, "01-13", "A"),
        "A3": visit(two, "01-15", "A"),
        "E": handed_in(
            *one,
            enterprise={"name": "=cmd|' /C calc'!A0 新材料"},
            visited_at=a_moment("01-14 09:30"),
            captured_at=a_moment("01-14 09:30"),
        ),
    }


def test_a_month_end_look(house, phone_of, field1, hq, register_of, visits):
    """One story in this order: each step finds the city as the one before left it."""
    _unreviewed_visits_are_pending_and_counted_nowhere(hq, visits)
    _a_unit_office_approves_first_and_only_its_own(house, hq, visits)
    _headquarters_approves_returns_and_voids(hq, visits)
    _a_decision_about_an_older_revision_is_refused(hq, visits)
    phone = phone_of("field1")
    _a_returned_visit_is_corrected_and_counts_once_approved(phone, field1, hq, visits, register_of)
    _a_free_entry_counts_once_it_is_matched_and_approved(hq, visits)
    _a_phone_reads_why_its_visits_count(field1, visits)
    _each_headline_opens_as_many_records_as_it_says(hq)
    _units_are_exact_show_their_zeros_and_open_their_records(hq)
    _a_unit_office_opens_its_own_figures_joint_visits_included(house)
    _weeks_add_up_to_the_headline_and_open_their_records(hq)
    _coverage_opens_the_records_it_counts(hq)
    _figures_as_of_an_earlier_day_are_those_of_that_day(hq)
    _the_table_opens_in_another_reader_with_masked_phones_and_no_formula(hq, visits)
    _unapproving_and_voiding_take_figures_back(hq, visits)
    _a_withdrawn_visit_leaves_the_count(phone, field1, hq, visits)
    _a_merge_and_its_undoing_move_the_figures_there_and_back(hq, register_of)
    _a_leader_reads_and_writes_nothing(house)
    _after_everything_the_ledgers_and_the_audit_chain_hold(house)


def _unreviewed_visits_are_pending_and_counted_nowhere(hq, visits):
    assert figures(hq) == {"thousand": (0, 3), "hundred": (0, 1)}
    not_listed = hq.get(f"/api/hq/v1/visits/{visits['D']['id']}").json["counting"]
    assert (not_listed["counted"], [one["code"] for one in not_listed["reasons"]]) == (False, ["not_listed"])


def _a_unit_office_approves_first_and_only_its_own(house, hq, visits):
    office, other = house.sign_in("unit1"), house.sign_in("unit2")
    queued = [one["id"] for one in office.every("/api/hq/v1/reviews/queue")]
    assert set(queued) == {visits[name]["id"] for name in ("A1", "A2", "B", "C", "D", "E")}
    assert decide(office, visits["A1"], "approve")["review_state"] == "unit_approved"
    assert decide(other, visits["A2"], "approve")["status"] == "refused"
    assert figures(hq) == {"thousand": (0, 3), "hundred": (0, 1)}


def _headquarters_approves_returns_and_voids(hq, visits):
    for name in ("A1", "A2", "A3", "B"):
        assert decide(hq, visits[name], "approve")["review_state"] == "approved", name
    assert decide(hq, visits["C"], "return")["code"] == "reason_required"
    assert decide(hq, visits["C"], "return", "缺少接待人")["review_state"] == "returned"
    assert decide(hq, visits["D"], "void", "不在名单")["review_state"] == "voided"
    assert figures(hq) == {"thousand": (2, 0), "hundred": (1, 0)}


def _a_decision_about_an_older_revision_is_refused(hq, visits):
    assert decide(hq, {**visits["E"], "rev": 7}, "approve")["code"] == "rev_conflict"


def _a_returned_visit_is_corrected_and_counts_once_approved(phone, field1, hq, visits, register_of):
    at = a_moment("01-08 09:30")
    corrected = visit_body(
        enterprise_id=register_of["C"],
        visited_at=at,
        captured_at=at,
        hosts=[{"name": "秘书长", "phone": PHONE}],
    )
    visit_id = visits["C"]["id"]

    def is_returned() -> bool:
        told = phone.store.get("visit", visit_id) or {}
        return (told.get("review_state"), told.get("review_reason")) == ("returned", "缺少接待人")

    pull_until(phone, is_returned, "the phone is told that C was returned, and why")
    phone.edit(visits["C"]["id"], corrected)
    edited = shown(phone, field1, visits["C"]["id"])
    assert (edited["rev"], edited["review_state"]) == (2, "submitted")
    assert figures(hq) == {"thousand": (2, 1), "hundred": (1, 0)}
    decide(hq, edited, "approve")
    assert figures(hq) == {"thousand": (3, 0), "hundred": (1, 0)}


def _a_free_entry_counts_once_it_is_matched_and_approved(hq, visits):
    registered = {"name": "聊城新材料有限公司", "well_known": True}
    matched = hq.post(f"/api/hq/v1/visits/{visits['E']['id']}/matching", {"register": registered})
    assert matched.status == 200, matched.body
    assert figures(hq) == {"thousand": (3, 1), "hundred": (1, 0)}
    decide(hq, matched.json, "approve")
    assert figures(hq) == {"thousand": (4, 0), "hundred": (1, 0)}
    assert hq.every("/api/hq/v1/visits/unmatched") == []


def _a_phone_reads_why_its_visits_count(field1, visits):
    reasons = {
        name: [
            one["code"]
            for one in field1.get(f"/api/v1/visits/{visits[name]['id']}").json["counting"]["reasons"]
        ]
        for name in ("A1", "A2", "D", "E")
    }
    assert reasons["A1"] == ["counted"]
    assert reasons["A2"] == ["counted", "repeat_visit"]
    assert reasons["D"] == ["voided"]
    assert reasons["E"] == ["counted"]


def _each_headline_opens_as_many_records_as_it_says(hq):
    for line in hq.get("/api/hq/v1/progress/overview").json["lines"]:
        assert len(records_behind(hq, line["records_url"])) == line["counted"]
        assert len(records_behind(hq, line["pending_url"])) == line["pending"]


def _units_are_exact_show_their_zeros_and_open_their_records(hq):
    items = hq.get("/api/hq/v1/progress/units").json["items"]
    counted = {(one["unit"]["name"], one["line"]): one["counted"] for one in items}
    assert counted["东昌府区", "thousand"] == 4
    assert counted["东昌府区", "hundred"] == 1
    assert counted["茌平区", "thousand"] == 2
    assert counted["茌平区", "hundred"] == 1
    assert counted["临清市", "thousand"] == counted["高新技术产业开发区", "hundred"] == 0
    for one in items:
        assert len(records_behind(hq, one["records_url"])) == one["counted"], one
        assert len(records_behind(hq, one["pending_url"])) == one["pending"], one


def _a_unit_office_opens_its_own_figures_joint_visits_included(house):
    office = house.sign_in("unit2")
    mine = [one for one in office.get("/api/hq/v1/progress/units").json["items"] if one["counted"]]
    assert {(one["unit"]["name"], one["line"]): one["counted"] for one in mine} == {
        ("茌平区", "thousand"): 2,
        ("茌平区", "hundred"): 1,
    }
    for one in mine:
        assert len(records_behind(office, one["records_url"])) == one["counted"]


def _weeks_add_up_to_the_headline_and_open_their_records(hq):
    items = hq.get("/api/hq/v1/progress/weekly").json["items"]
    first = Counter()
    for one in items:
        first[one["line"], one["start_on"]] += one["first_counted"]
        assert len(records_behind(hq, one["records_url"])) == one["first_counted"], one
    year = int(a_moment("01-01 00:00")[:4])
    expected = Counter()
    for day in (6, 7, 8, 14):
        expected["thousand", _week_start(date(year, 1, day))] += 1
    expected["hundred", _week_start(date(year, 1, 7))] += 1
    assert {key: value for key, value in first.items() if value} == dict(expected)


def _week_start(day):
    """The Monday of a week, or the first of January where the programme's beginning cuts it."""
    return max(day - timedelta(days=day.weekday()), date(day.year, 1, 1)).isoformat()


def _coverage_opens_the_records_it_counts(hq):
    for by in ("county", "chain", "both"):
        answer = hq.get(f"/api/hq/v1/progress/coverage?by={by}")
        assert answer.status == 200, answer.body
        for one in answer.json["items"]:
            if one["records_url"]:
                assert len(records_behind(hq, one["records_url"])) == one["counted"], (by, one)


def _figures_as_of_an_earlier_day_are_those_of_that_day(hq):
    year = a_moment("01-01 00:00")[:4]
    assert figures(hq, f"?as_of={year}-01-06") == {"thousand": (1, 0), "hundred": (0, 0)}
    assert figures(hq, f"?as_of={year}-01-07") == {"thousand": (2, 0), "hundred": (1, 0)}
    assert figures(hq, f"?as_of={year}-01-01") == ZERO


def _the_table_opens_in_another_reader_with_masked_phones_and_no_formula(hq, visits):
    answer = hq.get("/api/hq/v1/progress/visits.xlsx")
    assert answer.status == 200
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(answer.body)).get_sheet_by_index(0).to_python()
    headings = next(row for row in sheet if row[0] == "序号")
    assert headings[:4] == ["序号", "单位", "拜访日期", "企业（机构）名称"]
    rows = [row for row in sheet if isinstance(row[0], (int, float))]
    assert len(rows) == len(visits) - 1, "D was voided, and is left out unless it is asked for"
    assert sum("茌平区" in row for row in rows) == 1
    assert PHONE not in repr(sheet)
    assert "138****5678" in repr(sheet)
    assert b"<f>" not in _unzipped(answer.body)


def _unzipped(content):
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return b"".join(book.read(name) for name in book.namelist() if "sheet" in name)


def _unapproving_and_voiding_take_figures_back(hq, visits):
    assert decide(hq, visits["B"], "void", "重复填报")["review_state"] == "voided"
    assert figures(hq) == {"thousand": (3, 0), "hundred": (0, 0)}
    assert decide(hq, visits["A1"], "unapprove")["review_state"] == "submitted"
    assert figures(hq) == {"thousand": (3, 0), "hundred": (0, 0)}, "A still has two approved visits"
    assert decide(hq, visits["A2"], "unapprove")["status"] == "applied"
    assert decide(hq, visits["A3"], "unapprove")["status"] == "applied"
    assert figures(hq) == {"thousand": (2, 1), "hundred": (0, 0)}


def _a_withdrawn_visit_leaves_the_count(phone, field1, hq, visits):
    phone.withdraw(visits["E"]["id"], "记错企业")
    assert shown(phone, field1, visits["E"]["id"])["review_state"] == "withdrawn"
    assert figures(hq) == {"thousand": (1, 1), "hundred": (0, 0)}


def _a_merge_and_its_undoing_move_the_figures_there_and_back(hq, register_of):
    before = figures(hq)
    merged = hq.post(f"/api/hq/v1/enterprises/{register_of['C']}/merge", {"into_id": register_of["A"]})
    assert merged.status == 201, merged.body
    assert figures(hq)["thousand"] == (1, 0), "A's waiting visits join C's counted one"
    undone = hq.post(f"/api/hq/v1/merges/{merged.json['id']}/undo")
    assert undone.status == 200, undone.body
    assert figures(hq) == before


def _a_leader_reads_and_writes_nothing(house):
    leader = house.sign_in("leader1")
    assert leader.get("/api/hq/v1/progress/overview").status == 200
    assert leader.post("/api/hq/v1/reviews", {"decisions": []}).status == 403


def _after_everything_the_ledgers_and_the_audit_chain_hold(house):
    rebuilt = house.command("rebuild")
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert "were right" in rebuilt.stdout, rebuilt.stdout
    seal = house.command("audit", "seal").stdout.strip()
    verified = house.command("audit", "verify", "--anchor", seal)
    assert verified.returncode == 0, verified.stdout
    assert "Traceback" not in house.log.read_text(errors="replace")
