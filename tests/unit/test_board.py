"""Boards: every folder reads, and a bad board.toml says all that is wrong with it."""

import json
import re

import pytest

from codegen import resources
from codegen.board import FastMemory, all_board_ids, board_ids, fpga_board_ids, load_board, read_board
from codegen.ir import SpikecError
from codegen.resources import folder

UNITS = {"K": 1024, "M": 1024 * 1024}

BOARD = """
name = "A board"
emulated = false
[cpu]
core = "cortex-m0"
clock_hz = 16_000_000
[memory]
flash = 262_144
ram = 16_384
[serial]
baud = 115_200
[counter]
name = "SysTick"
unit = "cycles"
ticks_per_unit = 1.0
source = "measured"
[platformio]
platform = "nordicnrf51"
board = "bbcmicrobit"
framework = "arduino"
[toolchain]
prefix = "arm-none-eabi-"
packages = ["gcc-arm-none-eabi"]
"""

FPGA_BOARD = """
name = "A board with an FPGA"
emulated = false
[serial]
baud = 3_000_000
[counter]
name = "clock cycles"
unit = "cycles"
ticks_per_unit = 1.0
source = "measured"
[fpga]
family = "ecp5"
part = "LFE5U-85F"
clock_pin_hz = 25_000_000
clock_hz = 100_000_000
luts = 84_000
ffs = 84_000
brams = 208
bram_bits = 18_432
high = ["wifi_gpio0"]
"""


@pytest.fixture
def board_file(tmp_path):
    (tmp_path / "mine").mkdir()
    return tmp_path / "mine" / "board.toml"


def message(path):
    with pytest.raises(SpikecError) as caught:
        read_board(path)
    return str(caught.value)


@pytest.mark.parametrize("board_id", board_ids())
def test_every_board_reads(board_id):
    board = load_board(board_id)
    assert board.id == board_id
    assert board.folder == folder("firmware") / "boards" / board_id
    assert board.flash > 0
    assert board.cores in (1, 2)
    assert board.ram > 0
    assert board.counter.ticks_per_unit > 0
    assert board.emulated == bool(board.emulator)


def test_the_two_boards_are_there():
    assert {"native", "mps2_an386"} <= set(board_ids())


@pytest.mark.parametrize("board_id", board_ids())
def test_the_linker_and_platformio_are_told_the_same(board_id):
    board = load_board(board_id)
    script = board.folder / "link.ld"
    if script.is_file():
        found = re.findall(r"(?:LENGTH|STACK_BYTES) = (\d+)([KM])", script.read_text())
        fast = [board.fast.bytes] if board.fast and board.fast.bytes else []
        expected = [board.flash, *fast, board.ram, board.stack]
        assert [int(number) * UNITS[unit] for number, unit in found] == expected
        assert ("cortex_m_fast.ld" in script.read_text()) == bool(fast)
    if board.platform == "spikec_emulated":
        path = folder("firmware") / "platform" / "spikec_emulated" / "boards" / f"{board.platformio_board}.json"
        told = json.loads(path.read_text())
        assert told["name"].lower() == board.name.lower()
        assert told["build"]["mcu"] in (board.core, board_id)  # An AVR's name says more than its core's.
        assert told["build"]["f_cpu"] == f"{board.clock_hz}L"
        assert told["upload"] == {"maximum_size": board.flash, "maximum_ram_size": board.ram}


@pytest.mark.parametrize("board_id", board_ids())
def test_firmware_and_board_file_tell_the_same_of_the_counter(board_id):
    board = load_board(board_id)
    header = board.folder / "board.h"
    told = dict(re.findall(r"#define (\w+) (.+)", header.read_text())) if header.is_file() else {}
    if "BOARD_COUNTER_HZ" in told:
        assert (told["BOARD_ID"], told["BOARD_COUNTER_NAME"]) == (f'"{board_id}"', f'"{board.counter.name}"')
        (shift,) = re.findall(r"shift=(\d+)", " ".join(board.emulator))
        ticks_a_second = int(told["BOARD_COUNTER_HZ"].rstrip("u"))
        assert board.counter.ticks_per_unit == pytest.approx(ticks_a_second * 2 ** int(shift) / 1e9), "of 2^shift ns"


@pytest.mark.parametrize("board_id", board_ids())
def test_the_parts_of_a_board_are_there(board_id):
    for part in load_board(board_id).parts:
        assert any((folder("firmware") / "parts" / part).iterdir())


