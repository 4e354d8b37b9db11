"""The folder that holds everything of one installation, and the lock that lets one server use it."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class DataFolderBusyError(RuntimeError):
    """Another server works in this data folder."""


def prepare(folder: Path) -> Path:
    """Makes the folder and its private parts, and answers its absolute path.

    Photos are open to their owner alone; root's folder itself may be walked through, because its database
    runs as another user, but not listed.
    """
    folder = folder.resolve()
    folder.mkdir(parents=True, exist_ok=True)
    if folder.stat().st_uid == os.geteuid():
        folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
    photos = folder / "photos"
    photos.mkdir(exist_ok=True)
    if photos.stat().st_uid == os.geteuid():
        photos.chmod(0o700)
    return folder


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Holds the folder for this process; the kernel lets go when the process ends, however it ends.

    Raises:
        DataFolderBusyError: somebody else holds it.
    """
    with (folder / "lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            raise DataFolderBusyError(_busy(folder, file.read().strip())) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _busy(folder: Path, pid: str) -> str:
    return (
        f"数据目录 {folder} 正被另一个进程使用（{pid or '?'}），请先停止它，或用 --data 指定别的目录。 / "
        f"The data folder {folder} is in use by process {pid or '?'}: stop it, or choose another with --data."
    )
