"""One more sender beside the phones, who tries once and says how it went; what it sent counts in the final read."""

import http.client
import random
import time
from collections.abc import Callable
from uuid import uuid4

from tests.faults.city import PASSWORD
from tests.faults.comparison import Receipted
from tests.faults.crew import unique
from tests.faults.installation import await_that
from tests.faults.stage import Stage
from tests.support.live import Phone as Caller
from tests.support.phone_steps import receipt_hash, visit_body
from tests.support.photos import announcement, picture


class Probe:
    """Signed in as the first person of the city, past every line."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._caller = stage.signed_in(stage.city.usernames[0])

    def send_visit(self) -> float | None:
        """Seconds until a new visit was accepted, or None: it was not, at the first try."""
        began = time.monotonic()
        return time.monotonic() - began if self._is_accepted(*self._new()) else None

    def await_accepted(self, seconds: float) -> float | None:
        """Seconds until one new visit is accepted, tried again and again; None if it is not in that time."""
        where, body = self._new()
        return await_that(lambda: self._is_accepted(where, body), seconds)

    def can_read(self) -> bool:
        """Whether a list of one's own visits is answered."""
        return self._is_answered(lambda: self._caller.get("/api/v1/visits?limit=5").status == 200)

    def can_sign_in(self) -> bool:
        """Whether somebody is let in by name and password."""
        device = {"id": "probe", "platform": "android", "model": "probe", "app_version": "1.0.0"}
        told = {"username": self._stage.city.usernames[0], "password": PASSWORD, "device": device}
        stranger = Caller(self._caller.host, self._caller.port)
        return self._is_answered(lambda: stranger.post("/api/v1/sessions", told).status == 201)

    def send_visit_with_photo(self) -> dict[str, bool]:
        """A photo and a visit that names it, each step tried once: which of the two got a receipt."""
        content = unique(picture(4), str(uuid4()), random.Random())
        announced = announcement(content)
        photo = Receipted("photo", str(announced["id"]), str(announced["sha256"]))
        self._stage.tried.append(photo)
        is_received = self._is_answered(lambda: self._has_receipt_for(content, announced))
        if is_received:
            self._stage.probed.append(photo)
        is_accepted = self._is_accepted(*self._new(photo_ids=[photo.id]))
        return {"photo": is_received, "visit": is_accepted}

    def _has_receipt_for(self, content: bytes, announced: dict[str, object]) -> bool:
        answer = self._caller.post("/api/v1/photos", announced)
        if answer.status != 201:
            return False
        upload = answer.json["upload"]
        sent = self._caller.put(upload["url"], raw=content, headers=upload["headers"])
        done = self._caller.post(f"/api/v1/photos/{announced['id']}/complete")
        receipts = [one.json.get("receipt") for one in (sent, done) if one.status == 200]
        return any((receipt or {}).get("sha256") == announced["sha256"] for receipt in receipts)

    @staticmethod
    def _is_answered(asked: Callable[[], bool]) -> bool:
        try:
            return asked()
        except (OSError, http.client.HTTPException, ValueError):
            return False

    def _new(self, **facts: object) -> tuple[str, dict[str, object]]:
        visit_id, body = uuid4(), visit_body(summary=f"probe {uuid4()}", **facts)
        self._stage.tried.append(Receipted("visit", str(visit_id), receipt_hash(body)))
        return f"/api/v1/visits/{visit_id}", body

    def _is_accepted(self, where: str, body: dict[str, object]) -> bool:
        accepted = self._is_answered(lambda: self._caller.put(where, body).status in (200, 201))
        if accepted:
            self._stage.probed += [one for one in self._stage.tried if where.endswith(one.id)]
        return accepted
