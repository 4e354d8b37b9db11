"""Problems on the phone: raised without a line, called, dealt with, and confirmed by whoever blew the whistle."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from service.kernel.clock import now
from service.kernel.ids import uuid7
from tests.browser import phone_screens as on
from tests.browser.conftest import LIAOCHENG
from tests.browser.test_phone_pages import LEAST_PX, TOO_SMALL, WCAG

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("phone-problems")]
SITE = "智能制造产业园一号工地"
TEXT = "三号塔吊没有电，停工两天"


@pytest.fixture(scope="module", autouse=True)
def site(house):
    """The one site, around where the phone stands."""
    here = {"lat": LIAOCHENG["latitude"], "lng": LIAOCHENG["longitude"]}
    fence = {"kind": "circle", "datum": "wgs84", "centre": here, "radius_m": 300}
    told = {"name": SITE, "unit_id": str(house.world.dongchangfu.id), "fence": fence}
    made = house.sign_in("hq1").post("/api/hq/v1/sites", told)
    assert made.status == 201, made.body
    return made.json["site"]["id"]


EVERYTHING = """async () => {
  const got = (asked) => new Promise((resolve, reject) => {
    asked.onsuccess = () => resolve(asked.result)
    asked.onerror = () => reject(asked.error)
  })
  let told = JSON.stringify([localStorage, sessionStorage])
  for (const { name } of await indexedDB.databases()) {
    const held = await got(indexedDB.open(name))
    for (const store of held.objectStoreNames)
      told += JSON.stringify(await got(held.transaction(store).objectStore(store).getAll()))
    held.close()
  }
  for (const name of await caches.keys()) {
    const cache = await caches.open(name)
    for (const one of await cache.keys()) if (one.url.includes('/api/')) told += await (await cache.match(one)).text()
  }
  return told
}"""
"""All that a page's phone keeps, as one text."""


def begin_problem(page: Page) -> None:
    """The open form, from the first screen; the site stands there already."""
    on.tab(page, "今日")
    page.get_by_role("link", name="反映问题").click()
    expect(page.get_by_role("main")).to_contain_text(SITE)
    page.get_by_role("radio", name="用电").check()
    page.get_by_label("什么问题").fill(TEXT)


def blow(page: Page) -> None:
    """The form is handed in, and the list is shown."""
    page.get_by_role("button", name="吹哨", exact=True).click()
    page.wait_for_url("**/m/#/issues")


def issues_of(house, username):
    """What this person's phone has raised, revision by revision."""
    return [one for one in on.revisions(house, username) if one.type == "issue"]


def written(house):
    """What has arrived of the problem that is written on a phone here."""
    return [one for one in issues_of(house, "field1") if one.body["text"] == TEXT]


def raised(house, site, *, by="field1", text=TEXT):
    """A problem of this person's, called to the department by headquarters."""
    just_now = now().isoformat()
    issue_id = str(uuid7())
    told = {
        "site_id": site,
        "category": "power",
        "text": text,
        "raised_at": just_now,
        "captured_at": just_now,
    }
    made = house.sign_in(by).put(f"/api/v1/issues/{issue_id}", told)
    assert made.status == 201, made.body
    assign = {"id": str(uuid7()), "kind": "assign", "lead_unit_id": str(house.world.department.id)}
    called = house.sign_in("hq1").post(f"/api/v1/issues/{issue_id}/events", assign)
    assert called.json["state"] == "called", called.body
    return issue_id


def card(house, issue_id, *, of="field1"):
    return house.sign_in(of).get(f"/api/v1/issues/{issue_id}").json


def opened(page: Page, box: str, text: str) -> None:
    """A problem of one of the boxes, in full."""
    on.tab(page, "今日")
    page.get_by_role("link", name="我的问题").click()
    page.get_by_role("list", name=box).get_by_role("link").filter(has_text=text).click()
    expect(page.get_by_role("heading", name=text)).to_be_visible()


def act(page: Page, word: str, text: str | None = None) -> None:
    """One of the buttons of a problem, with what there is to say."""
    page.get_by_role("button", name=word, exact=True).click()
    sheet = page.get_by_role("dialog", name=word)
    if text is not None:
        sheet.get_by_role("textbox").fill(text)
    sheet.get_by_role("button", name=word, exact=True).click()
    expect(sheet).to_be_hidden()


