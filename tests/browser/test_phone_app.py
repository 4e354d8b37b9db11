"""The app itself: on the phone without a line, replaced only when the person agrees, in both languages."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser import phone_screens as on
from tests.support.live import ROOT, LiveHouse, live_house

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("phone-pages")]
SCREENS = {
    "today": "Today", "visit": "Visit", "checkin": "Site record", "outbox": "Unsent", "me": "Me", "records": "My records",
    "looked": "Who looked at my position", "install": "Install", "password": "Change password",
}  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built apps, to be replaced by newer ones."""
    copy = tmp_path_factory.mktemp("built") / "dist"
    shutil.copytree(ROOT / "web" / "dist", copy)
    return copy


@pytest.fixture(scope="module")
def house(
    built: Path, quiet_postgres_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LiveHouse]:
    """A house that serves them."""
    extra = {"QIANBAI_WEB_DIST": str(built)}
    with live_house(quiet_postgres_url, tmp_path_factory.mktemp("house"), extra=extra) as made:
        yield made


def test_it_opens_without_a_line_and_finds_enterprises(house, phone, sign_in_on_phone):
    made = house.sign_in("hq1").post(
        "/api/hq/v1/enterprises", {"name": "浪潮集团有限公司", "kind": "enterprise"}
    )
    assert made.status == 201, made.body
    page = sign_in_on_phone(phone, "field1")
    page.context.set_offline(True)
    page.reload()
    expect(on.strip(page)).to_contain_text("离线")
    on.tab(page, "走访")
    page.get_by_label("走访哪家企业").fill("lcjt")
    page.get_by_role("list", name="查找企业").get_by_role("button", name="浪潮集团").click()
    expect(page.get_by_role("heading", name="浪潮集团有限公司")).to_be_visible()


def test_a_newer_version_waits_until_the_person_agrees(built, phone, sign_in_on_phone):
    page = sign_in_on_phone(phone, "field2")
    on.begin_visit(page, "冠洲股份")
    index, worker = built / "m" / "index.html", built / "m" / "sw.js"
    index.write_text(index.read_text().replace("<head>", '<head><meta name="newer" content="yes">'))
    [script] = re.findall(r'src="/m/(assets/index-[^"]+\.js)"', index.read_text())
    shutil.copy(built / "m" / script, built / "m" / "assets" / "index-newer.js")
    index.write_text(index.read_text().replace(script, "assets/index-newer.js"))
    # The browser may look for a newer worker by itself at any moment: it finds the old one or the whole new one.
    newer = worker.with_name("newer.js")
    newer.write_text(worker.read_text().replace(script, "assets/index-newer.js"))
    newer.replace(worker)

    on.tab(page, "我的")
    page.get_by_role("button", name="检查更新").click()
    note = page.get_by_role("status").filter(has_text="有新版本")
    expect(note).to_be_visible()
    assert page.locator("meta[name=newer]").count() == 0
    with page.expect_navigation():
        note.get_by_role("button", name="立即更新").click()
    expect(page.locator("meta[name=newer]")).to_have_count(1)
    expect(note).to_have_count(0)
    page.context.set_offline(True)
    page.reload()
    expect(page.locator("meta[name=newer]")).to_have_count(1)
    on.tab(page, "走访")
    expect(page.get_by_role("link", name="冠洲股份")).to_be_visible()


def test_it_speaks_english_and_remembers(phone):
    phone.goto("/m/")
    phone.get_by_role("button", name="English").click()
    phone.get_by_label("User name").fill("field1")
    phone.get_by_label("Password", exact=True).fill(on.PASSWORD)
    phone.get_by_role("button", name="Sign in", exact=True).click()
    phone.wait_for_url("**/m/#/today")
    expect(phone.locator("html")).to_have_attribute("lang", "en")
    for screen, title in SCREENS.items():
        phone.goto(f"/m/#/{screen}")
        expect(phone.get_by_role("heading", level=1)).to_have_text(title)
        tabs = phone.get_by_role("navigation", name="Main pages").inner_text()
        assert not re.search("[一-鿿]", tabs), screen
    phone.goto("/m/#/me")
    phone.get_by_role("radio", name="简体中文").check()
    expect(phone.get_by_role("heading", level=1)).to_have_text("我的")
