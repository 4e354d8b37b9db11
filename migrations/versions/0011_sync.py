"""What phones may pull, in commit order: marks that triggers write, and the epoch within which cursors hold.

A mark says that an audience (a person, a unit, or everybody) may see, or could see until now, a subject that this
transaction has changed. Triggers of whole statements write marks, one insert each, and only ever add rows: a writer
waits for nobody, and 50,000 imported enterprises cost one statement more.

A mark may depend only on rows that its own transaction has written, or on rows whose writers are kept apart by a lock:
else two transactions that do not see each other would both leave somebody out. Hence the locks of the families below,
taken after the write and before a new statement, whose snapshot (READ COMMITTED) then holds what the other committed.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

EVERYBODY = "'00000000-0000-0000-0000-000000000000'::uuid"
ROOT = "(SELECT id FROM units WHERE parent_id IS NULL ORDER BY valid_from LIMIT 1)"

# The lock of all that counting depends on, which its commands take too ("qbr", service/visits/counting_locks.py):
# whoever gives an enterprise its group waits here for whoever puts that group on a list.
RULES = "PERFORM pg_advisory_xact_lock(7430770, 0);"
PLACES = "PERFORM pg_advisory_xact_lock(7430771, 1);"
PROGRAMMES = "PERFORM pg_advisory_xact_lock(7430771, 2);"

MARK = "INSERT INTO sync_marks (type, subject, audience)"


def _own(kind: str, subject: str, audience: str) -> str:
    """Marks of rows that say themselves what they are of and for whom."""
    return f"SELECT '{kind}', r.{subject}, {audience} FROM {{rows}} r WHERE r.{subject} IS NOT NULL"


# For each table the marks of some of its rows; an update marks both what the rows were and what they are.
MARKS = {
    "enterprises": _own("enterprise", "id", EVERYBODY),
    "enterprise_aliases": _own("enterprise", "enterprise_id", EVERYBODY),
    "target_list_entries": _own("enterprise", "enterprise_id", EVERYBODY),
    "target_lists": _own("target_list", "id", EVERYBODY),
    "checkins": _own("checkin", "id", "r.user_id"),
    "kept_submissions": _own("kept", "id", "r.author_id"),
    "list_memberships": f"""
        SELECT 'enterprise', r.enterprise_id, {EVERYBODY} FROM {{rows}} r WHERE r.enterprise_id IS NOT NULL
        UNION
        SELECT 'enterprise', e.id, {EVERYBODY} FROM {{rows}} r JOIN enterprises e ON e.group_id = r.group_id""",
    "list_editions": f"""
        SELECT 'enterprise', e.id, {EVERYBODY}
        FROM {{rows}} r
        JOIN list_editions edition ON edition.list_code = r.list_code
        JOIN list_memberships place ON place.edition_id = edition.id
        JOIN enterprises e ON e.id = place.enterprise_id OR e.group_id = place.group_id""",
    "visits": f"""
        SELECT 'visit', r.id, r.visitor_id FROM {{rows}} r
        UNION
        SELECT 'visit', r.id, r.recorded_by FROM {{rows}} r
        UNION
        SELECT 'last_visit', r.enterprise_id, {EVERYBODY} FROM {{rows}} r WHERE r.enterprise_id IS NOT NULL""",
    "programmes": f"""
        SELECT 'programme', r.id, {EVERYBODY} FROM {{rows}} r
        UNION
        SELECT 'programme', p.id, {EVERYBODY} FROM programmes p
        UNION
        SELECT 'target', t.id, coalesce(t.unit_id, {ROOT}, {EVERYBODY}) FROM targets t""",
    "targets": _own("target", "id", f"coalesce(r.unit_id, {ROOT}, {EVERYBODY})"),
    "sites": """
        SELECT shown.type, shown.subject, seen.audience
        FROM (SELECT r.id AS site_id, r.unit_id AS also FROM {rows} r) touched
        CROSS JOIN LATERAL sync_shown_at(touched.site_id) shown
        CROSS JOIN LATERAL (
            SELECT sync_seen_by(touched.site_id) AS audience UNION SELECT touched.also
        ) seen""",
    "stations": """
        SELECT shown.type, shown.subject, seen.audience
        FROM (SELECT r.id, r.site_id, r.unit_id AS also FROM {rows} r) touched
        CROSS JOIN LATERAL (
            SELECT type, subject FROM sync_shown_at(touched.site_id) UNION SELECT 'station', touched.id
        ) shown
        CROSS JOIN LATERAL (
            SELECT sync_seen_by(touched.site_id) AS audience UNION SELECT touched.also
        ) seen""",
    "assignments": """
        SELECT 'assignment', r.id, r.user_id FROM {rows} r
        UNION
        SELECT shown.type, shown.subject, r.user_id FROM {rows} r CROSS JOIN LATERAL sync_shown_at(r.site_id) shown""",
}

BEFORE = {
    "list_memberships": RULES,
    "list_editions": RULES,
    "programmes": PROGRAMMES,
    "targets": PROGRAMMES,
    "sites": PLACES,
    "stations": PLACES,
    "assignments": PLACES,
}

# Updates that most often change nothing a phone is shown, or only a part of it.
UPDATES = {
    "visits": f"""
        SELECT 'visit', r.id, r.visitor_id FROM come r
        UNION
        SELECT 'visit', r.id, r.recorded_by FROM come r
        UNION
        SELECT 'visit', r.id, r.visitor_id FROM gone r
        UNION
        SELECT 'last_visit', named.enterprise_id, {EVERYBODY}
        FROM come JOIN gone ON gone.id = come.id
        CROSS JOIN LATERAL (VALUES (come.enterprise_id), (gone.enterprise_id)) named(enterprise_id)
        WHERE named.enterprise_id IS NOT NULL
          AND (come.enterprise_id, come.visited_at, come.unit_id, come.visitor_id,
               come.review_state IN ('voided', 'withdrawn'))
              IS DISTINCT FROM
              (gone.enterprise_id, gone.visited_at, gone.unit_id, gone.visitor_id,
               gone.review_state IN ('voided', 'withdrawn'))""",
}

# Whether a visit counts is told with it, so its persons hear of its credits, and of those that make another visit the
# first of its subject: each credit's subject is locked by whoever changes it.
CREDITS = """
    SELECT 'visit', v.id, person.id
    FROM (SELECT visit_id FROM {rows} r WHERE r.own UNION SELECT visit_id FROM other_first) touched
    JOIN visits v ON v.id = touched.visit_id
    CROSS JOIN LATERAL (SELECT v.visitor_id UNION SELECT v.recorded_by) person(id)"""
OTHER_FIRST = """
    WITH counted AS (
        SELECT programme_id, line, subject_id, visited_on, visit_id FROM {rows} r
        WHERE r.own AND r.status = 'counted'
    ),
    first AS (
        SELECT DISTINCT ON (programme_id, line, subject_id) * FROM counted
        ORDER BY programme_id, line, subject_id, visited_on, visit_id
    ),
    other_first AS (
        SELECT second.visit_id
        FROM first
        CROSS JOIN LATERAL (
            SELECT c.visit_id FROM visit_credits c
            WHERE c.programme_id = first.programme_id AND c.line = first.line AND c.subject_id = first.subject_id
              AND c.own AND c.status = 'counted'
              AND NOT EXISTS (SELECT 1 FROM counted WHERE counted.visit_id = c.visit_id)
            ORDER BY c.visited_on, c.visit_id LIMIT 1
        ) second
        WHERE NOT EXISTS (
            SELECT 1 FROM visit_credits c
            WHERE c.programme_id = first.programme_id AND c.line = first.line AND c.subject_id = first.subject_id
              AND c.own AND c.status = 'counted' AND (c.visited_on, c.visit_id) < (first.visited_on, first.visit_id)
        )
    )"""

# A photo that arrives changes the tally of the records that name it. Its owner's mark is of the photo, and a pull finds
# the records then: record and photo may be written at the same moment. Others hear of the records that are there.
PHOTOS = """
    SELECT 'photo', r.id, r.owner_id FROM ({rows}) r
    UNION
    SELECT 'visit', v.id, person.id
    FROM ({rows}) r
    JOIN photo_claims c ON c.photo_id = r.id
    JOIN visits v ON v.id = c.record_id
    CROSS JOIN LATERAL (VALUES (v.visitor_id), (v.recorded_by)) person(id)
    WHERE person.id <> r.owner_id
    UNION
    SELECT 'checkin', k.id, k.user_id
    FROM ({rows}) r
    JOIN photo_claims c ON c.photo_id = r.id
    JOIN checkins k ON k.id = c.record_id
    WHERE k.user_id <> r.owner_id"""
PHOTOS_CHANGED = """
    SELECT come.id, come.owner_id FROM come JOIN gone ON gone.id = come.id
    WHERE (come.received_at, come.state) IS DISTINCT FROM (gone.received_at, gone.state)"""

# What a programme counts explains why a visit of its days does or does not.
EXPLAINED = """
    SELECT 'visit', v.id, person.id
    FROM (
        SELECT starts_on, ends_on FROM ({rows}) r
    ) days
    JOIN visits v ON v.visited_on BETWEEN days.starts_on AND days.ends_on
    CROSS JOIN LATERAL (SELECT v.visitor_id UNION SELECT v.recorded_by) person(id)"""
RETOLD = """
    SELECT side.starts_on, side.ends_on
    FROM come JOIN gone ON gone.id = come.id
    CROSS JOIN LATERAL (VALUES (come.starts_on, come.ends_on), (gone.starts_on, gone.ends_on)) side(starts_on, ends_on)
    WHERE (come.name, come.starts_on, come.ends_on, come.counted_modes)
          IS DISTINCT FROM (gone.name, gone.starts_on, gone.ends_on, gone.counted_modes)"""

FUNCTIONS = {
    "sync_shown_at(site uuid)": """
        RETURNS TABLE (type text, subject uuid) LANGUAGE sql STABLE AS $$
            SELECT 'site', site UNION ALL SELECT 'station', id FROM stations WHERE site_id = site
        $$""",
    "sync_seen_by(site uuid)": """
        RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
            SELECT unit_id FROM sites WHERE id = site
            UNION SELECT unit_id FROM stations WHERE site_id = site
            UNION SELECT user_id FROM assignments WHERE site_id = site
        $$""",
}


def _bodies() -> dict[str, dict[str, str]]:
    """By table: what its trigger does on an insert, an update and a delete."""
    bodies = {}
    for table, marks in MARKS.items():
        first = BEFORE.get(table, "")
        come, gone = marks.format(rows="come"), marks.format(rows="gone")
        update = UPDATES.get(table) or f"{come} UNION {gone}"
        bodies[table] = {
            "INSERT": f"{first} {MARK} {come};",
            "UPDATE": f"{first} {MARK} {update};",
            "DELETE": f"{first} {MARK} {gone};",
        }
    for operation, rows in (("INSERT", "SELECT * FROM come"), ("DELETE", "SELECT * FROM gone")):
        bodies["programmes"][operation] += f"{RULES} {MARK} {EXPLAINED.format(rows=rows)};"
    bodies["programmes"]["UPDATE"] += f"{RULES} {MARK} {EXPLAINED.format(rows=RETOLD)};"
    both = "(SELECT * FROM come UNION ALL SELECT * FROM gone)"
    bodies["visit_credits"] = {
        operation: f"{OTHER_FIRST.format(rows=rows)} {MARK} {CREDITS.format(rows=rows)};"
        for operation, rows in (("INSERT", "come"), ("UPDATE", both), ("DELETE", "gone"))
    }
    arrived = "SELECT * FROM come WHERE received_at IS NOT NULL"
    bodies["photos"] = {
        operation: f"{MARK} {PHOTOS.format(rows=rows)};"
        for operation, rows in (
            ("INSERT", arrived),
            ("UPDATE", PHOTOS_CHANGED),
            ("DELETE", "SELECT * FROM gone"),
        )
    }
    bodies["projects"] = {
        "UPDATE": f"""{PLACES} {MARK}
            SELECT 'site', s.id, sync_seen_by(s.id)
            FROM come JOIN gone ON gone.id = come.id JOIN sites s ON s.project_id = come.id
            WHERE come.name <> gone.name;""",
    }
    return bodies


_SEEN = {
    "INSERT": "NEW TABLE AS come",
    "UPDATE": "OLD TABLE AS gone NEW TABLE AS come",
    "DELETE": "OLD TABLE AS gone",
}


def upgrade() -> None:
    op.create_table(
        "sync_marks",
        sa.Column("audience", sa.Uuid(), nullable=False),
        sa.Column(
            "xid",
            sa.BigInteger(),
            server_default=sa.text("(pg_current_xact_id()::text::bigint)"),
            nullable=False,
        ),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column(
            "marked_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("transaction_timestamp()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("audience", "xid", "seq", name="pk_sync_marks"),
    )
    op.create_table(
        "sync_epochs",
        sa.Column("number", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("purged_below", sa.BigInteger(), nullable=False),
        sa.Column("turned_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_sync_epochs"),
        sa.UniqueConstraint("id", name="uq_sync_epochs_id"),
    )
    op.execute("INSERT INTO sync_epochs (id, began_at, purged_below) VALUES (gen_random_uuid(), now(), 0)")
    for name, body in FUNCTIONS.items():
        op.execute(f"CREATE FUNCTION {name} {body}")
    for table, bodies in _bodies().items():
        _listen(table, bodies)


def _listen(table: str, bodies: dict[str, str]) -> None:
    """A trigger for each operation that can change what a phone is shown."""
    branches = "\n".join(
        f"IF TG_OP = '{operation}' THEN {body} END IF;" for operation, body in bodies.items()
    )
    # The text is sent as it stands: a colon in it is a cast, not a parameter.
    op.execute(
        sa.text(
            f"CREATE FUNCTION sync_mark_{table}() RETURNS trigger LANGUAGE plpgsql AS $body$\n"
            f"BEGIN\n{branches}\nRETURN NULL;\nEND\n$body$".replace(":", "\\:")
        )
    )
    for operation in bodies:
        op.execute(
            f"CREATE TRIGGER sync_mark_{operation.lower()} AFTER {operation} ON {table}"
            f" REFERENCING {_SEEN[operation]} FOR EACH STATEMENT EXECUTE FUNCTION sync_mark_{table}()"
        )


def downgrade() -> None:
    for table, bodies in _bodies().items():
        for operation in bodies:
            op.execute(f"DROP TRIGGER sync_mark_{operation.lower()} ON {table}")
        op.execute(f"DROP FUNCTION sync_mark_{table}()")
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION {name.split('(', maxsplit=1)[0]}(uuid)")
    op.drop_table("sync_epochs")
    op.drop_table("sync_marks")
