"""How long headquarters waits for its overview: a real browser, from the address until every panel is drawn.

    python -m bench.overview_page --visits 1000000 --folder /tmp/large    a folder that bench.scale filled is taken as it is

Whole visits of the page: with an empty browser (nothing in its cache), and again (the app in its cache, every figure asked
for again). *Headline* is when the first counted figure stands there, *drawn* when bars, tiles and units do, too, and no panel waits.
The visits that bench.scale writes have no revisions: the list of the latest is asked for and answers with none.
"""

import argparse
import shutil
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from playwright.sync_api import Browser, Page, StorageState, sync_playwright

from bench.deployment import deployed, machine, yardstick_ms
from bench.scale_fill import facts, fill, kept
from service.accounts.passwords import hash_password
from service.kernel.db import make_engine, make_sessions
from service.kernel.migrate import upgrade

NAME, PASSWORD = "bench", "bench-Overview-2026"
BROWSER = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
WATCH = """
(() => {
  const seen = (what) => document.querySelector(what) !== null
  const all = ['.chart .bar', '.tiles button', 'section ol .rate']
  const look = () => {
    if (!window.headline && seen('[data-line=thousand] [data-figure=counted]')) window.headline = performance.now()
    if (window.headline && all.every(seen) && !seen('[aria-busy]')) { window.drawn = performance.now(); return }
    requestAnimationFrame(look)
  }
  look()
})()
"""


def main() -> None:
    """Fill if there is nothing yet, serve it, and look at it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--visits", type=int, default=1_000_000)
    parser.add_argument("--units", type=int, default=200)
    parser.add_argument("--enterprises", type=int, default=50_000)
    parser.add_argument("--folder", type=Path, help="keep the database there for another run")
    parser.add_argument("--times", type=int, default=5)
    asked = parser.parse_args()
    print(machine(), f"· yardstick {yardstick_ms():.0f} ms", flush=True)
    with _place(asked.folder) as folder:
        _prepare(folder, asked)
        with deployed(folder) as installed:
            _look(f"http://127.0.0.1:{installed.port}/hq", asked.times)


@contextmanager
def _place(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        yield folder
        return
    made = Path(tempfile.mkdtemp(prefix="qb-overview-"))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _prepare(folder: Path, asked: argparse.Namespace) -> None:
    with kept(folder) as url:
        upgrade(url)
        engine = make_engine(url)
        made = make_sessions(engine)
        with made() as session:
            is_empty = session.scalar(sa.text("SELECT count(*) FROM programmes")) == 0
        if is_empty:
            fill(engine, made, asked)
        with made() as session:
            session.execute(
                sa.text("UPDATE users SET password_hash = :hash WHERE username = :name"),
                {"hash": hash_password(PASSWORD), "name": NAME},
            )
            session.commit()
        facts(made)
        engine.dispose()


def _look(base: str, times: int) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=list(BROWSER))
        signed_in = _sign_in(browser, base)
        first, again = [], []
        for _ in range(times):
            context = browser.new_context(storage_state=signed_in, viewport={"width": 1440, "height": 900})
            context.add_init_script(WATCH)
            page = context.new_page()
            first.append(_visit(page, f"{base}/overview"))
            again.append(_visit(page, f"{base}/overview"))
            context.close()
        browser.close()
    for name, seen in (("empty browser", first), ("again", again)):
        headline, drawn = zip(*seen, strict=True)
        print(f"  {name:<14} headline {_shown(headline)}   drawn {_shown(drawn)}", flush=True)


def _sign_in(browser: Browser, base: str) -> StorageState:
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    page.goto(f"{base}/sign-in")
    page.get_by_label("用户名").fill(NAME)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/overview*")
    state = context.storage_state()
    context.close()
    return state


def _visit(page: Page, address: str) -> tuple[float, float]:
    page.goto(address)
    while not page.evaluate("() => window.drawn ?? 0"):
        page.wait_for_timeout(50)
    found = page.evaluate("() => [window.headline, window.drawn]")
    return found[0], found[1]


def _shown(times: tuple[float, ...]) -> str:
    return f"{min(times):6.0f} / {statistics.median(times):6.0f} / {max(times):6.0f} ms"


if __name__ == "__main__":
    main()
