"""Projects at the desk: lights in words, months that replace each other, a table that is tried first, and the limits."""

import re
from datetime import date, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from service.kernel.calendar import local_date, month
from service.kernel.clock import now
from tests.support.office_steps import FENCE

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("desk-projects")]
WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
LATE, WELL = "运河新能源电池项目", "水城轴承技改项目"


def months_ago(count):
    """The first day of the month so many months before this one."""
    found = month(local_date(now())).start_on
    for _ in range(count):
        found = month(found - timedelta(days=1)).start_on
    return found


def code(of):
    return f"{of:%Y-%m}"


def entered(house, name, unit, **facts):
    """A project's id."""
    told = {"name": name, "unit_id": str(unit.id)} | facts
    made = house.sign_in("hq1").post("/api/hq/v1/projects", told)
    assert made.status == 201, made.body
    return made.json["id"]


def never_started(house, name, unit=None):
    """A project that should have started five months ago: red."""
    planned = str(months_ago(5))
    return entered(house, name, unit or house.world.dongchangfu, stage="contract", planned_start_on=planned)


def reported(house, project, of, **told):
    answer = house.sign_in("hq1").put(f"/api/hq/v1/projects/{project}/months/{code(of)}", told)
    assert answer.status == 200, answer.body


def light_of(house, project):
    return house.sign_in("hq1").get(f"/api/hq/v1/projects/{project}").json["light"]["light"]


@pytest.fixture(scope="module")
def projects(house):
    """One that is late and has a site, one that is well, and one of another unit."""
    late = never_started(house, LATE)
    well = entered(house, WELL, house.world.dongchangfu, planned_start_on="2024-03-01", started_on="2024-03-08",
        stat_entered_on="2024-03-20",
    )  # fmt: skip
    reported(
        house, well, months_ago(1), completed_investment_wan="800", funds_in_place_wan="500", problem="缺少装配工",
        visible_progress="二号车间封顶",
    )  # fmt: skip
    never_started(house, "茌平铝业新材料项目", house.world.chiping)
    site = {
        "name": "电池项目工地",
        "unit_id": str(house.world.dongchangfu.id),
        "project_id": late,
        "fence": FENCE,
    }
    assert house.sign_in("hq1").post("/api/hq/v1/sites", site).status == 201
    return {"late": late, "well": well}


def listed(page):
    return page.get_by_role("table", name="项目列表")


def tell(page, **fields):
    """Fill the form of a month and save it."""
    form = page.get_by_role("dialog")
    for name, text in fields.items():
        form.get_by_label(name).fill(text)
    form.get_by_role("button", name="保存").click()
    expect(form).to_have_count(0)


def test_a_unit_office_finds_what_is_red_tells_its_month_and_sees_sums_and_light_change(
    house, projects, sign_in_at_desk
):
    project = never_started(house, "卫运河码头项目")
    page = sign_in_at_desk("unit1")
    page.get_by_role("link", name="项目", exact=True).click()
    expect(listed(page)).to_contain_text(WELL)
    expect(listed(page)).not_to_contain_text("茌平铝业")
    page.get_by_label("红黄绿灯").select_option(label="红灯")
    page.wait_for_url("**/hq/projects?light=red")
    expect(listed(page)).not_to_contain_text(WELL)
    row = listed(page).get_by_role("row", name=re.compile("卫运河码头"))
    expect(row).to_contain_text(re.compile(r"!\s*红灯：.*未开工"))
    row.get_by_role("link").click()
    light = page.get_by_role("region", name="红黄绿灯")
    expect(light).to_contain_text(re.compile("开工 · 红灯：.*个月"))

    page.get_by_role("button", name="填报月份").click()
    tell(page, 月份=code(months_ago(2)), 本月完成投资="120", 本月到位资金="1亿")
    page.get_by_role("button", name="填报月份").click()
    tell(
        page,
        月份=code(months_ago(1)),
        本月完成投资="80.5",
        未开工原因="等待环评批复",
        存在问题="电力增容未批",
    )
    months = page.get_by_role("table", name="各月填报")
    newest = months.get_by_role("row").nth(1)
    expect(newest).to_contain_text(code(months_ago(1)))
    expect(newest).to_contain_text("200.5")
    expect(newest).to_contain_text("10000")
    expect(light).to_contain_text("开工 · 绿灯：计划开工未开工，已说明原因")
    assert light_of(house, project) == "green"

    page.get_by_role("link", name="返回项目列表").click()
    page.wait_for_url("**/hq/projects?light=red")
    expect(listed(page)).not_to_contain_text("卫运河码头")
    page.get_by_label("红黄绿灯").select_option(label="不限")
    row = listed(page).get_by_role("row", name=re.compile("卫运河码头"))
    expect(row).to_contain_text("电力增容未批")
    expect(row).to_contain_text(f"80.5{code(months_ago(1))}200.510000")


