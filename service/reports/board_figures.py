"""The figures of a quarter's published boards: places, points and changes by group, zeros and who stands aside named."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from service.boards.measured import told_of
from service.boards.models import Board, BoardState
from service.boards.queries import BoardFilter, published_of
from service.boards.rules import BoardRules, Measured, read
from service.boards.words import total_words
from service.kernel.actor import Actor
from service.kernel.calendar import chinese_date, label_with_year, local_date
from service.reports.asked import Asked
from service.reports.errors import NothingPublished
from service.reports.fact import Fact, MadeBy, NotCounted, Part, by_calendar, named

_DAY = timedelta(days=1)
_ASIDE = {"excluded": "不参加排名", "exempt": "免予考核"}
_MOST_INDICATORS = 6
"""With figure and points each; a board of more shows points alone, or the page would be too narrow."""


def board_facts(
    session: Session,
    actor: Actor,  # noqa: ARG001 -- as every other report's figures are taken
    asked: Asked,
) -> tuple[dict[str, Fact], dict[str, dict[str, Any]]]:
    """What a text may name about the boards of the quarter, `board1.…` and so on, and a table of each.

    Boards keep their figures from the moment they were frozen; nothing is computed again. Who was low twice running is
    headquarters' own knowledge and no part of a bulletin.

    Raises:
        NothingPublished: no board of the whole quarter is.
    """
    period = asked.period
    boards = published_of(session, asked.programme_id, period.start_on, period.end_on)
    what = BoardFilter(
        programme_id=asked.programme_id,
        state=BoardState.PUBLISHED,
        from_on=period.start_on,
        until_on=period.end_on,
    )
    if not boards:
        raise NothingPublished(period=label_with_year(period))
    facts = {"boards.count": Fact(str(len(boards)), what.url)}
    tables = {}
    for place, board in enumerate(boards, start=1):
        name = f"board{place}"
        facts |= {f"{name}.{about}": fact for about, fact in _facts(board, name)}
        tables[name] = _table(board)
    return facts, tables


def board_text(facts: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The part of the skeleton that each board has: who leads, who has nothing, who stands aside, what was put right."""
    blocks: list[Mapping[str, Any]] = []
    for place in range(1, int(facts["boards.count"]["shown"]) + 1):
        name = f"board{place}"
        blocks.append({"kind": "heading", "level": 2, "text": f"（{_numeral(place)}）{{{name}.name}}"})
        if facts[f"{name}.correction"]["shown"] != "无":
            blocks.append({"kind": "paragraph", "text": f"更正说明：{{{name}.correction}}"})
        blocks += [
            {
                "kind": "paragraph",
                "text": (
                    f"本榜考核期为{{{name}.period}}，经公示于{{{name}.published}}发布，参加排名的单位{{{name}.ranked}}个。"
                    f"各组首位：{{{name}.first}}。名次上升的单位{{{name}.risen_count}}个，"
                    f"下降的单位{{{name}.fallen_count}}个。"
                ),
            },
            {
                "kind": "paragraph",
                "text": f"各项指标均为零的单位{{{name}.zero_count}}个：{{{name}.zero}}。未参加排名的单位：{{{name}.aside}}。",
            },
            {"kind": "table", "table": name},
        ]
    return blocks


def _url(board: Board) -> str:
    return f"/api/hq/v1/boards/{board.id}"


def _facts(board: Board, table: str) -> Iterator[tuple[str, Fact]]:
    url = _url(board)
    rows = list(enumerate(_in_order(board)))

    def of(is_meant: Callable[[Mapping[str, Any]], bool]) -> tuple[Fact, Fact]:
        return named(table, [(place, row["unit"]) for place, row in rows if is_meant(row)])

    zero, zero_count = of(lambda row: row["aside"] is None and _has_nothing(row))
    aside = [(place, f"{row['unit']}（{_reason(row)}）") for place, row in rows if row["aside"] is not None]
    yield "name", Fact(board.name, url)
    yield "period", by_calendar(_days(board))
    yield "published", Fact(chinese_date(local_date(board.published_at)) if board.published_at else "—", url)
    yield "units", of(lambda _: True)[1]
    yield "ranked", of(_is_ranked)[1]
    yield "first", Fact(_first([row for _, row in rows if _is_ranked(row)]), url)
    yield "risen_count", of(lambda row: _risen(row) > 0)[1]
    yield "fallen_count", of(lambda row: _risen(row) < 0)[1]
    yield "zero", zero
    yield "zero_count", zero_count
    yield "aside", named(table, aside)[0]
    yield "correction", Fact(board.correction or "无", url)


def _table(board: Board) -> dict[str, Any]:
    rules = read(board.rules)
    wide = len(rules.indicators) > _MOST_INDICATORS
    return {
        "title": board.name,
        "note": (
            f"考核期：{_days(board)}。{total_words(rules)[0]}名次在同组单位内排列，不参加排名的单位列于组末；"
            "“—”为无目标或无数据。"
        ),
        "columns": [
            {"label": "组别", "number": False, "width": 4},
            {"label": "单位", "number": False, "width": 6},
            *_indicator_columns(rules, wide=wide),
            {"label": "加分", "number": True, "width": 3},
            {"label": "扣分", "number": True, "width": 3},
            {"label": "总分", "number": True, "width": 4},
            {"label": "名次", "number": True, "width": 3},
            {"label": "上期", "number": True, "width": 3},
            {"label": "升降", "number": False, "width": 3},
            {"label": "备注", "number": False, "width": 5},
        ],
        "rows": [list(_cells(board, row, wide=wide)) for row in _in_order(board)],
    }


