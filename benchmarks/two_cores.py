"""One core against two, on the same samples, with equal results: how much faster?

Run ``python benchmarks/two_cores.py`` (a balanced network), or with ``--network NAME --data DATA`` for one of the zoo.

``native`` is measured: wall time of many inferences, one thread and two in turns within one process. The computer is
shared with others, so the best round of each counts, and the median is told beside it.

``mps2_an521`` (two Cortex-M33 under QEMU) gives three figures. With -icount QEMU runs one core after the other, and its
counter counts the instructions of both: that is no parallel time, and is shown to say so. From the instructions of all
stages and steps, counted on one core, follows how long two cores would take that keep the handshake: an estimate. And
with a thread for each core the two run side by side: measured, in the wall time of the emulator.

``--undisturbed`` measures wall time at real-time priority (``chrt``; it needs the right to), for some seconds in all.

Exits with 1 when a result on two cores differs from the one on one core, or from the reference.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from ladder import DRIVER, core_sources  # noqa: E402

from codegen import zoo  # noqa: E402
from codegen.backends.c import Options, network_files  # noqa: E402
from codegen.board import load_board  # noqa: E402
from codegen.ir import Affine, Head, Layer, Network, SnnDc, SpikecError, SpikeFrames, fail, load, simulate_batch  # noqa: E402
from codegen.passes.shares import Shares, share  # noqa: E402
from hostctl.cli.cores import shares_for  # noqa: E402
from hostctl.samples import load_samples  # noqa: E402

FIRMWARE = ROOT / "firmware"
PARTS = FIRMWARE / "parts"
KERNELS = ROOT / "benchmarks" / "kernels"
EMULATED = load_board("mps2_an521")
QEMU = [*EMULATED.emulator[:3], "-nographic", "-monitor", "none", "-serial", "none"]
QEMU += ["-semihosting-config", "enable=on,target=native"]
COUNTED = ["-icount", "shift=6"]
SIDE_BY_SIDE = ["-accel", "tcg,thread=multi"]


@dataclass(frozen=True)
class Job:
    """A network called 'bench', its name for people, its samples as bits (samples, steps, inputs), and the split."""

    network: Network
    name: str
    bits: NDArray[np.bool_]
    shares: Shares


@dataclass(frozen=True)
class Outcome:
    """What the program said: ticks of all samples, by round, on one core and on two; how many results differ.

    ``steps``: ticks (samples, stages, steps) on one core.
    """

    one: NDArray[np.float64]
    two: NDArray[np.float64]
    different: int
    steps: NDArray[np.int64]


# ---- a balanced network ----------------------------------------------------------------------------------------------


def balanced(samples: int, size: int = 768, layers: int = 4, steps: int = 16, rate: float = 0.1) -> Job:
    """Dense layers of one size, of which a tenth fires in each step: thresholds are set layer by layer."""
    random = np.random.default_rng(0)
    bits = random.random((samples, steps, size)) < rate
    made: list[Layer] = []
    spikes = bits
    for i in range(layers):
        weight = random.integers(-15, 16, (size, size)).astype(np.int8)
        sums = spikes.astype(np.int32) @ weight.T.astype(np.int32)
        theta = np.full(size, np.quantile(sums, 1 - rate), np.int32)
        made.append(Layer(f"fc{i + 1}", Affine(weight, np.zeros(size, np.int32), 7), SnnDc(theta)))
        spikes = sums > theta
    head = Head("class", 0, 2, ("a", "b"))
    network = Network("bench", SpikeFrames(1, 1, size), steps, tuple(made), (head,))
    return Job(network, "balanced", bits, share(network, EMULATED))


def from_zoo(name: str, data: Path | None, samples: int) -> Job:
    """A network by name or path, with real samples."""
    path = zoo.network_path(name)
    network = load(path)
    shares = shares_for(network, path, EMULATED, 2, None)
    assert shares is not None
    if data is None:
        raise fail("--data", f"is missing, and {name} needs its data set", "Give its folder with --data or SPIKEC_DATA")
    bits = np.stack([sample.inputs(network) for sample in load_samples(network, data, limit=samples)])
    return Job(replace(network, name="bench"), name, bits, shares)


# ---- build and run ---------------------------------------------------------------------------------------------------


def sources(job: Job, folder: Path) -> list[str]:
    """Write the network's sources; give what both builds have in common: files and flags."""
    for path, text in network_files(job.network, options=Options("bench_network", "bench_network")).items():
        (folder / path).write_text(text)
    defines = [f"-DBENCH_SAMPLES={len(job.bits)}u", f"-DBENCH_STAGES={len(job.network.layers)}u"]
    files = [KERNELS / "two_cores.c", folder / "bench_network.c", *core_sources()]
    includes = [folder, DRIVER, FIRMWARE / "core", PARTS / "cortex_m"]
    return ["-std=c99", "-O2", "-DSPIKEC_CORES=2", *defines, *(f"-I{path}" for path in includes), *map(str, files)]


