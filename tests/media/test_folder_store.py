"""What the folder promises beyond the common suite: durability, privacy, clean refusals."""

import errno
import hashlib
import io
import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from media.errors import NoSpace, StoreUnavailable, WrongLength
from media.stores.folder import FolderStore
from tests.media.test_stores import BODY, put

WRITER = """
import hashlib, io, os, sys
from pathlib import Path
from media.stores.folder import FolderStore
store = FolderStore(Path(sys.argv[1]))
number = 0
while True:
    body = os.urandom(50_000)
    digest = hashlib.sha256(body).hexdigest()
    store.put(f"k/{number}", io.BytesIO(body), size=len(body), sha256=digest, content_type="image/jpeg")
    print(f"k/{number} {digest}", flush=True)
    number += 1
"""


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


def test_it_keeps_everything_it_acknowledged_when_its_writer_is_killed(tmp_path):
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": str(Path(__file__).resolve().parents[2])},
    )
    with writer:
        assert writer.stdout is not None
        acknowledged = [writer.stdout.readline().split() for _ in range(40)]
        writer.send_signal(signal.SIGKILL)
        acknowledged += [line.split() for line in writer.stdout if line.endswith("\n")]
    store = FolderStore(tmp_path)
    for key, digest in acknowledged:
        with store.open(key) as stream:
            assert hashlib.sha256(stream.read()).hexdigest() == digest
    assert {stat.size for stat in store.list("k/")} == {50_000}


def test_it_syncs_the_file_then_names_it_then_syncs_the_folders_above(folder_store, monkeypatch):
    put(folder_store, "warm", b"x")
    story = []
    fsync, replace = os.fsync, Path.replace

    def told_fsync(descriptor):
        story.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        fsync(descriptor)

    def told_replace(path, target):
        story.append("rename")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", told_fsync)
    monkeypatch.setattr(Path, "replace", told_replace)
    put(folder_store, "warm", b"y")
    assert story == ["file", "rename", "folder", "folder", "folder"]


@pytest.mark.parametrize(
    ("number", "refusal"),
    [(errno.ENOSPC, NoSpace), (errno.EDQUOT, NoSpace), (errno.EIO, StoreUnavailable)],
    ids=["full", "quota", "broken"],
)
def test_it_refuses_cleanly_and_keeps_the_old_object_when_the_disk_fails(
    folder_store, monkeypatch, number, refusal, tmp_path
):
    put(folder_store, "k", b"old")

    def failing(_descriptor):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(refusal):
        put(folder_store, "k", b"new")
    monkeypatch.undo()
    with folder_store.open("k") as stream:
        assert stream.read() == b"old"
    assert list((tmp_path / "store" / "incoming").iterdir()) == []


def test_it_lets_nobody_else_read(folder_store, tmp_path):
    put(folder_store, "k")
    root = tmp_path / "store"
    modes = {stat.S_IMODE(path.stat().st_mode) for path in [root, *root.rglob("*")] if path.is_dir()}
    assert modes == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in files(root)} == {0o600}


def test_it_closes_a_folder_that_another_program_opened(tmp_path):
    root = tmp_path / "store"
    root.mkdir(mode=0o755)
    FolderStore(root)
    assert stat.S_IMODE(root.stat().st_mode) == 0o700


def test_it_sweeps_only_what_was_left_behind_long_ago(folder_store, tmp_path):
    incoming = tmp_path / "store" / "incoming"
    (incoming / "old").write_bytes(b"half")
    (incoming / "young").write_bytes(b"half")
    os.utime(incoming / "old", (1, 1))
    FolderStore(tmp_path / "store")
    assert [path.name for path in incoming.iterdir()] == ["young"]


def test_it_ends_with_one_whole_object_when_eight_writers_race(folder_store):
    bodies = [bytes([number]) * 100_000 for number in range(8)]
    writers = [threading.Thread(target=put, args=(folder_store, "k", body)) for body in bodies]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with folder_store.open("k") as stream:
        assert stream.read() in bodies


def test_it_goes_on_reading_an_object_that_is_deleted_meanwhile(folder_store):
    put(folder_store, "k")
    with folder_store.open("k") as stream:
        folder_store.delete(["k"])
        assert stream.read() == BODY


def test_it_notices_a_file_that_was_cut(folder_store, tmp_path):
    put(folder_store, "k")
    (file,) = files(tmp_path / "store" / "objects")
    os.truncate(file, file.stat().st_size - 5)
    with pytest.raises(StoreUnavailable):
        folder_store.stat("k")


def test_it_keeps_every_key_inside_its_folder(folder_store, tmp_path):
    put(folder_store, "../../../outside")
    assert [path.name for path in tmp_path.iterdir()] == ["store"]


def test_it_blames_the_sender_when_the_body_breaks_off(folder_store, tmp_path):
    class Broken(io.RawIOBase):
        def read(self, size=-1):
            raise ConnectionResetError

    with pytest.raises(WrongLength):
        folder_store.put("k", Broken(), size=10, sha256="0" * 64, content_type="image/jpeg")
    assert files(tmp_path / "store") == []


def test_it_has_no_addresses_for_phones(folder_store):
    assert folder_store.download_url("k", seconds=60, content_type="image/jpeg") is None
    grant = folder_store.upload_grant(
        "k", size=1, md5="0" * 32, sha256="0" * 64, content_type="image/jpeg", seconds=60
    )
    assert grant is None