def _in_order(board: Board) -> list[Mapping[str, Any]]:
    """The rows as the table has them."""
    order = sorted(enumerate(board.results), key=lambda one: _standing(board.results, *one))
    return [row for _, row in order]


def _indicator_columns(rules: BoardRules, *, wide: bool) -> Iterator[dict[str, Any]]:
    for one in rules.indicators:
        if wide:
            yield {"label": one.name, "number": True, "width": 4}
            continue
        yield {"label": "完成", "number": True, "group": one.name, "width": 3}
        yield {"label": "得分", "number": True, "group": one.name, "width": 3}


def _cells(board: Board, row: Mapping[str, Any], *, wide: bool) -> Iterator[dict[str, Any]]:
    url = _url(board)
    yield {"shown": row["group"]}
    yield {"shown": row["unit"]}
    summed: list[Part] = []
    for what, one in zip(read(board.rules).indicators, row["indicators"], strict=True):
        value = _value(board, what, one)
        if not wide:
            yield value.as_document()
        parts = value.as_part, Part(_number(one["target"]), url, because=NotCounted.SET)
        points = Fact(_or_dash(one["points"]), url, made_of=parts, made_by=MadeBy.POINTS)
        yield points.as_document()
        summed.append(points.as_part)
    for name in ("bonus", "deduction"):
        by_hand = Fact(_or_dash(row[name]), url, because=NotCounted.SET)
        yield by_hand.as_document()
        summed.append(by_hand.as_part)
    yield Fact(_or_dash(row["total"]), url, made_of=tuple(summed), made_by=MadeBy.TOTAL).as_document()
    for name in ("place", "place_before"):
        yield Fact(_or_dash(row[name]), url, because=NotCounted.RANK).as_document()
    yield {"shown": _move(row)}
    yield {"shown": _reason(row) if row["aside"] else ""}


def _value(board: Board, what: Measured, kept: Mapping[str, Any]) -> Fact:
    """What a unit reached: its records are counted or added up, or it was entered where the address says."""
    told = told_of(board, what)
    is_set = NotCounted.SET if told.entered_at else None
    return Fact(
        _number(kept["value"]), kept["url"] or told.entered_at or _url(board), adds=told.adds, because=is_set
    )


def _standing(
    rows: Sequence[Mapping[str, Any]], at: int, row: Mapping[str, Any]
) -> tuple[int, int, int, int]:
    """Groups in the order of office, within them by place; who has none comes last, in the order of office."""
    group = next(place for place, other in enumerate(rows) if other["group"] == row["group"])
    place = row["place"]
    return group, 0 if row["aside"] is None else 1, len(rows) if place is None else place, at


def _first(ranked: Sequence[Mapping[str, Any]]) -> str:
    by_group: dict[str, list[str]] = {}
    for row in ranked:
        by_group.setdefault(row["group"], [])
        if row["place"] == 1:
            by_group[row["group"]].append(row["unit"])
    return "；".join(f"{group}{'、'.join(units)}" for group, units in by_group.items()) or "无"


def _has_nothing(row: Mapping[str, Any]) -> bool:
    """Whether every indicator of the unit is nought or missing."""
    return all(not Decimal(one["value"] or 0) for one in row["indicators"])


def _is_ranked(row: Mapping[str, Any]) -> bool:
    return row["place"] is not None


def _risen(row: Mapping[str, Any]) -> int:
    """By how many places a unit has come up; 0 where one of its places is missing."""
    now, before = row["place"], row["place_before"]
    return 0 if now is None or before is None else before - now


def _move(row: Mapping[str, Any]) -> str:
    if row["place"] is None or row["place_before"] is None:
        return "—"
    moved = _risen(row)
    if not moved:
        return "持平"
    return f"{'升' if moved > 0 else '降'}{abs(moved)}位"


def _reason(row: Mapping[str, Any]) -> str:
    aside = row["aside"]
    return f"{_ASIDE.get(aside['kind'], aside['kind'])}：{aside['reason']}"


def _days(board: Board) -> str:
    return f"{chinese_date(board.start_on)}至{chinese_date(board.end_on - _DAY)}"


def _number(value: str | None) -> str:
    """A figure without the noughts behind its point."""
    if value is None:
        return "—"
    return value.rstrip("0").rstrip(".") if "." in value else value


def _or_dash(value: str | int | None) -> str:
    return "—" if value is None else str(value)


def _numeral(number: int) -> str:
    """The number of a heading: 一 … 十, 十一 …"""
    digits = "零一二三四五六七八九"
    if number < 10:
        return digits[number]
    tens, ones = divmod(number, 10)
    return f"{digits[tens] if tens > 1 else ''}十{digits[ones] if ones else ''}"
