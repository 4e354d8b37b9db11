"""Units and people come in by file: each row is done by the same command as one typed in, and answers for itself.

A dry run does everything and takes it back, so that it promises exactly what the import will do.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import Unit, User
from service.accounts.people import NewPerson, PersonAmendment, amend_person, register_person
from service.accounts.queries import root_unit_id, unit_in_force, unit_on
from service.accounts.rules import refuse_unless_administering
from service.accounts.sign_in import fold_username
from service.accounts.units import NewUnit, UnitAmendment, amend_unit, open_unit
from service.accounts.words import kind_called, role_called
from service.kernel.actor import Actor, Role
from service.kernel.calendar import local_date
from service.kernel.clock import now
from service.kernel.errors import Invalid, Refusal, fault
from service.kernel.sheets import Row
from service.kernel.tables import Table, heading_key

UNIT_COLUMNS = {
    "name": ("单位名称", "单位", "名称", "name"),
    "parent": ("上级单位", "上级", "parent"),
    "kind": ("单位类型", "类型", "类别", "kind"),
    "short_name": ("简称", "单位简称", "short_name"),
    "division_code": ("区划代码", "行政区划代码", "division_code"),
    "comparison_group": ("对比组", "分组", "考核分组", "group"),
    "position": ("排序", "序号", "position"),
}
PERSON_COLUMNS = {
    "name": ("姓名", "name"),
    "username": ("用户名", "账号", "登录名", "username"),
    "phone": ("手机号", "手机号码", "手机", "电话", "联系电话", "phone"),
    "unit": ("单位", "所在单位", "单位名称", "unit"),
    "roles": ("角色", "岗位", "roles"),
    "rank": ("职务", "职级", "rank"),
}
MOST_CHARACTERS = 100
_USERNAME = re.compile(r"[\w.@-]{2,64}")
_DIVISION_CODE = re.compile(r"[0-9]{6}|[0-9]{9}|[0-9]{12}")


class Outcome(StrEnum):
    """What became of a row."""

    OPENED = "opened"
    AMENDED = "amended"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class MissingColumns(Invalid):
    """The file lacks columns that every row needs."""

    code = "missing_columns"
    zh = "表格缺少列：{columns}"
    en = "The table lacks these columns: {columns}"


@dataclass(frozen=True, slots=True)
class ImportLine:
    """One row of the file: its number there, what it named, and what became of it."""

    line_no: int
    name: str
    outcome: Outcome
    id: UUID | None = None
    refusal: Refusal | None = None

    def reasons(self, language: str) -> list[str]:
        """Why the row was refused, in `zh` or `en`."""
        if self.refusal is None:
            return []
        said = [one.en if language == "en" else one.zh for one in self.refusal.faults]
        return said or [self.refusal.text(language)]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """Every row in the order of the file, and how many went which way."""

    dry_run: bool
    opened: int
    amended: int
    unchanged: int
    refused: int
    lines: list[ImportLine] = field(default_factory=list)


_Take = Callable[[dict[str, str]], tuple[Outcome, UUID]]


def headings(columns: dict[str, tuple[str, ...]]) -> list[str]:
    """Every heading that an import knows, for finding the header row."""
    return [word for words in columns.values() for word in words]


def import_units(session: Session, actor: Actor, table: Table, *, dry_run: bool) -> ImportReport:
    """Open the units of a table, parents before children in the file, and amend those that are there.

    Raises:
        Forbidden: the actor administers nothing.
        MissingColumns: there is no column of names or kinds.
    """
    refuse_unless_administering(actor)
    columns = _columns(table, UNIT_COLUMNS, required=("name", "kind"))
    return _run(session, table, columns, lambda cells: _take_unit(session, actor, cells), dry_run=dry_run)


def import_people(session: Session, actor: Actor, table: Table, *, dry_run: bool) -> ImportReport:
    """Open the accounts of a table, without passwords, and amend those that are there; nobody is moved by it.

    Raises:
        Forbidden: the actor administers nobody.
        MissingColumns: there is no column of names, units or roles.
    """
    refuse_unless_administering(actor)
    columns = _columns(table, PERSON_COLUMNS, required=("name", "unit", "roles"))
    return _run(session, table, columns, lambda cells: _take_person(session, actor, cells), dry_run=dry_run)


def _run(
    session: Session, table: Table, columns: dict[str, int], take: _Take, *, dry_run: bool
) -> ImportReport:
    with session.begin_nested() as everything:
        lines = list(_lines(session, table.rows, columns, take))
        if dry_run:
            everything.rollback()
    counts = {outcome: sum(line.outcome is outcome for line in lines) for outcome in Outcome}
    return ImportReport(
        dry_run=dry_run,
        opened=counts[Outcome.OPENED],
        amended=counts[Outcome.AMENDED],
        unchanged=counts[Outcome.UNCHANGED],
        refused=counts[Outcome.REFUSED],
        lines=lines,
    )


def _lines(session: Session, rows: list[Row], columns: dict[str, int], take: _Take) -> Iterator[ImportLine]:
    for row in rows:
        cells = {name: row.cells[place] for name, place in columns.items()}
        try:
            with session.begin_nested():
                _refuse_long(cells)
                outcome, found = take(cells)
        except Refusal as refusal:
            yield ImportLine(row.line_no, cells.get("name", ""), Outcome.REFUSED, refusal=refusal)
        else:
            yield ImportLine(row.line_no, cells["name"], outcome, found)


def _take_unit(session: Session, actor: Actor, cells: dict[str, str]) -> tuple[Outcome, UUID]:
    kind = kind_called(cells["kind"])
    if kind is None:
        raise fault("/kind", f"单位类型“{cells['kind']}”无法识别", f"Unknown kind of unit: {cells['kind']}")
    facts = _unit_facts(cells)
    parent_id = _parent_id(session, cells)
    known = session.scalar(
        sa.select(Unit).where(
            Unit.parent_id.is_not_distinct_from(parent_id),
            Unit.name == cells["name"],
            Unit.valid_until.is_(None),
        )
    )
    if known is None:
        new = NewUnit(
            name=_given(cells, "name"), kind=kind, parent_id=parent_id, valid_from=_today(), **facts
        )
        return Outcome.OPENED, open_unit(session, actor, new).id
    if known.kind is not kind:
        raise fault("/kind", "已有同名单位，类型不同", "A unit of this name is there, of another kind")
    changes = _differing(known, facts)
    if not changes:
        return Outcome.UNCHANGED, known.id
    return Outcome.AMENDED, amend_unit(session, actor, UnitAmendment(known.id, changes)).id


def _unit_facts(cells: dict[str, str]) -> dict[str, Any]:
    facts: dict[str, Any] = {
        name: cells[name] for name in ("short_name", "division_code", "comparison_group") if cells.get(name)
    }
    code = facts.get("division_code")
    if code is not None and not _DIVISION_CODE.fullmatch(code):
        raise fault(
            "/division_code", "区划代码应为 6、9 或 12 位数字", "A division code has 6, 9 or 12 digits"
        )
    position = cells.get("position", "")
    if position:
        if not (position.isascii() and position.isdecimal() and len(position) <= 6):
            raise fault("/position", "排序应为整数", "The order is a whole number")
        facts["position"] = int(position)
    return facts


def _parent_id(session: Session, cells: dict[str, str]) -> UUID | None:
    name = cells.get("parent", "")
    if name:
        return _unit_named(session, name, "/parent")
    root = root_unit_id(session)
    own_name = session.scalar(sa.select(Unit.name).where(Unit.id == root)) if root else None
    # A row without a parent is the root itself, or hangs below it.
    return None if root is None or own_name == cells["name"] else root


def _take_person(session: Session, actor: Actor, cells: dict[str, str]) -> tuple[Outcome, UUID]:
    username = fold_username(cells.get("username") or cells.get("phone") or "")
    if not _USERNAME.fullmatch(username):
        raise fault("/username", "缺少用户名或手机号，或格式不对", "A user name or a phone number is needed")
    unit_id = _unit_named(session, _given(cells, "unit"), "/unit")
    roles = _roles(_given(cells, "roles"))
    facts: dict[str, Any] = {
        "name": _given(cells, "name"),
        "phone": cells.get("phone") or None,
        "rank": cells.get("rank") or None,
    }
    known = session.scalar(sa.select(User).where(User.username == username))
    if known is None:
        new = NewPerson(username=username, unit_id=unit_id, roles=roles, **facts)
        return Outcome.OPENED, register_person(session, actor, new).id
    if unit_on(session, known.id, _today()) != unit_id:
        raise fault(
            "/unit", "此人现属其他单位，请用“调动”办理", "This person is of another unit; move them instead"
        )
    changes = _differing(known, {name: value for name, value in facts.items() if value is not None})
    if set(known.roles) != roles:
        changes["roles"] = roles
    if not changes:
        return Outcome.UNCHANGED, known.id
    return Outcome.AMENDED, amend_person(session, actor, PersonAmendment(known.id, changes)).id


def _roles(text: str) -> frozenset[Role]:
    words = [word for word in re.split(r"[、,，;；/\s]+", text) if word]
    roles = {word: role_called(word) for word in words}
    unknown = [word for word, role in roles.items() if role is None]
    if unknown or not words:
        raise fault("/roles", f"角色“{'、'.join(unknown)}”无法识别", f"Unknown roles: {', '.join(unknown)}")
    return frozenset(role for role in roles.values() if role is not None)


def _unit_named(session: Session, name: str, pointer: str) -> UUID:
    named = sa.select(Unit.id).where(
        sa.or_(Unit.name == name, Unit.short_name == name), unit_in_force(_today())
    )
    exact = session.scalars(named.where(Unit.name == name).limit(2)).all()
    found = exact or session.scalars(named.limit(2)).all()
    if not found:
        raise fault(pointer, f"没有找到单位“{name}”", f"There is no unit named {name}")
    if len(found) > 1:
        raise fault(pointer, f"有多个单位叫“{name}”", f"More than one unit is named {name}")
    return found[0]


def _columns(table: Table, known: dict[str, tuple[str, ...]], *, required: tuple[str, ...]) -> dict[str, int]:
    places = {heading_key(heading): place for place, heading in reversed(list(enumerate(table.header)))}
    found = {
        name: place
        for name, words in known.items()
        if (place := next((places[heading_key(word)] for word in words if heading_key(word) in places), None))
        is not None
    }
    missing = [known[name][0] for name in required if name not in found]
    if missing:
        raise MissingColumns(columns="、".join(missing))
    return found


def _given(cells: dict[str, str], name: str) -> str:
    value = cells.get(name, "")
    if not value:
        raise fault(f"/{name}", "必填", "This is required")
    return value


def _refuse_long(cells: dict[str, str]) -> None:
    for name, value in cells.items():
        if len(value) > MOST_CHARACTERS:
            raise fault(f"/{name}", f"最多 {MOST_CHARACTERS} 个字符", f"At most {MOST_CHARACTERS} characters")


def _differing(row: Unit | User, facts: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if getattr(row, name) != value}


def _today() -> date:
    return local_date(now())
