"""Headquarters' pages: the figures of the doors, both languages, exports, and nothing a screen reader stumbles over."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.support.office_steps import decide, open_site, register
from tests.support.phone_steps import a_moment, checkin_body, send_visit, visit_body

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("desk-pages")]
PAGES = (
    "/hq/overview", "/hq/units", "/hq/coverage", "/hq/sites", "/hq/visits", "/hq/checkins", "/hq/photos",
    "/hq/review", "/hq/reports", "/hq/boards", "/hq/exports", "/hq/enterprises",
    "/hq/enterprises/import", "/hq/enterprises/duplicates", "/hq/units/admin", "/hq/people", "/hq/programmes",
    "/hq/outboxes", "/hq/kept", "/hq/visits/unmatched", "/hq/inspections", "/hq/visits/remarked", "/hq/privacy",
    "/hq/issues", "/hq/issues?view=untaken", "/hq/issues?view=settings", "/hq/indicators",
)  # fmt: skip
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}


@pytest.fixture(scope="module", autouse=True)
def city(house):
    """A visit that counts, one that waits, and a check-in."""
    hq, phone = house.sign_in("hq1"), house.sign_in("field1")
    for number, name in enumerate(("浪潮集团有限公司", "山东魏桥创业集团有限公司")):
        known = register(hq, name, kind="enterprise", well_known=True)
        at = a_moment(f"01-{6 + number:02} 09:30")
        sent = send_visit(phone, visit_body(enterprise_id=known, visited_at=at, captured_at=at))
        assert sent.status == 201, sent.body
        if number == 0:
            assert decide(hq, sent.json, "approve")["status"] == "applied"
    site = open_site(hq, house.world.dongchangfu.id)
    answer = house.sign_in("commissioner1").put(
        "/api/v1/checkins/0199a000-0000-7000-8000-000000000001", checkin_body(site)
    )
    assert answer.status == 201, answer.body


def test_the_overview_shows_the_figures_of_the_doors(house, sign_in_at_desk):
    page = sign_in_at_desk("hq1")
    lines = house.sign_in("hq1").get("/api/hq/v1/progress/overview").json["lines"]
    assert lines[0]["counted"] == 1
    assert lines[0]["pending"] == 1
    card = page.get_by_role("main").locator("section").filter(has_text="已走访企业").first
    expect(card).to_contain_text(str(lines[0]["counted"]))
    card.get_by_role("link", name="1").first.click()
    expect(page.get_by_role("row")).to_have_count(2)
    expect(page.get_by_role("row").nth(1)).to_contain_text("浪潮集团")


def test_a_page_is_kept_in_its_address(sign_in_at_desk):
    page = sign_in_at_desk("hq1")
    page.goto("/hq/visits")
    page.get_by_label("审核").select_option("approved")
    page.wait_for_url("**/hq/visits?state=approved")
    expect(page.get_by_text("共 1 条")).to_be_visible()
    page.reload()
    expect(page.get_by_text("共 1 条")).to_be_visible()


def test_it_speaks_english_and_remembers(sign_in_at_desk):
    page = sign_in_at_desk("hq1")
    page.get_by_role("button", name="Switch to English").click()
    expect(page.get_by_role("link", name="Overview")).to_be_visible()
    for address in PAGES:
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).not_to_be_empty()
        assert not any("一" <= letter <= "鿿" for letter in page.get_by_role("navigation").first.inner_text())
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_an_export_is_made_shown_and_downloaded(sign_in_at_desk):
    page = sign_in_at_desk("hq1")
    page.goto("/hq/visits?state=approved")
    page.get_by_role("link", name="导出这些记录").click()
    page.get_by_label("导出什么").select_option("visits_csv")
    page.get_by_role("button", name="开始导出").click()
    manifest = page.get_by_role("link", name="manifest.json")
    expect(manifest).to_be_visible(timeout=60_000)
    with page.expect_download() as download:
        manifest.click()
    proof = json.loads(download.value.path().read_bytes())
    assert proof["rows"] == 1, proof


def test_the_figures_of_a_bulletin_open_what_they_count(house, sign_in_at_desk):
    drafted = house.sign_in("hq1").post(
        "/api/hq/v1/reports", {"kind": "half_month", "on": a_moment("01-20 00:00")[:10]}
    )
    assert drafted.status == 201, drafted.body
    address, facts = f"/hq/reports/{drafted.json['id']}", drafted.json["figures"]["facts"]
    page = sign_in_at_desk("hq1")
    page.goto(address)
    paper = page.get_by_role("region", name="正文")
    zeros = facts["thousand.zero_units_count"]
    paper.get_by_title("千家 · 未破零单位数").click()
    rows = page.get_by_role("dialog").get_by_role("row")
    expect(rows).to_have_count(int(zeros["shown"]) + 2)
    page.get_by_role("button", name="关闭此对话框").click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    counted = facts["thousand.counted"]
    paper.get_by_title("千家 · 累计已核家数").click()
    expect(page.get_by_text(f"共 {counted['shown']} 条")).to_be_visible()


def test_a_bulletin_is_edited_beside_how_it_reads(house, sign_in_at_desk):
    drafted = house.sign_in("hq1").post(
        "/api/hq/v1/reports", {"kind": "weekly", "on": a_moment("01-12 00:00")[:10]}
    )
    assert drafted.status == 201, drafted.body
    page = sign_in_at_desk("hq1")
    page.goto(f"/hq/reports/{drafted.json['id']}")
    page.get_by_role("button", name="修改文字").click()
    part = page.get_by_role("group", name="第 1 段", exact=True)
    expect(part.get_by_role("list", name="本段的数字")).to_contain_text("千家 · 本期新增")
    words, reads = part.get_by_role("textbox"), part.get_by_role("group", name="填入数字后")
    before = words.input_value()
    assert "{thousand.new}" in before
    facts = drafted.json["figures"]["facts"]
    expect(reads).to_contain_text(f"商协会{facts['thousand.new']['shown']}家")
    words.fill("{thousand.nothing}")
    expect(part.get_by_role("list", name="本段的数字")).to_contain_text("! 没有这个数字")
    words.fill("时间进度")
    part.get_by_label("插入数字").select_option("elapsed")
    expect(words).to_have_value("时间进度{elapsed}")
    expect(reads).to_contain_text(facts["elapsed"]["shown"])
    page.get_by_role("button", name="保存文字").click()
    expect(page.get_by_role("status")).to_have_text("已完成")
    kept = house.sign_in("hq1").get(f"/api/hq/v1/reports/{drafted.json['id']}").json
    assert kept["text"][0]["text"] == "时间进度{elapsed}"


def test_on_a_phone_the_evidence_follows_the_record_and_the_buttons_stay_in_reach(sign_in_at_desk):
    page = sign_in_at_desk("hq1")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/hq/review")
    queue = page.get_by_role("list", name="待审队列")
    expect(queue.get_by_role("button")).to_have_count(2)
    queue.get_by_role("button").nth(1).click()
    record, evidence = page.get_by_role("region", name="记录"), page.get_by_role("complementary", name="佐证")
    expect(evidence).to_contain_text("核对通过")
    for name in ("通过 (A)", "退回 (R)", "作废", "跳过 (S)"):
        expect(record.get_by_role("button", name=name, exact=True)).to_be_in_viewport(ratio=1)
    head, proof = record.get_by_role("heading").first.bounding_box(), evidence.bounding_box()
    assert head is not None
    assert proof is not None
    assert proof["y"] > head["y"]
    assert proof["x"] + proof["width"] <= 390
    over = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 1
    record.get_by_role("button", name="退回 (R)").click()
    page.get_by_role("dialog").get_by_role("button", name="取消").click()


def test_nobody_is_shut_out_of_a_page(sign_in_at_desk, open_context):
    state = sign_in_at_desk("hq1").context.storage_state()
    # The checker is a script of its own, which our policy refuses on purpose.
    looked_at = open_context(storage_state=state, bypass_csp=True, viewport={"width": 1280, "height": 800})
    page = looked_at.new_page()
    found = {}
    for path in PAGES:
        page.goto(path)
        page.wait_for_load_state("networkidle")
        seen = Axe().run(page, options=WCAG)
        if seen.violations_count:
            found[path] = seen.generate_report()
    assert not found, "\n".join(found.values())


@pytest.mark.parametrize("width", [1280, 720], ids=["a laptop", "200 percent"])
def test_pages_fit_without_scrolling_sideways(width, sign_in_at_desk):
    page = sign_in_at_desk("hq1")
    page.set_viewport_size({"width": width, "height": 800})
    wide = {}
    for path in PAGES:
        page.goto(path)
        page.wait_for_load_state("networkidle")
        over = page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if over > 1:
            wide[path] = over
    assert not wide
