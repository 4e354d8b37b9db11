"""Kill -9 at random moments: of everything at once, a web worker, the job worker, the database, one of its backends.

After "everything" the installation is started again as an operator's service manager would; after the others nobody does
anything: what was killed must come back by itself.
"""

import random
import time
from collections import Counter
from pathlib import Path

from tests.faults.outcome import Outcome, Plan
from tests.faults.stage import Stage, staged

WHOLE = "everything"
DECK = (WHOLE, "web", "postmaster", "web", "backend", WHOLE, "jobs", "web", "web master", "web")
LONGEST_LIFE_S = 0.8
READY_SECONDS = 30.0


def crash_loop(plan: Plan, folder: Path) -> Outcome:
    """Two kills in ten are of everything; the first always is."""
    chance = random.Random(plan.seed)
    killed: Counter[str] = Counter()
    deck = list(DECK)
    with staged("crash loop", plan, folder) as stage:
        with stage.crew.out():
            for number in range(plan.faults):
                time.sleep(chance.random() * LONGEST_LIFE_S)
                if number and number % len(DECK) == 0:
                    chance.shuffle(deck)
                what = deck[number % len(deck)]
                _kill(stage, what, chance)
                killed[what] += 1
                stage.hurt()
            _await_ready(stage)
        stage.outcome.remarks.append(
            "killed: " + ", ".join(f"{what} {times}" for what, times in killed.items())
        )
        stage.finish()
        if plan.planted is None:
            stage.await_darkroom()
            stage.check_figures()
        return stage.outcome


def _kill(stage: Stage, what: str, chance: random.Random) -> None:
    installation = stage.installation
    if what == WHOLE:
        installation.kill_everything()
        installation.start()
        time.sleep(0.2)
        return
    there = installation.parts().get(what, [])
    if what == "jobs":  # with whatever it has started
        installation.kill(there)
    elif there:
        installation.kill([chance.choice(there)])
    if what in ("postmaster", "backend", "web master"):
        _await_ready(stage)


def _await_ready(stage: Stage) -> None:
    try:
        stage.installation.wait_ready(READY_SECONDS)
    except TimeoutError as error:
        stage.broke(f"not back by itself after {READY_SECONDS:g} s: {str(error)[-500:]}")
        stage.installation.kill_everything()
        stage.installation.start()
