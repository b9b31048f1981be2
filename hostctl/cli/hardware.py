"""The steps that differ for boards with an FPGA: a network becomes hardware there, and no firmware."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codegen.board import Board
from codegen.ir import Network, Problem, SpikecError, fail
from codegen.ir.minimum import minimum
from hostctl.cli.output import Output

if TYPE_CHECKING:
    from hostctl.fpga import SimulationModel


@dataclass(frozen=True)
class HardwareBuild:
    """What a build gave: the model that is the simulated board, and what the run's header says of the build."""

    model: SimulationModel
    figures: Mapping[str, Any]


def require_cpu(board: Board, command: str, instead: str) -> None:
    """Raise SpikecError where a command that is for firmware gets a board with an FPGA."""
    if board.fpga is not None:
        raise fail(f"board {board.id}", f"has an FPGA, and '{command}' is for boards with a CPU", instead)


def refuse_firmware_options(board: Board, *, tuning: Path | None, cores: int, first_core: int | None) -> None:
    """Raise SpikecError for options that say something of firmware, where the board has an FPGA."""
    if board.fpga is None:
        return
    what = f"is for boards with a CPU, and {board.id} has an FPGA"
    memories = "Leave it out: the memories of an FPGA are as wide as the weights"
    layers = "Leave it out: all layers of an FPGA work side by side"
    options = (
        ("--tuning", tuning is not None, memories),
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
    out: Output, network: Network, board: Board, target: Path, *, force: bool = False, verbose: bool = False
) -> HardwareBuild:
    """Generate the hardware, and build what runs it.

    What the tools say goes to stderr when ``verbose``; errors are told in any case.
    """
    from codegen.backends.verilog import project_plan
    from codegen.passes.hardware import choose_design
    from codegen.plan import write
    from hostctl.fpga import build_model

    design = choose_design(network, board)
    write(project_plan(network, board, design=design), target, force=force)
    out.note(f"building the model of {target} with Verilator (a minute or more for a large network that is new)")
    model = build_model(target, board, log=out.note if verbose else None)
    hardware = {"design": design.text(network), "resources": [], "minimum": _minimum(network)}
    return HardwareBuild(model, {"hardware": hardware})


def describe_hardware(build: HardwareBuild, board: Board) -> tuple[dict[str, Any], str]:
    """What a build gave, for programs and for people."""
    from hostctl.fpga import hardware_lines

    model = build.model
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
