"""What is due is forgotten every night; searches and erasures run when they are asked for."""

from uuid import UUID

from service.jobs.queue import job, periodic
from service.jobs.workshop import Workshop
from service.privacy.requests import ERASE, SEARCH, carry_out, search_for
from service.privacy.retention import Policy
from service.privacy.retention import retain as forget


@periodic("privacy.retain", cron="20 19 * * *")
def retain(workshop: Workshop) -> None:
    """Let positions grow coarse and old bytes go (03:20 in Shanghai)."""
    forget(workshop.sessions, Policy.of(workshop.settings))


@job(SEARCH)
def search(workshop: Workshop, request_id: str) -> None:
    """Find what is kept about a person."""
    with workshop.sessions.begin() as session:
        search_for(session, UUID(request_id))


@job(ERASE)
def erase(workshop: Workshop, request_id: str) -> None:
    """Take a person out of what is kept."""
    with workshop.sessions.begin() as session:
        carry_out(session, UUID(request_id))
