"""The command ``qianbai``: each command's file is read only when it is asked for."""

import importlib
from types import ModuleType

import click

from service import __version__

_HOMES = {
    "serve": "serve",
    "worker": "serve",
    "demo": "demo",
    "import": "imports",
    "user": "people",
    "unit": "administration",
    "device": "administration",
    "programme": "programmes",
    "rebuild": "upkeep",
    "audit": "upkeep",
    "store": "upkeep",
    "contract": "contract",
    "privacy": "privacy",
    "backup": "backup",
    "restore": "backup",
}
"""Where the usual commands live; the files below may hold more."""

_FILES = (
    "serve",
    "people",
    "administration",
    "programmes",
    "imports",
    "demo",
    "upkeep",
    "privacy",
    "backup",
    "contract",
)


class LazyGroup(click.Group):
    """A group that finds its commands in the files of this room by their own names."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command of every file, for the help page."""
        del ctx
        return sorted({name for file in _FILES for name in _commands(file)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, looking first where it usually lives."""
        del ctx
        usual = _HOMES.get(cmd_name)
        for file in ([usual] if usual else []) + [file for file in _FILES if file != usual]:
            if command := _commands(file).get(cmd_name):
                return command
        return None


def _commands(file: str) -> dict[str, click.Command]:
    module = _module(f"{__name__}.{file}")
    found = [value for value in vars(module).values() if isinstance(value, click.Command)] if module else []
    nested = {
        id(child) for group in found if isinstance(group, click.Group) for child in group.commands.values()
    }
    return {command.name: command for command in found if command.name and id(command) not in nested}


def _module(name: str) -> ModuleType | None:
    """The module, or None where this installation has no such file; its own failures are not hidden."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        return None


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="qianbai")
def group() -> None:
    """千百：招商走访与驻点外勤 / field work in investment promotion."""


def main() -> None:
    """Runs the command that the arguments name."""
    group(prog_name="qianbai")
