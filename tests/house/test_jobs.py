"""Every job that is asked for has somebody who does it."""

import ast
import importlib

from service.background import ROOMS, register_jobs
from service.jobs.queue import app
from tests.house.walls import called_name, calls, modules, place, tree


def asked_for():
    """`(where, name)` of every job that a file defers, by literal or by a constant of its module."""
    for path in modules("service", "mobile_api", "hq_api"):
        if path.name == "queue.py":
            continue
        for call in calls(tree(path)):
            if called_name(call) == "defer" and len(call.args) >= 2:
                yield place(path), _value(path, call.args[1])


def _value(path, node):
    if isinstance(node, ast.Constant):
        return node.value
    module = importlib.import_module(place(path).removesuffix(".py").replace("/", "."))
    return eval(ast.unparse(node), vars(module))


def test_every_job_that_is_asked_for_is_registered():
    register_jobs()
    unknown = [(where, name) for where, name in asked_for() if name not in app.tasks]
    assert unknown == []


def test_every_room_with_jobs_is_in_the_table_of_jobs():
    there = {f"service.{path.parent.name}.jobs" for path in modules("service") if path.stem == "jobs"}
    assert set(ROOMS) == there


def test_the_house_looks_after_itself_by_the_clock():
    """Sealing comes round three times a minute, so that no entry waits for a minute; the dead are found sooner."""
    register_jobs()
    crons = {name: task.cron for (name, _), task in app.periodic_registry.periodic_tasks.items()}
    assert crons["audit.seal"] == "* * * * * */20"
    assert crons["jobs.take_up_stalled"] == "* * * * * */10"
