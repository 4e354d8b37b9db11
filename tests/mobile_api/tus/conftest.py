"""A phone of field1 with an announced photo, and the address where it may be sent on."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from werkzeug.test import TestResponse

from service.jobs.workshop import Workshop
from tests.support.client import Client
from tests.support.photos import announcement, picture

BYTES = "application/offset+octet-stream"
TUS = {"Tus-Resumable": "1.0.0"}


@dataclass(slots=True)
class Upload:
    """One photo's upload, spoken to by whoever holds its address."""

    phone: Client
    content: bytes
    photo_id: str
    url: str
    granted: dict[str, Any] = field(default_factory=dict)

    def ask(self, method: str, headers: dict[str, str] | None = None, **options: Any) -> TestResponse:
        """A request as it stands: by the address alone, without a sign-in."""
        return self.phone.app.test_client().open(
            options.pop("url", self.url), method=method, headers=headers or {}, **options
        )

    def head(self) -> TestResponse:
        return self.ask("HEAD", TUS)

    def offset(self) -> int:
        found = self.head()
        assert found.status_code == 200, found.status
        return int(found.headers["Upload-Offset"])

    def create(self, length: int | None = None, data: bytes = b"", **headers: str) -> TestResponse:
        said = TUS | {"Upload-Length": str(len(self.content) if length is None else length)}
        if data:
            said["Content-Type"] = BYTES
        return self.ask(
            "POST", said | {name.replace("_", "-"): value for name, value in headers.items()}, data=data
        )

    def patch(self, offset: int, data: bytes, **headers: str) -> TestResponse:
        said = TUS | {"Upload-Offset": str(offset), "Content-Type": BYTES}
        return self.ask(
            "PATCH", said | {name.replace("_", "-"): value for name, value in headers.items()}, data=data
        )

    def send_all(self, *, step: int = 100_000) -> TestResponse:
        """All that is missing, step by step; the last answer."""
        answer = None
        for start in range(self.offset(), len(self.content), step):
            answer = self.patch(start, self.content[start : start + step])
            assert answer.status_code == 204, answer.get_data(as_text=True)
        assert answer is not None
        return answer

    def complete(self) -> TestResponse:
        return self.phone.post(f"/api/v1/photos/{self.photo_id}/complete")


def announced(phone: Client, content: bytes, **changes: Any) -> Upload:
    """A photo announced by a phone that speaks tus."""
    answer = phone.post("/api/v1/photos", json=announcement(content, accept=["tus", "put"], **changes))
    assert answer.status_code == 201, answer.get_data(as_text=True)
    granted = answer.get_json()
    assert granted["upload"]["kind"] == "tus"
    return Upload(phone, content, granted["id"], granted["upload"]["url"], granted["upload"])


@pytest.fixture
def phone(client, world):
    return client.as_(world.field1)


@pytest.fixture
def content():
    return picture()


@pytest.fixture
def upload(phone, content) -> Upload:
    return announced(phone, content)


@pytest.fixture
def workshop(settings, sessions, store):
    return Workshop(settings, sessions, store)
