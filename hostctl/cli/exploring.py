"""Designs of a network's hardware, tried one after the other: cycles by simulation, area by estimate or synthesis."""

from __future__ import annotations

import csv
import io
import shlex
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from codegen.backends.verilog import project_plan
from codegen.board import Board, load_board
from codegen.ir import Network, Problem, SpikecError, fail
from codegen.passes.hardware import BANKS, Design
from codegen.passes.hardware_area import FF_ERROR, LUT_ERROR, estimate
from codegen.passes.hardware_choice import laid_out
from codegen.passes.hardware_fit import Estimate, check_room
from codegen.plan import write
from codegen.zoo import spell
from hostctl.cli.output import Output
from hostctl.report.frontier import Mark, frontier
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
    for point in sorted(good, key=lambda p: _order(p, board)):
        share = fullest(point.area, board)[0]
        if share < best:
            best = share
            found.append(point)
    return found


def _order(point: Point, board: Board) -> tuple[float, float, int]:
    assert point.cycles is not None
    return point.cycles, fullest(point.area, board)[0], point.lanes


CSV_FIELDS = (
    "lanes",
    "banks",
    "luts",
    "ffs",
    "brams",
    "area",
    "fits",
    "cycles",
    "microseconds",
    "differing_samples",
    "front",
    "chosen",
)


def rows(points: Sequence[Point], board: Board, *, kind: str) -> list[dict[str, Any]]:
    """A row a point; ``kind``: where its area is from, 'estimated' or 'synthesised'. Times are at the board's clock."""
    best = front(points, board)
    found = []
    for point in points:
        cycles = point.cycles
        values = (
            point.lanes,
            point.banks,
            point.area.luts,
            point.area.ffs,
            point.area.brams,
            kind,
            point.fits,
            None if cycles is None else round(cycles, 1),
            None if cycles is None else round(1e6 * cycles / board.clock_hz, 2),
            None if cycles is None else point.different,
            point in best,
            point in best[:1],
        )
        found.append(dict(zip(CSV_FIELDS, values, strict=True)))
    return found


def csv_text(table: Sequence[dict[str, Any]]) -> str:
    """The rows as CSV; yes and no are 1 and 0, and what is not known is empty."""
    file = io.StringIO()
    writer = csv.DictWriter(file, CSV_FIELDS, lineterminator="\n")
    writer.writeheader()
    for row in table:
        writer.writerow({name: int(value) if isinstance(value, bool) else value for name, value in row.items()})
    return file.getvalue()


def describe(points: Sequence[Point], board: Board, *, kind: str) -> str:
    """The table for people, the fastest first, and behind them those that were not simulated."""
    best = front(points, board)
    head = f"{'lanes':>6}{'spikes a cycle':>16}{'LUTs':>9}{'flip-flops':>12}{'block RAMs':>12}{'chip':>8}{'cycles':>10}"
    lines = [f"{head}{'time':>12}"]
    ordered = sorted((p for p in points if p.cycles is not None), key=lambda p: _order(p, board))
    rest = sorted((p for p in points if p.cycles is None), key=lambda p: not p.fits)
    for point in [*ordered, *rest]:
        share, name = fullest(point.area, board)
        area = f"{point.area.luts:>9,}{point.area.ffs:>12,}{point.area.brams:>12,}{share:>7.0f}%"
        row = f"{point.lanes:>6}{point.banks:>16}{area}"
        if point.cycles is None:
            why = f"no faster, and no smaller, than {point.better}" if point.fits else f"does not fit: too many {name}"
            lines.append(f"{row}{'-':>10}{'-':>12}  {why}")
            continue
        marks = ["front"] * (point in best) + ["chosen"] * (point in best[:1])
        marks += [f"{point.different} samples differ"] * bool(point.different)
        micro = 1e6 * point.cycles / board.clock_hz
        lines.append(f"{row}{point.cycles:>10,.1f}{micro:>9.2f} us  {', '.join(marks)}".rstrip())
    lines.append(
        f"area: {kind}; cycles of a sample alone: simulated; time: at the board's {board.clock_hz / 1e6:g} MHz"
    )
    return "\n".join(lines)


