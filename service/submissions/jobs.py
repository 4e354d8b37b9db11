"""Photos are swept by the clock, but not while a kept body may still name them."""

import sqlalchemy as sa

from service.jobs.queue import periodic
from service.jobs.workshop import Workshop
from service.photos.jobs import sweep_unclaimed
from service.photos.models import Photo
from service.submissions.models import KeptSubmission


@periodic("photos.sweep", cron="17 3 * * *")
def sweep_photos(workshop: Workshop) -> None:
    """Remove unclaimed photos of people of whom nothing waits to be settled.

    A body that was kept has claimed nothing; what it names is needed when headquarters lets it in.
    """
    waiting = sa.exists().where(
        KeptSubmission.author_id == Photo.owner_id, KeptSubmission.settled_at.is_(None)
    )
    sweep_unclaimed(workshop, spared=waiting)