def test_one_written_without_a_line_survives_its_page_and_arrives_once(house, site, phone, sign_in_on_phone):
    page = sign_in_on_phone(phone, "field1")
    page.context.set_offline(True)
    begin_problem(page)
    on.shoot(page)

    page = on.killed(page)
    page.get_by_role("link", name="继续填写").click()
    expect(page.get_by_label("什么问题")).to_have_value(TEXT)
    expect(page.get_by_role("radio", name="用电")).to_be_checked()
    expect(page.get_by_role("button", name="查看照片")).to_have_count(1)
    blow(page)
    expect(page.get_by_role("list", name="待传")).to_contain_text("待传")
    assert written(house) == []

    page = on.killed(page)
    page.context.set_offline(False)
    on.synced(page)
    [sent] = written(house)
    [photo] = on.pictures(house, "field1")
    assert (sent.body["text"], sent.body["category"], sent.body["site_id"]) == (TEXT, "power", site)
    assert (sent.body["photo_ids"], photo.received_at is not None) == ([photo.id], True)
    assert "location" not in sent.body
    rows = on.kept(page, "outbox")
    assert {(row["id"], row["sha256"]) for row in rows} == {(sent.id, sent.sha256), (photo.id, photo.sha256)}
    assert all(row["state"] == "sent" and row["receipt"]["sha256"] == row["sha256"] for row in rows)
    on.has_read(page, "issue", sent.id)
    page.context.set_offline(True)
    opened(page, "我反映的", TEXT)
    expect(page.get_by_role("main")).to_contain_text("待分办")
    page.context.set_offline(False)


def test_a_service_check_in_raises_one_only_when_a_kind_is_chosen(house, site, phone, sign_in_on_phone):
    page = sign_in_on_phone(phone, "commissioner1")
    on.tab(page, "签到")
    page.get_by_role("radio", name="服务 / 问题").check()
    expect(page.get_by_role("radio", name="只是服务，不用部门办")).to_be_checked()
    page.get_by_role("button", name="提交签到").click()
    expect(on.arrived(page)).to_have_count(1)
    assert [one.type for one in on.revisions(house, "commissioner1")] == ["checkin"]

    on.tab(page, "签到")
    page.get_by_role("radio", name="服务 / 问题").check()
    page.get_by_role("radio", name="用水").check()
    page.get_by_role("button", name="提交签到").click()
    expect(page.get_by_role("alert")).to_contain_text("请写明什么问题")
    page.get_by_label("服务内容或问题").fill("供水管被挖断")
    page.get_by_role("button", name="提交签到").click()
    expect(on.arrived(page)).to_have_count(3)
    _, checkin, issue = sorted(on.revisions(house, "commissioner1"), key=lambda one: (one.type, one.id))
    assert checkin.body["note"] == issue.body["text"] == "供水管被挖断"
    assert (issue.body["category"], issue.body["checkin_id"]) == ("water", checkin.id)


def cut_the_next_answer(page: Page) -> None:
    """What is done about a problem arrives, and the phone hears nothing of it, once."""

    def cut(route: Route) -> None:
        route.fetch()
        route.abort("connectionreset")

    page.route(re.compile(r"/api/v1/issues/[^/]+/events"), cut, times=1)


def test_what_is_typed_without_a_line_stays_and_a_cut_answer_makes_no_second_event(
    house, site, open_context, sign_in_on_phone, watched
):
    watched.expect("net::ERR_CONNECTION_RESET")
    issue_id = raised(house, site, text="临时用电没有接")
    page = open_context(**on.PHONE, permissions=["camera"]).new_page()
    sign_in_on_phone(page, "department1")
    opened(page, "叫我们办的", "临时用电没有接")
    page.get_by_role("button", name="反馈进展").click()
    page.context.set_offline(True)
    sheet = page.get_by_role("dialog", name="反馈进展")
    sheet.get_by_role("textbox").fill("明天接电")
    expect(sheet).to_contain_text("办理需要联网")
    expect(sheet.get_by_role("button", name="反馈进展")).to_be_disabled()
    on.shoot(page)

    page = on.killed(page)
    page.get_by_role("link", name=SITE).click()
    expect(page.get_by_role("main")).to_contain_text("明天接电")
    page.get_by_role("button", name="继续填写").click()
    cut_the_next_answer(page)
    page.context.set_offline(False)
    sheet = page.get_by_role("dialog", name="反馈进展")
    expect(sheet.get_by_role("button", name="查看照片")).to_have_count(1)
    sheet.get_by_role("button", name="反馈进展").click()
    expect(sheet).to_be_hidden()
    expect(page.get_by_role("main")).to_contain_text("明天接电")
    on.synced(page)
    done = card(house, issue_id)["events"]
    assert [(one["kind"], one["text"]) for one in done[1:]] == [("reply", "明天接电")]
    [photo] = on.pictures(house, "department1")
    assert (done[1]["photo_ids"], photo.received_at is not None) == ([photo.id], True)
    assert on.kept(page, "drafts") == []


