"""Programs that count their own instructions on the emulated Cortex-M4 (``mps2_an386``), built and run.

Counts are QEMU's (``-icount``), read by the programs from the CMSDK timer: exact and repeatable, but no cycles.
"""

from __future__ import annotations

import configparser
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.dense.arithmetic import Bytes, DenseLayer, DenseNetwork
from benchmarks.dense.cmsis import HINT, Checkout
from benchmarks.dense.pack import doubled_biases, packable, packed_weights
from codegen import plan
from codegen.backends.c import project_plan
from codegen.board import Board, load_board
from codegen.ir import Layer, Network, SpikecError, fail, simulate_batch
from codegen.ir.layers.affine import Affine
from hostctl.doctor import missing_for

ROOT = Path(__file__).resolve().parent.parent.parent
KERNELS = ROOT / "benchmarks" / "kernels"
DRIVER = ROOT / "tests" / "firmware" / "driver"
PARTS = ROOT / "firmware" / "parts"
BOARD = "mps2_an386"
TIMEOUT_S = 600
TWO_ROWS, PACKED, CMSIS_NN = "two rows", "packed", "CMSIS-NN"
"""The dense kernels: CMSIS-NN's way in our words, our best one, and CMSIS-NN itself."""
FAST = ("-Ofast",)
"""What dense kernels are built with."""
GCC = "It was tested with gcc 12 (apt-get install gcc-arm-none-eabi)"
DIFFERENT = {
    4: "arm_fully_connected_s8 refuses the layer: it does not return ARM_CMSIS_NN_SUCCESS",
    5: "the plain loop has another number of spikes than the generated code",
}
"""Statuses that the programs stop with."""
Counts = NDArray[np.float64]


def board() -> Board:
    """The board that all is counted on. Raises SpikecError with what is missing to build for it or to emulate it."""
    found = load_board(BOARD)
    lacking = missing_for(found)
    if lacking:
        raise SpikecError(lacking)
    return found


# ---- building and running --------------------------------------------------------------------------------------------


def compile_program(
    sources: Sequence[Path], flags: Sequence[str], target: Path, *, linker: Path, what: str, hint: str = GCC
) -> Path:
    """Build a program for the board, its start-up code among ``sources``; ``linker``: folder of the linker scripts.

    Raises SpikecError with the compiler's first complaints; ``what`` says whose sources these are, ``hint`` what to do.
    """
    machine = ["-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=soft", "-nostdlib", "-ffreestanding"]
    machine += ["-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections"]
    script = [f"-L{linker}", f"-L{PARTS / 'cortex_m'}", "-T", str(board().folder / "link.ld")]
    command = ["arm-none-eabi-gcc", *machine, *flags, *script, *map(str, sources), "-lgcc", "-o", "program.elf"]
    done = subprocess.run(command, cwd=target, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if "error" in line or "undefined" in line]
        raise fail(what, "does not build: " + "; ".join(lines[:3] or done.stderr.splitlines()[-3:]), hint)
    return target / "program.elf"


def run_program(elf: Path, data: bytes) -> bytes:
    """Run a program on ``data``; returns what it wrote.

    Raises ArithmeticError when it found a difference itself, RuntimeError when it broke down.
    """
    folder = elf.parent
    (folder / "input.bin").write_bytes(data)
    emulator = [*load_board(BOARD).emulator[:3], "-icount", "shift=6,sleep=off", "-nographic", "-monitor", "none"]
    emulator += ["-serial", "none", "-semihosting-config", "enable=on,target=native", "-kernel", str(elf)]
    done = subprocess.run(emulator, cwd=folder, capture_output=True, text=True, check=False, timeout=TIMEOUT_S)
    if done.returncode in DIFFERENT:
        raise ArithmeticError(DIFFERENT[done.returncode])
    if done.returncode != 0:
        raise RuntimeError(f"{elf} stopped with {done.returncode} {done.stderr[-500:]}")
    return (folder / "output.bin").read_bytes()


def instructions(ticks: NDArray[np.int64] | Counts) -> Counts:
    """Ticks of the timer as instructions."""
    found: Counts = ticks / load_board(BOARD).counter.ticks_per_unit
    return found


def words(array: NDArray[np.int32] | NDArray[np.uint32]) -> bytes:
    """The bytes of an array of 32-bit numbers, as the board has them."""
    return array.astype("<u4" if array.dtype == np.uint32 else "<i4").tobytes()


def write_tables(folder: Path, tables: dict[str, bytes]) -> Path:
    """Write tables as files, and an assembler source that makes symbols of them: long arrays are slow to compile."""
    lines = ['    .section .rodata.tables, "a"']
    for name, data in tables.items():
        (folder / f"{name}.bin").write_bytes(data)
        lines += ["    .balign 8", f"    .global {name}", f"{name}:", f'    .incbin "{name}.bin"']
    source = folder / "tables.S"
    source.write_text("\n".join(lines) + "\n")
    return source


