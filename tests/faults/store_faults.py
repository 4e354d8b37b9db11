"""The object store killed, slow, refusing, lying about bytes: records go on, photos wait, and what is receipted is right.

The emulator stands behind a line that hurts what the product and the phones send to it; for a while one fault, then a
while of peace, then the next.
"""

import contextlib
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from media.stores.opening import open_store
from tests.faults.line import Line
from tests.faults.outcome import Outcome, Plan
from tests.faults.probe import Probe
from tests.faults.stage import Stage, staged
from tests.faults.store_hurts import Damage, phases
from tests.support import s3emu
from tests.support.s3 import S3Server

BUCKET = "photos"
DRAINED_SECONDS = 60.0
PHASE_S = 2.0
PEACE_S = 0.5
LONGEST_S = 1800.0


class NoStore(RuntimeError):
    """The emulator is not installed: `python -m tests.support.s3emu install`."""


def store_faults(plan: Plan, folder: Path) -> Outcome:
    """One phase after the other until so many calls have been hurt; after the first round in an order drawn from the seed.

    Raises:
        NoStore: there is no emulator.
    """
    chance = random.Random(plan.seed)
    damage = Damage()
    ways = phases(damage)
    line = Line(0, {}, 0.0, plan.seed, usual=damage.well)
    with _emulator(folder) as server, _before(line, server) as endpoint:
        reached = S3Server(server.name, endpoint, server.access_key, server.secret_key, server.profile)
        settings = {"QIANBAI_STORE": reached.setting(BUCKET)} | reached.environment()
        with staged("store", plan, folder, settings=settings) as stage:
            stage.store = open_store(settings["QIANBAI_STORE"], settings)
            probe = Probe(stage)
            until = time.monotonic() + LONGEST_S
            with stage.crew.out():
                time.sleep(PEACE_S)
                order = list(range(len(ways)))
                while line.hurt.total() < plan.faults and time.monotonic() < until:
                    stage.crew.demand_well()
                    order = order or chance.sample(range(len(ways)), len(ways))
                    line.habits = ways[order.pop(0)]
                    _one_phase(stage, line, probe)
            stage.finish(seconds=DRAINED_SECONDS)
            stage.hurt(line.hurt.total())
            stage.outcome.remarks.append(f"hurt {line.hurt.total()} of {line.calls} calls: {dict(line.hurt)}")
            return stage.outcome


def _one_phase(stage: Stage, line: Line, probe: Probe) -> None:
    """Hurt every call for a while; visits must be accepted meanwhile, and not much later than in peace."""
    until = time.monotonic() + PHASE_S
    line.share = 1.0
    times = []
    while time.monotonic() < until:
        times.append(probe.send_visit())
        time.sleep(0.1)
    line.share = 0.0
    if None in times:
        hurt = [habit.__name__ for habit in line.habits]
        stage.broke(
            f"{times.count(None)} of {len(times)} visits were not accepted while the store was hurt: {hurt}"
        )
    time.sleep(PEACE_S)


@contextlib.contextmanager
def _emulator(folder: Path) -> Iterator[S3Server]:
    if not s3emu.installed():
        raise NoStore("python -m tests.support.s3emu install")
    with (
        tempfile.TemporaryDirectory(prefix="s3-", dir=folder) as scratch,
        s3emu.running(Path(scratch)) as server,
    ):
        server.make_bucket(BUCKET)
        yield server


@contextlib.contextmanager
def _before(line: Line, server: S3Server) -> Iterator[str]:
    line.server_port = int(server.endpoint.rsplit(":", 1)[1])
    with line:
        yield line.base_url
