"""How soon it starts and how much memory it holds, idle and under load.

``python -m bench.memory [--seconds 15]``. A page that several processes share is counted once (PSS).
"""

import argparse
import tempfile
from pathlib import Path

from bench.city import found_city, sign_in
from bench.deployment import Deployment, deployed, machine
from bench.phones import crowd
from bench.photos import picture, sending, waiting
from bench.visits import visits

AIM_READY_S = 5
_PEOPLE = 32


def held(deployment: Deployment) -> str:
    """Resident memory by part."""
    parts = deployment.pss_mb()
    each = ", ".join(f"{part} {mb:.0f}" for part, mb in sorted(parts.items()))
    return f"{sum(parts.values()):.0f} MB in {len(deployment.tree())} processes ({each})"


def main() -> None:
    """Start twice, load once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=15)
    options = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory(prefix="qianbai-bench-") as folder:
        with deployed(Path(folder)) as deployment:
            print(
                f"empty folder to /readyz   {deployment.seconds_to_ready:.1f} s   aim {AIM_READY_S} s",
                flush=True,
            )
        with deployed(Path(folder)) as deployment:
            print(f"again to /readyz          {deployment.seconds_to_ready:.1f} s   aim {AIM_READY_S} s")
            print(f"idle                      {held(deployment)}", flush=True)
            city = found_city(deployment.database_url, people=_PEOPLE)
            tokens = sign_in(deployment.port, city.usernames)
            base = picture()
            after: list[str] = []
            crowd(
                deployment.port, 32, options.seconds, lambda n: visits(city, tokens[n]),
                around=lambda: after.append(held(deployment)),
            )  # fmt: skip
            print(f"32 phones sending visits  {after[-1]}", flush=True)
            crowd(
                deployment.port, 8, options.seconds, lambda n: sending(base, tokens[n]),
                around=lambda: after.append(held(deployment)),
            )  # fmt: skip
            print(f"8 phones sending photos   {after[-1]}")
            print(f"                          {waiting(deployment.database_url)} photos still to develop")


if __name__ == "__main__":
    main()
