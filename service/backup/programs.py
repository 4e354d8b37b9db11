"""``pg_dump`` and ``pg_restore``: where they are, whether they fit the server, and how they are run.

They come with the embedded database. A server of a newer major version, or one that is reached by TLS (the carried
programs have none), needs its own: QIANBAI_POSTGRES_PROGRAMS names their folder. A password never stands on a command
line, and neither program outlives us.
"""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import sqlalchemy as sa
from psycopg.conninfo import make_conninfo

from service.backup.durable import CHUNK_BYTES
from service.backup.errors import ProgramFailed, WrongVersion
from service.kernel import embedded, lifeline
from service.kernel.db import normal_url

_VERSION = re.compile(r"\(PostgreSQL\)\D+(\d+)")
_MOST_WORDS = 4000
_SCOPE = ("--schema=public", "--no-owner", "--no-privileges")


@dataclass(frozen=True, slots=True)
class Programs:
    """The programs of one PostgreSQL."""

    folder: Path
    major: int

    def demand_fit(self, server_version: int) -> None:
        """Make sure they can speak with a server of that version.

        Raises:
            WrongVersion: the server is newer.
        """
        server = server_version // 10_000
        if server > self.major:
            raise WrongVersion(
                f"数据库为 PostgreSQL {server}，现有 pg_dump、pg_restore 为 {self.major}：请安装 PostgreSQL {server} 的"
                "客户端程序，并用 QIANBAI_POSTGRES_PROGRAMS 指明其文件夹",
                f"the database is PostgreSQL {server}, pg_dump and pg_restore are {self.major}: install the client "
                f"programs of PostgreSQL {server} and name their folder in QIANBAI_POSTGRES_PROGRAMS",
            )

    def dump(self, url: str, *, snapshot: str, sink: Callable[[bytes], None]) -> None:
        """Hands everything a snapshot sees to the sink, as it comes.

        Raises:
            ProgramFailed: pg_dump did not finish; what the sink was given is of no use.
        """
        words = [
            "--format=custom",
            "--compress=gzip:1",
            f"--snapshot={snapshot}",
            "--lock-wait-timeout=30s",
            *_SCOPE,
        ]
        with self._started("pg_dump", url, words) as process:
            assert process.stdout
            while chunk := process.stdout.read(CHUNK_BYTES):
                sink(chunk)
            self._demand_success("pg_dump", process)

    def restore(self, url: str, dump: Path, *, jobs: int) -> None:
        """Brings a dump into an empty database.

        Raises:
            ProgramFailed: pg_restore did not finish; the database holds a part.
        """
        words = [f"--jobs={jobs}", "--exit-on-error", *_SCOPE, str(dump)]
        with self._started("pg_restore", url, words) as process:
            self._demand_success("pg_restore", process)

    def _started(self, program: str, url: str, words: list[str]) -> "subprocess.Popen[bytes]":
        where, secrets = _connection(url)
        start = [sys.executable, "-I", "-S", lifeline.__file__, str(os.getpid()), "-", "15"]
        return subprocess.Popen(  # noqa: S603 our own words and the operator's address
            [*start, str(self.folder / program), f"--dbname={where}", "--no-password", *words],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={**os.environ, "LC_ALL": "C", **secrets},
        )  # fmt: skip

    def _demand_success(self, program: str, process: "subprocess.Popen[bytes]") -> None:
        said = _words(process.stderr)
        if process.wait():
            raise ProgramFailed(
                f"{program} 失败（{self.folder}）：{said}", f"{program} failed ({self.folder}): {said}"
            )


def find_programs(environment: Mapping[str, str]) -> Programs:
    """Those the operator names, else those that came with the embedded database.

    Raises:
        WrongVersion: there are none, or they do not say what they are.
    """
    given = environment.get("QIANBAI_POSTGRES_PROGRAMS", "")
    folder = Path(given) if given else embedded.programs()
    try:
        said = subprocess.run(  # noqa: S603 likewise
            [str(folder / "pg_dump"), "--version"], check=False, capture_output=True, text=True
        ).stdout
    except OSError as error:
        raise WrongVersion(f"{folder} 中没有 pg_dump", f"there is no pg_dump in {folder}") from error
    found = _VERSION.search(said)
    if found is None:
        raise WrongVersion(
            f"无法识别 {folder} 中的 pg_dump", f"the pg_dump in {folder} does not say its version"
        )
    return Programs(folder, int(found[1]))


def _connection(url: str) -> tuple[str, dict[str, str]]:
    """The address for a command line, and the password for the environment."""
    address = sa.make_url(normal_url(url))
    _, parts = address.get_dialect()().create_connect_args(address)
    password = parts.pop("password", None)
    parts.pop("context", None)
    secrets = {"PGPASSWORD": str(password)} if password else {}
    return make_conninfo("", **parts), secrets


def _words(stream: "IO[bytes] | None") -> str:
    said = stream.read() if stream else b""
    return said.decode(errors="replace").strip()[-_MOST_WORDS:]
