"""The ledgers follow the visits within the transaction that changes them, exactly, whoever else is writing.

::

    lock ─▶ fresh credits ⇄ held credits ─▶ touched keys ─▶ ledger rows ─▶ ledger_changes
                     └── differences per day ──────────────────┴─────────▶ ledger_tallies

Keys are recomputed rather than incremented: "the first visit was voided" needs no special case, and a row that
was ever wrong heals when it is next touched.
"""

from collections.abc import Collection, Sequence
from itertools import batched
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from service.visits import counting_locks
from service.visits.credits import COLUMNS, DERIVED, KEY