# ---- dense networks --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DenseCount:
    """What a kernel took for n inputs, in instructions: ``whole`` (n,), answer included; ``layers`` (n, layers)."""

    whole: Counts
    layers: Counts


def count_dense(
    network: DenseNetwork, inputs: Bytes, folder: Path, cmsis: Checkout | None = None
) -> dict[str, DenseCount]:
    """Run a dense network on ``inputs`` (n, in) by every kernel that can; checks every output byte.

    Raises SpikecError when a checkout of CMSIS-NN does not build, and ArithmeticError for an output that differs.
    """
    kernels = [TWO_ROWS]
    if all(map(packable, network.layers)) and inputs.min() >= -127:
        kernels.append(PACKED)
    if cmsis is not None:
        kernels.append(CMSIS_NN)
    elf = _build_dense(network, kernels, folder, cmsis)
    reader = _Reader(run_program(elf, inputs.tobytes()))
    empty = reader.ticks(1)
    found: dict[str, list[Counts]] = {kernel: [] for kernel in kernels}
    for wanted in network.forward(inputs):
        for kernel in kernels:
            found[kernel].append(instructions(reader.ticks(1 + len(network.layers)) - empty))
            answer, out = reader.bytes(1)[0], reader.bytes(len(wanted)).astype(np.int8)
            if answer != wanted.argmax() or np.any(out != wanted):
                raise ArithmeticError(f"{network.name}, {kernel}: outputs are {out.tolist()}, not {wanted.tolist()}")
    return {kernel: DenseCount(*_split(np.array(counts))) for kernel, counts in found.items()}


def _split(counts: Counts) -> tuple[Counts, Counts]:
    return counts[:, 0], counts[:, 1:]


def _build_dense(network: DenseNetwork, kernels: Sequence[str], folder: Path, cmsis: Checkout | None) -> Path:
    tables, rows = dict[str, bytes](), list[str]()
    for i, layer in enumerate(network.layers):
        tables |= {f"weight{i}": layer.weight.tobytes(), f"bias{i}": words(layer.bias)}
        if PACKED in kernels:
            tables |= {f"packed{i}": words(packed_weights(layer)), f"doubled{i}": words(doubled_biases(layer))}
        rows.append(_row(layer, i, PACKED in kernels))
    source = write_tables(folder, tables)
    types = {"weight": "int8_t", "bias": "int32_t", "packed": "uint32_t", "doubled": "int32_t"}
    lines = [f"extern const {types[name.rstrip('0123456789')]} {name}[];" for name in tables]
    lines += [f"#define LAYERS {len(rows)}u", f"#define WIDEST {max(network.sizes)}u"]
    lines += ["static const dense_layer_t layers[] = {", *rows, "};"]
    (folder / "tables.h").write_text("\n".join(lines) + "\n")
    parts = [PARTS / "cortex_m" / "startup.c", PARTS / "freestanding" / "memory.c", DRIVER / "io_semihost.c"]
    ours = [KERNELS / name for name in ("count_dense.c", "dense.c", "dense_rows.S")]
    flags = ["-std=gnu11", *FAST, f"-I{folder}", f"-I{KERNELS}", f"-I{DRIVER}"]
    flags += ["-DWITH_PACKED"] if PACKED in kernels else []
    if cmsis is not None:
        flags += ["-DWITH_CMSIS_NN", *(f"-I{path}" for path in cmsis.includes)]
        sources = [*ours, source, *parts, *cmsis.sources]
        return compile_program(
            sources, flags, folder, linker=PARTS / "cortex_m", what=f"--cmsis-nn {cmsis.root}", hint=HINT
        )
    return compile_program([*ours, source, *parts], flags, folder, linker=PARTS / "cortex_m", what="the dense network")


def _row(layer: DenseLayer, number: int, packed: bool) -> str:
    own = f"packed{number}, doubled{number}" if packed else "0, 0"
    constants = f"{layer.multiplier}, {layer.shift}, {layer.offset}, {layer.low}, {layer.high}"
    outputs, inputs = layer.weight.shape
    return f"    {{{inputs}u, {outputs}u, weight{number}, bias{number}, {constants}, {own}}},"


# ---- spiking networks ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SpikeCount:
    """What spikes took, in instructions, after each step: (n, steps), all steps up to it together.

    ``whole``: from the reset to the answer, with the input's copying; ``layers``: the layers' steps alone; ``plain``:
    the plain loop, where it was asked for.
    """

    whole: Counts
    layers: Counts
    plain: Counts | None


