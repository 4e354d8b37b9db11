"""What a review may decide about a record of any type, pure.

::

                 unit office                headquarters
    submitted ───────────────▶ unit_approved ───────────▶ approved
        │  ▲                        │   headquarters may      │
        │  └─────── unapprove ◀─────┴── approve straight ─────┘
        └──▶ returned (the phone may edit and send again)    any of them ──▶ voided (for good)
"""

from service.submissions.review_errors import WrongState
from service.submissions.review_states import ReviewChoice, ReviewState

_S = ReviewState

_UNIT = {
    ReviewChoice.APPROVE: {_S.SUBMITTED: _S.UNIT_APPROVED},
    ReviewChoice.RETURN: {_S.SUBMITTED: _S.RETURNED, _S.UNIT_APPROVED: _S.RETURNED},
    ReviewChoice.VOID: {_S.SUBMITTED: _S.VOIDED, _S.UNIT_APPROVED: _S.VOIDED, _S.RETURNED: _S.VOIDED},
    ReviewChoice.UNAPPROVE: {_S.UNIT_APPROVED: _S.SUBMITTED},
}
_HEADQUARTERS = {
    ReviewChoice.APPROVE: {_S.SUBMITTED: _S.APPROVED, _S.UNIT_APPROVED: _S.APPROVED},
    ReviewChoice.RETURN: {_S.SUBMITTED: _S.RETURNED, _S.UNIT_APPROVED: _S.RETURNED, _S.APPROVED: _S.RETURNED},
    ReviewChoice.VOID: {
        _S.SUBMITTED: _S.VOIDED,
        _S.UNIT_APPROVED: _S.VOIDED,
        _S.APPROVED: _S.VOIDED,
        _S.RETURNED: _S.VOIDED,
    },
    ReviewChoice.UNAPPROVE: {_S.UNIT_APPROVED: _S.SUBMITTED, _S.APPROVED: _S.SUBMITTED},
}


def state_after(state: ReviewState, choice: ReviewChoice, *, by_headquarters: bool) -> ReviewState:
    """Where a decision leads.

    Raises:
        WrongState: this reviewer cannot decide so from here.
    """
    after = (_HEADQUARTERS if by_headquarters else _UNIT)[choice].get(state)
    if after is None:
        raise WrongState(state=state.value)
    return after
