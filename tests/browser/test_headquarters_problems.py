"""Problems at the desk: from the whistle to the end, the board and its figures, what departments see, and the settings."""

import re

import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.support.live import PASSWORD
from tests.support.office_steps import open_site
from tests.support.phone_steps import a_moment, checkin_body
from tests.support.tiny_picture import tiny_picture

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("desk-problems")]
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
SITE = "运河新能源一期工地"


@pytest.fixture(scope="module")
def site(house):
    """Where problems are told."""
    return open_site(house.sign_in("hq1"), house.world.dongchangfu.id, SITE)


def whistle(house, site, text, **facts):
    """A problem that headquarters raises."""
    told = {"category": "power", "text": text, "site_id": site} | facts
    made = house.sign_in("hq1").post("/api/hq/v1/issues", told)
    assert made.status == 201, made.body
    return made.json


def done(house, username, issue, kind, **facts):
    """Something that somebody does about it."""
    address = f"/api/hq/v1/issues/{issue['id']}/events"
    answer = house.sign_in(username).post(address, {"kind": kind} | facts)
    assert answer.status == 200, answer.body
    return answer.json


def grow_late(house, issue):
    """Forty days pass for this problem alone."""
    engine = sa.create_engine(house.database_url, poolclass=sa.NullPool)
    late = "UPDATE issues SET due_on = due_on - 40, due_at = due_at - interval '40 days' WHERE id = :id"
    with engine.begin() as connection:
        connection.execute(sa.text(late), {"id": issue["id"]})


@pytest.fixture(scope="module")
def problems(house, site):
    """One that waits, one that is late, one in progress and one that is closed; the department leads all but the first."""
    leads = {"lead_unit_id": str(house.world.department.id)}
    waiting = whistle(house, site, "办公区网络信号弱", category="other")
    late = whistle(house, site, "地块东侧未清表", category="land", severity="major")
    done(house, "hq1", late, "assign", **leads)
    grow_late(house, late)
    going = whistle(house, site, "临时用电增容未批复")
    done(house, "hq1", going, "assign", **leads)
    done(house, "department1", going, "report_in")
    closed = whistle(house, site, "进场道路限高", category="road")
    done(house, "hq1", closed, "assign", **leads)
    done(house, "department1", closed, "report_in")
    done(house, "department1", closed, "resolve", text="已开设临时通道")
    done(house, "hq1", closed, "confirm", text="电话回访属实")
    return {"waiting": waiting, "late": late, "going": going, "closed": closed}


@pytest.fixture
def department(open_context):
    """The desk of a department's officer, who begins among the problems that call the department."""
    page = open_context(viewport={"width": 1280, "height": 800}).new_page()
    page.goto("/hq/sign-in")
    page.get_by_label("用户名").fill("department1")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/hq/issues")
    return page


def act(page, name, text=None):
    """Press the button of an event, say why, and send it."""
    page.get_by_role("region", name="办理", exact=True).get_by_role("button", name=name, exact=True).click()
    form = page.get_by_role("dialog")
    if text is not None:
        form.get_by_label(re.compile("说明|计划")).fill(text)
    form.get_by_role("button", name=name, exact=True).click()
    expect(form).to_have_count(0)


def column(page, state):
    return page.get_by_role("region", name=re.compile(f"^{state}"))


