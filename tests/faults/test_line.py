"""The bad line does what it says: seen from a phone's side and from the server's."""

import gc
import http.client
import threading
import warnings
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.faults import hurts
from tests.faults.line import Line
from tests.support.live import wait_until

CONTENT = b"x" * 5000


@pytest.fixture
def server():
    """Answers every PUT with what it got, and remembers it."""
    got: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_PUT(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append(body)
            self.send_response(201)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as made:
        made.daemon_threads = True
        thread = threading.Thread(target=made.serve_forever, args=(0.01,))
        thread.start()
        made.got = got
        yield made
        made.shutdown()
        thread.join()


def put(port):
    """Status and body, or the kind of fault."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as phone:
        try:
            phone.request("PUT", "/x", CONTENT)
            answer = phone.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return None


def line_of(server, *habits, share=1.0):
    return Line(server.server_address[1], dict.fromkeys(habits, 1), share, seed=5)


def test_it_passes_calls_on_unchanged(server):
    with line_of(server, hurts.refused, share=0.0) as line:
        assert put(line.port) == (201, CONTENT)
    assert server.got == [CONTENT]
    assert line.bytes_sent == len(CONTENT)


@pytest.mark.parametrize("habit", [hurts.refused, hurts.request_cut, hurts.request_ended_early])
def test_the_server_never_gets_the_whole_request(server, habit):
    with line_of(server, habit) as line:
        assert put(line.port) is None
    assert CONTENT not in server.got
    assert line.hurt[habit.__name__] == 1


@pytest.mark.parametrize("habit", [hurts.hung_up_unread, hurts.answer_cut, hurts.answer_short])
def test_the_server_has_it_and_the_phone_does_not_know(server, habit):
    with line_of(server, habit) as line:
        assert put(line.port) is None
    assert server.got == [CONTENT]


@pytest.mark.parametrize("habit", [hurts.delayed, hurts.dripped])
def test_the_answer_is_only_late(server, habit):
    with line_of(server, habit) as line:
        assert put(line.port) == (201, CONTENT)


def test_an_impatient_thumb_sends_twice(server):
    with line_of(server, hurts.doubled) as line:
        assert put(line.port) == (201, CONTENT)
        # One answer arrives; the other request may still be on its way, and a closed line would cut it.
        wait_until(lambda: len(server.got) == 2, "the server has it twice")
    assert server.got == [CONTENT, CONTENT]


def test_a_portal_answers_without_the_server(server):
    with line_of(server, hurts.portal) as line:
        answers = {put(line.port)[0] for _ in range(30)}
    assert answers == {200, 201, 302, 511}
    assert server.got == []


def test_a_line_that_is_never_opened_leaves_nothing_to_close(server):
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        line_of(server, hurts.refused)
        gc.collect()
    assert [one.message for one in warned if issubclass(one.category, ResourceWarning)] == []


def test_the_same_seed_hurts_the_same_calls(server):
    def told():
        with line_of(server, hurts.portal, hurts.gateway_gave_up, share=0.5) as line:
            return [put(line.port)[0] for _ in range(20)]

    assert told() == told()
