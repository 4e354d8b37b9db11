"""Entries are sealed by the clock, so that no request waits for the chain's head."""

from service.audit.commands import seal
from service.jobs.queue import periodic
from service.jobs.workshop import Workshop


@periodic("audit.seal", cron="* * * * * */20")
def seal_entries(workshop: Workshop) -> None:
    """Seal whatever was committed since the last run, one transaction a seal."""
    more = True
    while more:
        with workshop.sessions.begin() as session:
            more = seal(session) is not None
