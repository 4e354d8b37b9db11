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

from service.visits.credits import STANDING

_RULES = 0x71_62_72
"""First half of the pair that names the lock of the rules ("qbr")."""

_SHARE = sa.text("SELECT pg_advisory_xact_lock_shared(:rules, 0)").bindparams(rules=_RULES)
_ALONE = sa.text("SELECT pg_advisory_xact_lock(:rules, 0)").bindparams(rules=_RULES)

_HOLD_SUBJECTS = sa.text(f"""
    SELECT count(pg_advisory_xact_lock(touched.key)) FROM (
        SELECT DISTINCT hashtextextended(subject.id::text, 0) AS key FROM (
            SELECT unnest(ARRAY[e.id, CASE WHEN e.group_confirmed_at IS NOT NULL THEN e.group_id END]) AS id
            FROM visits v
            JOIN enterprises named ON named.id = v.enterprise_id
            JOIN enterprises e ON e.id = {STANDING}
            WHERE v.id = ANY (:visits)
            UNION ALL
            SELECT c.subject_id FROM visit_credits c WHERE c.visit_id = ANY (:visits)
        ) subject
        WHERE subject.id IS NOT NULL
        ORDER BY key OFFSET 0
    ) touched
""").bindparams(sa.bindparam("visits", type_=sa.ARRAY(sa.Uuid())))


def share_rules(session: Session) -> None:
    """Nobody changes what counting depends on until this transaction ends."""
    session.execute(_SHARE)


def hold_rules(session: Session) -> None:
    """Nobody else counts until this transaction ends."""
    session.execute(_ALONE)


def hold_subjects(session: Session, visit_ids: Collection[UUID]) -> int:
    """Nobody else counts the subjects these visits had or have; returns how many those are."""
    return session.scalar(_HOLD_SUBJECTS, {"visits": list(visit_ids)}) or 0
