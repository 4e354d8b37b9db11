"""The visits of the review queue as a reviewer reads them; where each stands say `submissions.review_places`."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy.orm import Session

from service.kernel.db import among
from service.visits.models import Visit
from service.visits.views import VisitView, compose, read_rows, rows


def visits_to_review(
    session: Session, visit_ids: Collection[UUID], *, language: str
) -> dict[UUID, VisitView]:
    """These visits as a reviewer reads them, contacts masked."""
    found = read_rows(session, rows().where(Visit.id == among(visit_ids))) if visit_ids else []
    return {view.id: view.masked() for view in compose(session, found, language=language)} if found else {}