def count_spikes(network: Network, inputs: NDArray[np.bool_], folder: Path, *, plain: bool = False) -> SpikeCount:
    """Run a generated network on spikes (n, steps, in); answers and spikes of every layer are held to the reference.

    With ``plain``, also the plain loop over a byte per spike, for dense layers of one threshold each. Raises
    ArithmeticError where the board says something else than the reference.
    """
    elf = _build_spikes(network, folder, plain)
    frames = np.packbits(inputs, axis=2, bitorder="little")
    reader = _Reader(run_program(elf, frames.tobytes()))
    empty, call = (int(reader.ticks(1)[0]) for _ in range(2))
    steps, stages = network.steps, len(network.layers)
    wanted = simulate_batch(network, inputs)
    found: list[list[NDArray[np.int64]]] = []
    for i in range(len(inputs)):
        found.append([reader.ticks(steps) for _ in range(3)])
        answers, spikes = reader.bytes(steps), reader.halves(stages * steps).reshape(stages, steps)
        head = network.heads[0].name
        if np.any(answers != wanted.answers[head][i]) or np.any(spikes != wanted.layer_spikes[i]):
            raise ArithmeticError(f"{network.name}: sample {i} differs from the reference")
    ticks = np.array(found)
    after = np.arange(1, steps + 1)
    whole = instructions(ticks[:, 0] - (2 + after) * empty)
    layers = instructions(ticks[:, 1] - stages * after * call)
    return SpikeCount(whole, layers, instructions(ticks[:, 2] - after * empty) if plain else None)


def _build_spikes(network: Network, folder: Path, plain: bool) -> Path:
    """The network's own project, with our program in the place of its ``main.c``, and with the project's own flags."""
    plan.write(project_plan(network, board()), folder)
    ini = configparser.ConfigParser()
    ini.read(folder / "platformio.ini")
    flags = ini[f"env:{BOARD}"]["build_flags"].split()
    flags += [f"-I{KERNELS}", f"-I{DRIVER}", f"-I{folder}", f"-DSTEPS={network.steps}u", f"-DINPUTS={network.in_size}u"]
    sources = [path for suffix in ("c", "S") for path in sorted((folder / "src").rglob(f"*.{suffix}"))]
    left_out = {folder / "src" / "main.c", *(folder / "src" / "protocol").rglob("*")}
    sources = [path for path in sources if path not in left_out]
    sources += [KERNELS / "count_spikes.c", DRIVER / "io_semihost.c"]
    if plain:
        flags.append("-DPLAIN")
        sources.append(_write_plain(network, folder))
    return compile_program(sources, flags, folder, linker=folder / "src" / "board", what=f"network '{network.name}'")


def _write_plain(network: Network, folder: Path) -> Path:
    tables, lines, rows = dict[str, bytes](), list[str](), list[str]()
    for i, layer in enumerate(network.layers):
        weight, bias, theta = _plain_parts(layer)
        tables |= {f"plain_weight{i}": weight.T.astype(np.int8).tobytes(), f"plain_bias{i}": words(bias)}
        lines += [f"extern const int8_t plain_weight{i}[];", f"extern const int32_t plain_bias{i}[];"]
        lines += [f"static int32_t plain_membrane{i}[{layer.size}];", f"static uint8_t plain_spikes{i}[{layer.size}];"]
        assert layer.neuron is not None
        sizes = f"{layer.connection.in_size}u, {layer.size}u"
        constants = f"plain_weight{i}, plain_bias{i}, {theta}, {int(layer.neuron.has_memory)}"
        rows.append(f"    {{{sizes}, {constants}, plain_membrane{i}, plain_spikes{i}}},")
    lines += ["static const plain_layer_t plain_layers[] = {", *rows, "};"]
    (folder / "plain.h").write_text("\n".join(lines) + "\n")
    return write_tables(folder, tables)


def _plain_parts(layer: Layer) -> tuple[NDArray[np.int8], NDArray[np.int32], int]:
    """Weights (out, in), biases and the threshold. Raises SpikecError for a layer that the plain loop cannot do."""
    if not isinstance(layer.connection, Affine) or len(set(layer.theta.tolist())) != 1:
        hint = "Give dense layers of one threshold each"
        raise fail(f"layer '{layer.name}'", "is none that the plain loop can do", hint)
    return layer.connection.weight, layer.connection.bias, int(layer.theta[0])


@dataclass
class _Reader:
    """What a program wrote, piece by piece. Running out of it is an error of the program."""

    data: bytes
    at: int = 0

    def _take(self, dtype: str, count: int) -> NDArray[np.int64]:
        values = np.frombuffer(self.data, dtype, count, self.at)
        self.at += values.nbytes
        return values.astype(np.int64)

    def ticks(self, count: int) -> NDArray[np.int64]:
        return self._take("<u4", count)

    def halves(self, count: int) -> NDArray[np.int64]:
        return self._take("<u2", count)

    def bytes(self, count: int) -> NDArray[np.int64]:
        return self._take("u1", count)
