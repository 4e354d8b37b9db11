"""The server burns after last night's backup; in the morning a new one has all of it, and the phones send the rest.

The backup is taken by `qianbai backup` while phones go on sending visits and photos. Then the data folder is gone, for
good. `qianbai restore` fills an empty one. Nothing that was acknowledged before the backup began is missing or another,
and after the phones have sent everything again nothing is there twice.
"""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from media.stores.folder import FolderStore
from service.kernel.data_folder import prepare
from service.kernel.embedded import EmbeddedPostgres
from service.kernel.migrate import upgrade
from tests.support.live import PASSWORD, ROOT, LiveHouse, Phone, _settle
from tests.support.phone_steps import receipt_hash, send_visit, visit_body
from tests.support.photos import announcement, picture
from tests.support.world import World

PEOPLE = ("field1", "field2", "colleague", "commissioner1")
BEFORE, AFTER = 24, 12
"""Visits that are acknowledged before the backup begins, and at least after it."""

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("fire")]


@dataclass(frozen=True)
class Sent:
    """A visit as a phone sent it, and the photo it names."""

    username: str
    id: str
    body: dict[str, Any]
    picture: bytes
    photo_id: str
    number: str


@dataclass
class Ledger:
    """What was acknowledged, in order; many phones write into it."""

    sent: list[Sent] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def add(self, sent: Sent) -> None:
        with self.changed:
            self.sent.append(sent)
            self.changed.notify_all()

    def wait_for(self, count: int) -> list[Sent]:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.sent) >= count, timeout=600)
            return list(self.sent)


@contextmanager
def served(folder: Path, world: World | None = None) -> Iterator[LiveHouse]:
    """`qianbai serve` with its own database in that folder, and the cast of the world unless it has one."""
    gone = {"DATABASE_URL", "QIANBAI_STORE", "QIANBAI_DATA", "QIANBAI_SECRET"}
    environment = {name: value for name, value in os.environ.items() if name not in gone}
    cast = world or founded(folder)
    words = [
        sys.executable,
        "-m",
        "service.cli",
        "serve",
        "--port",
        "0",
        "--workers",
        "2",
        "--data",
        str(folder),
    ]
    log = (folder.parent / f"{folder.name}.log").open("w")
    process = subprocess.Popen(
        words, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log, text=True,
        start_new_session=True,
    )  # fmt: skip
    try:
        port = _port(process)
        url = EmbeddedPostgres(folder / "pg").url
        environment |= {"QIANBAI_DATA": str(folder)}
        yield LiveHouse(port, cast, url, environment, Path(log.name))
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=180)
        log.close()


def founded(folder: Path) -> World:
    """The cast of the world in the database of an empty data folder, before the first `serve`."""
    with EmbeddedPostgres(prepare(folder) / "pg") as database:
        upgrade(database.url)
        return _settle(database.url)


def _port(process: "subprocess.Popen[str]") -> int:
    said = []
    for line in process.stdout or ():
        said.append(line)
        if found := re.search(r"ready: http://127\.0\.0\.1:(\d+)/", line):
            return int(found[1])
    raise AssertionError("".join(said))


def one_visit(house: LiveHouse, username: str, seed: int) -> Sent:
    """A photo, then the visit that shows it; both acknowledged when this returns."""
    phone = house.sign_in(username)
    photo_id, content = str(uuid4()), picture(seed)
    upload(phone, photo_id, content)
    visit_id, body = str(uuid4()), visit_body(photo_ids=[photo_id], summary=f"第 {seed} 次走访")
    answer = send_visit(phone, body, visit_id)
    assert answer.status == 201, answer.body
    assert answer.json["receipt"]["sha256"] == receipt_hash(body)
    return Sent(username, visit_id, body, content, photo_id, answer.json["number"])


def upload(phone: Phone, photo_id: str, content: bytes) -> None:
    """Announce it, send it where that is asked for, and have the receipt; a repeat is the same to the phone."""
    answer = phone.post("/api/v1/photos", announcement(content, photo_id))
    assert answer.status in {200, 201}, answer.body
    if "upload" in answer.json:
        granted = answer.json["upload"]
        bare = Phone(phone.host, phone.port)
        put = bare.send(granted["method"], granted["url"], raw=content, headers=granted["headers"])
        assert put.status == 200, put.body
    done = phone.post(f"/api/v1/photos/{photo_id}/complete")
    assert done.status == 200, done.body
    assert done.json["receipt"]["sha256"] == hashlib.sha256(content).hexdigest()


