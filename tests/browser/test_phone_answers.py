"""What the house answers: a record that comes back is shown with its reason and what to do, and mended here."""

import hashlib
import json
import zipfile

import pytest
from playwright.sync_api import expect

from tests.browser import phone_screens as on
from tests.support.office_steps import decide

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("phone-answers")]


def kept_because(house, record_id):
    """Why bodies of this record were kept beside it."""
    asked = "SELECT because FROM kept_submissions WHERE record_id::text = :id"
    return [one.because for one in house.ask(asked, id=record_id)]


def shown_to(house, username, visit_id):
    return house.sign_in(username).get(f"/api/v1/visits/{visit_id}").json


def test_a_returned_record_comes_back_with_its_reason_and_is_mended(house, phone, sign_in_on_phone):
    page = sign_in_on_phone(phone, "field1")
    on.begin_visit(page, "东阿阿胶")
    page.get_by_label("走访目的与洽谈内容").fill("谈扩产")
    on.shoot(page)
    on.save_visit(page)
    expect(on.arrived(page)).to_have_count(1)
    [first] = on.revisions(house, "field1")
    visit = shown_to(house, "field1", first.id)
    assert decide(house.sign_in("hq1"), visit, "return", "请补写对方意见")["status"] == "applied"

    on.read_until(page, on.waiting(page).filter(has_text="被退回"))
    on.tab(page, "今日")
    page.get_by_role("button", name="退回原因：请补写对方意见").click()
    expect(page.get_by_role("status").filter(has_text="审核意见")).to_contain_text("请补写对方意见")
    expect(page.get_by_role("button", name="查看照片")).to_have_count(1)
    page.get_by_label("走访目的与洽谈内容").fill("谈扩产；对方愿意来聊城考察")
    page.get_by_role("button", name="保存修改并重新提交").click()
    page.wait_for_url("**/m/#/outbox")
    on.synced(page)
    expect(on.waiting(page)).to_have_count(0)
    assert [(one.id, one.rev) for one in on.revisions(house, "field1")] == [(first.id, 1), (first.id, 2)]
    mended = shown_to(house, "field1", first.id)
    assert (mended["review_state"], mended["summary"]) == ("submitted", "谈扩产；对方愿意来聊城考察")
    assert mended["photo_ids"] == visit["photo_ids"]
    assert len(on.pictures(house, "field1")) == 1
    on.tab(page, "今日")
    expect(page.get_by_role("main")).not_to_contain_text("请补写对方意见")


def test_a_conflict_shows_what_to_do_and_keeps_both(house, phone, sign_in_on_phone):
    page = sign_in_on_phone(phone, "field2")
    on.write_visit(page, "景阳冈酒厂", "在手机上写的")
    expect(on.arrived(page)).to_have_count(1)
    on.synced(page)
    [first] = on.revisions(house, "field2")
    on.has_read(page, "visit", first.id)

    page.context.set_offline(True)
    on.arrived(page).click()
    page.get_by_role("button", name="打开记录").click()
    page.get_by_role("button", name="修改", exact=True).click()
    page.get_by_label("走访目的与洽谈内容").fill("离线时改的")
    page.get_by_role("button", name="保存修改并重新提交").click()
    page.wait_for_url("**/m/#/outbox")
    elsewhere = first.body | {"summary": "在另一部手机上改的", "base_rev": 1}
    assert house.sign_in("field2").put(f"/api/v1/visits/{first.id}", elsewhere).status == 200
    page.context.set_offline(False)

    expect(on.waiting(page)).to_contain_text("需处理")
    expect(on.strip(page)).to_contain_text("1 条需处理")
    on.waiting(page).click()
    dialog = page.get_by_role("dialog", name="景阳冈酒厂")
    expect(dialog).to_contain_text("服务器上已有另一个版本，两份都已保留")
    assert kept_because(house, first.id) == ["conflict"]
    dialog.get_by_role("button", name="用本机的再提交").click()
    on.synced(page)
    assert [one.rev for one in on.revisions(house, "field2")] == [1, 2, 3]
    assert shown_to(house, "field2", first.id)["summary"] == "离线时改的"


def test_a_record_that_cannot_be_taken_says_why_and_a_backup_holds_it(house, phone, sign_in_on_phone):
    page = sign_in_on_phone(phone, "colleague")
    page.context.set_offline(True)
    on.begin_visit(page, "凤祥股份")
    on.shoot(page)
    on.tab(page, "待传")
    # With its page the open form is gone: nothing writes it any more.
    page.reload()
    expect(page.get_by_role("button", name="导出备份")).to_be_visible()
    [draft] = on.kept(page, "drafts")
    on.keep(page, "drafts", draft | {"mode": "by_balloon"})  # an app of another age
    on.tab(page, "走访")
    page.get_by_role("link", name="凤祥股份").click()
    on.save_visit(page)

    with page.expect_download() as download:
        page.get_by_role("button", name="导出备份").click()
    rows = on.kept(page, "outbox")
    with zipfile.ZipFile(download.value.path()) as backup:
        assert backup.testzip() is None
        manifest = json.loads(backup.read("manifest.json"))
        assert {one["op_id"] for one in manifest["records"]} == {row["op_id"] for row in rows}
        contents = {one["name"]: backup.read(one["name"]) for one in manifest["files"]}
        assert {one["name"]: one["sha256"] for one in manifest["files"]} == {
            name: hashlib.sha256(content).hexdigest() for name, content in contents.items()
        }
    [visit] = [row for row in rows if row["type"] == "visit"]
    [photo] = [row for row in rows if row["type"] == "photo"]
    assert contents[f"records/{visit['op_id']}.json"].decode() == visit["text"]
    assert hashlib.sha256(contents[f"photos/{photo['id']}.jpg"]).hexdigest() == photo["sha256"]

    page.context.set_offline(False)
    expect(on.waiting(page)).to_contain_text("需处理")
    on.waiting(page).click()
    dialog = page.get_by_role("dialog", name="凤祥股份")
    expect(dialog).to_contain_text("服务器已保留原件，但内容有误")
    assert kept_because(house, visit["id"]) == ["quarantined"]
    dialog.get_by_role("button", name="修改后重新提交").click()
    page.get_by_role("radio", name="登门拜访").check()
    page.get_by_role("button", name="保存修改并重新提交").click()
    on.synced(page)
    [sent] = on.revisions(house, "colleague")
    assert (sent.id, sent.body["mode"]) == (visit["id"], "door_to_door")
    assert [one.received_at is not None for one in on.pictures(house, "colleague")] == [True]
