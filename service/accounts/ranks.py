"""职务级别: the ranks of civil servants in their order, by code and by the office's word."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rank:
    """One rank; forms take other words, too."""

    code: str
    zh: str
    en: str


# 公务员职务、职级与级别管理办法, the highest first.
RANKS = (
    Rank("bureau", "正厅级", "Bureau level"),
    Rank("deputy_bureau", "副厅级", "Deputy bureau level"),
    Rank("county", "正处级", "County level"),
    Rank("deputy_county", "副处级", "Deputy county level"),
    Rank("section", "正科级", "Section level"),
    Rank("deputy_section", "副科级", "Deputy section level"),
    Rank("staff", "科员及以下", "Staff"),
)
ORDER = {rank.code: place for place, rank in enumerate(RANKS)}
"""The place of each rank in the order of office."""

_CODES = {word: rank.code for rank in RANKS for word in (rank.code, rank.zh)}


def rank_code(text: str | None) -> str | None:
    """The code that a text names, by code or by the office's word; None when it names none."""
    return _CODES.get((text or "").strip())


def rank_name(code: str | None) -> str:
    """The office's word for a code; nothing for none."""
    return next((rank.zh for rank in RANKS if rank.code == code), "")