def test_a_problem_goes_from_the_whistle_to_the_end(house, site, sign_in_at_desk, department):
    page = sign_in_at_desk("hq1")
    page.get_by_role("link", name="问题", exact=True).click()
    page.get_by_role("button", name="提出问题").click()
    form = page.get_by_role("dialog")
    form.get_by_label("类别").select_option(label="用水")
    form.get_by_label("说明（必填）").fill("施工用水压力不足")
    form.get_by_role("combobox", name="工地", exact=True).select_option(label=SITE)
    form.get_by_role("button", name="提出", exact=True).click()
    page.wait_for_url(re.compile("/hq/issues/[0-9a-f-]{36}$"))
    expect(page.get_by_role("region", name="问题", exact=True)).to_contain_text("待分办")

    page.get_by_role("button", name="分办", exact=True).click()
    form = page.get_by_role("dialog")
    form.get_by_label("牵头部门").select_option(label="市自然资源局")
    form.get_by_role("button", name="分办", exact=True).click()
    expect(page.get_by_role("region", name="问题", exact=True)).to_contain_text("待报到")
    expect(page.get_by_role("table", name="办理时限")).to_contain_text("… 未到时限")

    department.reload()
    called = column(department, "待报到").get_by_role("article").filter(has_text="施工用水压力不足")
    called.get_by_role("link").click()
    expect(department.get_by_text("施工用水压力不足")).to_be_visible()
    act(department, "报到")
    act(department, "反馈进展", "三日内增压")
    act(department, "办结", "已增压")
    expect(department.get_by_text("目前没有需要您办理的事项")).to_be_visible()

    page.reload()
    page.get_by_role("button", name="确认销号").click()
    form = page.get_by_role("dialog")
    form.get_by_role("radio", name="满意", exact=True).check()
    form.get_by_role("button", name="确认销号").click()
    story = page.get_by_role("list", name="办理经过")
    expect(story.get_by_role("listitem").last).to_contain_text("确认销号")
    expect(story).to_contain_text("三日内增压")
    expect(page.get_by_role("row", name=re.compile("^办结"))).to_contain_text("✓ 按时")


def test_what_was_mended_is_shown_by_a_photo(house, site, department, watched):
    watched.expect("/renditions/thumb")  # Small pictures are made a moment later.
    watched.expect("status of 4")
    issue = whistle(house, site, "围挡倒伏", category="construction_environment")
    done(house, "hq1", issue, "assign", lead_unit_id=str(house.world.department.id))
    done(house, "department1", issue, "report_in")
    department.goto(f"/hq/issues/{issue['id']}")
    department.get_by_role("button", name="办结", exact=True).click()
    form = department.get_by_role("dialog")
    form.get_by_label("说明（必填）").fill("已扶正加固")
    picture = {"name": "after.jpg", "mimeType": "image/jpeg", "buffer": tiny_picture()}
    form.get_by_label(re.compile("^照片")).set_input_files(picture)
    expect(form).to_contain_text("after.jpg")
    form.get_by_role("button", name="办结", exact=True).click()
    story = department.get_by_role("list", name="办理经过")
    expect(story.get_by_role("listitem").last.get_by_role("button", name="照片 1")).to_be_visible()
    held = house.sign_in("hq1").get(f"/api/hq/v1/issues/{issue['id']}").json
    assert held["photos"]["missing"] == []
    assert len(held["events"][-1]["photo_ids"]) == 1


def test_the_board_tells_what_is_late_in_words_and_keeps_its_filters(problems, sign_in_at_desk):
    page = sign_in_at_desk("hq1")
    page.goto("/hq/issues")
    expect(column(page, "待分办")).to_contain_text("办公区网络信号弱")
    expect(column(page, "待报到")).to_contain_text("地块东侧未清表")
    expect(column(page, "待报到")).to_contain_text(re.compile("! 超期 已超期 \\d+ 天"))
    expect(column(page, "办理中")).to_contain_text("✓ 正常")
    expect(column(page, "已办结")).to_contain_text("进场道路限高")
    page.get_by_label("时限").select_option(label="超期")
    page.wait_for_url("**/hq/issues?due=overdue")
    page.reload()
    expect(column(page, "待报到")).to_contain_text("地块东侧未清表")
    expect(column(page, "办理中")).to_contain_text("没有问题")


def test_on_a_narrow_screen_it_is_a_list_with_a_filter_of_states(problems, sign_in_at_desk):
    page = sign_in_at_desk("hq1")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/hq/issues")
    listed = page.get_by_role("region", name="问题列表")
    expect(listed.get_by_role("article").filter(has_text="地块东侧未清表")).to_contain_text("待报到")
    page.get_by_label("状态").select_option(label="已办结")
    expect(listed.get_by_role("article").filter(has_text="进场道路限高")).to_be_visible()
    expect(listed).not_to_contain_text("地块东侧未清表")