def test_the_department_reports_in_and_resolves_and_the_whistler_confirms(
    house, site, open_context, sign_in_on_phone
):
    issue_id = raised(house, site, text="围墙外的路不通")
    page = open_context(**on.PHONE).new_page()
    sign_in_on_phone(page, "department1")
    expect(page.get_by_role("link", name="我的问题")).to_contain_text("待报到")
    opened(page, "叫我们办的", "围墙外的路不通")
    act(page, "报到")
    expect(page.get_by_role("main")).to_contain_text("已报到")
    act(page, "反馈进展", "明天开工修路")
    act(page, "办结", "路已修通")
    expect(page.get_by_role("main")).to_contain_text("待确认")

    whistler = open_context(**on.PHONE).new_page()
    sign_in_on_phone(whistler, "field1")
    expect(whistler.get_by_role("link", name="我的问题")).to_contain_text("待我确认 1")
    opened(whistler, "我反映的", "围墙外的路不通")
    expect(whistler.get_by_role("main")).to_contain_text("路已修通")
    on.hears(whistler)
    act(whistler, "确认销号")
    on.was_told(whistler, "已提交")
    expect(whistler.get_by_role("main")).to_contain_text("已办结")
    closed = card(house, issue_id)
    assert (closed["state"], closed["satisfied"]) == ("closed", True)
    assert [one["kind"] for one in closed["events"]] == ["assign", "report_in", "reply", "resolve", "confirm"]
    act(whistler, "退回重办", "又塌了")
    expect(whistler.get_by_role("main")).to_contain_text("办理中")


def test_whom_to_ring_is_shown_for_a_reason_and_nothing_of_it_stays_on_the_phone(
    house, site, open_context, sign_in_on_phone
):
    issue_id = raised(house, site, text="停水，请联系老李 13806351234")
    page = sign_in_on_phone(open_context(**on.PHONE).new_page(), "department1")
    opened(page, "叫我们办的", "停水，请联系老李 138****1234")
    page.get_by_role("button", name="查看联系方式").click()
    sheet = page.get_by_role("dialog", name="查看联系方式")
    button = sheet.get_by_role("button", name="查看联系方式")
    sheet.get_by_label(re.compile("^为什么要看")).fill("接水")
    expect(button).to_be_disabled()
    sheet.get_by_label(re.compile("^为什么要看")).fill("联系现场接水")
    page.context.set_offline(True)
    expect(button).to_be_disabled()
    page.context.set_offline(False)
    button.click()
    expect(sheet).to_contain_text("停水，请联系老李 13806351234")
    assert Axe().run(page, options=WCAG).violations_count == 0
    sheet.get_by_role("button", name="关闭").click()
    expect(page.get_by_role("main")).not_to_contain_text("13806351234")
    told = page.evaluate(EVERYTHING)
    assert "138****1234" in told
    assert "13806351234" not in told
    asked = f"/api/hq/v1/audit?subject_type=issue&subject_id={issue_id}&action=issue.reveal_contacts"
    (look,) = house.sign_in("hq1").get(asked).json["items"]
    assert (look["actor_name"], look["details"]) == ("department1", {"reason": "联系现场接水"})