@contextmanager
def busy_phones(house: LiveHouse, ledger: Ledger) -> Iterator[None]:
    """Everybody sends one visit after the other until the block ends."""
    enough = threading.Event()
    failures: list[BaseException] = []

    def work(place: int, username: str) -> None:
        seed = 1000 * place
        try:
            while not enough.is_set():
                seed += 1
                ledger.add(one_visit(house, username, seed))
        except BaseException as failure:  # noqa: BLE001 a thread's failure is the test's
            failures.append(failure)
            with ledger.changed:
                ledger.changed.notify_all()

    threads = [threading.Thread(target=work, args=(place, name)) for place, name in enumerate(PEOPLE, 1)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        enough.set()
        for thread in threads:
            thread.join(180)
    assert failures == []


def refreshed(house: LiveHouse, refresh_token: str) -> dict[str, Any]:
    answer = house.stranger.post("/api/v1/sessions/refresh", {"refresh_token": refresh_token})
    assert answer.status == 200, answer.body
    told: dict[str, Any] = answer.json
    return told


def signed_in(house: LiveHouse, username: str) -> dict[str, Any]:
    """A sign-in with both tokens, on the phone that `house.sign_in` knows."""
    device = {"id": f"phone-of-{username}", "platform": "android", "model": "P1", "app_version": "1"}
    answer = house.stranger.post(
        "/api/v1/sessions", {"username": username, "password": PASSWORD, "device": device}
    )
    assert answer.status == 201, answer.body
    house.tokens[username] = answer.json["access_token"]
    told: dict[str, Any] = answer.json
    return told


def command(*words: object) -> "subprocess.CompletedProcess[str]":
    gone = {"DATABASE_URL", "QIANBAI_STORE", "QIANBAI_DATA", "QIANBAI_SECRET"}
    environment = {name: value for name, value in os.environ.items() if name not in gone}
    return subprocess.run(
        [sys.executable, "-m", "service.cli", *map(str, words)],
        cwd=ROOT, env=environment, capture_output=True, check=False, text=True, timeout=600,
    )  # fmt: skip


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Outside pytest's own folder, which each run that begins beside us closes to the database's user."""
    with tempfile.TemporaryDirectory(prefix="qb-fire-") as made:
        yield Path(made)


@pytest.fixture(scope="module")
def morning(folder) -> Iterator[dict[str, Any]]:
    """The story up to the restore, told once."""
    ledger = Ledger()
    told: dict[str, Any] = {"folder": folder, "ledger": ledger}
    with served(folder / "burnt") as house:
        told["world"] = house.world
        tokens = {username: signed_in(house, username) for username in PEOPLE}
        told["cursor"] = house.sign_in("field1").get("/api/v1/sync/changes?limit=1").json["next_cursor"]
        with busy_phones(house, ledger):
            told["before"] = ledger.wait_for(BEFORE)
            taken = command("backup", folder / "backups", "--data", folder / "burnt")
            assert taken.returncode == 0, taken.stdout + taken.stderr
            ledger.wait_for(len(ledger.sent) + AFTER)
        # The phones' tokens move on after the backup, as they do every half an hour.
        told["tokens"] = {
            name: refreshed(house, refreshed(house, pair["refresh_token"])["refresh_token"])
            for name, pair in tokens.items()
        }
    shutil.rmtree(folder / "burnt")
    restored = command("restore", folder / "backups", "--data", folder / "new", "--check-ledgers")
    assert restored.returncode == 0, restored.stdout + restored.stderr
    with served(folder / "new", told["world"]) as house:
        told["house"] = house
        yield told


@pytest.fixture
def house(morning) -> LiveHouse:
    found: LiveHouse = morning["house"]
    return found


def phone_of(morning: dict[str, Any], username: str) -> Phone:
    """The phone as it was, which goes on by itself: nobody types a password."""
    house = morning["house"]
    if username not in house.tokens:
        house.tokens[username] = refreshed(house, morning["tokens"][username]["refresh_token"])[
            "access_token"
        ]
    return house.sign_in(username)


def test_all_that_was_acknowledged_before_the_backup_is_there_as_it_was(morning, house):
    store = FolderStore(morning["folder"] / "new" / "photos")
    keys = {row.id: row.object_key for row in house.ask("SELECT id::text AS id, object_key FROM photos")}
    assert len(morning["before"]) >= BEFORE
    for sent in morning["before"]:
        visit = phone_of(morning, sent.username).get(f"/api/v1/visits/{sent.id}").json
        assert (visit["number"], visit["receipt"]["sha256"]) == (sent.number, receipt_hash(sent.body))
        photo = phone_of(morning, sent.username).get(f"/api/v1/photos/{sent.photo_id}").json
        with store.open(keys[sent.photo_id]) as body:
            assert body.read() == sent.picture
        assert photo["receipt"]["sha256"] == hashlib.sha256(sent.picture).hexdigest()


def test_a_cursor_from_before_has_to_start_anew(morning):
    answer = phone_of(morning, "field1").get(f"/api/v1/sync/changes?cursor={morning['cursor']}")
    assert answer.status == 410
    assert phone_of(morning, "field1").get("/api/v1/sync/changes").status == 200


def test_phones_that_send_everything_again_double_nothing(morning, house):
    sent_ever: list[Sent] = morning["ledger"].sent
    assert len(sent_ever) > len(morning["before"])
    for sent in sent_ever:
        phone = phone_of(morning, sent.username)
        upload(phone, sent.photo_id, sent.picture)
        answer = send_visit(phone, sent.body, sent.id)
        assert answer.status in {200, 201}, answer.body
        assert answer.json["receipt"]["sha256"] == receipt_hash(sent.body)

    ids = {row.id for row in house.ask("SELECT id::text AS id FROM visits")}
    assert ids == {sent.id for sent in sent_ever}
    shown = {sent.number: sent.id for sent in sent_ever}
    there = {row.number: row.id for row in house.ask("SELECT number, id::text AS id FROM visits")}
    assert len(there) == len(sent_ever)
    # Whatever number a phone shows for a record of its own, it is no other record's.
    assert all(there[number] == shown[number] for number in there.keys() & shown.keys())
    assert house.ask("SELECT count(*) FROM photos WHERE received_at IS NOT NULL")[0][0] == len(sent_ever)


def test_the_chain_and_the_ledgers_are_whole(morning):
    chain = command("audit", "verify", "--data", morning["folder"] / "new")
    assert chain.returncode == 0, chain.stdout


def test_everybody_can_still_sign_in_by_password(house):
    assert signed_in(house, "hq1")["user"]["id"] == str(house.world.hq1.user_id)


def test_the_server_that_burnt_is_no_longer_needed(morning):
    engine = sa.create_engine(morning["house"].database_url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT to_regclass('public.restore_unfinished')")).scalar() is None
    assert not (morning["folder"] / "burnt").exists()
