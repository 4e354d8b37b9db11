"""The sealing job takes everything, and finds nothing to do the second time."""

from service.audit import commands
from service.audit.commands import record
from service.audit.jobs import seal_entries
from service.audit.queries import seals_made, seconds_unsealed
from service.audit.verification import verify
from service.jobs.workshop import Workshop
from service.kernel.actor import Actor


def test_it_seals_everything_that_waits_and_nothing_twice(session, sessions, settings, store, monkeypatch):
    monkeypatch.setattr(commands, "MOST_ENTRIES_PER_SEAL", 3)
    for number in range(7):
        record(session, Actor.system(), "a.b", "a", str(number))
    session.commit()
    assert seconds_unsealed(session) > 0
    workshop = Workshop(settings, sessions, store)

    seal_entries(workshop)
    assert seals_made(session) == 3
    seal_entries(workshop)

    assert seals_made(session) == 3
    assert seconds_unsealed(session) == 0
    assert verify(session, anchor=None).entries == 7
