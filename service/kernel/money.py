"""Amounts of money are exact decimals: yuan in 万元 with four places, which is one yuan, and foreign money apart.

Offices type ``1.2亿``, ``12000万`` or ``12000`` (which means 万元) and import columns like ``$151.4 B``. What has
no number in it (empty, ``undefined``, ``—``) is no amount; what has one that cannot be read is refused, never guessed.
"""

import re
import unicodedata
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

YUAN_IN_WAN = Decimal("0.0001")
MOST_WAN = Decimal(10) ** 12
_MOST_FOREIGN = Decimal(10) ** 16
_CENT = Decimal("0.01")
_LONGEST_TEXT = 64

_NOTHING = frozenset(
    [
        "",
        "undefined",
        "null",
        "none",
        "n/a",
        "na",
        *["-", "--", "—", "——", "–", "/"],
        *["无", "暂无", "未知", "不详"],
    ]
)
_NUMBER = r"(?P<number>(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?|\.[0-9]+)"
_RENMINBI = "人民币|RMB|CNY|¥"
_SCALES = "万亿|千亿|百亿|十亿|亿|千万|百万|十万|万"
_WAN = re.compile(
    rf"(?P<before>{_RENMINBI})?\s*{_NUMBER}\s*(?P<scale>{_SCALES}|千(?=元|圆))?(?P<yuan>元|圆)?"
    rf"\s*(?P<after>{_RENMINBI})?",
    re.IGNORECASE,
)
_SCALE_IN_YUAN = {
    "千": 10**3, "十万": 10**5, "百万": 10**6, "千万": 10**7, "万": 10**4,
    "亿": 10**8, "十亿": 10**9, "百亿": 10**10, "千亿": 10**11, "万亿": 10**12,
}  # fmt: skip

_SIGNS = {
    "US$": "USD", "HK$": "HKD", "A$": "AUD", "C$": "CAD", "S$": "SGD", "NT$": "TWD",
    "$": "USD", "€": "EUR", "£": "GBP", "₩": "KRW",
}  # fmt: skip
_CODES = ("USD", "EUR", "GBP", "JPY", "HKD", "KRW", "SGD", "TWD", "AUD", "CAD", "CHF")
_CHINESE_UNITS = {
    "美元": "USD", "欧元": "EUR", "英镑": "GBP", "日元": "JPY", "港元": "HKD", "港币": "HKD",
    "韩元": "KRW", "新加坡元": "SGD", "新台币": "TWD", "澳元": "AUD", "加元": "CAD", "瑞士法郎": "CHF",
}  # fmt: skip
_CURRENCIES = {**_SIGNS, **{code: code for code in _CODES}, **_CHINESE_UNITS}
_FOREIGN_SCALE = {
    "": 1, "k": 10**3, "thousand": 10**3, "m": 10**6, "mn": 10**6, "million": 10**6,
    "b": 10**9, "bn": 10**9, "billion": 10**9, "t": 10**12, "tn": 10**12, "trillion": 10**12,
    **_SCALE_IN_YUAN,
}  # fmt: skip


def _one_of(words: dict[str, str] | dict[str, int]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True) if word)


_FOREIGN = re.compile(
    rf"(?P<before>{_one_of(_CURRENCIES)})?\s*{_NUMBER}\s*"
    rf"(?P<scale>{_one_of(_FOREIGN_SCALE)})?\s*(?P<after>{_one_of(_CURRENCIES)})?",
    re.IGNORECASE,
)


_ENGLISH_SCALE = {
    "thousand": "千",
    "million": "百万",
    "billion": "十亿",
    "m": "百万",
    "mn": "百万",
    "b": "十亿",
    "bn": "十亿",
}
_UNIT = re.compile(
    rf"(?P<first>{_one_of(_CHINESE_UNITS)})[(（]?(?P<then>{_SCALES})元?"
    rf"|(?P<scale>{_SCALES}|千)?(?P<unit>{_one_of(_CHINESE_UNITS)}|元)|[(（](?P<bare>{_SCALES})[)）]"
)
_ENGLISH_UNIT = re.compile(
    rf"(?<![A-Za-z])(?:(?P<renminbi>RMB|CNY)|(?P<currency>{_one_of(_SIGNS)}|{'|'.join(_CODES)}))"
    rf"[\s.,]*(?P<scale>(?:{_one_of(_ENGLISH_SCALE)})(?=s?(?![A-Za-z])))?",
    re.IGNORECASE,
)


