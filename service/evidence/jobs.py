"""What the clock does for reviewers: records are checked before they look, and policies let the rest through."""

from service.evidence.assessing import AT_ONCE, apply_policies, assess_waiting
from service.jobs.queue import periodic
from service.jobs.workshop import Workshop


@periodic("evidence.assess", cron="*/3 * * * *")
def assess(workshop: Workshop) -> None:
    """Check what waits for review, then let through what no policy holds; a few at a time, each in its transaction."""
    while True:
        with workshop.sessions.begin() as session:
            assessed = assess_waiting(session)
        if assessed < AT_ONCE:
            break
    while True:
        with workshop.sessions.begin() as session:
            approved = apply_policies(session)
        if approved < AT_ONCE:
            return
