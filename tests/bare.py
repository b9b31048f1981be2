"""Bare C programs on emulated cores, with files for input and output: what kernels are tested and counted with.

A program reads input.bin and writes output.bin in its working folder, by ``firmware/driver/io.h``.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from codegen.resources import folder

DRIVER = Path(__file__).parent / "firmware" / "driver"
FIRMWARE = folder("firmware")
CORE = FIRMWARE / "core"
PARTS = FIRMWARE / "parts"
BOARDS = FIRMWARE / "boards"
ARM_START = (PARTS / "cortex_m" / "startup.c", PARTS / "freestanding" / "memory.c")
RISCV_START = (BOARDS / "virt_rv32" / "startup.S", PARTS / "freestanding" / "memory.c")


@dataclass(frozen=True)
class Target:
    """Where a program runs: its compiler with the machine's flags, what it is linked with, and its emulator.

    ``ticks``: counter ticks an instruction, 0 where instructions are not counted.
    """

    compiler: str
    flags: tuple[str, ...] = ()
    sources: tuple[Path, ...] = ()
    emulator: tuple[str, ...] = ()
    ticks: float = 0.0

    @property
    def tools(self) -> tuple[str, ...]:
        """The programs that must be installed."""
        return (self.compiler, *self.emulator[:1])


def _emulator(program: str, machine: str, shift: int, *more: str) -> tuple[str, ...]:
    quiet = ("-nographic", "-monitor", "none", "-serial", "none")
    files = ("-semihosting-config", "enable=on,target=native")
    return (program, "-M", machine, *more, "-icount", f"shift={shift}", *quiet, *files, "-kernel")


def _arm(cpu: str, board: str, floats: str = "soft", ticks: float = 1.6) -> Target:
    """``cpu`` is what is compiled for, ``board`` what runs it: each core runs the code of smaller ones as they do."""
    flags = (f"-mcpu={cpu}", "-mthumb", f"-mfloat-abi={floats}", "-nostdlib", "-ffreestanding")
    flags += (f"-I{PARTS / 'freestanding'}", f"-L{PARTS / 'cortex_m'}", "-T", str(BOARDS / board / "link.ld"))
    sources = (*ARM_START, DRIVER / "io_semihost.c")
    return Target("arm-none-eabi-gcc", flags, sources, _emulator("qemu-system-arm", board.replace("_", "-"), 6), ticks)


def _riscv() -> Target:
    flags = ("-march=rv32imc", "-misa-spec=2.2", "-mabi=ilp32", "-nostdlib", "-ffreestanding")
    flags += (f"-I{PARTS / 'freestanding'}", "-T", str(BOARDS / "virt_rv32" / "link.ld"))
    emulator = _emulator("qemu-system-riscv32", "virt", 0, "-m", "16M", "-bios", "none")
    return Target("riscv64-unknown-elf-gcc", flags, (*RISCV_START, DRIVER / "io_semihost.c"), emulator, 1.0)


TARGETS = {
    "host": Target("gcc", (), (DRIVER / "io_host.c",)),
    "big-endian": Target("powerpc-linux-gnu-gcc", ("-static",), (DRIVER / "io_host.c",), ("qemu-ppc",)),
    "cortex-m0": _arm("cortex-m0", "mps2_an385"),
    "cortex-m3": _arm("cortex-m3", "mps2_an385"),
    "cortex-m4": _arm("cortex-m4", "mps2_an386"),
    "cortex-m7": _arm("cortex-m7", "mps2_an500"),
    "cortex-m33": _arm("cortex-m33", "mps2_an505"),
    "cortex-m55": _arm("cortex-m55", "mps3_an547", "hard", 2.048),
    "cortex-m55-dsp": _arm("cortex-m55+nomve", "mps3_an547", "soft", 2.048),
    "rv32imc": _riscv(),
}
"""By name. Code for the Cortex-M0 runs on a Cortex-M3: the only emulated board of that core holds no large network."""


def build(target: Target, sources: Sequence[Path], elf: Path, flags: Sequence[str]) -> None:
    """Compile ``sources`` with what the target needs besides into ``elf``."""
    libraries = ["-lgcc"] if "-nostdlib" in target.flags else []
    command = [target.compiler, *target.flags, *flags, f"-I{DRIVER}", f"-I{CORE}"]
    _run([*command, *map(str, (*sources, *target.sources)), *libraries, "-o", str(elf)], elf.parent)


def run(target: Target, elf: Path, given: bytes, timeout: float = 300) -> bytes:
    """What the program says to ``given``; its working folder is where it lies."""
    (elf.parent / "input.bin").write_bytes(given)
    _run([*target.emulator, str(elf)], elf.parent, timeout)
    return (elf.parent / "output.bin").read_bytes()


def _run(command: Sequence[str], cwd: Path, timeout: float = 300) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=timeout)
    if done.returncode != 0:
        raise AssertionError(f"{command[0]} failed with {done.returncode}:\n{done.stderr[-4000:]}")
