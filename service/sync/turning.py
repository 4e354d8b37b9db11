"""With a day lists, assignments and programmes begin and end, limits draw near, and nobody writes a row: marks for those."""

# ruff: noqa: S608 statements are put together from constants of this house; every value is bound

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.kernel.calendar import local_date
from service.sync.models import EVERYBODY, SyncEpoch

_EVERYBODY = f"'{EVERYBODY}'::uuid"
_BEGUN = "{day} > :last AND {day} <= :today"

_MARK = "INSERT INTO sync_marks (type, subject, audience) "
_ASSIGNMENTS = f"""
    SELECT shown.type, shown.subject, a.user_id
    FROM assignments a
    CROSS JOIN LATERAL (
        SELECT type, subject FROM sync_shown_at(a.site_id) UNION ALL SELECT 'assignment', a.id
    ) shown
    WHERE ({_BEGUN.format(day="a.from_on")}) OR ({_BEGUN.format(day="a.until_on")})"""
_LISTS = f"""
    SELECT DISTINCT 'enterprise', e.id, {_EVERYBODY}
    FROM list_editions begun
    JOIN list_editions edition ON edition.list_code = begun.list_code
    JOIN list_memberships place ON place.edition_id = edition.id
    JOIN enterprises e ON e.id = place.enterprise_id OR e.group_id = place.group_id
    WHERE {_BEGUN.format(day="begun.in_force_from")}"""
_PROGRAMMES = f"""
    SELECT 'programme', p.id, {_EVERYBODY}
    FROM programmes p
    WHERE EXISTS (SELECT 1 FROM programmes turned WHERE ({_BEGUN.format(day="turned.starts_on")})
                  OR ({_BEGUN.format(day="turned.ends_on + 1")}))
    UNION ALL
    SELECT 'target', t.id, coalesce(t.unit_id, root.id, {_EVERYBODY})
    FROM targets t
    LEFT JOIN LATERAL (SELECT id FROM units WHERE parent_id IS NULL ORDER BY valid_from LIMIT 1) root ON true
    WHERE EXISTS (SELECT 1 FROM programmes turned WHERE ({_BEGUN.format(day="turned.starts_on")})
                  OR ({_BEGUN.format(day="turned.ends_on + 1")}))"""
# The light of a problem says how many days are left, so that each day it reads otherwise until the clock stops.
_ISSUES = """
    SELECT 'issue', i.id, i.raised_by
    FROM issues i
    WHERE i.state IN ('raised', 'called', 'in_progress')"""
_TURNING = tuple(sa.text(_MARK + marks) for marks in (_ASSIGNMENTS, _LISTS, _PROGRAMMES, _ISSUES))


def turn_to(session: Session, today: date) -> bool:
    """What has begun or ended since the last day that was marked is marked; false when this day was marked before."""
    epoch = session.scalars(
        sa.select(SyncEpoch).order_by(SyncEpoch.number.desc()).limit(1).with_for_update()
    ).one()
    last = epoch.turned_on or local_date(epoch.began_at)
    if today <= last:
        return False
    for marking in _TURNING:
        session.execute(marking, {"last": last, "today": today})
    epoch.turned_on = today
    return True
