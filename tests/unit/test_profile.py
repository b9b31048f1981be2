"""Profiles without an emulator: what objdump says, phases and counts; the cycles have ``test_profile_cycles.py``."""

import shutil
import subprocess
from dataclasses import replace
from itertools import pairwise

import pytest

from codegen.board import load_board
from codegen.ir import SpikecError
from codegen.resources import folder
from hostctl.profile import check_can_count
from hostctl.profile.counts import jumps, read_counts, write_plan
from hostctl.profile.phases import PHASES, Kind, number, phase_of
from hostctl.profile.program import NO_NAME, Function, Program, functions_of, instructions_of, with_gaps
from hostctl.profile.table import unknown_kernels
from hostctl.transport import counting
from hostctl.transport.counting import counting_words

SYMBOLS = """
firmware.elf:     file format elf32-littlearm

SYMBOL TABLE:
00000000 l    d  .text	00000000 .text
00000000 l    df *ABS*	00000000 spikec_conv.c
00000100 l     F .text	00000020 add_i16
00000000 l    df *ABS*	00000000 network.c
00000120 l     F .text	00000010 fc1_step
00000400 l     O .text	00000100 fc1_weight
20000000 l     O .bss	00000010 fc1_membrane
00000000 l    df *ABS*	00000000
00000100 l       .text	00000000 $t
00000130 g     F .text	00000030 spikec_scan
00000160 g     F .text	00000000 .hidden __aeabi_uidiv
00000160 g     F .text	00000040 .hidden __udivsi3
00000168 l       .text	00000000 inside_of_it
00000000 g       .text	00000000 reset_handler
20000100 g     F .elsewhere	00000010 no_code

Disassembly of section .text:
"""


# ---- what objdump says -----------------------------------------------------------------------------------------------


def test_functions_have_their_files_and_do_not_overlap():
    found = {each.name: each for each in functions_of(SYMBOLS.splitlines())}
    assert found["add_i16"] == Function("add_i16", 0x100, 0x120, "spikec_conv.c")
    assert found["fc1_step"].file == "network.c"
    assert found["spikec_scan"] == Function("spikec_scan", 0x130, 0x160)
    assert found["__udivsi3"].end == 0x1A0
    assert found["reset_handler"] == Function("reset_handler", 0, 0x100), "a label reaches to the next function"
    assert set(found) == {"add_i16", "fc1_step", "spikec_scan", "__udivsi3", "reset_handler"}
    spans = sorted((each.start, each.end) for each in found.values())
    assert all(one[1] <= other[0] for one, other in pairwise(spans))


def test_code_that_no_symbol_covers_is_a_function_without_a_name():
    functions = (Function("one", 0x100, 0x104), Function("two", 0x110, 0x114), Function("three", 0x114, 0x118))
    lines = [f"     {address:x}:\tbf00      \tnop" for address in (0x100, 0x102, 0x106, 0x108, 0x110, 0x114)]
    found = with_gaps(functions, {each.address: each for each in instructions_of(lines)})
    assert [each.name for each in found] == ["one", NO_NAME, "two", "three"]
    assert (found[1].start, found[1].end) == (0x106, 0x10A)
    assert phase_of(found[1]) == (Kind.OTHER, "board")


def test_instructions_of_all_our_toolchains_are_read():
    lines = [
        "     188:	b510      	push	{r4, lr}",
        "80000000:	00401197          	auipc	gp,0x401",
        "      e4:	0c 94 a9 25 	jmp	0x4b52	; 0x4b52 <fc1_step>",
        "     190:	00000040 	.word	0x00000040",
    ]
    found = [(each.address, each.size, each.mnemonic, each.operands) for each in instructions_of(lines)]
    assert found == [
        (0x188, 2, "push", "{r4, lr}"),
        (0x80000000, 4, "auipc", "gp,0x401"),
        (0xE4, 4, "jmp", "0x4b52"),
    ]


