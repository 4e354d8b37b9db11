"""职务级别: the ranks of civil servants in their order, by code and by the office's word."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rank:
    """One rank; `words` are what else forms call it, the name in the civil service law first."""

    code: str
    zh: str
    en: str
    words: tuple[str, ...]


# 公务员职务、职级与级别管理办法, the highest first. 正局级 is left out: it means a bureau of the province or one of the city.
RANKS = (
    Rank("bureau", "正厅级", "Bureau level", ("厅局级正职", "厅级正职", "正厅")),
    Rank("deputy_bureau", "副厅级", "Deputy bureau level", ("厅局级副职", "厅级副职", "副厅")),
    Rank(
        "county", "正处级", "County level", ("县处级正职", "处级正职", "县级正职", "正县级", "正处", "正县")
    ),
    Rank(
        "deputy_county",
        "副处级",
        "Deputy county level",
        ("县处级副职", "处级副职", "县级副职", "副县级", "副处", "副县"),
    ),
    Rank("section", "正科级", "Section level", ("乡科级正职", "科级正职", "乡级正职", "正乡级", "正科")),
    Rank(
        "deputy_section",
        "副科级",
        "Deputy section level",
        ("乡科级副职", "科级副职", "乡级副职", "副乡级", "副科"),
    ),
    Rank("staff", "科员及以下", "Staff", ("科员", "办事员", "一般干部")),
)
ORDER = {rank.code: place for place, rank in enumerate(RANKS)}
"""The place of each rank in the order of office."""

_CODES = {word: rank.code for rank in RANKS for word in (rank.code, rank.zh, *rank.words)}


def rank_code(text: str | None) -> str | None:
    """The code that a text names, by code or by the office's word; None when it names none."""
    return _CODES.get((text or "").strip())


def rank_name(code: str | None) -> str:
    """The office's word for a code; nothing for none."""
    return next((rank.zh for rank in RANKS if rank.code == code), "")