def test_a_figure_opens_exactly_the_problems_it_counts(house, problems, sign_in_at_desk):
    table = house.sign_in("hq1").get("/api/hq/v1/issues/statistics?by=department").json
    row = next(one for one in table["items"] if one["label"] == "市自然资源局")
    page = sign_in_at_desk("hq1")
    page.goto("/hq/issues?by=department")
    shown = page.get_by_role("table", name="按部门的统计表").get_by_role(
        "row", name=re.compile("^市自然资源局")
    )
    expect(shown).to_contain_text(f"{row['rates']['response_rate']}%")
    count = row["figures"]["overdue"]["count"]
    assert count == 1
    shown.get_by_role("link", name=f"! {count}").click()
    listed = page.get_by_role("region", name="问题列表")
    expect(listed.get_by_role("article")).to_have_count(count)
    expect(listed).to_contain_text("地块东侧未清表")


def test_the_overview_leads_to_what_is_late(problems, sign_in_at_desk):
    page = sign_in_at_desk("hq1")
    task = page.get_by_role("link", name=re.compile("逾期问题"))
    expect(task).to_contain_text("1")
    task.click()
    page.wait_for_url("**/hq/issues?due=overdue")
    expect(column(page, "待报到").get_by_role("article")).to_have_count(1)


def test_headquarters_supervises_extends_and_brings_it_before_the_joint_meeting(house, site, sign_in_at_desk):
    issue = whistle(house, site, "燃气接入方案未定", category="gas")
    done(house, "hq1", issue, "assign", lead_unit_id=str(house.world.department.id))
    page = sign_in_at_desk("hq1")
    page.goto(f"/hq/issues/{issue['id']}")
    act(page, "督办", "请抓紧")
    expect(page.get_by_text("督办 1 次")).to_be_visible()
    act(page, "延期", "管线迁改需两个月")
    expect(page.get_by_role("region", name="问题", exact=True)).to_contain_text("管线迁改需两个月")
    act(page, "提交联席会议", "涉及三个部门")
    expect(page.get_by_role("region", name="问题", exact=True)).to_contain_text("联席会议协调")
    expect(page.get_by_role("button", name="提交联席会议")).to_have_count(0)


def test_what_has_changed_meanwhile_is_refused_in_words(house, site, sign_in_at_desk, watched):
    watched.expect("status of 4")
    issue = whistle(house, site, "提前办结的一条")
    page = sign_in_at_desk("hq1")
    page.goto(f"/hq/issues/{issue['id']}")
    page.get_by_role("button", name="提交联席会议").click()
    done(house, "hq1", issue, "void", text="重复")
    form = page.get_by_role("dialog")
    form.get_by_label("说明（必填）").fill("需要协调")
    form.get_by_role("button", name="提交联席会议").click()
    expect(form.get_by_role("alert")).to_contain_text("已作废")
    form.get_by_role("button", name="取消").click()
    expect(page.get_by_text("目前没有需要您办理的事项")).to_be_visible()


def test_what_was_told_at_a_site_is_raised_by_a_button(house, site, sign_in_at_desk):
    told = checkin_body(
        site, kind="service", at=a_moment("01-07 14:00"), captured_at=a_moment("01-07 14:00"),
        note="【用水】二期用水尚未接通",
    )  # fmt: skip
    sent = house.sign_in("commissioner1").put("/api/v1/checkins/0199a000-0000-7000-8000-0000000000a1", told)
    assert sent.status == 201, sent.body
    page = sign_in_at_desk("hq1")
    page.goto("/hq/issues?view=untaken")
    untaken = page.get_by_role("table", name=re.compile("尚未立项"))
    expect(untaken).to_contain_text("二期用水尚未接通")
    page.get_by_role("button", name=f"把 {sent.json['number']} 立项").click()
    page.get_by_role("dialog").get_by_role("button", name="立项").click()
    expect(page.get_by_role("status")).to_contain_text("已立项")
    expect(page.get_by_text("没有未立项的问题")).to_be_visible()
    made = house.sign_in("hq1").every(f"/api/hq/v1/issues?checkin={sent.json['id']}")
    assert [one["category"] for one in made] == ["water"]


