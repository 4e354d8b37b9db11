"""What a backup and a restore take: fills an installation, backs it up twice, checks it, and restores it elsewhere.

    ./qianbai dev python -m bench.backup                                          under a minute
    ./qianbai dev python -m bench.backup --visits 1000000 --photos 20000          about half an hour, 20 GB

A visit comes with the body it was sent as (1.4 kB, of random text, so that it does not compress to nothing) and an audit
entry; a photo is 300 kB of random bytes. Everything is durable as in production, on one disk.
"""

import argparse
import hashlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from argparse import Namespace
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import sessionmaker

from bench.progress import fill
from media.keys import original_key
from media.stores.folder import FolderStore
from service.kernel.data_folder import locked, prepare
from service.kernel.db import make_engine
from service.kernel.embedded import EmbeddedPostgres
from service.kernel.migrate import upgrade
from service.visits.recounting import rebuild

PHOTO_BYTES = 300_000
ROOT = Path(__file__).resolve().parent.parent

BODIES = """
INSERT INTO record_revisions (record_id, rev, record_type, sha256, body, author_id, received_at)
SELECT id, 1, 'visit', md5(id::text), jsonb_build_object('summary', (
           SELECT string_agg(md5(v.id::text || n), '') FROM generate_series(1, 40) n)), visitor_id, received_at
FROM visits v;
INSERT INTO audit_entries (at, actor_name, action, subject_type, subject_id, details)
SELECT now(), '外勤', 'visit.submit', 'visit', id::text, jsonb_build_object('rev', 1) FROM visits;
SELECT setval('record_numbers', (SELECT count(*) FROM visits));
"""


def main() -> None:
    """Runs one command after the other, each in a process of its own, and says what it took."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--visits", type=int, default=10_000)
    parser.add_argument("--photos", type=int, default=500)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="qianbai-bench-") as scratch:
        folder = Path(scratch)
        backups, data = folder / "backups", prepare(folder / "data")
        database = EmbeddedPostgres(data / "pg")
        with locked(data), database:
            furnish(database.url, data / "photos", asked)
            print(f"{asked.visits:,} visits, {asked.photos:,} photos; load {os.getloadavg()[0]:.1f}")
            print(f"database {size_mb(data / 'pg' / 'base')} MB, photos {size_mb(data / 'photos')} MB")
            run("backup, the first", "backup", backups, "--data", data)
            print(f"  the backup folder holds {size_mb(backups)} MB")
            run("backup, the second", "backup", backups, "--data", data)
        run("verify", "backup", backups, "--verify")
        run("restore", "restore", backups, "--data", folder / "new")


def furnish(url: str, photos: Path, asked: Namespace) -> None:
    """Visits with their bodies, audit entries and ledgers, and photos in the store."""
    upgrade(url)
    engine = make_engine(url, pool_size=2)
    made = sessionmaker(engine)
    _, person = fill(made, Namespace(visits=asked.visits, units=20, enterprises=5_000))
    with made.begin() as session:
        session.execute(sa.text("SET LOCAL statement_timeout = 0"))
        for statement in filter(str.strip, BODIES.split(";\n")):
            session.execute(sa.text(statement))
        rebuild(session)
    store = FolderStore(photos)
    with ThreadPoolExecutor(4) as threads:
        rows = list(threads.map(lambda _: put_photo(store, person), range(asked.photos)))
    with made.begin() as session:
        session.execute(
            sa.text(
                "INSERT INTO photos (id, owner_id, unit_id, state, sha256, md5, size, content_type, source, taken_at, "
                "object_key, expected_at, received_at) VALUES (:id, :owner, (SELECT unit_id FROM users LIMIT 1), "
                "'received', :sha256, '', :size, 'image/jpeg', 'camera', now(), :key, now(), now())"
            ),
            rows,
        )
    engine.dispose()


def put_photo(store: FolderStore, person: UUID) -> dict[str, object]:
    """The row of a photo that has just been put."""
    photo_id, content = uuid4(), os.urandom(PHOTO_BYTES)
    sha256, key = hashlib.sha256(content).hexdigest(), original_key(photo_id)
    store.put(key, [content], size=len(content), sha256=sha256, content_type="image/jpeg")
    return {"id": photo_id, "owner": person, "sha256": sha256, "size": len(content), "key": key}


def run(name: str, *words: object) -> None:
    """One command, its seconds, and the most memory that any command has taken so far."""
    environment = {
        name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "QIANBAI_STORE"}
    }
    began = time.monotonic()
    command = [sys.executable, "-m", "service.cli", *map(str, words)]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f"{name:<22} {time.monotonic() - began:7.1f} s   most memory of a process so far {most} MB")


def size_mb(folder: Path) -> int:
    """What the files below take, in megabytes."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) // 1_000_000


if __name__ == "__main__":
    main()
