"""The steps that several commands share, each with its progress: data, training, building, running on a board."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from contextlib import ExitStack, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codegen.board import Board
from codegen.ir import Network, Synapses, fail, load
from codegen.ir.layers.base import spell as spell_shape
from codegen.resources import folder
from codegen.zoo import spell
from hostctl.cli.hardware import build_hardware, describe_hardware, run_hardware, simulator_words
from hostctl.cli.output import Output

if TYPE_CHECKING:
    from codegen.passes.shares import Shares
    from hostctl.build import BuildResult
    from hostctl.cli.job import Job
    from hostctl.samples import Sample
    from trainer.distributed import Processes
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
    out: Output,
    path: Path,
    target: Path | None,
    *,
    data: Path | None,
    resume: bool,
    quick: bool,
    device: str = "cpu",
    tensorboard: bool = False,
    start: Path | None = None,
    processes: Processes | None = None,
) -> TrainResult:
    """Train a recipe into a folder; ``processes``: those that train it together, if this is one of several."""
    from trainer.distributed import ALONE
    from trainer.recipe import load_recipe
    from trainer.train import train

    processes = processes or ALONE
    with processes.in_turn():  # What is wrong with the recipe is said once.
        recipe = load_recipe(find_recipe(path), quick=quick)
        if recipe.data.kind == "digits":
            data = digits_folder(out)
    with out.progress(f"training {recipe.name}") if processes.first else nullcontext() as advance:
        return train(
            recipe,
            target or Path("runs") / path.stem,
            data=data,
            start=start,
            resume=resume,
            device=device,
            tensorboard=tensorboard,
            progress=advance,
            processes=processes,
        )


def find_recipe(path: Path) -> Path:
    """The recipe at a path, or the one of that name that comes with spikec."""
    ours = folder("recipes") / path.with_suffix(".toml").name
    return ours if not path.exists() and path.parent == Path() and ours.exists() else path


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
    kinds = "/".join(dict.fromkeys(layer.neuron.kind for layer in network.layers if layer.neuron is not None))
    bits = sorted({layer.connection.bits for layer in network.layers if isinstance(layer.connection, Synapses)})
    value = {"name": network.name, "digest": network.digest, "sizes": sizes, "steps": network.steps, "bits": bits}
    shape = "-".join(map(spell_shape, network.shapes))
    text = f"network     {network.name}: {shape}, {kinds}, {network.steps} steps, {'/'.join(map(str, bits))} bits"
    return value, f"{text}\ndigest      {network.digest}"


def build_firmware(
    out: Output,
    network: Network,
    board: Board,
    target: Path,
    *,
    offline: bool = False,
    force: bool = False,
    verbose: bool = False,
    formats: Mapping[str, str] | None = None,
    shares: Shares | None = None,
    marker: bool = False,
) -> BuildResult:
    """Generate and build, with ``shares`` for two cores; raises SpikecError when the network does not fit the board.

    ``formats``: layer to the format of its weights, by default the fastest that fit. ``marker``: see ``project_plan``.
    What PlatformIO says goes to stderr when ``verbose``; errors are told in any case.
    """
    from codegen.backends.c import project_plan
    from codegen.passes.footprint import check_fit
    from codegen.passes.formats import choose
    from codegen.plan import write
    from hostctl.build import build

    formats = choose(network, board) if formats is None else formats
    check_fit(network, board, formats, cores=1 if shares is None else 2)
    if shares is not None:
        out.note(f"two cores   {shares.text(network)}")
    write(project_plan(network, board, shares=shares, formats=formats, marker=marker), target, force=force)
    out.note(f"building {target} with PlatformIO")
    return build(target, board, offline=offline, log=out.note if verbose else None)


def describe_build(result: BuildResult, network: Network, board: Board) -> tuple[dict[str, Any], str]:
    """What a build gave, for programs and for people."""
    from hostctl.size import memory_lines

    figures = build_figures(result, network)
    facts = [("firmware", str(result.elf))]
    for name, used, there, memory in (
        ("flash", result.flash, board.flash, figures["memory"]["flash"]),
        ("RAM", result.ram, board.ram, figures["memory"]["ram"]),
    ):
        least = f"the network's minimum is {memory['least']:,}"
        facts.append((name, f"{used:,} of {there:,} bytes ({used / there:.1%}); {least}"))
    facts += memory_lines(figures["memory"])
    value = {"elf": str(result.elf), "board": board.id, **figures}
    return value, "\n".join(f"{name:<12}{fact}" for name, fact in facts)


def build_figures(result: BuildResult, network: Network) -> dict[str, Any]:
    """What a build takes of its board's memory: the sums, and every line of them."""
    from hostctl.size import memory_report

    memory = memory_report(network, result.image, result.stack, result.stack_unknown)
    return {"flash": result.flash, "ram": result.ram, "memory": memory.to_json()}


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


def run_job(out: Output, job: Job, *, offline: bool = False) -> int:
    """Build, put on the board, stream, compare, report; returns the exit code."""
    require_port(job.board, job.port)
    refuse_metered_trace(job)
    simulator_words(job.board, uart=job.uart)
    formats = job_formats(job)
    samples = job_samples(out, job)  # First what can be wrong with the input: a build takes time.
    if job.board.fpga is not None:
        hardware = build_hardware(out, job.network, job.board, job.folder / "hardware", force=job.force)
        if not hardware.met:
            out.result(*describe_hardware(hardware, job.board))
            return 1
        return _stream(out, job, samples, run_hardware(out, job, hardware), dict(hardware.figures))
    return _stream(out, job, samples, *_firmware(out, job, formats, offline=offline))


