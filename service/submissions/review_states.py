"""The states of a review and the choices of a reviewer: the same for every type of record that is reviewed."""

from enum import StrEnum


class ReviewState(StrEnum):
    """`submitted → unit_approved → approved`, with `returned` and `voided` beside; `withdrawn` by the sender."""

    SUBMITTED = "submitted"
    UNIT_APPROVED = "unit_approved"
    APPROVED = "approved"
    RETURNED = "returned"
    VOIDED = "voided"
    WITHDRAWN = "withdrawn"


class ReviewChoice(StrEnum):
    """What a reviewer decides."""

    APPROVE = "approve"
    RETURN = "return"
    VOID = "void"
    UNAPPROVE = "unapprove"


UNDER_REVIEW = (ReviewState.SUBMITTED, ReviewState.UNIT_APPROVED)
"""A reviewer still has to decide."""
CLOSED = frozenset({ReviewState.VOIDED, ReviewState.WITHDRAWN})
"""States that an edit does not bring a record back from."""
