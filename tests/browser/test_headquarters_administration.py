"""Administration at the desk: what is refused says why, what is shown once is shown once, what was kept is settled."""

import json
import re
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.support.office_steps import register
from tests.support.phone_steps import a_moment, send_visit, visit_body

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("desk-administration")]
TABLE = """企业名称,统一社会信用代码,类别,所在城市
鲁西智造集团有限公司,,企业,聊城
水城新能源有限公司,123,企业,聊城
"""


def add_person(page, name, username, *, by):
    page.goto("/hq/people")
    page.get_by_role("button", name="登记人员").click()
    form = page.get_by_role("dialog")
    form.get_by_label("姓名", exact=True).fill(name)
    form.get_by_label("用户名", exact=True).fill(username)
    form.get_by_role("combobox", name="单位").select_option(label="　茌平区")
    form.get_by_role("radio", name=by).check()
    form.get_by_role("button", name="登记", exact=True).click()


def enrolled(house, pin, device):
    told = {
        "pin": pin,
        "device": {"id": device, "model": "Mi 10", "platform": "android", "app_version": "1.0"},
    }
    answer = house.sign_in("field2").post("/api/v1/sessions/enrol", told)
    assert answer.status == 201, answer.body
    return answer.json


def targets_of(house):
    hq = house.sign_in("hq1")
    rows = hq.get(f"/api/hq/v1/programmes/{house.world.programme.id}/targets").json["items"]
    return {(one["unit_id"], one["line"]): one["targets"] for one in rows}


def quarantined(house, summary):
    answer = send_visit(house.sign_in("field1"), visit_body(mode="by magic", summary=summary))
    assert answer.status == 422, answer.body
    return answer.json["quarantine"]["id"]


def test_an_import_is_tried_first_and_says_which_row_is_refused_and_why(house, sign_in_at_desk):
    page = sign_in_at_desk("hq1")
    page.get_by_role("link", name="企业", exact=True).click()
    page.get_by_role("link", name="导入名单").click()
    sheet = {"name": "名单.csv", "mimeType": "text/csv", "buffer": TABLE.encode()}
    page.locator("input[type=file]").set_input_files(sheet)
    page.get_by_role("button", name="先试导入").click()
    refused = page.get_by_role("row", name=re.compile("水城新能源"))
    expect(refused).to_contain_text("✕")
    expect(refused).to_contain_text("统一社会信用代码应为 18 位")
    listed = house.sign_in("hq1").every("/api/hq/v1/enterprises?limit=100")
    assert "鲁西智造集团有限公司" not in [one["name"] for one in listed]

    page.get_by_role("button", name="确认导入").click()
    expect(page.get_by_role("status")).to_contain_text("已导入")
    page.goto("/hq/enterprises?q=鲁西智造")
    expect(page.get_by_role("button", name="鲁西智造集团有限公司")).to_be_visible()
    page.goto("/hq/enterprises?q=水城新能源")
    expect(page.get_by_text("没有记录")).to_be_visible()


def test_a_person_comes_in_by_the_code_that_is_shown_once(house, sign_in_at_desk):
    page = sign_in_at_desk("hq1")
    add_person(page, "新来的甲", "newcomer1", by="扫码或登记码")
    shown = page.get_by_role("dialog")
    picture = shown.get_by_role("img", name="登记二维码")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    pin = shown.get_by_label("登记码", exact=True).inner_text()
    page.get_by_role("button", name="已交本人").click()
    expect(page.get_by_text(pin)).to_have_count(0)
    assert enrolled(house, pin, "phone-of-newcomer-1")["user"]["username"] == "newcomer1"

    page.get_by_role("button", name="新来的甲").click()
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("Mi 10")
    drawer.get_by_role("button", name="停用设备").click()
    drawer.get_by_role("button", name="确认停用").click()
    expect(drawer).to_contain_text(re.compile("✕ .*已停用"))


def test_a_one_time_password_is_shown_once_and_has_to_be_changed(house, sign_in_at_desk):
    page = sign_in_at_desk("hq1")
    add_person(page, "新来的乙", "newcomer2", by="一次性密码")
    password = page.get_by_label("一次性密码", exact=True).inner_text()
    page.get_by_role("button", name="已交本人").click()
    expect(page.get_by_text(password)).to_have_count(0)
    told = {"username": "newcomer2", "password": password}
    answer = house.sign_in("field2").post("/api/v1/sessions", told)
    assert (answer.status, answer.json["user"]["must_change_password"]) == (201, True)


def test_a_user_name_that_is_taken_is_refused_in_words(house, sign_in_at_desk, watched):
    watched.expect("status of 4")
    page = sign_in_at_desk("hq1")
    add_person(page, "同名的丙", "field1", by="扫码或登记码")
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("用户名")