# ---- phases ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "file", "kind", "phase"),
    [
        ("spikec_scan", "", Kind.KERNEL, "scan"),
        ("spikec_integrate_quads_i16", "", Kind.KERNEL, "integrate"),
        ("add_kernel_i16.isra.0", "spikec_conv.c", Kind.KERNEL, "convolve"),
        ("spikec_trailing_zeros", "spikec_scan.c", Kind.KERNEL, "scan"),
        ("spikec_ones", "spikec_run.c", Kind.OTHER, "schedule"),
        ("spikec_push_frame", "", Kind.OTHER, "input"),
        ("spikec_finish", "", Kind.OTHER, "input"),
        ("spikec_finished", "", Kind.OTHER, "schedule"),
        ("spikec_brand_new", "", Kind.KERNEL, "other kernels"),
        ("spikec_groups_u7", "", Kind.KERNEL, "integrate"),
        ("spikec_rows_p2", "", Kind.KERNEL, "integrate"),
        ("spikec_word_ct", "", Kind.KERNEL, "fire"),
        ("spikec_share", "", Kind.OTHER, "schedule"),
        ("held", "spikec_share.c", Kind.OTHER, "schedule"),
        ("fc1_step", "network.c", Kind.STEP, "calls"),
        ("fc1_step", "other.c", Kind.OTHER, "board"),
        ("__aeabi_uidiv", "", Kind.HELPER, "board"),
        ("memcpy", "", Kind.HELPER, "board"),
        ("__vector_25", "", Kind.INTERRUPT, "interrupts"),
        ("__vectors", "", Kind.INTERRUPT, "interrupts"),
        ("uart_handler", "line.c", Kind.INTERRUPT, "interrupts"),
        ("reset_handler", "", Kind.OTHER, "board"),
        ("main", "", Kind.OTHER, "board"),
    ],
)
def test_a_function_has_the_phase_of_its_name_or_else_of_its_file(name, file, kind, phase):
    assert phase_of(Function(name, 0, 4, file)) == (kind, phase)


def test_a_kernel_of_no_known_phase_is_said_aloud():
    program = Program((Function("spikec_brand_new", 0, 4), Function("spikec_scan", 4, 8)), {})
    assert unknown_kernels(program) == ["spikec_brand_new"]


def test_every_function_of_the_core_has_a_phase(tmp_path):
    """Compiled without inlining and without optimisation, so that every static function is one, too."""
    if shutil.which("gcc") is None or shutil.which("objdump") is None:
        pytest.fail("gcc and objdump are needed: 'spikec doctor' says how to install them")
    sources = sorted((folder("firmware") / "core").glob("*.c"))
    assert len(sources) > 8
    seen = 0
    for source in sources:
        made = tmp_path / f"{source.stem}.o"
        subprocess.run(["gcc", "-std=c99", "-O0", "-c", "-o", made, source], check=True)
        said = subprocess.run(
            ["objdump", "--syms", "--disassemble", made], capture_output=True, text=True, check=True
        ).stdout
        functions = functions_of(said.splitlines())
        seen += len(functions)
        unknown = [each.name for each in functions if phase_of(each)[1] in ("other kernels", "board")]
        assert not unknown, f"{source.name}: give {', '.join(unknown)} a phase in hostctl/profile/phases.py"
    assert seen > 20


# ---- counts ----------------------------------------------------------------------------------------------------------

PROGRAM = Program(
    (
        Function("spikec_scan", 0x10, 0x20),
        Function("fc1_step", 0x20, 0x30, "network.c"),
        Function("fc2_step", 0x30, 0x40, "network.c"),
        Function("__udivsi3", 0x40, 0x50),
        Function("__vector_20", 0x50, 0x60),
        Function("main", 0x60, 0x70),
    ),
    {},
)

DRIVER = r"""
#include "counts.h"
int main(int count, char **words)
{
    unsigned address, core;
    if (count != 3 || !counts_open(words[1], words[2])) {
        return 1;
    }
    while (scanf("%u %x", &core, &address) == 2) {
        counts_execute(core, counts_find(address), address, 2);
        counts_cores[core].cell->cycles += 2;
    }
    counts_close();
    return 0;
}
"""


@pytest.fixture(scope="module")
def counter(tmp_path_factory):
    """Runs a list of addresses (of one core, or of (core, address) pairs) through counts.h."""
    place = tmp_path_factory.mktemp("counts")
    (place / "driver.c").write_text(DRIVER)
    headers = folder("firmware") / "emulators"
    strict = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-fsanitize=address,undefined"]
    command = ["gcc", *strict, f"-I{headers}", "-o", place / "driver", place / "driver.c"]
    subprocess.run(command, check=True)

    def run(addresses):
        write_plan(place / "plan", PROGRAM, ["fc1", "fc2"])
        pairs = [each if isinstance(each, tuple) else (0, each) for each in addresses]
        text = "\n".join(f"{core} {address:x}" for core, address in pairs)
        subprocess.run([place / "driver", place / "plan", place / "out"], input=text, text=True, check=True)
        return read_counts(place / "out")

    return run


def test_kernels_and_helpers_count_for_the_layer_and_the_phase_of_their_caller(counter):
    steps = [0x20, 0x10, 0x12, 0x40, 0x14, 0x22, 0x30, 0x10, 0x32, 0x60, 0x40]
    found = {(each.layer, PHASES[each.phase].name, each.address): each.executed for each in counter(steps).counts}
    assert found == {
        (1, "calls", 0x20): 1,
        (1, "calls", 0x22): 1,
        (1, "scan", 0x10): 1,
        (1, "scan", 0x12): 1,
        (1, "scan", 0x40): 1,
        (1, "scan", 0x14): 1,
        (2, "calls", 0x30): 1,
        (2, "calls", 0x32): 1,
        (2, "scan", 0x10): 1,
        (0, "board", 0x60): 1,
        (0, "board", 0x40): 1,
    }


