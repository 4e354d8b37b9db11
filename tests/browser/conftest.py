"""Debian's chromium, a living house a module, and a page that forgives neither errors nor a broken policy."""

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    BrowserType,
    ConsoleMessage,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

from tests.browser import phone_screens
from tests.browser.phone_screens import PHONE
from tests.support.live import PASSWORD, LiveHouse, live_house
from tests.support.s3 import skip_or_fail

NO_LINE = ("net::ERR_INTERNET_DISCONNECTED", "net::ERR_FAILED", "net::ERR_CONNECTION_REFUSED")
"""What a browser says of its own accord when a test takes the line away."""
HEADQUARTERS = {"width": 1440, "height": 900}
LIAOCHENG = {"latitude": 36.457, "longitude": 115.985, "accuracy": 12}

# A machine that runs everything at once is slow; what must come is waited for, and no test sleeps.
expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The machine's own browser; it asks nobody outside for anything."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        skip_or_fail("browser", "no chromium; Debian: apt-get install chromium fonts-noto-cjk")
    quiet = ("no-sandbox", "disable-gpu", "disable-quic", "no-first-run", "disable-background-networking",
             "disable-component-update", "disable-sync", "use-fake-device-for-media-stream",
             "use-fake-ui-for-media-stream")  # fmt: skip
    return {
        **browser_type_launch_args,
        "executable_path": chromium,
        "args": [f"--{one}" for one in quiet],
    }


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """A driver for one module: while it runs, its event loop is this thread's, and no other test could run its own."""
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="module")
def browser_type(playwright: Playwright) -> BrowserType:
    """Chromium."""
    return playwright.chromium


@pytest.fixture(scope="module")
def browser(browser_type: BrowserType, browser_type_launch_args: dict[str, Any]) -> Iterator[Browser]:
    """A browser for one module."""
    launched = browser_type.launch(**browser_type_launch_args)
    yield launched
    launched.close()


@pytest.fixture(scope="module")
def house(quiet_postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveHouse]:
    """A house of this module's own; by its end it must not have stumbled over anything."""
    with live_house(quiet_postgres_url, tmp_path_factory.mktemp("house")) as made:
        yield made
        log = made.log.read_text(errors="replace")
        assert "Traceback" not in log, log[-3000:]


@pytest.fixture
def address(house: LiveHouse) -> str:
    """Where the house is; by name, because browsers trust `localhost` as they trust https."""
    return f"http://localhost:{house.port}"


class Watched:
    """What pages complained about, and what a test expects them to."""

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self.expected: list[str] = list(NO_LINE)

    def watch(self, page: Page) -> None:
        """Listen to a page."""
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("console", self._heard)

    def expect(self, text: str) -> None:
        """A complaint with this text is part of the test."""
        self.expected.append(text)

    def unexpected(self) -> list[str]:
        """What nobody expected; violations of the policy come as console errors."""
        return [one for one in self.complaints if not any(text in one for text in self.expected)]

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"console: {message.text}")


@pytest.fixture
def watched() -> Iterator[Watched]:
    """Fails the test when a page complained: an error of a script, of the console, or of the policy."""
    made = Watched()
    yield made
    assert not made.unexpected()


@pytest.fixture
def open_context(browser: Any, address: str, watched: Watched) -> Iterator[Callable[..., BrowserContext]]:
    """Browsers' profiles, each with nothing in it; closed with the test."""
    opened: list[BrowserContext] = []

    def open_one(**options: Any) -> BrowserContext:
        defaults = {"base_url": address, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"}
        context = browser.new_context(**{**defaults, **options})
        context.set_default_timeout(15_000)
        context.on("page", watched.watch)
        opened.append(context)
        return context

    yield open_one
    for context in opened:
        context.close()


@pytest.fixture
def desk(open_context: Callable[..., BrowserContext]) -> Page:
    """Headquarters' screen, nobody signed in."""
    return open_context(viewport=HEADQUARTERS).new_page()


@pytest.fixture
def phone(open_context: Callable[..., BrowserContext]) -> Page:
    """A phone with position and camera allowed, nobody signed in."""
    allowed = ["geolocation", "camera"]
    return open_context(**PHONE, geolocation=LIAOCHENG, permissions=allowed).new_page()


@pytest.fixture
def sign_in_on_phone() -> Callable[[Page, str], Page]:
    """Somebody of the world comes in; back when the roster is on the phone, and the app opens without a line."""

    def sign_in(page: Page, username: str) -> Page:
        phone_screens.sign_in(page, username)
        phone_screens.kept_for_offline(page)
        return page

    return sign_in


class Profile:
    """A browser of its own with a folder of its own: it can be ended as a battery ends it, and started again."""

    def __init__(self, browser_type: BrowserType, launch: dict[str, Any], folder: Path, address: str) -> None:
        self._launch = lambda: browser_type.launch_persistent_context(
            folder, **launch, **PHONE, base_url=address, locale="zh-CN", timezone_id="Asia/Shanghai",
            geolocation=LIAOCHENG, permissions=["geolocation", "camera"],
        )  # fmt: skip
        self._folder = folder
        self._opened: list[BrowserContext] = []

    def start(self, watched: Watched) -> BrowserContext:
        """The browser with whatever its folder holds."""
        context = self._launch()
        context.set_default_timeout(15_000)
        context.on("page", watched.watch)
        self._opened.append(context)
        return context

    def battery_dies(self) -> None:
        """The browser and all its processes are gone between two instructions."""
        lock = (self._folder / "SingletonLock").readlink()
        os.kill(int(lock.name.rpartition("-")[2]), signal.SIGKILL)
        self._opened.pop()

    def end(self) -> None:
        """Whatever still runs is closed."""
        for context in self._opened:
            context.close()


@pytest.fixture
def profile(
    browser_type: BrowserType, browser_type_launch_args: dict[str, Any], tmp_path: Path, address: str
) -> Iterator[Profile]:
    """A phone whose battery may die."""
    made = Profile(browser_type, browser_type_launch_args, tmp_path / "profile", address)
    yield made
    made.end()


@pytest.fixture
def sign_in_at_desk(desk: Page) -> Callable[[str], Page]:
    """Headquarters' screen with somebody of the world signed in."""

    def sign_in(username: str) -> Page:
        desk.goto("/hq/sign-in")
        desk.get_by_label("用户名").fill(username)
        desk.get_by_label("密码").fill(PASSWORD)
        desk.get_by_role("button", name="登录").click()
        desk.wait_for_url("**/hq/overview")
        return desk

    return sign_in
