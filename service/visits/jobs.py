"""Rows that writers added to the tallies are folded by the clock; figures are the same before and after."""

from service.jobs.queue import periodic
from service.jobs.workshop import Workshop
from service.visits.tallies import fold


@periodic("visits.fold_tallies", cron="*/10 * * * *")
def fold_tallies(workshop: Workshop) -> None:
    """Fold the rows of each key into one."""
    with workshop.sessions.begin() as session:
        fold(session)
