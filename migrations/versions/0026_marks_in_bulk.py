"""Marks of many credits, visits and photos at once cost each row the same as one alone (0011 made them).

What a trigger asks is planned once a session, often for one row, and of tables the planner may still believe empty. So
nothing here is left to its choice: rows of the statement are sorted or hashed, never compared with each other one by
one, and a large table is only ever probed by an index, for one key at a time (`OFFSET 0` keeps such a probe from being
turned into a join, and asking in the order of an index decides which, where all of them seem to cost the same).
"""

import importlib

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

EVERYBODY = "'00000000-0000-0000-0000-000000000000'::uuid"
MARK = "INSERT INTO sync_marks (type, subject, audience)"
BOTH = "(SELECT * FROM come UNION ALL SELECT * FROM gone)"

# Whose counting is told anew: the visits of these credits, and for each subject whose earliest credit is one of them
# the earliest of the others, which was the first until now or is it from now on.
CREDITS = """
    WITH changed AS (
        SELECT programme_id, line, subject_id,
               array_agg(visited_on ORDER BY visited_on, visit_id) AS days,
               array_agg(visit_id ORDER BY visited_on, visit_id) AS visits
        FROM {rows} r WHERE r.own AND r.status = 'counted'
        GROUP BY programme_id, line, subject_id
    ),
    led AS MATERIALIZED (
        SELECT * FROM changed
        WHERE (
            SELECT true FROM visit_credits c
            WHERE c.programme_id = changed.programme_id AND c.line = changed.line AND c.subject_id = changed.subject_id
              AND c.own AND c.status = 'counted' AND (c.visited_on, c.visit_id) < (changed.days[1], changed.visits[1])
            ORDER BY c.unit_id LIMIT 1
        ) IS NULL
    ),
    touched AS (
        SELECT r.visit_id FROM {rows} r WHERE r.own
        UNION
        SELECT other.visit_id
        FROM led
        CROSS JOIN LATERAL (
            SELECT kept.visited_on, kept.visit_id
            FROM (
                SELECT c.visited_on, c.visit_id FROM visit_credits c
                WHERE c.programme_id = led.programme_id AND c.line = led.line AND c.subject_id = led.subject_id
                  AND c.own AND c.status = 'counted'
                ORDER BY c.unit_id OFFSET 0
            ) kept
            EXCEPT
            SELECT * FROM unnest(led.days, led.visits)
            ORDER BY visited_on, visit_id LIMIT 1
        ) other
    )
    SELECT 'visit', touched.visit_id, person.id
    FROM touched
    CROSS JOIN LATERAL (
        SELECT v.visitor_id, v.recorded_by FROM visits v WHERE v.id = touched.visit_id OFFSET 0
    ) v
    CROSS JOIN LATERAL (
        SELECT v.visitor_id UNION ALL SELECT v.recorded_by WHERE v.recorded_by <> v.visitor_id
    ) person(id)"""

VISITS = f"""
    SELECT 'visit', r.id, r.visitor_id FROM {{rows}} r
    UNION
    SELECT 'visit', r.id, r.recorded_by FROM {{rows}} r
    UNION
    SELECT 'last_visit', r.enterprise_id, {EVERYBODY} FROM {{rows}} r WHERE r.enterprise_id IS NOT NULL"""
# Of the two states of a row that are alike here nothing is left: what is there once has changed.
VISITS_CHANGED = f"""
    SELECT 'visit', r.id, r.visitor_id FROM come r
    UNION
    SELECT 'visit', r.id, r.recorded_by FROM come r
    UNION
    SELECT 'visit', r.id, r.visitor_id FROM gone r
    UNION
    SELECT 'last_visit', state.enterprise_id, {EVERYBODY}
    FROM (
        SELECT r.id, r.enterprise_id, r.visited_at, r.unit_id, r.visitor_id,
               r.review_state IN ('voided', 'withdrawn') AS is_void
        FROM {BOTH} r
    ) state
    GROUP BY state.id, state.enterprise_id, state.visited_at, state.unit_id, state.visitor_id, state.is_void
    HAVING count(*) = 1 AND state.enterprise_id IS NOT NULL"""

PHOTOS = """
    WITH arrived AS MATERIALIZED ({rows}),
    claimed AS MATERIALIZED (
        SELECT r.owner_id, c.record_id
        FROM arrived r
        CROSS JOIN LATERAL (SELECT record_id FROM photo_claims WHERE photo_id = r.id OFFSET 0) c
    )
    SELECT 'photo', r.id, r.owner_id FROM arrived r
    UNION
    SELECT 'visit', v.id, person.id
    FROM claimed r
    CROSS JOIN LATERAL (SELECT id, visitor_id, recorded_by FROM visits WHERE id = r.record_id OFFSET 0) v
    CROSS JOIN LATERAL (VALUES (v.visitor_id), (v.recorded_by)) person(id)
    WHERE person.id <> r.owner_id
    UNION
    SELECT 'checkin', k.id, k.user_id
    FROM claimed r
    CROSS JOIN LATERAL (SELECT id, user_id FROM checkins WHERE id = r.record_id OFFSET 0) k
    WHERE k.user_id <> r.owner_id"""
PHOTOS_COME = "SELECT id, owner_id FROM come WHERE received_at IS NOT NULL"
PHOTOS_CHANGED = """
    SELECT id, owner_id FROM (
        SELECT id, owner_id, received_at, state FROM come
        EXCEPT
        SELECT id, owner_id, received_at, state FROM gone
    ) changed"""

MARKS = {
    "visit_credits": {
        "INSERT": CREDITS.format(rows="come"),
        "UPDATE": CREDITS.format(rows=BOTH),
        "DELETE": CREDITS.format(rows="gone"),
    },
    "visits": {
        "INSERT": VISITS.format(rows="come"),
        "UPDATE": VISITS_CHANGED,
        "DELETE": VISITS.format(rows="gone"),
    },
    "photos": {
        "INSERT": PHOTOS.format(rows=PHOTOS_COME),
        "UPDATE": PHOTOS.format(rows=PHOTOS_CHANGED),
        "DELETE": PHOTOS.format(rows="SELECT id, owner_id FROM gone"),
    },
}


def upgrade() -> None:
    for table, marks in MARKS.items():
        _replace(table, {operation: f"{MARK} {query};" for operation, query in marks.items()})


def downgrade() -> None:
    before = importlib.import_module("migrations.versions.0011_sync")._bodies()  # noqa: SLF001 what is published stays
    for table in MARKS:
        _replace(table, before[table])


def _replace(table: str, bodies: dict[str, str]) -> None:
    """The triggers stay; what they call does this from its next call on."""
    branches = "\n".join(
        f"IF TG_OP = '{operation}' THEN {body} END IF;" for operation, body in bodies.items()
    )
    # The text is sent as it stands: a colon in it is a cast, not a parameter.
    op.execute(
        sa.text(
            f"CREATE OR REPLACE FUNCTION sync_mark_{table}() RETURNS trigger LANGUAGE plpgsql AS $body$\n"
            f"BEGIN\n{branches}\nRETURN NULL;\nEND\n$body$".replace(":", "\\:")
        )
    )
