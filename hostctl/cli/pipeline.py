"""The steps that several commands share, each with its progress: data, training, building, running on a board."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codegen.board import Board
from codegen.ir import Network, fail, load
from hostctl.cli.output import Output

if TYPE_CHECKING:
    from hostctl.build import BuildResult
    from hostctl.results import Summary
    from trainer.train import TrainResult


def digits_folder(out: Output, target: Path | None = None, seed: int = 0) -> Path:
    """The embedded data set; made on first use."""
    from trainer.datasets.digits import ensure_digits, make_digits

    with out.progress("simulating the event camera") as advance:
        if target is not None:
            return make_digits(target, seed=seed, progress=advance)
        return ensure_digits(seed=seed, progress=advance)


def data_folder(out: Output, data: Path | None) -> Path:
    """The user's data, or else the embedded digits."""
    return digits_folder(out) if data is None else data


def train_recipe(
    out: Output, path: Path, target: Path | None, *, data: Path | None, resume: bool, quick: bool, device: str
) -> TrainResult:
    """Train a recipe into a folder."""
    from trainer.recipe import load_recipe
    from trainer.train import train

    recipe = load_recipe(path)
    folder = target or Path("runs") / path.stem
    if recipe.data.kind == "digits" or data is None:
        data = digits_folder(out) if recipe.data.kind == "digits" else data
    with out.progress(f"training {recipe.name}") as advance:
        return train(recipe, folder, data=data, resume=resume, quick=quick, device=device, progress=advance)


def load_model(path: Path) -> Network:
    """A network from its file, or from a checkpoint of training."""
    if path.suffix != ".pt":
        return load(path)
    from trainer.quantize import quantize_checkpoint

    return quantize_checkpoint(path)


def evaluate_network(
    out: Output, network: Network, data: Path | None, *, split: str, limit: int | None, seed: int
) -> dict[str, Any]:
    """Accuracy after every step, and synaptic operations an inference, by the reference simulator."""
    from hostctl.evaluate import evaluate

    with out.progress("evaluating") as advance:
        return evaluate(network, data_folder(out, data), split=split, limit=limit, seed=seed, progress=advance)


def describe_network(network: Network) -> tuple[dict[str, Any], str]:
    """What a network is, for programs and for people."""
    sizes = [network.in_size, *(layer.size for layer in network.layers)]
    kinds = "/".join(dict.fromkeys(layer.neuron.kind for layer in network.layers))
    bits = sorted({layer.connection.fields().get("bits", 0) for layer in network.layers})
    value = {"name": network.name, "digest": network.digest, "sizes": sizes, "steps": network.steps, "bits": bits}
    shape = "-".join(str(size) for size in sizes)
    text = f"network     {network.name}: {shape}, {kinds}, {network.steps} steps, {'/'.join(map(str, bits))} bits"
    return value, f"{text}\ndigest      {network.digest}"


def build_firmware(
    out: Output, network: Network, board: Board, target: Path, *, offline: bool = False, force: bool = False
) -> BuildResult:
    """Generate and build; raises SpikecError when the network does not fit the board."""
    from codegen.backends.c import project_plan
    from codegen.passes.footprint import check_fit
    from codegen.plan import write
    from hostctl.build import build

    check_fit(network, board)
    write(project_plan(network, board), target, force=force)
    out.note(f"building {target} with PlatformIO")
    return build(target, board, offline=offline, log=out.note)


def describe_build(result: BuildResult, board: Board) -> tuple[dict[str, Any], str]:
    """What a build gave, for programs and for people."""
    value = {"elf": str(result.elf), "flash": result.flash, "ram": result.ram, "board": board.id}
    return value, "\n".join(
        [
            f"firmware    {result.elf}",
            f"flash       {result.flash:,} of {board.flash:,} bytes ({result.flash / board.flash:.1%})",
            f"RAM         {result.ram:,} of {board.ram:,} bytes ({result.ram / board.ram:.1%})",
        ]
    )


def usable_board(out: Output, wanted: str, fallback: str = "native") -> Board:
    """The wanted board if this machine can build and run it; else the fallback, said aloud."""
    from codegen.board import load_board
    from hostctl.doctor import missing_for

    board = load_board(wanted)
    missing = missing_for(board)
    if not missing:
        return board
    problems = [str(problem) for problem in missing]
    out.note(f"NOTE: {wanted} cannot be used here, so this runs on '{fallback}' instead: {'; '.join(problems)}")
    return load_board(fallback)


def choose_device(board: Board, port: str | None) -> None:
    """A real board needs a port, an emulated one makes its own."""
    if not board.emulated and port is None:
        raise fail("--port", f"is missing, and {board.id} is a real board", "Name its serial port, as in --port /dev/ttyACM0")


Stage = Callable[[str], None]
"""Tells which step of the job begins."""


def summary_status(summary: Summary) -> int:
    """Exit code of a comparison: 1 when anything differed."""
    return 1 if summary.different else 0


