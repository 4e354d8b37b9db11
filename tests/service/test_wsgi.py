import io
import json

import pytest

from service.wsgi import LARGEST_BODY_BYTES, SMALL_BODY_BYTES, BufferedBodies


class Trickle(io.RawIOBase):
    """A body that arrives in small pieces and may break off."""

    def __init__(self, content, *, breaks=False):
        self._rest = io.BytesIO(content)
        self._breaks = breaks

    def read(self, size=-1):
        piece = self._rest.read(min(size, 7) if size >= 0 else 7)
        if not piece and self._breaks:
            raise TimeoutError
        return piece


def ask(environ):
    seen, started = {}, []

    def application(environ, start_response):
        seen.update(environ)
        start_response("200 OK", [])
        return [b"ok"]

    body = b"".join(BufferedBodies(application)(environ, lambda *arguments: started.append(arguments)))
    return started[0][0], body, seen


def test_it_hands_on_a_small_body_only_when_it_is_all_there():
    _, _, seen = ask({"CONTENT_LENGTH": "20", "wsgi.input": Trickle(b"x" * 20)})
    assert isinstance(seen["wsgi.input"], io.BytesIO)
    assert seen["wsgi.input"].read() == b"x" * 20


def test_it_reads_no_further_than_the_length():
    source = io.BytesIO(b"firstsecond")
    ask({"CONTENT_LENGTH": "5", "wsgi.input": source})
    assert source.read() == b"second"


def test_it_hands_on_what_came_of_a_body_that_broke_off():
    status, _, seen = ask({"CONTENT_LENGTH": "20", "wsgi.input": Trickle(b"x" * 9, breaks=True)})
    assert status == "200 OK"
    assert seen["wsgi.input"].read() == b"x" * 9


@pytest.mark.parametrize("length", ["", "0", str(SMALL_BODY_BYTES + 1), str(LARGEST_BODY_BYTES)])
def test_it_leaves_other_bodies_to_the_application(length):
    source = io.BytesIO()
    assert ask({"CONTENT_LENGTH": length, "wsgi.input": source})[2]["wsgi.input"] is source


def test_it_turns_away_what_no_door_would_take():
    status, body, seen = ask({"CONTENT_LENGTH": str(LARGEST_BODY_BYTES + 1), "wsgi.input": io.BytesIO()})
    assert status.startswith("413")
    assert json.loads(body)["client_action"] == "fix"
    assert not seen
