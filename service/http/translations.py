"""What marshmallow says of a bad value, in Chinese."""

import re

_SENTENCES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), zh)
    for pattern, zh in (
        (r"^Missing data for required field\.$", "必填"),
        (r"^Field may not be null\.$", "不能为空"),
        (r"^Unknown field\.$", "未知字段"),
        (r"^Invalid input type\.$", "类型不对，应为对象"),
        (r"^Not a valid string\.$", "应为文本"),
        (r"^Not a valid integer\.$", "应为整数"),
        (r"^Not a valid number\.$", "应为数字"),
        (r"^Not a valid boolean\.$", "应为 true 或 false"),
        (r"^Not a valid UUID\.$", "应为 UUID"),
        (r"^Not a valid list\.$", "应为列表"),
        (r"^Not a valid mapping type\.$", "应为对象"),
        (r"^Not a valid aware datetime\.$", "时间必须带时区偏移，例如 2026-11-21T09:30:00+08:00"),
        (r"^Not a valid datetime\.$", "时间格式不对，例如 2026-11-21T09:30:00+08:00"),
        (r"^Not a valid date\.$", "日期格式不对，例如 2026-11-21"),
        (r"^Not a valid URL\.$", "网址格式不对"),
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
        (r"^Must be greater than or equal to (?P<a>.*)\.$", "不能小于 {a}"),
        (r"^Must be greater than (?P<a>.*)\.$", "应大于 {a}"),
        (r"^Must be less than or equal to (?P<a>.*)\.$", "不能大于 {a}"),
        (r"^String does not match expected pattern\.$", "格式不对"),
        (r"^Invalid value\.$", "值无效"),
    )
)


def translate(sentence: str) -> str:
    """The sentence in Chinese; one that is not known is returned as it is."""
    for pattern, zh in _SENTENCES:
        found = pattern.match(sentence)
        if found:
            return zh.format(**found.groupdict())
    return sentence
