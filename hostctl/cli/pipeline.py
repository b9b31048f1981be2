"""The steps that several commands share, each with its progress: data, training, building, running on a board."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack, nullcontext
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from codegen.apps import STREAM
from codegen.board import Board
from codegen.ir import Network, Synapses, fail, load
from codegen.ir.layers.base import spell as spell_shape
from codegen.resources import folder
from codegen.zoo import spell
from hostctl.cli.hardware import build_hardware, describe_hardware, run_hardware, simulator_words
from hostctl.cli.metering import Metering, check_meter
from hostctl.cli.output import Output
from hostctl.cli.storage import storage_for

if TYPE_CHECKING:
    from codegen.passes.shares import Shares
    from codegen.tuning import Storage
    from hostctl.build import BuildResult
    from hostctl.cli.job import Job
    from hostctl.samples import Sample
    from hostctl.stream import Device
    from hostctl.transport.chaos import ChaosLine
    from hostctl.transport.emulator import EmulatedBoard
    from hostctl.transport.serial import SerialLine
    from trainer.distributed import Processes
    from trainer.train import TrainResult

RESTART_S = 10.0
"""So long an emulated board that was reset may take to be back."""


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
    fast: Collection[str] = (),
    shares: Shares | None = None,
    app: str = STREAM,
    model: str | None = None,
    marker: bool = False,
    energy: bool = False,
) -> BuildResult:
    """Generate and build, with ``shares`` for two cores; raises SpikecError when the network does not fit the board.

    ``formats``: layer to the format of its weights, by default the fastest that fit. ``fast``: layers whose weights are
    copied to fast memory. ``app``, ``model``, ``marker`` and ``energy``: see ``codegen.backends.c.project_plan``. What
    PlatformIO says goes to stderr when ``verbose``; errors are told in any case.
    """
    from codegen.backends.c import project_plan
    from codegen.passes.footprint import check_fit
    from codegen.passes.formats import choose
    from codegen.plan import write
    from hostctl.build import build

    formats = choose(network, board, fast) if formats is None else formats
    check_fit(network, board, formats, fast=fast, cores=1 if shares is None else 2)
    if shares is not None:
        out.note(f"two cores   {shares.text(network)}")
    plan = project_plan(
        network,
        board,
        shares=shares,
        formats=formats,
        fast=fast,
        app=app,
        model=model,
        marker=marker,
        energy=energy,
    )
    write(plan, target, force=force)
    out.note(f"building {target} with PlatformIO")
    return build(target, board, offline=offline, log=out.note if verbose else None)


def describe_build(result: BuildResult, network: Network, board: Board) -> tuple[dict[str, Any], str]:
    """What a build gave, for programs and for people."""
    from hostctl.size import memories, memory_lines

    figures = build_figures(result, network)
    facts = [("firmware", str(result.elf))]
    for key, name, used, there in memories(figures, asdict(board)):
        least = figures["memory"][key]["least"]
        beside = f"; the network's minimum is {least:,}" if least else ""
        facts.append((name, f"{used:,} of {there:,} bytes ({used / there:.1%}){beside}"))
    facts += memory_lines(figures["memory"])
    value = {"elf": str(result.elf), "board": board.id, **figures}
    return value, "\n".join(f"{name:<12}{fact}" for name, fact in facts)


def build_figures(result: BuildResult, network: Network) -> dict[str, Any]:
    """What a build takes of its board's memory: the sums, and every line of them."""
    from hostctl.size import memory_report

    memory = memory_report(network, result.image, result.stack, result.stack_unknown)
    fast = {"fast": result.image.fast} if result.image.fast else {}
    return {"flash": result.flash, "ram": result.ram, **fast, "memory": memory.to_json()}


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
    check_meter(job)
    simulator_words(job.board, uart=job.uart)
    storage = storage_for(job.network, job.board, job.tuning, job.fast)
    job = replace(job, fast=storage.fast)
    samples = job_samples(out, job)  # First what can be wrong with the input: a build takes time.
    if job.board.fpga is not None:
        hardware = build_hardware(
            out, job.network, job.board, job.folder / "hardware", design=job.design, force=job.force
        )
        if not hardware.met:
            out.result(*describe_hardware(hardware, job.board))
            return 1
        return _stream(out, job, samples, run_hardware(out, job, hardware), dict(hardware.figures))
    return _stream(out, job, samples, *_firmware(out, job, storage, offline=offline))


def _firmware(out: Output, job: Job, storage: Storage, *, offline: bool) -> tuple[Path, dict[str, Any]]:
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
        formats=storage.formats,
        fast=storage.fast,
        shares=job.shares,
        marker=job.meter is not None,
    )
    if not job.board.emulated:
        for port in job.named_ports or (None,):
            out.note(f"flashing {job.board.id}" + (f" at {port}" if port else ""))
            flash(target, job.board, port, log=out.note)
    return built.elf, build_figures(built, job.network)


def require_port(board: Board, port: str | None) -> None:
    """Raise SpikecError for a real board without one."""
    if not board.emulated and port is None:
        what = f"is missing, and {board.id} is a real board"
        raise fail("--port", what, "Name its serial port, as in --port /dev/ttyACM0")


