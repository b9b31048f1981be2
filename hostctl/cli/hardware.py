"""The steps that differ for boards with an FPGA: a network becomes hardware there, and no firmware."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codegen.board import Board
from codegen.ir import Network, Problem, SpikecError, fail
from codegen.ir.minimum import minimum
from hostctl.cli.output import Output

if TYPE_CHECKING:
    from codegen.passes.hardware import Design
    from hostctl.cli.job import Job
    from hostctl.fpga import SimulationModel, SynthesisResult


@dataclass(frozen=True)
class HardwareBuild:
    """What a build gave: the model that is the simulated board, or the bitstream for a real one.

    ``figures``: what the run's header says of the build.
    """

    model: SimulationModel | None
    synthesis: SynthesisResult | None
    figures: Mapping[str, Any]

    @property
    def met(self) -> bool:
        """Whether the hardware is as fast as the board's clock wants it; a model always is."""
        return self.synthesis is None or self.synthesis.met


def require_cpu(board: Board, command: str, instead: str) -> None:
    """Raise SpikecError where a command that is for firmware gets a board with an FPGA."""
    if board.fpga is not None:
        raise fail(f"board {board.id}", f"has an FPGA, and '{command}' is for boards with a CPU", instead)


def refuse_firmware_options(
    board: Board, *, tuning: Path | None, fast: Sequence[str], cores: int, first_core: int | None
) -> None:
    """Raise SpikecError for options that say something of firmware, where the board has an FPGA."""
    if board.fpga is None:
        return
    what = f"is for boards with a CPU, and {board.id} has an FPGA"
    memories = "Leave it out: the memories of an FPGA are as wide as the weights"
    layers = "Leave it out: all layers of an FPGA work side by side"
    options = (
        ("--tuning", tuning is not None, memories),
        ("--fast", bool(fast), "Leave it out: every weight of an FPGA lies in fast memory"),
        ("--cores", cores > 1, layers),
        ("--first-core", first_core is not None, layers),
    )
    problems = [Problem(name, what, hint) for name, given, hint in options if given]
    if problems:
        raise SpikecError(problems)


def simulator_words(board: Board, *, uart: bool) -> list[str]:
    """What the simulated board's program is told. Raises SpikecError where ``--uart`` has no meaning."""
    if not uart:
        return []
    if board.fpga is None or board.fpga.family != "sim":
        hint = "Leave it out: a real line is used as it is, and emulated CPUs have their own"
        raise fail("--uart", f"is for a simulated FPGA, and {board.id} is none", hint)
    return ["--uart"]


def build_hardware(
    out: Output,
    network: Network,
    board: Board,
    target: Path,
    *,
    design: Design | None = None,
    force: bool = False,
    verbose: bool = False,
    placements: int = 1,
) -> HardwareBuild:
    """Generate the hardware, and build what runs it: a model, or a bitstream.

    ``design``: by default the one that ``choose_design`` takes. One that is estimated not to fit raises SpikecError.
    What Verilator says goes to stderr when ``verbose``; errors are told in any case. ``placements``: how many are tried
    until a bitstream's timing is met.
    """
    from codegen.backends.verilog import project_plan
    from codegen.passes.hardware_choice import choose_design, require_room
    from codegen.plan import write
    from hostctl.fpga import build_model, synthesise

    design = design or choose_design(network, board)
    require_room(network, design, board)
    write(project_plan(network, board, design=design), target, force=force)
    hardware = {"design": design.text(network), "resources": [], "clocks": [], "minimum": _minimum(network)}
    assert board.fpga is not None
    if board.fpga.family != "sim":
        result = synthesise(target, board, seeds=range(1, placements + 1), progress=out.note)
        resources = [{"name": one.name, "used": one.used, "there": one.there} for one in result.usage]
        clocks = [{"name": one.name, "fmax_hz": one.fmax_hz, "wanted_hz": one.wanted_hz} for one in result.clocks]
        return HardwareBuild(None, result, {"hardware": hardware | {"resources": resources, "clocks": clocks}})
    out.note(f"building the model of {target} with Verilator (a minute or more for a large network that is new)")
    model = build_model(target, board, log=out.note if verbose else None)
    return HardwareBuild(model, None, {"hardware": hardware})


def run_hardware(out: Output, job: Job, build: HardwareBuild) -> Path:
    """Bring what was built to where it runs: the model's program, or the bitstream once it is on the board."""
    from hostctl.fpga import flash_bitstream

    if build.model is not None:
        return build.model.program
    out.note(f"flashing {job.board.id}")
    return flash_bitstream(job.folder / "hardware", job.board, log=out.note)


def describe_hardware(build: HardwareBuild, board: Board) -> tuple[dict[str, Any], str]:
    """What a build gave, for programs and for people."""
    from hostctl.fpga import hardware_lines, size_words

    if build.synthesis is not None:
        hardware = build.figures["hardware"]
        size = f"size        {size_words(hardware['minimum'])}"
        text = f"design      {hardware['design']}\n{size}\n{build.synthesis.text()}"
        return {"synthesis": build.synthesis.to_json(), **build.figures}, text
    model = build.model
    assert model is not None
    how = "an equal one had been compiled" if model.cached else f"compiled in {model.seconds:.0f} s"
    facts = [("model", f"{model.program}, {how}"), *hardware_lines(build.figures["hardware"])]
    value = {"elf": str(model.program), "board": board.id, "seconds": round(model.seconds, 1), **build.figures}
    return value, "\n".join(f"{name:<12}{fact}" for name, fact in facts)


def _minimum(network: Network) -> dict[str, int]:
    """Bits that the network's numbers need at the least, by kind."""
    found = minimum(network)
    kinds = ("weights", "biases", "thresholds", "membranes", "spikes")
    bits = {kind: sum(getattr(layer, kind) for layer in found.layers) for kind in kinds}
    return bits | {"spikes": bits["spikes"] + found.inputs}
