"""Every visit says whether it counts, on which line, and if not, why not."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from service.kernel.together import Question
from service.programmes.models import Line, Programme
from service.visits.models import ReviewState, Visit, VisitCredit, VisitCreditStatus, VisitMode

OwnCredit = sa.Row[UUID, Line, VisitCreditStatus, bool, str, bool]
FactsRow = sa.Row[UUID, ReviewState, UUID | None, VisitMode, str, list[str]]
_LINES = {Line.THOUSAND: ("千家", "the thousand"), Line.HUNDRED: ("百家", "the hundred")}

_TEXTS = {
    "counted": ("已计入“{zh}”", "Counts towards {en}"),
    "repeat_visit": (
        "该对象此前已计入“{zh}”，本次计家次，不增加家数",
        "An earlier visit counts this subject towards {en}; this one is a visit more, not a subject more",
    ),
    "awaiting_review": ("审核通过后计入“{zh}”", "Will count towards {en} once it is approved"),
    "returned": (
        "已退回，修改并重新审核后才能计入",
        "It was returned and counts once it is corrected and approved",
    ),
    "voided": ("已作废，不计入", "It was voided"),
    "withdrawn": ("已撤回，不计入", "Its sender withdrew it"),
    "enterprise_unmatched": (
        "企业尚未与名录匹配，匹配后才能计入",
        "Its enterprise is not matched with the register yet",
    ),
    "outside_programme": ("拜访日期不在任何方案期内", "No programme covers the day of the visit"),
    "mode_not_counted": ("方案不计入此种拜访方式", "The programme does not count visits of this mode"),
    "not_listed": (
        "企业不在计数范围内：非知名企业、商协会、三类500强或目标企业",
        "The enterprise is neither well known, an association, Top-500 nor on a target list",
    ),
}

_NEVER = {
    ReviewState.RETURNED: "returned",
    ReviewState.VOIDED: "voided",
    ReviewState.WITHDRAWN: "withdrawn",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a visit counts or does not; `line` when it speaks of one line."""

    code: str
    text: str
    line: Line | None = None
    programme: str | None = None
    """The name of the programme it speaks of, when more than one is in force that day."""


@dataclass(frozen=True, slots=True)
class Counting:
    """Whether a visit counts on any line now, and why or why not."""

    counted: bool
    reasons: tuple[Reason, ...]


class _Facts(NamedTuple):
    id: UUID
    review_state: ReviewState
    enterprise_id: UUID | None
    mode: VisitMode
    programme: str | None
    counted_modes: list[str] | None


class _Credit(NamedTuple):
    visit_id: UUID
    line: Line
    status: VisitCreditStatus
    repeat: bool
    programme: str
    one_of_several: bool
    """More than one programme is in force on the day of the visit, so its text says which."""


def explain(session: Session, visit_ids: Collection[UUID], *, language: str = "zh") -> dict[UUID, Counting]:
    """What to say of each visit, in at most two statements; visits that do not exist are left out."""
    if not visit_ids:
        return {}
    credits_of: dict[UUID, list[_Credit]] = defaultdict(list)
    for credit in session.execute(_OWN_CREDITS, {"visits": list(visit_ids)}):
        credits_of[credit.visit_id].append(_credit(credit))
    told = {visit_id: _of_credits(held, language) for visit_id, held in credits_of.items()}
    without = [visit_id for visit_id in visit_ids if visit_id not in told]
    return told | (_of_none(session, without, language) if without else {})


def asking(visit_id: UUID) -> tuple[Question, Question]:
    """The statements whose rows `explain_one` reads."""
    return Question(_OWN_CREDITS_OF_ONE, {"visit": visit_id}), Question(_FACTS_OF_ONE, {"visit": visit_id})


def explain_one(
    own_credits: Sequence[OwnCredit], facts: Sequence[FactsRow], *, language: str = "zh"
) -> Counting:
    """What to say of a visit with these credits or, when it has none, of these facts."""
    if not own_credits:
        return Counting(counted=False, reasons=_why_not([_fact(row) for row in facts], language))
    return _of_credits([_credit(row) for row in own_credits], language)


def _credit(row: OwnCredit) -> _Credit:
    return _Credit(
        visit_id=row.visit_id,
        line=Line(row.line),
        status=VisitCreditStatus(row.status),
        repeat=row.repeat,
        programme=row.programme,
        one_of_several=row.one_of_several,
    )


def _of_none(session: Session, visit_ids: Collection[UUID], language: str) -> dict[UUID, Counting]:
    facts_of: dict[UUID, list[_Facts]] = defaultdict(list)
    for facts in session.execute(_FACTS, {"visits": list(visit_ids)}):
        facts_of[facts.id].append(_fact(facts))
    return {
        visit_id: Counting(counted=False, reasons=_why_not(programmes, language))
        for visit_id, programmes in facts_of.items()
    }


