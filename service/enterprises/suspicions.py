"""Suspected duplicates are written down when enterprises come in, and decided by a person."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from service.audit.commands import record
from service.enterprises.cursors import bound, likeness_and_id
from service.enterprises.duplicates import Known, NameIndex
from service.enterprises.models import DuplicateSuspicion, Enterprise, EnterpriseAlias, SuspicionState
from service.enterprises.names import START
from service.enterprises.rules import keepers_only
from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.errors import NotFound
from service.kernel.ids import uuid7
from service.kernel.pages import Page, PageRequest, page_of

KEY_PARTS = 2
_FEW = 20
"""Up to so many enterprises are compared with those whose names begin alike; more, with the whole register."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """One of two enterprises that look alike."""

    id: UUID
    name: str
    credit_code: str | None
    city: str | None


@dataclass(frozen=True, slots=True)
class SuspectedPair:
    """Two enterprises that look alike, how much, why, and what was decided."""

    id: UUID
    first: Suspect
    second: Suspect
    likeness: float
    reasons: Sequence[str]
    state: SuspicionState
    suspected_at: datetime
    decided_at: datetime | None


def suspect_duplicates(session: Session, enterprise_ids: Collection[UUID]) -> int:
    """Write down which others these enterprises resemble; what was decided before stays decided.

    Answers how many pairs are new.
    """
    names = _names_of(session, Enterprise.id.in_(set(enterprise_ids)))
    if not names:
        return 0
    index = NameIndex(names)
    found: dict[tuple[UUID, UUID], tuple[float, set[str]]] = {}
    for other in _to_compare_with(session, names, enterprise_ids):
        for one in index.resembling(other):
            first, second = sorted((one.enterprise_id, other.enterprise_id))
            likeness, reasons = found.get((first, second), (0.0, set()))
            found[first, second] = (max(likeness, one.likeness), reasons | {one.reason.value})
    return _write(session, found)


def suspected_pairs(
    session: Session,
    actor: Actor,
    page: PageRequest,
    *,
    state: SuspicionState,
    enterprise_id: UUID | None = None,
) -> Page[SuspectedPair]:
    """The pairs of this state, most alike first."""
    del actor
    first, second = aliased(Enterprise), aliased(Enterprise)
    query = (
        sa.select(DuplicateSuspicion, first, second)
        .join(first, first.id == DuplicateSuspicion.first_id)
        .join(second, second.id == DuplicateSuspicion.second_id)
        .where(DuplicateSuspicion.state == state)
        .order_by(DuplicateSuspicion.likeness.desc(), DuplicateSuspicion.id)
        .limit(page.limit + 1)
    )
    if enterprise_id:
        either = (DuplicateSuspicion.first_id == enterprise_id, DuplicateSuspicion.second_id == enterprise_id)
        query = query.where(sa.or_(*either))
    if page.after:
        likeness, pair_id = likeness_and_id(page.after)
        key = sa.tuple_(-DuplicateSuspicion.likeness, DuplicateSuspicion.id)
        query = query.where(key > bound(-likeness, pair_id))
    pairs = [_pair(*row) for row in session.execute(query)]
    return page_of(pairs, limit=page.limit, key=lambda pair: (repr(pair.likeness), str(pair.id)))


def decide_distinct(session: Session, actor: Actor, suspicion_id: UUID) -> None:
    """The two are two, by this person's word, and are not suspected again."""
    keepers_only(actor)
    suspicion = session.get(DuplicateSuspicion, suspicion_id, with_for_update=True)
    if suspicion is None:
        raise NotFound
    decide(session, actor, (suspicion.first_id, suspicion.second_id), SuspicionState.DISTINCT)
    record(
        session,
        actor,
        "enterprise.duplicate.distinct",
        "duplicate_suspicion",
        suspicion.id,
        first_id=suspicion.first_id,
        second_id=suspicion.second_id,
    )


def decide(session: Session, actor: Actor, pair: tuple[UUID, UUID], state: SuspicionState) -> None:
    """What was suspected of these two, if anything, is decided."""
    first, second = sorted(pair)
    session.execute(
        sa.update(DuplicateSuspicion)
        .where(DuplicateSuspicion.first_id == first, DuplicateSuspicion.second_id == second)
        .values(state=state, decided_by=actor.user_id, decided_at=now())
    )


def _names_of(session: Session, which: sa.ColumnElement[bool]) -> list[Known]:
    """Names and aliases of the enterprises that stand for themselves."""
    alive = sa.and_(which, Enterprise.merged_into_id.is_(None))
    own = session.execute(
        sa.select(Enterprise.id, Enterprise.name, Enterprise.name_key, Enterprise.credit_code).where(alive)
    )
    others = session.execute(
        sa.select(Enterprise.id, EnterpriseAlias.name, EnterpriseAlias.name_key, Enterprise.credit_code)
        .join(EnterpriseAlias, EnterpriseAlias.enterprise_id == Enterprise.id)
        .where(alive)
    )
    return [
        *(Known(row[0], row[1], row[2], row[3]) for row in own),
        *(Known(row[0], row[1], row[2], row[3], is_alias=True) for row in others),
    ]


def _to_compare_with(session: Session, names: Sequence[Known], ids: Collection[UUID]) -> list[Known]:
    if len(ids) > _FEW:
        return _names_of(session, sa.true())
    starts = sorted({START + name.key[:2] for name in names if name.key})
    return _names_of(session, Enterprise.grams.overlap(starts))


def _write(session: Session, found: dict[tuple[UUID, UUID], tuple[float, set[str]]]) -> int:
    if not found:
        return 0
    moment = now()
    rows = [
        {
            "id": uuid7(),
            "first_id": first,
            "second_id": second,
            "likeness": likeness,
            "reasons": sorted(reasons),
            "state": SuspicionState.OPEN,
            "suspected_at": moment,
        }
        for (first, second), (likeness, reasons) in found.items()
    ]
    written = insert(DuplicateSuspicion).on_conflict_do_nothing(index_elements=["first_id", "second_id"])
    return len(session.execute(written.returning(DuplicateSuspicion.id), rows).all())


def _pair(suspicion: DuplicateSuspicion, first: Enterprise, second: Enterprise) -> SuspectedPair:
    return SuspectedPair(
        id=suspicion.id,
        first=Suspect(first.id, first.name, first.credit_code, first.city),
        second=Suspect(second.id, second.name, second.credit_code, second.city),
        likeness=suspicion.likeness,
        reasons=suspicion.reasons,
        state=suspicion.state,
        suspected_at=suspicion.suspected_at,
        decided_at=suspicion.decided_at,
    )
