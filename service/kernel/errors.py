"""Everything the house may refuse, as one tree.

::

    Refusal
    ├── Malformed      400  the body cannot be read at all; nothing is kept
    ├── NotSignedIn    401  the phone signs in again; its outbox stays
    ├── Forbidden      403
    ├── NotFound       404  also what belongs to somebody else
    ├── Conflict       409
    ├── Stale          412  a failed If-Match; nothing is kept
    ├── TooLarge       413
    ├── Invalid        422  with a pointer per fault
    ├── TooOld         426  upgrade; the phone keeps what it has
    ├── TooMany        429  wait
    ├── Unavailable    503  wait
    └── NoSpace        507  wait

`code` is for programs, `zh` and `en` are for the person (templates over `details`), the rest is for the log.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

ClientAction = Literal["retry", "wait", "fix", "quarantine", "login", "upgrade", "free_space"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with what was sent: where (JSON pointer) and why, in both languages."""

    pointer: str
    zh: str
    en: str


class Refusal(Exception):
    """A request that is understood and turned down; a subclass names the reason."""

    status: ClassVar[int]
    code: ClassVar[str]
    zh: ClassVar[str]
    en: ClassVar[str]
    client_action: ClientAction = "fix"
    """What the phone does next; a door that has kept what was sent says so on its one refusal."""
    retry_after_s: ClassVar[int | None] = None

    def __init__(
        self, *, faults: Sequence[Fault] = (), extra: Mapping[str, Any] | None = None, **details: Any
    ) -> None:
        """Carry the faults for the person, `extra` for the answer's body, and `details` for the texts."""
        self.faults = tuple(faults)
        self.extra = dict(extra or {})
        self.details = details
        super().__init__(f"{self.code}: {self.en.format(**details)}")

    def text(self, language: str) -> str:
        """The sentence for the person, in `zh` or `en`."""
        template = self.en if language == "en" else self.zh
        return template.format(**self.details)

    @property
    def retryable(self) -> bool:
        """Whether the same request may succeed later, unchanged."""
        return self.client_action in {"retry", "wait"}


class Malformed(Refusal):
    """The body cannot be read as what it says it is."""

    status = 400
    code = "malformed_json"
    zh = "请求内容不是有效的 JSON：{reason_zh}"
    en = "The body is not valid JSON: {reason_en}"


class NotSignedIn(Refusal):
    """No valid sign-in came with the request."""

    status = 401
    code = "not_signed_in"
    zh = "请先登录"
    en = "Sign in first"
    client_action = "login"


class Forbidden(Refusal):
    """The person is known and may not do this."""

    status = 403
    code = "forbidden"
    zh = "您没有执行此操作的权限"
    en = "You may not do this"


class NotFound(Refusal):
    """Nothing is there for this person to see."""

    status = 404
    code = "not_found"
    zh = "没有找到"
    en = "Not found"


class Conflict(Refusal):
    """What was asked does not fit what is there."""

    status = 409
    code = "conflict"
    zh = "与已有内容冲突"
    en = "This conflicts with what is there"


class Stale(Refusal):
    """`If-Match` named a revision that is no longer current."""

    status = 412
    code = "stale"
    zh = "记录已被修改，请刷新后重试"
    en = "The record has changed; read it again"


class TooLarge(Refusal):
    """The body is larger than this call takes."""

    status = 413
    code = "too_large"
    zh = "内容过大，上限为 {size}"
    en = "Too large; at most {size} are taken"

    def __init__(self, *, limit: int, **details: Any) -> None:
        """Carry the limit in bytes for the log, and as a person reads it."""
        super().__init__(limit=limit, size=readable_size(limit), **details)


class Invalid(Refusal):
    """What was sent breaks a rule; `faults` point at each place."""

    status = 422
    code = "invalid"
    zh = "提交的内容有误"
    en = "What was sent is not valid"


class TooOld(Refusal):
    """The phone's app is older than this installation serves; nothing was read, and its outbox stays."""

    status = 426
    code = "client_too_old"
    zh = "应用版本过低，请升级到 {oldest} 或更新版本，手机上的记录不会丢失"
    en = "This app is too old; upgrade to {oldest} or later, the records on the phone are kept"
    client_action = "upgrade"


class TooMany(Refusal):
    """Too many requests, failures or kept bodies for now."""

    status = 429
    code = "too_many"
    zh = "操作过于频繁，请稍后再试"
    en = "Too many requests; try again later"
    client_action = "wait"
    retry_after_s = 60


class TooManyRequests(TooMany):
    """One phone asks more often than an outbox ever needs."""

    code = "too_many_requests"
    zh = "本机请求过于频繁，请稍候自动重试，手机上的记录不会丢失"
    en = "This device asks too often; keep the record and try again later"


class Unavailable(Refusal):
    """A part of the house is down; the phone keeps what it has and waits."""

    status = 503
    code = "unavailable"
    zh = "服务暂时不可用，请稍后重试，手机上的记录不会丢失"
    en = "Temporarily unavailable; keep the record and try again later"
    client_action = "wait"
    retry_after_s = 10


class Overloaded(Unavailable):
    """More requests are in work than a process takes; this one was turned away unread."""

    code = "overloaded"
    zh = "服务器繁忙，请稍候自动重试，手机上的记录不会丢失"
    en = "Busy for now; keep the record and try again later"


class NoSpace(Refusal):
    """There is no room to keep what was sent."""

    status = 507
    code = "no_space"
    zh = "服务器存储空间不足，请稍后重试，手机上的记录不会丢失"
    en = "The server is out of space; keep the record and try again later"
    client_action = "wait"
    retry_after_s = 60


def readable_size(count: int) -> str:
    """A number of bytes as people say it, such as `20 MB`; rounded down, so that it never promises too much."""
    for unit, size in (("MB", 1024 * 1024), ("KB", 1024)):
        if count >= size:
            return f"{count * 10 // size / 10:g} {unit}"
    return f"{count} B"


def fault(pointer: str, zh: str, en: str) -> Invalid:
    """An `Invalid` with one fault."""
    return Invalid(faults=(Fault(pointer, zh, en),))
