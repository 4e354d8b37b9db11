"""Writes of visits: submitted, edited and withdrawn by phones, matched with the register by headquarters.

::

    submit_visit   receive ─▶ rules ─▶ write ─▶ claim photos ─▶ audit ─▶ recount ─▶ view
                      └─ a repeat is answered at once: nothing is written, nothing is checked again
"""

from dataclasses import dataclass, replace
from functools import cache
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.audit import commands as audit
from service.kernel.actor import Actor
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.kernel.together import Question, together
from service.photos.claims import claim
from service.submissions.errors import RecordClosed
from service.submissions.models import RecordRevision, RecordType
from service.submissions.numbers import Numbers
from service.submissions.receipt import Receipt
from service.submissions.receiving import Arrival, conflict, receive
from service.submissions.review_errors import AlreadyVoided
from service.submissions.review_states import CLOSED
from service.submissions.terms import Terms
from service.submissions.withdrawals import TakenBack
from service.visits import counting, ledger, queries
from service.visits.acceptance import (
    Case,
    columns_of,
    demand_fitting,
    demand_sound,
    new_columns,
    stamp_of,
    told_to_audit,
)
from service.visits.errors import UnknownVisit
from service.visits.models import ReviewState, Visit
from service.visits.submission import VisitSubmission
from service.visits.surroundings import asking, surroundings
from service.visits.views import VisitRow, VisitView, compose_one

DEFAULT_TERMS = Terms()


@dataclass(frozen=True, slots=True)
class SubmittedVisit:
    """The visit as it is now; `created` and `replayed` say what the submission did to it."""

    view: VisitView
    created: bool
    replayed: bool


def submit_visit(
    session: Session, actor: Actor, visit_id: UUID, what: VisitSubmission, *, terms: Terms = DEFAULT_TERMS
) -> SubmittedVisit:
    """Take a visit in as new, as an edit, or as a repeat of what is known; a repeat gets its own first receipt.

    Raises:
        RecordConflict, IdTaken, Stale: see `receive`; RecordClosed for an edit of a withdrawn or voided visit.
        Invalid: a rule is broken, or something it names does not exist.
        MayNotRecord, MayNotRecordFor: the role was lost, or the visitor is not one the author records for.
    """
    beside = asking(visit_id, what.sent.author_id or actor.person_id, what)
    arrival = receive(session, actor, RecordType.VISIT, visit_id, what.sent, owners=_owners, beside=beside)
    if arrival.is_repeat:
        view = queries.visit_with_receipt(session, visit_id, arrival.receipt, language=terms.language)
    else:
        view = _accept(session, actor, arrival, what, terms)
    view = replace(view, ignored_fields=what.sent.ignored_fields)
    return SubmittedVisit(view=view, created=arrival.is_new, replayed=arrival.is_repeat)


def take_visit(
    session: Session, actor: Actor, visit_id: UUID, what: VisitSubmission, *, terms: Terms = DEFAULT_TERMS
) -> Arrival:
    """`submit_visit` for one of many: the caller recounts them all at the end, and nobody asks for a view."""
    beside = asking(visit_id, what.sent.author_id or actor.person_id, what)
    arrival = receive(session, actor, RecordType.VISIT, visit_id, what.sent, owners=_owners, beside=beside)
    if not arrival.is_repeat:
        case, visit = _write(session, actor, arrival, what, terms)
        session.execute(*_entry(case, visit))
    return arrival


def withdraw_visit(
    session: Session, actor: Actor, visit_id: UUID, reason: str, *, terms: Terms = DEFAULT_TERMS
) -> VisitView:
    """Take one's own visit back, with a reason; it leaves the count. Again is answered as the first time.

    Raises:
        UnknownVisit: it is not the actor's.
        AlreadyVoided: headquarters has voided it.
    """
    if take_back_visit(session, actor, visit_id, reason).is_first:
        ledger.recount(session, [visit_id])
    return queries.own_visit(session, actor, visit_id, language=terms.language)


def take_back_visit(session: Session, actor: Actor, visit_id: UUID, reason: str) -> TakenBack:
    """`withdraw_visit` for one of many: the caller recounts them all at the end."""
    visit = _locked(session, visit_id)
    if visit is None or actor.person_id not in (visit.visitor_id, visit.recorded_by):
        raise UnknownVisit
    if visit.review_state is ReviewState.VOIDED:
        raise AlreadyVoided
    if visit.review_state is ReviewState.WITHDRAWN:
        return TakenBack(visit.rev, is_first=False)
    before = visit.review_state
    visit.review_state = ReviewState.WITHDRAWN
    visit.review_reason = reason
    visit.updated_at = now()
    audit.record(
        session, actor, "visit.withdraw", "visit", visit_id, reason=reason, before=before, rev=visit.rev
    )
    return TakenBack(visit.rev, is_first=True)


def _accept(
    session: Session, actor: Actor, arrival: Arrival, what: VisitSubmission, terms: Terms
) -> VisitView:
    case, visit = _write(session, actor, arrival, what, terms)
    *_, own_credits, facts = together(
        session,
        _entry(case, visit),
        *ledger.recounting(visit.id),
        *counting.asking(visit.id),
    )
    told = counting.explain_one(own_credits, facts, language=terms.language)
    return _view(session, case, visit, told, terms.language)