def test_targets_that_fall_are_refused_at_their_cell_and_the_sum_is_held_against_the_city(
    house, sign_in_at_desk, watched
):
    watched.expect("status of 4")
    page = sign_in_at_desk("hq1")
    page.goto(f"/hq/programmes/{house.world.programme.id}?tab=targets")
    cells = page.get_by_role("table", name="目标")

    def cell(unit, level):
        return cells.get_by_label(re.compile(f"^{unit} 千.* {level}$"))

    expect(cell("全市", "工作目标")).to_have_value("1000")
    cell("东昌府区", "计划目标").fill("300")
    cell("东昌府区", "工作目标").fill("200")
    page.get_by_role("button", name=re.compile("^保存")).click()
    expect(page.get_by_role("alert")).to_contain_text("东昌府区")
    expect(page.get_by_role("alert")).to_contain_text("计划目标 300 高于工作目标 200")
    expect(cell("东昌府区", "计划目标")).to_have_attribute("aria-invalid", "true")
    key = (str(house.world.dongchangfu.id), "thousand")
    assert key not in targets_of(house)

    cell("东昌府区", "计划目标").fill("180")
    cell("茌平区", "工作目标").fill("800")
    expect(cells.get_by_role("row", name=re.compile("合计"))).to_contain_text("✓ 一致")
    expect(cells.get_by_role("row", name=re.compile("合计"))).to_contain_text("! 缺 720")
    page.get_by_role("button", name=re.compile("^保存")).click()
    expect(page.get_by_role("status")).to_contain_text("已保存")
    assert targets_of(house)[key] == {"baseline": 180, "working": 200, "striving": None}


def test_amounts_of_a_month_are_entered_refused_at_their_row_and_imported(house, sign_in_at_desk, watched):
    watched.expect("status of 4")
    page = sign_in_at_desk("hq1")
    page.goto("/hq/indicators?month=2026-03")
    page.get_by_text("新增指标").click()
    page.get_by_label("中文名称").fill("到位资金")
    page.get_by_label("英文名称").fill("Funds in place")
    page.get_by_label("计量单位").fill("亿元")
    page.get_by_label(re.compile("^代码")).fill("funds")
    page.get_by_role("button", name="新增", exact=True).click()
    table = page.get_by_role("table", name="到位资金")
    table.get_by_label("东昌府区 计划目标").fill("9.5")
    table.get_by_label("东昌府区 工作目标").fill("8")
    page.get_by_role("button", name="保存（2 处修改）").click()
    expect(page.get_by_role("alert")).to_contain_text("东昌府区")
    expect(table.get_by_label("东昌府区 工作目标")).to_have_attribute("aria-invalid", "true")
    table.get_by_label("东昌府区 工作目标").fill("10")
    table.get_by_label("东昌府区 完成数").fill("5")
    page.get_by_role("button", name="保存（3 处修改）").click()
    expect(page.get_by_role("status")).to_have_text("已保存")
    expect(table.get_by_role("row", name=re.compile("^东昌府区"))).to_contain_text("50.00%")

    page.get_by_role("button", name="导入表格").click()
    sheet = "单位,工作目标,完成数\n茌平区,20,4\n没有的单位,1,1\n"
    page.locator("input[type=file]").set_input_files(
        {"name": "三月.csv", "mimeType": "text/csv", "buffer": sheet.encode()}
    )
    page.get_by_role("button", name="先试导入").click()
    expect(page.get_by_role("row", name=re.compile("退回"))).to_contain_text("没有")
    expect(table.get_by_label("茌平区 工作目标")).to_have_value("")
    page.get_by_role("button", name="确认导入").click()
    expect(table.get_by_label("茌平区 工作目标")).to_have_value("20")
    held = house.sign_in("hq1").get("/api/hq/v1/indicators/funds/amounts?period=month&on=2026-03-01").json
    amounts = {one["name"]: (one["working"], one["actual"]) for one in held["items"]}
    assert (amounts["东昌府区"], amounts["茌平区"]) == (("10", "5"), ("20", "4"))