def test_a_board_with_all_that_is_optional_left_out(board_file):
    board_file.write_text(BOARD)
    board = read_board(board_file)
    assert (board.id, board.name, board.framework) == ("mine", "A board", "arduino")
    assert (board.emulator, board.emulator_package, board.energy) == ((), "", None)
    assert (board.stack, board.parts, board.cores, board.fast) == (16_384, (), 1, None)
    assert board.toolchain_packages == ("gcc-arm-none-eabi",)


def test_a_board_with_an_fpga_needs_nothing_that_a_cpu_has(board_file):
    board_file.write_text(FPGA_BOARD)
    board = read_board(board_file)
    assert board.fpga is not None
    assert (board.fpga.family, board.fpga.brams, board.fpga.high) == ("ecp5", 208, ("wifi_gpio0",))
    assert (board.clock_hz, board.core, board.flash, board.platform) == (100_000_000, "", 0, "")
    board_file.write_text(BOARD)
    assert read_board(board_file).fpga is None


def test_all_that_is_wrong_with_an_fpga_is_named(board_file):
    text = FPGA_BOARD.replace('"ecp5"', '"ecp6"').replace("luts = 84_000", "lut = 84_000").replace("208", '"many"')
    board_file.write_text(text.replace("baud = 3_000_000", ""))
    found = message(board_file)
    for part in (
        "board.toml: serial.baud: is missing",
        "board.toml: fpga.family: is 'ecp6'",
        "board.toml: fpga.lut: is unknown",
        "board.toml: fpga.luts: is missing",
        "board.toml: fpga.brams: is 'many'",
    ):
        assert part in found


def test_every_board_has_either_a_cpu_or_an_fpga(monkeypatch, tmp_path):
    assert sorted([*board_ids(), *fpga_board_ids()]) == all_board_ids()
    for name, text in {"plain": BOARD, "array": FPGA_BOARD, "broken": "name = "}.items():
        (tmp_path / "boards" / name).mkdir(parents=True)
        (tmp_path / "boards" / name / "board.toml").write_text(text)
    monkeypatch.setattr("codegen.board.folder", lambda _: tmp_path)
    assert (board_ids(), fpga_board_ids()) == (["broken", "plain"], ["array"])
    assert load_board("array").fpga is not None


@pytest.mark.parametrize(("said", "size"), [("", 0), ("bytes = 16_384", 16_384)])
def test_fast_memory_is_the_boards_ram_or_has_bytes_of_its_own(board_file, said, size):
    board_file.write_text(f'{BOARD}[fast]\nname = "TCM"\n{said}\n')
    assert read_board(board_file).fast == FastMemory("TCM", size)


def test_fast_memory_has_a_name(board_file):
    board_file.write_text(f"{BOARD}[fast]\nbytes = 3\n")
    assert "board.toml: fast.name: is missing" in message(board_file)


def test_unknown_board():
    with pytest.raises(SpikecError, match=r"board: 'mega' is unknown. Known: .*mps2_an386.*native.*spikec boards"):
        load_board("mega")


def test_everything_that_is_missing_is_named(board_file):
    board_file.write_text(
        BOARD.replace('core = "cortex-m0"', "").replace('name = "A board"', "").replace("ram = ", "rom = ")
    )
    text = message(board_file)
    for part in (
        "board.toml: name: is missing",
        "board.toml: cpu.core: is missing",
        "board.toml: memory.ram: is missing",
    ):
        assert part in text
    assert "CONTRIBUTING.md" in text


def test_missing_tables_are_named(board_file):
    board_file.write_text("name = 'x'\nemulated = true\n")
    assert "serial.baud: is missing" in message(board_file)


@pytest.mark.parametrize("content", ["name = ", "\x00"])
def test_no_toml(board_file, content):
    board_file.write_text(content)
    assert "cannot be read" in message(board_file)


def test_no_file(board_file):
    assert "cannot be read" in message(board_file)


def test_energy_is_cycles_times_charge_times_volts(board_file):
    board_file.write_text(
        BOARD + '[energy]\nua_per_mhz = 100\nvolts = 3.0\ncycles_per_unit = 2.0\nsource = "a datasheet"\n'
    )
    energy = read_board(board_file).energy
    assert energy is not None
    # 100 uA/MHz is 100 pC a cycle; a million units are two million cycles: 200 uC at 3 V.
    assert energy.joules(1_000_000) == pytest.approx(600e-6)


def test_a_broken_installation_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path / "codegen")
    with pytest.raises(FileNotFoundError, match="spikec's folder 'firmware' is missing: install spikec again"):
        resources.folder("firmware")
