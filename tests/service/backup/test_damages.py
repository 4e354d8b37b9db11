"""A single wrong byte anywhere in a backup is found before anything is restored from it."""

import random
import shutil

import pytest

from service.backup import manifest
from service.backup.checking import checked
from service.backup.errors import DamagedBackup, WrongVersion
from service.backup.place import DUMP, LOST, PHOTOS, Backup, Place
from service.backup.shelf import Shelf
from tests.service.backup.conftest import installation
from tests.support.postgres import migrated_database

SEED = 20261122
TIMES = 100


@pytest.fixture(scope="module")
def sound(postgres_url, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sound")
    with migrated_database(postgres_url) as url, installation(url, folder / "data") as made:
        for number in range(3):
            made.add_photo(b"a picture, number %d" % number)
        yield made.back_up(folder / "backups").backup


@pytest.fixture
def copy(sound, tmp_path):
    """A backup of one's own to damage."""
    shutil.copytree(sound.folder.parents[1], tmp_path / "copy")
    return Place(tmp_path / "copy").backup(None)


def files_of(backup):
    return [*sorted(backup.folder.iterdir()), *(backup.shelf.path(photo.sha256) for photo in backup.photos())]


def test_it_finds_nothing_wrong_with_a_sound_backup(copy):
    assert checked(copy).photos.objects == 3


@pytest.mark.parametrize("number", range(TIMES))
def test_it_refuses_a_backup_with_one_wrong_byte(sound, number):
    dice = random.Random(SEED + number)
    files = [path for path in files_of(sound) if path.stat().st_size]
    path = files[number % len(files)]
    content = path.read_bytes()
    place = dice.randrange(len(content))
    path.write_bytes(
        content[:place] + bytes([content[place] ^ (1 << dice.randrange(8))]) + content[place + 1 :]
    )
    try:
        with pytest.raises(DamagedBackup):
            checked(sound)
    finally:
        path.write_bytes(content)


@pytest.mark.parametrize("which", range(7))
def test_it_refuses_a_backup_with_a_file_cut_short_or_missing(copy, which):
    path = [path for path in files_of(copy) if path.stat().st_size][which]
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DamagedBackup):
        checked(copy)
    path.unlink()
    with pytest.raises(DamagedBackup):
        checked(copy)


def test_it_refuses_a_backup_with_a_file_too_many(copy):
    (copy.folder / "extra.sql").write_text("DROP TABLE visits")
    with pytest.raises(DamagedBackup, match=r"extra\.sql does not belong there"):
        checked(copy)


def test_it_refuses_photos_with_a_file_among_them_that_is_none(copy):
    (copy.shelf.root / "ab").mkdir(exist_ok=True)
    (copy.shelf.root / "ab" / "notes.txt").write_text("hello")
    with pytest.raises(DamagedBackup, match="does not belong among the photos"):
        checked(copy)


def test_it_refuses_a_manifest_of_another_backup(copy):
    other = copy.folder.with_name("20200101T000000Z")
    copy.folder.rename(other)
    with pytest.raises(DamagedBackup, match="the manifest is that of"):
        checked(Backup(other, copy.shelf))


def test_it_refuses_a_backup_of_a_later_format(copy):
    content = (copy.folder / manifest.NAME).read_bytes().replace(b'"format": 1', b'"format": 2')
    text = content[: content.rindex(b"sha256 ")]
    (copy.folder / manifest.NAME).write_bytes(text + manifest._seal(text))
    with pytest.raises(WrongVersion, match="use a newer version"):
        checked(copy)


def test_a_manifest_reads_as_it_was_written(sound):
    found = sound.manifest()
    assert manifest.read(manifest.written(found)) == found


@pytest.mark.parametrize("content", [b"", b"{}", b"{}\nsha256 00\n", b"\nsha256 \n"])
def test_it_refuses_what_is_no_manifest(content):
    with pytest.raises(DamagedBackup):
        manifest.read(content)


def test_it_names_the_photo_that_is_damaged(copy):
    photo = next(copy.photos())
    Shelf(copy.shelf.root).path(photo.sha256).write_bytes(b"x" * photo.size)
    with pytest.raises(DamagedBackup, match=photo.key):
        checked(copy)


def test_its_lists_are_part_of_it(sound):
    assert {DUMP, PHOTOS, LOST} <= sound.manifest().files.keys()
