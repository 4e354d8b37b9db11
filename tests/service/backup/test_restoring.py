"""A restored place is what was backed up, made fit for a world that went on meanwhile."""

import dataclasses
import hashlib
from uuid import uuid4

import pytest
import sqlalchemy as sa

from media.keys import original_key
from media.stores.folder import FolderStore
from service.audit.chain import Anchor
from service.audit.commands import record
from service.backup import restoring
from service.backup.errors import NoRoom, NotEmpty, WrongVersion
from service.backup.place import DUMP, Place
from service.backup.programs import Programs, find_programs
from service.backup.restoring import Target, demand_fit, demand_room, restore_backup
from service.backup.snapshot import count_rows
from service.backup.taking import Source, take_backup
from service.kernel import migrate
from service.kernel.actor import Actor
from service.kernel.durability import UnfitDatabaseError
from service.photos.models import Photo, PhotoState
from service.submissions.numbers import Numbers
from service.sync.epoch import horizon
from tests.service.backup.conftest import installation, living_in
from tests.support.postgres import fresh_database, migrated_database
from tests.support.s3_stores import opened_s3, s3_parameter

# What a restore adds to the rows it found: its own entry and that of the new epoch, the epoch, the jobs.
GROWS = {
    "audit_entries",
    "known_eras",
    "sync_epochs",
    "sync_marks",
    "procrastinate_jobs",
    "procrastinate_events",
}


def rows(url):
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return count_rows(connection)


def contents(store):
    found = {}
    for stat in store.list("photos/"):
        with store.open(stat.key) as body:
            found[stat.key] = body.read()
    return found


def test_it_brings_back_every_row_and_every_byte(lived_in, empty_place, tmp_path):
    taken = lived_in.back_up(tmp_path / "backups")
    restored = empty_place.restore(taken.backup)

    before, after = rows(lived_in.settings.database_url), rows(empty_place.settings.database_url)
    assert {name: after[name] for name in after if name not in GROWS} == {
        name: before[name] for name in before if name not in GROWS
    }
    assert contents(empty_place.store) == contents(lived_in.store)
    assert restored.chain.is_sound
    assert restored.photos_put == 3


def test_it_leaves_the_tables_as_migrations_would_have_made_them(lived_in, empty_place, tmp_path):
    """Constraints, triggers, functions and sequences came along."""
    empty_place.restore(lived_in.back_up(tmp_path / "backups").backup)
    assert made_of(empty_place.settings.database_url) == made_of(lived_in.settings.database_url)


def made_of(url):
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        return [connection.execute(sa.text(question)).all() for question in CATALOGUE]


CATALOGUE = (
    "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2",
    # Restored conditions say the same in other words: casts move into the array.
    r"""SELECT tgname, regexp_replace(pg_get_triggerdef(oid), '::(character varying|text)(\[\])?|[()]', '', 'g'), tgenabled
        FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2""",
    "SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1, 2",
    # So do restored predicates.
    "SELECT indexname, split_part(indexdef, ' WHERE ', 1) FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
    "SELECT sequencename, data_type::text, increment_by FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1",
)


def test_a_number_is_never_given_to_another_record(lived_in, empty_place, tmp_path):
    year = Numbers("LC", 2026)
    with lived_in.sessions.begin() as session:
        year.taken(session)
    taken = lived_in.back_up(tmp_path / "backups")
    with lived_in.sessions.begin() as session:
        given = {year.taken(session) for _ in range(20)}
    empty_place.restore(taken.backup)
    with living_in(empty_place, lived_in.world) as house, house.sessions.begin() as session:
        following = year.taken(session)
    assert following not in given
    assert following > max(given)


def test_sign_ins_stay_and_cursors_do_not(lived_in, empty_place, tmp_path):
    with lived_in.sessions() as session:
        before = horizon(session).epoch
    restored = empty_place.restore(lived_in.back_up(tmp_path / "backups").backup)
    with living_in(empty_place, lived_in.world) as house, house.sessions() as session:
        assert horizon(session).epoch != before
    assert restored.finish.sign_ins == 1


