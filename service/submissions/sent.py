"""What a phone sent, in the form that is hashed, stored and compared."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self
from uuid import UUID

from service.kernel.revisions import body_sha256


@dataclass(frozen=True, slots=True)
class Sent:
    """A record's body as it was sent, and the conditions under which it is to be accepted.

    `document` is the body without `base_rev`, which stands at its top and is not part of the hash.
    """

    document: Mapping[str, Any]
    sha256: str
    base_rev: int | None = None
    """The revision the sender had before the edit; None for a new record."""
    if_match: str | None = None
    """The `If-Match` header, when there was one."""
    ignored_fields: tuple[str, ...] = ()
    """JSON pointers of the fields that the contract does not know; they stay in the document."""
    sending_skew_s: float | None = None
    """How far the phone's clock was ahead when it sent this; None when it did not say."""
    author_id: UUID | None = None
    """Set when headquarters settles somebody's kept body: the person whose record it is."""

    @classmethod
    def of(
        cls,
        body: Mapping[str, Any],
        *,
        ignored_fields: tuple[str, ...] = (),
        sending_skew_s: float | None = None,
    ) -> Self:
        """The body of a `PUT` or of a push item, after its schema has found `base_rev` to be a whole number."""
        document = {key: value for key, value in body.items() if key != "base_rev"}
        return cls(
            document=document,
            sha256=body_sha256(document),
            base_rev=body.get("base_rev"),
            ignored_fields=tuple(pointer for pointer in ignored_fields if pointer != "/base_rev"),
            sending_skew_s=sending_skew_s,
        )

    def on_condition(self, if_match: str | None) -> Self:
        """The same, to be accepted only while the named revision is current."""
        return replace(self, if_match=if_match)

    def on_top_of(self, base_rev: int | None) -> Self:
        """The same, as an edit of that revision (a push item names it beside the body)."""
        return replace(self, base_rev=base_rev)

    def by(self, author_id: UUID) -> Self:
        """The same, as this person's; whoever settles it has another clock than the phone."""
        return replace(self, author_id=author_id, sending_skew_s=None)
