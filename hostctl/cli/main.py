"""From the command line to an exit code: finds the commands, and tells errors to people (or to programs)."""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
import traceback
from collections.abc import Sequence

import click

from codegen import __version__
from codegen.ir.errors import Problem, SpikecError
from hostctl.cli import commands
from hostctl.cli.output import Output

OK, DIFFERENT, USER, BUG, INTERRUPTED = 0, 1, 2, 70, 130
"""Exit codes: fine; a difference was found or a bar missed; the user's input or device; a bug of ours; Ctrl-C."""

_EXTRAS = {
    "torch": "train",
    "sklearn": "train",
    "tensorboard": "train",
    "tonic": "nmnist",
    "SCons": "offline",
    "pyjoulescope_driver": "joulescope",
}


class _Commands(click.Group):
    """The commands of the folder ``commands``, one a file: a new file is a new command."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click hands it over)
        return sorted(module.name.strip("_") for module in pkgutil.iter_modules(commands.__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        names = {module.name.strip("_"): module.name for module in pkgutil.iter_modules(commands.__path__)}
        if cmd_name not in names:
            return None
        module = importlib.import_module(f"{commands.__name__}.{names[cmd_name]}")
        command = module.command
        assert isinstance(command, click.Command)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="spikec")
def cli() -> None:
    """The spike compiler: from a trained spiking network to firmware that provably computes the same numbers.

    Results go to stdout, progress to stderr; --json makes every command answer in JSON. Exit codes: 0 fine, 1 the
    comparison found a difference, 2 something is wrong with the input or the device, 70 a bug of spikec, 130 Ctrl-C.
    """


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; errors are told on stderr (with --json, on stdout)."""
    output = Output(command=next((a for a in arguments if not a.startswith("-")), ""), json="--json" in arguments)
    try:
        status = cli.main(list(arguments), prog_name="spikec", standalone_mode=False)
        return status if isinstance(status, int) else OK
    except SpikecError as error:
        return output.problems(error.problems, USER)
    except click.ClickException as error:
        place = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else ""
        hint = f"See '{place or 'spikec'} --help'"
        return output.problems([Problem("", error.format_message().rstrip("."), hint)], USER)
    except (KeyboardInterrupt, click.Abort):
        return output.problems(
            [Problem("", "interrupted", "Nothing that was measured is lost: --resume goes on")], INTERRUPTED
        )
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115 (the reader has gone: nobody is left to tell)
        return OK
    except ModuleNotFoundError as error:
        return _missing_module(error, output)
    except Exception as error:
        return _bug(error, output)


def _missing_module(error: ModuleNotFoundError, output: Output) -> int:
    name = (error.name or "").split(".")[0]
    if name not in _EXTRAS:
        return _bug(error, output)
    hint = f"Install it with: pip install 'spikec[{_EXTRAS[name]}]'"
    return output.problems([Problem("", f"this command needs the Python package '{name}'", hint)], USER)


def _bug(error: Exception, output: Output) -> int:
    """A bug is ours: say so, and show enough of it for a report."""
    if not output.json:
        traceback.print_exception(error)
    text = f"a bug in spikec {__version__}: {type(error).__name__}: {error}"
    return output.problems([Problem("", text, "Please report it with the command and the lines above")], BUG)
