"""What the clock does to the delta pull."""

from service.jobs.queue import periodic
from service.jobs.workshop import Workshop
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.sync.tidying import purge, replace_older
from service.sync.turning import turn_to


@periodic("sync.turn_day", cron="2 * * * *")
def turn_day(workshop: Workshop) -> None:
    """Mark what a new day changes; every hour, because it begins in Shanghai, whatever zone the machine keeps."""
    with workshop.sessions.begin() as session:
        turn_to(session, local_date(now()))


@periodic("sync.tidy", cron="20 19 * * *")
def tidy_marks(workshop: Workshop) -> None:
    """Take away marks that newer ones replace, and those that are older than any cursor may be, at night."""
    with workshop.sessions.begin() as session:
        replace_older(session)
        purge(session, now())
