"""The documented deployment, started for one measurement and ended with it: `qianbai serve` in a temporary folder."""

import contextlib
import os
import platform
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from service.kernel.embedded import EmbeddedPostgres

ROOT = Path(__file__).resolve().parent.parent
ADMIN_PASSWORD = "measure-7-times"
_TICKS = os.sysconf("SC_CLK_TCK")
_READY = re.compile(r"ready: http://[^:]+:(\d+)/")


@dataclass(frozen=True, slots=True)
class Deployment:
    """A running installation."""

    process: subprocess.Popen[str]
    folder: Path
    port: int
    seconds_to_ready: float

    @property
    def database_url(self) -> str:
        """The address of its own database."""
        return EmbeddedPostgres(self.folder / "pg").url

    def tree(self) -> dict[int, str]:
        """Its processes, each as `serve`, `web`, `worker` or `database`."""
        return {pid: part_of(pid) for pid in descendants(self.process.pid)}

    def cpu_s(self) -> dict[str, float]:
        """CPU seconds its living processes have used so far, by part."""
        used: dict[str, float] = {}
        for pid, part in self.tree().items():
            used[part] = used.get(part, 0.0) + process_cpu_s(pid)
        return used

    def pss_mb(self) -> dict[str, float]:
        """Resident memory by part; a page that several share is counted once."""
        held: dict[str, float] = {}
        for pid, part in self.tree().items():
            with contextlib.suppress(OSError, StopIteration):
                lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
                pss = next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
                held[part] = held.get(part, 0.0) + pss / 1024
        return held


@contextlib.contextmanager
def deployed(folder: Path | None = None, *options: str) -> Iterator[Deployment]:
    """`qianbai serve` on a free port, with its database durable as always; ended when the block is."""
    with contextlib.ExitStack() as stack:
        data = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="qianbai-bench-")))
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        environment |= {
            "QIANBAI_ADMIN_PASSWORD": ADMIN_PASSWORD,
            "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]),
        }
        began = time.monotonic()
        log = stack.enter_context((data / "serve.log").open("w"))
        process = subprocess.Popen(
            [sys.executable, "-m", "service.cli", "serve", "--port", "0", "--data", str(data), *options],
            stdout=subprocess.PIPE, stderr=log, text=True, env=environment, start_new_session=True,
        )  # fmt: skip
        try:
            port = _port(process, data / "serve.log")
            yield Deployment(process, data, port, time.monotonic() - began)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            process.stdout.close()


def _port(process: subprocess.Popen[str], log: Path) -> int:
    said = []
    for line in process.stdout:
        said.append(line)
        if found := _READY.search(line):
            port = int(found[1])
            urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5).read()
            return port
        if "not ready yet" in line:
            break
    raise SystemExit("the server did not get ready:\n" + "".join(said) + log.read_text()[-2000:])


def process_cpu_s(pid: int) -> float:
    """CPU seconds a process and its ended children have used; 0 when it is gone."""
    with contextlib.suppress(OSError):
        stat = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return sum(map(int, stat[11:15])) / _TICKS
    return 0.0


def descendants(root: int) -> list[int]:
    """A process and all that came of it."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(entry.parent.name)] = int(entry.read_text().rsplit(")", 1)[1].split()[1])
    found = [root]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def part_of(pid: int) -> str:
    """What a process of the tree is there for."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return "gone"
    parts = {
        "service.wsgi": "web",
        "service.cli worker": "worker",
        "service.cli serve": "serve",
        "postgres": "database",
    }
    return next((part for word, part in parts.items() if word in words), "worker")


def machine() -> str:
    """One line about where this was measured."""
    model = "unknown processor"
    with contextlib.suppress(OSError):
        names = re.findall(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
        model = names[0] if names else model
    return (
        f"{os.cpu_count()} cores ({model}), load {os.getloadavg()[0]:.1f}, {platform.release()}, "
        f"Python {platform.python_version()}, yardstick {yardstick_ms():.0f} ms"
    )


def yardstick_ms() -> float:
    """CPU milliseconds of a fixed piece of work: how much slower the neighbours make a core just now."""
    began = time.process_time()
    total = 0
    for number in range(1_000_000):
        total += number * number
    return (time.process_time() - began) * 1000


class CpuMeter:
    """CPU seconds between two calls, by part."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._readings: list[dict[str, float]] = []

    def __call__(self) -> None:
        """Read the clock of every process."""
        self._readings.append(self._deployment.cpu_s())

    def ms_each(self, count: int) -> dict[str, float]:
        """Milliseconds of CPU for each of that many pieces of work, by part."""
        before, after = self._readings[-2:]
        return {part: (used - before.get(part, 0.0)) * 1000 / max(count, 1) for part, used in after.items()}
