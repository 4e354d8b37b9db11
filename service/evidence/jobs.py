"""What the clock does for reviewers: records are checked before they look, and policies let the rest through."""

from service.evidence.assessing import AT_ONCE, assess_waiting_checkins, assess_waiting_visits
from service.evidence.letting_through import apply_policies
from service.jobs.queue import periodic
from service.jobs.workshop import Workshop


@periodic("evidence.assess", cron="*/3 * * * *")
def assess(workshop: Workshop) -> None:
    """Check what waits for review, then let through what no policy holds; a few at a time, each in its transaction."""
    for step in (assess_waiting_visits, assess_waiting_checkins, apply_policies):
        while True:
            with workshop.sessions.begin() as session:
                done = step(session)
            if done < AT_ONCE:
                break
