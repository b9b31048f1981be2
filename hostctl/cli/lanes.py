"""The options that say how a network is laid out in an FPGA."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from codegen.board import Board
    from codegen.ir import Network
    from codegen.passes.hardware import Design

_LANES = click.option(
    "--lanes",
    multiple=True,
    metavar="[LAYER=]N",
    help="For an FPGA: so many neurons of each layer (or of LAYER) work at once [default: as many as fit].",
)
_BANKS = click.option(
    "--banks",
    multiple=True,
    metavar="[LAYER=]K",
    help="For an FPGA: so many spikes a cycle, 1, 2, 4 or 8, for each dense layer (or LAYER) [default: as they fit].",
)


def lanes_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--lanes`` and ``--banks``, the arguments ``lanes`` and ``banks``; each may be given several times."""
    return _LANES(_BANKS(function))


def design_for(network: Network, board: Board, lanes: Sequence[str], banks: Sequence[str]) -> Design | None:
    """The design that both options ask for, chosen where they leave it open; None for a board with a CPU.

    Raises SpikecError where there is no FPGA to lay out, for what is no number, and as ``choose_design``.
    """
    from codegen.ir import Problem, SpikecError

    if board.fpga is None:
        hint = "Leave it out: a CPU works on one neuron after the other"
        given = [name for name, values in (("--lanes", lanes), ("--banks", banks)) if values]
        if given:
            raise SpikecError([Problem(name, f"is for an FPGA, and {board.id} has none", hint) for name in given])
        return None
    from codegen.passes.hardware_choice import choose_design

    return choose_design(network, board, _numbers("--lanes", lanes), _numbers("--banks", banks))


def _numbers(option: str, values: Sequence[str]) -> dict[str, int] | int | None:
    """A number for all layers, or numbers by layer's name; None where nothing is given."""
    from codegen.ir import Problem, SpikecError

    pairs = [value.rpartition("=") for value in values]
    problems = [
        Problem(option, f"is '{value}'", "Give a whole number from 1 on, or LAYER=NUMBER")
        for value, (_, _, number) in zip(values, pairs, strict=True)
        if not number.isdecimal() or int(number) == 0
    ]
    named = [bool(sign) for _, sign, _ in pairs]
    if len(pairs) > 1 and not all(named):
        problems.append(Problem(option, "names all layers beside others", "Give one number, or LAYER=NUMBER for each"))
    if problems:
        raise SpikecError(problems)
    if not pairs:
        return None
    return {name: int(number) for name, _, number in pairs} if named[0] else int(pairs[0][2])
