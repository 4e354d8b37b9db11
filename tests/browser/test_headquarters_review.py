"""A reviewer at the desk: figures open their records, records show their evidence, and keys decide."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.support.office_steps import decide, figures, register
from tests.support.phone_steps import a_moment, send_visit, visit_body

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("desk-review")]
FAR = {"lat": 36.5, "lng": 116.1, "datum": "wgs84", "accuracy_m": 12, "source": "gps"}
NEAR = {"lat": 36.4571, "lng": 115.9851, "datum": "wgs84", "accuracy_m": 9, "source": "gps"}


@pytest.fixture(scope="module")
def visits(house):
    """Five visits by field1 to one well-known enterprise: the first far from it, the others at its door."""
    hq, phone = house.sign_in("hq1"), house.sign_in("field1")
    known = register(
        hq, "浪潮集团有限公司", kind="enterprise", well_known=True, latitude=36.457, longitude=115.985
    )
    made = []
    for number in range(5):
        location = FAR if number == 0 else NEAR
        body = visit_body(
            enterprise_id=known,
            summary=f"第 {number} 次",
            location=location,
            visited_at=a_moment(f"01-{6 + 5 * number:02} 09:30"),
            captured_at=a_moment(f"01-{6 + 5 * number:02} 10:00"),
        )
        answer = send_visit(phone, body, uuid4())
        assert answer.status == 201, answer.body
        made.append(answer.json)
    return made


def state_of(house, visit):
    return house.sign_in("hq1").get(f"/api/hq/v1/visits/{visit['id']}").json["review_state"]


@pytest.fixture(scope="module")
def approved(house, visits):
    """One more, approved at once: it counts whichever test comes first, and never waits."""
    body = visit_body(
        enterprise_id=visits[0]["enterprise_id"],
        summary="已核准",
        visited_at=a_moment("02-20 09:30"),
        captured_at=a_moment("02-20 10:00"),
    )
    made = send_visit(house.sign_in("field1"), body, uuid4()).json
    assert decide(house.sign_in("hq1"), made, "approve")["status"] == "applied"
    return made


def test_it_reviews_by_keys_with_the_evidence_beside_the_record(house, visits, sign_in_at_desk):
    page = sign_in_at_desk("hq1")
    page.get_by_role("link", name="审核", exact=True).click()
    queue = page.get_by_role("list", name="待审队列")
    expect(queue.get_by_role("button")).to_have_count(5)
    expect(queue.get_by_role("button").first).to_contain_text("疑点")
    evidence = page.get_by_role("complementary", name="佐证")
    expect(evidence).to_contain_text("距离")
    expect(evidence.get_by_role("img", name="位置示意图")).to_be_visible()

    page.keyboard.press("r")
    page.keyboard.press("1")
    page.get_by_label("补充说明").fill("请核对地点")
    page.get_by_role("dialog").get_by_role("button", name="退回").click()
    expect(page.get_by_role("status")).to_contain_text("已退回")
    assert state_of(house, visits[0]) == "returned"

    page.keyboard.press("j")
    expect(queue.get_by_role("button").nth(1)).to_have_attribute("aria-current", "true")
    page.keyboard.press("k")
    page.keyboard.press("a")
    expect(page.get_by_role("status")).to_contain_text("已核准")
    expect(queue.get_by_role("button")).to_have_count(3)

    page.get_by_role("button", name=re.compile("无疑点的批量通过")).click()
    page.get_by_role("dialog", name="批量通过").get_by_role("button", name="通过", exact=True).click()
    expect(page.get_by_text("没有待审核的记录")).to_be_visible()
    assert [state_of(house, one) for one in visits[1:]] == ["approved"] * 4


def test_a_figure_opens_exactly_the_records_it_counts(house, approved, sign_in_at_desk):
    page = sign_in_at_desk("hq1")
    hq = house.sign_in("hq1")
    counted = figures(hq)["thousand"][0]
    url = hq.get("/api/hq/v1/progress/overview").json["lines"][0]["records_url"]
    page.goto("/hq/visits?" + url.split("?", 1)[1])
    rows = page.get_by_role("row")
    expect(rows).to_have_count(counted + 1)
    rows.nth(1).get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="浪潮集团有限公司")).to_be_visible()
    expect(page.get_by_role("complementary", name="佐证")).to_contain_text("核对通过")


def test_a_unit_office_is_shown_its_own_unit_alone(house, visits, sign_in_at_desk):
    page = sign_in_at_desk("unit2")
    page.get_by_role("link", name="走访", exact=True).click()
    expect(page.get_by_text("共 0 条")).to_be_visible()
    page.goto("/hq/reports")
    expect(page.get_by_role("alert")).to_contain_text("您的角色不能打开这一页")
