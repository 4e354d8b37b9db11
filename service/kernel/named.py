"""Something as it is named beside something else: the unit of a record, its author, its site."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Named:
    """A unit, a person or a place with its name."""

    id: UUID
    name: str