def native(job: Job, folder: Path) -> list[str]:
    """Compile for this computer; gives the command that runs it."""
    board = FIRMWARE / "boards" / "native"
    files = [board / "second.c", KERNELS / "counter_host.c", DRIVER / "io_host.c"]
    gcc = ["gcc", "-pthread", f"-I{board}", *sources(job, folder), *map(str, files)]
    subprocess.run([*gcc, "-o", str(folder / "native")], check=True)
    return [str(folder / "native")]


def emulated(job: Job, folder: Path) -> list[str]:
    """Compile for the emulated board; gives the command that runs it, without the way of counting time."""
    machine = [f"-mcpu={EMULATED.core}", "-mthumb", "-nostdlib", "-ffreestanding", f"-L{PARTS / 'cortex_m'}"]
    machine += ["-T", str(EMULATED.folder / "link.ld"), f"-I{EMULATED.folder}", f"-I{PARTS / 'freestanding'}"]
    files = [EMULATED.folder / "second.c", PARTS / "cmsdk_timer" / "cmsdk_timer.c", DRIVER / "io_semihost.c"]
    files += [PARTS / "cortex_m" / "startup.c", PARTS / "freestanding" / "memory.c"]
    gcc = ["arm-none-eabi-gcc", *machine, *sources(job, folder), *map(str, files), "-lgcc"]
    subprocess.run([*gcc, "-o", str(folder / "emulated.elf")], check=True)
    return [*QEMU, "-kernel", str(folder / "emulated.elf")]


def measure(job: Job, command: Sequence[str], folder: Path, rounds: int) -> Outcome:
    """Run the program, hold its results to the reference, and read what it counted."""
    packed = np.packbits(job.bits, axis=-1, bitorder="little")
    head = np.array([rounds, job.shares.first], "<u4")
    (folder / "input.bin").write_bytes(head.tobytes() + packed.tobytes())
    subprocess.run(command, cwd=folder, check=True, timeout=600)
    said = np.fromfile(folder / "output.bin", "<u4").astype(np.int64)
    stages, steps = len(job.network.layers), job.network.steps
    times, different = said[: 2 * rounds].reshape(rounds, 2), int(said[2 * rounds])
    ticks, spikes = said[2 * rounds + 1 :].reshape(len(job.bits), 2, stages, steps).swapaxes(0, 1)
    wrong = np.any(spikes != simulate_batch(job.network, job.bits).layer_spikes, (1, 2))
    one, two = times.T.astype(float)
    return Outcome(one, two, different + int(np.sum(wrong)), ticks)


# ---- how long two cores would take -----------------------------------------------------------------------------------


def schedule(ticks: NDArray[np.int64], split: int) -> int:
    """When the last step of one sample is done, if both cores run at once; ``ticks`` are (stages, steps).

    Each core takes the last of its stages that is ready, and a stage is ready as the handshake says: its producer has
    done the step, and its consumer has taken the step before the last. The input is there at once.
    """
    stages, steps = ticks.shape
    done = np.zeros(stages, int)  # steps of each stage that have been started,
    ends = [[0] * steps for _ in range(stages)]  # and when each of them ends
    free = [0, 0]
    while done[-1] < steps:
        options = []
        for core, (first, stop) in enumerate(((0, split), (split, stages))):
            left = [stage for stage in range(first, stop) if done[stage] < steps]
            starts = [(_start(ends, done, stage, free[core]), -stage) for stage in left]
            ready = [start for start in starts if start[0] >= 0]
            options += [(*min(ready), core)] if ready else []
        start, negative, core = min(options)
        stage = -negative
        ends[stage][done[stage]] = free[core] = start + int(ticks[stage, done[stage]])
        done[stage] += 1
    return ends[-1][-1]


