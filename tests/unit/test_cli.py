"""The command line: exit codes, the JSON envelope, and every kind of bad input with its message."""

import io
import json
import re
import sys
import zipfile
from pathlib import Path

import click
import numpy as np
import pytest
from stream_helpers import QUICK, FakeDevice, Faults, frame_network, random_network

from codegen.board import load_board
from codegen.ir import Affine, EventBinning, Head, Layer, Network, SnnCt, load, make_events, save, write_nmnist
from codegen.passes.formats import choose
from codegen.tuning import Tuning
from hostctl.cli.commands import boards
from hostctl.cli.main import run


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, monkeypatch):
    """Commands write into the current folder, must not see the developer's data, and have little patience."""
    monkeypatch.setattr("hostctl.results.run.Patience", lambda **_: QUICK)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SPIKEC_DATA", raising=False)


@pytest.fixture
def network(tmp_path):
    """A small network, saved."""
    path = tmp_path / "tiny.spk"
    save(random_network(), path)
    return path


def recording(x=1, y=2, times=(10, 2000, 3500)):
    return make_events([x] * len(times), [y] * len(times), times, [1] * len(times))


@pytest.fixture
def data(tmp_path):
    """Six recordings that the small network can take."""
    root = tmp_path / "data"
    random = np.random.default_rng(3)
    for i in range(6):
        folder = root / "Test" / str(i % 3)
        folder.mkdir(parents=True, exist_ok=True)
        x, y = random.integers(0, 6, (2, 150))
        events = make_events(x, y, np.sort(random.integers(0, 6000, 150)), np.ones(150, int))
        write_nmnist(folder / f"{i:05}.bin", events)
    return root


# ---- exit codes and the envelope -------------------------------------------------------------------------------------


def names():
    return run.__globals__["cli"].list_commands(click.Context(click.Command("spikec")))


def test_there_are_the_commands_that_the_readme_names():
    wanted = "boards build card compare data demo doctor energy eval explore flash generate meter monitor profile"
    assert sorted(names()) == [*wanted.split(), "quantize", "run", "size", "stream", "support", "train", "tune", "zoo"]


@pytest.mark.parametrize("name", ["", *names()])
def test_every_command_explains_itself(spikec, name):
    status, out, _ = spikec(*name.split(), "--help")
    assert status == 0
    assert "Usage: spikec" in out


def test_version(spikec):
    assert spikec("--version")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["bogus"], "No such command 'bogus'"),
        (["run"], "Missing option"),
        (["boards", "--bogus"], "No such option"),
        (["quantize", "model.pt", "--bits", "9"], "9 is not in the range 2<=x<=8"),
        (["generate", "-n", "x.spk"], "give either --board ID or --library"),
        (["compare", "a", "b", "c"], "give one run folder, or two"),
    ],
)
def test_wrong_usage_is_the_users_fault(spikec, arguments, message):
    status, out, err = spikec(*arguments)
    assert status == 2
    assert out == ""
    assert message in err
    assert "--help" in err


def failing(error):
    @click.command("boards")
    def command():
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (ZeroDivisionError("by nought"), 70, "a bug in spikec"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (ModuleNotFoundError("no torch", name="torch"), 2, "pip install 'spikec[train]'"),
        (ModuleNotFoundError("no ours", name="codegen.lost"), 70, "a bug in spikec"),
    ],
)
def test_what_goes_wrong_has_its_exit_code(spikec, monkeypatch, error, status, message):
    monkeypatch.setattr(boards, "command", failing(error))
    got, _, err = spikec("boards")
    assert got == status
    assert message in err


def test_a_reader_that_goes_away_is_no_error(monkeypatch):
    monkeypatch.setattr(boards, "command", failing(BrokenPipeError()))
    monkeypatch.setattr("sys.stdout", io.StringIO())
    assert run(["boards"]) == 0
    sys.stdout.close()


def test_json_answers_stand_in_one_envelope(spikec):
    status, out, _ = spikec("boards", "--json")
    answer = json.loads(out)
    assert status == 0
    assert {key: answer[key] for key in ("schema", "command", "ok", "problems")} == {
        "schema": "spikec/1",
        "command": "boards",
        "ok": True,
        "problems": [],
    }
    assert {"native", "mps2_an386"} <= {board["id"] for board in answer["result"]["boards"]}


