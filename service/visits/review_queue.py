"""Which visits wait for a reviewer, by suspicion and then by age."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.visibility import within_scope
from service.kernel.actor import Actor, Role
from service.kernel.db import among
from service.kernel.pages import PageRequest
from service.submissions.models import RecordType
from service.submissions.review_places import WaitingPlace, first_places, flags_weight
from service.visits.models import ReviewState, Visit
from service.visits.views import VisitView, compose, read_rows, rows


def waiting_visits(
    session: Session, actor: Actor, page: PageRequest, beyond_flags: sa.ScalarSelect[int]
) -> list[WaitingPlace]:
    """The first visits this reviewer may decide about: a unit's office its own units' `submitted`, headquarters all.

    `beyond_flags` weighs what is doubtful of a row of `visits` and no flag tells.
    """
    weight = flags_weight(Visit.flags) + sa.func.coalesce(beyond_flags, 0)
    # Written as in the partial index, so that the planner may use it.
    under_review = sa.literal_column("(visits.review_state IN ('submitted', 'unit_approved'))", sa.Boolean())
    waiting = [under_review, within_scope(actor, Visit.unit_id)]
    if not actor.has(Role.HEADQUARTERS, Role.ADMINISTRATOR):
        waiting.append(Visit.review_state == ReviewState.SUBMITTED)
    return first_places(session, RecordType.VISIT, (Visit.id, Visit.received_at, weight), waiting, page)


def visits_to_review(
    session: Session, visit_ids: Collection[UUID], *, language: str
) -> dict[UUID, VisitView]:
    """These visits as a reviewer reads them, contacts masked."""
    found = read_rows(session, rows().where(Visit.id == among(visit_ids))) if visit_ids else []
    return {view.id: view.masked() for view in compose(session, found, language=language)} if found else {}
