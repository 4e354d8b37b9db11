import signal
import sys
import time

import pytest

from service.cli.supervisor import Child, Supervisor


@pytest.fixture(autouse=True)
def _signals_stay_pytests():
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


def python(code):
    return Child("child", [sys.executable, "-c", code])


def test_it_starts_a_dead_child_again_and_waits_longer_each_time(tmp_path):
    lives = tmp_path / "lives"
    told = []
    with Supervisor([python(f"open({str(lives)!r}, 'a').write('x')")], tell=told.append) as supervisor:
        deadline = time.monotonic() + 120
        supervisor.watch(until=lambda: len(told) == 2 or time.monotonic() > deadline)
    assert lives.read_text() == "xx"
    assert ["0.5 s" in told[0], "1 s" in told[1]] == [True, True]


def test_it_ends_a_child_that_does_not_listen():
    deaf = python(
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up'); time.sleep(99)"
    )
    with Supervisor([deaf], tell=print, grace_seconds=0.5):
        process = deaf.process
    assert process.returncode in {-signal.SIGKILL, -signal.SIGTERM}


def test_it_stops_looking_when_a_signal_asks(tmp_path):
    with Supervisor([python("import time; time.sleep(99)")], tell=print) as supervisor:
        supervisor.watch(also=lambda: signal.raise_signal(signal.SIGTERM))
        assert supervisor.is_stopping


def test_it_keeps_ctrl_c_from_its_children():
    child = python("import time; time.sleep(99)")
    with Supervisor([child], tell=print):
        import os

        assert os.getsid(child.process.pid) != os.getsid(0)
