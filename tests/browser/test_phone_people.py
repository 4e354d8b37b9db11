"""Who uses a phone: coming in by link or name, and whose records wait when somebody else holds it."""

from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser import phone_screens as on
from tests.support.live import PASSWORD

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("phone-people")]


@pytest.fixture
def newcomer(house):
    """A person without a password yet, and headquarters' desk."""
    desk = house.sign_in("admin")
    name = f"newcomer{uuid4().hex}"
    told = {
        "username": name,
        "name": "刘洋",
        "unit_id": str(house.world.dongchangfu.id),
        "roles": ["field_staff"],
    }
    made = desk.post("/api/hq/v1/people", told)
    assert made.status == 201, made.body
    return desk, made.json


def test_a_phone_is_enrolled_by_a_link(house, phone, watched, newcomer):
    watched.expect("status of 401")
    desk, person = newcomer
    pin = desk.post(f"/api/hq/v1/people/{person['id']}/enrolments").json["pin"]
    phone.goto(f"/m/#/enrol?pin={pin}")
    phone.get_by_role("button", name="登记这部手机").click()
    phone.wait_for_url("**/m/#/today")
    on.synced(phone)
    on.tab(phone, "我的")
    expect(phone.get_by_role("main")).to_contain_text("刘洋")
    on.write_visit(phone, "信发集团")
    expect(on.arrived(phone)).to_contain_text("信发集团")
    [sent] = on.revisions(house, person["username"])
    [device] = house.ask("SELECT device_id FROM record_revisions WHERE record_id::text = :id", id=sent.id)
    assert house.ask("SELECT 1 FROM enrolment_pins WHERE used_on_device = :device", device=device.device_id)

    phone.goto(f"/m/#/enrol?pin={pin}")
    phone.get_by_role("button", name="登记这部手机").click()
    expect(phone.get_by_role("alert")).not_to_be_empty()


def test_a_one_time_password_opens_nothing_but_its_change(phone, watched, newcomer):
    watched.expect("status of 403")
    desk, person = newcomer
    given = desk.post(f"/api/hq/v1/people/{person['id']}/password").json["one_time_password"]
    phone.goto("/m/")
    on.fill_in(phone, person["username"], given)
    expect(phone.get_by_role("heading", name="首次登录，请修改密码")).to_be_visible()
    phone.goto("/m/#/visit")
    expect(phone.get_by_role("heading", name="首次登录，请修改密码")).to_be_visible()
    phone.get_by_label("现在的密码").fill(given)
    phone.get_by_label("新密码", exact=True).fill(PASSWORD)
    phone.get_by_label("再输一次新密码").fill(PASSWORD)
    phone.get_by_role("button", name="修改密码").click()
    phone.wait_for_url("**/m/#/today")
    on.synced(phone)


def test_a_wrong_password_is_told_in_words(phone, watched):
    watched.expect("status of 401")
    phone.goto("/m/")
    on.fill_in(phone, "field1", "not the password")
    expect(phone.get_by_role("alert")).to_contain_text("密码")


def full_outbox(page: Page) -> None:
    """Two visits, one of them with a photo, and no line."""
    on.begin_visit(page, "时风集团")
    on.shoot(page)
    on.save_visit(page)
    on.write_visit(page, "泉林纸业")
    expect(on.waiting(page)).to_have_count(2)


def test_an_expired_sign_in_stops_the_outbox_and_loses_nothing(house, phone, watched, sign_in_on_phone):
    watched.expect("status of 401")
    page = sign_in_on_phone(phone, "field1")
    page.context.set_offline(True)
    full_outbox(page)
    on.forget_sign_ins(house, "field1")
    page.context.set_offline(False)
    expect(page.get_by_role("alert")).to_contain_text("记录都在本机")
    expect(on.waiting(page)).to_have_count(2)
    assert on.revisions(house, "field1") == []

    # A colleague borrows the phone.
    page.get_by_role("link", name="去登录").click()
    expect(page.get_by_text("本机还有 3 条未上传的记录")).to_be_visible()
    on.fill_in(page, "colleague")
    page.wait_for_url("**/m/#/outbox")
    expect(page.get_by_text("本机另有他人的 3 条未上传记录")).to_be_visible()
    expect(page.get_by_text("时风集团")).to_have_count(0)
    on.write_visit(page, "中通客车")
    expect(on.arrived(page)).to_have_count(1)
    expect(page.get_by_role("main")).not_to_contain_text("泉林纸业")
    assert on.revisions(house, "field1") == []
    [borrowed] = on.revisions(house, "colleague")
    assert borrowed.body["enterprise"]["name"] == "中通客车"
    # Who leaves while the phone still thinks that something waits is asked first.
    on.synced(page)
    on.tab(page, "我的")
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url("**/m/#/sign-in")

    on.fill_in(page, "field1")
    on.tab(page, "待传")
    expect(on.arrived(page)).to_have_count(2)
    on.synced(page)
    expect(page.get_by_role("main")).not_to_contain_text("中通客车")
    assert sorted(one.body["enterprise"]["name"] for one in on.revisions(house, "field1")) == [
        "时风集团",
        "泉林纸业",
    ]
    [photo] = on.pictures(house, "field1")
    assert photo.received_at is not None
    assert len(on.revisions(house, "colleague")) == 1