def test_a_month_is_corrected_and_its_versions_stay(house, projects, sign_in_at_desk):
    project = never_started(house, "陶瓷产业园项目")
    of = code(months_ago(1))
    reported(house, project, months_ago(1), completed_investment_wan="300", problem="土方未完")
    page = sign_in_at_desk("unit1")
    page.goto(f"/hq/projects/{project}")
    page.get_by_role("button", name=f"更正 {of}").click()
    form = page.get_by_role("dialog")
    expect(form.get_by_label("本月完成投资")).to_have_value("300")
    expect(form.get_by_label("存在问题")).to_have_value("土方未完")
    tell(page, 本月完成投资="280", 存在问题="")
    expect(page.get_by_role("table", name="各月填报").get_by_role("row").nth(1)).to_contain_text("280")
    expect(page.get_by_role("status").filter(has_text="已保存")).to_have_count(1)
    page.get_by_role("button", name=f"{of} 历次填报").click()
    versions = page.get_by_role("dialog").get_by_role("table")
    expect(versions.get_by_role("row").nth(1)).to_contain_text("现行")
    expect(versions.get_by_role("row").nth(2)).to_contain_text(re.compile("被替换.*300.*土方未完"))


def test_what_is_no_amount_is_refused_in_words_and_stays_in_the_form(
    house, projects, sign_in_at_desk, watched
):
    watched.expect("status of 4")
    page = sign_in_at_desk("unit1")
    page.goto(f"/hq/projects/{projects['well']}")
    page.get_by_role("button", name=f"更正 {code(months_ago(1))}").click()
    form = page.get_by_role("dialog")
    form.get_by_label("本月完成投资").fill("不少")
    form.get_by_role("button", name="保存").click()
    expect(form.get_by_role("alert")).to_contain_text("金额")
    expect(form.get_by_label("本月完成投资")).to_have_value("不少")


def test_facts_are_amended_and_a_stage_keeps_its_day(house, projects, sign_in_at_desk):
    project = never_started(house, "阿胶产业园项目")
    page = sign_in_at_desk("unit1")
    page.goto(f"/hq/projects/{project}")
    page.get_by_role("button", name="修改", exact=True).click()
    facts = page.get_by_role("region", name="项目信息")
    day = str(months_ago(1))
    facts.get_by_label("实际开工日期").fill(day)
    facts.get_by_role("combobox", name="阶段", exact=True).select_option(label="开工")
    facts.get_by_label(re.compile("到达该阶段")).fill(day)
    facts.get_by_label("合同类别").select_option(label="正式合同")
    facts.get_by_role("button", name="增加年度").click()
    facts.get_by_label("计划投资", exact=True).fill("1.2亿")
    facts.get_by_role("button", name="保存").click()
    expect(facts).to_contain_text("正式合同")
    expect(facts).to_contain_text(f"{local_date(now()):%Y} 年：12000")
    expect(page.get_by_role("listitem").filter(has_text="由合同")).to_contain_text(day)
    shown = house.sign_in("hq1").get(f"/api/hq/v1/projects/{project}").json
    assert (shown["stage"], shown["started_on"], shown["planned_start_on"]) == (
        "started",
        day,
        str(months_ago(5)),
    )

    page.get_by_role("button", name="修改", exact=True).click()
    facts.get_by_label("计划投资", exact=True).fill("")
    facts.get_by_label("实际开工日期").fill("")
    facts.get_by_role("button", name="保存").click()
    expect(facts.get_by_role("button", name="保存")).to_have_count(0)
    shown = house.sign_in("hq1").get(f"/api/hq/v1/projects/{project}").json
    assert (shown["year_plans"], shown["started_on"]) == ([], None)


def test_a_project_is_entered_at_the_desk(house, projects, sign_in_at_desk):
    page = sign_in_at_desk("unit1")
    page.goto("/hq/projects")
    page.get_by_role("button", name="新增项目").click()
    page.get_by_label("项目名称").fill("徒骇河光伏项目")
    page.get_by_label("责任单位").select_option(label="东昌府区")
    page.get_by_label("计划开工日期").fill(str(date(2030, 1, 1)))
    page.get_by_role("button", name="保存").click()
    page.wait_for_url(re.compile("/hq/projects/[0-9a-f-]{36}$"))
    expect(page.get_by_role("heading", name="徒骇河光伏项目")).to_be_visible()


