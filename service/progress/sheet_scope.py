"""What a table of visits is about: its filter in words, and how much of it counts, as the overview has it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.accounts.errors import UnknownUnit
from service.accounts.models import Unit, User
from service.accounts.visibility import within_scope
from service.enterprises.models import Enterprise
from service.kernel.actor import Actor
from service.programmes.errors import UnknownProgramme
from service.programmes.models import Line, Programme
from service.progress.queries import LINES, Question, Setting, days_of, settle
from service.progress.sheet_cells import LINE_NAMES, Labels, named
from service.visits.models import ReviewState, Visit, VisitCredit, VisitCreditStatus
from service.visits.queries import VisitFilter, conditions
from service.visits.records import Records

_DAY = timedelta(days=1)
_LEFT_OUT = (ReviewState.VOIDED, ReviewState.WITHDRAWN)
_Figures = dict[Line, tuple[int, int]]
_STATUSES = {VisitCreditStatus.COUNTED: "已计入", VisitCreditStatus.PENDING: "待审核"}


@dataclass(frozen=True, slots=True)
class SheetFigures:
    """How many subjects and visits of the table count in a programme by the end of a day."""

    programme: str
    as_of: date
    thousand: tuple[int, int]
    hundred: tuple[int, int]
    in_period: bool
    """Subjects are those first counted within the dates asked for."""
    joint: int
    """Visits among them that other units entered and went on together with this one: not rows of the table."""

    def words(self) -> str:
        """The sentence under the title."""
        text = (
            f"其中已计入 {self.thousand[0]} 家 {self.thousand[1]} 家次（千家）/ {self.hundred[0]} 家（百家）"
            f"；{self.programme}，截至 {self.as_of.isoformat()}"
        )
        if self.in_period:
            text += "，家数为期内首次计入"
        if self.joint:
            text += f"，含其他单位登记的联合走访 {self.joint} 家次"
        return text


def table_conditions(actor: Actor, what: VisitFilter) -> list[sa.ColumnElement[bool]]:
    """The rows of the table: `conditions`, without what is voided or withdrawn unless that is asked for."""
    found = conditions(actor, what)
    return found if what.state is not None else [*found, Visit.review_state.not_in(_LEFT_OUT)]


def figures_of(session: Session, actor: Actor, what: VisitFilter) -> SheetFigures | None:
    """What counts of the table; equal to the overview's figures when it is asked for by unit and dates alone.

    None when no programme, or no unit in scope, is meant.
    """
    as_of = None if what.until_on is None else what.until_on - _DAY
    programme_id = what.records.programme_id if what.records else None
    try:
        setting = settle(session, actor, Question(programme_id, as_of, what.unit_id))
    except (UnknownProgramme, UnknownUnit):
        return None
    plain = _is_plain(what)
    of_rows = {} if plain and setting.unit is None else _of_rows(session, actor, setting, what)
    figures = _of_tallies(session, setting, what.from_on) if plain else of_rows
    thousand, hundred = (figures.get(line, (0, 0)) for line in (Line.THOUSAND, Line.HUNDRED))
    own = of_rows.get(Line.THOUSAND, (0, 0))[1]
    return SheetFigures(
        programme=setting.programme.name,
        as_of=setting.as_of,
        thousand=thousand,
        hundred=hundred,
        in_period=plain and what.from_on is not None and what.from_on > setting.span.starts_on,
        joint=thousand[1] - own if plain and setting.unit is not None else 0,
    )


def _is_plain(what: VisitFilter) -> bool:
    """Whether the overview answers the same question: nothing narrows it but a unit, days and a programme."""
    records = what.records
    narrowed = (what.visitor_id, what.enterprise_id, what.chain, what.state, what.unassigned_in)
    of_programme = records is None or records == Records(programme_id=records.programme_id)
    return of_programme and all(one is None for one in narrowed)


def _of_tallies(session: Session, setting: Setting, from_on: date | None) -> _Figures:
    days = days_of(session, setting)
    within = {line: [one for one in days[line] if from_on is None or one.day >= from_on] for line in LINES}
    return {
        line: (sum(one.counted for one in found), sum(one.visits for one in found))
        for line, found in within.items()
    }


def _of_rows(session: Session, actor: Actor, setting: Setting, what: VisitFilter) -> _Figures:
    listed = (
        sa.select(Visit.id)
        .outerjoin(Enterprise, Enterprise.id == Visit.enterprise_id)
        .where(*table_conditions(actor, what))
    )
    credit = VisitCredit
    rows = session.execute(
        sa.select(
            credit.line,
            sa.func.count(credit.subject_id.distinct()),
            sa.func.count(credit.visit_id.distinct()),
        )
        .where(
            credit.programme_id == setting.programme.id,
            credit.own,
            credit.status == VisitCreditStatus.COUNTED,
            credit.visited_on <= setting.as_of,
            credit.visit_id.in_(listed),
        )
        .group_by(credit.line)
    )
    return {line: (subjects, visits) for line, subjects, visits in rows}


def filter_words(session: Session, actor: Actor, what: VisitFilter, labels: Labels) -> str:
    """What was asked for, as a person says it."""
    return "；".join(_words(session, actor, what, labels))


def _words(session: Session, actor: Actor, what: VisitFilter, labels: Labels) -> Iterator[str]:
    unit_id = what.unit_id or (None if actor.sees_every_unit else actor.unit_id)
    yield "全部单位" if unit_id is None else f"单位 {_name(session, Unit, unit_id)}（含下级）"
    yield _days(what.from_on, what.until_on)
    if what.visitor_id is not None:
        of_scope = within_scope(actor, User.unit_id)
        yield f"走访人 {_name(session, User, what.visitor_id, of_scope)}"
    if what.enterprise_id is not None:
        yield f"企业 {_name(session, Enterprise, what.enterprise_id)}"
    if what.chain is not None:
        yield f"产业链 {what.chain or '未填'}"
    if what.unassigned_in is not None:
        yield "目标企业库中未分派的企业"
    if what.records is not None:
        yield _records(session, what.records)
    yield "不含已撤回、已作废" if what.state is None else f"状态 {named(labels, 'review_state', what.state)}"


def _days(from_on: date | None, until_on: date | None) -> str:
    if from_on is None and until_on is None:
        return "全部日期"
    first = "" if from_on is None else f"{from_on.isoformat()} "
    last = "今" if until_on is None else f" {(until_on - _DAY).isoformat()}"
    return f"拜访日期 {first}至{last}"


def _records(session: Session, records: Records) -> str:
    parts = []
    if records.programme_id is not None:
        parts.append(_name(session, Programme, records.programme_id))
    if records.line is not None:
        parts.append(LINE_NAMES[records.line])
    if records.status is not None:
        parts.append(_STATUSES[records.status])
    if records.first:
        parts.append("每个对象一条（最早一次）")
    return " ".join(parts)


def _name(
    session: Session,
    table: type[Unit | User | Enterprise | Programme],
    wanted: UUID,
    *conditions: sa.ColumnElement[bool],
) -> str:
    return session.scalar(sa.select(table.name).where(table.id == wanted, *conditions)) or "（未找到）"
