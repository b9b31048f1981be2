"""Weights in fast memory on every board that has some: where they are, what that takes, and equal numbers."""

import re
from dataclasses import replace

import numpy as np
import pytest
from device_build import conv_network, recording
from ladder import Sample, compare, on_board

from codegen.backends.c import library_plan, project_plan
from codegen.board import board_ids, load_board
from codegen.ir import SpikecError, load
from codegen.passes.fast import fast_layers
from codegen.passes.footprint import check_fit, estimate
from codegen.passes.formats import choose
from codegen.passes.layouts import lay_out
from codegen.plan import write
from codegen.zoo import network_path
from hostctl.build import build
from hostctl.cli.main import run
from hostctl.results import summarise
from hostctl.size import account

MARKS = {"arm-none-eabi-": pytest.mark.arm, "riscv64-unknown-elf-": pytest.mark.riscv, "avr-": pytest.mark.avr}
SMALL = {"atmega2560", "microbit", "stm32vldiscovery"}
"""Boards whose RAM holds the second layer's weights only; that of an ATmega328P holds neither's."""
BOARDS = [
    pytest.param(board_id, "fc2" if board_id in SMALL else "all", marks=MARKS[load_board(board_id).toolchain_prefix])
    for board_id in board_ids()
    if load_board(board_id).fast and board_id != "atmega328p"
]
KINDS = [board for board in BOARDS if board.values[0] in ("atmega2560", "mps2_an386", "mps3_an547", "virt_rv32")]
"""One of each kind: another instruction, memory of its own, the RAM; and another start-up code."""


def tiny():
    return load(network_path("mnist-tiny"))


def copied(network, names, formats):
    """Bytes of the tables of weights of these layers."""
    layers = [layer for layer in network.layers if layer.name in names]
    return sum(lay_out(layer, 16, formats[layer.name]).tables[0].values.nbytes for layer in layers)


def on_top(memory):
    return {line.key: line.bytes for line in memory.on_top}


@pytest.mark.parametrize(("board_id", "asked"), BOARDS)
def test_the_zoos_smallest_computes_the_numbers_of_the_reference(board_tools, tmp_path, board_id, asked):
    board, network = board_tools(board_id), tiny()
    fast = fast_layers(network, [asked], board)
    formats = choose(network, board, fast)
    check_fit(network, board, formats, fast=fast)
    write(project_plan(network, board, fast=fast), tmp_path)
    said = []
    built = build(tmp_path, board, log=said.append)
    assert not [line for line in said if "warning" in line.lower()]

    taken, size = account(built.image, network), copied(network, fast, formats)
    if board.fast.bytes:
        assert on_top(taken.fast)["weights"] == size
        assert on_top(taken.ram)["weights"] == 0
    else:
        assert taken.fast is None
        assert on_top(taken.ram)["weights"] == size
    flash, least = on_top(taken.flash), {line.key: line.bytes for line in taken.flash.minimum}
    assert least["weights"] + flash["width"] + flash["rows"] == copied(network, ("fc1", "fc2"), formats)
    assert flash["unknown"] == on_top(taken.ram)["unknown"] == 0

    need = estimate(network, board, formats, fast=fast)
    assert built.flash <= need.flash <= built.flash + 5120
    assert built.ram <= need.ram <= built.ram + 512
    assert need.fast == size

    random = np.random.default_rng(1)
    samples = [Sample(random.random((network.steps, network.in_size)) < share) for share in (0.0, 0.1, 0.5, 1.0)]
    assert compare([(network, samples)], [on_board(board, built.elf, network, samples)]) == []


@pytest.mark.parametrize("form", ["s8", "u7"])
@pytest.mark.parametrize("board_id", [pytest.param(kind.values[0], marks=kind.marks) for kind in KINDS])
def test_convolutions_too(board_tools, tmp_path, board_id, form):
    """One by one and by words: a tuning may choose either on any board."""
    board, network = board_tools(board_id), conv_network()
    fast = fast_layers(network, ["all"], board)
    formats = choose(network, board, fast) | {"conv1": form}
    write(project_plan(network, board, formats=formats, fast=fast), tmp_path)
    elf = build(tmp_path, board).elf
    events = [recording(seed, network=network) for seed in (3, 4)]
    samples = [Sample(network.encoding.encode(one, network.steps), one) for one in events]
    assert compare([(network, samples)], [on_board(board, elf, network, samples)]) == []


