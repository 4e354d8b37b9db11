"""A line that hurts three calls in ten: every outbox empties all the same, at no more than three times the bytes."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.hurts import BAD_SIGNAL
from tests.faults.line import Line
from tests.faults.outcome import Outcome, Plan
from tests.faults.stage import Stage, staged
from tests.faults.trusting_phone import trusting
from tests.support.phone import grants

SHARE = 0.3
PIECE_BYTES = 24 * 1024
MOST_TIMES_THE_BYTES = 3.0
_LONGEST_S = 1200.0


def cut_answers(plan: Plan, folder: Path) -> Outcome:
    """Goes on until so many calls have been hurt."""
    line = Line(0, BAD_SIGNAL, SHARE, plan.seed, spared=lambda call: call.path.startswith("/readyz"))
    until = time.monotonic() + _LONGEST_S
    with (
        trusting(plan.planted),
        small_pieces(),
        staged("cut answers", plan, folder, line=line, impatient=False) as stage,
    ):
        with stage.crew.out():
            while line.hurt.total() < plan.faults and time.monotonic() < until:
                stage.crew.demand_well()
                time.sleep(0.05)
        stage.finish()
        stage.hurt(line.hurt.total())
        stage.outcome.remarks.append(f"hurt {line.hurt.total()} of {line.calls} calls: {dict(line.hurt)}")
        _weigh(stage, line)
        if plan.planted is None:
            stage.await_darkroom()
            stage.check_figures()
        return stage.outcome


@contextmanager
def small_pieces() -> Iterator[None]:
    """Resumable uploads of this process go in many pieces while the block runs, so that many of them are cut."""
    usual, grants.CHUNK_BYTES = grants.CHUNK_BYTES, PIECE_BYTES
    try:
        yield
    finally:
        grants.CHUNK_BYTES = usual


def _weigh(stage: Stage, line: Line) -> None:
    """What went over the line, against what had to."""
    needed = sum(hand.needed_bytes for hand in stage.crew.hands)
    times = line.bytes_sent / max(needed, 1)
    stage.outcome.remarks.append(f"sent {line.bytes_sent:,} bytes, {times:.2f} times what had to be sent")
    if times > MOST_TIMES_THE_BYTES:
        stage.broke(f"{times:.1f} times the bytes were sent")
