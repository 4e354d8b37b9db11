"""What was sent has one hash, whatever stands around it."""

from uuid import uuid4

from service.kernel.revisions import body_sha256
from service.submissions.sent import Sent


def test_base_rev_stands_beside_the_document():
    sent = Sent.of({"a": 1, "base_rev": 3}, ignored_fields=("/base_rev", "/x"))
    assert sent.document == {"a": 1}
    assert (sent.base_rev, sent.sha256, sent.ignored_fields) == (3, body_sha256({"a": 1}), ("/x",))


def test_its_conditions_do_not_change_its_hash():
    sent, author = Sent.of({"a": 1}), uuid4()
    shaped = sent.on_top_of(4).on_condition('"4"').by(author)
    assert (shaped.base_rev, shaped.if_match, shaped.author_id) == (4, '"4"', author)
    assert shaped.sha256 == sent.sha256
