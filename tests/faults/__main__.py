"""`make faults`: hurts an installation in every way and prints what was lost, by harness.

python -m tests.faults                                   all long forms
python -m tests.faults --only database --faults 20 --seed 7
python -m tests.faults --controls                        each harness on its planted faults, which it must find
python -m tests.faults --only crash-loop --planted acknowledge_before_commit
"""

import argparse
import random
import shutil
import sys
import time
from pathlib import Path

from tests.faults.harnesses import HARNESSES, MISSING
from tests.faults.leftovers import ending_in_order, own_folder
from tests.faults.outcome import Outcome, Plan, table


def main() -> int:
    """0 when every promise was kept; with planted faults, when each was found."""
    options = _options()
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1_000_000)
    _say(f"seed {seed}")
    outcomes: list[Outcome] = []
    missed = 0
    with ending_in_order():
        for name, plan in _plans(options, seed):
            outcome = _run(name, plan, options.log)
            if outcome is None:
                continue
            outcomes.append(outcome)
            if plan.planted is None:
                missed += not outcome.is_clean
            else:
                found = not outcome.is_clean
                _say(f"  planted {plan.planted}: {'found' if found else 'NOT FOUND'}")
                missed += not found
    _say("")
    _say(table(outcomes))
    return 1 if missed else 0


def _plans(options: argparse.Namespace, seed: int) -> list[tuple[str, Plan]]:
    chosen = options.only or list(HARNESSES)
    if options.controls:
        planted = [
            (name, fault, enough) for name in chosen for fault, enough in HARNESSES[name].planted.items()
        ]
        return [(name, Plan(seed, enough, options.phones, fault)) for name, fault, enough in planted]
    counts = {name: options.faults or round(HARNESSES[name].long * options.times) for name in chosen}
    return [
        (name, Plan(seed, max(1, count), options.phones, options.planted)) for name, count in counts.items()
    ]


def _run(name: str, plan: Plan, log: Path | None) -> Outcome | None:
    began = time.monotonic()
    with own_folder() as folder:
        try:
            outcome = HARNESSES[name].run(plan, folder)
        except MISSING as reason:
            _say(f"{name}: left out, {reason}")
            return None
        finally:
            if log is not None and (folder / "serve.log").exists():
                shutil.copy(folder / "serve.log", log)
    outcome.seconds = time.monotonic() - began
    _say(outcome)
    return outcome


def _say(line: object) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", nargs="*", choices=list(HARNESSES), help="these harnesses alone")
    parser.add_argument("--seed", type=int, help="of everything that is drawn; printed if it is not given")
    parser.add_argument("--faults", type=int, help="how many each harness injects")
    parser.add_argument("--times", type=float, default=1.0, help="the long form's numbers, that many times")
    parser.add_argument("--phones", type=int, default=12)
    parser.add_argument("--planted", help="serve with this fault planted")
    parser.add_argument("--controls", action="store_true", help="plant each fault and see that it is found")
    parser.add_argument("--log", type=Path, help="keep the log of the last installation here")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
