"""Twenty at once: what the peers of this system get wrong is tested with real threads and real commits."""

from functools import partial
from uuid import uuid4

import pytest
import sqlalchemy as sa

from service.audit.models import AuditEntry
from service.submissions.models import KeptBecause, KeptSubmission, RecordRevision
from service.visits.models import Visit
from tests.factories.submissions import visit_body
from tests.support.committed import at_once, committed_house

MANY = 20


@pytest.fixture(scope="module")
def house(postgres_url, tmp_path_factory):
    with committed_house(postgres_url, tmp_path_factory.mktemp("house")) as made:
        yield made


@pytest.fixture(scope="module")
def phone(house):
    return house.phone(house.world.field1)


def put(phone, visit_id, body):
    return phone.put(f"/api/v1/visits/{visit_id}", json=body)


def rows(house, table, *conditions):
    with house.sessions() as session:
        return session.scalars(sa.select(table).where(*conditions)).all()


def test_it_makes_one_row_and_twenty_equal_receipts_of_twenty_identical_sends(house, phone):
    visit_id, body = uuid4(), visit_body(summary="同一内容")
    answers = at_once([partial(put, phone, visit_id, body)] * MANY)
    assert sorted(answer.status_code for answer in answers) == [200] * (MANY - 1) + [201]
    replays = [answer for answer in answers if answer.headers.get("Idempotency-Replayed") == "true"]
    assert len(replays) == MANY - 1
    first = answers[0].get_json()
    assert all(answer.get_json()["receipt"] == first["receipt"] for answer in answers)
    assert len({answer.get_json()["number"] for answer in answers}) == 1
    assert len({len(answer.get_data()) for answer in answers}) == 1
    assert len(rows(house, Visit, Visit.id == visit_id)) == 1
    assert len(rows(house, RecordRevision, RecordRevision.record_id == visit_id)) == 1
    assert len(rows(house, AuditEntry, AuditEntry.subject_id == str(visit_id))) == 1
    assert rows(house, KeptSubmission, KeptSubmission.record_id == visit_id) == []


def test_it_has_one_winner_and_keeps_every_loser_of_twenty_differing_sends(house, phone):
    visit_id = uuid4()
    bodies = [visit_body(summary=f"内容{n}") for n in range(MANY)]
    answers = at_once([partial(put, phone, visit_id, body) for body in bodies])
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * (MANY - 1)
    (winner,) = [answer.get_json() for answer in answers if answer.status_code == 201]
    losers = [answer.get_json()["conflict"] for answer in answers if answer.status_code == 409]
    assert {facts["server_sha256"] for facts in losers} == {winner["receipt"]["sha256"]}
    kept = rows(house, KeptSubmission, KeptSubmission.record_id == visit_id)
    assert {one.because for one in kept} == {KeptBecause.CONFLICT}
    assert {one.sha256 for one in kept} == {facts["kept_sha256"] for facts in losers}
    assert len(kept) == MANY - 1


def test_it_lets_one_of_twenty_edits_of_the_same_revision_win(house, phone):
    visit_id, body = uuid4(), visit_body()
    assert put(phone, visit_id, body).status_code == 201
    edits = [body | {"summary": f"修改{n}", "base_rev": 1} for n in range(MANY)]
    answers = at_once([partial(put, phone, visit_id, edit) for edit in edits])
    assert sorted(answer.status_code for answer in answers) == [200] + [409] * (MANY - 1)
    kept = rows(house, KeptSubmission, KeptSubmission.record_id == visit_id)
    assert len(kept) == MANY - 1
    revisions = rows(house, RecordRevision, RecordRevision.record_id == visit_id)
    assert sorted(row.rev for row in revisions) == [1, 2]


def test_it_gives_one_receipt_to_twenty_identical_edits(house, phone):
    visit_id, body = uuid4(), visit_body()
    put(phone, visit_id, body)
    edit = body | {"summary": "修改", "base_rev": 1}
    answers = at_once([partial(put, phone, visit_id, edit)] * MANY)
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.get_json()["receipt"]["rev"] for answer in answers} == {2}
    replays = [answer for answer in answers if answer.headers.get("Idempotency-Replayed")]
    assert len(replays) == MANY - 1


def test_it_keeps_one_row_of_twenty_identical_invalid_sends(house, phone):
    visit_id, body = uuid4(), visit_body(mode="by_balloon")
    answers = at_once([partial(put, phone, visit_id, body)] * MANY)
    assert {answer.status_code for answer in answers} == {422}
    told = [answer.get_json()["quarantine"] for answer in answers]
    assert all(facts == told[0] for facts in told)
    assert len(rows(house, KeptSubmission, KeptSubmission.record_id == visit_id)) == 1


def test_it_gives_an_id_to_one_of_two_people_who_send_it_at_once(house, phone):
    visit_id = uuid4()
    phones = [phone, house.phone(house.world.field2)]
    answers = at_once([partial(put, one, visit_id, visit_body()) for one in phones])
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    (loser,) = [answer.get_json() for answer in answers if answer.status_code == 409]
    assert loser["code"] == "id_taken"
    assert "conflict" not in loser


def test_it_gives_every_record_a_number_of_its_own(house, phone):
    answers = at_once([partial(put, phone, uuid4(), visit_body()) for _ in range(MANY)])
    assert len({answer.get_json()["number"] for answer in answers}) == MANY
