"""驻点签到明细表: the check-ins a list on the screen shows, oldest first, numbers within texts masked."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.models import Unit, User
from service.checkins.models import Checkin
from service.checkins.queries import CheckinFilter, conditions
from service.exports.office_tables import Exported, Line, Taking
from service.kernel.actor import Actor
from service.kernel.calendar import SHANGHAI
from service.progress.office_sheet import Cell, OfficeTable
from service.progress.sheet_cells import MASKED, WHOLE, named
from service.projects.models import Project, Site
from service.submissions.location import LISTED

_AT_ONCE = 1000
_DAY = timedelta(days=1)
_TABLE = OfficeTable(
    title="驻点签到明细表",
    tab="签到明细",
    columns=(
        ("单位", 14),
        ("签到日期", 11),
        ("时间", 7),
        ("工地（驻点）", 22),
        ("项目", 24),
        ("签到人", 10),
        ("类型", 8),
        ("是否在围栏内", 10),
        ("距离（米）", 9),
        ("情况说明", 40),
        ("形象进度（%）", 10),
        ("进度说明", 26),
        ("照片（张）", 8),
        ("疑点", 26),
        ("编号", 15),
        ("审核状态", 10),
        ("退回或作废原因", 20),
    ),
    note_from=6,
    signatures=(0, 4, 9),
)
_INSIDE = {True: "是", False: "否", None: "未报位置"}


def persons_of_checkins(actor: Actor, what: CheckinFilter) -> sa.Select[*tuple[Any, ...]]:
    """The ids of those whose positions the lines tell."""
    columns: sa.Select[*tuple[Any, ...]] = sa.select(Checkin.user_id.label("id"))
    return (
        columns.join(Site, Site.id == Checkin.site_id)
        .where(*conditions(actor, what), Checkin.latitude.is_not(None))
        .distinct()
    )


def _count(session: Session, taking: Taking) -> int:
    listed = (
        sa.select(sa.func.count())
        .select_from(Checkin)
        .join(Site, Site.id == Checkin.site_id)
        .where(*conditions(taking.actor, taking.order.checkins))
    )
    return session.scalar(listed) or 0


def _lines(session: Session, taking: Taking) -> Iterator[Line]:
    result = session.execute(
        _statement(taking.actor, taking.order.checkins), execution_options={"yield_per": _AT_ONCE}
    )
    for row in result:
        yield Line(row.id, _cells(row, taking), _position(row, taking))


def _cells(row: sa.Row[*tuple[Any, ...]], taking: Taking) -> tuple[Cell, ...]:
    veil = WHOLE if taking.order.is_unmasked else MASKED
    at = row.at.astimezone(SHANGHAI)
    state = "withdrawn" if row.withdrawn_at is not None else row.review_state
    return (
        row.unit,
        at.date().isoformat(),
        f"{at:%H:%M}",
        row.site,
        row.project or "",
        row.person,
        named(taking.labels, "checkin_kind", row.kind),
        _INSIDE[row.inside],
        None if row.distance_m is None else round(row.distance_m),
        veil.text(row.note or ""),
        row.progress_percent,
        veil.text(row.progress_text or ""),
        len(row.photo_ids),
        "；".join(str(flag.get("zh") or flag.get("code")) for flag in row.flags),
        row.number,
        named(taking.labels, "review_state", state),
        veil.text(row.withdrawn_because or row.review_reason or ""),
    )


def _position(row: sa.Row[*tuple[Any, ...]], taking: Taking) -> tuple[float, float] | None:
    """The exact one with a reason alone; else to about a kilometre, as with visits."""
    if row.longitude is None:
        return None
    if taking.order.is_unmasked:
        return row.longitude, row.latitude
    return round(row.longitude, LISTED), round(row.latitude, LISTED)


def _statement(actor: Actor, what: CheckinFilter) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            Checkin.id,
            Checkin.number,
            Checkin.at,
            Checkin.kind,
            Checkin.inside,
            Checkin.distance_m,
            Checkin.latitude,
            Checkin.longitude,
            Checkin.note,
            Checkin.progress_percent,
            Checkin.progress_text,
            Checkin.photo_ids,
            Checkin.flags,
            Checkin.review_state,
            Checkin.review_reason,
            Checkin.withdrawn_at,
            Checkin.withdrawn_because,
            Unit.name.label("unit"),
            User.name.label("person"),
            Site.name.label("site"),
            Project.name.label("project"),
        )
        .join(Unit, Unit.id == Checkin.unit_id)
        .join(User, User.id == Checkin.user_id)
        .join(Site, Site.id == Checkin.site_id)
        .outerjoin(Project, Project.id == Site.project_id)
        .where(*conditions(actor, what))
        .order_by(Checkin.at, Checkin.id)
    )


def _scope(session: Session, taking: Taking) -> str:
    what, actor = taking.order.checkins, taking.actor
    unit_id = what.unit_id or (None if actor.sees_every_unit else actor.unit_id)
    parts = ["全部单位" if unit_id is None else f"{_name(session, Unit, unit_id)}（含下级）"]
    if what.site_id is not None:
        parts.append(f"工地 {_name(session, Site, what.site_id)}")
    if what.project_id is not None:
        parts.append(f"项目 {_name(session, Project, what.project_id)}")
    if what.user_id is not None:
        parts.append(f"签到人 {_name(session, User, what.user_id)}")
    if what.kind is not None:
        parts.append(named(taking.labels, "checkin_kind", what.kind))
    if what.state is not None:
        parts.append(f"状态 {named(taking.labels, 'review_state', what.state)}")
    if what.standing:
        parts.append("不含已退回、已作废、已撤回")
    first = "" if what.from_on is None else f"{what.from_on.isoformat()} "
    last = "今" if what.until_on is None else f" {(what.until_on - _DAY).isoformat()}"
    parts.append(
        "全部日期" if what.from_on is None and what.until_on is None else f"签到日期 {first}至{last}"
    )
    return "；".join(parts)


def _name(session: Session, table: type[Unit | Site | Project | User], wanted: Any) -> str:
    return session.scalar(sa.select(table.name).where(table.id == wanted)) or "（未找到）"


CHECKINS = Exported("checkins", _TABLE, _count, _lines, _scope)
"""Every check-in of the list, those withdrawn too unless the filter leaves them out."""
