"""Checks a backup byte by byte without restoring it: nothing is missing, nothing is added, nothing has changed."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

from service.backup import durable, manifest
from service.backup.copying import AT_ONCE
from service.backup.errors import DamagedBackup
from service.backup.manifest import FileFacts, Manifest
from service.backup.place import LOST, PHOTOS, Backup, Listed

_PAGE = 256
_MOST_TOLD = 20


@dataclass(frozen=True, slots=True)
class Damage:
    """One thing that is not as the manifest says."""

    zh: str
    en: str


def checked(backup: Backup) -> Manifest:
    """The manifest of a backup of which every byte is right.

    Raises:
        DamagedBackup: something is not; the message lists the first findings.
        WrongVersion: a newer program wrote it.
    """
    found = backup.manifest()
    _demand_none(
        backup, list(_own_files(backup, found))
    )  # what lists the photos must be right before it is read
    _demand_none(backup, list(_objects(backup, found)))
    return found


def _demand_none(backup: Backup, damages: list[Damage]) -> None:
    if not damages:
        return
    zh, en = ["；".join(d.zh for d in damages[:_MOST_TOLD]), "; ".join(d.en for d in damages[:_MOST_TOLD])]
    count = len(damages)
    raise DamagedBackup(
        f"备份 {backup.name} 已损坏（{count} 处），不可用于恢复：{zh}",
        f"backup {backup.name} is damaged in {count} places and cannot be restored from: {en}",
    )


def _own_files(backup: Backup, found: Manifest) -> Iterator[Damage]:
    there = {path.name for path in backup.folder.iterdir()} - {manifest.NAME}
    for name in sorted(there - found.files.keys()):
        yield Damage(f"多出文件 {name}", f"{name} does not belong there")
    for name, facts in found.files.items():
        if name not in there:
            yield Damage(f"缺少文件 {name}", f"{name} is missing")
        elif durable.measured(backup.folder / name) != facts:
            yield Damage(f"文件 {name} 已损坏", f"{name} is damaged")
    for name in {PHOTOS, LOST} - found.files.keys():
        yield Damage(f"清单中没有 {name}", f"the manifest does not name {name}")


def _objects(backup: Backup, found: Manifest) -> Iterator[Damage]:
    for path in backup.shelf.strangers():
        name = path.relative_to(backup.shelf.root).as_posix()
        yield Damage(f"照片中混入文件 {name}", f"{name} does not belong among the photos")
    count = 0
    with ThreadPoolExecutor(AT_ONCE) as threads:
        photos = backup.photos()
        while page := list(islice(photos, _PAGE)):
            count += len(page)
            yield from filter(None, threads.map(lambda photo: _damage(backup, photo), page))
    if count != found.photos.objects:
        yield Damage("照片数与清单不符", "the number of photos is not that of the manifest")


def _damage(backup: Backup, photo: Listed) -> Damage | None:
    try:
        facts = durable.measured(backup.shelf.path(photo.sha256))
    except FileNotFoundError:
        return Damage(f"缺少照片 {photo.key}", f"photo {photo.key} is missing")
    if facts != FileFacts(photo.size, photo.sha256):
        return Damage(f"照片 {photo.key} 已损坏", f"photo {photo.key} is damaged")
    return None
