import click
import pytest
from click.testing import CliRunner

from service import cli
from service.cli import group


def test_it_knows_serve_without_reading_the_other_files():
    context = click.Context(group)
    assert group.get_command(context, "serve").name == "serve"


def test_it_says_so_when_there_is_no_such_command():
    result = CliRunner().invoke(group, ["dance"])
    assert result.exit_code == 2
    assert "dance" in result.output


def test_it_lists_every_command_it_would_run():
    context = click.Context(group)
    names = group.list_commands(context)
    assert {"serve", "worker"} <= set(names)
    assert all(group.get_command(context, name) for name in names)


def test_it_goes_on_without_a_file_that_is_not_installed(monkeypatch):
    monkeypatch.setattr(cli, "_FILES", ("serve", "absent"))
    assert "serve" in group.list_commands(click.Context(group))


def test_it_does_not_hide_that_a_file_is_broken(monkeypatch, tmp_path):
    (tmp_path / "broken_commands.py").write_text("import no_such_module_anywhere\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="no_such_module_anywhere"):
        cli._module("broken_commands")
