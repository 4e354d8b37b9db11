"""How long a phone takes to hand in a thousand records after weeks without a signal: the real app in a real browser.

``python -m bench.phone_queue [--records 1000]`` starts the documented deployment in a temporary folder, signs a person in on
the phone's app, lets it read the feed (5,000 enterprises), takes the line away, lays full records into its outbox as the app
keeps them, opens the app again without a line, and gives the line back. Sent counts what the app itself has marked so after
checking each receipt; afterwards the server's own count must be the same.

A folder of built apps other than the committed one may be named by ``QIANBAI_WEB_DIST``.
"""

import argparse
import hashlib
import json
import random
import shutil
import tempfile
import time
from typing import Any

import rfc8785
import sqlalchemy as sa
from playwright.sync_api import BrowserContext, Page, Playwright, sync_playwright

from bench.city import PASSWORD, City, found_city
from bench.deployment import Deployment, deployed, machine
from bench.visits import visit_body
from service.kernel.ids import uuid7

_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
_LONGEST_MS = 300_000
_OPEN = """const open = (work) => new Promise((done, failed) => {
  const asked = indexedDB.open('qianbai-phone')
  asked.onerror = () => failed(asked.error)
  asked.onsuccess = () => work(asked.result, (found) => { asked.result.close(); done(found) })
})"""
_PUT = f"""(rows) => {{ {_OPEN}
  return open((database, done) => {{
    const write = database.transaction('outbox', 'readwrite')
    rows.forEach((row) => write.objectStore('outbox').add(row))
    write.oncomplete = () => done(rows.length)
  }})
}}"""
_WAITING = f"""() => {{ {_OPEN}
  return open((database, done) => {{
    const asked = database.transaction('outbox').objectStore('outbox').index('state').count('waiting')
    asked.onsuccess = () => done(asked.result)
  }})
}}"""
_FACT = f"""(name) => {{ {_OPEN}
  return open((database, done) => {{
    const asked = database.transaction('facts').objectStore('facts').get(name)
    asked.onsuccess = () => done(asked.result ?? null)
  }})
}}"""


def main() -> None:
    """Print what the phone took, from a cold start to the last receipt."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=1_000)
    options = parser.parse_args()
    print(machine())
    with (
        deployed() as deployment,
        tempfile.TemporaryDirectory(prefix="qianbai-phone-") as profile,
        sync_playwright() as playwright,
    ):
        city = found_city(deployment.database_url, people=1)
        _measure(playwright, deployment, city, profile, options.records)
        held = _held(deployment)
        print(
            f"  the server holds {held} visits" + ("" if held == options.records else ": NOT what was sent")
        )


def _measure(playwright: Playwright, deployment: Deployment, city: City, profile: str, many: int) -> None:
    app = f"http://127.0.0.1:{deployment.port}/m/"
    context = _phone(playwright, profile)
    page = context.pages[0]
    page.goto(app)
    page.fill("#username", city.usernames[0])
    page.fill("#password", PASSWORD)
    began = time.monotonic()
    page.click("button[type=submit]")
    page.wait_for_url("**/today")
    _until(page, lambda: page.evaluate(_FACT, "pulled_at") is not None)
    print(
        f"  signed in, feed of {len(city.enterprise_ids):,} enterprises read: {time.monotonic() - began:.1f} s"
    )
    _until(page, lambda: page.evaluate("() => navigator.serviceWorker.controller !== null"))
    context.set_offline(True)
    person = page.evaluate(_FACT, "person")
    rows = [_row(city, person) for _ in range(many)]
    sent_bytes = sum(len(row["text"].encode()) for row in rows)
    page.evaluate(_PUT, rows)
    context.close()

    context = _phone(playwright, profile)
    context.set_offline(True)
    page = context.pages[0]
    began = time.monotonic()
    page.goto(f"{app}#/outbox")
    page.get_by_text(rows[0]["title"]).first.wait_for()
    print(f"  app opened without a line, {many:,} records listed: {time.monotonic() - began:.1f} s")
    began = time.monotonic()
    context.set_offline(False)
    _until(page, lambda: page.evaluate(_WAITING) == 0)
    took = time.monotonic() - began
    print(
        f"  {many:,} records of {sent_bytes / many / 1000:.1f} kB handed in, every receipt checked: {took:.1f} s,",
        end=" ",
    )
    print(f"{many / took:.0f} a second")
    context.close()


def _phone(playwright: Playwright, profile: str) -> BrowserContext:
    chromium = shutil.which("chromium")
    if chromium is None:
        raise SystemExit("no chromium on this machine: apt-get install chromium")
    context = playwright.chromium.launch_persistent_context(
        profile, executable_path=chromium, args=_FLAGS, viewport={"width": 390, "height": 844}, locale="zh-CN"
    )
    context.set_default_timeout(60_000)
    return context


def _until(page: Page, is_so: Any) -> None:
    for _ in range(_LONGEST_MS // 50):
        if is_so():
            return
        page.wait_for_timeout(50)
    raise SystemExit("the phone did not get there")


def _row(city: City, person: dict[str, Any]) -> dict[str, Any]:
    """A record as the app keeps it: its text frozen, with the hash that its receipt must state."""
    record_id = str(uuid7())
    text = rfc8785.dumps(json.loads(visit_body(random.choice(city.enterprise_ids))))
    return {
        "op_id": str(uuid7()), "type": "visit", "id": record_id, "record_id": record_id,
        "author_id": person["id"], "author_name": person["name"], "title": f"企业 {record_id[-4:]}",
        "text": text.decode(), "sha256": hashlib.sha256(text).hexdigest(), "photo_ids": [],
        "createdAt": "2026-11-01T00:00:00.000Z", "state": "waiting", "attempts": 0, "decidedRev": None,
        "lastProblem": None, "heldBecause": None, "receipt": None, "provedAt": None,
    }  # fmt: skip


def _held(deployment: Deployment) -> int:
    engine = sa.create_engine(deployment.database_url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return int(connection.execute(sa.text("SELECT count(*) FROM visits")).scalar_one())


if __name__ == "__main__":
    main()