def test_one_is_mended_and_taken_back(house, site, phone, sign_in_on_phone):
    issue_id = raised(house, site, by="colleague", text="没有路灯")
    page = sign_in_on_phone(phone, "colleague")
    opened(page, "我反映的", "没有路灯")
    page.get_by_role("button", name="修改", exact=True).click()
    page.get_by_label("什么问题").fill("三号门没有路灯")
    page.get_by_role("button", name="保存修改并重新提交").click()
    page.wait_for_url("**/m/#/issues")
    on.synced(page)
    assert [(one.rev, one.body["text"]) for one in issues_of(house, "colleague")] == [
        (1, "没有路灯"),
        (2, "三号门没有路灯"),
    ]
    opened(page, "我反映的", "三号门没有路灯")
    page.get_by_role("button", name="撤回这条记录").click()
    sheet = page.get_by_role("dialog", name="撤回这条记录")
    sheet.get_by_label("撤回原因").fill("已经装上了")
    sheet.get_by_role("button", name="撤回这条记录").click()
    expect(on.arrived(page).filter(has_text="撤回")).to_have_count(1)
    assert card(house, issue_id, of="colleague")["state"] == "withdrawn"


def open_unit(house, name):
    """A department that stands since long ago."""
    told = {
        "name": name,
        "kind": "department",
        "parent_id": str(house.world.city.id),
        "valid_from": "2020-01-01",
    }
    made = house.sign_in("hq1").post("/api/hq/v1/units", told)
    assert made.status == 201, made.body
    return made.json["id"]


def call_of_own(page: Page, name: str) -> None:
    """One more unit of the person's choice, found by a part of its name."""
    page.get_by_role("button", name=re.compile("改派部门|加配合部门")).click()
    sheet = page.get_by_role("dialog")
    sheet.get_by_label("单位名称").fill(name[1:4])
    sheet.get_by_role("button", name=name).click()
    expect(sheet).to_be_hidden()


def test_departments_of_ones_own_choice_are_called_without_a_line(
    house, site, phone, open_context, sign_in_on_phone
):
    text = "用地和施工许可都没有办下来"
    names = [re.compile("市自然资源局.*牵头"), re.compile("建设局.*配合")]
    support = open_unit(house, "市住房和城乡建设局")
    page = sign_in_on_phone(phone, "unit1")
    begin_problem(page)
    whom = page.get_by_role("group", name="叫谁来办")
    expect(whom).to_contain_text("由招组办分办")
    expect(whom.get_by_role("button", name="改派部门")).to_be_visible()
    page.context.set_offline(True)
    page.get_by_label("什么问题").fill(text)
    call_of_own(page, "市自然资源局")
    call_of_own(page, "市住房和城乡建设局")
    expect(whom.get_by_role("listitem")).to_have_text(names)

    page = on.killed(page)
    page.get_by_role("link", name="继续填写").click()
    whom = page.get_by_role("group", name="叫谁来办")
    expect(whom.get_by_role("listitem")).to_have_text(names)
    expect(whom).to_contain_text("单位名单截至")
    blow(page)
    page.context.set_offline(False)
    on.synced(page)
    [sent] = [one for one in issues_of(house, "unit1") if one.body["text"] == text]
    assert sent.body["call"] == [str(house.world.department.id), support]
    called = card(house, sent.id, of="unit1")
    told = [(one["unit"]["id"], one["role"]) for one in called["calls"]]
    assert (called["state"], told) == ("called", [(sent.body["call"][0], "lead"), (support, "support")])
    assert called["events"][0]["facts"]["because"] == "call"

    theirs = open_context(**on.PHONE).new_page()
    sign_in_on_phone(theirs, "department1")
    opened(theirs, "叫我们办的", text)
    expect(theirs.get_by_role("button", name="报到")).to_be_visible()

    opened(page, "我反映的", text)
    page.get_by_role("button", name="修改", exact=True).click()
    expect(whom).to_contain_text("已经叫到部门，改派由招组办办理")
    expect(whom.get_by_role("button")).to_have_count(0)
    page.get_by_label("什么问题").fill(f"{text}，急")
    page.get_by_role("button", name="保存修改并重新提交").click()
    expect(page.get_by_role("list", name="我反映的")).to_contain_text(f"{text}，急")
    edited = card(house, sent.id, of="unit1")
    assert [(one["unit"]["id"], one["role"]) for one in edited["calls"]] == told
    assert "call" not in [one for one in issues_of(house, "unit1") if one.id == sent.id][-1].body


