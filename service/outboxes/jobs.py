"""What is done about phones in the background."""

from uuid import UUID

from service.jobs.queue import job
from service.jobs.workshop import Workshop
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.outboxes.lost_photos import await_again, held_photos, is_whole
from service.outboxes.models import Recall
from service.outboxes.recalls import LOOK_UP


@job(LOOK_UP)
def look_up_photos(workshop: Workshop, recall_id: str) -> None:
    """Await the recalled photos again whose bytes are lost, note those that are whole, and let phones read the recall."""
    with workshop.sessions.begin() as session:
        recall = session.get(Recall, UUID(recall_id))
        if recall is None or recall.ready_at is not None:
            return
        held = held_photos(session, recall.user_id, recall.photo_ids)
    whole = {one.photo_id for one in held if is_whole(workshop.store, one)}
    with workshop.sessions.begin() as session:
        recall = session.get_one(Recall, UUID(recall_id), with_for_update=True)
        if recall.ready_at is not None:
            return
        for one in held:
            if one.photo_id not in whole:
                await_again(session, Actor.system("recalls"), one)
        recall.intact_photo_ids = [one for one in recall.photo_ids if one in whole]
        recall.ready_at = now()
