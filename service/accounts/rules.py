"""Who may administer whom."""

from collections.abc import Collection

from service.accounts.errors import MayNotAdminister
from service.kernel.actor import Actor, Role
from service.kernel.errors import Forbidden

ADMINISTERING = frozenset({Role.HEADQUARTERS, Role.ADMINISTRATOR})
"""Roles that administer; only administrators grant them or touch accounts that hold them."""


def refuse_unless_administering(actor: Actor) -> None:
    """Let headquarters, administrators and the house itself pass.

    Raises:
        Forbidden: the actor is somebody else.
    """
    if actor.user_id is not None and not actor.has(*ADMINISTERING):
        raise Forbidden


def refuse_unless_may_manage(actor: Actor, *role_sets: Collection[Role | str]) -> None:
    """Let the actor pass who may manage an account that holds, or shall hold, these roles.

    Raises:
        Forbidden: the actor administers nobody.
        MayNotAdminister: the account administers, and the actor is no administrator.
    """
    refuse_unless_administering(actor)
    if actor.user_id is None or actor.has(Role.ADMINISTRATOR):
        return
    if any(not ADMINISTERING.isdisjoint(roles) for roles in role_sets):
        raise MayNotAdminister
