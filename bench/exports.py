"""What taking everything out costs: seconds, those of the worker's own processor, peak memory and size of each form.

python -m bench.exports --visits 300000            two to four minutes
python -m bench.exports --visits 20000 --photos 2000
"""

import argparse
import hashlib
import io
import multiprocessing
import resource
import tempfile
import time
from pathlib import Path
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bench.progress import fill, throw_away
from media.keys import original_key
from media.stores.folder import FolderStore
from service.exports.making import make_export
from service.exports.models import Export, ExportForm, ExportState
from service.exports.orders import Order, written
from service.jobs.workshop import Workshop
from service.kernel.clock import now
from service.kernel.db import make_engine, make_sessions
from service.kernel.migrate import upgrade
from service.settings import Settings
from service.visits.queries import VisitFilter
from service.visits.recounting import rebuild

PICTURE = hashlib.sha256(b"x").digest() * 9_600  # 300 kB, as a phone's picture after it was made smaller


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--visits", type=int, default=300_000)
    parser.add_argument("--photos", type=int, default=2_000)
    parser.add_argument("--units", type=int, default=200)
    parser.add_argument("--enterprises", type=int, default=50_000)
    asked = parser.parse_args()
    with throw_away() as url, tempfile.TemporaryDirectory(prefix="qb-bench-") as folder:
        upgrade(url)
        engine = make_engine(url)
        sessions = make_sessions(engine)
        _, person = fill(sessions, asked)
        with sessions.begin() as session:
            rebuild(session)
            add_texts(session)
            add_photos(session, FolderStore(Path(folder)), person, asked.photos)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("VACUUM ANALYZE"))
        engine.dispose()
        print(f"{asked.visits:,} visits, {asked.photos:,} photos of {len(PICTURE) // 1000} kB")
        for form in (form for form in ExportForm if form.value.startswith("visit")):
            measured(url, folder, person, form)


def measured(url: str, folder: str, person: UUID, form: ExportForm) -> None:
    """Each form is written by a process of its own, so that its peak memory is its own."""
    told = multiprocessing.get_context("spawn").SimpleQueue()
    child = multiprocessing.get_context("spawn").Process(
        target=export, args=(url, folder, person, form, told)
    )
    child.start()
    child.join()
    seconds, cpu, peak_mb, files, rows = told.get()
    size = sum(one["size"] for one in files) / 1e6
    print(
        f"{form:18} {seconds:7.1f} s   cpu {cpu:6.1f} s   peak {peak_mb:5.0f} MB   {size:8.1f} MB in {len(files)} files   {rows:,} rows"
    )


def export(url: str, folder: str, person: UUID, form: ExportForm, told: multiprocessing.SimpleQueue) -> None:
    settings = Settings(database_url=url, store=folder, secret=b"bench", data=Path(folder))
    sessions = make_sessions(make_engine(url, pool_size=3))
    workshop = Workshop(settings, sessions, FolderStore(Path(folder)))
    export_id = uuid4()
    with sessions.begin() as session:
        unit_id = session.scalar(sa.text("SELECT unit_id FROM users WHERE id = :id"), {"id": person})
        session.add(
            Export(
                id=export_id,
                form=form,
                what=written(Order(form, VisitFilter())),
                labels={},
                asked_by=person,
                unit_id=unit_id,
                asked_at=now(),
            )
        )
    began, cpu_began = time.perf_counter(), time.process_time()
    make_export(workshop, export_id)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu_began
    with sessions() as session:
        made = session.get_one(Export, export_id)
        assert made.state is ExportState.SUCCEEDED, made.failed_because
        told.put(
            (
                seconds,
                cpu,
                resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000,
                made.files,
                made.rows_done,
            )
        )


def add_texts(session: Session) -> None:
    """Visits say as much as people write; the person who asks is headquarters."""
    session.execute(
        sa.text(
            "UPDATE visits SET summary = repeat('介绍园区产业基础与要素保障，企业表示有意考察。', 4), place = '企业会议室',"
            ' hosts = \'[{"name": "张三丰", "title": "总经理", "phone": "13812345678"}]\'::jsonb, intention = \'interested\''
        )
    )
    session.execute(sa.text("UPDATE users SET roles = '{headquarters}'"))


def add_photos(session: Session, store: FolderStore, person: UUID, count: int) -> None:
    """Photos of the first visits, all of the same bytes."""
    sha256, md5 = hashlib.sha256(PICTURE).hexdigest(), hashlib.md5(PICTURE).hexdigest()
    visits = session.execute(sa.text("SELECT id, unit_id FROM visits LIMIT :count"), {"count": count}).all()
    for visit_id, unit_id in visits:
        photo_id = uuid4()
        key = original_key(photo_id)
        store.put(key, io.BytesIO(PICTURE), size=len(PICTURE), sha256=sha256, content_type="image/jpeg")
        session.execute(
            sa.text(
                "INSERT INTO photos (id, owner_id, unit_id, state, sha256, md5, size, content_type, source, taken_at,"
                " object_key, expected_at, received_at, renditions) VALUES (:id, :owner, :unit, 'ready', :sha256, :md5,"
                " :size, 'image/jpeg', 'camera', now(), :key, now(), now(),"
                " jsonb_build_object('stamped', jsonb_build_object('key', CAST(:key AS text))))"
            ),
            {
                "id": photo_id,
                "owner": person,
                "unit": unit_id,
                "sha256": sha256,
                "md5": md5,
                "size": len(PICTURE),
                "key": key,
            },
        )
        session.execute(
            sa.text(
                "INSERT INTO photo_claims (photo_id, record_id, record_type, position, claimed_by, claimed_at, stamp)"
                " VALUES (:photo, :visit, 'visit', 1, :owner, now(), '{}')"
            ),
            {"photo": photo_id, "visit": visit_id, "owner": person},
        )


if __name__ == "__main__":
    main()
