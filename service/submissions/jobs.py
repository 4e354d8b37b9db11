"""By the clock: what waited is let in, and photos are swept, but not while a kept body may still name them."""

import sqlalchemy as sa

from service.jobs.queue import periodic
from service.jobs.workshop import Workshop
from service.photos.jobs import sweep_unclaimed
from service.photos.models import Photo
from service.submissions.models import KeptSubmission
from service.submissions.terms import Terms
from service.submissions.waiting import forget_old, let_in_arrived


@periodic("submissions.let_in_arrived", cron="* * * * * */20")
def let_in(workshop: Workshop) -> None:
    """Let in whatever waited for something that is here now."""
    let_in_arrived(workshop.sessions, terms=Terms(number_prefix=workshop.settings.number_prefix))


@periodic("submissions.forget_old", cron="47 3 * * *")
def end_waiting(workshop: Workshop) -> None:
    """End the waiting of what has waited for 30 days."""
    with workshop.sessions.begin() as session:
        forget_old(session)


@periodic("photos.sweep", cron="17 3 * * *")
def sweep_photos(workshop: Workshop) -> None:
    """Remove unclaimed photos of people of whom nothing waits to be settled.

    A body that was kept has claimed nothing; what it names is needed when headquarters lets it in.
    """
    waiting = sa.exists().where(
        KeptSubmission.author_id == Photo.owner_id, KeptSubmission.settled_at.is_(None)
    )
    sweep_unclaimed(workshop, spared=waiting)
