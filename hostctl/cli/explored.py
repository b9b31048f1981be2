"""What an exploration of designs found: as a table, in words, as files, and the command that builds the best."""

from __future__ import annotations

import csv
import io
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from codegen.board import Board
from codegen.ir import Network, fail
from codegen.passes.hardware_area import FF_ERROR, LUT_ERROR
from codegen.zoo import spell
from hostctl.cli.exploring import ESTIMATED, Point, front, fullest, order
from hostctl.report.frontier import Mark, frontier

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
    ordered = sorted((p for p in points if p.cycles is not None), key=lambda p: order(p, board))
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