def _fact(row: FactsRow) -> _Facts:
    return _Facts(
        id=row.id,
        review_state=ReviewState(row.review_state),
        enterprise_id=row.enterprise_id,
        mode=VisitMode(row.mode),
        programme=row.programme,
        counted_modes=row.counted_modes,
    )


def is_first_of_its_subject(credit: type[VisitCredit] = VisitCredit) -> sa.ColumnElement[bool]:
    """Whether a counted credit's visit is the earliest counted one of its subject in the city: the one that made it count."""
    earlier = aliased(VisitCredit)
    return ~sa.exists().where(
        earlier.programme_id == credit.programme_id,
        earlier.line == credit.line,
        earlier.subject_id == credit.subject_id,
        earlier.status == VisitCreditStatus.COUNTED,
        sa.tuple_(earlier.visited_on, earlier.visit_id) < sa.tuple_(credit.visited_on, credit.visit_id),
    )


def _own_credits(these: sa.ColumnElement[Any]) -> sa.Select[UUID, Line, VisitCreditStatus, bool, str, bool]:
    counted = VisitCredit.status == VisitCreditStatus.COUNTED
    repeat = sa.case((counted, ~is_first_of_its_subject()), else_=sa.false())
    return (
        sa.select(
            VisitCredit.visit_id,
            VisitCredit.line,
            VisitCredit.status,
            repeat.label("repeat"),
            Programme.name.label("programme"),
            _another_in_force().label("one_of_several"),
        )
        .join(Programme, Programme.id == VisitCredit.programme_id)
        .where(VisitCredit.visit_id == these, VisitCredit.own)
        .order_by(VisitCredit.line.desc(), VisitCredit.programme_id)
    )


def _another_in_force() -> sa.ColumnElement[bool]:
    other = aliased(Programme)
    return sa.exists().where(
        other.id != VisitCredit.programme_id,
        other.starts_on <= VisitCredit.visited_on,
        other.ends_on >= VisitCredit.visited_on,
    )


def _has_own_credit() -> sa.ColumnElement[bool]:
    return sa.exists().where(VisitCredit.visit_id == Visit.id, VisitCredit.own)


def _facts(
    these: sa.ColumnElement[Any],
) -> sa.Select[UUID, ReviewState, UUID | None, VisitMode, str, list[str]]:
    covers = sa.and_(Visit.visited_on >= Programme.starts_on, Visit.visited_on <= Programme.ends_on)
    return (
        sa.select(
            Visit.id,
            Visit.review_state,
            Visit.enterprise_id,
            Visit.mode,
            Programme.name.label("programme"),
            Programme.counted_modes,
        )
        .outerjoin(Programme, covers)
        .where(Visit.id == these, ~_has_own_credit())
        .order_by(Visit.id, Programme.id)
    )


_VISITS = sa.any_(sa.bindparam("visits", type_=sa.ARRAY(sa.Uuid())))
_VISIT = sa.bindparam("visit", type_=sa.Uuid())
# Built once: every submission asks these, and building a statement costs more than running it.
_OWN_CREDITS = _own_credits(_VISITS)
_FACTS = _facts(_VISITS)
# For one visit the server keeps their plans; for an array it plans each time, which takes ten times as long.
_OWN_CREDITS_OF_ONE = _own_credits(_VISIT)
_FACTS_OF_ONE = _facts(_VISIT)


def _of_credits(held: Sequence[_Credit], language: str) -> Counting:
    counted = any(credit.status is VisitCreditStatus.COUNTED for credit in held)
    return Counting(counted, tuple(reason for credit in held for reason in _reasons(credit, language)))


def _why_not(programmes: Sequence[_Facts], language: str) -> tuple[Reason, ...]:
    visit = programmes[0]
    if visit.review_state in _NEVER:
        return (_reason(_NEVER[visit.review_state], language),)
    if visit.enterprise_id is None:
        return (_reason("enterprise_unmatched", language),)
    if visit.programme is None:
        return (_reason("outside_programme", language),)
    if len(programmes) == 1:
        return (_reason(_why_not_in(visit), language),)
    return tuple(_reason(_why_not_in(one), language, programme=one.programme) for one in programmes)


def _why_not_in(facts: _Facts) -> str:
    return "not_listed" if facts.mode in (facts.counted_modes or ()) else "mode_not_counted"


def _reasons(credit: _Credit, language: str) -> list[Reason]:
    codes = ["counted", "repeat_visit"] if credit.repeat else ["counted"]
    if credit.status is VisitCreditStatus.PENDING:
        codes = ["awaiting_review"]
    programme = credit.programme if credit.one_of_several else None
    return [_reason(code, language, credit.line, programme) for code in codes]


def _reason(code: str, language: str, line: Line | None = None, programme: str | None = None) -> Reason:
    zh, en = _TEXTS[code]
    zh_line, en_line = _LINES[line] if line else ("", "")
    text = en.format(en=en_line) if language == "en" else zh.format(zh=zh_line)
    if programme is not None:
        text = f"{programme}: {text}" if language == "en" else f"{programme}：{text}"
    return Reason(code, text, line, programme)
