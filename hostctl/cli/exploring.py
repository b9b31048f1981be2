"""Designs of a network's hardware, tried one after the other: cycles by simulation, area by estimate or synthesis."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from codegen.backends.verilog import project_plan
from codegen.board import Board, load_board
from codegen.ir import Network, Problem, SpikecError, fail
from codegen.passes.hardware import BANKS, Design
from codegen.passes.hardware_area import estimate
from codegen.passes.hardware_choice import laid_out
from codegen.passes.hardware_fit import Estimate, check_room
from codegen.plan import write
from hostctl.cli.output import Output
from hostctl.samples import Sample

SIMULATED = "fpga_sim"
"""The board whose model counts the cycles."""

ESTIMATED, SYNTHESISED = "estimated", "synthesised"
"""Where an area is from."""

FEW_LANES = 8
"""Where a design with so many fits, fewer are not tried: most of the area is the device around the network, then."""

_MANY = 10_000_000

Area = Callable[[Design], Estimate]


@dataclass(frozen=True)
class Point:
    """A design that was tried. ``lanes``: at most so many a layer; ``banks``: spikes a cycle.

    ``cycles``: mean of a sample's latency, simulated; None where the design was not simulated, because it does not fit
    or another one is ``better``: as many spikes a cycle, more lanes, and no more of the chip. ``different``: samples
    whose spikes were not the reference's.
    """

    lanes: int
    banks: int
    design: Design
    area: Estimate
    fits: bool
    better: str = ""
    cycles: float | None = None
    different: int = 0

    @property
    def name(self) -> str:
        """The design in short, for plots and notes."""
        return f"{self.lanes} lanes, {self.banks} spike{'s' if self.banks > 1 else ''} a cycle"


def require_chip(board: Board) -> None:
    """Raise SpikecError for a board without a chip that designs could fill."""
    hint = "Name a board with a real FPGA ('spikec boards' lists them)"
    if board.fpga is None:
        raise fail(f"board {board.id}", "has no FPGA, so there is no hardware to explore", hint)
    if board.fpga.family == "sim":
        raise fail(f"board {board.id}", "is a model, which has room for everything", hint)


def lane_counts(network: Network) -> list[int]:
    """The numbers of lanes that make sense, the largest first: each divides the widest layer, and at least halves."""
    widest = max(layer.connection.out_shape[-1] for layer in network.layers)
    found = [widest]
    for lanes in range(widest // 2, 0, -1):
        if widest % lanes == 0 and 2 * lanes <= found[-1]:
            found.append(lanes)
    return found


def candidates(
    network: Network, board: Board, lanes: Sequence[int] = (), banks: Sequence[int] = ()
) -> Iterator[tuple[int, int, Design]]:
    """Every design that can be built, once, with the pipeline and the memories' cuts that the board has usually.

    ``lanes``, ``banks``: what to try; by default ``lane_counts`` and ``BANKS``. Raises SpikecError where none can be
    built, with what is wrong with each.
    """
    assert board.fpga is not None
    problems, seen = list[Problem](), set[Design]()
    for many in lanes or lane_counts(network):
        for spikes in banks or BANKS:
            try:
                made = laid_out(network, board.fpga, many, spikes)
            except SpikecError as error:
                problems += error.problems
                continue
            if made not in seen:
                seen.add(made)
                yield many, spikes, made
    if not seen:
        raise SpikecError(list(dict.fromkeys(problems)))


def fits(area: Estimate, board: Board) -> bool:
    """Whether the board's chip has room for that."""
    try:
        check_room(area, board)
    except SpikecError:
        return False
    return True


def fullest(area: Estimate, board: Board) -> tuple[float, str]:
    """The largest share of one of the chip's resources, in percent, and which it is."""
    fpga = board.fpga
    assert fpga is not None
    shares = (
        (100 * area.luts / fpga.luts, "LUTs"),
        (100 * area.ffs / fpga.ffs, "flip-flops"),
        (100 * area.brams / fpga.brams, "block RAMs"),
    )
    return max(shares)


