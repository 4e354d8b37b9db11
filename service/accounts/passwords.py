"""Passwords are hashed by argon2id and chosen so that a list of common ones does not open an account.

Long rather than complicated (NIST SP 800-63B-4): no classes of characters are demanded, nothing expires, and what
everybody tries first is refused.
"""

import re
import secrets
import threading
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib import resources

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

from service.accounts.errors import WeakPassword
from service.kernel.errors import Fault, Unavailable

SHORTEST, LONGEST = 10, 128
AT_ONCE = 4
"""Hashes at a time in one process: 19 MiB and 26 ms each, so that 200 sign-ins at once take 76 MiB, not 4 GB."""
PATIENCE_S = 10

_HASHER = argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# What a stranger's password is compared with, so that an unknown name takes as long as a known one.
_NOBODYS_HASH = (
    "$argon2id$v=19$m=19456,t=2,p=1$DAoiTnJH0DcisJ7LZEEGYg$lVLsA2KjvsIrzr4TFFALaqDbRaPPBawh9h0t+L6WWLc"
)
_turns = threading.BoundedSemaphore(AT_ONCE)
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


def hash_password(password: str) -> str:
    """The password's argon2id hash with its parameters.

    Raises:
        Unavailable: too many are being hashed already.
    """
    _take_turn()
    try:
        return _HASHER.hash(_unified(password))
    finally:
        _turns.release()


def matches(password_hash: str | None, password: str) -> bool:
    """Whether the password is the one that was hashed; takes the same time when there is no hash to compare with.

    Raises:
        Unavailable: too many are being hashed already.
    """
    _take_turn()
    try:
        compared = _NOBODYS_HASH if password_hash is None else password_hash
        return _HASHER.verify(compared, _unified(password)) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False
    finally:
        _turns.release()


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(password_hash)


def one_time_password() -> str:
    """A password of 79 random bits that can be read out over the phone."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))
    return "-".join(groups)


def refuse_weak(password: str, *, pointer: str, own_words: Sequence[str | None]) -> None:
    """Let a password pass that is long enough, and neither common nor made of the person's own words.

    Raises:
        WeakPassword: it is not; the fault stands at `pointer`.
    """
    reason = weakness(password, own_words)
    if reason is not None:
        zh, en = reason
        raise WeakPassword(faults=[Fault(pointer, zh, en)])


def weakness(password: str, own_words: Sequence[str | None] = ()) -> tuple[str, str] | None:
    """Why a password is too easy to guess, in Chinese and English, or None when it is not."""
    folded = _unified(password).casefold()
    if not SHORTEST <= len(folded) <= LONGEST:
        return f"密码长度应在 {SHORTEST} 至 {LONGEST} 个字符之间", f"Use {SHORTEST} to {LONGEST} characters"
    if folded.isdecimal():
        return "密码不能只有数字", "Numbers alone are too easy to guess"
    if len(set(folded)) < 5 or _repeats(folded) < 6:
        return "密码重复内容过多", "It repeats itself too much"
    if any(form in common_passwords() for form in _forms(folded)):
        return "这是常见密码，请换一个", "This is a common password; choose another"
    if any(word and len(word) >= 4 and word.casefold() in folded for word in own_words):
        return "密码不能包含用户名、姓名或手机号", "It must not contain your user name, name or phone number"
    return None


@cache
def common_passwords() -> frozenset[str]:
    """The passwords that everybody tries first, in lower case."""
    text = resources.files(__package__).joinpath("common_passwords.txt").read_text("utf-8")
    return frozenset(line for line in text.splitlines() if not line.startswith("# "))


def _forms(folded: str) -> tuple[str, ...]:
    """The password and what is left of it without the year, digits and signs people put around a common one."""
    return (
        folded,
        re.sub(r"^[\W_]+|[\W_]+$", "", folded),
        re.sub(r"[\W\d_]+$", "", folded),
        re.sub(r"^[\W\d_]+|[\W\d_]+$", "", folded),
        folded[: _repeats(folded)],
    )


def _repeats(text: str) -> int:
    """The length of the piece that the text is made of by repeating it; its own length when it does not repeat."""
    return (text + text).find(text, 1)


def _unified(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def _take_turn() -> None:
    if not _turns.acquire(timeout=PATIENCE_S):
        raise Unavailable
