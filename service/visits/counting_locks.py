"""Who may count at the same time.

::

    a visit is written          shares the rules ─▶ holds its subjects, in order ─▶ derives, writes ─▶ commit
    what counting depends on    ──────▶ holds the rules alone ─▶ derives every visit concerned ─────▶ commit

A visit written while an enterprise or a programme changes is seen by one of the two, whoever comes first. Two
visits to one subject follow each other, so that each sees what the other counted. Both take their locks after
their own writes and before a new statement, whose snapshot (READ COMMITTED) then holds what the other committed.
The locks end with the transaction and write nothing.
"""

# ruff: noqa: S608 statements are put together from constants of this house; every value is bound

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.kernel.together import Question
from service.visits.credits import STANDING

_RULES = 0x71_62_72
"""First half of the pair that names the lock of the rules ("qbr")."""

_SHARE = sa.text("SELECT pg_advisory_xact_lock_shared(:rules, 0)").bindparams(rules=_RULES)
_ALONE = sa.text("SELECT pg_advisory_xact_lock(:rules, 0)").bindparams(rules=_RULES)

_SUBJECTS = f"""
    SELECT count(pg_advisory_xact_lock(touched.key)) FROM (
        SELECT DISTINCT hashtextextended(subject.id::text, 0) AS key FROM (
            SELECT unnest(ARRAY[standing.id, (
                SELECT e.group_id FROM enterprises e WHERE e.id = standing.id AND e.group_confirmed_at IS NOT NULL
            )]) AS id
            FROM (
                SELECT (SELECT {STANDING} FROM enterprises named WHERE named.id = v.enterprise_id) AS id
                FROM visits v WHERE v.id {{these}} OFFSET 0
            ) standing
            UNION ALL
            SELECT c.subject_id FROM visit_credits c WHERE c.visit_id {{these}}
        ) subject
        WHERE subject.id IS NOT NULL
        ORDER BY key OFFSET 0
    ) touched"""

_HOLD_SUBJECTS = sa.text(_SUBJECTS.format(these="= ANY (:visits)")).bindparams(
    sa.bindparam("visits", type_=sa.ARRAY(sa.Uuid()))
)
_HOLD_SUBJECTS_OF_ONE = sa.text(_SUBJECTS.format(these="= :visit")).bindparams(
    sa.bindparam("visit", type_=sa.Uuid())
)
"""The same for one visit, whose plan the server keeps: for an array it would plan anew each time."""


def share_rules(session: Session) -> None:
    """Nobody changes what counting depends on until this transaction ends."""
    session.execute(_SHARE)


def holding(visit_id: UUID) -> tuple[Question, Question]:
    """`share_rules` and `hold_subjects` of one visit, for statements that travel together, in this order."""
    return Question(_SHARE, {}), Question(_HOLD_SUBJECTS_OF_ONE, {"visit": visit_id})


def hold_rules(session: Session) -> None:
    """Nobody else counts until this transaction ends."""
    session.execute(_ALONE)


def hold_subjects(session: Session, visit_ids: Collection[UUID]) -> int:
    """Nobody else counts the subjects these visits had or have; returns how many those are."""
    if len(visit_ids) == 1:
        (visit_id,) = visit_ids
        return session.scalar(_HOLD_SUBJECTS_OF_ONE, {"visit": visit_id}) or 0
    return session.scalar(_HOLD_SUBJECTS, {"visits": list(visit_ids)}) or 0
