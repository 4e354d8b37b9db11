"""PostgreSQL never runs as root: who it runs as instead, and the least rights that this needs."""

import contextlib
import os
import pwd
import shutil
import stat
import subprocess
import time
from pathlib import Path

_NAME = "pgserver"
_TRAVERSE = stat.S_IXOTH
_READ = stat.S_IROTH


class NoSystemUserError(RuntimeError):
    """We are root and can neither find nor make a user for the database."""


def database_user(folder: Path) -> pwd.struct_passwd | None:
    """The user for a database in this folder; None when we are not root and simply stay who we are.

    A folder that already belongs to somebody stays theirs, so that a folder begun without root goes on
    working under it.
    """
    if os.geteuid() != 0:
        return None
    if folder.exists() and (owner := folder.stat().st_uid) != 0:
        return pwd.getpwuid(owner)
    return _find(_NAME) or _make(_NAME)


def let_traverse(path: Path, user: pwd.struct_passwd) -> list[Path]:
    """Lets the user walk through every folder above the path and answers those it had to change.

    Only the right to pass is given, never the right to list.
    """
    closed = [folder for folder in path.parents if not _may_pass(folder, user)]
    for folder in closed:
        folder.chmod(folder.stat().st_mode | _TRAVERSE)
    return closed


def let_read(tree: Path) -> None:
    """Makes a tree of public programs readable for everyone, where a strict umask had closed it."""
    for path in (tree, *tree.rglob("*")):
        mode = path.stat().st_mode
        wanted = mode | _READ | (_TRAVERSE if path.is_dir() or mode & stat.S_IXUSR else 0)
        if wanted != mode:
            path.chmod(wanted)


def _may_pass(folder: Path, user: pwd.struct_passwd) -> bool:
    facts = folder.stat()
    return bool(facts.st_mode & _TRAVERSE) or (
        facts.st_uid == user.pw_uid and facts.st_mode & stat.S_IXUSR > 0
    )


def _find(name: str) -> pwd.struct_passwd | None:
    with contextlib.suppress(KeyError):
        return pwd.getpwnam(name)
    return None


def _make(name: str) -> pwd.struct_passwd:
    """Creates the user, or waits for the process beside us that is just doing so."""
    program = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if program:
        subprocess.run(  # noqa: S603 -- a fixed command found on the system's own path
            [program, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", name],
            check=False,
            capture_output=True,
        )
    for _ in range(20):
        if user := _find(name):
            return user
        time.sleep(0.1)
    raise NoSystemUserError(
        f"PostgreSQL 不能以 root 运行，且无法创建系统用户 {name}：请先创建该用户，或改用普通用户运行。 / "
        f"PostgreSQL refuses to run as root and the system user {name} could not be made: "
        "make it, or run as an ordinary user."
    )