def test_it_leaves_an_entry_that_the_chain_will_hold(lived_in, empty_place, tmp_path):
    taken = lived_in.back_up(tmp_path / "backups")
    empty_place.restore(taken.backup)
    with living_in(empty_place, lived_in.world) as house:
        asked = "SELECT subject_id FROM audit_entries WHERE action = 'installation.restore'"
        assert house.ask(asked) == taken.backup.name


def test_it_expects_photos_again_whose_bytes_it_does_not_have(lived_in, empty_place, tmp_path):
    gone = lived_in.add_photo(b"soon gone")
    lived_in.store.delete([gone.object_key])
    restored = empty_place.restore(lived_in.back_up(tmp_path / "backups").backup)

    with living_in(empty_place, lived_in.world) as house, house.sessions() as session:
        photo = session.get_one(Photo, gone.id)
        assert (photo.state, photo.received_at) == (PhotoState.EXPECTED, None)
        assert photo.object_key == original_key(gone.id), "where no receipted bytes lie"
    assert restored.finish.expected_again == 1
    assert restored.photos_put == 3


def test_it_has_photos_developed_again_that_had_renditions(lived_in, empty_place, tmp_path):
    lived_in.tell(
        """UPDATE photos SET state = 'ready', developed_at = now(), renditions = '{"thumb": {"key": "k"}}'"""
    )
    lived_in.tell("DELETE FROM procrastinate_jobs")
    restored = empty_place.restore(lived_in.back_up(tmp_path / "backups").backup)

    with living_in(empty_place, lived_in.world) as house:
        assert house.ask("SELECT count(*) FROM photos WHERE state = 'received' AND renditions IS NULL") == 3
        assert house.ask("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'photos.develop'") == 3
    assert restored.finish.to_develop == 3


def test_uploads_that_had_begun_begin_anew(lived_in, empty_place, tmp_path):
    lived_in.tell(
        "INSERT INTO uploads (photo_id, owner_id, kind, offset_bytes, opened_at, expires_at) "
        "SELECT id, owner_id, 'tus', 7, now(), now() FROM photos LIMIT 1"
    )
    empty_place.restore(lived_in.back_up(tmp_path / "backups").backup)
    with living_in(empty_place, lived_in.world) as house:
        assert house.ask("SELECT count(*) FROM uploads") == 0


def test_it_leaves_photos_alone_that_are_there_already_and_mends_those_that_are_not_right(
    lived_in, empty_place, tmp_path
):
    taken = lived_in.back_up(tmp_path / "backups")
    right, wrong, _ = taken.backup.photos()
    with taken.backup.shelf.path(right.sha256).open("rb") as body:
        empty_place.store.put(right.key, body, size=right.size, sha256=right.sha256, content_type=right.type)
    other = b"x" * wrong.size
    digest = hashlib.sha256(other).hexdigest()
    empty_place.store.put(wrong.key, [other], size=wrong.size, sha256=digest, content_type=wrong.type)

    restored = empty_place.restore(taken.backup)
    assert (restored.photos_put, restored.photos_there) == (2, 1)
    assert contents(empty_place.store) == contents(lived_in.store)


def test_it_refuses_a_database_that_holds_anything(lived_in, tmp_path):
    taken = lived_in.back_up(tmp_path / "backups")
    target = Target(lived_in.settings, lived_in.store, find_programs({}))
    before = rows(lived_in.settings.database_url)
    with pytest.raises(NotEmpty, match="needs an empty one"):
        restore_backup(taken.backup, taken.manifest, target, say=lambda _: None)
    assert rows(lived_in.settings.database_url) == before