def _firmware(
    out: Output, job: Job, formats: Mapping[str, str] | None, *, offline: bool
) -> tuple[Path, dict[str, Any]]:
    """Build a job's firmware and, on a real board, flash it: the program, and the build's figures."""
    from hostctl.build import flash

    target = job.folder / "firmware"
    built = build_firmware(
        out,
        job.network,
        job.board,
        target,
        offline=offline,
        force=job.force,
        formats=formats,
        shares=job.shares,
        marker=job.meter is not None and job.meter.needs_marker,
    )
    if not job.board.emulated:
        out.note(f"flashing {job.board.id}")
        flash(target, job.board, job.port, log=out.note)
    return built.elf, build_figures(built, job.network)


def refuse_metered_trace(job: Job) -> None:
    """Raise SpikecError for a traced run with a meter: sending the trace would be in the energy."""
    if job.meter is not None and job.trace:
        raise fail("--meter", "cannot be used with --trace", "Sending the trace would be metered: make two runs")


def require_port(board: Board, port: str | None) -> None:
    """Raise SpikecError for a real board without one."""
    if not board.emulated and port is None:
        what = f"is missing, and {board.id} is a real board"
        raise fail("--port", what, "Name its serial port, as in --port /dev/ttyACM0")


def job_formats(job: Job) -> dict[str, str] | None:
    """What the job's tuning says, if it has one. Raises SpikecError where it is for another network or board."""
    from codegen.tuning import tuned_formats

    return None if job.tuning is None else tuned_formats(job.tuning, job.network, job.board)


def stream_job(out: Output, job: Job, elf: Path | None) -> int:
    """Stream to a board that carries the network already (for an emulated one, the program ``elf``)."""
    refuse_metered_trace(job)
    return _stream(out, job, job_samples(out, job), elf, None)


def job_samples(out: Output, job: Job) -> list[Sample]:
    """The samples that a job streams; every file is read and checked before anything is sent."""
    from hostctl.samples import load_samples

    data = data_folder(out, job.data)
    with out.progress("reading the data") as advance:
        return load_samples(job.network, data, split=job.split, limit=job.limit, seed=job.seed, progress=advance)


def _stream(out: Output, job: Job, samples: list[Sample], elf: Path | None, build: dict[str, Any] | None) -> int:
    from hostctl.results import run_stream
    from hostctl.transport.emulator import run_board

    words = simulator_words(job.board, uart=job.uart)
    data = {"folder": (job.data or Path("embedded digits")).name or str(job.data), "split": job.split}
    with ExitStack() as stack:
        port = job.port
        if port is None:
            assert elf is not None
            port = stack.enter_context(run_board(job.board, elf, words)).port
        heard = _meter(out, job, stack)
        advance = stack.enter_context(out.progress(f"streaming to {job.board.id}"))
        run_stream(
            job.network,
            job.board,
            port,
            samples,
            job.folder,
            trace=job.trace,
            resume=job.resume,
            force=job.force,
            data=data,
            options=_options(job),
            build=build,
            progress=advance,
            note=heard,
        )
    return report_run(out, job.folder, command=reproduce(job))


def _meter(out: Output, job: Job, stack: ExitStack) -> Callable[[str], None]:
    """Start the job's meter, if it has one, until the stack ends; returns what hears the device's notes."""
    if job.meter is None:
        return out.note
    from hostctl.meters import metered, open_meter

    meter = open_meter(job.meter)
    stack.enter_context(metered(meter, job.folder, idle=job.idle, note=out.note))

    def heard(text: str) -> None:
        said = text.removeprefix("device: ")
        if not meter.take_line(said):
            out.note(text)

    return heard


def _options(job: Job) -> dict[str, Any]:
    """What the run's header says of how it was run."""
    cores = {"cores": 2, "first_core": job.shares.first} if job.shares else {}
    return {"seed": job.seed} | cores | ({"uart": True} if job.uart else {})


def reproduce(job: Job) -> str:
    """The command that repeats a job."""
    words = ["spikec", "run", "--board", job.board.id, "--network", spell(job.network_path), "--split", job.split]
    if job.data is not None:
        words += ["--data", str(job.data)]
    if job.limit is not None:
        words += ["--limit", str(job.limit)]
    if job.shares is not None:
        words += ["--cores", "2", "--first-core", str(job.shares.first)]
    if job.uart:
        words.append("--uart")
    if job.seed:
        words += ["--seed", str(job.seed)]
    if job.tuning is not None:
        words += ["--tuning", str(job.tuning)]
    return shlex.join([*words, "--trace"] if job.trace else words)


def report_run(out: Output, folder: Path, command: str | None = None) -> int:
    """Write the report of a run folder, and say what came of it; exit code 1 when anything differed."""
    from hostctl.report import summary_text, write_report
    from hostctl.results import summarise

    summary = summarise(folder)
    page = write_report(folder, summary, command=command)
    value = {"report": str(page), "summary": summary.to_json()}
    out.result(value, f"{summary_text(summary)}\n\nreport      {page}")
    return 1 if summary.different else 0