def test_a_quarantined_body_is_corrected_and_taken(house, sign_in_at_desk):
    kept_id = quarantined(house, "需要更正的一条")
    page = sign_in_at_desk("hq1")
    page.get_by_role("link", name="待处理原件").click()
    listed = page.get_by_role("table", name="待处理原件")
    expect(listed).to_contain_text("走访方式")
    expect(listed).not_to_contain_text("/mode")
    page.goto(f"/hq/kept?one={kept_id}")
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_label("收到的原件")).to_contain_text("需要更正的一条")
    drawer.get_by_role("radio", name="更正后采用").check()
    wrong = drawer.get_by_label("走访方式")
    expect(wrong).to_have_value("by magic")
    drawer.get_by_text("更正后的内容（JSON）").first.click()
    whole = drawer.get_by_role("textbox", name="更正后的内容")
    body = json.loads(whole.input_value())
    whole.fill("{")
    expect(wrong).to_be_disabled()
    drawer.get_by_role("button", name="处理", exact=True).click()
    expect(drawer.get_by_role("alert")).to_contain_text("不是合法的 JSON")
    whole.fill(json.dumps(body))
    wrong.select_option(label="来访接待")
    assert json.loads(whole.input_value()) == body | {"mode": "reception"}
    drawer.get_by_role("button", name="处理", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("更正后采用")
    whole = house.sign_in("hq1").get(f"/api/hq/v1/kept/{kept_id}").json["kept"]
    assert whole["settlement"] == "repaired"


def test_a_conflict_is_shown_beside_what_the_server_has(house, sign_in_at_desk):
    phone, visit_id = house.sign_in("field1"), uuid4()
    first = visit_body(
        summary="第一版", visited_at=a_moment("01-08 09:30"), captured_at=a_moment("01-08 10:00")
    )
    send_visit(phone, first, visit_id)
    send_visit(phone, {**first, "summary": "第二版", "base_rev": 1}, visit_id)
    stale = send_visit(phone, {**first, "summary": "旧版改动", "base_rev": 1}, visit_id)
    assert stale.status == 409
    page = sign_in_at_desk("hq1")
    page.goto("/hq/kept?because=conflict")
    page.get_by_role("table", name="待处理原件").get_by_role("button").first.click()
    drawer = page.get_by_role("dialog")
    difference = drawer.get_by_role("row", name="走访目的与洽谈内容")
    expect(difference).to_contain_text("第二版")
    expect(difference).to_contain_text("旧版改动")
    expect(drawer.get_by_label("服务器上的", exact=True)).to_contain_text("第二版")
    drawer.get_by_role("radio", name="保留服务器版本").check()
    drawer.get_by_role("button", name="处理", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("保留服务器版本")
    assert phone.get(f"/api/v1/visits/{visit_id}").json["summary"] == "第二版"


def test_a_free_entry_is_matched_with_the_register(house, sign_in_at_desk):
    known = register(house.sign_in("hq1"), "运河重工股份有限公司", kind="enterprise")
    written = {"name": "运河重工（聊城分公司）"}
    visit = send_visit(
        house.sign_in("field1"),
        visit_body(
            enterprise=written, visited_at=a_moment("01-12 09:30"), captured_at=a_moment("01-12 10:00")
        ),
    ).json
    page = sign_in_at_desk("hq1")
    page.get_by_role("link", name="未匹配").click()
    page.get_by_role("row", name=re.compile("运河重工")).get_by_role("button").click()
    page.get_by_role("button", name="就是它 运河重工股份有限公司").click()
    expect(page.get_by_role("status")).to_contain_text("已对应到：运河重工股份有限公司")
    assert house.sign_in("hq1").get(f"/api/hq/v1/visits/{visit['id']}").json["enterprise_id"] == known


def test_a_month_is_drawn_from_and_what_calling_back_found_is_noted(house, sign_in_at_desk):
    day = {"visited_at": a_moment("02-10 09:30"), "captured_at": a_moment("02-10 10:00")}
    assert send_visit(house.sign_in("field2"), visit_body(**day)).status == 201
    page = sign_in_at_desk("inspector1")
    page.get_by_role("link", name="抽查").click()
    page.get_by_role("button", name="抽取").click()
    page.get_by_label("月份").fill(day["visited_at"][:7])
    page.locator("form").get_by_role("button", name="抽取").click()
    drawn = page.get_by_role("table", name="抽到的走访")
    drawn.get_by_role("button", name=re.compile("记录结果")).first.click()
    form = page.get_by_role("dialog")
    form.get_by_role("radio", name="属实").check()
    form.get_by_role("button", name="保存").click()
    expect(drawn).to_contain_text("✓ 属实")


def test_who_may_not_administer_reads_and_changes_nothing(house, sign_in_at_desk):
    page = sign_in_at_desk("leader1")
    page.goto("/hq/people")
    expect(page.get_by_role("button", name="field1")).to_be_visible()
    expect(page.get_by_role("button", name="登记人员")).to_have_count(0)
    page.goto("/hq/kept")
    expect(page.get_by_role("alert")).to_contain_text("您的角色不能打开这一页")