def test_the_form_shows_whom_the_route_of_a_kind_calls(house, site, phone, sign_in_on_phone):
    route = {"category": "gas", "lead_unit_id": str(house.world.department.id)}
    put = house.sign_in("hq1").put("/api/hq/v1/issues/routes", {"items": [route]})
    assert put.status == 200, put.body
    page = sign_in_on_phone(phone, "unit1")
    begin_problem(page)
    whom = page.get_by_role("group", name="叫谁来办")
    expect(whom).to_contain_text("由招组办分办")
    page.context.set_offline(True)
    page.get_by_role("radio", name="用气").check()
    expect(whom).to_contain_text("按分办路由：市自然资源局（牵头）")


def test_one_that_calls_a_closed_department_is_held_to_be_mended(house, site, phone, sign_in_on_phone):
    name, text = "市散煤治理局", "工地旁散煤燃烧"
    closed = open_unit(house, name)
    page = sign_in_on_phone(phone, "unit1")
    begin_problem(page)
    page.get_by_label("什么问题").fill(text)
    expect(page.get_by_role("button", name="改派部门")).to_be_visible()
    page.context.set_offline(True)
    call_of_own(page, name)
    blow(page)
    ended = house.sign_in("hq1").send("PATCH", f"/api/hq/v1/units/{closed}", {"valid_until": "2026-01-01"})
    assert ended.status == 200, ended.body
    page.context.set_offline(False)
    on.tab(page, "待传")
    page.get_by_role("button").filter(has_text="需处理").click()
    item = page.get_by_role("dialog")
    expect(item).to_contain_text("没有这个单位")
    item.get_by_role("button", name="修改后重新提交").click()
    whom = page.get_by_role("group", name="叫谁来办")
    expect(whom.get_by_role("listitem")).to_contain_text("名单里已没有的单位")
    whom.get_by_role("button", name="删除 名单里已没有的单位").click()
    call_of_own(page, "市自然资源局")
    page.get_by_role("button", name="保存修改并重新提交").click()
    page.wait_for_url("**/m/#/issues")
    on.synced(page)
    [sent] = [one for one in issues_of(house, "unit1") if one.body["text"] == text]
    assert card(house, sent.id, of="unit1")["lead"]["id"] == str(house.world.department.id)


def faults_of(page: Page) -> str | None:
    seen = Axe().run(page, options=WCAG)
    return str(seen.generate_report()) if seen.violations_count else None


def test_nobody_is_shut_out_of_its_screens_in_either_language(house, site, open_context, sign_in_on_phone):
    issue_id = raised(
        house, site, by="department1", text="施工道路被占，大车进不来，需要交警和城管一起来看一看现场"
    )
    page = open_context(**on.PHONE, bypass_csp=True).new_page()
    sign_in_on_phone(page, "department1")
    found = {}
    for language, act_word in (("zh", "报到"), ("en", "Report in")):
        if language == "en":
            page.goto("/m/#/me")
            page.get_by_role("radio", name="English").check()
            expect(page.get_by_role("heading", level=1)).to_have_text("Me")
            expect(page.get_by_role("banner").get_by_role("status")).to_contain_text("All sent")
        for screen in ("issue", "issues", f"issues/{issue_id}"):
            page.goto(f"/m/#/{screen}")
            page.wait_for_load_state("networkidle")
            expect(page.get_by_role("button").first).to_be_visible()
            found[f"{screen} {language}"] = faults_of(page)
            for width, letters in ((320, 100), (390, 200), (390, 100)):
                page.set_viewport_size({"width": width, "height": 844})
                page.add_style_tag(content=f"html {{ font-size: {letters}% !important }}")
                over = page.evaluate(
                    "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
                )
                small = page.evaluate(TOO_SMALL, LEAST_PX)
                found[f"{screen} {language} at {width} px, {letters} %"] = (over > 0 or small) and (
                    over,
                    small,
                )
        page.get_by_role("button", name=act_word, exact=True).click()
        expect(page.get_by_role("dialog").get_by_role("button").first).to_be_focused()
        found[f"dealing with it {language}"] = faults_of(page)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_be_hidden()
    assert not {name: fault for name, fault in found.items() if fault}
