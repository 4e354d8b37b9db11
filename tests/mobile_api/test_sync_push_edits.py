"""A record that is edited back to what it said before: each wording has its own revision and its own receipt."""

from uuid import uuid4

import pytest

from service.kernel.ids import uuid7
from tests.factories.submissions import visit_body


@pytest.fixture
def phone(client, world):
    return client.as_(world.field1)


def by_push(phone, visit_id, body, base_rev):
    sent = {"op_id": str(uuid4()), "type": "visit", "id": visit_id, "base_rev": base_rev, "body": body}
    (result,) = phone.post("/api/v1/sync/push", json={"ops": [sent]}).get_json()["results"]
    return result["status"] == "duplicate", result["receipt"]


def by_put(phone, visit_id, body, base_rev):
    edit = {} if base_rev is None else {"base_rev": base_rev}
    answer = phone.put(f"/api/v1/visits/{visit_id}", json=body | edit)
    return answer.headers.get("Idempotency-Replayed") == "true", answer.get_json()["receipt"]


@pytest.mark.parametrize("send", [by_push, by_put])
def test_an_edit_back_to_an_earlier_wording_is_the_next_revision_and_its_repeat_a_repeat(phone, send):
    visit_id, first, second = str(uuid7()), visit_body(summary="甲"), visit_body(summary="乙")
    edits = [(first, None), (second, 1), (first, 2), (second, 3)]
    sent = [send(phone, visit_id, *edit) for edit in edits]
    assert [(is_repeat, receipt["rev"]) for is_repeat, receipt in sent] == [(False, n) for n in (1, 2, 3, 4)]
    again = [send(phone, visit_id, *edit) for edit in edits]
    assert again == [(True, receipt) for _, receipt in sent]
    assert phone.get(f"/api/v1/visits/{visit_id}").get_json()["summary"] == "乙"
