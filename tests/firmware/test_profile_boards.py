"""Profiles of whole firmware on emulated boards: exact, alike in every run, and in step with the firmware's counter."""

import json
import re
import subprocess
from dataclasses import replace

import pytest
from device_build import conv_network, event_network, recording

from codegen.backends.c import project_plan
from codegen.ir import SpikecError, save
from codegen.plan import write
from codegen.resources import folder
from hostctl import profile as package
from hostctl.build import build
from hostctl.cli.main import run
from hostctl.profile import measure, profile, profile_json, profile_text
from hostctl.profile.phases import phase_of
from hostctl.profile.program import NO_NAME, read_program
from hostctl.profile.table import nothing
from hostctl.profile.text import beside_own_counter
from hostctl.samples import Sample

SAMPLES = 3


def samples_of(network):
    nobody = {head.name: None for head in network.heads}
    return [Sample(i, f"recording {i}", nobody, events=recording(i + 1, network=network)) for i in range(SAMPLES)]


@pytest.fixture(scope="module")
def built(board_tools, tmp_path_factory):
    """Gives a board with the firmware of a network, built once."""
    made = {}

    def build_for(board_id, network):
        key = board_id, network.name
        if key not in made:
            board = board_tools(board_id)
            project = tmp_path_factory.mktemp(board_id)
            write(project_plan(network, board), project)
            made[key] = board, build(project, board).elf
        return made[key]

    return build_for


def layer_rows(found):
    return [row for row in found.rows if row.in_layer]


def total(found, rows):
    return sum((row.totals for row in rows), nothing(found.model is not None, found.true_cycles))


def check_own_counter(found):
    """The firmware counts as many instructions of each layer, and what reading its counter takes: for all the same."""
    more = beside_own_counter(found)
    assert all(0 < each < 64 for each in more), more
    assert max(more) - min(more) < 1
    assert found.unknown == ()
    assert "the firmware itself counts otherwise" not in profile_text(found)
    lost = replace(found, rows=[row for row in found.rows if row.phase != "fire"])
    assert "the firmware itself counts otherwise in " in profile_text(lost)


@pytest.mark.parametrize(
    "board_id",
    [
        *(pytest.param(each, marks=pytest.mark.arm) for each in ("microbit", "mps2_an386", "mps3_an547")),
        pytest.param("virt_rv32", marks=pytest.mark.riscv),
        pytest.param("atmega2560", marks=pytest.mark.avr),
    ],
)
def test_every_function_of_the_core_has_a_phase_on_every_instruction_set(board_tools, tmp_path, board_id):
    """All that the compiler makes of ``firmware/core``, whether a network needs it or not."""
    board, sources = board_tools(board_id), sorted((folder("firmware") / "core").glob("*.c"))
    described = folder("firmware") / "platform" / "spikec_emulated" / "boards" / f"{board_id}.json"
    flags = json.loads(described.read_text())["build"]["cpu_flags"]
    flags += [] if board.toolchain_prefix == "avr-" else ["-DSPIKEC_CORES=2"]  # with the sharing of layers
    flags += [] if board.hosted else [f"-I{folder('firmware') / 'parts' / 'freestanding'}"]
    for source in sources:
        made = tmp_path / f"{source.stem}.o"
        command = [f"{board.toolchain_prefix}gcc", "-std=c99", "-O2", *flags, "-c", "-o", made, source]
        subprocess.run(command, check=True)
        program = read_program(made, board)
        empty = source.stem == "spikec_share" if board_id == "atmega2560" else source.stem.endswith("_fast")
        assert bool(program.functions) != empty, source.name
        unknown = [each.name for each in program.functions if phase_of(each)[1] in ("other kernels", "board")]
        assert not [name for name in unknown if name != NO_NAME], "give them a phase in hostctl/profile/phases.py"


