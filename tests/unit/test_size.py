"""Flash and RAM by line, the bound of the stack, the heap: of programs that are really built, and of made-up ones."""

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_run import make_run

from codegen.backends.c import project_plan
from codegen.board import load_board
from codegen.ir import Affine, Conv2d, Head, Layer, MaxPool2d, Network, SnnCt, SnnDc, SpikecError, SpikeFrames, load
from codegen.ir.minimum import minimum, needed_bits
from codegen.passes import lower
from codegen.passes.footprint import estimate
from codegen.plan import write
from codegen.resources import folder
from codegen.zoo import network_path
from hostctl.build import build
from hostctl.report import summary_text, write_report
from hostctl.results import summarise
from hostctl.size import account, heap_functions, memory_report, memory_text, stack_bound
from hostctl.size.calls import Function, _deepest
from hostctl.size.image import Image, Piece, Section, Symbol, _merged
from hostctl.size.machine import X86, Arm, Avr, Instruction, RiscV, UnknownCode, machine_of

NATIVE = load_board("native")
BY_POINTER = """
static int f(void) { return 1; }
int (*volatile p)(void) = f;
int main(void) { return 1 + p(); }
"""
INI = """[platformio]
platforms_dir = platform

[env:native]
platform = spikec_emulated
board = native
lib_ldf_mode = off
"""


def conv_net():
    """A convolution with a threshold for each channel, pooling, and a dense layer with no multiple of lanes."""
    random = np.random.default_rng(1)

    def weight(*shape):
        return random.integers(-7, 8, shape).astype(np.int8)

    first = Conv2d(weight(5, 3, 3, 2), np.array([3, -4, 0, 1, 2], np.int32), 4, 6, 6)
    theta = np.tile(np.array([9, 10, 11, 12, 13], np.int32), 16)
    last = Affine(weight(11, 20), np.zeros(11, np.int32), 4)
    layers = (
        Layer("conv", first, SnnCt(theta)),
        Layer("pool", MaxPool2d(4, 4, 5, 2, 2), None),
        Layer("fc", last, SnnDc(np.full(11, 20, np.int32))),
    )
    return Network("sizes", SpikeFrames(2, 6, 6), 3, layers, (Head("digit", 0, 11, tuple("0123456789x")),))


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The network's firmware for this computer."""
    target = tmp_path_factory.mktemp("sizes")
    write(project_plan(conv_net(), NATIVE), target)
    return build(target, NATIVE, offline=True)


def lines(memory):
    return {line.key: line.bytes for line in memory.on_top}, {line.key: line.bytes for line in memory.minimum}


# ---- the minimum ---------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(-(2**40), 2**40), min_size=1))
def test_needed_bits_hold_all_numbers_and_one_less_does_not(values):
    low, high = min(values), max(values)
    bits = needed_bits(low, high)
    if bits == 0:
        assert low == high == 0
    else:
        assert -(2 ** (bits - 1)) <= low <= high < 2 ** (bits - 1)
        assert bits == 1 or not -(2 ** (bits - 2)) <= low <= high < 2 ** (bits - 2)