def test_an_interrupt_changes_nothing_for_whom_it_interrupts(counter):
    quiet = counter([0x20, 0x10, 0x12, 0x40, 0x42, 0x14, 0x10])
    loud = counter([0x20, 0x10, 0x50, 0x52, 0x12, 0x40, 0x50, 0x52, 0x42, 0x14, 0x50, 0x52, 0x10])
    layers = [each for each in loud.counts if each.layer]
    assert layers == [each for each in quiet.counts if each.layer]
    assert [each.executed for each in loud.counts if PHASES[each.phase].name == "interrupts"] == [3, 3]


def test_followed_tells_jumps_from_going_on(counter):
    counts = counter([0x20, 0x10, 0x12, 0x10, 0x12, 0x10, 0x12, 0x14]).counts
    instructions = {a: next(iter(instructions_of([f"{a:8x}:	bf00      	nop"]))) for a in range(0x10, 0x30, 2)}
    left = jumps(counts, Program(PROGRAM.functions, instructions))
    scan = {address: count for (layer, phase, address), count in left.items() if phase == number("scan")}
    assert scan == {0x10: 0, 0x12: 2, 0x14: 1}


def test_cores_do_not_disturb_each_other_and_code_of_no_function_is_counted(counter):
    found = counter([(0, 0x20), (1, 0x30), (0, 0x10), (1, 0x10), (0, 0x900)])
    assert {(each.layer, each.address) for each in found.counts} == {(1, 0x20), (2, 0x30), (1, 0x10), (2, 0x10)}
    assert found.elsewhere == 1


def test_counts_that_are_missing_or_cut_off_are_told(tmp_path):
    with pytest.raises(SpikecError, match="has no counts"):
        read_counts(tmp_path / "counts")
    (tmp_path / "counts").write_text("1 1 10 5 4 0 0 0\n")
    with pytest.raises(SpikecError, match="is not whole"):
        read_counts(tmp_path / "counts")


def test_a_layer_without_a_step_is_a_bug(tmp_path):
    with pytest.raises(AssertionError, match="no step of layer fc3"):
        write_plan(tmp_path / "plan", PROGRAM, ["fc1", "fc2", "fc3"])


def test_an_interrupt_that_calls_functions_is_a_bug(tmp_path):
    call = next(iter(instructions_of(["      52:	0e 94 00 00 	call	0x0"])))
    with pytest.raises(AssertionError, match="__vector_20 makes calls"):
        write_plan(tmp_path / "plan", replace(PROGRAM, instructions={0x52: call}), ["fc1", "fc2"])


# ---- boards ----------------------------------------------------------------------------------------------------------


def test_this_computer_and_real_boards_say_that_nobody_counts(tmp_path):
    with pytest.raises(SpikecError, match=r"native: is this computer itself.*spikec run"):
        check_can_count(load_board("native"))
    real = replace(load_board("mps2_an386"), id="nucleo", emulated=False, emulator=())
    with pytest.raises(SpikecError, match="nucleo: is a real board"):
        counting_words(real, tmp_path / "plan", tmp_path / "counts")


def fake_qemu(folder, says):
    path = folder / "qemu-system-fake"
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return replace(load_board("mps2_an386"), emulator=(str(path), "-M", "none"))


@pytest.mark.parametrize(("version", "interface"), [("7.2.22", 1), ("8.2.2", 1), ("8.2.4", 2), ("10.1.0", 2)])
def test_the_plugin_is_of_the_interface_that_qemu_wants(tmp_path, monkeypatch, version, interface):
    board = fake_qemu(tmp_path, f"QEMU emulator version {version} (Debian)")
    board = replace(board, emulator=("qemu-system-fake", *board.emulator[1:]))
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setenv("SPIKEC_CACHE", str(tmp_path / "cache"))
    seen = []
    monkeypatch.setattr(counting, "compiled", lambda *words, **_: seen.append(words[3]) or tmp_path / "a,b.so")
    option, value = counting_words(board, tmp_path / "plan", tmp_path / "counts")
    assert option == "-plugin"
    assert value == f"{tmp_path}/a,,b.so,plan={tmp_path}/plan,out={tmp_path}/counts"
    assert f"-DQEMU_PLUGIN_ABI={interface}" in seen[0]


def test_a_qemu_that_is_none_or_missing_is_told(tmp_path, monkeypatch):
    board = replace(fake_qemu(tmp_path, "hello"), emulator=("qemu-system-fake",))
    with pytest.raises(SpikecError, match="qemu-system-fake cannot be run: not installed"):
        counting_words(board, tmp_path / "plan", tmp_path / "counts")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    with pytest.raises(SpikecError, match="tells no version"):
        counting_words(board, tmp_path / "plan", tmp_path / "counts")