@pytest.mark.arm
@pytest.mark.usefixtures("arm_tools")
def test_a_cortex_m4_is_profiled_the_same_way_twice_and_agrees_with_its_own_counter(built):
    network = event_network()
    board, elf = built("mps2_an386", network)
    first, second = (profile(network, board, elf, samples_of(network)) for _ in range(2))
    assert first.differences == second.differences == ()
    assert layer_rows(first) == layer_rows(second)
    assert [work.synops for work in first.layers] == [work.synops for work in second.layers]
    assert [(row.layer, row.phase) for row in layer_rows(first)] == [
        (place, phase) for place in (1, 2) for phase in ("scan", "integrate", "fire", "calls")
    ]
    check_own_counter(first)
    assert first.model.name == "Cortex-M4"
    for row in layer_rows(first):
        cycles = row.totals.estimated
        assert row.totals.instructions < cycles.low <= cycles.high < 3 * row.totals.instructions
        assert row.totals.jumps > 0


@pytest.mark.arm
@pytest.mark.usefixtures("arm_tools")
def test_loads_are_what_the_kernel_must_at_least_read(built):
    """The integrate kernel reads four bits for each synaptic operation, a word at a time at most."""
    network = event_network()
    board, elf = built("mps2_an386", network)
    found = profile(network, board, elf, samples_of(network))
    for place, work in enumerate(found.layers, 1):
        row = next(row for row in found.rows if row.layer == place and row.phase == "integrate")
        assert work.synops * 4 / 32 <= row.totals.loads <= row.totals.instructions


@pytest.mark.arm
@pytest.mark.usefixtures("arm_tools")
def test_convolutions_and_pools_count_for_their_layer_on_a_cortex_m0(built):
    network = conv_network()
    board, elf = built("microbit", network)
    found = profile(network, board, elf, samples_of(network))
    phases = {(found.layers[row.layer - 1].name, row.phase) for row in layer_rows(found)}
    assert {("conv1", "convolve"), ("conv1", "fire"), ("pool1", "pool"), ("conv2", "convolve")} <= phases
    assert not any(phase in ("board", "other kernels") for _, phase in phases)
    check_own_counter(found)


@pytest.mark.arm
@pytest.mark.usefixtures("arm_tools")
def test_a_core_without_published_timings_has_no_cycles(built):
    network = event_network()
    board, elf = built("mps2_an500", network)
    found = profile(network, board, elf, samples_of(network))
    assert found.model is None
    assert all(row.totals.estimated is None for row in found.rows)
    assert "no cycles: cortex-m7: its Technical Reference Manual has no instruction" in profile_text(found)
    assert "estimated_cycles" not in json.dumps(profile_json(found)["rows"])


@pytest.mark.riscv
def test_a_risc_v_core_is_profiled(built):
    network = event_network()
    board, elf = built("virt_rv32", network)
    found = profile(network, board, elf, samples_of(network))
    assert found.differences == ()
    check_own_counter(found)
    assert found.model.name == "SiFive E31"


@pytest.mark.avr
@pytest.mark.parametrize("network", [event_network(), conv_network()], ids=lambda network: network.name)
def test_the_cycle_model_of_an_avr_is_what_simavr_measures(built, network):
    """Both count programs of 22 bits; of the layers and of everything else that runs, down to the last cycle."""
    board, elf = built("atmega2560", network)
    found = profile(network, board, elf, samples_of(network))
    assert found.differences == ()
    assert found.true_cycles
    assert sum(row.totals.true_cycles for row in layer_rows(found)) > 10_000
    for row in layer_rows(found):
        assert row.totals.estimated.low == row.totals.estimated.high == row.totals.true_cycles
    everything = total(found, found.rows)
    assert 0 <= everything.estimated.low - everything.true_cycles <= 1, "the last branch may have been cut off"
    check_text_of_an_avr(found)


def check_text_of_an_avr(found):
    text = profile_text(found, functions=3)
    assert "measured    instructions, loads, stores, jumps, cycles: counted by simavr" in text
    assert "published timings of AVRe+, 22-bit program counter" in text
    assert "cycles/synop" in text


@pytest.mark.avr
def test_the_smaller_program_counter_is_cycle_true_too(built):
    network = event_network()
    board, elf = built("atmega328p", network)
    found = profile(network, board, elf, samples_of(network))
    for row in layer_rows(found):
        assert row.totals.estimated.low == row.totals.true_cycles
    first, second = found, profile(network, board, elf, samples_of(network))
    assert layer_rows(first) == layer_rows(second)


