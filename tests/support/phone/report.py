"""What one round of syncing did, as a person may be shown it: by what the server has confirmed, never by hope."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Round:
    """Counts of one round."""

    sent: int = 0
    """Records whose receipts were checked in this round."""
    photos: int = 0
    """Photos whose receipts were checked in this round."""
    pieces: int = 0
    """Pieces of resumable uploads that arrived in this round."""
    pulled: int = 0
    """Changes that were taken in."""
    put_off: int = 0
    """Items that wait for another time."""
    for_a_person: int = 0
    """Items that somebody must look at."""
    recalled: int = 0
    """Items that are sent again because the server asked."""
    faults: Counter[str] = field(default_factory=Counter)
    """What went wrong on the way, by name."""
    last_fault: str = ""
    """The last of them in words, for a log."""
    stopped: str | None = None
    """The code of what a person must do before anything is sent: sign in, or install a newer app."""
    is_reported: bool = False
    """Whether the server was told what is left on the phone."""

    @property
    def progress(self) -> int:
        """How much has moved."""
        return self.sent + self.photos + self.pieces + self.pulled + self.for_a_person
