"""Jobs that tests ask for."""

import sys
import threading
from pathlib import Path

from service.jobs.queue import job


@job("jobs.note")
def note(workshop, *, path, text):
    _append(path, text)


@job("jobs.fail")
def fail(workshop):
    raise RuntimeError("the store is down")


@job("jobs.say")
def say(workshop, *, text):
    _say(text)


@job("jobs.hang_once")
def hang_once(workshop, *, path):
    """The first run never ends; the second finds the first one's mark."""
    if Path(path).exists():
        _append(path, "again")
        return
    _append(path, "begun")
    _say("begun")
    threading.Event().wait()


def _say(line):
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _append(path, line):
    with Path(path).open("a") as file:
        file.write(line + "\n")
