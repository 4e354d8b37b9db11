"""Many new visits at once, by the rules of one: a statement for all of them where one visit has a statement of its own.

::

    sound by themselves ─▶ seen against the register ─▶ gate ─▶ visits, claims, audit entries
             │                        │                  └─ not new ─┐
             └────────────────────────┴─ refused ────────────────────┴─▶ left to be taken one by one
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from service.audit import commands as audit
from service.kernel.actor import Actor
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.kernel.errors import Refusal
from service.kernel.many import inserting
from service.kernel.together import together
from service.photos.claims import NewClaim, claim_for_new
from service.submissions.doors import Taken
from service.submissions.models import RecordType
from service.submissions.receipt import Receipt
from service.submissions.receiving import Arrival, Outcome
from service.submissions.receiving_many import receive_new
from service.submissions.terms import Terms
from service.visits.acceptance import (
    Case,
    demand_fitting,
    demand_sound,
    new_columns,
    stamp_of,
    told_to_audit,
)
from service.visits.models import Visit
from service.visits.submission import VisitSubmission
from service.visits.surroundings import Surroundings, Visitor, asking_many, surroundings_of_many

_TABLE = Visit.metadata.tables[Visit.__tablename__]


def take_new_visits(
    session: Session, actor: Actor, what: Mapping[UUID, VisitSubmission], *, terms: Terms
) -> dict[UUID, Taken]:
    """Those that are new and valid, as the actor's own; the caller takes the others one by one, and recounts all."""
    sound = dict(_sound(actor, what))
    if not sound:
        return {}
    asked = asking_many([(visit_id, actor.person_id, sound[visit_id]) for visit_id in sorted(sound)])
    rows, photos = together(session, *asked)
    seen = surroundings_of_many(session, rows, photos, sound)
    fitting = dict(_fitting(actor, sound, seen))
    if not fitting:
        return {}
    admitted = receive_new(
        session,
        actor,
        RecordType.VISIT,
        {visit_id: sound[visit_id].sent for visit_id in fitting},
        numbers=terms.numbers(local_date(now()).year),
    )
    cases = {
        new.number: Case(
            actor, _arrival(actor, new.receipt), sound[visit_id], seen[visit_id], fitting[visit_id]
        )
        for visit_id, new in sorted(admitted.items())
    }
    _write(session, actor, cases)
    return {visit_id: Taken(is_repeat=False, receipt=new.receipt) for visit_id, new in admitted.items()}


def _sound(actor: Actor, what: Mapping[UUID, VisitSubmission]) -> Iterator[tuple[UUID, VisitSubmission]]:
    shared = Counter(photo_id for one in what.values() for photo_id in one.photo_ids)
    for visit_id, submission in what.items():
        if any(shared[photo_id] > 1 for photo_id in submission.photo_ids):
            continue  # the second that names a photo is told that it is used already
        try:
            demand_sound(actor, submission)
        except Refusal:
            continue
        yield visit_id, submission


def _fitting(
    actor: Actor, what: Mapping[UUID, VisitSubmission], seen: Mapping[UUID, Surroundings]
) -> Iterator[tuple[UUID, Visitor]]:
    for visit_id, submission in what.items():
        try:
            yield visit_id, demand_fitting(actor, actor.person_id, submission, seen[visit_id])
        except Refusal:
            continue


def _arrival(actor: Actor, receipt: Receipt) -> Arrival:
    return Arrival(Outcome.NEW, receipt, actor.person_id)


def _write(session: Session, actor: Actor, cases: Mapping[str, Case]) -> None:
    """The visits under their numbers, with their photos and their audit entries."""
    if not cases:
        return
    rows = [{"number": number, **new_columns(case)} for number, case in cases.items()]
    entries = [
        audit.recording(
            actor, "visit.submit", "visit", case.arrival.receipt.id, **told_to_audit(case, number)
        )
        for number, case in cases.items()
    ]
    together(session, inserting(_TABLE, rows), audit.recording_all(entries))
    claims = [
        NewClaim(RecordType.VISIT, case.arrival.receipt.id, case.what.photo_ids, stamp_of(case, number))
        for number, case in cases.items()
    ]
    claim_for_new(session, actor, claims)
