"""``qianbai serve``: one command that runs the database, the web server and the job worker.

    serve ─┬─ PostgreSQL         unless DATABASE_URL names another
           ├─ service.wsgi       gunicorn and its workers, on the socket opened here
           └─ service.cli worker jobs

Whatever dies is started again; when this process dies, so do all of them.
"""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import click
import psycopg
import sqlalchemy as sa

from service import __version__
from service.cli.supervisor import Child, Supervisor
from service.kernel import lifeline
from service.kernel.data_folder import DataFolderBusyError, locked, prepare
from service.kernel.durability import UnfitDatabaseError, check_durability
from service.kernel.embedded import EmbeddedPostgres, EmbeddedPostgresError
from service.kernel.system_user import NoSystemUserError

_READY_SECONDS = 60
LONGEST_REVIVAL_PAUSE_S = 3.0
"""Records are to be taken again within five seconds of there being room."""


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址 / address to listen on")
@click.option("--port", default=8000, show_default=True, help="端口，0 为任选 / port, 0 picks a free one")
@click.option("--data", type=click.Path(path_type=Path), default=None, help="数据目录 / data folder  [var]")
@click.option("--workers", default=None, type=click.IntRange(1, 64), help="网络进程数 / web workers  [cores]")
@click.option("--demo", is_flag=True, help="填入示范城市 / fill a demonstration city")
def serve(host: str, port: int, data: Path | None, workers: int | None, *, demo: bool) -> None:
    """启动全部服务 / run the database, the web server and the job worker."""
    started = time.monotonic()
    signal.signal(
        signal.SIGTERM, signal.default_int_handler
    )  # until the supervisor takes over, stop like Ctrl-C
    folder = prepare(data or Path(os.environ.get("QIANBAI_DATA", "var")))
    say(f"千百 qianbai {__version__}")
    say(f"数据目录 data folder: {folder}")
    try:
        with locked(folder), _listening(host, port) as listener, _database(folder) as database:
            _prepare_content(folder, demo=demo)
            _run(listener, database, workers or os.cpu_count() or 2, started)
    except (DataFolderBusyError, UnfitDatabaseError, EmbeddedPostgresError, NoSystemUserError) as error:
        raise click.ClickException(str(error)) from error
    except subprocess.CalledProcessError as error:
        raise click.ClickException("示范城市未能填入 / the demo city could not be filled") from error
    say("已停止 stopped")


@click.command()
def worker() -> None:
    """只运行后台任务 / run the job worker alone."""
    import mobile_api.sync_push  # noqa: F401 what waited is let in by the schemas of the doors it came by
    from service import background, logs
    from service.settings import Settings

    lifeline.die_with_starter()
    logs.configure()
    background.run_worker(Settings.from_environment())


