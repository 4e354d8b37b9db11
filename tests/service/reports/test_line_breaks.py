import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.reports.line_breaks import NEVER_FIRST, NEVER_LAST, balanced, break_lines


def wide(text):
    return sum(1.0 if ord(one) > 0x2000 else 0.5 for one in text)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("走访企业四家", ["走访企业四", "家"]),
        ("走访企业四。", ["走访企业", "四。"]),
        ("走访企业“四”家", ["走访企业", "“四”家"]),
        ("完成率为41.20%整", ["完成率为", "41.20%整"]),
        ("共12345678901234家", ["共12345678", "901234家"]),
        ("", [""]),
    ],
)
def test_it_breaks_a_line_of_five_where_an_office_would(text, lines):
    assert break_lines(text, wide, 5) == lines


def test_it_leaves_room_for_the_indent_of_the_first_line():
    assert break_lines("走访企业四家", wide, 5, first=2) == ["走访企", "业四家"]


@given(
    st.text(alphabet="走访企业，。（）“”《》12.%家、", max_size=60), st.integers(min_value=4, max_value=12)
)
def test_it_loses_nothing_and_overflows_never(text, width):
    lines = break_lines(text, wide, width)
    assert "".join(lines) == text
    assert all(wide(line) <= width for line in lines)


@given(
    st.lists(
        st.sampled_from(["走访企业", "“千百工程”", "四十一家，", "（含商协会）", "41.20%。"]), max_size=12
    )
)
def test_it_begins_no_line_with_a_stop_and_ends_none_with_an_opening(parts):
    lines = break_lines("".join(parts), wide, 9)
    for line, following in itertools.pairwise(lines):
        assert line[-1] not in NEVER_LAST
        assert following[0] not in NEVER_FIRST


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("周统计", ["周统计"]),
        (
            "关于2026年11月上半月登门招商“千百工程”进展情况的通报",
            ["关于2026年11月上半月登门招商", "“千百工程”进展情况的通报"],
        ),
    ],
)
def test_it_parts_a_title_evenly_and_beside_its_quotation(title, lines):
    assert balanced(title, wide, 20) == lines
