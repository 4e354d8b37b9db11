"""A browser: keeps cookies as one does, shows its page's token with what writes, and checks every answer."""

from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from tests.support.contract import check_answer

SESSIONS = "/api/v1/browser/sessions"
CURRENT = f"{SESSIONS}/current"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Browser:
    """One profile of one browser, on one origin; `csrf` is what its page holds."""

    def __init__(self, app: Flask, *, origin: str = "http://localhost") -> None:
        self.app = app
        self.origin = origin
        self.csrf: str | None = None
        self.jar = app.test_client()

    def request(self, method: str, path: str, **options: Any) -> TestResponse:
        headers = dict(options.pop("headers", {}))
        if self.csrf is not None and method not in SAFE:
            headers.setdefault("X-CSRF-Token", self.csrf)
        # The jar throws a header away that it did not write.
        sender = self.app.test_client(use_cookies=False) if "Cookie" in headers else self.jar
        answer = sender.open(path, method=method, headers=headers, base_url=self.origin, **options)
        check_answer(self.app, method, path, answer)
        return answer

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> TestResponse:
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Any) -> TestResponse:
        return self.request("PUT", path, **options)

    def delete(self, path: str, **options: Any) -> TestResponse:
        return self.request("DELETE", path, **options)

    def sign_in(self, body: dict[str, object]) -> TestResponse:
        """Come in by password, and hold the token of the new sign-in."""
        return self._held(self.post(SESSIONS, json=body))

    def enrol(self, pin: str, device: dict[str, str]) -> TestResponse:
        """Come in by PIN, and hold the token of the new sign-in."""
        return self._held(self.post(f"{SESSIONS}/enrol", json={"pin": pin, "device": device}))

    def refresh(self, **options: Any) -> TestResponse:
        return self._held(self.post(f"{SESSIONS}/refresh", **options))

    def cookie(self, name: str, path: str = "/") -> str | None:
        """What the jar holds under a name."""
        found = self.jar.get_cookie(name, domain="localhost", path=path)
        return None if found is None else found.value

    def _held(self, answer: TestResponse) -> TestResponse:
        if answer.is_json and "csrf_token" in (answer.get_json() or {}):
            self.csrf = answer.get_json()["csrf_token"]
        return answer


def set_cookies(answer: TestResponse) -> dict[str, str]:
    """The `Set-Cookie` headers by the cookie's name."""
    return {line.split("=", 1)[0]: line for line in answer.headers.getlist("Set-Cookie")}