def stream_job(out: Output, job: Job, elf: Path | None) -> int:
    """Stream to a board that carries the network already (for an emulated one, the program ``elf``)."""
    check_meter(job)
    return _stream(out, job, job_samples(out, job), elf, None)


def job_samples(out: Output, job: Job) -> list[Sample]:
    """The samples that a job streams; every file is read and checked before anything is sent."""
    from hostctl.samples import load_samples

    data = data_folder(out, job.data)
    with out.progress("reading the data") as advance:
        return load_samples(job.network, data, split=job.split, limit=job.limit, seed=job.seed, progress=advance)


def _stream(out: Output, job: Job, samples: list[Sample], elf: Path | None, build: dict[str, Any] | None) -> int:
    from hostctl.results import run_stream
    from hostctl.stream import Coding

    words = simulator_words(job.board, uart=job.uart)
    data = {"folder": (job.data or Path("embedded digits")).name or str(job.data), "split": job.split}
    with ExitStack() as stack:
        devices = _devices(out, job, samples, elf, words, stack)
        metering = Metering(job.meter, job.folder, job.idle, out.note) if job.meter else nullcontext()
        advance = stack.enter_context(out.progress(f"streaming to {job.board.id}"))
        with metering:
            run_stream(
                job.network,
                job.board,
                devices,
                samples,
                job.folder,
                trace=job.trace,
                resume=job.resume,
                force=job.force,
                coding=Coding(job.coding),
                worst=job.worst,
                data=data,
                options=run_options(job),
                build=build,
                progress=advance,
                note=out.note,
            )
    return report_run(out, job.folder, command=reproduce(job))


def _devices(
    out: Output, job: Job, samples: list[Sample], elf: Path | None, words: list[str], stack: ExitStack
) -> list[Device]:
    """The boards that a job runs on, greeted; ``stack`` gives them back."""
    from hostctl.results import open_device, patience_for
    from hostctl.stream.find import find_devices, only_one
    from hostctl.transport.emulator import run_board

    ports, running = job.named_ports, None
    if not job.ports and job.board.emulated:
        assert elf is not None
        running = stack.enter_context(run_board(job.board, elf, words))
        ports = (running.port,)
    if ports:
        worse = _worse(job, samples, running, len(ports))
        return [stack.enter_context(open_device(job.network, job.board, port, out.note, worse)) for port in ports]
    if job.chaos is not None:
        raise fail("--chaos", "needs to know the port before it is opened", "Name it with --port")
    found = find_devices(job.network, job.board, patience_for(job.board), out.note)
    devices = found if job.ports else [only_one(found)]
    for device in devices:
        stack.enter_context(device)
        out.note(f"found {job.board.id} at {device.line.name}")
    return devices


def _worse(
    job: Job, samples: list[Sample], running: EmulatedBoard | None, boards: int
) -> Callable[[SerialLine], ChaosLine] | None:
    """What lays chaos over a port, if the job wants any: an emulated board is reset by starting it anew."""
    chaos = job.chaos
    if chaos is None:
        return None
    from hostctl.transport.chaos import ChaosLine

    span = sum(sample.least_bytes(job.network) for sample in samples) // boards

    def worse(line: SerialLine) -> ChaosLine:
        def restart() -> None:
            assert running is not None
            running.restart()
            line.reopen(RESTART_S)

        return ChaosLine(line, chaos, span, line.pulse_reset if running is None else restart)

    return worse


def run_options(job: Job) -> dict[str, Any]:
    """What a run's header tells of how it was made; a run that goes on must have been begun with the same."""
    cores = {"cores": 2, "first_core": job.shares.first} if job.shares else {}
    fast = {"fast": list(job.fast)} if job.fast else {}
    chaos = {"chaos": str(job.chaos)} if job.chaos else {}
    flags = {name: True for name in ("uart", "stable") if getattr(job, name)}
    return {"seed": job.seed} | cores | fast | flags | chaos


def reproduce(job: Job) -> str:
    """The command that repeats a job."""
    words = ["spikec", "run", "--board", job.board.id, "--network", spell(job.network_path), "--split", job.split]
    if job.data is not None:
        words += ["--data", str(job.data)]
    if job.limit is not None:
        words += ["--limit", str(job.limit)]
    if job.shares is not None:
        words += ["--cores", "2", "--first-core", str(job.shares.first)]
    words += [f"--{name}" for name in ("uart", "stable", "worst") if getattr(job, name)]
    if job.coding != "given":
        words += ["--coding", job.coding]
    if job.chaos is not None:
        words += ["--chaos", str(job.chaos)]
    if job.seed:
        words += ["--seed", str(job.seed)]
    if job.tuning is not None:
        words += ["--tuning", str(job.tuning)]
    for layer in job.fast:
        words += ["--fast", layer]
    return shlex.join([*words, "--trace"] if job.trace else words)


def report_run(out: Output, folder: Path, command: str | None = None) -> int:
    """Write the report of a run folder, and say what came of it; exit code 1 when anything differed."""
    from hostctl.report import summary_text, write_report
    from hostctl.results import summarise

    summary = summarise(folder)
    page = write_report(folder, summary, command=command)
    value = {"report": str(page), "summary": summary.to_json()}
    out.result(value, f"{summary_text(summary)}\n\nreport      {page}")
    return 0 if summary.agrees else 1
