"""What the clock does for the figures: tallies and sums are folded, and moments are fixed that can be asked for later."""

from service.jobs.queue import periodic
from service.jobs.workshop import Workshop
from service.visits.chain_tallies import fold_chains, move_chains
from service.visits.known import take_moment_unless_busy
from service.visits.late_tallies import fold_late
from service.visits.tallies import fold


@periodic("visits.fold_tallies", cron="*/10 * * * *")
def fold_tallies(workshop: Workshop) -> None:
    """Fold the rows of each key into one."""
    with workshop.sessions.begin() as session:
        fold(session)


@periodic("visits.fold_sums", cron="*/5 * * * *")
def fold_sums(workshop: Workshop) -> None:
    """Move the enterprises whose industry chain was changed, some at a time, then fold what triggers have written."""
    for step in (move_chains, fold_chains, fold_late):
        while True:
            with workshop.sessions.begin() as session:
                if not step(session):
                    break


@periodic("visits.take_moment", cron="* * * * *")
def fix_moment(workshop: Workshop) -> None:
    """Fix what is known now, so that figures can be asked for as they were."""
    with workshop.sessions.begin() as session:
        take_moment_unless_busy(session)
