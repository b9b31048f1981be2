"""What a board is: one folder ``firmware/boards/<id>/`` whose ``board.toml`` says everything about it.

A board has a CPU that runs firmware, or an FPGA (table ``[fpga]``) that becomes the network's hardware.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from codegen.fpga import Fpga, read_fpga
from codegen.ir.errors import Problem, SpikecError, fail
from codegen.resources import folder

STACK = 16 * 1024
"""Bytes of stack of a board that does not say."""

POINTER = 4
"""Bytes of a pointer, on a board that does not say."""

FIRMWARE_FLASH = 11 * 1024 + 160
"""Bytes of code and constants beside the network's tables, of a board that does not say."""

FIRMWARE_RAM = 2560
"""Bytes of static buffers of the protocol, of a board that does not say; its stack comes on top."""


@dataclass(frozen=True)
class Counter:
    """The counter that latency is read from: ``ticks_per_unit`` ticks make one ``unit`` (cycles, instructions, ns)."""

    name: str
    unit: str
    ticks_per_unit: float
    source: str


@dataclass(frozen=True)
class FastMemory:
    """Where weights can be copied to at start-up: ``bytes`` of its own, or 0 where it is (part of) the board's RAM."""

    name: str
    bytes: int = 0


@dataclass(frozen=True)
class Energy:
    """Datasheet figures for an estimate: current per clock, volts, and clock cycles per counter unit."""

    ua_per_mhz: float
    volts: float
    cycles_per_unit: float
    source: str

    def joules(self, units: float) -> float:
        """Estimated energy of that many counter units: cycles times charge per cycle times volts."""
        return units * self.cycles_per_unit * self.ua_per_mhz * 1e-12 * self.volts


@dataclass(frozen=True)
class Bootloader:
    """A boot loader that avrdude speaks to: as which ``programmer``, and its line's ``baud`` rate."""

    programmer: str
    baud: int


@dataclass(frozen=True, kw_only=True)
class Board:
    """A board: its folder and everything that ``board.toml`` says. Sizes in bytes, clock in Hz.

    ``fpga``: its chip, on a board with an FPGA; there ``clock_hz`` is the design's clock, and what has a default here,
    but for the emulator, is meant for CPUs and says nothing.

    ``cores``: how many can share the layers of a network (1 or 2).
    ``stack``: what the linker script keeps of the RAM for it. ``pointer``: bytes of one. ``constants_in_ram``: all
    constants but weights are copied there, as on an AVR. ``weights``, ``table``: the most bytes that all weights, and
    those of one layer, can have (0: what flash holds). ``fast``: memory that weights are copied to where the user asks
    (None: there is none). ``flash_beside``, ``ram_beside``: what the firmware takes beside the network and the stack.
    ``max_payload``, ``chunk``: the protocol's buffers where RAM is short (0: as the protocol has them). ``parts``:
    folders of ``firmware/parts`` that its firmware takes besides its own.

    ``emulator_program``: the emulator is ours, ``firmware/emulators/<name>.c``, linked with ``emulator_libraries``.
    ``hosted``: the firmware is linked with the toolchain's C library. ``emulator_one_core``: the emulator is to run on
    one of the computer's cores only. ``marker``: the pin that is high while the network computes ("": it has none).
    ``bootloader``: how avrdude flashes it.
    """

    id: str
    name: str
    folder: Path
    emulated: bool
    clock_hz: int
    baud: int
    counter: Counter
    fpga: Fpga | None = None
    core: str = ""
    cores: int = 1
    flash: int = 0
    ram: int = 0
    stack: int = STACK
    pointer: int = POINTER
    constants_in_ram: bool = False
    weights: int = 0
    table: int = 0
    fast: FastMemory | None = None
    flash_beside: int = FIRMWARE_FLASH
    ram_beside: int = FIRMWARE_RAM
    max_payload: int = 0
    chunk: int = 0
    parts: tuple[str, ...] = ()
    platform: str = ""
    platformio_board: str = ""
    framework: str = ""
    emulator: tuple[str, ...] = ()
    emulator_package: str = ""
    emulator_one_core: bool = False
    emulator_program: str = ""
    emulator_libraries: tuple[str, ...] = ()
    toolchain_prefix: str = ""
    toolchain_packages: tuple[str, ...] = ()
    hosted: bool = False
    energy: Energy | None = None
    marker: str = ""
    bootloader: Bootloader | None = None


def board_ids() -> list[str]:
    """Every board with a CPU."""
    return sorted(path.parent.name for path in _files() if not _has_fpga(path))


def fpga_board_ids() -> list[str]:
    """Every board with an FPGA."""
    return sorted(path.parent.name for path in _files() if _has_fpga(path))


def all_board_ids() -> list[str]:
    """Every board there is: the folders that hold a ``board.toml``."""
    return sorted(path.parent.name for path in _files())


