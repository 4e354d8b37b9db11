"""A day without a signal: nothing is lost when the phone kills the page or itself, and everything arrives once."""

import re

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.browser import phone_screens as on

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("phone-offline")]
SUMMARY = "没有信号，先记下：有意扩建二期"


def write_without_a_line(page: Page, enterprise: str) -> None:
    """A form with a bit of everything, and a photo."""
    on.begin_visit(page, enterprise)
    page.get_by_label("走访目的与洽谈内容").fill(SUMMARY)
    page.get_by_role("radio", name="有意向").check()
    page.get_by_role("textbox", name="意向金额").fill("1.2")
    page.get_by_role("radio", name="亿元").check()
    page.get_by_role("button", name="添加接待人").click()
    page.get_by_label("接待人 1 姓名").fill("王建国")
    on.shoot(page)
    page.get_by_label("下一步打算").fill("下周再来")
    page.get_by_role("button", name="取一次位置").or_(page.get_by_role("button", name="重新取")).click()
    expect(page.get_by_role("group", name="位置")).to_contain_text("已取得")
    # The promise is 200 ms from a change to the disk, on a phone that does nothing else.
    on.until(page, lambda: is_on_disk(page), "the form is not on the disk")


def is_on_disk(page: Page) -> bool:
    """What was filled in last is kept, and with it all before."""
    return any(row.get("next_step") == "下周再来" and row["fix"] for row in on.kept(page, "drafts"))


def all_is_there(page: Page) -> None:
    """The form as it was left."""
    expect(page.get_by_label("走访目的与洽谈内容")).to_have_value(SUMMARY)
    expect(page.get_by_role("radio", name="有意向")).to_be_checked()
    expect(page.get_by_role("textbox", name="意向金额")).to_have_value("1.2")
    expect(page.get_by_role("radio", name="亿元")).to_be_checked()
    expect(page.get_by_label("接待人 1 姓名")).to_have_value("王建国")
    expect(page.get_by_role("button", name="查看照片")).to_have_count(1)
    expect(page.get_by_label("下一步打算")).to_have_value("下周再来")


def test_a_visit_written_without_a_line_survives_its_page_and_arrives_once(house, phone, sign_in_on_phone):
    page = sign_in_on_phone(phone, "field1")
    page.context.set_offline(True)
    write_without_a_line(page, "胡杨装备")

    page = on.killed(page)
    expect(on.strip(page)).to_contain_text("离线")
    page.get_by_role("link", name="胡杨装备").click()
    all_is_there(page)
    on.save_visit(page)
    expect(on.waiting(page)).to_have_count(1)
    assert on.revisions(house, "field1") == []

    page = on.killed(page)
    on.tab(page, "待传")
    expect(on.waiting(page)).to_contain_text("照片 0/1")
    page.context.set_offline(False)
    expect(on.arrived(page)).to_contain_text("胡杨装备")
    expect(on.waiting(page)).to_have_count(0)
    on.synced(page)

    [sent] = on.revisions(house, "field1")
    [photo] = on.pictures(house, "field1")
    assert sent.body["summary"] == SUMMARY
    assert sent.body["amount_wan"] == "12000"
    assert sent.body["hosts"] == [{"name": "王建国"}]
    assert sent.body["photo_ids"] == [photo.id]
    assert sent.body["location"]["datum"] == "wgs84"
    assert photo.received_at is not None
    rows = on.kept(page, "outbox")
    assert {(row["id"], row["sha256"]) for row in rows} == {(sent.id, sent.sha256), (photo.id, photo.sha256)}
    assert all(row["state"] == "sent" and row["receipt"]["sha256"] == row["sha256"] for row in rows)
    assert on.kept(page, "drafts") == []


def test_a_phone_whose_battery_dies_has_kept_what_it_said_it_kept(house, profile, watched):
    watched.expect("status of 401")
    page = on.sign_in(profile.start(watched).new_page(), "field2")
    on.kept_for_offline(page)
    page.context.set_offline(True)
    write_without_a_line(page, "临清轴承")
    on.save_visit(page)
    on.begin_visit(page, "鲁西化工")
    on.shoot(page)

    profile.battery_dies()
    again = profile.start(watched)
    # Browsers write cookies when they like: here the sign-in is gone; what was kept is not.
    again.clear_cookies()
    page = again.new_page()
    page.goto("/m/")
    page.get_by_role("link", name="鲁西化工").click()
    expect(page.get_by_role("button", name="查看照片")).to_have_count(1)
    page.goto("/m/#/sign-in")
    expect(page.get_by_text("本机还有 2 条未上传的记录")).to_be_visible()
    on.fill_in(page, "field2")
    on.tab(page, "待传")
    expect(on.arrived(page)).to_contain_text("临清轴承")
    on.synced(page)
    [sent] = on.revisions(house, "field2")
    assert sent.body["enterprise"]["name"] == "临清轴承"
    [photo] = on.pictures(house, "field2")
    assert (sent.body["photo_ids"], photo.received_at is not None) == ([photo.id], True)


class Pieces:
    """The pieces a page sends; after so many the line is cut."""

    def __init__(self, page: Page, *, until_cut: int | None) -> None:
        self.offsets: list[int] = []
        self._left = until_cut
        page.route(re.compile(r"/api/v1/photos/[^/]+/tus"), self._pass)

    def _pass(self, route: Route, request: Request) -> None:
        if request.method != "PATCH":
            return route.fallback()
        if self._left is not None and len(self.offsets) >= self._left:
            return route.abort("connectionreset")
        self.offsets.append(int(request.headers["upload-offset"]))
        return route.continue_()


def test_an_upload_goes_on_where_the_line_broke(house, open_context, watched):
    watched.expect("net::ERR_CONNECTION_RESET")
    page = open_context(**on.PHONE).new_page()
    # A web view without workers: nobody else could send on while this page is gone.
    page.context.add_init_script("delete Navigator.prototype.serviceWorker")
    on.sign_in(page, "colleague")
    first = Pieces(page, until_cut=1)
    on.begin_visit(page, "信源集团")
    on.pick(page, on.grainy_picture())
    on.save_visit(page)
    on.waiting(page).click()
    expect(page.get_by_role("dialog", name="信源集团")).to_contain_text("不用做什么")
    expect(page.get_by_role("dialog", name="信源集团")).to_contain_text(re.compile(r"0/1 · 2\d\d KB / "))
    [photo] = on.pictures(house, "colleague")
    assert (photo.received_at, first.offsets) == (None, [0])

    page = on.ended(page).new_page()
    second = Pieces(page, until_cut=None)
    page.goto("/m/")
    on.tab(page, "待传")
    expect(on.arrived(page)).to_contain_text("信源集团")
    on.synced(page)
    [sent] = on.revisions(house, "colleague")
    [photo] = on.pictures(house, "colleague")
    assert sent.body["photo_ids"] == [photo.id]
    assert photo.received_at is not None
    assert second.offsets
    assert min(second.offsets) > 0
