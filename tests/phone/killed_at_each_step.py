"""A program that dies: a phone is killed at its first step, the next one at its second, until one gets through.

Every phone writes a visit with three photos and an edit, and sends them. After its death another process opens the same
folder and goes on, as an app does that is started again. What each phone was proved to have handed in goes to stdout.

    python -m tests.phone.killed_at_each_step BASE_URL FOLDER USERNAME PASSWORD
"""

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.support.phone import Phone
from tests.support.tiny_picture import tiny_picture

PHOTOS = 3
MOST_STEPS = 400
SECONDS = 180


class Story:
    """What the person wants to have done, whatever the phone has gone through."""

    def __init__(self, folder: Path, number: int) -> None:
        self.folder = folder / str(number)
        self.photo_ids = [uuid4() for _ in range(PHOTOS)]
        self.visit_id = uuid4()

    def tell(self, open_phone: Callable[[Path], Phone]) -> dict[str, Any]:
        """Do what is not done yet, send, and say what is proved."""
        with open_phone(self.folder) as phone:
            for photo_id in self.photo_ids:
                if not phone.outbox.of(photo_id):
                    phone.keep_photo(tiny_picture(), photo_id=photo_id)
            if not phone.outbox.of(self.visit_id):
                phone.keep_visit(self._body("第一稿"), self.visit_id)
            if len(phone.outbox.of(self.visit_id)) == 1:
                phone.edit(self.visit_id, self._body("第二稿"))
            is_empty = phone.sync_until_empty(SECONDS)
            return {
                "is_empty": is_empty,
                "visit": str(self.visit_id),
                "photos": [str(photo_id) for photo_id in self.photo_ids],
                "acknowledged": phone.outbox.acknowledged,
            }

    def _body(self, summary: str) -> dict[str, Any]:
        return {
            "enterprise": {"name": "山东某某有限公司"},
            "visited_at": "2026-01-06T09:30:00+08:00",
            "captured_at": "2026-01-06T10:00:00+08:00",
            "mode": "door_to_door",
            "summary": summary,
            "photo_ids": [str(photo_id) for photo_id in self.photo_ids],
        }


def main(base_url: str, folder: Path, username: str, password: str) -> None:
    """Kill phones until one gets through."""

    def opener(on_step: Callable[[str], None]) -> Callable[[Path], Phone]:
        return lambda place: Phone(
            base_url,
            place,
            username=username,
            password=password,
            device_id=f"dying-{os.getpid()}",
            first_pause_s=0.05,
            on_step=on_step,
        )

    for number in range(1, MOST_STEPS):
        story = Story(folder, number)
        was_killed = _killed(lambda: story.tell(opener(_dying_at(number))))  # noqa: B023 # used before the next turn
        if was_killed:
            _killed(lambda: _say({"step": number} | story.tell(opener(lambda _name: None))))  # noqa: B023
        else:
            _say({"through_at": number})
            return


def _dying_at(number: int) -> Callable[[str], None]:
    left = [number]

    def on_step(_name: str) -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return on_step


def _killed(act: Callable[[], object]) -> bool:
    """Whether a child that acts is killed by a signal."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            act()
            status = 0
        finally:
            os._exit(status)
    _pid, how = os.waitpid(child, 0)
    if os.WIFEXITED(how) and os.WEXITSTATUS(how):
        sys.exit("a phone failed instead of dying")
    return os.WIFSIGNALED(how)


def _say(told: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], sys.argv[4])
