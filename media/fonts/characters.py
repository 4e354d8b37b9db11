# /// script
# requires-python = ">=3.11"
# ///
"""Writes the characters that the stamp font carries to standard output: GB 2312, ASCII, Chinese punctuation, names."""

import itertools
import pathlib
import sys


def gb2312() -> set[str]:
    """Every character of GB 2312, by walking its 94 by 94 table."""
    found: set[str] = set()
    for row, cell in itertools.product(range(0xA1, 0xFF), repeat=2):
        try:
            found.add(bytes((row, cell)).decode("gb2312"))
        except UnicodeDecodeError:
            continue
    return found


def ranges() -> set[str]:
    """ASCII, Latin-1 signs, general and Chinese punctuation, full-width forms."""
    spans = (
        (0x20, 0x7E),
        (0xA0, 0xFF),
        (0x2010, 0x2027),
        (0x2030, 0x203B),
        (0x3000, 0x303F),
        (0xFF01, 0xFFEF),
    )
    return {chr(code) for first, last in spans for code in range(first, last + 1)}


def extra() -> set[str]:
    """Characters of personal and place names that GB 2312 lacks."""
    listed = pathlib.Path(__file__).with_name("extra-characters.txt").read_text(encoding="utf-8")
    return {character for character in listed if not character.isspace()}


if __name__ == "__main__":
    sys.stdout.buffer.write("".join(sorted(gb2312() | ranges() | extra())).encode())
