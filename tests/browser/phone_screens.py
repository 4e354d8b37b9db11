"""What a person does on the phone's screens, and what a phone does to its pages."""

import contextlib
import io
import random
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from PIL import Image
from playwright.sync_api import Error, FilePayload, Locator, Page, expect

from tests.support.live import PASSWORD, LiveHouse

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
ENTERPRISE = "山东胡杨装备有限公司"
SYNCED_S = 20


def sign_in(page: Page, username: str, password: str = PASSWORD, *, at: str = "/m/") -> Page:
    """Come in by name and password; back when the first sync has the roster on the phone."""
    page.goto(at)
    fill_in(page, username, password)
    page.wait_for_url("**/m/#/today")
    synced(page)
    return page


def fill_in(page: Page, username: str, password: str = PASSWORD) -> None:
    """The form of the sign-in page, sent."""
    page.get_by_label("用户名", exact=True).fill(username)
    page.get_by_label("密码", exact=True).fill(password)
    page.get_by_role("button", name="登录", exact=True).click()


def synced(page: Page) -> None:
    """Everything is sent, and the phone says so.

    The strip follows what is kept a moment later: what it says right after something was handed in may be older.
    """
    said = expect(strip(page))
    said.to_contain_text("已全部上传")
    within_s = time.monotonic() + SYNCED_S
    while any(row["state"] == "waiting" for row in kept(page, "outbox")):
        assert time.monotonic() < within_s, "items still wait"
        page.wait_for_timeout(50)
    said.to_contain_text("已全部上传")


def strip(page: Page) -> Locator:
    """What the frame tells at the top of every page."""
    return page.get_by_role("banner").get_by_role("status")


def tab(page: Page, name: str) -> None:
    """A tab of the bottom bar."""
    page.get_by_role("navigation", name="主要页面").get_by_role("link", name=name).click()


def begin_visit(page: Page, enterprise: str = ENTERPRISE) -> None:
    """An open form for a company that nobody has registered."""
    tab(page, "走访")
    page.get_by_label("走访哪家企业").fill(enterprise)
    page.get_by_role("button", name="库中没有，直接填写").click()
    expect(page.get_by_label("企业或商协会名称")).to_have_value(enterprise)


def save_visit(page: Page) -> None:
    """The form is handed in, and the outbox is shown."""
    page.get_by_role("button", name="保存走访").click()
    page.wait_for_url("**/m/#/outbox")


def write_visit(page: Page, enterprise: str, summary: str = "走访了解扩产计划") -> None:
    """A short visit, handed in."""
    begin_visit(page, enterprise)
    page.get_by_label("走访目的与洽谈内容").fill(summary)
    save_visit(page)


def shoot(page: Page) -> None:
    """A photo by the camera inside the app."""
    before = page.get_by_role("button", name="查看照片").count()
    page.get_by_role("button", name="拍照").click()
    page.get_by_role("button", name="按下快门").click()
    expect(page.get_by_role("button", name="查看照片")).to_have_count(before + 1)


def pick(page: Page, content: bytes) -> None:
    """A photo from the gallery."""
    before = page.get_by_role("button", name="查看照片").count()
    with page.expect_file_chooser() as asked:
        page.get_by_role("button", name="从相册选").click()
    asked.value.set_files(FilePayload(name="IMG_1.jpg", mimeType="image/jpeg", buffer=content))
    expect(page.get_by_role("button", name="查看照片")).to_have_count(before + 1)


def grainy_picture(seed: int = 5) -> bytes:
    """A JPEG of a photo's usual weight, several pieces of an upload long."""
    noise = random.Random(seed).randbytes(900 * 600 * 3)
    told = io.BytesIO()
    Image.frombytes("RGB", (900, 600), noise).save(told, "JPEG", quality=80)
    return told.getvalue()


def waiting(page: Page) -> Locator:
    """What the outbox lists as not yet arrived."""
    return page.get_by_role("list", name="待传").get_by_role("button")


def arrived(page: Page) -> Locator:
    """What the outbox lists as proved."""
    return page.get_by_role("list", name="近期已达").get_by_role("button")


def kept_for_offline(page: Page) -> None:
    """The worker has the whole app on the phone."""
    page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")


def killed(page: Page) -> Page:
    """The phone ends the page's process, as it does when the camera needs room; then the person opens the app again."""
    with page.expect_event("crash"), contextlib.suppress(Error):
        page.goto("chrome://crash")
    page.close()
    opened = page.context.new_page()
    opened.goto("/m/")
    return opened


def kept(page: Page, store: str) -> list[dict[str, Any]]:
    """The rows of one store of the phone's database, without pictures."""
    rows: list[dict[str, Any]] = page.evaluate(_IN_STORE, [store, "getAll"])
    return rows


def keep(page: Page, store: str, row: dict[str, Any]) -> None:
    """Write a row into the phone's database behind the app's back."""
    page.evaluate(_IN_STORE, [store, "put", row])


_IN_STORE = """([store, what, ...told]) => new Promise((resolve, reject) => {
  const opened = indexedDB.open('qianbai-phone')
  opened.onerror = () => reject(opened.error)
  opened.onsuccess = () => {
    const change = opened.result.transaction(store, 'readwrite')
    const asked = change.objectStore(store)[what](...told)
    change.oncomplete = () => { opened.result.close(); resolve(asked.result) }
    change.onerror = () => reject(change.error)
  }
})"""


def revisions(house: LiveHouse, author: str) -> list[Any]:
    """Every accepted revision of this person's records, in the order in which they came."""
    return list(
        house.ask(
            "SELECT record_id::text AS id, rev, record_type AS type, sha256, body"
            " FROM record_revisions JOIN users ON users.id = author_id"
            " WHERE username = :author ORDER BY record_revisions.received_at, rev",
            author=author,
        )
    )


def pictures(house: LiveHouse, owner: str) -> list[Any]:
    """Every photo this person's phone has announced, and when the house had it whole."""
    return list(
        house.ask(
            "SELECT photos.id::text, sha256, size, received_at FROM photos JOIN users ON users.id = owner_id"
            " WHERE username = :owner ORDER BY photos.id",
            owner=owner,
        )
    )


def forget_sign_ins(house: LiveHouse, username: str) -> None:
    """The house has forgotten every sign-in of this person, as after a long holiday."""
    engine = sa.create_engine(house.database_url, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(
            sa.text(
                "UPDATE sign_ins SET access_expires_at = :then, refresh_expires_at = :then"
                " WHERE user_id = (SELECT id FROM users WHERE username = :username)"
            ),
            {"username": username, "then": datetime.now(UTC) - timedelta(days=1)},
        )