def test_a_table_of_months_is_tried_first_and_says_which_row_is_refused_and_why(
    house, projects, sign_in_at_desk
):
    project = never_started(house, "冷链物流项目")
    table = f"项目名称,月份,本月完成投资,累计完成投资,存在问题\n冷链物流项目,{code(months_ago(1))},66,9999,冷库用地未批\n没有这个项目,{code(months_ago(1))},5,,\n"
    page = sign_in_at_desk("unit1")
    page.goto("/hq/projects")
    page.get_by_role("button", name="导入月报").click()
    sheet = {"name": "月报.csv", "mimeType": "text/csv", "buffer": table.encode()}
    page.locator("input[type=file]").set_input_files(sheet)
    page.get_by_role("button", name="先试导入").click()
    refused = page.get_by_role("row", name=re.compile("没有这个项目"))
    expect(refused).to_contain_text("✕")
    expect(refused).to_contain_text("没有找到项目")
    months = house.sign_in("hq1").get(f"/api/hq/v1/projects/{project}/months").json["items"]
    assert months == []
    page.get_by_role("button", name="确认导入").click()
    row = listed(page).get_by_role("row", name=re.compile("冷链物流"))
    expect(row).to_contain_text("冷库用地未批")
    expect(row).to_contain_text("66")
    expect(row).not_to_contain_text("9999")


def test_headquarters_sets_the_limits_and_each_setting_stays(house, projects, sign_in_at_desk, watched):
    watched.expect("status of 4")
    page = sign_in_at_desk("hq1")
    page.goto("/hq/projects?light=red")
    expect(listed(page)).to_contain_text(LATE)
    page.get_by_role("button", name="红黄绿灯界限").click()
    page.get_by_label(re.compile("进度黄灯")).fill("40")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("alert")).to_contain_text("黄灯界限不能大于红灯界限")
    page.get_by_label(re.compile("进度黄灯")).fill("10")
    page.get_by_label(re.compile("连续未开工达到")).fill("12")
    page.get_by_role("button", name="保存").click()
    expect(listed(page)).not_to_contain_text(LATE)
    page.get_by_label(re.compile("连续未开工达到")).fill("3")
    page.get_by_role("button", name="保存").click()
    expect(listed(page)).to_contain_text(LATE)
    page.get_by_text("历次设定").click()
    expect(page.get_by_role("listitem").filter(has_text="连续未开工达到 12 个月")).to_have_count(1)
    page.goto(f"/hq/projects/{projects['late']}")
    expect(page.get_by_role("region", name="红黄绿灯")).to_contain_text(re.compile("按第 [2-9] 次设定"))


def test_limits_that_are_typed_right_after_saving_stay(house, projects, sign_in_at_desk):
    page = sign_in_at_desk("hq1")
    before = house.sign_in("hq1").get("/api/hq/v1/projects/lights/limits").json["limits"]
    page.goto("/hq/projects")
    page.get_by_role("button", name="红黄绿灯界限").click()
    yellow = page.get_by_label(re.compile("进度黄灯"))
    yellow.fill("9")
    late = []
    page.route(
        "**/lights/limits", lambda one: one.continue_() if one.request.method == "PUT" else late.append(one)
    )
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status").filter(has_text="已保存")).to_have_count(1)
    yellow.fill("8")
    for asked in late:
        with page.expect_response("**/lights/limits"):
            asked.continue_()
    page.get_by_text("历次设定").click()
    expect(yellow).to_have_value("8")
    told = {"limits": {one["code"]: one["value"] for one in before}}
    assert house.sign_in("hq1").put("/api/hq/v1/projects/lights/limits", told).status == 200


def test_who_only_reads_is_offered_nothing_to_write(projects, sign_in_at_desk):
    page = sign_in_at_desk("leader1")
    page.goto("/hq/projects")
    expect(listed(page)).to_contain_text(LATE)
    for name in ("导入月报", "新增项目", "红黄绿灯界限"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    listed(page).get_by_role("link", name=LATE).click()
    expect(page.get_by_role("link", name="电池项目工地 签到记录")).to_be_visible()
    for name in ("修改", "填报月份"):
        expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)


