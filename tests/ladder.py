"""The ladder: random networks, what the reference says of them, and generated C that must say the same.

A rung takes networks with their samples and returns what it saw, an ``Observed`` a sample. ``compare`` holds a rung to
``codegen.ir.reference``: every spike and every membrane of every layer and step, and every figure derived from them.
"""

from __future__ import annotations

import json
import struct
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import naive
import numpy as np
from numpy.typing import NDArray

from codegen.backends.c import Options, network_files, project_plan
from codegen.board import Board, load_board
from codegen.ir import (
    Affine,
    Conv2d,
    Encoding,
    EventBinning,
    Events,
    Head,
    Layer,
    MaxPool2d,
    Network,
    SnnCt,
    SnnDc,
    SpikeFrames,
    answers,
    find_problems,
    make_events,
    simulate,
)
from codegen.ir.network import layer_arrays
from codegen.ir.neurons.base import Neuron
from codegen.passes.layouts import formats
from codegen.plan import write
from codegen.resources import folder
from hostctl import samples as streamed
from hostctl.build import build
from hostctl.stream import EMULATED, Device, DeviceResult, stream
from hostctl.transport.emulator import run_board

NEURONS = (SnnDc, SnnCt)
"""The neuron models that random networks are made of."""

INT32 = np.iinfo(np.int32)
DRIVER = Path(__file__).parent / "firmware" / "driver"
BIG_ENDIAN = ("powerpc-linux-gnu-gcc", "qemu-ppc")
"""Compiler and emulator of a machine that has its bytes the other way round."""
TWO_CORES = "-DSPIKEC_CORES=2"
"""Compiler flag of programs that share a network's stages between two cores."""
STRICT = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-Wconversion", "-Wshadow"]

# ---- random networks -------------------------------------------------------------------------------------------------


def random_network(seed: int, largest: int = 300) -> Network:
    """A sound network of 1 to 4 layers and up to ``largest`` neurons each, drawn from all that spikec allows."""
    random = np.random.default_rng([seed, 7])
    while True:
        network = _draw(random, f"net{seed}", largest)
        if not find_problems(network):  # Extreme thresholds and biases may need more than 32 bits: draw again.
            return network


def _draw(random: np.random.Generator, name: str, largest: int) -> Network:
    encoding = _draw_encoding(random, largest)
    steps = int(random.integers(1, 33))
    sizes = [_size(random, largest) for _ in range(random.integers(1, 5))]
    inputs = [encoding.size, *sizes]
    layers = [_draw_layer(random, f"layer{i}", inputs[i], size) for i, size in enumerate(sizes)]
    readout = random.choice(["count", "first_spike", "membrane"])
    return Network(name, encoding, steps, tuple(layers), _draw_heads(random, sizes[-1]), readout)


def random_conv_network(seed: int, largest: int = 1200) -> Network:
    """A sound network of convolutions and pooling, with or without dense layers behind, on small pictures."""
    random = np.random.default_rng([seed, 13])
    while True:
        network = _draw_conv(random, f"conv{seed}", largest)
        if network is not None and not find_problems(network):
            return network


def _draw_conv(random: np.random.Generator, name: str, largest: int) -> Network | None:
    """A network, or None where a picture has become too small or a layer too large."""
    encoding = _draw_picture(random)
    layers: list[Layer] = []
    shape: tuple[int, ...] = encoding.shape
    for _ in range(random.integers(1, 4)):
        bits = int(random.integers(2, 9))
        kernel = random.integers(1, 6, 2) if random.random() < 0.3 else [random.integers(1, 6)] * 2
        weight = _draw_weights(random, (_channels(random), int(kernel[0]), int(kernel[1]), shape[2]), bits)
        bias, _ = _draw_constants(random, weight, bits, len(weight))
        stride, padding = int(random.choice([1, 1, 2])), int(random.integers(0, 3))
        conv = Conv2d(weight, bias, bits, shape[0], shape[1], stride, padding)
        if conv.problems("") or conv.out_size > largest:
            return None
        layers.append(Layer(f"layer{len(layers)}", conv, _neurons(random, conv)))
        shape = conv.out_shape
        if random.random() < 0.5:
            pooling = MaxPool2d(*shape, kernel=int(random.integers(2, 4)), stride=int(random.choice([1, 2, 2, 3])))
            if pooling.problems(""):
                return None
            layers.append(Layer(f"layer{len(layers)}", pooling, None))
            shape = pooling.out_shape
    for _ in range(random.integers(layers[-1].neuron is None, 3)):
        layers.append(_draw_layer(random, f"layer{len(layers)}", layers[-1].size, _size(random, 60)))
    readout = random.choice(["count", "first_spike", "membrane"])
    steps = int(random.integers(1, 10))
    return Network(name, encoding, steps, tuple(layers), _draw_heads(random, layers[-1].size), readout)