def synthesised(out: Output, network: Network, board: Board, design: Design) -> Estimate:
    """What a design takes of the board's chip by synthesis, though it may be more than is there."""
    from hostctl.fpga import synthesise

    assert board.fpga is not None
    roomy = replace(board, fpga=replace(board.fpga, luts=_MANY, ffs=_MANY, brams=_MANY))
    with tempfile.TemporaryDirectory(prefix="spikec-explore-") as folder:
        write(project_plan(network, board, design=design), Path(folder))
        result = synthesise(Path(folder), roomy, place=False, progress=out.note)
    used = {one.name: one.used for one in result.usage}
    return Estimate(used["LUT"], used["flip-flop"], used.get("block RAM", 0))


def simulated(network: Network, design: Design, samples: Sequence[Sample], out: Output) -> tuple[float, int]:
    """Mean cycles of a sample alone, and in how many samples the model's spikes were not the reference's."""
    from hostctl.fpga import build_model
    from hostctl.results import run_stream
    from hostctl.transport.emulator import run_board

    board = load_board(SIMULATED)
    with tempfile.TemporaryDirectory(prefix="spikec-explore-") as name, ExitStack() as stack:
        folder = Path(name)
        write(project_plan(network, board, design=design), folder / "hardware")
        model = build_model(folder / "hardware", board)
        port = stack.enter_context(run_board(board, model.program)).port
        advance = stack.enter_context(out.progress("simulating"))
        summary = run_stream(network, board, port, samples, folder / "run", progress=advance)
    return summary.latency.mean, summary.different


def estimated(network: Network, board: Board, design: Design) -> Estimate:
    """What a design takes of the board's chip, by the fitted model."""
    assert board.fpga is not None
    return estimate(network, design, board.fpga)


def sized(designs: Sequence[tuple[int, int, Design]], board: Board, area: Area) -> list[Point]:
    """The area of the designs, the most lanes first; as soon as any fits, none with few lanes that comes later."""
    points = list[Point]()
    for lanes, banks, design in designs:
        if lanes < FEW_LANES and any(point.fits and point.lanes > lanes for point in points):
            continue
        taken = area(design)
        points.append(Point(lanes, banks, design, taken, fits(taken, board)))
    return [replace(point, better=_better(point, points, board)) for point in points]


def _better(point: Point, points: Sequence[Point], board: Board) -> str:
    """The name of a design that is at least as fast by its structure, and no larger; empty where there is none."""
    for other in points:
        more = other.fits and other.banks == point.banks and other.lanes > point.lanes
        if point.fits and more and fullest(other.area, board)[0] <= fullest(point.area, board)[0]:
            return other.name
    return ""


def measure_all(out: Output, network: Network, points: Sequence[Point], samples: Sequence[Sample]) -> list[Point]:
    """The same points, with the cycles of those that fit and that no other one is better than."""
    done = []
    for point in points:
        if point.fits and not point.better:
            out.note(f"{point.name}: building its model, then {len(samples)} samples")
            cycles, different = simulated(network, point.design, samples, out)
            done.append(replace(point, cycles=cycles, different=different))
        else:
            done.append(point)
    return done


def front(points: Sequence[Point], board: Board) -> list[Point]:
    """The Pareto front: points that no other one beats in cycles without taking more of the chip, or the reverse.

    The fastest first. Designs that differ from the reference are out.
    """
    best, found = float("inf"), []
    good = (p for p in points if p.cycles is not None and not p.different)
    for point in sorted(good, key=lambda p: order(p, board)):
        share = fullest(point.area, board)[0]
        if share < best:
            best = share
            found.append(point)
    return found


def order(point: Point, board: Board) -> tuple[float, float, int]:
    """What sorts designs: the fastest first, of equally fast ones the smallest."""
    assert point.cycles is not None
    return point.cycles, fullest(point.area, board)[0], point.lanes
