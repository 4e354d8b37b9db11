"""The gate for many new records at once: one statement lets in those that nobody has let in before."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.kernel.actor import Actor
from service.kernel.clock import now
from service.kernel.many import as_rows
from service.kernel.together import Question, together
from service.submissions.models import RecordRevision, RecordType
from service.submissions.numbers import Numbers
from service.submissions.receipt import Receipt
from service.submissions.sent import Sent


@dataclass(frozen=True, slots=True)
class Admitted:
    """A new record that was let in among many: its receipt, and the number that was taken for it."""

    receipt: Receipt
    number: str


def receive_new(
    session: Session, actor: Actor, record_type: RecordType, sent: Mapping[UUID, Sent], *, numbers: Numbers
) -> dict[UUID, Admitted]:
    """Those that are new, by their ids; whatever the others are, `receive` finds out one by one.

    Like there, what waited for them is settled, also what met a taken id, and a repeat takes no number. The ids are taken in order, as every
    batch takes them.
    """
    rows = [
        {"record_id": record_id, "sha256": sent[record_id].sha256, "body": sent[record_id].document}
        for record_id in sorted(sent)
    ]
    values = {
        "rows": as_rows(rows),
        "record_type": record_type,
        "author_id": actor.person_id,
        "device_id": actor.device_id,
        "received_at": now(),
        "is_trial": numbers.is_trial,
    }
    (written,) = together(session, Question(_WRITE_ALL, values))
    return {
        row.record_id: Admitted(
            Receipt(row.record_id, 1, row.sha256, row.received_at, row.seal), numbers.of(row.count)
        )
        for row in written
    }


_WRITE_ALL = sa.text(
    """
WITH written AS (
    INSERT INTO record_revisions
        (record_id, rev, record_type, sha256, body, author_id, device_id, received_at, seal)
    SELECT r.record_id, 1, :record_type, r.sha256, r.body, :author_id, :device_id, :received_at,
           (SELECT no || ':' || hash FROM audit_seals ORDER BY no DESC LIMIT 1)
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(record_id uuid, sha256 text, body jsonb)
    ORDER BY r.record_id
    ON CONFLICT (record_id, rev) DO NOTHING
    RETURNING record_id, sha256, received_at, seal
),
settled AS (
    UPDATE kept_submissions kept
    SET settled_at = :received_at, settled_by = :author_id, settlement = 'accepted_later',
        became_record_id = written.record_id
    FROM written
    WHERE kept.author_id = :author_id AND kept.record_type = :record_type AND kept.settled_at IS NULL
      AND CASE WHEN kept.because = 'id_taken' THEN kept.sha256 = written.sha256
               ELSE kept.record_id = written.record_id END
)
SELECT record_id, sha256, received_at, seal,
       CASE WHEN NOT :is_trial THEN nextval('record_numbers') END AS count
FROM (SELECT * FROM written ORDER BY record_id) numbered
"""
).bindparams(
    sa.bindparam("rows", type_=sa.Text()),
    sa.bindparam("record_type", type_=RecordRevision.__table__.c.record_type.type),
    sa.bindparam("author_id", type_=sa.Uuid()),
    sa.bindparam("device_id", type_=sa.Text()),
    sa.bindparam("received_at", type_=sa.DateTime(timezone=True)),
    sa.bindparam("is_trial", type_=sa.Boolean()),
)