@pytest.mark.arm
@pytest.mark.usefixtures("arm_tools")
def test_a_step_that_is_taken_twice_is_no_profile(built, monkeypatch):
    network = event_network()
    board, elf = built("mps2_an386", network)
    monkeypatch.setattr(measure, "_run", twice(measure._run))
    with pytest.raises(SpikecError, match=r"layer \w+ took 36 steps, the samples have 18: frames were lost"):
        profile(network, board, elf, samples_of(network))


def twice(run_samples):
    def run_twice(*arguments):
        run_samples(*arguments)
        return run_samples(*arguments)

    return run_twice


def test_what_is_missing_is_said_before_anything_runs(board_tools, tmp_path):
    network = event_network()
    board = board_tools("native")
    with pytest.raises(SpikecError, match="nobody counts its instructions"):
        profile(network, board, tmp_path / "firmware.elf", samples_of(network))
    with pytest.raises(SpikecError, match="there are no samples"):
        profile(network, board, tmp_path / "firmware.elf", [])


@pytest.mark.arm
@pytest.mark.usefixtures("arm_tools")
def test_a_firmware_that_is_not_there_or_no_program_is_named(built, tmp_path):
    network = event_network()
    board, _ = built("mps2_an386", network)
    with pytest.raises(SpikecError, match="does not exist"):
        profile(network, board, tmp_path / "firmware.elf", samples_of(network))
    (tmp_path / "firmware.elf").write_text("no program")
    with pytest.raises(SpikecError, match=r"firmware.elf: cannot be read"):
        profile(network, board, tmp_path / "firmware.elf", samples_of(network))
    foreign = replace(board, toolchain_prefix="no-such-")
    with pytest.raises(SpikecError, match="no-such-objdump is not installed"):
        profile(network, foreign, tmp_path / "firmware.elf", samples_of(network))


@pytest.mark.arm
@pytest.mark.usefixtures("arm_tools")
def test_the_command_answers_in_text_and_json_and_says_when_numbers_differ(built, tmp_path, monkeypatch, capsys):
    network = event_network()
    _, elf = built("mps2_an386", network)
    save(network, tmp_path / "net.spk")
    monkeypatch.setattr("hostctl.samples.load_samples", lambda net, *_, limit, **__: samples_of(net)[:limit])
    words = ["profile", "--board", "mps2_an386", "--network", str(tmp_path / "net.spk"), "--data", str(tmp_path)]
    words += ["--elf", str(elf)]
    assert run([*words, "--limit", "2", "--functions", "2"]) == 0
    out = capsys.readouterr().out
    assert "samples     2, all as the reference says" in out
    assert "estimated   cycles, from what was counted and the published timings of Cortex-M4" in out
    assert re.search(r"instructions +layer +phase +function\n +[\d,]+ +\w+ +\w+ +\w+\n", out)
    assert run([*words, "--json", "--functions", "2"]) == 0
    answer = json.loads(capsys.readouterr().out)["result"]
    assert answer["estimated"]["model"] == "Cortex-M4"
    assert answer["measured"]["columns"] == ["instructions", "loads", "stores", "jumps"]
    assert [layer["layer"] for layer in answer["layers"]] == ["hidden", "last"]
    assert len(answer["functions"]) == 2
    layer = sum(row["instructions"] for row in answer["rows"] if row["layer"] == "hidden")
    assert layer == answer["layers"][0]["instructions"]
    wrong = replace(package.profile(network, *built("mps2_an386", network), samples_of(network)), differences=("a",))
    monkeypatch.setattr(package, "profile", lambda *_, **__: wrong)
    assert run(words) == 1
    assert "1 DIFFERENT from the reference: a" in capsys.readouterr().out


def test_a_board_that_nobody_counts_on_is_the_users_mistake(tmp_path, capsys):
    save(event_network(), tmp_path / "net.spk")
    assert run(["profile", "--board", "native", "--network", str(tmp_path / "net.spk")]) == 2
    assert "nobody counts its instructions" in capsys.readouterr().err