def test_the_minimum_is_numbers_times_bits():
    conv, pool, fc = minimum(conv_net()).layers
    assert (conv.weights, fc.weights) == (5 * 3 * 3 * 2 * 4, 11 * 20 * 4)
    assert (conv.biases, fc.biases) == (5 * 3, 0), "-4 to 3 takes three bits, zeros take none"
    assert (conv.thresholds, fc.thresholds) == (5 * 5, 6), "one for each channel, and one for all"
    assert (pool.weights, pool.membranes, pool.spikes) == (0, 0, 2 * 20)
    bounds = conv_net().layers[0].membrane_range(3)
    assert conv.membranes == 80 * needed_bits(int(bounds.low.min()), int(bounds.high.max()))
    least = minimum(conv_net())
    assert least.flash == {"weights": -(-(360 + 880) // 8), "biases": 2, "thresholds": -(-31 // 8)}
    assert least.ram["spikes"] == -(-2 * (72 + 80 + 20 + 11) // 8)


# ---- flash and RAM -------------------------------------------------------------------------------------------------


def test_the_lines_are_what_the_linker_says(built):
    told = subprocess.run(["size", "-A", built.elf], check=True, capture_output=True, text=True).stdout
    sizes = {line.split()[0]: int(line.split()[1]) for line in told.splitlines() if line.startswith(".")}
    written = {
        ".init_array",
        ".fini_array",
        ".data.rel.ro",
        ".dynamic",
        ".got",
        ".got.plt",
        ".data",
        ".bss",
        ".tm_clone_table",
    }
    alone = {".comment"}
    taken = account(built.image, conv_net())
    for memory, total in (
        (taken.flash, sum(count for name, count in sizes.items() if name not in alone | {".bss"})),
        (taken.ram, sum(count for name, count in sizes.items() if name in written)),
    ):
        assert memory.total == total
        assert sum(line.bytes for line in (*memory.minimum, *memory.on_top)) == total
        assert lines(memory)[0]["unknown"] == 0


def test_tables_and_buffers_are_on_their_lines(built):
    taken = account(built.image, conv_net())
    flash, least = lines(taken.flash)
    tables = [table for layer in lower(conv_net()).layers for table in layer.layout.tables]

    def stored(*names):
        return sum(table.values.nbytes for table in tables if table.name in names)

    assert least["weights"] + flash["width"] + flash["rows"] == stored("weight")
    assert flash["rows"] == 20 * 5 + 16, "rows of 11 are padded to 16, and there is one more"
    assert least["biases"] + flash["biases"] == stored("bias")
    assert flash["thresholds"] + least["thresholds"] == stored("theta")
    assert flash["spans"] == stored("row", "column")
    assert flash["tables"] == 0
    ram, least = lines(taken.ram)
    layouts = [layer.layout for layer in lower(conv_net()).layers]
    assert ram["lists"] == sum(layout.pointers * 8 + layout.words * 4 for layout in layouts)
    assert least["membranes"] + ram["membranes"] == sum(layout.membranes * 2 for layout in layouts)
    assert least["spikes"] + ram["spikes"] == 2 * 4 * (3 + 3 + 1 + 1)
    assert ram["others"] == ram["stack"] == 0
    assert flash["steps"] > 0
    assert flash["kernels"] > 1000
    assert flash["protocol"] > 1000
    assert ram["protocol"] > 2048


def made_up(*pieces, symbols=()):
    """An image of one stored, writable section at 0 with these (input section, file, address, bytes)."""
    section = Section(".data", 0, 4096, flash=True, ram=True, code=False)
    found = tuple(Piece(section, name, source, at, size) for name, source, at, size in pieces)
    return Image(Path("x.elf"), "EM_ARM", 0, 0, (section,), found, tuple(symbols), frozenset())


def test_what_is_not_known_has_lines_of_its_own():
    image = made_up(
        (".rodata.fc_weight", "src/network.o", 0, 160),
        (".rodata.conv_weight", "src/network.o", 160, 90),
        (".rodata.fc_scale", "src/network.o", 250, 30),
        (".bss.fc_queue", "src/network.o", 300, 40),
        (".data", "lib/libc.a(x.o)", 340, 10),
        (".data", "lib/libgcc.a(x.o)", 350, 20),
        symbols=(
            Symbol("fc_weight", 0, 160, function=False),
            Symbol("conv_weight4", 160, 90, function=False),
            Symbol("fc_scale", 250, 30, function=False),
            Symbol("fc_queue.0", 300, 40, function=False),
        ),
    )
    taken = account(image, conv_net())
    flash, least = lines(taken.flash)
    ram, _ = lines(taken.ram)
    assert flash["tables"] == 30
    assert ram["others"] == 40
    assert (flash["library"], flash["compiler"], flash["padding"], flash["unknown"]) == (10, 20, 20, 4096 - 370)
    assert least["weights"] + flash["width"] + flash["rows"] == 250
    assert flash["width"] == 90 - 45 + 110 - 110, "eight bits in the convolution, four in the dense layer"
    assert (ram["constants"], ram["weights"]) == (30, 250)


def test_weights_in_fast_memory_are_there_twice():
    """In flash, where their values come from, and in the RAM or in memory of their own."""
    symbols = (Symbol("conv_weight", 0, 90, function=False), Symbol("fc_weight", 100, 160, function=False))
    flash = Section(".text", 0, 90, flash=True, ram=False, code=True)
    alone = Section(".fast", 100, 164, flash=True, ram=True, code=False)
    pieces = (
        Piece(flash, ".rodata.conv_weight", "src/network.o", 0, 90),
        Piece(alone, ".data.spikec_fast", "src/network.o", 100, 160),
    )
    image = Image(Path("x.elf"), "EM_ARM", 0, 0, (flash, alone), pieces, symbols, frozenset())
    assert (image.flash, image.ram, image.fast) == (254, 0, 164)
    taken = account(image, conv_net())
    assert taken.flash.total == 254
    on_top, least = lines(taken.flash)
    assert least["weights"] + on_top["width"] + on_top["rows"] == 250
    assert lines(taken.fast)[0] == {"weights": 160, "others": 0, "padding": 4, "unknown": 0}

    within = made_up(
        (".rodata.conv_weight", "src/network.o", 0, 90),
        (".data.spikec_fast", "src/network.o", 100, 160),
        symbols=symbols,
    )
    taken = account(within, conv_net())
    assert taken.fast is None
    assert lines(taken.ram)[0]["weights"] == 250
    report = memory_report(conv_net(), image, None, "none").to_json()
    assert report["fast"]["total"] == 164
    assert re.search(r"^fast memory +164$", memory_text(report), re.MULTILINE)


def test_weights_that_are_nowhere_are_our_bug():
    image = made_up(
        (".rodata.conv_weight", "src/network.o", 0, 90), symbols=(Symbol("conv_weight", 0, 90, function=False),)
    )
    with pytest.raises(RuntimeError, match="no table of layer fc's weights"):
        account(image, conv_net())


# ---- the estimate --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["mnist-tiny", "fashion-ct-conv"])
def test_the_estimate_is_never_too_low_and_at_most_ten_kilobytes_too_high(tmp_path, name):
    network = load(network_path(name))
    write(project_plan(network, NATIVE), tmp_path)
    exact, need = build(tmp_path, NATIVE, offline=True), estimate(network, NATIVE)
    assert exact.flash <= need.flash <= exact.flash + 10 * 1024
    assert exact.ram <= need.ram <= exact.ram + 1024


# ---- the stack -----------------------------------------------------------------------------------------------------


@pytest.fixture
def program(tmp_path):
    """Builds a program of this computer from its source."""

    def make(source):
        (tmp_path / "src").mkdir(exist_ok=True)
        (tmp_path / "src" / "main.c").write_text(source)
        (tmp_path / "platformio.ini").write_text(INI)
        shutil.copytree(folder("firmware") / "platform", tmp_path / "platform", dirs_exist_ok=True)
        return build(tmp_path, NATIVE, offline=True)

    return make


def test_the_bound_is_the_deepest_way(built):
    stack = built.stack
    names = [frame.function for frame in stack.main]
    assert names[:2] == ["main", "spikec_device_run"]
    assert "run_stage" in names
    assert "spikec_report_trace" in names, "it is called by pointer only"
    assert stack.bytes == sum(frame.bytes for frame in stack.main)
    assert 500 < stack.bytes < 4000
    assert "write" in stack.outside
    assert built.image.ram > 0
    assert memory_report(conv_net(), built.image, stack).stack_kept is None


def test_frames_add_up(program):
    deep = """
    static volatile char *kept;
    __attribute__((noinline)) static void small(void) { volatile char a[16]; kept = a; a[0] = 1; }
    __attribute__((noinline)) static void large(void) { volatile char a[4000]; kept = a; a[0] = 1; small(); a[1] = 1; }
    int main(void) { small(); large(); return 0; }
    """
    main, large, small = program(deep).stack.main
    assert [frame.function for frame in (main, large, small)] == ["main", "large", "small"]
    assert 4000 <= large.bytes <= 4100
    assert 16 <= small.bytes <= 100


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (
            "int f(int n);\nint f(int n) { return n < 2 ? n : f(n - 1) + f(n - 2); }\n"
            "int main(int count, char **words) { (void)words; return f(count); }\n",
            r"a recursion: .*f -> f",
        ),
        (
            "void g(volatile char *p);\nvoid g(volatile char *p) { *p = 1; }\n"
            "int main(int count, char **words) { volatile char a[count]; (void)words; g(a); return a[0]; }\n",
            r"main of main.c, which takes as much stack as its data asks for",
        ),
        (
            BY_POINTER,
            r"main calls by pointer, and nothing is known of whom",
        ),
    ],
)
def test_what_has_no_bound_is_an_error(program, source, shown):
    with pytest.raises(SpikecError, match=f"the stack cannot be bounded: {shown}"):
        program(source)


def test_without_objdump_there_is_no_bound(built):
    with pytest.raises(UnknownCode, match="nowhere-objdump cannot read"):
        stack_bound(built.image, "nowhere-")


def test_a_frameworks_code_may_be_of_any_kind(built, program, monkeypatch):
    monkeypatch.setattr("hostctl.build.project.OWN_PLATFORM", "another")
    made = program(BY_POINTER)
    assert made.stack is None
    report = memory_report(conv_net(), built.image, None, made.stack_unknown).to_json()
    assert "stack: not bounded: main calls by pointer" in memory_text(report)


@pytest.mark.parametrize(
    ("machine", "code", "moved"),
    [
        (Arm(), ("push", "{r4-r7, lr}"), 20),
        (Arm(), ("stmdb", "sp!, {r4, r5, lr}"), 12),
        (Arm(), ("vpush", "{d8-d9}"), 16),
        (Arm(), ("sub", "sp, #36\t@ 0x24"), 36),
        (Arm(), ("sub.w", "sp, sp, #1024\t@ 0x400"), 1024),
        (Arm(), ("str.w", "lr, [sp, #-4]!"), 4),
        (Arm(), ("ldr.w", "pc, [sp], #4"), -4),
        (Arm(), ("pop", "{r4, pc}"), -8),
        (Arm(), ("add", "r0, sp, #8"), 0),
        (Arm(), ("mov", "sp, r7"), None),
        (RiscV(), ("add", "sp,sp,-32"), 32),
        (RiscV(), ("sw", "ra,28(sp)"), 0),
        (RiscV(), ("mv", "sp,s0"), None),
        (Avr(wide=False), ("push", "r28"), 1),
        (Avr(wide=True), ("rcall", ".+0      \t; 0x1234 <f+0x2>"), 3),
        (Avr(wide=False), ("out", "0x3d, r28\t; 61"), None),
        (X86(), ("push", "%rbx"), 8),
        (X86(), ("sub", "$0x48,%rsp"), 72),
        (X86(), ("and", "$0xfffffffffffffff0,%rsp"), None),
    ],
)
def test_pushes_are_known_and_what_is_not_known_is_said(machine, code, moved):
    one = Instruction(0, *code)
    if moved is None:
        with pytest.raises(UnknownCode):
            machine.moved(one)
    else:
        assert machine.moved(one) == moved


@pytest.mark.parametrize(
    ("machine", "code", "target", "indirect"),
    [
        (Arm(), ("bl", "1e0 <line_calm>"), 0x1E0, False),
        (Arm(), ("cbz", "r3, fbc <f+0x60>"), 0xFBC, False),
        (Arm(), ("ldr", "r3, [pc, #12]\t@ (58 <f+0x18>)"), None, False),
        (Arm(), ("blx", "r3"), None, True),
        (Arm(), ("bx", "lr"), None, False),
        (Arm(), ("mov", "pc, r3"), None, True),
        (RiscV(), ("jal", "80000a24 <main>"), 0x80000A24, False),
        (RiscV(), ("add", "t0,t0,40 # 80000038 <halt>"), None, False),
        (RiscV(), ("jr", "a5"), None, True),
        (Avr(wide=False), ("rjmp", ".+14     \t; 0x6666 <ep>"), 0x6666, False),
        (Avr(wide=False), ("lds", "r24, 0x0100\t; 0x800100 <ring>"), None, False),
        (Avr(wide=False), ("icall", ""), None, True),
        (X86(), ("call", "10c0 <write@plt>"), 0x10C0, False),
        (X86(), ("call", "*0x20(%rax)"), None, True),
    ],
)
def test_calls_are_known(machine, code, target, indirect):
    one = Instruction(0, *code)
    found = machine.target(one)
    assert (found and found[0]) == target
    assert machine.indirect(one) is indirect


def routine(*code):
    """A routine of assembler, an instruction every two bytes from 0 on, and its depth."""
    body = [Instruction(2 * i, *one) for i, one in enumerate(code)]
    return _deepest(Function("f", "compiler", 0, 2 * len(code), 0, from_compiler=False), body, Arm())


def test_pushes_and_pops_of_assembler_are_followed():
    assert routine(("push", "{r4, lr}"), ("bl", "100 <g>"), ("pop", "{r4, pc}")) == 8
    assert routine(("push", "{r4}"), ("pop", "{r4}"), ("push", "{r4, r5}"), ("pop", "{r4, r5}"), ("bx", "lr")) == 8
    back = (("b.n", "6 <f+0x6>"), ("push", "{r0, lr}"), ("pop", "{r1, pc}"), ("beq.n", "2 <f+0x2>"), ("bx", "lr"))
    assert routine(*back) == 8, "a jump back over a push is no loop"
    two = (("push", "{r4, lr}"), ("bl", "6 <g>"), ("pop", "{r4, pc}"), ("push", "{r0}"), ("pop", "{r0}"), ("bx", "lr"))
    assert routine(*two) == 12, "two routines in one piece"
    for again in (("bne.n", "0 <f>"), ("bl", "0 <f>")):
        with pytest.raises(UnknownCode, match="a loop that pushes"):
            routine(("push", "{r4}"), again, ("bx", "lr"))
    with pytest.raises(UnknownCode, match="instruction set EM_68K"):
        machine_of("EM_68K", 0)


def test_inline_assembler_leaves_the_stack_alone():
    """The compiler's figures do not know what inline assembler pushes or calls; of whole routines we follow it."""
    seen = 0
    for path in folder("firmware").rglob("*.[ch]"):
        for block in re.findall(r"(?:__asm__|\basm)\b(.*?)\);", path.read_text(encoding="utf-8"), re.DOTALL):
            if ".global" in block:
                continue
            seen += 1
            assert not re.search(r"\b(push|pop|r?call|icall|bl|blx|jal|jalr|stmdb|sp)\b", block), f"{path}: {block}"
    assert seen > 5


# ---- the heap ------------------------------------------------------------------------------------------------------


def test_the_firmware_has_no_heap_and_a_program_that_has_one_is_seen(built, program):
    assert heap_functions(built.image) == ()
    uses = program("#include <stdlib.h>\nint main(void) { char *volatile p = malloc(3); free(p); return 0; }\n")
    assert heap_functions(uses.image) == ("free", "malloc")
    cpp = replace(built.image, names=built.image.names | {"_Znwm", "_sbrk"})
    assert heap_functions(cpp) == ("_Znwm", "_sbrk")


# ---- what people read ----------------------------------------------------------------------------------------------


def test_the_text_has_every_line(built):
    report = memory_report(conv_net(), built.image, built.stack).to_json()
    text = memory_text(report)
    for key in ("flash", "ram"):
        for line in (*report[key]["minimum"], *report[key]["on_top"]):
            shown = re.search(rf"^    {re.escape(line['words'])} +{line['bytes']:,}$", text, re.MULTILINE)
            assert shown or line["bytes"] == 0
    assert re.search(rf"^flash +{built.flash:,}$", text, re.MULTILINE)
    assert f"stack: {built.stack.bytes:,} bytes at most, without the C library's own" in text
    assert "heap: nothing" in text


def test_a_runs_report_tells_it_everywhere(built, tmp_path):
    report = memory_report(conv_net(), built.image, built.stack).to_json()
    figures = {"flash": built.flash, "ram": built.ram, "memory": report}
    run = make_run(tmp_path / "run", samples=3, changes={"build": figures})
    summary = summarise(run)
    text = click.unstyle(summary_text(summary))
    assert f"stack       {built.stack.bytes:,} bytes at most" in text
    assert "; the network's minimum is " in text
    page = write_report(run, summary).read_text()
    assert f"<h3>Flash: {built.flash:,} bytes</h3>" in page
    assert "weights x bits" in page
    assert "<code>spikec_device_run</code>" in page
    before = write_report(make_run(tmp_path / "before", samples=3), summarise(tmp_path / "before")).read_text()
    assert "weights x bits" not in before


def test_merged_strings_count_once():
    """ld gives each object's strings their own size, where the merged ones begin: as at 0x10 and 0x18 here."""
    text, data = (Section(name, 0, 64, flash=True, ram=False, code=False) for name in (".text", ".rodata"))
    given = [
        Piece(text, ".text.f", "a.o", 0x00, 16),
        Piece(text, ".rodata.f.str1.1", "a.o", 0x10, 12),
        Piece(text, ".rodata.str1.1", "a.o", 0x10, 9),
        Piece(text, ".rodata.str1.1", "b.o", 0x18, 8),
        Piece(data, ".rodata.str1.1", "c.o", 0x1C, 8),
        Piece(data, ".rodata.x", "c.o", 0x20, 8),
    ]
    found = [(piece.input, piece.address, piece.size) for piece in _merged(given)]
    assert found == [
        (".text.f", 0x00, 16),
        (".rodata.str1.1", 0x10, 8),
        (".rodata.str1.1", 0x18, 8),
        (".rodata.str1.1", 0x1C, 8),
        (".rodata.x", 0x20, 8),
    ]