def _draw_picture(random: np.random.Generator) -> Encoding:
    rows, columns = (int(side) for side in random.integers(2, 15, 2))
    if random.random() < 0.6:
        return SpikeFrames(int(random.integers(1, 4)), rows, columns)
    polarity = random.choice(["on", "off", "both", "both", "merged"])
    return EventBinning(columns, rows, polarity, bin_us=1000, downsample=int(random.choice([1, 1, 2])))


def _channels(random: np.random.Generator) -> int:
    """Up to 20, words of four and lanes of eight among them."""
    return int(random.choice([1, 2, 3, 4, 5, 8, 12, 16, 17, 20]))


def _neurons(random: np.random.Generator, conv: Conv2d) -> Neuron:
    """Neurons for a convolution: one threshold for all, one a channel or one a neuron."""
    size = len(conv.weight) if random.random() < 0.3 else conv.out_size
    _, theta = _draw_constants(random, conv.weight, conv.bits, size)
    theta = np.tile(theta, conv.out_size // size)
    return NEURONS[int(random.integers(len(NEURONS)))](theta)


def _size(random: np.random.Generator, largest: int) -> int:
    """Sizes of all magnitudes, the edges of words and lanes among them."""
    edges = [1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, largest]
    if random.random() < 0.3:
        return min(largest, int(random.choice(edges)))
    return int(np.exp(random.uniform(0, np.log(largest + 1))))


def _draw_encoding(random: np.random.Generator, largest: int) -> Encoding:
    if random.random() < 0.5:
        return SpikeFrames(1, 1, _size(random, largest))
    side = max(1, int(np.sqrt(_size(random, largest))))
    return EventBinning(
        width=side,
        height=int(random.integers(1, side + 1)),
        polarity=random.choice(["on", "off", "both", "merged"]),
        start_us=int(random.choice([0, 1, 5000])),
        bin_us=int(random.choice([1, 7, 1000, 6250])),
        downsample=int(random.integers(1, 4)),
    )


def _draw_layer(random: np.random.Generator, name: str, inputs: int, size: int) -> Layer:
    bits = int(random.integers(2, 9))
    weight = _draw_weights(random, (size, inputs), bits)
    bias, theta = _draw_constants(random, weight, bits, size)
    neuron = NEURONS[int(random.integers(len(NEURONS)))]
    return Layer(name, Affine(weight, bias, bits), neuron(theta))


def _draw_weights(random: np.random.Generator, shape: tuple[int, ...], bits: int) -> NDArray[np.int8]:
    limit = 2 ** (bits - 1) - 1
    weight = random.integers(-limit, limit + 1, shape).astype(np.int8)
    weight[random.random(weight.shape) < random.choice([0.0, 0.3, 0.9, 1.0], p=[0.5, 0.3, 0.17, 0.03])] = 0
    if random.random() < 0.15:
        weight = np.abs(weight) if random.random() < 0.5 else -np.abs(weight)
    return weight


def _draw_constants(
    random: np.random.Generator, weight: NDArray[np.int8], bits: int, size: int
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """``size`` biases and thresholds around the size of the sums that weights (out, ...) of so many bits make."""
    spread = int((2 ** (bits - 1) - 1) * np.sqrt(weight[0].size)) + 1
    bias = _draw_values(random, size, spread, [0, -spread, 40_000, -1_000_000, 1_000_000])
    extremes = [0, -1, 32_767, 32_768, -32_768, -32_769, INT32.max, INT32.min]
    return bias, _draw_values(random, size, spread, extremes)


def _draw_values(random: np.random.Generator, size: int, spread: int, extremes: list[int]) -> NDArray[np.int32]:
    """One value for all, or one for each; mostly around the size of the sums, sometimes extreme."""
    if random.random() < 0.5:
        values = np.full(size, random.integers(-spread // 4, spread + 1))
    else:
        values = random.integers(-spread // 4, spread + 1, size)
    if random.random() < 0.25:
        values[random.random(size) < random.choice([0.2, 1.0])] = random.choice(extremes)
    return values.astype(np.int32)


def _draw_heads(random: np.random.Generator, size: int) -> tuple[Head, ...]:
    cut = int(random.integers(0, size))
    spans = [(0, size)] if cut == 0 else [(0, cut), (cut, size)]
    return tuple(
        Head(f"head{i}", start, stop, tuple(map(str, range(stop - start)))) for i, (start, stop) in enumerate(spans)
    )


# ---- random samples --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sample:
    """Input of one run: ``spikes`` bool (steps, inputs); ``events`` if it goes in as events."""

    spikes: NDArray[np.bool_]
    events: Events | None = None


def random_sample(network: Network, seed: int) -> Sample:
    """Spikes of any density from 0 to 100 %, as events where the network takes them (mostly)."""
    random = np.random.default_rng([seed, 11])
    if isinstance(network.encoding, EventBinning) and random.random() < 0.8:
        events = _random_events(random, network.encoding, network.steps)
        return Sample(network.encoding.encode(events, network.steps), events)
    density = random.choice([0.0, 0.02, 0.1, 0.5, 1.0])
    return Sample(random.random((network.steps, network.in_size)) < density)


def _random_events(random: np.random.Generator, encoding: EventBinning, steps: int) -> Events:
    """Events of both polarities, some before and some after the window."""
    count = int(random.integers(0, 4 * steps * max(1, encoding.size // 8)))
    end = encoding.start_us + steps * encoding.bin_us
    times = np.sort(random.integers(0, end + end // 4 + 1, count))
    return make_events(
        random.integers(0, encoding.width, count),
        random.integers(0, encoding.height, count),
        times,
        random.integers(0, 2, count),
    )


# ---- what a rung sees ------------------------------------------------------------------------------------------------


@dataclass
class Observed:
    """One sample as a rung saw it; lists have an entry a layer. What a rung cannot see stays None."""

    spikes: list[NDArray[np.bool_]]
    membranes: list[NDArray[np.int32]]
    synops: list[int] | None = None
    ticks: list[int] | None = None
    layer_spikes: NDArray[np.int64] | None = None
    counts: NDArray[np.int64] | None = None
    answers: list[int] | None = None
    early_answers: dict[int, list[int]] = field(default_factory=dict)


Case = tuple[Network, list[Sample]]
Rung = Callable[[Sequence[Case]], list[list[Observed]]]
"""From networks with samples to what happened, in the same order."""


def random_cases(seeds: Sequence[int], samples: int = 2, make: Callable[[int], Network] = random_network) -> list[Case]:
    """Networks with samples, by seeds."""
    networks = [make(seed) for seed in seeds]
    return [
        (network, [random_sample(network, 1000 * seed + i) for i in range(samples)])
        for seed, network in zip(seeds, networks, strict=True)
    ]


def compare(cases: Sequence[Case], seen: list[list[Observed]]) -> list[str]:
    """Every difference from the reference, in words; an empty list when all is equal."""
    found: list[str] = []
    for (network, samples), observed in zip(cases, seen, strict=True):
        for number, (sample, one) in enumerate(zip(samples, observed, strict=True)):
            found += [f"{network.name}, sample {number}: {what}" for what in _differences(network, sample, one)]
    return found


def _differences(network: Network, sample: Sample, seen: Observed) -> Iterator[str]:
    trace = simulate(network, sample.spikes)
    inputs = [sample.spikes, *trace.spikes]
    for i, layer in enumerate(network.layers):
        wrong = int(np.count_nonzero(trace.spikes[i] != seen.spikes[i]))
        if wrong:
            yield f"{layer.name}: {wrong} spikes differ"
        wrong = int(np.count_nonzero(trace.membranes[i] != seen.membranes[i]))
        if wrong:
            yield f"{layer.name}: {wrong} membranes differ"
        if seen.synops is not None and seen.synops[i] != naive.synops(layer.connection, inputs[i]):
            yield f"{layer.name}: {seen.synops[i]} synaptic operations"
        if seen.ticks is not None and seen.ticks[i] != network.steps:
            yield f"{layer.name}: {seen.ticks[i]} ticks for {network.steps} steps"
        if seen.layer_spikes is not None and np.any(seen.layer_spikes[i] != trace.spikes[i].sum(axis=1)):
            yield f"{layer.name}: numbers of spikes differ"
    if seen.counts is not None and np.any(seen.counts != trace.spikes[-1].sum(axis=0)):
        yield "output counts differ"
    expected = answers(network, trace.spikes[-1], trace.membranes[-1])
    all_answers = dict(seen.early_answers)
    if seen.answers is not None:
        all_answers[network.steps] = seen.answers
    for step, given in all_answers.items():
        if given != [int(expected[head.name][step - 1]) for head in network.heads]:
            yield f"answers after {step} steps are {given}"


# ---- generated C -----------------------------------------------------------------------------------------------------


def write_sources(networks: Sequence[Network], target: Path) -> list[Path]:
    """Generate all networks into one folder, with their list for the driver; returns the C files.

    Weights get any of the formats that hold them.
    """
    target.mkdir(parents=True, exist_ok=True)
    for network in networks:
        symbol, random = f"{network.name}_network", np.random.default_rng(list(network.name.encode()))
        drawn = {layer.name: str(random.choice(formats(layer))) for layer in network.layers}
        for path, text in network_files(network, options=Options(symbol, symbol), formats=drawn).items():
            (target / path).write_text(text)
    includes = "".join(f'#include "{network.name}_network.h"\n' for network in networks)
    listed = "".join(f"    &{network.name}_network,\n" for network in networks)
    declared = "extern const spikec_network_t *const networks[];\nextern const uint32_t network_count;\n"
    text = f"{includes}\n{declared}const spikec_network_t *const networks[] = {{\n{listed}}};\n"
    (target / "list.c").write_text(f"{text}const uint32_t network_count = {len(networks)}u;\n")
    return [target / "list.c", *(target / f"{network.name}_network.c" for network in networks)]


def core_sources() -> list[Path]:
    """The runtime's C files."""
    return sorted((folder("firmware") / "core").glob("*.c"))


def compile_host(
    networks: Sequence[Network], target: Path, flags: Sequence[str] = ("-O2",), compiler: str = "gcc"
) -> Path:
    """The driver with these networks as a program of this computer (or of what ``compiler`` compiles for)."""
    sources = [*write_sources(networks, target), *core_sources(), DRIVER / "driver.c", DRIVER / "io_host.c"]
    sources += [DRIVER / "second.c"] if TWO_CORES in flags else []
    command = [compiler, *STRICT, *flags, *_includes(target), *map(str, sources), "-o", str(target / "driver")]
    _run(command, target)
    return target / "driver"


def compile_arm(
    networks: Sequence[Network], target: Path, flags: Sequence[str] = ("-O2",), board_id: str = "mps2_an386"
) -> Path:
    """The driver with these networks as a program of an emulated Arm board."""
    board, parts = load_board(board_id), folder("firmware") / "parts"
    start = [parts / "cortex_m" / "startup.c", parts / "freestanding" / "memory.c"]
    sources = [*write_sources(networks, target), *core_sources(), *start, DRIVER / "driver.c", DRIVER / "io_semihost.c"]
    machine = [*cpu_flags(board_id), "-nostdlib"]
    machine += [f"-L{parts / 'cortex_m'}", "-T", str(board.folder / "link.ld"), f"-I{parts / 'freestanding'}"]
    gcc = ["arm-none-eabi-gcc", *STRICT, *flags, *machine, *_includes(target)]
    _run([*gcc, *map(str, sources), "-lgcc", "-o", str(target / "driver.elf")], target)
    return target / "driver.elf"


def cpu_flags(board_id: str) -> list[str]:
    """What PlatformIO tells the compiler of the CPU of an emulated board."""
    path = folder("firmware") / "platform" / "spikec_emulated" / "boards" / f"{board_id}.json"
    flags: list[str] = json.loads(path.read_text())["build"]["cpu_flags"]
    return flags


def host_rung(target: Path, flags: Sequence[str] = ("-O2",)) -> Rung:
    """Generated C on this computer."""
    return lambda cases: _drive(cases, target, [str(compile_host([n for n, _ in cases], target, flags))])


def arm_rung(target: Path, flags: Sequence[str] = ("-O2",), board_id: str = "mps2_an386") -> Rung:
    """Generated C on an Arm board that QEMU emulates."""
    emulator = [*load_board(board_id).emulator[:3], "-nographic", "-monitor", "none", "-serial", "none"]
    emulator += ["-semihosting-config", "enable=on,target=native", "-kernel"]

    def rung(cases: Sequence[Case]) -> list[list[Observed]]:
        elf = compile_arm([network for network, _ in cases], target, flags, board_id)
        return _drive(cases, target, [*emulator, str(elf)])

    return rung


def big_endian_rung(target: Path) -> Rung:
    """Generated C as a program of a big-endian PowerPC, run by QEMU."""

    def rung(cases: Sequence[Case]) -> list[list[Observed]]:
        driver = compile_host([n for n, _ in cases], target, ("-O2", "-static"), BIG_ENDIAN[0])
        return _drive(cases, target, [BIG_ENDIAN[1], str(driver)])

    return rung


# ---- the whole device ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Ready(streamed.Sample):
    """A sample whose spikes are there already."""

    spikes: NDArray[np.bool_] | None = None

    def packed_frames(self) -> NDArray[np.uint8]:
        """See ``hostctl.samples.Sample``."""
        assert self.spikes is not None
        return np.packbits(self.spikes, axis=-1, bitorder="little")


def device_rung(target: Path, compiler: str = "gcc", emulator: str = "") -> Rung:
    """The whole native firmware as a process, spoken to over its line by the host's protocol, with traces.

    With another compiler, ``emulator`` runs the process.
    """
    gcc = [compiler, "-static"] if emulator else [compiler]
    board = load_board("native")
    if emulator:
        board = replace(board, emulator=(emulator, *board.emulator))

    def rung(cases: Sequence[Case]) -> list[list[Observed]]:
        objects = _device_objects(target / "common", gcc)
        return [_stream(network, samples, target / network.name, objects, gcc, board) for network, samples in cases]

    return rung


def emulated_rung(target: Path, board: Board) -> Rung:
    """The whole firmware on an emulated board, built by PlatformIO and spoken to over its line, with traces."""

    def rung(cases: Sequence[Case]) -> list[list[Observed]]:
        return [_on_board(network, samples, target / network.name, board) for network, samples in cases]

    return rung


def _on_board(network: Network, samples: Sequence[Sample], target: Path, board: Board) -> list[Observed]:
    write(project_plan(network, board), target)
    return on_board(board, build(target, board).elf, network, samples)


DEVICE = [f"-I{folder('firmware') / part}" for part in ("core", "protocol", "hal", "boards/native")]


def _device_objects(target: Path, gcc: Sequence[str]) -> list[str]:
    """All of the native firmware that does not depend on the network, compiled."""
    target.mkdir(parents=True)
    places = [folder("firmware") / part for part in ("core", "protocol", "boards/native")]
    sources = [str(path) for place in places for path in sorted(place.glob("*.c"))]
    _run([*gcc, "-std=c99", "-O2", *DEVICE, "-c", *sources], target)
    return sorted(map(str, target.glob("*.o")))


def _stream(
    network: Network, samples: Sequence[Sample], target: Path, objects: Sequence[str], gcc: Sequence[str], board: Board
) -> list[Observed]:
    write(project_plan(network, board), target)
    own = [f"src/{name}.c" for name in ("main", "network")]
    _run([*gcc, "-std=c99", "-O2", "-Isrc", *DEVICE, *own, *objects, "-o", "device"], target)
    return on_board(board, target / "device", network, samples)


def on_board(board: Board, elf: Path, network: Network, samples: Sequence[Sample]) -> list[Observed]:
    """What the board's firmware says of the samples over its line, with traces."""
    queue = [_Ready(i, str(i), {}, one.events, spikes=one.spikes) for i, one in enumerate(samples)]
    with run_board(board, elf) as running, Device.open(running.port, network, patience=EMULATED) as device:
        results = {result.index: result for result in stream(device, queue, trace=True)}
    return [_of_device(network, results[i]) for i in range(len(samples))]


def _of_device(network: Network, result: DeviceResult) -> Observed:
    assert result.trace is not None
    if np.any(result.trace.spikes[-1] != result.spikes) or np.any(result.trace.membranes[-1][-1] != result.membranes):
        raise AssertionError(f"{network.name}: the result is another than the trace")
    return Observed(
        result.trace.spikes,
        result.trace.membranes,
        synops=list(result.synops),
        layer_spikes=result.layer_spikes,
        answers=[result.answers[head.name] for head in network.heads],
    )


def in_batches(make: Callable[[Path], Rung], target: Path, weights: int = 2_000_000) -> Rung:
    """The same rung, a few networks at a time, so that their tables fit the emulated board's memory."""

    def rung(cases: Sequence[Case]) -> list[list[Observed]]:
        seen: list[list[Observed]] = []
        for number, batch in enumerate(_split(cases, weights)):
            seen += make(target / f"batch{number}")(batch)
        return seen

    return rung


def _split(cases: Sequence[Case], weights: int) -> Iterator[list[Case]]:
    batch: list[Case] = []
    size = 0
    for case in cases:
        tables = sum(array.size for layer in case[0].layers for array in layer_arrays(layer).values())
        own = tables + sum(16 * layer.connection.in_size for layer in case[0].layers)
        if batch and size + own > weights:
            yield batch
            batch, size = [], 0
        batch.append(case)
        size += own
    if batch:
        yield batch


def _includes(target: Path) -> list[str]:
    return [f"-I{target}", f"-I{DRIVER}", f"-I{folder('firmware') / 'core'}"]


def _run(command: Sequence[str], cwd: Path) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=600)
    if done.returncode != 0:
        raise AssertionError(f"{command[0]} failed with {done.returncode}:\n{done.stderr[-4000:]}")


# ---- the driver's files ----------------------------------------------------------------------------------------------


def _drive(cases: Sequence[Case], target: Path, command: list[str]) -> list[list[Observed]]:
    data = b"".join(
        _pack(index, number, sample)
        for index, (_, samples) in enumerate(cases)
        for number, sample in enumerate(samples)
    )
    (target / "input.bin").write_bytes(data)
    _run(command, target)
    reader = _Reader((target / "output.bin").read_bytes())
    seen = [[_read_sample(network, reader) for _ in samples] for network, samples in cases]
    if reader.at != len(reader.data):
        raise AssertionError("the driver wrote more than one result a sample")
    return seen


def _pack(index: int, number: int, sample: Sample) -> bytes:
    if sample.events is None:
        payload = np.packbits(sample.spikes, axis=1, bitorder="little").tobytes()
    else:
        packed = np.zeros(len(sample.events), np.dtype([("x", "<u2"), ("y", "<u2"), ("p", "u1"), ("t", "<u4")]))
        for name in "xypt":
            packed[name] = sample.events[name]
        payload = packed.tobytes()
    seed = (index * 7919 + number * 104_729 + 12_345) & 0xFFFFFFFF
    return struct.pack("<HBII", index, sample.events is not None, seed, len(payload)) + payload


@dataclass
class _Reader:
    data: bytes
    at: int = 0

    def take(self, dtype: str, count: int) -> NDArray[np.int64]:
        values = np.frombuffer(self.data, dtype, count, self.at)
        self.at += values.nbytes
        return values.astype(np.int64)

    def one(self, dtype: str) -> int:
        return int(self.take(dtype, 1)[0])


def _read_sample(network: Network, reader: _Reader) -> Observed:
    sizes = [layer.size for layer in network.layers]
    spikes = [np.zeros((network.steps, size), np.bool_) for size in sizes]
    membranes = [np.zeros((network.steps, layer.theta.size), np.int32) for layer in network.layers]
    early: dict[int, list[int]] = {}
    steps_seen: set[tuple[int, int]] = set()
    while (tag := chr(reader.one("u1"))) != "R":
        if tag == "A":
            step = reader.one("<u2")
            early[step] = reader.take("<i2", len(network.heads)).tolist()
        elif tag == "S":
            stage, step = reader.one("u1"), reader.one("<u2")
            steps_seen.add((stage, step))
            words = reader.take("<u4", -(-sizes[stage] // 32)).astype("<u4")
            bits = np.unpackbits(words.view(np.uint8), bitorder="little").astype(np.bool_)
            if np.any(bits[sizes[stage] :]):
                raise AssertionError(f"{network.name}: unused bits are set in stage {stage}")
            spikes[stage][step] = bits[: sizes[stage]]
            membranes[stage][step] = reader.take("<i4", membranes[stage].shape[1])
        else:
            raise AssertionError(f"{network.name}: the runtime refused the input with {reader.one('<i4')}")
    if len(steps_seen) != network.steps * len(sizes):
        raise AssertionError(f"{network.name}: {len(steps_seen)} steps of stages were seen")
    return _read_result(network, reader, Observed(spikes, membranes, early_answers=early))


def _read_result(network: Network, reader: _Reader, seen: Observed) -> Observed:
    stages = len(network.layers)
    seen.synops, seen.ticks = [], []
    for _ in range(stages):
        seen.synops.append(reader.one("<u8"))
        seen.ticks.append(reader.one("<u4"))
    seen.layer_spikes = reader.take("<u2", stages * network.steps).reshape(stages, network.steps)
    seen.counts = reader.take("<u2", network.out_size)
    seen.answers = reader.take("<i2", len(network.heads)).tolist()
    return seen
