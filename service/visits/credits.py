"""What a visit is credited with is derived by one statement, for one visit as for all of them.

A visit within a programme's dates, in a mode that counts, neither returned, voided nor withdrawn, to a known
enterprise gives credits:

* on the thousand line, towards the enterprise, when the programme counts it there;
* on the hundred line, towards its confirmed group (or itself), when it was on a Top-500 edition in force that day;
* to the visit's unit, to each joint unit, and to the units above them below the city.

It is text rather than `select()`: the same words serve statements that delete, insert and compare around it.
"""

# ruff: noqa: S608 statements are put together from constants of this house; every value is bound

COLUMNS = "visit_id, programme_id, line, unit_id, enterprise_id, subject_id, visited_on, status, own"
KEY = "visit_id, programme_id, line, unit_id"

STANDING = """
    CASE WHEN named.merged_into_id IS NULL THEN named.id ELSE (
        WITH RECURSIVE step AS (
            SELECT first.id, first.merged_into_id FROM enterprises first WHERE first.id = named.merged_into_id
            UNION ALL
            SELECT next.id, next.merged_into_id FROM step JOIN enterprises next ON next.id = step.merged_into_id
        )
        SELECT step.id FROM step WHERE step.merged_into_id IS NULL
    ) END"""
"""The enterprise that stands for `named`, however often it was merged."""

_ON_A_LIST = """
    SELECT 1
    FROM list_memberships m
    JOIN list_editions edition ON edition.id = m.edition_id
    WHERE {member} AND m.confirmed_at IS NOT NULL
      AND edition.list_code = ANY (p.top500_lists) AND edition.in_force_from <= v.visited_on
      AND NOT EXISTS (
          SELECT 1 FROM list_editions newer
          WHERE newer.list_code = edition.list_code
            AND newer.in_force_from > edition.in_force_from AND newer.in_force_from <= v.visited_on
      )"""

_ON_A_TARGET_LIST = """
    SELECT 1
    FROM target_list_entries entry
    JOIN target_lists list ON list.id = entry.list_id
    WHERE entry.enterprise_id = e.id AND list.programme_id = p.id"""

DERIVED = f"""
    SELECT v.id AS visit_id, p.id AS programme_id, l.line, u.unit_id, e.id AS enterprise_id, l.subject_id, v.visited_on,
           CASE WHEN v.review_state = 'approved' OR p.counting_policy = 'submitted'
                THEN 'counted' ELSE 'pending' END AS status,
           u.unit_id = v.unit_id AS own
    FROM visits v
    JOIN enterprises named ON named.id = v.enterprise_id
    JOIN enterprises e ON e.id = {STANDING}
    JOIN programmes p ON v.visited_on BETWEEN p.starts_on AND p.ends_on AND v.mode = ANY (p.counted_modes)
    CROSS JOIN LATERAL (
        SELECT CASE WHEN e.group_confirmed_at IS NOT NULL THEN e.group_id END AS group_id OFFSET 0
    ) g
    CROSS JOIN LATERAL (
        SELECT EXISTS ({_ON_A_LIST.format(member="m.enterprise_id = e.id")})
            OR EXISTS ({_ON_A_LIST.format(member="m.group_id = g.group_id")}) AS top500 OFFSET 0
    ) t
    CROSS JOIN LATERAL (
        SELECT (p.thousand_scope = 'any' OR e.well_known OR e.kind = 'association' OR t.top500
                OR EXISTS ({_ON_A_TARGET_LIST})) AND (p.hundred_within_thousand OR NOT t.top500) AS thousand OFFSET 0
    ) s
    CROSS JOIN LATERAL (
        VALUES ('thousand', e.id, s.thousand), ('hundred', coalesce(g.group_id, e.id), t.top500)
    ) l(line, subject_id, eligible)
    CROSS JOIN LATERAL (
        SELECT DISTINCT above.id AS unit_id
        FROM units, unnest(units.lineage) WITH ORDINALITY above(id, depth)
        WHERE units.id = ANY (v.joint_unit_ids || v.unit_id) AND (above.depth > 1 OR units.id = above.id)
    ) u
    WHERE l.eligible AND v.review_state IN ('submitted', 'unit_approved', 'approved')"""
"""Every credit of every visit; a statement adds `AND …` over `v`, `p` and `e`. (`OFFSET 0` keeps the planner from
copying a test into each place that asks for its answer.)"""