class NotAnAmount(ValueError):
    """A text that holds something, but not an amount that can be read with certainty."""


@dataclass(frozen=True)
class Amount:
    """An amount in whole units of a currency named by its ISO 4217 code, to the cent."""

    currency: str
    value: Decimal


def parse_wan(text: str) -> Decimal | None:
    """What a person typed, as 万元 rounded half up to the yuan; nothing when the text says there is no amount.

    A bare number is in 万元, with 元 alone in yuan; ``¥12000`` may be either and is refused. Raises
    ``NotAnAmount`` also for signs, other currencies, doubtful grouping and amounts over a trillion 万元.
    """
    tidy = _tidy(text)
    if tidy.casefold() in _NOTHING:
        return None
    match = _WAN.fullmatch(tidy)
    if match is None:
        raise NotAnAmount("not an amount in yuan, such as 1.2亿, 12000万 or 12000")
    wan = Decimal(match["number"].replace(",", "")) * _yuan_in_one(match) / 10**4
    return _bounded(wan).quantize(YUAN_IN_WAN, ROUND_HALF_UP)


def parse_foreign(text: str) -> Amount | None:
    """A foreign amount such as ``$151.4 B``, ``370 million USD`` or ``3亿美元``; nothing when there is none.

    A bare number has no currency and is refused, as is ``¥``, which two countries use.
    """
    tidy = _tidy(text)
    if tidy.casefold() in _NOTHING:
        return None
    match = _FOREIGN.fullmatch(tidy)
    currency = _agreed_currency(match) if match else None
    if match is None or currency is None:
        raise NotAnAmount("not a foreign amount, such as $151.4 B or 3亿美元")
    value = Decimal(match["number"].replace(",", "")) * _FOREIGN_SCALE[(match["scale"] or "").casefold()]
    if value > _MOST_FOREIGN:
        raise NotAnAmount("an amount this large is a slip of the pen")
    return Amount(currency, value.quantize(_CENT, ROUND_HALF_UP))


def unit_named(heading: str) -> str:
    """What a bare number in this column is short of: ``营业收入（百万美元）`` names 百万美元; empty when it names no unit."""
    text = unicodedata.normalize("NFKC", heading)
    if found := _UNIT.search(text):
        scale = found["then"] or found["bare"] or found["scale"] or ""
        return scale + (found["first"] or found["unit"] or "元")
    found = _ENGLISH_UNIT.search(text)
    if found is None:
        return ""
    scale = _ENGLISH_SCALE.get((found["scale"] or "").casefold(), "")
    return f"{scale}元" if found["renminbi"] else f"{scale}{_CURRENCIES[found['currency'].upper()]}"


def wan_string(amount: Decimal) -> str:
    """The contract's decimal string in 万元, without trailing zeros."""
    text = f"{amount.quantize(YUAN_IN_WAN, ROUND_HALF_UP):f}"
    return text.rstrip("0").rstrip(".")


def _tidy(text: str) -> str:
    if len(text) > _LONGEST_TEXT:
        raise NotAnAmount("an amount is short")
    return unicodedata.normalize("NFKC", text).strip()


def _yuan_in_one(match: re.Match[str]) -> int:
    if match["scale"]:
        return _SCALE_IN_YUAN[match["scale"]]
    if match["yuan"]:
        return 1
    if match["before"] or match["after"]:
        raise NotAnAmount("an amount with a currency says whether it is in 元, 万元 or 亿元")
    return 10**4


def _bounded(amount: Decimal) -> Decimal:
    if amount > MOST_WAN:
        raise NotAnAmount("an amount this large is a slip of the pen")
    return amount


def _agreed_currency(match: re.Match[str]) -> str | None:
    named = {_CURRENCIES[word.upper()] for word in (match["before"], match["after"]) if word}
    return named.pop() if len(named) == 1 else None