def test_nobody_works_on_a_database_that_is_half_restored(lived_in, empty_place, tmp_path, monkeypatch):
    taken = lived_in.back_up(tmp_path / "backups")

    def power_cut(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(restoring.finishing, "finish", power_cut)
    with pytest.raises(KeyboardInterrupt):
        empty_place.restore(taken.backup)
    url = empty_place.settings.database_url
    with pytest.raises(UnfitDatabaseError, match="not finished"):
        migrate.upgrade(url)
    with pytest.raises(NotEmpty, match="unfinished restore"):
        restoring.demand_empty(url)
    with sa.create_engine(url, poolclass=sa.NullPool).connect() as connection:
        assert not migrate.is_current(connection)


def test_it_migrates_an_older_backup(postgres_url, empty_place, tmp_path):
    with fresh_database(postgres_url) as url:
        migrate.upgrade(url, "0010")
        settings = dataclasses.replace(empty_place.settings, database_url=url, store=str(tmp_path / "old"))
        source = Source(settings, FolderStore(tmp_path / "old"), find_programs({}), None)
        taken = take_backup(source, Place(tmp_path / "backups"), say=lambda _: None)
    assert taken.manifest.origin.migration == "0010"
    empty_place.restore(taken.backup)
    with sa.create_engine(empty_place.settings.database_url, poolclass=sa.NullPool).connect() as connection:
        assert migrate.is_current(connection)


def changed(taken, **facts):
    return dataclasses.replace(taken.manifest, origin=dataclasses.replace(taken.manifest.origin, **facts))


def test_it_refuses_a_backup_of_a_newer_program(lived_in, tmp_path):
    taken = lived_in.back_up(tmp_path / "backups")
    with pytest.raises(WrongVersion, match="use a newer qianbai"):
        demand_fit(changed(taken, migration="9999"))


def test_it_refuses_a_server_older_than_the_one_it_was_taken_of(lived_in, empty_place, tmp_path):
    taken = lived_in.back_up(tmp_path / "backups")
    target = Target(empty_place.settings, empty_place.store, Programs(find_programs({}).folder, 99))
    with pytest.raises(WrongVersion, match="PostgreSQL 99 or later"):
        restore_backup(taken.backup, changed(taken, server_version=990000), target, say=lambda _: None)
    assert rows(empty_place.settings.database_url) == {}


def test_it_refuses_a_disk_without_room(lived_in, tmp_path):
    taken = lived_in.back_up(tmp_path / "backups")
    with pytest.raises(NoRoom):
        demand_room(changed(taken, database_bytes=10**18), database=tmp_path, photos=None)
    demand_room(taken.manifest, database=tmp_path, photos=tmp_path)


def test_it_says_so_when_the_chain_is_not_that_of_a_seal_noted_elsewhere(lived_in, empty_place, tmp_path):
    taken = lived_in.back_up(tmp_path / "backups")
    target = Target(empty_place.settings, empty_place.store, find_programs({}))
    noted = Anchor(1, "0" * 64)
    restored = restore_backup(taken.backup, taken.manifest, target, say=lambda _: None, noted=noted)
    assert [finding.fault for finding in restored.chain.findings] == ["anchor_differs"]


def test_writers_go_on_while_it_is_taken(lived_in, empty_place, tmp_path, monkeypatch):
    """What commits after the snapshot is not in it, and disturbs nothing."""
    dump = Programs.dump

    def busy(programs, url, *, snapshot, sink):
        with lived_in.sessions.begin() as session:
            record(session, Actor.system(), "a.b", "late", str(uuid4()))
        lived_in.add_photo(b"came while it ran")
        dump(programs, url, snapshot=snapshot, sink=sink)

    monkeypatch.setattr(Programs, "dump", busy)
    taken = lived_in.back_up(tmp_path / "backups")
    empty_place.restore(taken.backup)
    with living_in(empty_place, lived_in.world) as house:
        assert house.ask("SELECT count(*) FROM audit_entries WHERE subject_type = 'late'") == 0
        assert house.ask("SELECT count(*) FROM photos") == 3
    assert (taken.backup.folder / DUMP).stat().st_size == taken.manifest.files[DUMP].size


@pytest.mark.parametrize("kind", [s3_parameter("s3emu")])
def test_it_brings_photos_from_a_bucket_to_another(kind, s3_server, postgres_url, tmp_path):
    with (
        opened_s3(kind, s3_server) as store,
        opened_s3(kind, s3_server) as other,
        migrated_database(postgres_url) as url,
        fresh_database(postgres_url) as empty,
        installation(url, tmp_path / "data", store) as house,
    ):
        for number in range(5):
            house.add_photo(b"in a bucket, number %d" % number)
        taken = house.back_up(tmp_path / "backups")
        settings = dataclasses.replace(house.settings, database_url=empty)
        target = Target(settings, other, find_programs({}))
        restored = restore_backup(taken.backup, taken.manifest, target, say=lambda _: None)
        assert contents(other) == contents(store)
    assert restored.photos_put == 5