@pytest.mark.real_data
@pytest.mark.slow
@pytest.mark.parametrize(("board_id", "asked"), KINDS)
def test_a_run_on_real_digits(board_tools, real_data, tmp_path, capsys, board_id, asked):
    board_tools(board_id)
    target = tmp_path / "run"
    words = ["run", "--network", "mnist-tiny", "--board", board_id, "--fast", asked, "--trace", "--limit", "20"]
    status = run([*words, "--data", str(real_data), "--out", str(target), "--offline"])
    out = capsys.readouterr().out
    assert status == 0, out
    assert "0 mismatching spikes" in out
    summary = summarise(target)
    assert summary.mismatching_spikes == summary.mismatching_membranes == summary.different == 0
    fast = list(fast_layers(tiny(), [asked]))
    assert summary.options["fast"] == fast
    command = re.search(r"spikec run [^<\n]*", (target / "report.json").read_text())[0]
    assert all(f"--fast {layer}" in command for layer in fast)


@pytest.mark.arm
@pytest.mark.real_data
@pytest.mark.slow
def test_formats_are_tuned_with_weights_where_they_will_be(board_tools, real_data, tmp_path, capsys):
    board_tools("mps3_an547")
    tuning, words = str(tmp_path / "tuned.json"), ["--network", "mnist-tiny", "--board", "mps3_an547"]
    asked = ["--data", str(real_data), "--limit", "2", "--fast", "fc2", "--out", tuning, "--offline"]
    assert run(["tune", *words, *asked]) == 0
    assert "weights in fast memory: fc2" in capsys.readouterr().out
    assert run(["generate", *words, "--tuning", tuning, "--out", str(tmp_path / "out")]) == 0
    text = (tmp_path / "out" / "src" / "network_tables.h").read_text()
    assert re.findall(r"SPIKEC_FAST static uint8_t (\w+)", text) == ["fc2_weight"]


@pytest.mark.arm
def test_what_is_not_copied_is_seen(board_tools, tmp_path):
    """Proof that the comparison can fail: start-up code that forgets the weights."""
    board, network = board_tools("mps2_an386"), tiny()
    write(project_plan(network, board, fast=("fc1", "fc2")), tmp_path)
    startup = tmp_path / "src" / "board" / "startup.c"
    text = startup.read_text()
    startup.write_text(text.replace("    copy(fast_start, fast_end, fast_image);\n", ""))
    assert startup.read_text() != text
    elf = build(tmp_path, board).elf
    samples = [Sample(np.random.default_rng(1).random((network.steps, network.in_size)) < 0.5)]
    assert compare([(network, samples)], [on_board(board, elf, network, samples)]) != []


@pytest.mark.arm
def test_more_than_fast_memory_holds_is_said_when_it_is_built(board_tools, tmp_path):
    board, network = board_tools("mps2_an386"), tiny()
    write(project_plan(network, board, fast=("fc1", "fc2")), tmp_path)
    script = tmp_path / "src" / "board" / "link.ld"
    script.write_text(script.read_text().replace("LENGTH = 16K", "LENGTH = 13K"))
    with pytest.raises(SpikecError, match=r"will not fit in region .FAST"):
        build(tmp_path, board)
    script.write_text(script.read_text().replace("LENGTH = 13K", "LENGTH = 16K"))
    smaller = replace(board, fast=replace(board.fast, bytes=13_000))
    with pytest.raises(SpikecError, match=r"takes 13,648 bytes of block RAM, 13,000 are there"):
        build(tmp_path, smaller)


@pytest.mark.avr
def test_a_library_for_an_avr_reads_each_table_where_it_is(bare_tools, tmp_path):
    """With the toolchain's own start-up code; the tables' addresses say what is in RAM."""
    import subprocess

    bare_tools(("avr-gcc", "avr-nm"))
    write(library_plan(tiny(), fast=("fc2",)), tmp_path)
    main = "#include <mnist_tiny.h>\nint main(void) { mnist_tiny_init(); while (mnist_tiny_step()) {} return 0; }\n"
    (tmp_path / "main.c").write_text(main)
    sources = [str(path) for path in sorted((tmp_path / "src").glob("*.c"))]
    elf, gcc = (
        str(tmp_path / "x.elf"),
        ["avr-gcc", "-mmcu=atmega2560", "-std=c99", "-Os", "-Wall", "-Wextra", "-Werror"],
    )
    for define, section in ((), "d"), (('-DSPIKEC_FAST=__attribute__((section(".data.mine")))',), "d"):
        command = [*gcc, *define, f"-I{tmp_path / 'src'}", *sources, str(tmp_path / "main.c"), "-o", elf]
        subprocess.run(command, check=True)
        told = subprocess.run(["avr-nm", elf], check=True, capture_output=True, text=True).stdout
        kinds = {line.split()[2]: line.split()[1] for line in told.splitlines() if len(line.split()) == 3}
        assert kinds["fc2_weight"] == section
        assert kinds["fc1_weight"] == "t", "in flash, with the code"
        assert "spikec_integrate_fast_u7_i16" in kinds
        assert "spikec_integrate_u7_i16" in kinds
