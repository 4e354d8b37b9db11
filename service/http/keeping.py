"""The door's side of keeping: it knows the house's bound and the name of the id in the path."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from service.http.blueprint import keeps
from service.http.work import house
from service.kernel.actor import Actor
from service.kernel.errors import Refusal
from service.submissions.keeping import Unaccepted, keep
from service.submissions.models import RecordType


def keeps_as(record_type: RecordType, argument: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Mark a view's method: what it refuses is kept as a body of this type for the id in that path argument."""

    def keeper(
        session: Session, actor: Actor, arguments: dict[str, Any], raw: bytes, refusal: Refusal
    ) -> Refusal:
        what = Unaccepted(record_type, arguments[argument], raw)
        return keep(session, actor, what, refusal, most=house().settings.kept_per_person)

    return keeps(keeper)
