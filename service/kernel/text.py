"""Enterprise names have a normal form to match by, initials to search by, and texts have characters we refuse.

A key is for comparing only and is never shown. Two names with one key are suspected to be one enterprise;
a person decides.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cache, partial

_UNSEEN = "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff \t\r\n\u00a0\u3000"
_OPENING, _CLOSING = "【〔［｛〖《〈「『〘", "】〕］｝〗》〉」』〙"
_BRACKETS = str.maketrans(_OPENING + _CLOSING, "(" * len(_OPENING) + ")" * len(_CLOSING))
_BRACKETED = re.compile(r"\([^()]*\)")
_DOTTED_LETTERS = re.compile(r"\b([a-z])\.(?=[a-z]\b)")
_WORD = re.compile(r"[^\W_]+")

# 集团 is part of the name: 美的集团股份有限公司, 美的集团有限公司 and 美的集团 share a key, 美的股份有限公司 has another.
# A branch or head office (分公司, 子公司, 总公司) is another subject than its company, so that 公司 stays.
_CHINESE_FORM = re.compile(
    r"(?:股份有限责任公司|股份有限公司|有限责任公司|有限公司|股份公司|(?<![分子总])公司"
    r"|特殊普通合伙|普通合伙|有限合伙|株式会社|주식회사)$"
)
_LEADING_FORM = re.compile(r"^(?:株式会社|주식회사)(?=..)")
_LATIN_FORMS = frozenset(
    [
        *[
            "co",
            "company",
            "corp",
            "corporation",
            "inc",
            "incorporated",
            "ltd",
            "limited",
            "plc",
            "llc",
            "llp",
            "lp",
        ],
        *[
            "ag",
            "gmbh",
            "kg",
            "kgaa",
            "se",
            "sa",
            "sas",
            "sarl",
            "nv",
            "bv",
            "spa",
            "srl",
            "ab",
            "asa",
            "oy",
            "oyj",
        ],
        *["kk", "pte", "pty", "sdn", "bhd", "tbk", "jsc", "pjsc"],
    ]
)
_UMBRELLA = re.compile(r"(?:控股|集团|groups?|holdings?)$")

# Tab, line feed and carriage return are text. The rest of C0, lone surrogates and the two non-characters cannot be
# kept by PostgreSQL, by XML or by either.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

_AS_WRITTEN = "\0"
# In company and place names these read otherwise than in running text.
_READINGS_OF_ONE = {"长": "cháng,zhǎng", "朝": "cháo,zhāo"}
_READINGS_OF_WORDS = {
    "朝阳": [["cháo"], ["yáng"]],
    "长三角": [["cháng"], ["sān"], ["jiǎo"]],
    "重百": [["chóng"], ["bǎi"]],
    "单县": [["shàn"], ["xiàn"]],
    "浚县": [["xùn"], ["xiàn"]],
    "洪洞": [["hóng"], ["tóng"]],
    "查氏": [["zhā"], ["shì"]],
}


def name_key(name: str) -> str:
    """The normal form of an enterprise's name: one width, one case, no punctuation, no legal form.

    A name that consists of nothing else keeps its letters, so that the key is empty only for an empty name.
    """
    return _key(_unified(name)) or _unified(name).strip()


def short_key(name: str) -> str:
    """A coarser key for suspicions: also without bracketed parts and a closing 集团, 控股, Group or Holdings."""
    key = _key(_BRACKETED.sub(" ", _unified(name))) or name_key(name)
    while (shorter := _UMBRELLA.sub("", key)) != key and len(shorter) >= 2:
        key = shorter
    return key


def pinyin_initials(name: str) -> str:
    """The capital initials by which people search a Chinese name, such as ``CQCA``; Latin letters and digits stay."""
    return "".join(reading[0] if is_chinese else reading for reading, is_chinese in _readings(name)).upper()


def trimmed(text: str) -> str:
    """The text without what nobody sees before and after it: white space, and characters of no width."""
    return text.strip().strip(_UNSEEN)


def has_forbidden_characters(text: str) -> bool:
    """Whether a text holds control characters, lone surrogates or non-characters that cannot be kept or exported."""
    return _FORBIDDEN.search(text) is not None


def _unified(name: str) -> str:
    return unicodedata.normalize("NFKC", name).translate(_BRACKETS).casefold()


def _key(unified: str) -> str:
    words = _WORD.findall(_DOTTED_LETTERS.sub(r"\1", unified))
    while len(words) > 1 and words[-1] in _LATIN_FORMS:
        words.pop()
    key = _LEADING_FORM.sub("", "".join(words))
    while (shorter := _CHINESE_FORM.sub("", key)) != key and shorter:
        key = shorter
    return key


def _readings(name: str) -> list[tuple[str, bool]]:
    """Each Chinese character's reading, and each run of Latin letters and digits, with which of the two it is."""
    answers = _reader()(unicodedata.normalize("NFKC", name))
    return [(answer.removeprefix(_AS_WRITTEN), not answer.startswith(_AS_WRITTEN)) for answer in answers]


def _as_written(run: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", run)  # é becomes e and an accent
    kept = "".join(character for character in plain if character.isascii() and character.isalnum())
    return [_AS_WRITTEN + kept]


@cache
def _reader() -> Callable[[str], list[str]]:
    # Its dictionaries take 57 MB and a quarter of a second: only processes that register enterprises pay for them.
    from pypinyin import lazy_pinyin, load_phrases_dict, load_single_dict  # noqa: PLC0415 - as said above

    load_single_dict({ord(character): readings for character, readings in _READINGS_OF_ONE.items()})
    load_phrases_dict(_READINGS_OF_WORDS)
    return partial(lazy_pinyin, errors=_as_written)  # type: ignore[arg-type]  # a list is documented and works
