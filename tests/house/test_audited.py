"""Every command leaves its audit entry, in the same transaction (style.md 29 in one place, for all rooms)."""

import ast

import pytest

from tests.house.walls import called_name, calls, functions, modules, place

WRITES = {"add", "add_all", "merge", "delete", "insert", "update", "bulk_save_objects"}
ROOMS = ("accounts", "photos", "enterprises", "programmes", "projects", "submissions", "visits", "checkins")

QUIET: dict[str, str] = {
    "service/photos/commands.py:my_photo": "finds and writes nothing; the commands beside it record",
    "service/projects/commands.py:claim_open_site": "locks a row for the command that called it, which records",
}
"""`file:function` → why it writes without an entry of its own."""


def command_files():
    return [path for path in modules("service") if path.parent.name in ROOMS and "commands" in path.stem]


def leaves_an_entry(path, function):
    """Whether the function, or a function of its file that it calls, calls `record`."""
    by_name = {other.name: other for other in functions(path)}
    seen, waiting = set(), [function]
    while waiting:
        current = waiting.pop()
        seen.add(current.name)
        for call in calls(current):
            name = called_name(call)
            if name == "record":
                return True
            if name in by_name and name not in seen:
                waiting.append(by_name[name])
    return False


def is_command(function):
    names = [argument.arg for argument in function.args.args[:2]]
    return not function.name.startswith("_") and names == ["session", "actor"]


@pytest.mark.parametrize("path", command_files(), ids=place)
def test_every_command_records_what_it_did(path):
    forgotten = [
        function.name
        for function in functions(path)
        if is_command(function)
        and not leaves_an_entry(path, function)
        and f"{place(path)}:{function.name}" not in QUIET
    ]
    assert forgotten == []


def test_the_list_of_quiet_commands_is_not_longer_than_the_truth():
    there = {f"{place(path)}:{function.name}" for path in command_files() for function in functions(path)}
    assert set(QUIET) <= there


def test_commands_never_commit():
    """One request or one job is one transaction, opened by the frame."""
    for path in modules("service"):
        if path.parent.name in ROOMS and path.stem != "jobs":
            for function in functions(path):
                for call in calls(function):
                    assert not (
                        isinstance(call.func, ast.Attribute)
                        and call.func.attr in {"commit", "rollback"}
                        and ast.unparse(call.func.value) == "session"
                    ), f"{place(path)}:{call.lineno}"