def test_a_department_sees_what_calls_it_and_nothing_else(problems, department):
    menu = department.get_by_role("navigation", name="主菜单")
    expect(menu.get_by_role("link")).to_have_text(["问题"])
    expect(column(department, "待分办")).to_contain_text("没有问题")
    expect(column(department, "办理中")).to_contain_text("临时用电增容未批复")
    expect(department.get_by_role("button", name="提出问题")).to_have_count(0)
    column(department, "待报到").get_by_role("link").first.click()
    buttons = department.get_by_role("region", name="办理", exact=True).get_by_role("button")
    expect(buttons).to_have_text(["报到", "反馈进展"])
    department.goto("/hq/")
    department.wait_for_url("**/hq/issues")
    department.goto("/hq/overview")
    expect(department.get_by_role("alert")).to_contain_text("您的角色不能打开这一页")
    expect(department.get_by_role("main").get_by_role("link", name="问题")).to_be_visible()


def test_whom_to_ring_is_shown_for_a_reason_and_noted(house, site, department, sign_in_at_desk):
    issue = whistle(house, site, "停水 联系工地老李 13806351234", category="water")
    done(house, "hq1", issue, "assign", lead_unit_id=str(house.world.department.id))
    done(house, "hq1", issue, "supervise", text="自来水公司值班 0635-8123456")
    department.goto(f"/hq/issues/{issue['id']}")
    expect(department.get_by_text("138****1234")).to_be_visible()
    contacts = department.get_by_role("region", name="联系方式")
    button = contacts.get_by_role("button", name="查看联系方式")
    expect(button).to_be_disabled()
    contacts.get_by_label(re.compile("^查看理由")).fill("联系现场接水")
    button.click()
    expect(contacts).to_contain_text("停水 联系工地老李 13806351234")
    expect(contacts).to_contain_text("自来水公司值班 0635-8123456")
    asked = f"/api/hq/v1/audit?subject_type=issue&subject_id={issue['id']}&action=issue.reveal_contacts"
    (look,) = house.sign_in("hq1").get(asked).json["items"]
    assert look["details"] == {"reason": "联系现场接水"}
    contacts.get_by_role("button", name="收起").click()
    department.reload()
    expect(contacts.get_by_role("button", name="查看联系方式")).to_be_visible()
    expect(department.get_by_role("main")).not_to_contain_text("13806351234")
    leader = sign_in_at_desk("leader1")
    leader.goto(f"/hq/issues/{issue['id']}")
    expect(leader.get_by_text("138****1234")).to_be_visible()
    expect(leader.get_by_role("region", name="联系方式")).to_have_count(0)


def test_routes_and_limits_are_set_within_their_bounds(house, sign_in_at_desk, watched):
    watched.expect("status of 4")
    page = sign_in_at_desk("hq1")
    page.goto("/hq/issues?view=settings")
    page.get_by_label("用地 牵头部门").select_option(label="市自然资源局")
    page.locator("section", has_text="分办路由").get_by_role("button", name="保存").click()
    expect(page.get_by_role("status")).to_contain_text("已保存")
    page.get_by_label("一般问题办结（天）").fill("400")
    page.locator("section", has_text="首次反馈").get_by_role("button", name="保存").click()
    expect(page.get_by_role("alert")).to_contain_text("366")
    page.get_by_label("一般问题办结（天）").fill("9")
    page.locator("section", has_text="首次反馈").get_by_role("button", name="保存").click()
    expect(page.get_by_text(re.compile("第 1 次设定")).first).to_be_visible()
    hq = house.sign_in("hq1")
    assert hq.get("/api/hq/v1/issues/clock").json["general_days"] == 9
    led = {one["category"]: one["lead"] for one in hq.get("/api/hq/v1/issues/routes").json["items"]}
    assert led["land"]["name"] == "市自然资源局"


