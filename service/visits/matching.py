"""Headquarters says which enterprise of the register a free entry means; from then on the visit counts."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.visibility import within_scope
from service.audit import commands as audit
from service.enterprises.commands import Registration, register_enterprise
from service.enterprises.errors import UnknownEnterprise
from service.kernel.actor import Actor, Role
from service.kernel.clock import now
from service.kernel.errors import Forbidden, fault
from service.submissions.review_states import CLOSED
from service.submissions.terms import Terms
from service.visits import ledger, queries
from service.visits.errors import NotToBeMatched, UnknownVisit
from service.visits.models import Visit
from service.visits.surroundings import KnownEnterprise, known_enterprise
from service.visits.views import VisitView

DEFAULT_TERMS = Terms()


@dataclass(frozen=True, slots=True)
class Matching:
    """The enterprise that is meant, or the one that is to be registered for it."""

    enterprise_id: UUID | None = None
    register: Registration | None = None


def settle_match(
    session: Session, actor: Actor, visit_id: UUID, what: Matching, *, terms: Terms = DEFAULT_TERMS
) -> VisitView:
    """Match a free entry with an enterprise of the register, or with one that is registered for it now.

    Raises:
        Invalid: not exactly one of the two is given, or there is no such enterprise.
    """
    if (what.enterprise_id is None) == (what.register is None):
        raise fault(
            "/enterprise_id",
            "enterprise_id 与 register 应填且只填一项",
            "Give exactly one of enterprise_id and register",
        )
    if what.register is not None:
        return register_and_match(session, actor, visit_id, what.register, terms=terms)
    if what.enterprise_id is not None:
        return match_visit(session, actor, visit_id, what.enterprise_id, terms=terms)
    raise AssertionError


def match_visit(
    session: Session, actor: Actor, visit_id: UUID, enterprise_id: UUID, *, terms: Terms = DEFAULT_TERMS
) -> VisitView:
    """The visit was to this enterprise (or to the one that stands for it); what the phone wrote stays beside it.

    Raises:
        Forbidden: the actor is not headquarters.
        UnknownVisit: it is not in the actor's scope.
        NotToBeMatched: it names its enterprise itself, or was withdrawn or voided.
        Invalid: there is no such enterprise.
    """
    visit = _to_be_matched(session, actor, visit_id)
    enterprise = _known(session, enterprise_id)
    before = visit.enterprise_id
    visit.enterprise_id = enterprise.id
    visit.matched_by = actor.user_id
    visit.matched_at = visit.updated_at = now()
    audit.record(
        session,
        actor,
        "visit.match",
        "visit",
        visit_id,
        enterprise_id=enterprise.id,
        before=before,
        free_enterprise=visit.free_enterprise,
    )
    ledger.recount(session, [visit_id])
    return queries.visit_in_scope(session, actor, visit_id, language=terms.language)


def register_and_match(
    session: Session, actor: Actor, visit_id: UUID, what: Registration, *, terms: Terms = DEFAULT_TERMS
) -> VisitView:
    """Register the enterprise a free entry means, and match the visit with it."""
    _to_be_matched(session, actor, visit_id)
    enterprise_id = register_enterprise(session, actor, what)
    session.flush()
    return match_visit(session, actor, visit_id, enterprise_id, terms=terms)


def _to_be_matched(session: Session, actor: Actor, visit_id: UUID) -> Visit:
    if not actor.has(Role.HEADQUARTERS, Role.ADMINISTRATOR):
        raise Forbidden
    visit = session.scalar(
        sa.select(Visit)
        .where(Visit.id == visit_id, within_scope(actor, Visit.unit_id))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if visit is None:
        raise UnknownVisit
    if visit.free_enterprise is None or visit.review_state in CLOSED:
        raise NotToBeMatched
    return visit


def _known(session: Session, enterprise_id: UUID) -> KnownEnterprise:
    try:
        return known_enterprise(session, enterprise_id)
    except UnknownEnterprise as error:
        raise fault("/enterprise_id", "名录中没有这家企业", "The register has no such enterprise") from error