def load_board(board_id: str) -> Board:
    """Read a board by its id. Raises SpikecError for an unknown board or an unreadable ``board.toml``."""
    if board_id not in all_board_ids():
        raise fail("board", f"'{board_id}' is unknown", f"Known: {', '.join(all_board_ids())} (see 'spikec boards')")
    return read_board(folder("firmware") / "boards" / board_id / "board.toml")


def read_board(path: Path) -> Board:
    """Read one ``board.toml``. Raises SpikecError with everything that is missing in it."""
    try:
        data = tomllib.loads(path.read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise fail(str(path), f"cannot be read ({error})", "CONTRIBUTING.md tells what belongs in it") from error
    problems = _missing(data, path)
    try:
        fpga = read_fpga(data["fpga"], str(path)) if "fpga" in data else None
    except SpikecError as error:
        problems += error.problems
    if problems:
        raise SpikecError(problems)
    emulator = data.get("emulator", {})
    return Board(
        id=path.parent.name,
        name=data["name"],
        folder=path.parent,
        emulated=data["emulated"],
        baud=data["serial"]["baud"],
        counter=Counter(**data["counter"]),
        emulator=tuple(emulator.get("command", ())),
        emulator_package=emulator.get("package", ""),
        emulator_one_core=emulator.get("one_core", False),
        emulator_program=emulator.get("program", ""),
        emulator_libraries=tuple(emulator.get("libraries", ())),
        energy=Energy(**data["energy"]) if "energy" in data else None,
        marker=data.get("marker", {}).get("pin", ""),
        bootloader=Bootloader(**data["bootloader"]) if "bootloader" in data else None,
        **(_cpu(data) if fpga is None else {"fpga": fpga, "clock_hz": fpga.clock_hz}),
    )


def _cpu(data: dict[str, Any]) -> dict[str, Any]:
    """What only a board with a CPU has."""
    firmware = data.get("firmware", {})
    fast = FastMemory(data["fast"]["name"], data["fast"].get("bytes", 0)) if "fast" in data else None
    return {
        "core": data["cpu"]["core"],
        "clock_hz": data["cpu"]["clock_hz"],
        "cores": data["cpu"].get("cores", 1),
        "flash": data["memory"]["flash"],
        "ram": data["memory"]["ram"],
        "stack": data["memory"].get("stack", STACK),
        "pointer": data["cpu"].get("pointer", POINTER),
        "constants_in_ram": data["memory"].get("constants_in_ram", False),
        "weights": data["memory"].get("weights", 0),
        "table": data["memory"].get("table", 0),
        "fast": fast,
        "flash_beside": firmware.get("flash", FIRMWARE_FLASH),
        "ram_beside": firmware.get("ram", FIRMWARE_RAM),
        "max_payload": firmware.get("max_payload", 0),
        "chunk": firmware.get("chunk", 0),
        "parts": tuple(firmware.get("parts", ())),
        "platform": data["platformio"]["platform"],
        "platformio_board": data["platformio"]["board"],
        "framework": data["platformio"].get("framework", ""),
        "toolchain_prefix": data["toolchain"]["prefix"],
        "toolchain_packages": tuple(data["toolchain"]["packages"]),
        "hosted": data["toolchain"].get("hosted", False),
    }


def _files() -> list[Path]:
    return list((folder("firmware") / "boards").glob("*/board.toml"))


def _has_fpga(path: Path) -> bool:
    """Whether it says so; a file that cannot be read says nothing, and whoever loads that board is told why."""
    try:
        return "fpga" in tomllib.loads(path.read_text())
    except (OSError, tomllib.TOMLDecodeError):
        return False


_REQUIRED = {
    "": ("name", "emulated"),
    "serial": ("baud",),
    "counter": ("name", "unit", "ticks_per_unit", "source"),
}
"""Table to what must be in it, on every board. What the table ``[fpga]`` must hold, its reader says."""

_REQUIRED_OF_CPU = {
    "cpu": ("core", "clock_hz"),
    "memory": ("flash", "ram"),
    "platformio": ("platform", "board"),
    "toolchain": ("prefix", "packages"),
}
_REQUIRED_IF_THERE = {"fast": ("name",), "marker": ("pin",), "bootloader": ("programmer", "baud")}


def _missing(data: dict[str, Any], path: Path) -> list[Problem]:
    problems = []
    required = _REQUIRED if "fpga" in data else _REQUIRED | _REQUIRED_OF_CPU
    there = {table: keys for table, keys in _REQUIRED_IF_THERE.items() if table in data}
    for table, keys in (required | there).items():
        values = data.get(table, {}) if table else data
        for key in keys:
            if key not in values:
                place = f"{path}: {table}.{key}".replace(": .", ": ")
                problems.append(Problem(place, "is missing", "CONTRIBUTING.md tells what belongs there"))
    return problems
