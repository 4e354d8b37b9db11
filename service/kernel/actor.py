"""Who is asking: the person, their unit, roles and device, fixed for one request or job."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self
from uuid import UUID


class Role(StrEnum):
    """What a person may do; one person may hold several."""

    FIELD_STAFF = "field_staff"
    SITE_COMMISSIONER = "site_commissioner"
    DEPARTMENT_OFFICER = "department_officer"
    UNIT_OFFICE = "unit_office"
    HEADQUARTERS = "headquarters"
    LEADER = "leader"
    INSPECTOR = "inspector"
    ADMINISTRATOR = "administrator"


FIELD_ROLES = frozenset({Role.FIELD_STAFF, Role.SITE_COMMISSIONER, Role.DEPARTMENT_OFFICER, Role.UNIT_OFFICE})
CITY_WIDE_ROLES = frozenset({Role.HEADQUARTERS, Role.LEADER, Role.INSPECTOR, Role.ADMINISTRATOR})
"""Roles that read the records of every unit."""


@dataclass(frozen=True, slots=True)
class Actor:
    """The person behind a command or a query, as the guard found them.

    A job acts as `Actor.system()`, which has no person and no unit.
    """

    user_id: UUID | None
    name: str
    unit_id: UUID | None
    roles: frozenset[Role]
    device_id: str | None = None
    sign_in_id: UUID | None = None
    request_id: str | None = None
    address: str | None = None
    hands_in_only: bool = False
    """Cut off while offline: nothing is open but to hand in what was written, and that is kept, not accepted."""

    @classmethod
    def system(cls, name: str = "system") -> Self:
        """The house itself: jobs and start-up, never a request."""
        return cls(user_id=None, name=name, unit_id=None, roles=frozenset())

    def has(self, *roles: Role) -> bool:
        """Whether the person holds any of these roles."""
        return not self.roles.isdisjoint(roles)

    @property
    def sees_every_unit(self) -> bool:
        """Whether row scope is the whole city."""
        return not self.roles.isdisjoint(CITY_WIDE_ROLES) or self.user_id is None

    @property
    def person_id(self) -> UUID:
        """The person's id; a job has none and may not call what needs one."""
        if self.user_id is None:
            msg = "a job has no person"
            raise RuntimeError(msg)
        return self.user_id
