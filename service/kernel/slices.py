"""Where the members of a JSON object and the items of a JSON array stand in its bytes.

What a value says may be unusable (a key twice, a lone surrogate, brackets without end of depth): its place is found all
the same, by strings, brackets, commas and colons alone, so that one of fifty can be kept exactly as it was sent. It
looks at each byte once a level asked for, and descends nowhere.
"""

import json
import re
from collections.abc import Iterator

from service.kernel.revisions import Malformed

_WHITE = b" \t\r\n"
# Possessive: no input makes it look at a byte twice. A string that does not end is no token.
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{},:]', re.DOTALL)
_OPENS, _CLOSES = frozenset(b"[{"), frozenset(b"]}")
_COMMA, _COLON, _QUOTE = ord(","), ord(":"), ord('"')
_LENIENT = json.JSONDecoder(
    strict=False, object_pairs_hook=len, parse_int=len, parse_float=len, parse_constant=len
)


def demand_grammar(raw: bytes) -> None:
    """The bytes are JSON but for what stands in their strings and numbers.

    Raises:
        Malformed: they are not; depth alone is no reason.
    """
    try:
        _LENIENT.decode(raw.decode("latin-1"))
    except json.JSONDecodeError as error:
        raise Malformed(f"{error.msg.removesuffix(' at')} at character {error.pos}") from error
    except RecursionError:
        return


def items(raw: bytes) -> list[bytes]:
    """The bytes of each item of an array, or none when it is no array."""
    if not raw.strip(_WHITE).startswith(b"["):
        return []
    return [raw[start:end].strip(_WHITE) for start, end, _ in _parts(raw) if raw[start:end].strip(_WHITE)]


def members(raw: bytes) -> list[tuple[bytes, bytes]]:
    """The key (in its quotes) and the value of each member of an object, twice-named ones too; none of what is none."""
    if not raw.strip(_WHITE).startswith(b"{"):
        return []
    return [
        (raw[start:colon].strip(_WHITE), raw[colon + 1 : end].strip(_WHITE))
        for start, end, colon in _parts(raw)
        if colon is not None
    ]


def _parts(raw: bytes) -> Iterator[tuple[int, int, int | None]]:
    """Start, end and first colon of what the commas of the outermost brackets part."""
    depth, start, colon = 0, 0, None
    for token in _TOKEN.finditer(raw):
        sign = raw[token.start()]
        if sign == _QUOTE:
            continue
        if sign in _OPENS:
            depth += 1
            if depth == 1:
                start = token.end()
        elif sign in _CLOSES:
            depth -= 1
            if depth == 0:
                yield start, token.start(), colon
                return
        elif depth == 1 and sign == _COMMA:
            yield start, token.start(), colon
            start, colon = token.end(), None
        elif depth == 1 and sign == _COLON and colon is None:
            colon = token.start()