def test_the_ledger_is_exported_with_the_filters_on_the_screen(house, problems, sign_in_at_desk):
    page = sign_in_at_desk("hq1")
    page.goto(f"/hq/issues?category=land&state=called,in_progress&department={house.world.department.id}")
    page.get_by_role("link", name="导出问题台账").click()
    expect(page.get_by_label("导出什么")).to_have_value("problems_xlsx")
    for filtered in ("类别：用地", "状态：待报到、办理中", "部门：市自然资源局"):
        expect(page.get_by_text(filtered, exact=True)).to_be_visible()
    page.get_by_role("button", name="开始导出").click()
    expect(page.get_by_role("link", name="manifest.json")).to_be_visible(timeout=60_000)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nobody_is_shut_out_of_problems(language, problems, sign_in_at_desk, open_context):
    page = sign_in_at_desk("hq1")
    if language == "en":
        page.get_by_role("button", name="Switch to English").click()
        expect(page.get_by_role("link", name="Problems", exact=True)).to_be_visible()
    # The checker is a script of its own, which our policy refuses on purpose.
    looked_at = open_context(
        storage_state=page.context.storage_state(), bypass_csp=True, viewport={"width": 1280, "height": 800}
    ).new_page()
    found = {}
    for path in (
        "?by=department",
        "?state=closed&measure=closed",
        f"/{problems['late']['id']}",
        "?view=settings",
    ):
        looked_at.goto(f"/hq/issues{path}")
        looked_at.wait_for_load_state("networkidle")
        if language == "en":
            shown = looked_at.get_by_role("main").inner_text()
            assert not re.search("[\u3001-\u3011\uff01-\uff5e]", re.sub("[\u4e00-\u9fff]", "", shown)), shown
        seen = Axe().run(looked_at, options=WCAG)
        if seen.violations_count:
            found[path] = seen.generate_report()
    looked_at.goto(f"/hq/issues/{problems['waiting']['id']}")
    looked_at.get_by_role("button", name=re.compile("^(分办|Assign)$")).click()
    looked_at.get_by_role("checkbox").first.wait_for()
    # While it fades in, its words are pale.
    looked_at.locator(".dialog-fade-enter-active").wait_for(state="detached")
    seen = Axe().run(looked_at, options=WCAG)
    if seen.violations_count:
        found["a dialog"] = seen.generate_report()
    assert not found, "\n".join(found.values())


@pytest.mark.parametrize("width", [390, 720, 1280, 1440])
def test_problems_fit_without_scrolling_sideways(width, problems, sign_in_at_desk):
    page = sign_in_at_desk("hq1")
    page.set_viewport_size({"width": width, "height": 844})
    wide = {}
    for path in ("?by=department", "?view=untaken", "?view=settings", f"/{problems['closed']['id']}"):
        page.goto(f"/hq/issues{path}")
        page.wait_for_load_state("networkidle")
        over = page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if over > 1:
            wide[path] = over
    assert not wide


def test_a_problem_is_dealt_with_by_keys_alone(house, site, sign_in_at_desk):
    issue = whistle(house, site, "键盘办理的一条", category="policy")
    page = sign_in_at_desk("hq1")
    page.goto("/hq/issues?category=policy")
    link = column(page, "待分办").get_by_role("link")
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/hq/issues/{issue['id']}")
    page.get_by_role("button", name="作废", exact=True).focus()
    page.keyboard.press("Enter")
    form = page.get_by_role("dialog")
    form.get_by_label("说明（必填）").focus()
    page.keyboard.type("重复提出")
    form.get_by_role("button", name="作废", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="问题", exact=True)).to_contain_text("已作废")
