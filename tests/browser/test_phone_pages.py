"""Every screen of the phone: nothing a screen reader stumbles over, nothing too wide, every target big enough."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from service.kernel.calendar import local_date
from service.kernel.clock import now
from tests.browser import phone_screens as on
from tests.support.office_steps import decide, open_site, put_on_list, register
from tests.support.phone_steps import a_moment, send_visit, visit_body

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("phone-pages")]
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
LEAST_PX = 44
TOO_SMALL = """(least) => {
  const targets = document.querySelectorAll('button, a[href], select, input, textarea, summary, [role=button]')
  const inText = (one) => one.tagName === 'A' && getComputedStyle(one).display === 'inline'
  const reached = (one) => {
    // A choice is as large as its label, a link of the strip as what it lays over itself.
    const boxes = [one, one.closest('label'), one.labels?.[0]].filter(Boolean).map((each) => each.getBoundingClientRect())
    const over = getComputedStyle(one, '::after')
    const more = over.position === 'absolute' ? -parseFloat(over.top || 0) - parseFloat(over.bottom || 0) : 0
    return Math.max(...boxes.map((box) => box.height)) + Math.max(0, more || 0)
  }
  return [...targets].filter((one) => one.checkVisibility({ visibilityProperty: true }) && !inText(one))
    .map((one) => [one.outerHTML.slice(0, 90), Math.round(reached(one))]).filter(([, high]) => high < least)
}"""


@pytest.fixture(scope="module", autouse=True)
def city(house):
    """A known enterprise with a visit that was returned, one to be visited, and a site."""
    hq, phone = house.sign_in("hq1"), house.sign_in("field1")
    known = register(hq, "浪潮集团有限公司", kind="enterprise", well_known=True)
    at = a_moment("01-06 09:30")
    sent = send_visit(phone, visit_body(enterprise_id=known, visited_at=at, captured_at=at))
    assert decide(hq, sent.json, "return", "请补写对方意见")["status"] == "applied"
    put_on_list(hq, known, code="china_500", year=local_date(now()).year)
    open_site(hq, house.world.dongchangfu.id)


@pytest.fixture
def filled(open_context, sign_in_on_phone):
    """A phone with a draft, a record that waits and one that came back, seen by a checker that our policy would refuse."""
    page = open_context(**on.PHONE, bypass_csp=True).new_page()
    sign_in_on_phone(page, "field1")
    page.context.set_offline(True)
    on.write_visit(page, "时风集团")
    on.begin_visit(page, "泉林纸业")
    on.shoot(page)
    # A toast that fades out has for a moment no contrast at all.
    expect(page.get_by_text("已存入本机，联网后自动上传")).to_be_hidden()
    return page


def screens(page: Page) -> list[str]:
    """Where every screen lies, with a record and a draft of this phone."""
    [draft] = [one for one in on.kept(page, "drafts") if one["type"] == "visit"]
    [visit] = [one for one in on.kept(page, "pulled") if one["type"] == "visit"]
    return [
        "today", "visit", f"visit/{draft['id']}", "checkin", "issue", "issues", "outbox", "me", "records",
        f"records/visit/{visit['id']}", "looked", "install", "password", "sign-in", "enrol", "nowhere",
    ]  # fmt: skip


def shown(page: Page, screen: str) -> None:
    """A screen, with everything of it there."""
    page.goto(f"/m/#/{screen}")
    expect(page.get_by_role("heading", level=1).or_(page.locator(".empty")).first).to_be_visible()
    page.wait_for_load_state("networkidle")


def looked_at(page: Page) -> str | None:
    """What the checker has to say of what is shown; nothing where all is well."""
    seen = Axe().run(page, options=WCAG)
    return str(seen.generate_report()) if seen.violations_count else None


def test_nobody_is_shut_out_of_a_screen(filled):
    found = {}
    for screen in screens(filled):
        shown(filled, screen)
        found[screen] = looked_at(filled)
    shown(filled, "outbox")
    on.waiting(filled).first.click()
    expect(filled.get_by_role("dialog", name="时风集团").get_by_role("button", name="关闭")).to_be_focused()
    found["an item of the outbox"] = looked_at(filled)
    filled.keyboard.press("Escape")
    expect(filled.get_by_role("dialog", name="时风集团")).to_be_hidden()
    shown(filled, "checkin")
    filled.get_by_role("button", name="拍照").click()
    expect(filled.get_by_role("button", name="按下快门")).to_be_enabled()
    found["the camera"] = looked_at(filled)
    faults = {name: report for name, report in found.items() if report}
    assert not faults, "\n".join(f"{name}: {report}" for name, report in faults.items())


def test_screens_fit_and_targets_are_big_enough(filled):
    wrong = {}
    for screen in screens(filled):
        shown(filled, screen)
        for width, letters in ((390, 100), (320, 100), (390, 200)):
            filled.set_viewport_size({"width": width, "height": 844})
            filled.add_style_tag(content=f"html {{ font-size: {letters}% !important }}")
            over = filled.evaluate(
                "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            small = filled.evaluate(TOO_SMALL, LEAST_PX)
            if over > 0 or small:
                wrong[f"{screen} at {width} px, {letters} %"] = (over, small)
    assert not wrong, "\n".join(f"{screen}: {faults}" for screen, faults in wrong.items())
