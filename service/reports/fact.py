"""One figure of a report, as a sentence prints it."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure as a sentence prints it, and the address of its records where it has any."""

    shown: str
    url: str | None = None

    def as_document(self) -> dict[str, Any]:
        """The fact as it is kept."""
        return {"shown": self.shown, "url": self.url}
