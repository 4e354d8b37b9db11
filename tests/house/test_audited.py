"""Every command leaves its audit entry, in the same transaction (for all rooms, whoever adds one)."""

import ast

import pytest

from tests.house.walls import called_name, calls, functions, modules, place

ROOMS = (
    "accounts",
    "photos",
    "enterprises",
    "programmes",
    "projects",
    "submissions",
    "visits",
    "checkins",
    "outboxes",
    "privacy",
)
SQL_WRITES = {"insert", "update", "delete"}
SESSION_WRITES = {"add", "add_all", "delete", "merge"}

QUIET = {
    "service/enterprises/importing.py:rehearse_import": "a dry run: it fills a report and writes nothing",
    "service/enterprises/import_reports.py:keep_report": "a part of an import, which is recorded",
    "service/enterprises/intake.py:write_drafts": "the rows of an import or a registration, which records them as one",
    "service/enterprises/suspicions.py:decide": "a part of merging or of telling apart, which record",
    "service/photos/uploads.py:open_upload": "a part of announcing a photo or of receiving it, which are recorded",
    "service/outboxes/heartbeats.py:hear": "a phone's state is no event: only the newest is kept, and no trail of it",
    "service/outboxes/recalls.py:read_recalls": "a phone has read what was recorded when it was asked",
    "service/privacy/viewing.py:note_checkin": "a look is no act: it has a log of its own, which the person reads",
    "service/privacy/viewing.py:note_export": "a look is no act; the export itself is recorded",
    "service/privacy/viewing.py:note_kept": "a look is no act",
    "service/privacy/viewing.py:note_visit": "a look is no act",
    "service/submissions/keeping.py:settle_accepted": "a part of accepting what was sent, whose entry stands for it",
    "service/submissions/withdrawals.py:receipt_of_withdrawal": "a part of withdrawing a record, which records it",
    "service/visits/merging.py:merge_enterprises": "the register's own part, enterprises/merging.py, records it",
    "service/visits/merging.py:unmerge_enterprises": "the register's own part, enterprises/merging.py, records it",
}
"""`file:function` → why it writes without an entry of its own."""


def room_files():
    return [
        path
        for path in modules("service")
        if path.parent.name in ROOMS and path.stem not in {"models", "errors"}
    ]


def reached(path, function):
    """The function and those of its file that it calls, at any depth."""
    by_name = {other.name: other for other in functions(path)}
    seen, waiting = {}, [function]
    while waiting:
        current = waiting.pop()
        seen[current.name] = current
        called = {called_name(call) for call in calls(current)}
        waiting += [by_name[name] for name in called & by_name.keys() if name not in seen]
    return seen.values()


def is_command(function):
    names = [argument.arg for argument in function.args.args[:2]]
    return not function.name.startswith("_") and names == ["session", "actor"]


def writes(function):
    """Whether it adds or deletes rows, sends a writing statement, or sets a column of a row it read."""
    for call in calls(function):
        name, owner = called_name(call), ast.unparse(call.func).rpartition(".")[0]
        if (name in SESSION_WRITES and owner == "session") or (
            name in SQL_WRITES and owner in {"sa", "", "postgresql", "pg"}
        ):
            return True
    return any(
        isinstance(target, ast.Attribute)
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        for target in node.targets
    )


def records(function):
    return any(called_name(call) in {"record", "recording"} for call in calls(function))


def silent_commands(path):
    for function in functions(path):
        parts = reached(path, function)
        if is_command(function) and any(map(writes, parts)) and not any(map(records, parts)):
            yield f"{place(path)}:{function.name}"


@pytest.mark.parametrize("path", room_files(), ids=place)
def test_every_command_that_writes_records_what_it_did(path):
    assert [name for name in silent_commands(path) if name not in QUIET] == []


def test_the_list_of_quiet_commands_is_no_longer_than_the_truth():
    silent = {name for path in room_files() for name in silent_commands(path)}
    assert set(QUIET) <= silent


def test_it_would_notice_a_silent_command(tmp_path):
    source = "def keep(session, actor, what):\n    _store(session, what)\n\ndef _store(session, what):\n    session.add(what)\n"
    (function, helper) = ast.parse(source).body
    assert is_command(function)
    assert writes(helper)
    assert not records(function)


@pytest.mark.parametrize("path", room_files(), ids=place)
def test_nothing_below_a_door_commits(path):
    """One request or one job is one transaction, opened by the frame."""
    for function in functions(path):
        for call in calls(function):
            assert ast.unparse(call.func) not in {"session.commit", "session.rollback"}, call.lineno