def test_a_month_gone_by_is_shown_as_of_its_end(projects, sign_in_at_desk):
    page = sign_in_at_desk("unit1")
    page.goto("/hq/projects")
    row = listed(page).get_by_role("row", name=re.compile(WELL))
    expect(row).to_contain_text("800")
    page.get_by_label("月份", exact=True).fill(code(months_ago(2)))
    page.wait_for_url(f"**/hq/projects?month={code(months_ago(2))}")
    expect(page.get_by_text(f"按 {code(months_ago(2))} 月末")).to_be_visible()
    expect(row).not_to_contain_text("800")


def test_the_progress_sheet_is_exported_with_the_filters_on_the_screen(projects, sign_in_at_desk):
    page = sign_in_at_desk("unit1")
    page.goto("/hq/projects?light=red")
    page.get_by_role("link", name="导出重点项目进展表").click()
    expect(page.get_by_label("导出什么")).to_have_value("projects_xlsx")
    expect(page.get_by_text("红黄绿灯：红灯")).to_be_visible()
    page.get_by_role("button", name="开始导出").click()
    expect(page.get_by_role("link", name="manifest.json")).to_be_visible(timeout=60_000)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nobody_is_shut_out_of_projects(language, projects, sign_in_at_desk, open_context):
    page = sign_in_at_desk("hq1")
    if language == "en":
        page.get_by_role("button", name="Switch to English").click()
        expect(page.get_by_role("link", name="Projects", exact=True)).to_be_visible()
    # The checker is a script of its own, which our policy refuses on purpose.
    looked_at = open_context(
        storage_state=page.context.storage_state(), bypass_csp=True, viewport={"width": 1280, "height": 800}
    ).new_page()
    found = {}

    def look(what):
        looked_at.wait_for_load_state("networkidle")
        if language == "en":
            shown = looked_at.get_by_role("main").inner_text()
            assert not re.search("[\u3001-\u3011\uff01-\uff5e]", re.sub("[\u4e00-\u9fff]", "", shown)), shown
        seen = Axe().run(looked_at, options=WCAG)
        if seen.violations_count:
            found[what] = seen.generate_report()

    looked_at.goto("/hq/projects")
    look("the list")
    for name in ("导入月报|Import months", "新增项目|New project", "红黄绿灯界限|Limits of the lights"):
        looked_at.get_by_role("button", name=re.compile(f"^({name})$")).click()
        look(name)
    looked_at.goto(f"/hq/projects/{projects['well']}")
    look("one project")
    looked_at.get_by_role("button", name=re.compile("^(修改|Edit)$")).click()
    look("its form")
    looked_at.get_by_role("button", name=re.compile("^(填报月份|Report a month)$")).click()
    looked_at.get_by_role("dialog").wait_for()
    # While it fades in, its words are pale.
    looked_at.locator(".dialog-fade-enter-active").wait_for(state="detached")
    look("a month")
    assert not found, "\n".join(found.values())


@pytest.mark.parametrize("width", [390, 720, 1280, 1440])
def test_projects_fit_without_scrolling_sideways(width, projects, sign_in_at_desk):
    page = sign_in_at_desk("hq1")
    page.set_viewport_size({"width": width, "height": 844})
    wide = {}

    def measure(what):
        page.wait_for_load_state("networkidle")
        over = page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if over > 1:
            wide[what] = over

    page.goto("/hq/projects")
    for name in ("导入月报", "新增项目", "红黄绿灯界限"):
        page.get_by_role("button", name=name).click()
        measure(name)
    page.goto(f"/hq/projects/{projects['well']}")
    measure("one project")
    page.get_by_role("button", name="修改", exact=True).click()
    measure("its form")
    page.get_by_role("button", name=re.compile("^更正")).click()
    measure("a month")
    assert not wide


def test_a_month_is_told_by_keys_alone(house, projects, sign_in_at_desk):
    project = never_started(house, "键盘填报的项目")
    page = sign_in_at_desk("unit1")
    page.goto("/hq/projects")
    listed(page).get_by_role("link", name="键盘填报的项目").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/hq/projects/{project}")
    page.get_by_role("button", name="填报月份").focus()
    page.keyboard.press("Enter")
    form = page.get_by_role("dialog")
    form.get_by_label("本月完成投资").focus()
    page.keyboard.type("12.5")
    page.keyboard.press("Enter")
    expect(page.get_by_role("table", name="各月填报")).to_contain_text("12.5")
