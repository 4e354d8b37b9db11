"""How much room is left on the disk, looked up at most once a second, and whether records may still be taken.

The reserve keeps the database away from a full disk, where it would stop: what remains is for reading, signing in,
checkpoints, and the log that a restart replays.
"""

import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

LARGEST_SHARE = 0.05
"""Of the whole disk: a small one is not kept empty."""
_KEEP_S = 1.0


@dataclass(slots=True)
class Space:
    """The room beside one folder."""

    folder: Path
    reserve_bytes: int
    _looked_at: float = field(default=-_KEEP_S)
    _free: int = 0
    _least: int = 0

    @property
    def is_low(self) -> bool:
        """Whether less than the reserve is free; a folder that cannot be looked at is not low."""
        self._look()
        return self._free < self._least

    def _look(self) -> None:
        moment = time.monotonic()
        if moment - self._looked_at < _KEEP_S:
            return
        self._looked_at = moment
        try:
            disk = shutil.disk_usage(self.folder)
        except OSError:
            self._free = self._least = 0
            return
        self._free = disk.free
        self._least = min(self.reserve_bytes, int(disk.total * LARGEST_SHARE))
