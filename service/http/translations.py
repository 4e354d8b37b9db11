"""What marshmallow and the JSON parser say of what was sent, in Chinese."""

import re
from functools import cache

from service.http.codes import CODE_LISTS
from service.kernel.revisions import Unrepresentable

_SENTENCES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), zh)
    for pattern, zh in (
        (r"^Missing data for required field\.$", "必填"),
        (r"^Field may not be null\.$", "不能为空"),
        (r"^Unknown field\.$", "未知字段"),
        (r"^Invalid input type\.$", "类型不对，应为对象"),
        (r"^Invalid type\.$", "类型不对"),
        (r"^Invalid input\.$", "值无效"),
        (r"^Not a valid string\.$", "应为文本"),
        (r"^Not a valid integer\.$", "应为整数"),
        (r"^Not a valid number\.$", "应为数字"),
        (r"^Not a valid boolean\.$", "应为 true 或 false"),
        (r"^Not a valid UUID\.$", "应为 UUID"),
        (r"^Not a valid list\.$", "应为列表"),
        (r"^Not a valid mapping type\.$", "应为对象"),
        (r"^Not a valid aware datetime\.$", "时间必须带时区偏移，例如 2026-11-21T09:30:00+08:00"),
        (r"^Not a valid (naive )?datetime\.$", "时间格式不对，例如 2026-11-21T09:30:00+08:00"),
        (r"^Not a valid date\.$", "日期格式不对，例如 2026-11-21"),
        (r"^Not a valid time\.$", "时刻格式不对，例如 09:30:00"),
        (r"^Not a valid period of time\.$", "时长格式不对"),
        (r"^Not a valid URL\.$", "网址格式不对"),
        (r"^Not a valid email address\.$", "电子邮箱格式不对"),
        (r"^Not a valid IP(v[46])? (address|interface)\.$", "IP 地址格式不对"),
        (r"^Not a valid tuple\.$", "应为列表"),
        (r"^Not a valid utf-8 string\.$", "应为 UTF-8 编码的文本"),
        (r"^Number too large\.$", "数字过大"),
        (r"^Special numeric values .*$", "不能是 NaN 或无穷大"),
        (r"^Must be one of: (?P<a>.*)\.$", "只能是其中之一：{a}"),
        (r"^Longer than maximum length (?P<a>\d+)\.$", "最多 {a} 个字符或项"),
        (r"^Shorter than minimum length (?P<a>\d+)\.$", "至少 {a} 个字符或项"),
        (r"^Length must be between (?P<a>\d+) and (?P<b>\d+)\.$", "长度应在 {a} 与 {b} 之间"),
        (r"^Length must be (?P<a>\d+)\.$", "长度应为 {a}"),
        (
            r"^Must be greater than or equal to (?P<a>.*) and less than or equal to (?P<b>.*)\.$",
            "应在 {a} 与 {b} 之间",
        ),
        (
            r"^Must be greater than (?P<a>.*) and less than or equal to (?P<b>.*)\.$",
            "应大于 {a}，且不能大于 {b}",
        ),
        (
            r"^Must be greater than or equal to (?P<a>.*) and less than (?P<b>.*)\.$",
            "不能小于 {a}，且应小于 {b}",
        ),
        (r"^Must be greater than (?P<a>.*) and less than (?P<b>.*)\.$", "应大于 {a}，且小于 {b}"),
        (r"^Must be greater than or equal to (?P<a>.*)\.$", "不能小于 {a}"),
        (r"^Must be greater than (?P<a>.*)\.$", "应大于 {a}"),
        (r"^Must be less than or equal to (?P<a>.*)\.$", "不能大于 {a}"),
        (r"^Must be less than (?P<a>.*)\.$", "应小于 {a}"),
        (r"^Must be equal to (?P<a>.*)\.$", "应等于 {a}"),
        (r"^One or more of the choices you made was not in: (?P<a>.*)\.$", "只能从中选择：{a}"),
        (r"^One or more of the choices you made was in: (?P<a>.*)\.$", "不能选择：{a}"),
        (r"^String does not match expected pattern\.$", "格式不对"),
        (r"^Invalid value\.$", "值无效"),
    )
)


# CPython's own sentences, json.decoder; what it found may follow a colon.
_JSON_TROUBLES = (
    ("Expecting value", "此处缺少值，内容可能被截断"),
    ("Expecting property name enclosed in double quotes", "此处应为双引号括起的字段名"),
    ("Expecting ':' delimiter", "此处缺少冒号"),
    ("Expecting ',' delimiter", "此处缺少逗号或括号，内容可能被截断"),
    ("Illegal trailing comma", "此处的逗号多余"),
    ("Unterminated string", "此处开始的文本没有结束，内容可能被截断"),
    ("Invalid control character", "文本中有未转义的控制字符"),
    ("Invalid \\", "转义写法不对"),
    ("Extra data", "此处之后还有多余的内容"),
)
_AT_CHARACTER = re.compile(r" at character (?P<place>\d+)$")
_NOT_UTF8 = re.compile(r"^not UTF-8 at byte (?P<place>\d+)$")

_UNREPRESENTABLE = {
    Unrepresentable.DUPLICATE_KEY: ("同一字段出现了两次", "a field is there twice"),
    Unrepresentable.NOT_A_NUMBER: ("NaN 和无穷大不是数字", "NaN and Infinity are not numbers"),
    Unrepresentable.INTEGER_TOO_LARGE: ("整数超过 2^53", "a whole number is beyond 2^53"),
    Unrepresentable.NUMBER_TOO_LARGE: ("数字过大", "a number is too large"),
    Unrepresentable.LONE_SURROGATE: (
        "文本中有残缺的字符（孤立代理项）",
        "a text holds half a character (a lone surrogate)",
    ),
    Unrepresentable.NUL: ("文本中有空字符（U+0000）", "a text holds the character U+0000"),
    Unrepresentable.TOO_DEEP: ("嵌套层数过多", "it is nested too deeply"),
}


def translate(sentence: str) -> str:
    """The sentence in Chinese; one that is not known is returned as it is."""
    for pattern, zh in _SENTENCES:
        found = pattern.match(sentence)
        if found:
            words = found.groupdict()
            return zh.format(**{name: _with_labels(word or "") for name, word in words.items()})
    return sentence


def json_trouble(sentence: str) -> tuple[str, str]:
    """What is wrong with bytes that are no JSON, as `service.kernel.revisions.Malformed` says it: Chinese, English."""
    if bad := _NOT_UTF8.match(sentence):
        return f"不是 UTF-8 编码（第 {bad['place']} 字节）", sentence
    place = _AT_CHARACTER.search(sentence)
    words = next((zh for start, zh in _JSON_TROUBLES if sentence.startswith(start)), "写法不对")
    return (f"{words}（位置 {place['place']}）" if place else words), sentence


def unrepresentable(reason: Unrepresentable) -> tuple[str, str]:
    """Why JSON cannot be stored and hashed: Chinese, English."""
    return _UNREPRESENTABLE[reason]


def _with_labels(listed: str) -> str:
    """A list of codes with their Chinese names, when they are one of the house's code lists."""
    names = _names_of_lists().get(frozenset(listed.split(", ")))
    if names is None:
        return listed
    return "、".join(f"{code}（{names[code]}）" for code in listed.split(", "))


@cache
def _names_of_lists() -> dict[frozenset[str], dict[str, str]]:
    lists = [{one.code: one.zh for one in codes} for codes in CODE_LISTS.values()]
    return {frozenset(names): names for names in lists if len(names) > 1}
