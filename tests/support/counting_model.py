"""The rules of counting once more, in plain Python over plain rows: what the ledgers must agree with.

Written from the rules of the programme, not from the house's SQL: every visit is looked at on its own, and
nothing is kept from one call to the next.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

Row = dict[str, Any]
Figures = tuple[int, int, date | None, date | None]


@dataclass(frozen=True)
class Expected:
    credits: set[tuple[Any, ...]]
    city: dict[tuple[Any, ...], Figures]
    unit: dict[tuple[Any, ...], Figures]


class Facts:
    """All tables that counting reads."""

    def __init__(self, session: Session) -> None:
        session.flush()
        self.visits = _rows(session, "visits")
        self.units = {row["id"]: row for row in _rows(session, "units")}
        self.programmes = _rows(session, "programmes")
        self.enterprises = {row["id"]: row for row in _rows(session, "enterprises")}
        self.editions = {row["id"]: row for row in _rows(session, "list_editions")}
        self.memberships = _rows(session, "list_memberships")
        self.lists = {row["id"]: row for row in _rows(session, "target_lists")}
        self.entries = _rows(session, "target_list_entries")


def expected(session: Session) -> Expected:
    """What a city with these rows must have in its ledgers."""
    facts = Facts(session)
    credits_: set[tuple[Any, ...]] = set()
    city: dict[tuple[Any, ...], list[tuple[str, date]]] = defaultdict(list)
    unit: dict[tuple[Any, ...], list[tuple[str, date]]] = defaultdict(list)
    for visit in facts.visits:
        for programme in facts.programmes:
            for line, subject in _subjects(facts, visit, programme):
                status = _status(visit, programme)
                city[programme["id"], line, subject].append((status, visit["visited_on"]))
                for unit_id in _units(facts, visit):
                    credits_.add((visit["id"], programme["id"], line, unit_id, subject, status))
                    unit[programme["id"], line, subject, unit_id].append((status, visit["visited_on"]))
    return Expected(
        credits_,
        {key: _figures(marks) for key, marks in city.items()},
        {key: _figures(marks) for key, marks in unit.items()},
    )


def held(session: Session) -> Expected:
    """What the ledgers say."""
    figures = "counted, pending, first_counted_on, first_pending_on"
    rows = session.execute(
        sa.text("SELECT visit_id, programme_id, line, unit_id, subject_id, status FROM visit_credits")
    )
    city = session.execute(sa.text(f"SELECT programme_id, line, subject_id, {figures} FROM city_ledger"))
    unit = session.execute(
        sa.text(f"SELECT programme_id, line, subject_id, unit_id, {figures} FROM unit_ledger")
    )
    return Expected(
        {tuple(row) for row in rows},
        {tuple(row[:3]): tuple(row[3:]) for row in city},
        {tuple(row[:4]): tuple(row[4:]) for row in unit},
    )


def _rows(session: Session, table: str) -> list[Row]:
    return [dict(row._mapping) for row in session.execute(sa.text(f"SELECT * FROM {table}"))]


def _subjects(facts: Facts, visit: Row, programme: Row) -> list[tuple[str, UUID]]:
    if visit["enterprise_id"] is None or visit["review_state"] in {"returned", "voided", "withdrawn"}:
        return []
    if not programme["starts_on"] <= visit["visited_on"] <= programme["ends_on"]:
        return []
    if visit["mode"] not in programme["counted_modes"]:
        return []
    enterprise = facts.enterprises[visit["enterprise_id"]]
    while enterprise["merged_into_id"]:
        enterprise = facts.enterprises[enterprise["merged_into_id"]]
    group = enterprise["group_id"] if enterprise["group_confirmed_at"] else None
    top500 = _is_top500(facts, enterprise["id"], group, programme, visit["visited_on"])
    lines: list[tuple[str, UUID]] = []
    if top500:
        lines.append(("hundred", group or enterprise["id"]))
    if _is_known(facts, enterprise, programme, top500=top500) and not (
        top500 and not programme["hundred_within_thousand"]
    ):
        lines.append(("thousand", enterprise["id"]))
    return lines


def _is_top500(facts: Facts, enterprise_id: UUID, group: UUID | None, programme: Row, on: date) -> bool:
    for code in programme["top500_lists"]:
        begun = [
            one for one in facts.editions.values() if one["list_code"] == code and one["in_force_from"] <= on
        ]
        if not begun:
            continue
        edition = max(begun, key=lambda one: one["in_force_from"])
        for member in facts.memberships:
            if member["edition_id"] != edition["id"] or member["confirmed_at"] is None:
                continue
            if member["enterprise_id"] == enterprise_id or (group and member["group_id"] == group):
                return True
    return False


def _is_known(facts: Facts, enterprise: Row, programme: Row, *, top500: bool) -> bool:
    targeted = any(
        entry["enterprise_id"] == enterprise["id"]
        and facts.lists[entry["list_id"]]["programme_id"] == programme["id"]
        for entry in facts.entries
    )
    return (
        programme["thousand_scope"] == "any"
        or enterprise["well_known"]
        or enterprise["kind"] == "association"
        or top500
        or targeted
    )


def _status(visit: Row, programme: Row) -> str:
    if visit["review_state"] == "approved" or programme["counting_policy"] == "submitted":
        return "counted"
    return "pending"


def _units(facts: Facts, visit: Row) -> set[UUID]:
    """Its own unit, the joint ones, and those above them, without the city itself unless the city visited."""
    found: set[UUID] = set()
    for unit_id in [visit["unit_id"], *visit["joint_unit_ids"]]:
        found.add(unit_id)
        above = facts.units[unit_id]["parent_id"]
        while above and facts.units[above]["parent_id"]:
            found.add(above)
            above = facts.units[above]["parent_id"]
    return found


def _figures(marks: list[tuple[str, date]]) -> Figures:
    counted = [on for status, on in marks if status == "counted"]
    pending = [on for status, on in marks if status == "pending"]
    return len(counted), len(pending), min(counted, default=None), min(pending, default=None)