def say(line: str) -> None:
    """Prints a line at once, whoever reads it."""
    click.echo(line)
    sys.stdout.flush()


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """The open port; bound before anything slow, so that a taken one is told at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise click.ClickException(
            f"无法监听 {host}:{port}（{error.strerror}），可用 --port 换一个。 / "
            f"Cannot listen on {host}:{port} ({error.strerror}); choose another with --port."
        ) from error
    with listener:
        yield listener


@contextmanager
def _database(folder: Path) -> Iterator[EmbeddedPostgres | None]:
    """Makes DATABASE_URL name a database that keeps its promises; ours if none was given."""
    os.environ["QIANBAI_DATA"] = str(folder)
    if os.environ.get("DATABASE_URL"):
        _check_given(os.environ["DATABASE_URL"])
        say("数据库 database: DATABASE_URL")
        yield None
        return
    began = time.monotonic()
    with EmbeddedPostgres(folder / "pg") as database:
        os.environ["DATABASE_URL"] = database.url
        for opened in (parent for parent in database.opened if parent != folder):
            say(f"已允许数据库用户通过 {opened} / let the database's user pass through {opened}")
        say(f"数据库 database: 内置 embedded PostgreSQL, {time.monotonic() - began:.1f} s")
        yield database


def _check_given(url: str) -> None:
    from service.kernel.db import make_engine

    engine = make_engine(url, pool_size=1)
    try:
        with engine.connect() as connection:
            check_durability(connection)
    except sa.exc.OperationalError as error:
        raise click.ClickException(
            f"无法连接 DATABASE_URL / cannot connect to DATABASE_URL: {error.orig}"
        ) from error
    finally:
        engine.dispose()


def _prepare_content(folder: Path, *, demo: bool) -> None:
    """Migrates, sees to the first administrator, and fills the demonstration when asked."""
    from service.cli import people
    from service.kernel import migrate
    from service.settings import Settings

    began = time.monotonic()
    migrate.upgrade(os.environ["DATABASE_URL"])
    say(f"数据表 tables: 已是最新 up to date, {time.monotonic() - began:.1f} s")
    settings = Settings.from_environment(data=folder)
    if password := people.ensure_first_administrator(settings):
        say(f"首位管理员 first administrator: admin / {password}   （仅显示一次 shown only once）")
    if demo:
        # In a process of its own: a city of photos would stay in the memory of this one for as long as it serves.
        subprocess.run([sys.executable, "-m", "service.cli", "demo", "--data", str(folder)], check=True)


def _run(listener: socket.socket, database: EmbeddedPostgres | None, workers: int, started: float) -> None:
    """Runs the children until a signal, telling when everything answers."""
    host, port = listener.getsockname()[:2]
    reviver = Reviver(database)
    with Supervisor(_children(listener, workers), tell=say) as supervisor:
        deadline = time.monotonic() + _READY_SECONDS
        supervisor.watch(
            until=lambda: _is_ready(host, port) or time.monotonic() > deadline, also=reviver.look
        )
        if not supervisor.is_stopping:
            _tell_ready(host, port, time.monotonic() - started)
        supervisor.watch(also=reviver.look)
        say("正在停止 stopping …")


def _children(listener: socket.socket, workers: int) -> list[Child]:
    bind = f"fd://{listener.fileno()}"
    web = [sys.executable, "-m", "service.wsgi", bind, str(workers)]
    return [
        Child("网络服务 web server", web, inherited=(listener.fileno(),)),
        Child("后台任务 job worker", [sys.executable, "-m", "service.cli", "worker"]),
    ]


class Reviver:
    """Starts our database again after something killed it; its own recovery does the rest.

    On a full disk it cannot start. Then it is tried again every few seconds, without a word for each try: when there
    is room again it comes back by itself, soon after.
    """

    def __init__(self, database: EmbeddedPostgres | None, *, tell: Callable[[str], None] = say) -> None:
        self._database = database
        self._tell = tell
        self._failures = 0
        self._said = ""
        self._again_at = 0.0

    def look(self) -> None:
        """Starts it when it is down and its pause is over."""
        if self._database is None or self._database.is_running or time.monotonic() < self._again_at:
            return
        if not self._failures:
            self._tell("数据库退出，正在重启 / the database died, starting it again")
        try:
            self._database.start()
        except (EmbeddedPostgresError, UnfitDatabaseError, psycopg.Error, OSError) as error:
            self._failures += 1
            self._again_at = time.monotonic() + min(LONGEST_REVIVAL_PAUSE_S, 0.5 * 2**self._failures)
            self._tell_once(_in_short(str(error)))
        else:
            self._failures, self._said = 0, ""
            self._tell("数据库已恢复 / the database is back")

    def _tell_once(self, reason: str) -> None:
        if reason != self._said:
            self._said = reason
            self._tell(f"数据库未能启动，将自动重试 / the database did not start, trying on:\n{reason}")


def _in_short(reason: str) -> str:
    """The lines that say what is wrong; times and process numbers differ at every try."""
    wrong = [line.partition("FATAL:")[2] or line.partition("PANIC:")[2] for line in reason.splitlines()]
    return "\n".join(dict.fromkeys(line.strip() for line in wrong if line)) or reason[:300]


def _is_ready(host: str, port: int) -> bool:
    where = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 -- asking ourselves
    connection = http.client.HTTPConnection(where, port, timeout=2)
    with closing(connection), suppress(OSError, http.client.HTTPException):
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    return False


def _phone_host(host: str, shown: str) -> str:
    """The name for the phone's app: browsers allow it everything on ``localhost``, and what it keeps lies under one name."""
    return "localhost" if host in {"127.0.0.1", "::1"} else shown


def _tell_ready(host: str, port: int, seconds: float) -> None:
    shown = f"[{host}]" if ":" in host else host
    if _is_ready(host, port):
        say(
            f"手机 phones: http://{_phone_host(host, shown)}:{port}/m/   总部 headquarters: http://{shown}:{port}/hq/"
        )
        say(f"就绪 ready: http://{shown}:{port}/   {seconds:.1f} s   Ctrl-C 停止 stops")
    else:
        say(f"尚未就绪，原因见 not ready yet, see: http://{shown}:{port}/readyz")
