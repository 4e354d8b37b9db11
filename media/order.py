"""What a darkroom process is asked to do and how much it may use; travels to it in one environment variable.

An environment is readable by its own user only; a command line, with the place and the unit in it, by everybody.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime

from media.facts import Stamp

VARIABLE = "QIANBAI_DARKROOM_ORDER"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one photo may cost; past it the photo is refused and its process is gone."""

    # What phones call 50 megapixels is up to 8192 x 6144.
    pixels: int = 51_000_000
    # Measured with 50 megapixels, address space in MB: WEBP 814, 16-bit PNG 513, RGBA PNG 492, HEIC 425, JPEG 110 to 370.
    memory_bytes: int = 1024 * 1024 * 1024
    cpu_seconds: int = 20
    wall_seconds: int = 40
    answer_bytes: int = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Order:
    """One photo to develop, with a stamped copy when a stamp is given."""

    stamp: Stamp | None = None
    limits: Limits = field(default_factory=Limits)

    def written(self) -> str:
        """The order as text for the environment."""
        return json.dumps(asdict(self), default=datetime.isoformat)


def read_order(environment: Mapping[str, str]) -> Order:
    """The order as the process finds it."""
    slip = json.loads(environment[VARIABLE])
    stamp = slip["stamp"]
    if stamp is not None:
        stamp = Stamp(**{**stamp, "taken_at": datetime.fromisoformat(stamp["taken_at"])})
    return Order(stamp=stamp, limits=Limits(**slip["limits"]))
