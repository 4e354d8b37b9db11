"""A backup holds what was acknowledged before it began, and says loudly what the store has lost."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine

from media.errors import StoreUnavailable
from service.audit.chain import read_anchor
from service.backup import taking
from service.backup.checking import checked
from service.backup.errors import BackupRefusal, NoRoom, NoSuchBackup, ProgramFailed, WrongVersion
from service.backup.place import DUMP, LOST, PHOTOS, SECRET, Place
from service.backup.programs import Programs, _connection, find_programs
from service.backup.taking import Source, take_backup
from service.jobs.workshop import Workshop
from service.photos.jobs import sweep_unclaimed


def unfinished_names(folder):
    return [path.name for path in (folder / "backups").glob("*")] if (folder / "backups").exists() else []


def test_it_holds_the_database_the_photos_the_secret_and_the_seal(lived_in, tmp_path):
    taken = lived_in.back_up(tmp_path / "backups")

    found = checked(taken.backup)
    assert taken.is_whole
    assert found.photos.objects == 3
    assert found.tables["photos"] == 3
    assert set(found.files) == {DUMP, PHOTOS, LOST, SECRET}
    assert read_anchor(found.origin.anchor).no >= 1
    assert found.origin.migration
    assert found.origin.system_identifier


def test_it_seals_first_so_that_its_anchor_covers_everything_before_it(lived_in, tmp_path):
    lived_in.back_up(tmp_path / "backups")
    assert lived_in.ask("SELECT count(*) FROM audit_entries WHERE seal_no IS NULL") == 0


def test_it_keeps_everything_to_its_owner(lived_in, tmp_path):
    taken = lived_in.back_up(tmp_path / "backups")
    assert (tmp_path / "backups").stat().st_mode & 0o777 == 0o700
    assert all(path.stat().st_mode & 0o077 == 0 for path in taken.backup.folder.iterdir())


def test_it_copies_again_only_what_is_new(lived_in, tmp_path):
    lived_in.back_up(tmp_path / "backups")
    lived_in.add_photo(b"one more")
    second = lived_in.back_up(tmp_path / "backups")

    assert (second.work.copied, second.work.objects) == (1, 4)
    assert checked(second.backup).photos.objects == 4


def test_it_keeps_the_same_bytes_of_two_people_once(lived_in, tmp_path):
    lived_in.add_photo(b"a picture of some kind, number 0")
    taken = lived_in.back_up(tmp_path / "backups")
    kept = [path for path in (tmp_path / "backups" / "objects").rglob("*") if path.is_file()]
    assert len(kept) == 3
    assert taken.is_whole


def test_it_leaves_out_photos_that_are_only_expected(lived_in, tmp_path):
    lived_in.tell("UPDATE photos SET state = 'expected', received_at = NULL")
    assert lived_in.back_up(tmp_path / "backups").work.objects == 0


def test_it_lists_what_the_store_has_lost_and_is_a_backup_all_the_same(lived_in, tmp_path):
    gone = lived_in.add_photo(b"soon gone")
    lived_in.store.delete([gone.object_key])
    taken = lived_in.back_up(tmp_path / "backups")

    assert not taken.is_whole
    assert [brought.stored.key for brought in taken.work.told] == [gone.object_key]
    assert checked(taken.backup).photos.lost == {"missing": 1}


def test_it_lists_what_the_store_has_altered(lived_in, tmp_path):
    altered = lived_in.add_photo(b"the truth")
    _overwrite(lived_in.store, altered.object_key, b"another!!")
    taken = lived_in.back_up(tmp_path / "backups")
    assert taken.manifest.photos.lost == {"differs": 1}
    assert not taken.is_whole


def _overwrite(store, key, content):
    sha256 = hashlib.sha256(content).hexdigest()
    store.put(key, [content], size=len(content), sha256=sha256, content_type="image/jpeg")


def test_it_still_holds_what_the_store_has_lost_since_the_last_backup(lived_in, tmp_path):
    lived_in.back_up(tmp_path / "backups")
    key = str(lived_in.ask("SELECT min(object_key) FROM photos"))
    lived_in.store.delete([key])
    second = lived_in.back_up(tmp_path / "backups")

    assert not second.is_whole
    assert second.work.objects == 3
    assert second.manifest.photos.lost == {}


class SweptMeanwhile:
    """A store whose first read finds that the sweep has just run."""

    def __init__(self, lived_in, later):
        self._lived_in, self._later, self._ran = lived_in, later, False

    def __getattr__(self, name):
        if name == "open" and not self._ran:
            self._ran = True
            with time_machine.travel(self._later):
                workshop = Workshop(self._lived_in.settings, self._lived_in.sessions, self._lived_in.store)
                sweep_unclaimed(workshop, spared=_nobody())
        return getattr(self._lived_in.store, name)


def _nobody():
    return sa.false()


def test_it_is_whole_although_photos_are_swept_while_it_copies(lived_in, tmp_path):
    later = datetime.now(UTC) + timedelta(days=31)
    source = Source(lived_in.settings, SweptMeanwhile(lived_in, later), find_programs({}), None)
    taken = take_backup(source, Place(tmp_path / "backups"), say=lambda _: None)

    assert taken.is_whole
    assert checked(taken.backup).photos.lost.keys() <= {"swept"}
    assert lived_in.ask("SELECT count(*) FROM photos") == 0
    assert taken.manifest.tables["photos"] == 3


class Down:
    """A store that does not answer."""

    def __getattr__(self, name):
        def fail(*_args, **_options):
            raise StoreUnavailable("down")

        return fail


def test_it_is_no_backup_when_the_store_is_down(lived_in, tmp_path, monkeypatch):
    monkeypatch.setattr("service.backup.copying.PATIENCE_S", (0.0,))
    source = Source(lived_in.settings, Down(), find_programs({}), None)
    with pytest.raises(BackupRefusal, match="does not answer"):
        take_backup(source, Place(tmp_path / "backups"), say=lambda _: None)

    assert unfinished_names(tmp_path / "backups") == []
    with pytest.raises(NoSuchBackup):
        Place(tmp_path / "backups").backup(None)
    assert lived_in.back_up(tmp_path / "backups").is_whole


def test_it_takes_nothing_half_done_for_a_backup_and_clears_it_away(lived_in, tmp_path):
    place = Place(tmp_path / "backups")
    place.begin()
    (place.unfinished / DUMP).write_bytes(b"half")
    (place.shelf.root / "incoming").mkdir()
    (place.shelf.root / "incoming" / "half").write_bytes(b"half")

    taken = lived_in.back_up(tmp_path / "backups")
    assert unfinished_names(tmp_path / "backups") == [taken.backup.name]
    assert not list((place.shelf.root / "incoming").iterdir())


def test_it_keeps_as_many_as_asked_and_what_they_need(lived_in, tmp_path):
    place = Place(tmp_path / "backups")
    lived_in.back_up(place.root)
    key = str(lived_in.ask("SELECT min(object_key) FROM photos"))
    lived_in.tell("DELETE FROM photos WHERE object_key = :key", key=key)
    newest = lived_in.back_up(place.root)

    assert place.prune(1)[:2] == (1, 1)
    assert [backup.name for backup in place.backups()] == [newest.backup.name]
    assert checked(newest.backup).photos.objects == 2


def test_it_refuses_a_disk_that_would_be_full_before_it_begins(lived_in, tmp_path, monkeypatch):
    monkeypatch.setattr(taking, "SPARE_BYTES", 10**18)
    with pytest.raises(NoRoom, match="MB are needed"):
        lived_in.back_up(tmp_path / "backups")


def test_it_does_not_spread_into_a_folder_of_other_things(lived_in, tmp_path):
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "letter.txt").write_text("dear all")
    with pytest.raises(BackupRefusal, match="choose an empty folder"):
        lived_in.back_up(tmp_path / "documents")


def test_two_never_work_in_one_folder(lived_in, tmp_path):
    place = Place(tmp_path / "backups")
    with place.held(), pytest.raises(BackupRefusal, match="in use"):
        lived_in.back_up(place.root)


def test_it_says_what_a_newer_server_needs():
    with pytest.raises(WrongVersion, match="QIANBAI_POSTGRES_PROGRAMS"):
        Programs(folder=None, major=18).demand_fit(190001)


def test_it_finds_the_programs_that_the_operator_names(tmp_path):
    (tmp_path / "pg_dump").write_text("#!/bin/sh\necho 'pg_dump (PostgreSQL) 19.2 (Debian 19.2-1)'\n")
    (tmp_path / "pg_dump").chmod(0o755)
    assert find_programs({"QIANBAI_POSTGRES_PROGRAMS": str(tmp_path)}).major == 19
    with pytest.raises(WrongVersion, match="no pg_dump"):
        find_programs({"QIANBAI_POSTGRES_PROGRAMS": str(tmp_path / "nowhere")})


def test_a_dump_that_fails_is_no_backup_and_says_why(lived_in, tmp_path):
    (tmp_path / "pg_dump").write_text("#!/bin/sh\necho half a dump; echo 'the disk is on fire' >&2; exit 1\n")
    (tmp_path / "pg_dump").chmod(0o755)
    source = Source(lived_in.settings, lived_in.store, Programs(tmp_path, 18), None)
    with pytest.raises(ProgramFailed, match="the disk is on fire"):
        take_backup(source, Place(tmp_path / "backups"), say=lambda _: None)
    assert unfinished_names(tmp_path / "backups") == []


def test_a_password_stands_in_no_command_line(tmp_path):
    where, secrets = _connection("postgresql://qianbai:s3cret@db.internal:5433/qianbai?sslmode=prefer")
    assert "s3cret" not in where
    assert secrets == {"PGPASSWORD": "s3cret"}
    assert "db.internal" in where
    assert "5433" in where


def test_it_writes_a_manifest_people_can_read(lived_in, tmp_path):
    taken = lived_in.back_up(tmp_path / "backups")
    text = (taken.backup.folder / "manifest.json").read_text(encoding="utf-8")
    facts = json.loads(text[: text.rindex("sha256 ")])
    assert facts["format"] == 1
    assert facts["files"][DUMP]["size"] == (taken.backup.folder / DUMP).stat().st_size
