"""Asks every route as every person of the world, and says in one word what came of it."""

import io
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from service.accounts.models import User
from service.kernel.actor import Role
from service.kernel.clock import now
from tests.hostile.attack import Attack
from tests.hostile.contract import Route
from tests.support.client import Client
from tests.support.photos import picture
from tests.support.world import add_person

PEOPLE = (
    "field1",
    "colleague",
    "field2",
    "commissioner1",
    "department1",
    "unit1",
    "unit2",
    "hq1",
    "leader1",
    "inspector1",
    "admin",
    "signed_out",
    "closed",
)
"""In the order of the table's columns; what is asked for is `field1`'s or their unit's wherever it has an owner."""

ANOTHER = picture(seed=2)
"""Not the photo that the town has announced."""
WORDS = {401: "sign_in", 403: "no", 404: "404"}


@dataclass(frozen=True, slots=True)
class Doors:
    """The town, and everybody's way in."""

    attack: Attack
    clients: dict[str, Client]

    def ask(self, route: Route, person: str, ids: dict[str, str] | None = None) -> TestResponse:
        """The answer to this person, undone."""
        around = self.attack.connection.begin_nested()
        try:
            path = route.path(self.attack.town.ids if ids is None else ids)
            answer = self.clients[person].request(route.method, path, **self._content(route))
            answer.get_data()
            answer.close()
        finally:
            around.rollback()
        return answer

    def _content(self, route: Route) -> dict[str, Any]:
        if route.schema is not None:
            return {"json": self.attack.body(route)}
        if route.rule.endswith("/tus"):
            return tus_request(route.method)
        if not route.takes_file:
            return {}
        if route.method == "PUT":
            return {"data": ANOTHER, "content_type": "image/jpeg"}
        content = ANOTHER if "/photos/" in route.rule else "名称\n某某\n".encode()
        file = (io.BytesIO(content), "file.csv")
        return {"data": {"file": file}, "content_type": "multipart/form-data"}


def open_doors(attack: Attack, session: Session) -> Doors:
    """Sign everybody in; the closed account signed in before it was closed."""
    world = attack.town.world
    stranger = Client(attack.field_worker.app, session)
    clients = {name: stranger.as_(getattr(world, name)) for name in PEOPLE if hasattr(world, name)}
    gone = add_person(session, "gone", world.dongchangfu, *Role)
    clients |= {"signed_out": stranger, "closed": stranger.as_(gone)}
    session.execute(sa.update(User).where(User.id == gone.person_id).values(closed_at=now()))
    session.commit()
    return Doors(attack, clients)


def tus_request(method: str) -> dict[str, Any]:
    """What a resumable upload's address is asked: to open it, or to take first bytes; those of another photo."""
    content = ANOTHER
    headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Upload-Length": str(len(content))}
    if method != "PATCH":
        return {"headers": headers}
    return {"headers": headers, "data": content[:100], "content_type": "application/offset+octet-stream"}


def word(answer: TestResponse) -> str:
    """`yes`, `no`, `404`, `sign_in`, `soon` (it is there and not developed), or the number of another refusal."""
    if answer.status_code < 400:
        return "yes"
    if answer.status_code == 404 and answer.get_json()["code"] == "not_ready":
        return "soon"
    return WORDS.get(answer.status_code, str(answer.status_code))


def nobody() -> dict[str, str]:
    """Ids that nobody has; every path argument that is an id gets a fresh one."""
    return {"name": "thumb", "device_id": f"phone-{uuid4()}", "month": "2026-01"}


def what_it_says(answer: TestResponse) -> dict[str, Any]:
    """A refusal without the two members that differ from request to request."""
    problem: dict[str, Any] = answer.get_json(silent=True) or {}
    return {key: value for key, value in problem.items() if key not in {"instance", "trace_id"}}
