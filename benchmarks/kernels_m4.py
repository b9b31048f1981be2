"""Instructions a synaptic operation on the emulated Cortex-M4: a layer of 1156 -> 256 at 5 % input density.

Run ``python benchmarks/kernels_m4.py``. The figures are emulated instruction counts (QEMU -icount), not cycles.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from ladder import DRIVER, core_sources  # noqa: E402

from codegen.backends.c import Options, network_files  # noqa: E402
from codegen.ir import Affine, Head, Layer, Network, SnnCt, SpikeFrames  # noqa: E402

INPUTS, OUTPUTS, ACTIVE = 1156, 256, 58
TICKS_PER_INSTRUCTION = 1.6
PARTS = ("whole step", "scan", "integrate", "fire", "plain loop")
BOARD = ROOT / "firmware" / "boards" / "mps2_an386"
MACHINE = ["-mcpu=cortex-m4", "-mthumb", "-nostdlib", "-ffreestanding", "-T", str(BOARD / "link.ld")]
QEMU = [
    "qemu-system-arm",
    "-M",
    "mps2-an386",
    "-icount",
    "shift=6",
    "-nographic",
    "-monitor",
    "none",
    "-serial",
    "none",
]


def bench_network() -> Network:
    """One SNN-CT layer of 7-bit weights with membranes of 16 bits."""
    random = np.random.default_rng(0)
    weight = random.integers(-15, 16, (OUTPUTS, INPUTS)).astype(np.int8)
    neuron = SnnCt(np.full(OUTPUTS, 100, np.int32))
    layer = Layer("layer", Affine(weight, np.zeros(OUTPUTS, np.int32), 7), neuron)
    return Network("bench", SpikeFrames(1, 1, INPUTS), 1, (layer,), (Head("class", 0, 2, ("a", "b")),))


def measure(flags: list[str]) -> list[float]:
    """Instructions of each of ``PARTS``."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path, text in network_files(bench_network(), options=Options("bench_network", "bench_network")).items():
            (folder / path).write_text(text)
        spikes = np.zeros(-(-INPUTS // 32) * 32, np.bool_)
        spikes[np.random.default_rng(1).choice(INPUTS, ACTIVE, replace=False)] = True
        (folder / "input.bin").write_bytes(np.packbits(spikes, bitorder="little").tobytes())
        files = [ROOT / "benchmarks" / "kernels" / "count.c", DRIVER / "io_semihost.c", *core_sources()]
        files += [BOARD / "startup.c", BOARD / "memory.c"]
        includes = [f"-I{path}" for path in (folder, DRIVER, ROOT / "firmware" / "core", BOARD)]
        elf = str(folder / "count.elf")
        gcc = ["arm-none-eabi-gcc", "-std=c99", *flags, *MACHINE, *includes]
        subprocess.run([*gcc, *map(str, files), "-lgcc", "-o", elf], check=True)
        emulator = [*QEMU, "-semihosting-config", "enable=on,target=native", "-kernel", elf]
        subprocess.run(emulator, cwd=folder, check=True, timeout=60)
        ticks = np.fromfile(folder / "output.bin", "<u4").astype(float)
    return [(value - ticks[0]) / TICKS_PER_INSTRUCTION for value in ticks[1:].tolist()]


def main() -> None:
    """Print a table: instructions for each part, and for each synaptic operation."""
    synops = ACTIVE * OUTPUTS
    print(f"{INPUTS} -> {OUTPUTS}, {ACTIVE} active inputs, {synops:,} synaptic operations; emulated instruction counts")
    print(f"{'build':<28}" + "".join(f"{part:>22}" for part in PARTS))
    for flags in (["-O2"], ["-O3"], ["-Os"], ["-O2", "-DSPIKEC_PORTABLE_KERNELS"]):
        counts = measure(flags)
        print(f"{' '.join(flags):<28}" + "".join(f"{n:>12,.0f} ({n / synops:6.3f})" for n in counts))


if __name__ == "__main__":
    main()
