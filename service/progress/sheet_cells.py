"""What stands in the cells of the 台账 of visits: words, never codes; contacts masked."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from service.enterprises.models import EnterpriseKind
from service.programmes.models import Line
from service.visits.contacts import masked_phone, masked_text
from service.visits.counting import Counting, Reason

HEADINGS = (
    "序号",
    "单位",
    "拜访日期",
    "企业（机构）名称",
    "统一社会信用代码",
    "类型",
    "所属行业",
    "所在地",
    "对方接待人及职务",
    "我方带队",
    "洽谈内容",
    "投资意向",
    "下一步",
    "联系人（脱敏）",
    "编号",
    "审核状态",
    "是否计入",
)
"""The office's table (拜访企业明细表), then what ties a row to its record."""

LINE_NAMES = {Line.THOUSAND: "千家", Line.HUNDRED: "百家"}

Labels = Mapping[str, Mapping[str, str]]
"""The Chinese names of codes, by code list: `rank`, `intention` and `review_state`."""


@dataclass(frozen=True, slots=True)
class Veil:
    """How contacts are shown: names, numbers, and numbers within texts."""

    name: Callable[[str], str]
    phone: Callable[[str], str]
    text: Callable[[str], str]


MASKED = Veil(name=lambda name: name[:1] + "*" * (len(name) - 1), phone=masked_phone, text=masked_text)
"""The surname and the masked number: who may know the person recognises them."""
WHOLE = Veil(name=str, phone=str, text=str)
"""As they were entered: for headquarters, with a reason that is noted."""


def cells_of(
    row: sa.Row[*tuple[Any, ...]], counting: Counting, labels: Labels, today: date, veil: Veil = MASKED
) -> Sequence[str]:
    """The texts of one visit, without its place in the table."""
    free: Mapping[str, Any] = row.free_enterprise or {}
    visited_on: date = row.visited_on
    return (
        row.unit,
        visited_on.isoformat(),
        row.enterprise or str(free.get("name") or ""),
        row.credit_code or str(free.get("credit_code") or ""),
        _kind(row),
        row.industry or "",
        _place(row.province, row.city) or str(free.get("city") or ""),
        "；".join(_joined(host.get("name"), host.get("title")) for host in row.hosts),
        _leader(row.led_by, labels) if row.led_by else "",
        veil.text(row.summary or ""),
        named(labels, "intention", row.intention),
        _next(veil, row.next_step, row.next_on),
        "；".join(_contact(veil, host) for host in row.hosts),
        row.number,
        named(labels, "review_state", row.review_state),
        counting_words(counting, visited_on, today),
    )


def named(labels: Labels, codes: str, code: str | None) -> str:
    """The Chinese name of a code; a word that is none of the list stands as it was written."""
    return "" if code is None else labels.get(codes, {}).get(code, str(code))


def counting_words(counting: Counting, visited_on: date, today: date) -> str:
    """Whether a visit counts, and why or why not, as short as a column is wide."""
    if counting.counted and visited_on > today:
        return "否：拜访日期未到"
    counted = [one for one in counting.reasons if one.code == "counted"]
    waiting = [one for one in counting.reasons if one.code == "awaiting_review"]
    later = f"审核通过后计入{_lines(waiting)}" if waiting else ""
    if not counted:
        return f"否：{later or '；'.join(one.text for one in counting.reasons)}"
    repeats = [one for one in counting.reasons if one.code == "repeat_visit"]
    again = f"{_lines(repeats)}此前已计，只增家次" if repeats else ""
    return "是：" + "；".join(part for part in (_lines(counted), again, later) if part)


def _lines(reasons: Sequence[Reason]) -> str:
    return "、".join(f"{one.programme or ''}{LINE_NAMES[one.line]}" for one in reasons if one.line)


def _kind(row: sa.Row[*tuple[Any, ...]]) -> str:
    if row.top500:
        return "三类500强"
    if row.kind is EnterpriseKind.ASSOCIATION:
        return "商协会"
    if row.well_known:
        return "知名企业"
    return "企业" if row.enterprise_id else "未匹配"


def _place(province: str | None, city: str | None) -> str:
    return " ".join(dict.fromkeys(part for part in (province, city) if part))


def _leader(person: Mapping[str, Any], labels: Labels) -> str:
    rank = person.get("rank")
    return _joined(person.get("name"), named(labels, "rank", None if rank is None else str(rank)))


def _joined(*parts: object) -> str:
    return " ".join(str(part) for part in parts if part)


def _next(veil: Veil, step: str | None, on: date | None) -> str:
    return "，".join(part for part in (on.isoformat() if on else "", veil.text(step or "")) if part)


def _contact(veil: Veil, host: Mapping[str, Any]) -> str:
    return _joined(veil.name(str(host.get("name") or "")), veil.phone(str(host.get("phone") or "")))