def _write(
    session: Session, actor: Actor, arrival: Arrival, what: VisitSubmission, terms: Terms
) -> tuple[Case, Visit]:
    case = _checked(session, actor, arrival, what)
    visit = _insert(session, case, terms) if arrival.is_new else _amend(session, case)
    _claim_photos(session, case, visit)
    return case, visit


def _entry(case: Case, visit: Visit) -> Question:
    told = told_to_audit(case, visit.number, unit_id=visit.unit_id, enterprise_id=visit.enterprise_id)
    action = "visit.submit" if case.arrival.is_new else "visit.edit"
    return audit.recording(case.actor, action, "visit", visit.id, **told)


def _checked(session: Session, actor: Actor, arrival: Arrival, what: VisitSubmission) -> Case:
    demand_sound(actor, what)
    beside = arrival.beside or together(session, asking(arrival.receipt.id, arrival.author_id, what))[0]
    seen = surroundings(session, arrival.receipt.id, beside[0], what)
    visitor = demand_fitting(actor, arrival.author_id, what, seen)
    return Case(actor, arrival, what, seen, visitor)


def _insert(session: Session, case: Case, terms: Terms) -> Visit:
    """Write the visit by one plain statement; the object that is returned belongs to no session."""
    columns = new_columns(case)
    inserting = _inserting(terms.numbers(local_date(columns["received_at"]).year), tuple(columns))
    (numbers,) = together(
        session, Question(inserting, {f"new_{name}": value for name, value in columns.items()})
    )
    return Visit(number=numbers[0].number, **columns)


@cache
def _inserting(numbers: Numbers, names: tuple[str, ...]) -> sa.Executable:
    """Built once a year, on the table: as an insert of an object it costs five times as much."""
    table = Visit.metadata.tables[Visit.__tablename__]
    values = {name: sa.bindparam(f"new_{name}", type_=table.c[name].type) for name in names}
    return sa.insert(table).values(number=numbers.next(), **values).returning(table.c.number)


def _amend(session: Session, case: Case) -> Visit:
    """Write an edit over the visit; what headquarters matched stays matched while the free entry is the same."""
    visit = _locked(session, case.arrival.receipt.id)
    if visit is None:
        raise UnknownVisit
    if visit.review_state in CLOSED:
        raise conflict(RecordClosed, RecordType.VISIT, _held(session, visit), case.what.sent)
    facts = columns_of(case)
    if facts["free_enterprise"] is not None and facts["free_enterprise"] == visit.free_enterprise:
        facts["enterprise_id"] = visit.enterprise_id
    else:
        visit.matched_by = visit.matched_at = None
    if (visit.visitor_id, visit.visited_on) != (case.visitor.id, facts["visited_on"]):
        visit.visitor_id, visit.unit_id = case.visitor.id, case.visitor.unit_id
    for name, value in facts.items():
        setattr(visit, name, value)
    session.flush()
    return visit


def _claim_photos(session: Session, case: Case, visit: Visit) -> None:
    if visit.rev == 1 and not visit.photo_ids:
        return
    # Photos are their owner's: what headquarters settles is claimed in the name of the person who took them.
    claim(
        session,
        replace(case.actor, user_id=case.arrival.author_id),
        record_type=RecordType.VISIT,
        record_id=visit.id,
        photo_ids=visit.photo_ids,
        stamp=stamp_of(case, visit.number),
    )


def _view(session: Session, case: Case, visit: Visit, told: counting.Counting, language: str) -> VisitView:
    """The view of a visit whose names are at hand; an edit may be of another unit, or matched, and is read again."""
    receipt = case.arrival.receipt
    if visit.recorded_by != case.actor.user_id or visit.rev > 1:
        return queries.visit_with_receipt(session, visit.id, receipt, language=language)
    row = VisitRow(
        visit=visit,
        unit_name=case.visitor.unit_name,
        visitor_name=case.visitor.name,
        recorder_name=case.actor.name,
        enterprise_name=case.seen.enterprise.name if case.seen.enterprise else None,
        receipt=receipt,
    )
    return compose_one(session, row, told)


def _held(session: Session, visit: Visit) -> Receipt:
    row = session.execute(
        sa.select(RecordRevision.sha256, RecordRevision.received_at, RecordRevision.seal).where(
            RecordRevision.record_id == visit.id, RecordRevision.rev == visit.rev
        )
    ).one()
    return Receipt(visit.id, visit.rev, row.sha256, row.received_at, row.seal)


def _owners(session: Session, visit_id: UUID) -> tuple[UUID, ...]:
    row = session.execute(
        sa.select(Visit.visitor_id, Visit.recorded_by).where(Visit.id == visit_id)
    ).one_or_none()
    return () if row is None else (row.visitor_id, row.recorded_by)


def _locked(session: Session, visit_id: UUID) -> Visit | None:
    return session.scalar(
        sa.select(Visit).where(Visit.id == visit_id).with_for_update(),
        execution_options={"populate_existing": True},
    )
