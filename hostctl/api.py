"""What the command line does, from Python: one function a command, with typed results.

    from hostctl import api

    summary = api.run("mnist-dc-256", "mps2_an386", data="data", limit=200)
    print(summary.mismatching_spikes, summary.latency.mean, summary.latency_unit)

Networks are given as a ``codegen.ir.Network``, as the path of a ``.spk`` file, or by a name of the zoo; boards by their
ids; folders and files as ``Path`` or ``str``. ``data`` None means the embedded digits. Everything that is wrong with
what is given raises ``SpikecError``, whose ``problems`` name all of it. Nothing is printed, unless ``verbose``: then
progress and log go to stderr, as those of the command line do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from codegen.apps import STREAM
from codegen.board import Board, load_board
from codegen.ir import Network, SpikecError, fail
from codegen.ir import load as _load
from codegen.ir import save as _save
from codegen.zoo import network_path
from hostctl.cli.output import Output, Quiet, Told

if TYPE_CHECKING:
    from hostctl.build import BuildResult
    from hostctl.profile import Profile
    from hostctl.report import Comparison
    from hostctl.results import Summary
    from trainer.train import TrainResult

__all__ = [
    "Evaluation",
    "SpikecError",
    "build",
    "compare",
    "evaluate",
    "generate",
    "load",
    "profile",
    "quantize",
    "report",
    "run",
    "save",
    "summarise",
    "train",
]

Place = Path | str
Model = Network | Path | str


@dataclass(frozen=True)
class Evaluation:
    """A network on a data set, by the reference simulator.

    ``accuracy``: by head, a fraction of 1 after each step; ``synops``: by layer, synaptic operations an inference;
    ``spikes``: by layer, spikes a step (both means).
    """

    network: str
    digest: str
    samples: int
    accuracy: Mapping[str, Sequence[float]]
    synops: Mapping[str, float]
    spikes: Mapping[str, float]


def load(network: Model) -> Network:
    """A network from its file or from the zoo; a network as it is."""
    return network if isinstance(network, Network) else _load(_path(network))


def save(network: Network, path: Place) -> Path:
    """Write a network to a ``.spk`` file."""
    _save(network, Path(path))
    return Path(path)


def train(
    recipe: Place,
    out: Place | None = None,
    *,
    data: Place | None = None,
    quick: bool = False,
    resume: bool = False,
    device: str = "cpu",
    verbose: bool = False,
) -> TrainResult:
    """Train what a recipe describes (its path, or the name of one that comes with spikec), as ``spikec train`` does.

    ``out``: the folder for checkpoints [runs/<recipe>]. Returns the checkpoint's path and the last epoch's figures.
    """
    from hostctl.cli.pipeline import train_recipe

    return train_recipe(
        _output(verbose),
        Path(recipe),
        None if out is None else Path(out),
        data=None if data is None else Path(data),
        quick=quick,
        resume=resume,
        device=device,
    )


def quantize(checkpoint: Place, bits: int | None = None) -> Network:
    """The integer network of a trained checkpoint; ``bits`` a weight, by default those that it was trained for."""
    from trainer.quantize import quantize_checkpoint

    return quantize_checkpoint(Path(checkpoint), bits)


def evaluate(
    network: Model,
    data: Place | None = None,
    *,
    split: str = "Test",
    limit: int | None = None,
    seed: int = 0,
    verbose: bool = False,
) -> Evaluation:
    """Accuracy after each step and work an inference, by the reference simulator, as ``spikec eval`` tells them."""
    from hostctl.cli.pipeline import evaluate_network

    folder = None if data is None else Path(data)
    found = evaluate_network(_output(verbose), load(network), folder, split=split, limit=limit, seed=seed)
    return Evaluation(**found)


def generate(network: Model, board: str | None = None, out: Place | None = None, *, force: bool = False) -> Path:
    """Write the sources for a board (an FPGA's: Verilog), or for None a library; returns the folder.

    ``out``: the folder [build/<network>-<board or library>]. Files that a person edited are left, and told, unless
    ``force``.
    """
    from codegen.backends import c, verilog
    from codegen.plan import write

    net = load(network)
    if board is None:
        plan = c.library_plan(net)
    else:
        description = load_board(board)
        plan = (c if description.fpga is None else verilog).project_plan(net, description)
    target = _target(out, net, board or "library")
    write(plan, target, force=force)
    return target


def build(
    network: Model,
    board: str,
    out: Place | None = None,
    *,
    app: str = STREAM,
    model: str | None = None,
    energy: bool = False,
    force: bool = False,
    offline: bool = False,
    verbose: bool = False,
) -> BuildResult:
    """Generate and build firmware for a board with a CPU; the result has the program, its sizes, its stack's bound.

    ``app``, and for 'mlperf_tiny' ``model`` and ``energy``: see docs/mlperf-tiny.md.
    """
    from hostctl.cli.apps import check_app
    from hostctl.cli.pipeline import build_firmware

    net, description = load(network), _cpu(board, "build")
    target = _target(out, net, board)
    check_app(app, model, energy, description)
    return build_firmware(
        _output(verbose), net, description, target, offline=offline, force=force, app=app, model=model, energy=energy
    )


def run(
    network: Model,
    board: str,
    data: Place | None = None,
    out: Place | None = None,
    *,
    split: str = "Test",
    limit: int | None = None,
    seed: int = 0,
    port: str | Sequence[str] = (),
    trace: bool = False,
    resume: bool = False,
    force: bool = False,
    offline: bool = False,
    verbose: bool = False,
) -> Summary:
    """Build, put on the board, stream the data, compare every spike with the reference, write the report.

    ``out``: the folder of the run [runs/<network>-<board>], for ``summarise``, ``report`` and ``compare``. ``port``: a
    real board's, or several boards'. ``trace``: every spike and membrane of every layer and step. What differed is in
    the summary (``different`` samples), and raises nothing.
    """
    from hostctl.cli.job import Job
    from hostctl.cli.pipeline import run_job

    net, description = load(network), load_board(board)
    folder = Path("runs") / f"{net.name}-{board}" if out is None else Path(out)
    source = folder / f"{net.name}.spk" if isinstance(network, Network) else _path(network)
    if isinstance(network, Network):
        folder.mkdir(parents=True, exist_ok=True)
        _save(network, source)
    job = Job(
        net,
        source,
        description,
        folder,
        data=None if data is None else Path(data),
        split=split,
        limit=limit,
        seed=seed,
        ports=(port,) if isinstance(port, str) else tuple(port),
        trace=trace,
        resume=resume,
        force=force,
    )
    status = run_job(_output(verbose), job, offline=offline)
    if status and description.fpga is not None and not (folder / "results.jsonl").exists():
        hint = "'spikec build' tells what is too slow"
        raise fail(f"board {board}", "is not built: its hardware misses the board's clock", hint)
    return summarise(folder)


def summarise(folder: Place) -> Summary:
    """What a run's folder holds, in figures."""
    from hostctl.results import summarise as summary_of

    return summary_of(Path(folder))


def report(folder: Place) -> Path:
    """Write a run's ``report.html`` and ``report.json`` anew; returns the page's path."""
    from hostctl.report import write_report

    return write_report(Path(folder), summarise(folder))


def compare(first: Place, second: Place, page: Place | None = None) -> Comparison:
    """Compare two runs of one network, sample by sample; ``page``: also write the side-by-side page there."""
    from hostctl.report import compare_runs, write_comparison

    found = compare_runs(Path(first), Path(second))
    if page is not None:
        write_comparison(found, Path(page))
    return found


def profile(
    network: Model,
    board: str,
    data: Place | None = None,
    out: Place | None = None,
    *,
    split: str = "Test",
    limit: int = 1,
    seed: int = 0,
    force: bool = False,
    offline: bool = False,
    verbose: bool = False,
) -> Profile:
    """Count what an emulated board executes, by layer and phase, as ``spikec profile`` does."""
    from hostctl.cli.pipeline import data_folder
    from hostctl.profile import check_can_count
    from hostctl.profile import profile as count
    from hostctl.samples import load_samples

    net, description, output = load(network), _cpu(board, "profile"), _output(verbose)
    check_can_count(description)
    folder = data_folder(output, None if data is None else Path(data))
    samples = load_samples(net, folder, split=split, limit=limit, seed=seed)
    built = build(net, board, out, force=force, offline=offline, verbose=verbose)
    with output.progress(f"counting on {board}") as advance:
        return count(net, description, built.elf, samples, progress=advance, note=output.note)


def _path(network: Path | str) -> Path:
    return network_path(str(network))


def _target(out: Place | None, network: Network, what: str) -> Path:
    return Path("build") / f"{network.name}-{what}" if out is None else Path(out)


def _cpu(board: str, function: str) -> Board:
    from hostctl.cli.hardware import require_cpu

    description = load_board(board)
    require_cpu(description, f"api.{function}", "api.run() builds an FPGA's hardware and runs it")
    return description


def _output(verbose: bool) -> Output:
    return Told("api", json=False) if verbose else Quiet("api", json=False)
