"""What a person does on the phone's screens, and what a phone does to its pages."""

import contextlib
import io
import random
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from PIL import Image
from playwright.sync_api import BrowserContext, Error, FilePayload, Locator, Page, expect

from tests.support.live import PASSWORD, LiveHouse

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
ENTERPRISE = "山东胡杨装备有限公司"
PATIENCE_S = 20
LOOK_AGAIN_MS = 50


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
    """Everything of this person is sent, and the phone says so.

    The strip follows what is kept a moment later: what it says right after something was handed in may be older.
    """
    said = expect(strip(page))
    said.to_contain_text("已全部上传")
    until(page, lambda: not _unsent(page), "items still wait")
    said.to_contain_text("已全部上传")


def _unsent(page: Page) -> list[dict[str, Any]]:
    """What waits of whoever uses the phone; what others left on it waits for them."""
    person = kept_fact(page, "person")
    return [
        row for row in kept(page, "outbox") if row["state"] == "waiting" and row["author_id"] == person["id"]
    ]


def until(
    page: Page, holds: Callable[[], bool], otherwise: str, *, meanwhile: Callable[[], object] = lambda: None
) -> None:
    """Back when it holds, for what no element of the page shows; in between the person may do something."""
    within_s = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < within_s, otherwise
        meanwhile()
        page.wait_for_timeout(LOOK_AGAIN_MS)


def has_read(page: Page, kind: str, row_id: str) -> None:
    """The phone holds this row of the feed.

    The feed follows what was sent, and tells nothing while an older change is still being written: a person who misses
    something asks once more.
    """
    tab(page, "待传")

    def is_there() -> bool:
        return any((row["type"], row["id"]) == (kind, row_id) for row in kept(page, "pulled"))

    until(page, is_there, f"the feed has not told the {kind}", meanwhile=lambda: send_now(page))


def send_now(page: Page) -> None:
    """The outbox sends what it has, and reads what is new, or does so already."""
    page.get_by_role("button", name=re.compile("立即上传|正在上传")).click()


def read_until(page: Page, seen: Locator) -> None:
    """The outbox reads what is new until this is shown; see `has_read`."""
    until(page, seen.is_visible, f"the feed has not told: {seen}", meanwhile=lambda: send_now(page))


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
    """The worker has the whole app on the phone, and this page is its own."""
    page.evaluate(
        """() => navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller
          ?? new Promise((claimed) => navigator.serviceWorker.addEventListener('controllerchange', claimed)))
          .then(() => true)"""
    )


def ended(page: Page) -> BrowserContext:
    """The phone ends the page's process, as it does when the camera needs room."""
    with page.expect_event("crash"), contextlib.suppress(Error):
        page.goto("chrome://crash")
    page.close()
    return page.context


def killed(page: Page) -> Page:
    """The phone ends the page's process; then the person opens the app again."""
    opened = ended(page).new_page()
    opened.goto("/m/")
    return opened


def hears(page: Page) -> None:
    """From now on the page remembers what the app says in passing; see `was_told`."""
    page.evaluate(
        """() => {
          const said = (window.saidInPassing = [])
          new MutationObserver(() => said.push(document.querySelector('[role=status][aria-label="提示"]')?.textContent ?? ''))
            .observe(document.body, { childList: true, subtree: true, characterData: true })
        }"""
    )


def was_told(page: Page, words: str) -> None:
    """The app has said so since the page began to remember, though the words may have gone again."""

    def has_said() -> bool:
        return bool(
            page.evaluate("(words) => window.saidInPassing.some((one) => one.includes(words))", words)
        )

    until(page, has_said, f"the app has not said: {words}")


def kept(page: Page, store: str) -> list[dict[str, Any]]:
    """The rows of one store of the phone's database, without pictures."""
    rows: list[dict[str, Any]] = page.evaluate(_IN_STORE, [store, "getAll"])
    return rows


def kept_fact(page: Page, name: str) -> Any:
    """What the phone remembers under this name; nothing where it does not."""
    return page.evaluate(_IN_STORE, ["facts", "get", name])


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
