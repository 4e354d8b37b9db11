import os
import re
import select
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
COMMAND = [
    sys.executable,
    "-m",
    "service.cli",
    "serve",
    "--host",
    "127.0.0.1",
    "--port",
    "0",
    "--workers",
    "1",
]
SECONDS = 180


class Server:
    """A running ``qianbai serve`` whose lines can be waited for."""

    def __init__(self, data):
        environment = {
            name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "QIANBAI_STORE"}
        }
        self.data = data
        self.lines = []
        self.process = subprocess.Popen(
            [*COMMAND, "--data", str(data)],
            cwd=ROOT, env=environment | {"QIANBAI_ADMIN_PASSWORD": "a quiet evening in Liaocheng"},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip

    def wait_for(self, pattern):
        for line in self.process.stdout:
            self.lines.append(line)
            if found := re.search(pattern, line):
                return found
        raise AssertionError(f"serve ended without {pattern!r}:\n{''.join(self.lines)}")

    def wait_until_ready(self):
        self.url = self.wait_for(r"ready: (http://\S+?)/ ")[1]
        return self

    def finish(self, number):
        self.process.send_signal(number)
        self.lines += self.process.communicate(timeout=SECONDS)[0].splitlines()
        return self.process.returncode


@contextmanager
def serving(data):
    server = Server(data)
    try:
        yield server.wait_until_ready()
    finally:
        if server.process.poll() is None:
            server.finish(signal.SIGTERM)
        server.process.stdout.close()


def children_of(pid):
    """Process handles of everything below this process; a handle becomes readable when its process ends."""
    below = subprocess.run(
        ["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True
    ).stdout.split()
    parents = dict(zip(map(int, below[::2]), map(int, below[1::2]), strict=True))
    found, known = [], {pid}
    for _ in range(4):
        known |= {child for child, parent in parents.items() if parent in known}
    for child in known - {pid}:
        with_handle = os.pidfd_open(child) if Path(f"/proc/{child}").exists() else None
        found += [with_handle] if with_handle else []
    return found


def all_end(handles, *, seconds):
    until, left = time.monotonic() + seconds, set(handles)
    while left and time.monotonic() < until:
        left -= set(select.select(list(left), [], [], max(0, until - time.monotonic()))[0])
    for handle in handles:
        os.close(handle)
    return not left


def status(url):
    with urllib.request.urlopen(f"{url}/readyz", timeout=10) as answer:
        return answer.status


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="process handles are Linux's"),
]


def test_it_serves_stops_at_ctrl_c_and_finds_all_as_it_was(tmp_path):
    with serving(tmp_path / "var") as server:
        assert status(server.url) == 200
        secret = (tmp_path / "var" / "secret").read_bytes() if (tmp_path / "var" / "secret").exists() else b""
        below = children_of(server.process.pid)
        assert len(below) >= 4  # postgres, web server, its worker, job worker
        assert server.finish(signal.SIGINT) == 0
        assert all_end(below, seconds=SECONDS)
    with serving(tmp_path / "var") as again:
        assert status(again.url) == 200
        assert secret in (b"", (tmp_path / "var" / "secret").read_bytes())


def test_it_leaves_nothing_behind_when_it_is_killed_and_starts_again(tmp_path):
    with serving(tmp_path / "var") as killed:
        below = children_of(killed.process.pid)
        killed.process.kill()
        killed.process.wait()
        assert all_end(below, seconds=SECONDS)
    with serving(tmp_path / "var") as again:
        assert status(again.url) == 200


def test_it_refuses_a_data_folder_in_use_and_does_not_disturb_it(tmp_path):
    with serving(tmp_path / "var") as first:
        second = subprocess.run(
            [*COMMAND, "--data", str(tmp_path / "var")],
            cwd=ROOT,
            capture_output=True,
            check=False,
            text=True,
            timeout=SECONDS,
        )
        assert second.returncode == 1
        assert f"in use by process {first.process.pid}" in second.stderr
        assert status(first.url) == 200


def test_it_brings_back_whatever_dies(tmp_path):
    with serving(tmp_path / "var") as server:
        ours = subprocess.run(
            ["ps", "--ppid", str(server.process.pid), "-o", "pid="],
            capture_output=True,
            text=True,
            check=True,
        )
        for pid in map(int, ours.stdout.split()):
            os.kill(pid, signal.SIGKILL)
        server.wait_for("web server .* restarting")
        until = time.monotonic() + SECONDS
        while time.monotonic() < until and not answers(server.url):
            time.sleep(0.1)
        assert status(server.url) == 200


def answers(url):
    try:
        return status(url) == 200
    except OSError:
        return False


def test_it_gives_photos_a_folder_of_their_own(tmp_path):
    with serving(tmp_path / "var"):
        assert (tmp_path / "var" / "photos").stat().st_mode & 0o777 == 0o700
        assert (tmp_path / "var" / "pg").stat().st_mode & 0o777 == 0o700
        assert (tmp_path / "var").stat().st_mode & 0o066 == 0


def test_it_names_a_taken_port(tmp_path):
    with serving(tmp_path / "var") as first:
        port = first.url.rpartition(":")[2]
        words = [port if word == "0" else word for word in COMMAND]
        second = subprocess.run(
            [*words, "--data", str(tmp_path / "other")],
            cwd=ROOT,
            capture_output=True,
            check=False,
            text=True,
            timeout=SECONDS,
        )
        assert second.returncode == 1
        assert f"Cannot listen on 127.0.0.1:{port}" in second.stderr
