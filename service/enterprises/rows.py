"""One row of an office's table becomes what it says of an enterprise, or a reason why it says nothing usable."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from service.enterprises.errors import credit_code_faults
from service.enterprises.mapping import AMOUNTS, Column, Columns, Field
from service.enterprises.models import EnterpriseKind
from service.enterprises.names import loose_key
from service.kernel import credit_code, money
from service.kernel.sheets import Row
from service.kernel.text import name_key

LONGEST_NAME = 200
LONGEST_TEXT = 500
LONGEST_NUMBER = 4
"""A longer name of digits alone, unlike 360 or 1688, is a serial number."""
_Why = tuple[str, str, str]
_NOTHING = frozenset(
    ["", "-", "--", "—", "——", "/", "无", "暂无", "null", "none", "n/a", "na", "nan", "undefined"]
)
_SUM = re.compile(r"(?:合\s*计|总\s*计|小\s*计|共\s*计)")
_ENGLISH_SUM = re.compile(r"(?:sub\s?|grand\s)?total", re.IGNORECASE)
_SIGNATURE = re.compile(
    r"(?:填表人|审核人|制表人|填报人|负责人|联系电话|填报单位|填报日期|制表|备\s*注|注)\s*[：:].*", re.DOTALL
)
# A fund management company is an enterprise; what it manages is a product.
_PRODUCT = re.compile(
    r"\bFund Management\b.*\s-\s|\bETFs?\b|\bLOF\b|LOF\b|QDII|证券投资基金|联接基金|指数基金|货币市场基金"
    r"|\bFd\b|\bFunds?\b(?!\s+(?:Management|Managers?|Holdings?|Co\b|Corp\b|Company|Group|Man\b))",
    re.IGNORECASE,
)
_ASSOCIATION = re.compile(
    r"(?:商会|协会|学会|联合会|促进会|联盟|chamber of commerce|association|federation)\W*$", re.IGNORECASE
)
_ASSOCIATION_KIND = re.compile(r"商会|协会|商协会|association|chamber|社会团体", re.IGNORECASE)
_PLAIN_KIND = frozenset(["企业", "公司", "enterprise", "company"])
_SPLIT = re.compile(r"[;；、|\n]+")
_PROVINCE = re.compile(
    r"(?P<province>.{2,7}?(?:省|自治区)|北京市?|上海市?|天津市?|重庆市?)(?P<city>.{2,12}?(?:市|州|盟|地区))?"
)
_NEGATIVE = re.compile(r"^\s*(?P<sign>[^\d.]{0,4}?)[-−](?P<rest>\s*[^\d]{0,3}[\d.].*)$", re.DOTALL)
_BARE_NUMBER = re.compile(r"[\d,.]+")


@dataclass(frozen=True, slots=True)
class RowRefusal:
    """Why a row is not taken: `code` for programs, the sentences for the person."""

    line_no: int
    name: str
    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class RowFacts:
    """What a row says; `columns` holds columns of the register, `facts` what has none, `notes` what was left out."""

    line_no: int
    name: str
    key: str
    credit_code: str | None
    kind: EnterpriseKind
    aliases: tuple[str, ...]
    columns: dict[str, str]
    facts: dict[str, Any]
    tags: tuple[str, ...] = ()
    group: str | None = None
    unit: str | None = None
    foreign_key: str | None = None
    """The key of its foreign name, where it has another name too."""
    rank: int | None = None
    notes: tuple[str, ...] = field(default=())


def read_row(row: Row, columns: Columns) -> RowFacts | RowRefusal:
    """What the row says, or why it cannot be used; an amount that cannot be read is a note, not a refusal."""
    names = [cell for kind in (Field.NAME, Field.NAME_EN) if (cell := _cell(row, columns.of(kind)))]
    name = names[0] if names else ""
    refusal = _refusal(row, name, columns)
    if refusal:
        return refusal
    notes: list[str] = []
    code = credit_code.normalise(_cell(row, columns.of(Field.CREDIT_CODE))) or None
    said_kind = _cell(row, columns.of(Field.KIND))
    return RowFacts(
        line_no=row.line_no,
        name=name,
        key=name_key(name),
        credit_code=code,
        kind=_kind(said_kind, name, code),
        aliases=tuple(alias for alias in (*names[1:], *_aliases(row, columns)) if len(alias) <= LONGEST_NAME),
        columns=_columns(row, columns, notes),
        facts=_facts(row, columns, notes),
        tags=_tags(row, columns, said_kind),
        group=_cell(row, columns.of(Field.GROUP)) or None,
        unit=_cell(row, columns.of(Field.UNIT)) or None,
        foreign_key=name_key(names[1]) if len(names) > 1 else None,
        rank=_rank(_cell(row, columns.of(Field.RANK))),
        notes=tuple(notes),
    )


def _refusal(row: Row, name: str, columns: Columns) -> RowRefusal | None:
    why = (
        _not_an_enterprise(row, name, columns)
        or _unusable_name(name)
        or _unusable_code(row, _code_columns(row, columns))
    )
    return RowRefusal(row.line_no, name[:LONGEST_NAME], *why) if why else None


def _is_sum(row: Row, columns: Columns) -> bool:
    """Whether it sums up others; the company Total is told from that by its rank, or by its name beside the English one."""
    is_ranked = _rank(_cell(row, columns.of(Field.RANK))) is not None
    english = columns.of(Field.NAME_EN) if _cell(row, columns.of(Field.NAME)) else ()
    may_be_named_so = {column.place for column in english}
    return any(
        _SUM.fullmatch(cell)
        or (_ENGLISH_SUM.fullmatch(cell) and not is_ranked and place not in may_be_named_so)
        for place, cell in enumerate(row.cells[:3])
    )


def _not_an_enterprise(row: Row, name: str, columns: Columns) -> _Why | None:
    if _is_sum(row, columns):
        return "total_row", "合计行，不是企业", "A total, not an enterprise"
    if any(_SIGNATURE.fullmatch(cell) for cell in row.cells[:3]):
        return "signature_row", "填表说明或签名行，不是企业", "A note or a signature, not an enterprise"
    if _PRODUCT.search(name):
        return "not_an_enterprise", "是基金或证券产品，不是企业", "A fund or security, not an enterprise"
    return None


def _unusable_name(name: str) -> _Why | None:
    if not name:
        return "name_missing", "没有企业名称", "It has no name"
    if len(name) > LONGEST_NAME:
        return (
            "name_too_long",
            f"名称超过 {LONGEST_NAME} 个字",
            f"The name is over {LONGEST_NAME} characters",
        )
    key = name_key(name)
    if not loose_key(name) or (key.isdigit() and len(key) > LONGEST_NUMBER):
        return "not_a_name", "名称只有数字或符号", "The name is only digits or signs"
    return None


def _unusable_code(row: Row, places: Sequence[int]) -> _Why | None:
    if any(place in row.damaged for place in places):
        return (
            "credit_code_damaged",
            "统一社会信用代码被表格软件当作数字保存，后几位已丢失；请把该列设为文本后重新填写",
            "The code was kept as a number and lost its last digits; make the column text and enter it again",
        )
    code = credit_code.normalise(row.cells[places[0]]) if places else ""
    faults = credit_code_faults(code) if code else ()
    return ("credit_code_wrong", faults[0].zh, faults[0].en) if faults else None


def _code_columns(row: Row, columns: Columns) -> list[int]:
    """The first column with a code in this row."""
    places = [column.place for column in columns.of(Field.CREDIT_CODE) if _value(row, column)]
    return places[:1]


def _kind(said: str, name: str, code: str | None) -> EnterpriseKind:
    by_code = code is not None and credit_code.holder_kind(code) == credit_code.HolderKind.ASSOCIATION
    if by_code or _ASSOCIATION_KIND.search(said) or _ASSOCIATION.search(name):
        return EnterpriseKind.ASSOCIATION
    return EnterpriseKind.ENTERPRISE


def _tags(row: Row, columns: Columns, said_kind: str) -> tuple[str, ...]:
    tags = [tag.strip() for tag in _SPLIT.split(_cell(row, columns.of(Field.TAGS)))]
    if said_kind and said_kind.casefold() not in _PLAIN_KIND and not _ASSOCIATION_KIND.search(said_kind):
        tags.append(said_kind)
    return tuple(tag for tag in dict.fromkeys(tags) if tag and len(tag) <= 50)


def _aliases(row: Row, columns: Columns) -> list[str]:
    texts = [_value(row, column) for column in columns.of(Field.ALIASES)]
    return [alias.strip() for text in texts for alias in _SPLIT.split(text) if alias.strip()]


def _columns(row: Row, columns: Columns, notes: list[str]) -> dict[str, str]:
    said: dict[str, str] = {}
    for each in ("short_name", "industry", "chain", "country", "province", "city", "address", "website"):
        text = _cell(row, columns.of(Field(each)))
        if len(text) > LONGEST_TEXT:
            notes.append(f"“{each}”过长，未录入")
        elif text:
            said[each] = text
    place = _cell(row, columns.of(Field.PLACE))
    for part, text in _place(place).items():
        said.setdefault(part, text)
    return said


def _place(text: str) -> dict[str, str]:
    """A place as one writes it, 山东省聊城市 or 深圳, as province and city."""
    if not text or len(text) > 50:
        return {}
    found = _PROVINCE.match(text)
    if found is None:
        return {"city": text}
    parts = {"province": found["province"], "city": found["city"] or ""}
    if found["province"].startswith(("北京", "上海", "天津", "重庆")):
        parts["city"] = found["province"]
    return {part: value for part, value in parts.items() if value}


def _facts(row: Row, columns: Columns, notes: list[str]) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    for column in columns.used:
        text = _value(row, column)
        if column.field not in AMOUNTS or column.field.value in facts or not text or len(text) > LONGEST_TEXT:
            continue
        facts[column.field.value] = {"text": text, **_amount(text, column)}
        if len(facts[column.field.value]) == 1:
            notes.append(f"金额无法识别：{column.heading} {text[:40]}")
    return facts


def _amount(text: str, column: Column) -> dict[str, str]:
    """The amount as exact text: in 万元, or in a foreign currency's own unit; empty when it cannot be read."""
    negative = _NEGATIVE.match(text)
    plain = negative["sign"] + negative["rest"] if negative else text
    if _BARE_NUMBER.fullmatch(plain) and column.unit:
        plain += column.unit
    try:
        foreign = money.parse_foreign(plain)
    except money.NotAnAmount:
        foreign = None
    if foreign:
        value = -foreign.value if negative else foreign.value
        return {"currency": foreign.currency, "amount": str(value)}
    try:
        wan = money.parse_wan(plain)
    except money.NotAnAmount:
        return {}
    return {} if wan is None else {"amount_wan": money.wan_string(-wan if negative else wan)}


def _rank(text: str) -> int | None:
    digits = text.removeprefix("第").removesuffix("名").strip()
    digits = digits.removesuffix(".0")
    return int(Decimal(digits)) if digits.isascii() and digits.isdecimal() and len(digits) < 8 else None


def _cell(row: Row, columns: Sequence[Column]) -> str:
    """The first of these columns with anything in it."""
    return next((text for column in columns if (text := _value(row, column))), "")


def _value(row: Row, column: Column) -> str:
    text = row.cells[column.place] if column.place < len(row.cells) else ""
    return "" if text.casefold() in _NOTHING else text
