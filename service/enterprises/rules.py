"""Who keeps the register."""

from service.kernel.actor import Actor, Role
from service.kernel.errors import Forbidden


def keepers_only(actor: Actor) -> None:
    """Everybody reads the register; headquarters, administrators and the house itself write it.

    Raises:
        Forbidden: the actor is somebody else.
    """
    if actor.user_id is not None and not actor.has(Role.HEADQUARTERS, Role.ADMINISTRATOR):
        raise Forbidden