def test_json_errors_stand_in_the_same_envelope(spikec):
    status, out, _ = spikec("build", "-n", "none.spk", "-b", "native", "--json")
    answer = json.loads(out)
    assert status == 2
    assert not answer["ok"]
    assert answer["problems"][0]["where"] == "none.spk"
    assert answer["problems"][0]["what"] == "does not exist"


def test_support_and_doctor_answer(spikec):
    assert "snn_ct" in spikec("support")[1]
    status, out, _ = spikec("doctor", "--json")
    assert status == 0
    assert any(check["name"] == "Python" for check in json.loads(out)["result"]["checks"])


# ---- bad networks ----------------------------------------------------------------------------------------------------


def rewritten(path, **changes):
    """The same file with another manifest."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(parts["network.json"])
    manifest.update(changes)
    parts["network.json"] = json.dumps(manifest).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def test_a_network_of_another_version(spikec, network):
    rewritten(network, version=3)
    status, _, err = spikec("run", "-n", network, "-b", "native")
    assert status == 2
    assert "format version 3, this spikec reads 2. Update spikec" in err


def test_a_damaged_network(spikec, network):
    network.write_bytes(network.read_bytes()[:-40])
    status, _, err = spikec("run", "-n", network, "-b", "native")
    assert status == 2
    assert "is not a whole .spk file" in err


def test_a_network_whose_content_was_changed(spikec, network):
    rewritten(network, digest="0" * 64)
    assert "It was changed after it was written" in spikec("eval", network)[2]


def test_an_unknown_board(spikec, network):
    status, _, err = spikec("run", "-n", network, "-b", "toaster")
    assert status == 2
    assert "'toaster' is unknown. Known: " in err
    assert "mps2_an386" in err


def test_a_network_that_is_too_large(spikec, tmp_path):
    inputs = EventBinning(polarity="both")
    layers = (
        Layer(
            "fc1", Affine(np.zeros((2000, 2312), np.int8), np.zeros(2000, np.int32), 7), SnnCt(np.ones(2000, np.int32))
        ),
        Layer("fc2", Affine(np.zeros((10, 2000), np.int8), np.zeros(10, np.int32), 7), SnnCt(np.ones(10, np.int32))),
    )
    save(Network("huge", inputs, 4, layers, (Head("digit", 0, 10, tuple("0123456789")),)), tmp_path / "huge.spk")
    status, _, err = spikec("build", "-n", tmp_path / "huge.spk", "-b", "mps2_an386")
    assert status == 2
    assert "bytes of flash, mps2_an386 has 4,194,304" in err
    assert "hidden layers of about" in err
    assert "take another board: it fits native" in err


# ---- bad data --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["show", "run"])
def test_all_bad_recordings_are_told_at_once(spikec, network, tmp_path, command):
    folder = tmp_path / "bad" / "Test" / "3"
    folder.mkdir(parents=True)
    (folder / "1.bin").write_bytes(b"")
    (folder / "2.bin").write_bytes(b"1234567")
    (folder / "3.bin").write_bytes(b"\x7fELF" * 5)
    write_nmnist(folder / "4.bin", recording(x=99))
    write_nmnist(folder / "5.bin", recording(times=(10, 5000, 70)))
    bad = tmp_path / "bad"
    arguments = ["data", "show", bad] if command == "show" else ["run", "-n", network, "-b", "native", "-d", bad]
    status, _, err = spikec(*arguments)
    assert status == 2
    for number, message in (
        (1, "is empty (0 bytes)"),
        (2, "has 7 bytes, which is no multiple of 5"),
        (3, "is outside the"),
        (4, "pixel (99, 2) is outside the"),
        (5, "time runs backwards from 5000 to 70 us"),
    ):
        assert any(f"{number}.bin" in line and message in line for line in err.splitlines()), message


def test_missing_data(spikec, network, tmp_path):
    for folder, message in ((tmp_path / "none", "does not exist"), (tmp_path, "holds no N-MNIST recordings")):
        status, _, err = spikec("run", "-n", network, "-b", "native", "-d", folder)
        assert status == 2
        assert message in err


def test_data_show_counts(spikec, data):
    status, out, _ = spikec("data", "show", data)
    assert status == 0
    assert "6 recordings, 150 events each; by digit [2, 2, 2, 0, 0, 0, 0, 0, 0, 0]" in out


# ---- devices ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def fake(tmp_path):
    """Make devices that misbehave, and clear them away."""
    devices = []

    def make(net=None, faults=None):
        folder = tmp_path / f"device{len(devices)}"
        folder.mkdir()
        devices.append(FakeDevice(net or random_network(), folder, faults))
        return devices[-1]

    yield make
    for device in devices:
        device.close()


def stream(spikec, network, data, port, *more):
    return spikec("stream", "-n", network, "-b", "native", "-d", data, "--port", port, *more)


def test_stream_needs_a_device(spikec, network, data):
    status, _, err = spikec("stream", "-n", network, "-b", "native", "-d", data)
    assert status == 2
    assert "--port: is missing" in err


def test_no_such_port(spikec, network, data, tmp_path):
    status, _, err = stream(spikec, network, data, tmp_path / "ttyNONE")
    assert status == 2
    assert "ttyNONE" in err


def test_streaming_to_a_device_that_agrees(spikec, network, data, fake):
    status, out, _ = stream(spikec, network, data, fake().port, "--trace")
    assert status == 0
    assert "0 mismatching spikes" in out
    assert "report.html" in out


def test_a_device_that_differs_is_exit_code_one(spikec, network, data, fake):
    def flip(_index, result, trace):
        result.spikes[2, 4] ^= True
        return result, trace

    status, out, _ = stream(spikec, network, data, fake(faults=Faults(flip=flip)).port)
    assert status == 1
    assert "step 2" in out
    assert "neuron 4" in out
    assert spikec("compare", "runs/tiny-native")[0] == 1


def test_a_device_with_another_network(spikec, network, data, fake):
    status, _, err = stream(spikec, network, data, fake(random_network(5)).port)
    assert status == 2
    assert "the device carries another network" in err
    assert random_network(5).digest in err


def test_a_wrong_device(spikec, network, data, fake):
    status, _, err = stream(spikec, network, data, fake(faults=Faults(mute=True, babble=b"AT\r\nOK\r\n")).port)
    assert status == 2
    assert "no spikec device answers" in err


def test_two_hosts_on_one_port(spikec, network, data, fake):
    from hostctl.transport.serial import SerialLine

    device = fake()
    line = SerialLine(device.port, 115_200)
    try:
        status, _, err = stream(spikec, network, data, device.port)
    finally:
        line.close()
    assert status == 2
    assert "another program" in err


def test_a_run_that_was_interrupted_goes_on(spikec, network, data, fake):
    status, _, err = stream(spikec, network, data, fake(faults=Faults(stop_at=12)).port)
    assert status == 2
    assert err
    again = fake()
    status, _, err = stream(spikec, network, data, again.port)
    assert status == 2
    assert "--resume" in err
    status, out, _ = stream(spikec, network, data, again.port, "--resume", "--json")
    assert status == 0
    assert json.loads(out)["result"]["summary"]["samples"] == 12
    assert again.computed < 12


# ---- generate, build, run --------------------------------------------------------------------------------------------


def test_generate_says_what_it_would_do_and_does_it_once(spikec, network, tmp_path):
    arguments = ["generate", "-n", network, "--board", "native", "-o", tmp_path / "out"]
    status, out, _ = spikec(*arguments, "--dry-run")
    assert status == 0
    assert "would be written" in out
    assert not (tmp_path / "out").exists()
    assert "new  src/network.c" in spikec(*arguments)[1]
    assert "0 new, 0 changed" in spikec(*arguments)[1]


def test_generate_keeps_what_a_person_edited(spikec, network, tmp_path):
    arguments = ["generate", "-n", network, "--library", "-o", tmp_path / "lib"]
    assert spikec(*arguments)[0] == 0
    edited = tmp_path / "lib" / "library.json"
    edited.write_text("{}")
    status, _, err = spikec(*arguments)
    assert status == 2
    assert "was edited since spikec wrote it" in err
    assert edited.read_text() == "{}"
    assert spikec(*arguments, "--force")[0] == 0
    assert edited.read_text() != "{}"


def test_nothing_to_flash_on_an_emulated_board(spikec, tmp_path):
    status, out, _ = spikec("flash", tmp_path, "-b", "native")
    assert status == 0
    assert "nothing to flash" in out


def test_cores_are_told_and_checked(spikec, network, tmp_path):
    arguments = ["generate", "-n", network, "-o", tmp_path / "out"]
    status, _, err = spikec(*arguments, "-b", "native", "--cores", "2")
    assert status == 0
    assert "two cores" in err
    assert "-DSPIKEC_CORES=2" in (tmp_path / "out" / "platformio.ini").read_text()
    status, _, err = spikec(*arguments, "-b", "mps2_an386", "--cores", "2")
    assert status == 2
    assert "has one core that we can use" in err
    status, _, err = spikec(*arguments, "-b", "native", "--cores", "2", "--first-core", "77")
    assert status == 2
    assert "77 layers on the first core leave none for the second" in err
    for wrong, message in (
        (["-b", "native", "--first-core", "1"], "--first-core needs --cores 2"),
        (["-b", "native", "--cores", "3"], "3 is not in the range"),
        (["--library", "--cores", "2"], "--cores is for --board"),
    ):
        status, _, err = spikec(*arguments, *wrong)
        assert status == 2
        assert message in err


def test_the_card_beside_a_network_tells_its_work(tmp_path):
    from codegen import zoo
    from codegen.board import load_board
    from codegen.ir import load
    from hostctl.cli.cores import shares_for

    path, board = zoo.network_path("nmnist-ct-256"), load_board("native")
    known = shares_for(load(path), path, board, 2, None)
    assert known is not None
    assert known.source == "the card's synaptic operations"
    guessed = shares_for(load(path), tmp_path / "elsewhere.spk", board, 2, None)
    assert guessed is not None
    assert "10% of the steps" in guessed.source
    assert guessed.work != known.work
    other = zoo.network_path("mnist-dc-256")
    (tmp_path / "mine.json").write_bytes(path.with_suffix(".json").read_bytes())
    assert shares_for(load(other), tmp_path / "mine.spk", board, 2, None).source == guessed.source  # another's card
    assert shares_for(load(path), path, board, 1, None) is None


@pytest.mark.slow
def test_two_threads_agree_with_one(spikec, network, data):
    one = ["run", "-n", network, "-b", "native", "-d", data, "--trace"]
    assert spikec(*one, "-o", "one")[0] == 0
    status, out, err = spikec(*one, "--cores", "2", "-o", "two")
    assert status == 0, err
    assert "0 mismatching spikes" in out
    assert "--cores 2 --first-core 1" in (Path("two") / "report.html").read_text()
    assert "Equal answers and spike counts in all 12 samples" in spikec("compare", "one", "two")[1]
    status, _, err = spikec(*one, "-o", "two", "--resume")
    assert status == 2
    assert "cores" in err


@pytest.mark.slow
def test_build_run_resume_and_compare_on_this_computer(spikec, network, data):
    status, out, _ = spikec("build", "-n", network, "-b", "native", "--json")
    assert status == 0
    elf = json.loads(out)["result"]["elf"]
    assert spikec("stream", "-n", network, "-b", "native", "-d", data, "--elf", elf, "-o", "a")[0] == 0
    status, out, err = spikec("run", "-n", network, "-b", "native", "-d", data, "--trace", "-o", "b")
    assert status == 0, err
    assert "0 mismatching spikes" in out
    status, out, _ = spikec("compare", "a", "b")
    assert status == 0
    assert "Equal answers and spike counts in all 12 samples" in out


@pytest.mark.slow
def test_tune_measures_formats_and_the_build_takes_them(spikec, network, data, tmp_path):
    status, out, err = spikec("tune", "-n", network, "-b", "native", "-d", data, "--limit", 2, "--json")
    assert status == 0, err
    result = json.loads(out)["result"]
    assert result["different"] == 0
    tuning = tmp_path / result["tuning"]
    measured = json.loads(tuning.read_text())["measured"]
    assert {one["layer"] for one in measured} == set(result["formats"])
    assert all(one["units"] > 0 for one in measured)
    layer, form = next(iter(result["formats"].items()))
    fastest = min((one for one in measured if one["layer"] == layer), key=lambda one: one["units"])
    assert fastest["form"] == form
    status, _, err = spikec("generate", "-n", network, "-b", "native", "--tuning", tuning, "-o", "own")
    assert status == 0, err
    assert f"spikec_integrate_{form}_" in (tmp_path / "own/src/network.c").read_text()


def test_tuning_is_for_a_board(spikec, network):
    status, _, err = spikec("generate", "-n", network, "--library", "--tuning", "x.json")
    assert status == 2
    assert "--tuning is for one board" in err
    status, _, err = spikec("run", "-n", network, "-b", "native", "--tuning", "x.json")
    assert status == 2
    assert "x.json: cannot be read" in err


def test_fast_layers_are_generated_and_checked(spikec, network, tmp_path):
    arguments = ["generate", "-n", network, "-o", tmp_path / "out"]
    (layer, *_) = load(network).layers
    status, _, err = spikec(*arguments, "-b", "mps3_an547", "--fast", layer.name)
    assert status == 0, err
    assert f"SPIKEC_FAST static uint8_t {layer.name}_weight" in (tmp_path / "out/src/network_tables.h").read_text()
    status, _, err = spikec("generate", "-n", network, "-o", tmp_path / "lib", "--library", "--fast", "all")
    assert status == 0, err
    for wrong, message in (
        (["-b", "mps3_an547", "--fast", "fc77"], f"has no layer 'fc77' with weights. It has {layer.name}"),
        (["--library", "--fast", "fc77"], f"has no layer 'fc77' with weights. It has {layer.name}"),
        (["-b", "native", "--fast", "all"], "native has no fast memory that weights could be copied to"),
    ):
        status, _, err = spikec(*arguments, *wrong)
        assert status == 2
        assert message in err
    for command in ("build", "size", "run", "profile", "tune"):
        status, _, err = spikec(command, "-n", network, "-b", "mps3_an547", "--fast", "fc77")
        assert status == 2
        assert "has no layer 'fc77' with weights" in err
    status, _, err = spikec("profile", "-n", network, "-b", "mps3_an547", "--elf", "x.elf", "--fast", "all")
    assert status == 2
    assert "--elf is built already" in err


def test_a_tuning_brings_its_fast_layers(spikec, network, tmp_path):
    net, board, path = load(network), load_board("mps3_an547"), tmp_path / "tuned.json"
    forms = choose(net, board)
    Tuning(board.id, net.name, net.digest, forms, (net.layers[0].name,), "instructions", "a counter", 3, ()).save(path)
    arguments = ["generate", "-n", network, "-b", board.id, "--tuning", path, "-o", tmp_path / "out"]
    for more in ([], ["--fast", net.layers[0].name]):
        status, _, err = spikec(*arguments, *more)
        assert status == 0, err
        assert "SPIKEC_FAST static" in (tmp_path / "out/src/network_tables.h").read_text()
    status, _, err = spikec(*arguments, "--fast", net.layers[-1].name)
    assert status == 2
    assert f"was measured with {net.layers[0].name}. Leave it out, or tune again with it" in err


def test_size_says_where_the_bytes_go(spikec, network):
    status, out, err = spikec("size", "-n", network, "-b", "native", "--json")
    assert status == 0, err
    result = json.loads(out)["result"]
    for name in ("flash", "ram"):
        memory = result["memory"][name]
        assert memory["total"] == result[name]
        assert sum(line["bytes"] for line in memory["minimum"] + memory["on_top"]) == result[name]
    assert result["memory"]["heap"] == []
    status, out, _ = spikec("size", "-n", network, "-b", "native")
    assert status == 0
    assert re.search(rf"weights x bits +{result['memory']['flash']['minimum'][0]['bytes']:,}\n", out)
    assert "stack: " in out
    status, out, _ = spikec("build", "-n", network, "-b", "native")
    assert f"stack       {result['memory']['stack']['bound']:,} bytes at most" in out
    assert "the network's minimum is" in out


def test_eval_gives_accuracy_by_step(spikec, network, data):
    status, out, _ = spikec("eval", network, "-d", data, "--json")
    result = json.loads(out)["result"]
    assert status == 0
    assert result["samples"] == 12
    assert len(result["accuracy"]["digit"]) == 6
    assert len(result["accuracy"]["motion"]) == 6
    assert "motion" in spikec("eval", network, "-d", data)[1]


def test_image_networks_want_images(spikec, tmp_path, data):
    save(frame_network(), tmp_path / "frames.spk")
    status, _, err = spikec("eval", tmp_path / "frames.spk", "-d", data)
    assert status == 2
    assert "MNIST" in err


def test_streaming_over_a_line_that_is_made_worse(spikec, network, data, fake):
    chaos = "drop=0.2%,disconnect=1,seed=3"
    status, out, _ = stream(spikec, network, data, fake().port, "--chaos", chaos, "--stable", "--coding", "smallest")
    assert status == 0
    assert f"made worse on purpose: {chaos}" in out
    assert "throughput  left out (--stable)" in out
    status, _, err = stream(spikec, network, data, fake().port, "--chaos", "drop=1", "--force")
    assert status == 2
    assert "'drop=1' is no share of bytes in %" in err


def test_streaming_to_two_boards(spikec, network, data, fake):
    one, two = fake(), fake()
    status, out, _ = stream(spikec, network, data, one.port, "--port", two.port, "--json")
    assert status == 0
    assert json.loads(out)["result"]["summary"]["samples"] == 12
    assert one.computed
    assert two.computed
