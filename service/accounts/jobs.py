"""What the clock does to accounts."""

from service.accounts.lockout import forget_old_failures
from service.accounts.people import settle_postings
from service.jobs.queue import periodic
from service.jobs.workshop import Workshop


@periodic("accounts.tidy", cron="1 * * * *")
def tidy_accounts(workshop: Workshop) -> None:
    """Moves planned ahead take effect, and failures that nobody counts any more are forgotten.

    It runs every hour because a day begins in Shanghai, whatever zone the machine keeps.
    """
    with workshop.sessions.begin() as session:
        settle_postings(session)
        forget_old_failures(session)
