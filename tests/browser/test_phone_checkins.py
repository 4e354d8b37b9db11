"""A check-in is three taps, with a position where the phone gives one."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import phone_screens as on
from tests.browser.conftest import LIAOCHENG

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("phone-answers")]
SITE = "智能制造产业园一号工地"


@pytest.fixture(scope="module", autouse=True)
def site(house):
    """A site around where the phone stands."""
    here = {"lat": LIAOCHENG["latitude"], "lng": LIAOCHENG["longitude"]}
    fence = {"kind": "circle", "datum": "wgs84", "centre": here, "radius_m": 300}
    told = {"name": SITE, "unit_id": str(house.world.dongchangfu.id), "fence": fence}
    made = house.sign_in("hq1").post("/api/hq/v1/sites", told)
    assert made.status == 201, made.body
    return made.json["site"]["id"]


def three_taps(page: Page) -> None:
    """The tab, what it is, and the button: the site stands there already."""
    on.tab(page, "签到")
    page.get_by_role("radio", name="到场").check()
    page.get_by_role("button", name="提交签到").click()
    page.wait_for_url("**/m/#/outbox")
    expect(on.arrived(page).first).to_contain_text(SITE)
    on.synced(page)


def test_it_is_three_taps_and_carries_the_position(house, site, phone, sign_in_on_phone):
    page = sign_in_on_phone(phone, "commissioner1")
    three_taps(page)
    [sent] = on.revisions(house, "commissioner1")
    assert (sent.type, sent.body["site_id"], sent.body["kind"]) == ("checkin", site, "arrive")
    where = sent.body["location"]
    assert (where["lat"], where["lng"], where["datum"]) == (36.457, 115.985, "wgs84")


def test_what_the_sites_are_sorted_by_stays_on_the_phone(phone, sign_in_on_phone):
    page = sign_in_on_phone(phone, "field1")
    on.tab(page, "签到")
    where = page.get_by_role("group", name="位置")
    expect(where).to_contain_text("在围栏内")
    expect(where).to_contain_text("按快门或提交时取一次")
    page.get_by_label("备注").fill("只在本机")
    on.tab(page, "我的")
    assert [one["fix"] for one in on.kept(page, "drafts")] == [None]
    on.tab(page, "签到")
    where.get_by_role("button", name="不带位置").click()
    expect(where).to_contain_text("这条记录不带位置")


def test_it_is_three_taps_without_a_position_too(house, open_context, sign_in_on_phone):
    page = open_context(**on.PHONE, permissions=[]).new_page()
    sign_in_on_phone(page, "colleague")
    three_taps(page)
    [sent] = on.revisions(house, "colleague")
    assert sent.body.get("location") is None
    on.tab(page, "签到")
    expect(page.get_by_role("group", name="位置")).to_contain_text("没有定位权限")


def test_progress_takes_a_photo_and_a_figure(house, site, phone, sign_in_on_phone):
    page = sign_in_on_phone(phone, "field1")
    on.tab(page, "签到")
    expect(page.get_by_role("group", name="位置")).to_contain_text("在围栏内")
    page.get_by_role("radio", name="形象进度").check()
    page.get_by_label("形象进度（%）").fill("45")
    on.shoot(page)
    page.get_by_role("button", name="提交签到").click()
    expect(on.arrived(page)).to_contain_text(SITE)
    on.synced(page)
    [sent] = on.revisions(house, "field1")
    [photo] = on.pictures(house, "field1")
    assert sent.body["progress"]["percent"] == 45
    assert sent.body["photo_ids"] == [photo.id]

    on.has_read(page, "checkin", sent.id)
    on.tab(page, "签到")
    page.get_by_role("radio", name="形象进度").check()
    expect(page.get_by_text("上次 45%")).to_be_visible()
    page.get_by_role("button", name="拍照").click()
    expect(page.get_by_label("叠加上次照片")).to_be_checked()
