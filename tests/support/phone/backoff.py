"""What the phone does after an answer that is not a receipt: the table `client_action` → course, and how long to wait.

::

    client_action   course     the item                              the phone
    retry           RETRY      again, after a growing pause          goes on with others
    wait            WAIT       again, not before Retry-After         this way of sending rests as a whole
    fix             PERSON     waits for its owner                   goes on with others
    quarantine      PERSON     kept by the server; owner repairs it  goes on with others
    free_space      PERSON     waits for its owner                   goes on with others
    login           LOGIN      untouched                             refreshes, then signs in, then asks the person
    upgrade         UPGRADE    untouched                             stops sending and says so
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 300.0
LONGEST_WAIT_S = 3600.0
"""A Retry-After beyond this is asked again earlier: a phone must not sleep for a day on one mistaken header."""


class Course(StrEnum):
    """What happens next to what was refused."""

    RETRY = "retry"
    WAIT = "wait"
    PERSON = "person"
    LOGIN = "login"
    UPGRADE = "upgrade"


_COURSES = {
    "retry": Course.RETRY,
    "wait": Course.WAIT,
    "fix": Course.PERSON,
    "quarantine": Course.PERSON,
    "free_space": Course.PERSON,
    "login": Course.LOGIN,
    "upgrade": Course.UPGRADE,
}
# A frozen body is whole JSON, so when the server could not read it, the line has cut or bent it; and what is said of
# the person is not said of the record that happened to be sent. What waits for something that is still under way takes
# effect by itself; asking again later brings the receipt.
_BY_CODE = {
    "malformed_json": Course.RETRY,
    "waits_for_parent": Course.RETRY,
    "password_change_due": Course.LOGIN,
    "device_revoked": Course.LOGIN,
}
_USUAL_WAIT_S = {"waits_for_parent": 3600}
_BY_STATUS = {401: Course.LOGIN, 408: Course.RETRY, 426: Course.UPGRADE, 429: Course.WAIT}


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal (RFC 9457), whether it came as an answer or as one item's result in a batch."""

    status: int
    code: str
    client_action: str
    detail: str
    retry_after_s: float | None = None
    document: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, document: Mapping[str, Any], *, status: int, retry_after: str | None = None) -> "Problem":
        """A problem document; what it does not say is made up from the status."""
        told = retry_after or document.get("retry_after") or _USUAL_WAIT_S.get(str(document.get("code")))
        return cls(
            status=int(document.get("status", status)),
            code=str(document.get("code", f"http_{status}")),
            client_action=str(document.get("client_action", "")),
            detail=str(document.get("detail", "")),
            retry_after_s=seconds(told),
            document=document,
        )

    @property
    def course(self) -> Course:
        """What to do; a code or an action that a newer server has invented is treated by its status."""
        by_status = _BY_STATUS.get(self.status, Course.WAIT if self.status >= 500 else Course.PERSON)
        return _BY_CODE.get(self.code) or _COURSES.get(self.client_action) or by_status


@dataclass(frozen=True, slots=True)
class Backoff:
    """Pauses that double, with dice in them so that five hundred phones do not come back in the same second."""

    dice: random.Random
    first_s: float = FIRST_PAUSE_S
    longest_s: float = LONGEST_PAUSE_S

    def pause_s(self, failures: int, retry_after_s: float | None = None) -> float:
        """How long to wait after that many failures in a row; never less than the server asked for."""
        doublings = min(max(failures - 1, 0), 30)
        own = min(self.longest_s, self.first_s * float(2**doublings)) * self.dice.uniform(0.5, 1.0)
        if retry_after_s is None:
            return own
        asked = min(retry_after_s, LONGEST_WAIT_S)
        return max(own, asked * self.dice.uniform(1.0, 1.2))


def seconds(told: object) -> float | None:
    """Retry-After in seconds; its other form, a date, is not trusted to a phone's clock."""
    try:
        wanted = float(str(told))
    except ValueError:
        return None
    return wanted if 0 <= wanted < float("inf") else None