def _start(ends: list[list[int]], done: NDArray[np.int64], stage: int, free: int) -> int:
    """When a stage's next step can start; -1: what it waits for has not been started itself."""
    step = int(done[stage])
    waits = [free]
    if stage > 0:
        if done[stage - 1] <= step:
            return -1
        waits.append(ends[stage - 1][step])
    if stage + 1 < len(ends) and step >= 2:
        if done[stage + 1] <= step - 2:
            return -1
        waits.append(ends[stage + 1][step - 2])
    return max(waits)


def estimate(job: Job, outcome: Outcome) -> tuple[float, float]:
    """Ticks of all samples on one core, and on two as scheduled; what is no stage's the first core does before."""
    one = float(np.median(outcome.one))
    beside = one - float(outcome.steps.sum())
    return one, beside + sum(schedule(sample, job.shares.first) for sample in outcome.steps)


# ---- report ----------------------------------------------------------------------------------------------------------


def wall(what: str, outcome: Outcome, samples: int, microseconds: float) -> None:
    """A line about measured times."""
    one, two = (microseconds / samples * times for times in (outcome.one, outcome.two))
    print(f"{what:<36}{one.min():>8,.1f} us{two.min():>10,.1f} us{one.min() / two.min():>8.2f}", end="")
    print(f"   (medians {np.median(one):,.1f} and {np.median(two):,.1f}: {np.median(one) / np.median(two):.2f})")


def run(job: Job, rounds: int, before: Sequence[str]) -> int:
    """Measure, print, and say how many results differed; ``before``: words in front of commands that are timed."""
    sizes = "-".join(str(size) for size in (job.network.in_size, *(layer.size for layer in job.network.layers)))
    print(f"{job.name} {sizes}, {job.network.steps} steps, {len(job.bits)} samples; {job.shares.text(job.network)}")
    print(f"{'an inference':<36}{'one core':>11}{'two cores':>13}{'times':>8}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        here = measure(job, [*before, *native(job, folder)], folder, rounds)
        wall("native, wall time, measured", here, len(job.bits), 1e-3)
        command = emulated(job, folder)
        counted = measure(job, [*command, *COUNTED], folder, 3)
        instructions(job, counted)
        beside = measure(job, [*before, *command, *SIDE_BY_SIDE], folder, max(3, rounds // 10))
        wall("mps2_an521, emulator's wall time", beside, len(job.bits), 1e6 / EMULATED.clock_hz)
    different = here.different + counted.different + beside.different
    print(f"results that differ from one core's or the reference's: {different}\n")
    return different


def instructions(job: Job, outcome: Outcome) -> None:
    """Lines about instructions: what two cores would take, and what the counter says."""
    per = 1 / EMULATED.counter.ticks_per_unit / len(job.bits)
    one, two = (per * ticks for ticks in estimate(job, outcome))
    both = per * float(np.median(outcome.two))
    print(f"{'mps2_an521, instructions, estimated':<36}{one:>11,.0f}{two:>13,.0f}{one / two:>8.2f}")
    print(f"{'mps2_an521, of both cores, counted':<36}{one:>11,.0f}{both:>13,.0f}{'-':>8}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", action="append", help="name or .spk file [a balanced network]")
    parser.add_argument("--data", type=Path, default=os.environ.get("SPIKEC_DATA"), help="data folder [$SPIKEC_DATA]")
    parser.add_argument("--samples", type=int, default=10, help="samples [10]")
    parser.add_argument("--rounds", type=int, default=50, help="rounds on this computer [50]")
    parser.add_argument("--undisturbed", action="store_true", help="measure wall time at real-time priority")
    options = parser.parse_args(arguments)
    try:
        if options.network:
            jobs = [from_zoo(name, options.data, options.samples) for name in options.network]
        else:
            jobs = [balanced(options.samples)]
        before = ["chrt", "--rr", "1"] if options.undisturbed else []
        return 1 if sum(run(job, options.rounds, before) for job in jobs) else 0
    except SpikecError as error:
        print("\n".join(map(str, error.problems)), file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
