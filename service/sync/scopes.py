"""What of a person decides which rows they see: today's unit and roles, as a phone's cursor remembers them."""

from dataclasses import dataclass
from typing import Self
from uuid import UUID

import sqlalchemy as sa

from service.accounts.models import Unit
from service.accounts.visibility import within_scope
from service.kernel.actor import Actor, Role
from service.sync.models import EVERYBODY


@dataclass(frozen=True, slots=True)
class Scope:
    """A person in a unit with these roles."""

    unit_id: UUID | None
    roles: frozenset[Role]

    @classmethod
    def of(cls, actor: Actor) -> Self:
        """The scope of whoever is asking."""
        return cls(actor.unit_id, actor.roles)

    def person(self, actor: Actor) -> Actor:
        """The same person as they were, or are, within this scope."""
        return Actor(actor.user_id, actor.name, self.unit_id, self.roles)


def audiences(actor: Actor, scopes: tuple[Scope, ...]) -> sa.CompoundSelect[UUID]:
    """The ids of all audiences that the person belongs to, or belonged to, in any of these scopes."""
    units = [sa.select(Unit.id).where(within_scope(scope.person(actor), Unit.id)) for scope in scopes]
    return sa.union(sa.select(sa.literal(EVERYBODY)), sa.select(sa.literal(actor.person_id)), *units)
