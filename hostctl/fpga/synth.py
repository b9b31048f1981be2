"""From a generated project of Verilog to a bitstream: synthesis, place and route, packing, and what they found."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from codegen.board import Board
from codegen.fpga import Fpga
from codegen.ir.errors import Problem, SpikecError, fail
from hostctl.fpga import cache, report
from hostctl.fpga.families import Family, family
from hostctl.fpga.families.family import Place
from hostctl.fpga.narrator import Narrator, Progress
from hostctl.fpga.result import Clock, SynthesisResult, Usage
from hostctl.fpga.room import room
from hostctl.fpga.tool import YOSYS, Tool

TOP = "spikec_top"
FOLDER = "synthesis"
"""Where in the project everything comes that is made of it."""

_SHOWN = 12
_RANGE = re.compile(
    r"no BELs remaining|no available Bel|Unable to find a placement|[Nn]ot enough|failed to place|"
    r"Unable to place cell|exceeds? .*capacity"
)
_COPIES = (
    "hierarchy -top {top}; proc; select -set copies a:spikec_copy %ci1:+$dff[Q] t:$dff %i; setattr -set keep 1 @copies"
)
"""Registers that are there several times, for short wires: they are equal, and Yosys would make one of them. Its
attribute ``keep`` is for cells; on a register of the Verilog it would not reach them."""

_SMALLER = "Use fewer lanes, fewer bits a weight, smaller layers, or a board with a larger chip (see 'spikec boards')"


class SynthesisBug(RuntimeError):  # noqa: N818 (it says whose fault it is)
    """The tools reject what we generated: a bug of spikec's."""


