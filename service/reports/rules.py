"""Who may write what leaves the office."""

from service.kernel.actor import Actor, Role
from service.kernel.errors import Forbidden


def demand_editor(actor: Actor) -> None:
    """Make sure the actor is headquarters, or the schedule.

    Raises:
        Forbidden: the actor only reads reports.
    """
    if actor.user_id is not None and not actor.has(Role.HEADQUARTERS, Role.ADMINISTRATOR):
        raise Forbidden
