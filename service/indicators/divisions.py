"""What the rows of a table are: units in the order of office, groups, codes with their names, or what was entered."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from service.accounts.models import Unit
from service.accounts.visibility import within_scope
from service.enterprises.models import Enterprise
from service.indicators.statistics import Keyed
from service.kernel.actor import Actor
from service.visits.methods import METHODS
from service.visits.models import Intention, Visit, VisitMode
from service.visits.traits import Traits

Names = Mapping[str, str]


class By(StrEnum):
    """What the rows are."""

    TOTAL = "total"
    UNIT = "unit"
    GROUP = "group"
    INDUSTRY = "industry"
    CHAIN = "chain"
    PLACE = "place"
    METHOD = "method"
    MODE = "mode"
    INTENTION = "intention"
    PERIOD = "period"


OF_ENTERPRISES = frozenset({By.INDUSTRY, By.CHAIN, By.PLACE})
_NOTHING = {"zh": "未填", "en": "Not entered"}
_NO_GROUP = {"zh": "未分组", "en": "No group"}
_MODES = {
    VisitMode.DOOR_TO_DOOR: ("登门拜访", "Door to door"),
    VisitMode.RECEPTION: ("接待来访", "Reception"),
    VisitMode.ONLINE: ("线上洽谈", "Online"),
    VisitMode.EVENT: ("活动会面", "At an event"),
}
_INTENTIONS = {
    Intention.NONE: ("无意向", "None"),
    Intention.INTERESTED: ("有兴趣", "Interested"),
    Intention.NEGOTIATING: ("洽谈中", "Negotiating"),
    Intention.AGREED: ("已达成", "Agreed"),
}


@dataclass(frozen=True, slots=True)
class ListedUnit:
    """A unit that is a row, with zeros, too."""

    id: UUID
    name: str
    group: str | None
    is_parent: bool
    """The unit above the others: its row holds its own visits alone."""


@dataclass(frozen=True, slots=True)
class Division:
    """The rows of a table by something: how keys are read, and those that are listed although nobody did anything."""

    by: By
    keyed: Keyed
    names: Mapping[str, Names]
    units: Mapping[str, ListedUnit]

    def label(self, key: str | None) -> Names:
        """What a row is called, in both languages."""
        if key is not None and key in self.names:
            return self.names[key]
        if not key:
            return _NO_GROUP if self.by is By.GROUP else _NOTHING
        return {"zh": key, "en": key}

    def narrowed(self, traits: Traits, key: str | None) -> Traits:
        """The traits of the records of a row."""
        if self.by is By.UNIT and key is not None and key in self.units:
            unit = self.units[key]
            return _with(traits, "own_unit" if unit.is_parent else "of_unit", unit.id)
        return _narrowed(self.by, traits, key)


def divide(session: Session, actor: Actor, by: By, parent: UUID | None, as_of: date) -> Division:
    """How rows are made; `parent` is the unit whose units are listed, None the city."""
    if by in {By.UNIT, By.GROUP}:
        units = listed_units(session, actor, parent, as_of)
        keys = _unit_keys(parent) if by is By.UNIT else _group_keys(parent)
        groups = {one.group or "" for one in units if not one.is_parent}
        names: dict[str, Names] = (
            {str(one.id): {"zh": one.name, "en": one.name} for one in units}
            if by is By.UNIT
            else {name: {"zh": name, "en": name} if name else _NO_GROUP for name in sorted(groups)}
        )
        return Division(by, Keyed(keys.c.key, keys), names, {str(one.id): one for one in units})
    return Division(by, Keyed(_KEYS[by]), _NAMES.get(by, {}), {})


def listed_units(session: Session, actor: Actor, parent: UUID | None, as_of: date) -> list[ListedUnit]:
    """The unit above and those right below it that are in force, in the order of office."""
    top = sa.select(Unit.id).where(Unit.parent_id.is_(None)).scalar_subquery()
    above: sa.ColumnElement[Any] = top if parent is None else sa.literal(parent, sa.Uuid())
    rows = session.execute(
        sa.select(Unit.id, Unit.name, Unit.comparison_group, (Unit.id == above).label("is_parent"))
        .where(
            sa.or_(Unit.parent_id == above, Unit.id == above),
            within_scope(actor, Unit.id),
            Unit.valid_from <= as_of,
            sa.or_(Unit.valid_until.is_(None), Unit.valid_until > as_of),
        )
        .order_by(sa.desc("is_parent"), Unit.position, Unit.name, Unit.id)
    )
    return [ListedUnit(row.id, row.name, row.comparison_group, row.is_parent) for row in rows]


def _unit_keys(parent: UUID | None) -> sa.CTE:
    """Each unit below, under the one right below the parent; the parent under itself."""
    if parent is None:
        key = sa.func.coalesce(Unit.lineage[2], Unit.id)
        return sa.select(Unit.id.label("unit_id"), key.label("key")).cte("unit_keys")
    place = sa.func.array_position(Unit.lineage, parent)
    key = sa.func.coalesce(Unit.lineage[place + 1], Unit.id)
    return (
        sa.select(Unit.id.label("unit_id"), key.label("key"))
        .where(Unit.lineage.contains([parent]))
        .cte("unit_keys")
    )


def _group_keys(parent: UUID | None) -> sa.CTE:
    top = aliased(Unit)
    found = sa.select(
        Unit.id.label("unit_id"), sa.func.coalesce(top.comparison_group, "").label("key")
    ).join_from(Unit, top, top.id == sa.func.coalesce(Unit.lineage[2], Unit.id))
    return (found if parent is None else found.where(Unit.lineage.contains([parent]))).cte("unit_keys")


def _with(traits: Traits, name: str, value: Any) -> Traits:
    return replace(traits, **{name: value})


def _narrowed(by: By, traits: Traits, key: str | None) -> Traits:
    named = {
        By.GROUP: "of_group",
        By.INDUSTRY: "industry",
        By.PLACE: "province",
        By.METHOD: "method",
    }
    if by in named:
        return _with(traits, named[by], key or "")
    if by is By.MODE:
        return _with(traits, "mode", VisitMode(key or ""))
    if by is By.INTENTION and key:
        return _with(traits, "intention", Intention(key))
    return traits


_KEYS: dict[By, sa.ColumnElement[Any]] = {
    By.TOTAL: sa.cast(sa.null(), sa.Text),
    By.PERIOD: sa.cast(sa.null(), sa.Text),
    By.INDUSTRY: sa.func.coalesce(Enterprise.industry, ""),
    By.CHAIN: sa.func.coalesce(Enterprise.chain, ""),
    By.PLACE: sa.func.coalesce(Enterprise.province, ""),
    By.METHOD: sa.func.coalesce(Visit.method, ""),
    By.MODE: sa.cast(Visit.mode, sa.Text),
    By.INTENTION: sa.cast(Visit.intention, sa.Text),
}
_NAMES: dict[By, dict[str, Names]] = {
    By.METHOD: {one.slug: {"zh": one.zh, "en": one.en} for one in METHODS},
    By.MODE: {mode.value: {"zh": zh, "en": en} for mode, (zh, en) in _MODES.items()},
    By.INTENTION: {one.value: {"zh": zh, "en": en} for one, (zh, en) in _INTENTIONS.items()},
}
