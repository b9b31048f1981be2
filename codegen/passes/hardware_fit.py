"""Whether hardware fits a board's chip: what is estimated to be needed against what is there, before any tool runs."""

from __future__ import annotations

from dataclasses import dataclass

from codegen.board import Board
from codegen.ir.errors import Problem, SpikecError

FULL = 0.95
"""Share of a chip's LUTs and flip-flops above which placers fail, or take very long. Block RAMs can all be used."""

_SMALLER = "Use fewer lanes, fewer spikes a cycle, fewer bits a weight, smaller layers, or a board with a larger chip"
_OTHER = "Use fewer bits a weight, smaller layers, or a board with a larger chip"


@dataclass(frozen=True)
class Estimate:
    """What hardware is estimated to take: LUTs, flip-flops and block RAMs, as the board's chip counts them."""

    luts: int
    ffs: int
    brams: int


def check_room(need: Estimate, board: Board, *, smallest: str = "") -> None:
    """Raise SpikecError, with a problem for each kind of resource that the board's chip has too few of.

    ``smallest``: the design, where it is the smallest that there is. A board whose hardware is simulated has room for
    everything.
    """
    fpga = board.fpga
    if fpga is None or fpga.family == "sim":
        return
    kinds = (
        ("LUTs", need.luts, fpga.luts, FULL),
        ("flip-flops", need.ffs, fpga.ffs, FULL),
        ("block RAMs", need.brams, fpga.brams, 1.0),
    )
    what, hint = ("the network", _SMALLER) if not smallest else (f"even the smallest hardware ({smallest})", _OTHER)
    problems = [
        Problem(f"board {board.id}", f"{what} needs about {wanted:,} {name}, {_there(there, full)}", hint)
        for name, wanted, there, full in kinds
        if wanted > full * there
    ]
    if problems:
        raise SpikecError(problems)


def _there(there: int, full: float) -> str:
    return f"{there:,} are there" if full == 1 else f"{there:,} are there ({100 * full:.0f} % can be used)"