def make_folder(folder: Path) -> Path:
    """Make the folder of the results, before anything takes time. Raises SpikecError when that cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise fail(str(folder), f"cannot be made ({error.strerror})", "Choose another folder with --out") from error
    return folder


def write_results(
    network: Network, board: Board, points: Sequence[Point], folder: Path, *, kind: str
) -> dict[str, Path]:
    """Write ``explore.csv`` and, where any design fits, ``explore.svg``; returns what each is to its path."""
    table, picture = folder / "explore.csv", folder / "explore.svg"
    table.write_text(csv_text(rows(points, board, kind=kind)), encoding="utf-8")
    picture.unlink(missing_ok=True)
    if all(point.cycles is None for point in points):
        return {"table": table}
    picture.write_text(plot(network, board, points, kind=kind), encoding="utf-8")
    return {"table": table, "plot": picture}


def plot(network: Network, board: Board, points: Sequence[Point], *, kind: str) -> str:
    """The designs that fit, and the Pareto front, as SVG."""
    best = front(points, board)
    marks = [
        Mark(fullest(p.area, board)[0], p.cycles, f"{p.lanes} x {p.banks}", front=p in best, chosen=p in best[:1])
        for p in points
        if p.cycles is not None
    ]
    title = f"{network.name} on {board.id}: lanes x spikes a cycle"
    across = f"share of the chip's scarcest resource ({kind})"
    return frontier(title, across, "cycles of a sample alone (simulated)", marks)


def conclusion(
    path: Path, network: Network, board: Board, points: Sequence[Point], samples: int, *, kind: str
) -> tuple[dict[str, Any], str]:
    """What came of it, for programs and for people: all designs, the chosen one, and the command that builds it."""
    table, best = rows(points, board, kind=kind), front(points, board)[:1]
    different = sum(point.different for point in points)
    value: dict[str, Any] = {"board": board.id, "network": network.name, "samples": samples, "designs": table}
    value |= {"area": kind, "different": different, "chosen": None, "command": None}
    lines = [describe(points, board, kind=kind)]
    if kind == ESTIMATED:
        lines.append(error_words())
    lines.append(f"{samples} samples a design, {different} of all differ from the reference")
    if different:
        lines.append("Hardware that differs is a bug of spikec: please report it with the network and the board")
    if not any(point.fits for point in points):
        lines.append(f"\nnone of these designs fits {board.id}: {_nearest(points, board)}")
    if not best:
        return value, "\n".join(lines)
    value |= {"chosen": next(row for row in table if row["chosen"]), "command": build_command(path, board, best[0])}
    lines += ["", f"{'chosen':<12}{best[0].name}: {best[0].design.text(network)}"]
    lines.append(f"{'build it':<12}{value['command']}")
    return value, "\n".join(lines)


def error_words() -> str:
    """How far estimates are off."""
    shares = f"{LUT_ERROR:.0%} of LUTs and {FF_ERROR:.0%} of flip-flops"
    return f"estimates were off by up to {shares} where designs were synthesised"


def build_command(path: Path, board: Board, point: Point) -> str:
    """The command that builds a design."""
    words = ["spikec", "build", "--board", board.id, "--network", spell(path)]
    return shlex.join([*words, "--lanes", str(point.lanes), "--banks", str(point.banks)])


def _nearest(points: Sequence[Point], board: Board) -> str:
    """What comes closest to the chip, in words."""
    point = min(points, key=lambda p: fullest(p.area, board)[0])
    share, name = fullest(point.area, board)
    return f"{point.name} would take {share:.0f} % of its {name}. Use a smaller network, or a larger chip"
