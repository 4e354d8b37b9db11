"""Where a line of Chinese text ends: no stop begins a line, no opening bracket ends one, and figures stay whole. Pure.

The rules are those of 避头尾; what would begin a line with a stop takes the character before it along.
"""

import re
from collections.abc import Callable, Sequence

Measure = Callable[[str], float]
"""How wide a text is, in whatever unit the width is in."""

NEVER_FIRST = frozenset("，。、；：？！）》〉」』】〕”’％%,.;:?!)…—·")
NEVER_LAST = frozenset("（《〈「『【〔“‘(")
_OPENING, _CLOSING = frozenset("“《（"), frozenset("”》）、，")
_NEAR = 4
_WORD = re.compile(r"[0-9A-Za-z]+(?:[.,:/%+\-−][0-9A-Za-z%]+)*%?|.", re.DOTALL)
"""A figure or a Latin word in one piece, every other character by itself."""


def break_lines(text: str, measure: Measure, width: float, *, first: float = 0.0) -> list[str]:
    """The lines of a paragraph; `first` is what its first line is shorter by. An empty text has one empty line."""
    lines: list[str] = []
    line: list[str] = []
    used = 0.0
    for word in _fitting(_WORD.findall(text), measure, width - first):
        wide = measure(word)
        while line and used + wide > width - (0.0 if lines else first):
            kept = _end_of(line, word)
            lines.append("".join(line[:kept]))
            line = line[kept:]
            used = sum(measure(one) for one in line)
        line.append(word)
        used += wide
    lines.append("".join(line))
    return lines


def balanced(text: str, measure: Measure, width: float) -> list[str]:
    """The fewest lines a title needs, about as long as each other."""
    fewest = len(break_lines(text, measure, width))
    narrowest = measure(text) / fewest
    step = max((width - narrowest) / 40, 0.01)
    for tries in range(40):
        lines = break_lines(text, measure, narrowest + tries * step)
        if len(lines) <= fewest:
            return _at_a_quotation(lines, measure, width)
    return break_lines(text, measure, width)


def _at_a_quotation(lines: list[str], measure: Measure, width: float) -> list[str]:
    """Two lines that part beside a quotation, where one begins or ends near the middle; else as they are."""
    if len(lines) != 2:
        return lines
    text, middle = "".join(lines), len(lines[0])
    near = sorted(
        range(max(middle - _NEAR, 1), min(middle + _NEAR, len(text) - 1) + 1), key=lambda at: abs(at - middle)
    )
    for at in near:
        parts = [text[:at], text[at:]]
        parts_well = text[at] in _OPENING or text[at - 1] in _CLOSING
        if parts_well and text[at] not in NEVER_FIRST and max(map(measure, parts)) <= width:
            return parts
    return lines


def _fitting(words: Sequence[str], measure: Measure, width: float) -> list[str]:
    """The words, those that are longer than a line in single characters."""
    return [part for word in words for part in (word if measure(word) > width else [word])]


def _end_of(line: Sequence[str], following: str) -> int:
    """How many words stay on a line that is full; at least one does, whatever the rules say."""
    end = len(line)
    after = following
    while end > 1 and (after in NEVER_FIRST or line[end - 1] in NEVER_LAST):
        end -= 1
        after = line[end]
    return end if not (after in NEVER_FIRST or line[end - 1] in NEVER_LAST) else len(line)
