"""What a harness was asked to do and what came of it: one line of the table each."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.faults.comparison import Verdict


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of it: `faults` to inject, from this seed, with that many phones; `planted` names a fault to find."""

    seed: int
    faults: int
    phones: int = 8
    planted: str | None = None


@dataclass(slots=True)
class Outcome:
    """How a harness ended. Broken promises are whatever it demands beside "nothing lost, doubled or altered"."""

    harness: str
    seed: int
    verdict: Verdict
    faults: int = 0
    answers_500: int = 0
    seconds: float = 0.0
    broken: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether every promise was kept."""
        return self.verdict.is_clean and not self.answers_500 and not self.broken

    def __str__(self) -> str:
        kept = "all promises kept" if self.is_clean else "BROKEN"
        said = [f"{self.harness}, seed {self.seed}: {kept}: {self.faults} faults, {self.verdict}"]
        said += [f"{self.answers_500} answered 500"] if self.answers_500 else []
        return "\n  ".join([", ".join(said), *self.broken, *self.remarks])


def table(outcomes: Sequence[Outcome]) -> str:
    """The outcomes as a table in Markdown, with their sum."""
    heads = (
        "harness",
        "faults injected",
        "acknowledged",
        "lost",
        "doubled",
        "altered",
        "answers 500",
        "s",
        "seed",
    )
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    sums = [0] * 7
    for one in outcomes:
        verdict = one.verdict
        row = [
            one.faults,
            verdict.acknowledged,
            len(verdict.lost),
            len(verdict.doubled),
            len(verdict.altered),
        ]
        row += [one.answers_500, round(one.seconds)]
        sums = [total + more for total, more in zip(sums, row, strict=True)]
        lines.append(f"| {one.harness} | {' | '.join(f'{figure:,}' for figure in row)} | {one.seed} |")
    lines.append(f"| **all** | {' | '.join(f'**{figure:,}**' for figure in sums)} | |")
    return "\n".join(lines)