def quiet(_: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class _Run:
    """One synthesis under way. ``project``: the folder that all tools run in."""

    project: Path
    board: Board
    fpga: Fpga
    family: Family
    top: str
    progress: Progress
    seconds: dict[str, float]

    def tool(self, tool: Tool, arguments: Sequence[str], stage: str, log: str) -> tuple[int, list[str]]:
        narrator = Narrator(stage, self.progress)
        status, lines = tool.run(arguments, self.project, self.project / FOLDER / log, narrator)
        self.seconds[stage] = round(self.seconds.get(stage, 0.0) + narrator.seconds, 2)
        return status, lines


def synthesise(
    project: Path,
    board: Board,
    *,
    top: str = TOP,
    seeds: Sequence[int] = (1,),
    place: bool = True,
    keep: bool = True,
    progress: Progress = quiet,
) -> SynthesisResult:
    """Synthesise all Verilog of a project's folder for a board; results and logs come into its folder ``synthesis``.

    ``seeds``: of the placement; each is tried until the timing is met, and the fastest is taken. ``place`` False: only
    the netlist and the size are wanted, of whatever ``top``, and pins do not matter. ``keep``: take the
    result of an equal design from the cache, and keep this one there. Where timing is not met no bitstream is made, and
    the result's ``met`` is False. For boards whose bitstream is a vendor's affair only the size is found.

    Raises SpikecError when a tool is missing, the project is not one, or the design does not fit the chip; SynthesisBug
    when the tools reject the design.
    """
    if board.fpga is None:
        raise fail(f"board {board.id}", "has no FPGA", "'spikec boards' lists those that have one")
    kind = family(board.fpga.family)
    if not place:
        kind = replace(kind, place=None)
    tools = [YOSYS] if kind.place is None else [YOSYS, kind.place.tool, kind.place.packer]
    for tool in tools:
        tool.check()
    sources = _sources(project, board.fpga, kind)
    versions = {tool.name: tool.version for tool in tools}
    key = cache.key(
        project,
        sources,
        {
            "board": board.id,
            "fpga": repr(board.fpga),
            "top": top,
            "seeds": list(seeds),
            "place": place,
            "commands": [_COPIES, kind.synthesise(board.fpga, top, "netlist.json")],
            "tools": versions,
        },
    )
    output = project / FOLDER
    if keep and (found := cache.fetch(key, output)) is not None:
        progress("an equal design was synthesised before: taking its result")
        return found
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    run = _Run(project, board, board.fpga, kind, top, progress, {})
    result = replace(_run(run, sources, seeds), tools=versions)
    (output / "result.json").write_text(json.dumps(result.to_json(), indent=1) + "\n", encoding="utf-8")
    if keep:
        cache.store(key, output, result)
    return result


def _run(run: _Run, sources: Sequence[str], seeds: Sequence[int]) -> SynthesisResult:
    output, fpga = run.project / FOLDER, run.fpga
    netlist = _netlist(run, sources)
    moved = run.family.rework(netlist) if run.family.rework is not None else 0
    (output / "netlist.json").write_text(json.dumps(netlist), encoding="utf-8")
    counts = report.count_cells(netlist, run.top, run.family)
    del netlist  # It is large.
    there = room(fpga)
    taken = tuple(Usage(name, used, there.get(name, 0)) for name, used in counts.items())
    _check_room(run, taken)
    _write_verilog(run)
    result = SynthesisResult(
        board=run.board.id,
        part=fpga.part,
        usage=taken,
        clocks=(),
        slowest="",
        doubt="",
        seconds=run.seconds,
        seed=0,
        moved=moved,
        netlist=output / "netlist.v",
        bitstream=None,
        tools={},
    )
    if run.family.place is None:
        return result
    place = run.family.place
    placed = _place(run, place, seeds)
    names = {one.name for one in placed.usage}
    usage = (*placed.usage, *(one for one in taken if one.name not in names))
    result = replace(result, usage=usage, clocks=placed.clocks, slowest=placed.slowest, seed=placed.seed)
    result = replace(result, doubt="" if place.doubt is None else place.doubt.why)
    return replace(result, bitstream=_pack(run, place, placed.seed)) if result.met else result


def _sources(project: Path, fpga: Fpga, kind: Family) -> list[str]:
    """The names of the project's Verilog files."""
    sources = sorted(path.name for path in project.glob("*.v"))
    if not sources:
        raise fail(str(project), "holds no Verilog", "Make a project with 'spikec generate'")
    pins = fpga.pins
    if kind.place is not None and not (project / pins).is_file():
        raise fail(str(project / pins), "is missing: the pins of the board", "Make the project with 'spikec generate'")
    return sources


def _netlist(run: _Run, sources: Sequence[str]) -> dict[str, Any]:
    """Synthesise to cells of the chip."""
    netlist, script = f"{FOLDER}/netlist.json", f"{FOLDER}/synthesise.ys"
    commands = [*(f"read_verilog -defer {name}" for name in sources), *_COPIES.format(top=run.top).split("; ")]
    commands += run.family.synthesise(run.fpga, run.top, netlist).split("; ")
    (run.project / script).write_text("\n".join(commands) + "\n", encoding="utf-8")
    status, lines = run.tool(YOSYS, [script], "synthesis", "yosys.log")
    if status != 0:
        raise _rejected(lines, "Yosys")
    found: dict[str, Any] = json.loads((run.project / netlist).read_text(encoding="utf-8"))
    return found


def _write_verilog(run: _Run) -> None:
    """The netlist as Verilog, and models of its cells."""
    script = f"{FOLDER}/write.ys"
    commands = f"read_json {FOLDER}/netlist.json\nwrite_verilog -noattr {FOLDER}/netlist.v\n"
    (run.project / script).write_text(commands, encoding="utf-8")
    status, lines = run.tool(YOSYS, [script], "netlist", "write.log")
    if status != 0:
        raise _rejected(lines, "Yosys")
    if run.family.cells is not None:
        (run.project / FOLDER / "cells.v").write_text(run.family.cells.verilog(), encoding="utf-8")


def _check_room(run: _Run, taken: Sequence[Usage]) -> None:
    """Before the long part: a chip that is too small is found here."""
    problems = [
        Problem(
            f"board {run.board.id}", f"the design takes {one.used:,} {one.name}s, {one.there:,} are there", _SMALLER
        )
        for one in taken
        if one.used > one.there
    ]
    if problems:
        raise SpikecError(problems)


@dataclass(frozen=True)
class _Placed:
    seed: int
    usage: tuple[Usage, ...]
    clocks: tuple[Clock, ...]
    slowest: str

    @property
    def worst(self) -> float:
        return min(clock.margin_percent for clock in self.clocks)


def _place(run: _Run, place: Place, seeds: Sequence[int]) -> _Placed:
    """Place and route with each seed until one is fast enough; the fastest."""
    tried: list[_Placed] = []
    for seed in seeds:
        tried.append(_place_once(run, place, seed))
        if tried[-1].worst >= 0:
            break
        run.progress(f"seed {seed}: {-tried[-1].worst:.1f} % too slow")
    return max(tried, key=lambda placed: placed.worst)


def _place_once(run: _Run, place: Place, seed: int) -> _Placed:
    fpga = run.fpga
    name = f"{FOLDER}/report-{seed}.json"
    arguments = place.arguments(fpga, f"{FOLDER}/netlist.json", fpga.pins, _placed_file(seed))
    arguments += ["--freq", f"{fpga.clock_hz / 1e6:.6f}", "--seed", str(seed), "--report", name, "--timing-allow-fail"]
    status, lines = run.tool(place.tool, arguments, "place and route", f"nextpnr-{seed}.log")
    if status != 0:
        raise _unplaced(run, lines)
    found: Mapping[str, Any] = json.loads((run.project / name).read_text(encoding="utf-8"))
    clocks = report.clocks(found, lines, place)
    if not clocks:
        raise SynthesisBug("nextpnr finds no path between flip-flops, so nothing is known of the design's clock")
    fastest = max(clock.wanted_hz for clock in clocks)
    if fastest < 0.999 * fpga.clock_hz:
        raise SynthesisBug(f"the design's clock is {fastest / 1e6:.1f} MHz, the board's {fpga.clock_hz / 1e6:.1f} MHz")
    return _Placed(seed, tuple(report.usage(found, place)), tuple(clocks), report.slowest(found))


def _placed_file(seed: int) -> str:
    return f"{FOLDER}/placed-{seed}"


def _pack(run: _Run, place: Place, seed: int) -> Path:
    name = f"{FOLDER}/{run.top}.{place.suffix}"
    arguments = place.pack_arguments(run.fpga, _placed_file(seed), name)
    status, lines = run.tool(place.packer, arguments, "bitstream", "pack.log")
    if status != 0:
        raise _rejected(lines, place.packer.name)
    return run.project / name


def _rejected(lines: Sequence[str], tool: str) -> SynthesisBug:
    wrong = [line for line in lines if "ERROR" in line or "Error" in line] or [line for line in lines if line]
    return SynthesisBug(f"{tool} rejects the design:\n" + "\n".join(wrong[-_SHOWN:]))


def _unplaced(run: _Run, lines: Sequence[str]) -> Exception:
    """Why nextpnr failed: the design is too large in some way that counting cells did not show, or it is wrong."""
    if any(_RANGE.search(line) for line in lines if line.startswith("ERROR")):
        said = next(line for line in lines if line.startswith("ERROR"))
        return fail(f"board {run.board.id}", f"the design cannot be placed ({said.removeprefix('ERROR: ')})", _SMALLER)
    return _rejected(lines, "nextpnr")
