"""Takes the pictures of docs/images from a demo city that is running; look at each of them before it is committed.

QIANBAI_DEMO_PASSWORD=… ./qianbai serve --demo
QIANBAI_DEMO_PASSWORD=… python -m bench.pictures [http://localhost:8000]
"""

import io
import os
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

OUT = Path(__file__).parents[1] / "docs" / "images"
DESK = {
    "overview": "/hq/overview",
    "units": "/hq/units",
    "coverage": "/hq/coverage",
    "sites": "/hq/sites",
    "projects": "/hq/projects",
    "issues": "/hq/issues",
    "review": "/hq/review",
    "visits": "/hq/visits",
    "photos": "/hq/photos",
    "reports": "/hq/reports",
    "exports": "/hq/exports",
    "boards": "/hq/boards",
    "checkins": "/hq/checkins",
    "site-map": "/hq/sites?view=map",
    "enterprises": "/hq/enterprises",
    "duplicates": "/hq/enterprises/duplicates",
    "import": "/hq/enterprises/import",
    "unit-register": "/hq/units/admin",
    "people": "/hq/people",
    "programmes": "/hq/programmes",
    "indicators": "/hq/indicators",
    "kept": "/hq/kept",
    "unmatched": "/hq/visits/unmatched",
    "outboxes": "/hq/outboxes",
    "inspections": "/hq/inspections",
    "remarked": "/hq/visits/remarked",
    "privacy": "/hq/privacy",
    "wall": "/hq/overview?screen=1",
}
PHONE = {
    "today": "/",
    "visit": "/visit",
    "checkin": "/checkin",
    "issues": "/issues",
    "issue": "/issue",
    "outbox": "/outbox",
    "me": "/me",
    "records": "/records",
    "looked": "/looked",
    "install": "/install",
}
OPENED = {"project": ("/hq/projects", "main tbody a"), "issue": ("/hq/issues", "main a[href*='/hq/issues/']")}
"""Pages of one record: the first that its list links to."""
COMMISSIONERS = ("checkin", "issues", "issue")
COLOURS = 128


def main() -> None:
    """Every page once, small enough for a README."""
    base = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8000"
    OUT.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        take_desk(browser, base)
        take_phone(browser, base)
        browser.close()


def take_desk(browser: Browser, base: str) -> None:
    """Headquarters' pages, 1440 wide; the wall as it hangs."""
    page = browser.new_page(base_url=base, locale="zh-CN", viewport={"width": 1440, "height": 900})
    page.goto("/hq/sign-in")
    page.get_by_label("用户名").fill("hq1")
    page.get_by_role("textbox", name="密码").fill(os.environ["QIANBAI_DEMO_PASSWORD"])
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/hq/overview")
    for name, path in DESK.items():
        page.set_viewport_size(
            {"width": 1920, "height": 1080} if name == "wall" else {"width": 1440, "height": 900}
        )
        page.goto(path)
        keep(page, f"hq-{name}", 960)
    page.set_viewport_size({"width": 1440, "height": 900})
    for name, (path, link) in OPENED.items():
        page.goto(path)
        page.locator(link).first.click()
        keep(page, f"hq-{name}", 960)


def take_phone(browser: Browser, base: str) -> None:
    """The phone's screens, 390 wide."""
    context = browser.new_context(
        base_url=base,
        locale="zh-CN",
        viewport={"width": 390, "height": 844},
        device_scale_factor=2,
        is_mobile=True,
        has_touch=True,
        permissions=["geolocation"],
        geolocation={"latitude": 36.457, "longitude": 115.985, "accuracy": 12},
    )
    page = context.new_page()
    for person in ("field1", "commissioner1"):
        page.goto("/m/")
        page.get_by_label("用户名").fill(person)
        page.get_by_role("textbox", name="密码").fill(os.environ["QIANBAI_DEMO_PASSWORD"])
        page.get_by_role("button", name="登录").click()
        page.wait_for_url("**/today")
        page.wait_for_timeout(4000)  # The first pull fills the phone.
        for name, path in PHONE.items():
            if (name in COMMISSIONERS) == (person == "commissioner1"):
                page.goto(f"/m/#{path}")
                keep(page, f"m-{name}", 390)
        context.clear_cookies()
        page.evaluate(
            "() => indexedDB.databases().then((all) => all.forEach((one) => indexedDB.deleteDatabase(one.name)))"
        )
        page.goto("about:blank")


def keep(page: Page, name: str, width: int) -> None:
    """The screen as it has settled, as a PNG of few colours."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(800)  # Charts draw themselves.
    with Image.open(io.BytesIO(page.screenshot())) as taken:
        height = round(taken.height * width / taken.width)
        small = taken.convert("RGB").resize((width, height), Image.Resampling.LANCZOS)
    small.quantize(COLOURS).save(OUT / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
