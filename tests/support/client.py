"""A client that signs in as anybody of the world and checks every answer against the contract."""

from typing import Any
from uuid import uuid4

from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from service.accounts import sessions
from service.kernel.actor import Actor
from tests.support.contract import check_answer


class Client:
    """Speaks JSON to the app in process."""

    def __init__(self, app: Flask, session: Session, token: str | None = None) -> None:
        self.app = app
        self._session = session
        self._token = token

    def as_(self, person: Actor, *, device_id: str | None = None) -> "Client":
        """The same client, signed in as this person (no password involved)."""
        granted = sessions.open_sign_in(
            self._session, user_id=person.person_id, device_id=device_id, secret=b"test secret"
        )
        self._session.commit()
        return Client(self.app, self._session, granted.access_token)

    def request(self, method: str, path: str, **options: Any) -> TestResponse:
        headers = dict(options.pop("headers", {}))
        if self._token:
            headers.setdefault("Authorization", f"Bearer {self._token}")
        headers.setdefault("X-Request-Id", f"test-{uuid4()}")
        answer = self.app.test_client().open(path, method=method, headers=headers, **options)
        check_answer(self.app, method, path, answer)
        return answer

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.request("GET", path, **options)

    def put(self, path: str, **options: Any) -> TestResponse:
        return self.request("PUT", path, **options)

    def post(self, path: str, **options: Any) -> TestResponse:
        return self.request("POST", path, **options)

    def patch(self, path: str, **options: Any) -> TestResponse:
        return self.request("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> TestResponse:
        return self.request("DELETE", path, **options)
