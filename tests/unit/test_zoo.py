"""The zoo: networks found by their names, their cards, and whether both belong together - the committed ones, too."""

import importlib.util
import json
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from absence import absent
from fake_device import frame_network, random_network

from codegen import card as cards
from codegen import zoo
from codegen.card import Card
from codegen.ir import (
    Affine,
    Conv2d,
    EventBinning,
    Head,
    Layer,
    MaxPool2d,
    Network,
    SnnDc,
    SpikecError,
    SpikeFrames,
    load,
    make_events,
    save,
    write_nmnist,
)
from codegen.resources import folder
from hostctl.cli import zoo_text
from hostctl.cli.sample_set import as_part
from hostctl.samples import load_samples

ROOT = Path(__file__).resolve().parents[2]
REAL_SETS = ("MNIST", "FashionMNIST", "NMNIST")


def conv_network():
    """28x28-12c5-mp2-4c3s2p1-10, with random weights."""
    random = np.random.default_rng(0)

    def weights(*shape):
        return random.integers(-7, 8, shape).astype(np.int8)

    def neurons(connection):
        return SnnDc(np.full(connection.out_size, 9, np.int32))

    first = Conv2d(weights(12, 5, 5, 1), np.zeros(12, np.int32), 4, 28, 28)
    pool = MaxPool2d(24, 24, 12, 2, 2)
    second = Conv2d(weights(4, 3, 3, 12), np.zeros(4, np.int32), 4, 12, 12, 2, 1)
    last = Affine(weights(10, 144), np.zeros(10, np.int32), 4)
    layers = [Layer(f"l{i}", c, neurons(c)) for i, c in ((1, first), (3, second), (4, last))]
    layers.insert(1, Layer("l2", pool, None))
    return Network("conv", SpikeFrames(1, 28, 28), 4, tuple(layers), (Head("digit", 0, 10, tuple("0123456789")),))


def stand_in(root, name, network):
    """Put a network into a zoo, with a card whose figures are made up."""
    network = replace(network, name=name.replace("-", "_"))
    curve = [round(0.5 + 0.4 * step / network.steps, 3) for step in range(network.steps)]
    curves = {"quantized": curve, "quantized_std": None, "float": curve, "float_std": [0.001] * network.steps}
    layers = [layer.name for layer in network.layers]
    test = {
        "what": "stand-in test, 10 images",
        "samples": 10,
        "draws": 1,
        "heads": {head.name: curves for head in network.heads},
        "input_rate": 0.1,
        "rates": dict.fromkeys(layers, 0.25),
        "synops": dict.fromkeys(layers, 1000.0),
        "probe": {"samples": 10, "inputs": "", "right": {head.name: [9] * network.steps for head in network.heads}},
    }
    training = {
        "recipe": None,
        "recipe_text": 'name = "x"\n',
        "quick": False,
        "commands": ["spikec train x.toml"],
        "seed": 3,
        "epochs": 7,
        "seconds": None,
        "machine": None,
        "made_with": {"spikec": "0"},
    }
    data = {"set": "MNIST", "title": "MNIST", "trained_on": "nothing", "source": "nowhere", "licence": "none"}
    card = Card(name, "does something", cards.describe(network), data, training, "floats", [test], "MIT", "A note.")
    return zoo.store(network, card, root / name)


def write_recordings(folder, *splits):
    """Three recordings a split that 6x6 networks can take."""
    times = np.arange(0, 6000, 100)
    for split in splits:
        for i in range(3):
            place = folder / "data" / split / str(i)
            place.mkdir(parents=True)
            write_nmnist(place / f"{i:05}.bin", make_events(times % 6, times % (i + 3), times, np.ones(60, int)))
    return folder / "data"


@pytest.fixture
def stand_ins(tmp_path, monkeypatch):
    """A zoo of three, and nothing else in the current folder."""
    root = tmp_path / "zoo"
    stand_in(root, "tiny-ct", random_network())
    stand_in(root, "tiny-dc-7", frame_network())
    stand_in(root, "tiny-conv", conv_network())
    monkeypatch.setattr(zoo, "folder", lambda: root)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return root


# ---- finding ---------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("stand_ins")
def test_a_network_is_found_by_its_name():
    assert zoo.names() == ["tiny-conv", "tiny-ct", "tiny-dc-7"]
    path = zoo.network_path("tiny-ct")
    assert load(path).name == "tiny_ct"
    assert zoo.spell(path) == "tiny-ct"
    assert zoo.network_path(zoo.spell(path)) == path


def test_a_file_that_exists_wins_over_a_name(stand_ins):
    assert zoo.network_path("tiny-ct") == stand_ins / "tiny-ct.spk"
    save(frame_network(), "tiny-ct")
    assert zoo.network_path("tiny-ct") == Path("tiny-ct")
    assert zoo.spell(Path("tiny-ct")) == "tiny-ct"
    assert zoo.spell(stand_ins.parent / "tiny-ct.spk") == str(stand_ins.parent / "tiny-ct.spk")


@pytest.mark.usefixtures("stand_ins")
@pytest.mark.parametrize("text", ["./tiny-ct", "tiny-ct.spk", "elsewhere/tiny-ct", "model.pt"])
def test_what_looks_like_a_path_is_one(text):
    assert zoo.network_path(text) == Path(text)
    assert not zoo.network_path(text).exists()


def test_a_folder_does_not_hide_a_network(stand_ins):
    Path("tiny-ct").mkdir()
    assert zoo.network_path("tiny-ct") == stand_ins / "tiny-ct.spk"


@pytest.mark.usefixtures("stand_ins")
@pytest.mark.parametrize(
    ("text", "guesses"),
    [("tiny-tc", "Did you mean tiny-ct"), ("tiny_dc_7", "Did you mean tiny-dc-7"), ("quite-else", "")],
)
def test_an_unknown_name_is_told_with_near_ones(text, guesses):
    with pytest.raises(SpikecError) as caught:
        zoo.network_path(text)
    said = str(caught.value)
    assert f"'{text}' is neither a file nor a network of the zoo" in said
    assert "'spikec zoo' lists what there is" in said
    assert (guesses in said) if guesses else ("Did you mean" not in said)


@pytest.mark.usefixtures("stand_ins")
def test_every_command_with_a_network_takes_a_name(spikec, tmp_path):
    status, out, err = spikec("generate", "-n", "tiny-ct", "--library", "--dry-run")
    assert status == 0, err
    assert "tiny_ct_network.c" in out
    status, out, err = spikec("eval", "tiny-ct", "-d", write_recordings(tmp_path, "Test"))
    assert status == 0, err
    assert "tiny_ct" in out
    for command in ("run", "build"):
        status, _, err = spikec(command, "-n", "tiny-tc", "-b", "native")
        assert status == 2
        assert "Did you mean tiny-ct" in err
    status, out, _ = spikec("eval", "tiny-tc", "--json")
    assert status == 2
    assert json.loads(out)["problems"][0]["what"].startswith("'tiny-tc' is neither a file nor")


@pytest.mark.usefixtures("stand_ins")
def test_the_command_that_repeats_a_run_names_the_network():
    from codegen.board import load_board
    from hostctl.cli.job import Job
    from hostctl.cli.pipeline import reproduce

    path = zoo.network_path("tiny-ct")
    job = Job(load(path), path, load_board("native"), Path("runs/x"))
    assert "--network tiny-ct " in reproduce(job)


def test_names_are_found_and_listed_without_torch(stand_ins):
    code = (
        "import sys\nfrom pathlib import Path\nfrom codegen import zoo\nzoo.folder = lambda: Path(sys.argv[1])\n"
        "from hostctl.cli.main import run\nassert run(['zoo']) == 0\nassert run(['zoo', 'tiny-ct']) == 0\n"
        "assert run(['generate', '-n', 'tiny-ct', '--library', '--dry-run']) == 0\n"
        "assert 'torch' not in sys.modules, 'torch was imported'\n"
    )
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", code, stand_ins], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "tiny-dc-7" in done.stdout


# ---- what a card says of a network -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("network", "shape"),
    [
        (random_network(), "36-20-12"),
        (frame_network(), "49-20-10"),
        (conv_network(), "28x28-12c5-mp2-4c3s2p1-10"),
        (random_network(sizes=(2312, 12), encoding=EventBinning(polarity="both")), "2312-12"),
    ],
)
def test_layers_have_a_short_form(network, shape):
    assert cards.shape(network) == shape


def test_a_short_form_says_channels_and_what_is_not_square():
    layer = Layer("l1", Conv2d(np.ones((4, 3, 5, 2), np.int8), np.zeros(4, np.int32), 4, 9, 9), None)
    pool = Layer("l2", MaxPool2d(7, 5, 4, 3, 1), None)
    network = Network("x", SpikeFrames(2, 9, 9), 1, (layer, pool), ())
    assert cards.shape(network) == "9x9x2-4c3x5-mp3s1"


def test_the_facts_are_counted_from_the_network():
    network = conv_network()
    facts = cards.describe(network)
    assert facts["digest"] == network.digest
    assert [layer["weights"] for layer in facts["layers"]] == [300, 0, 432, 1440]
    assert facts["weights"] == 2172
    assert facts["weight_bytes"] == 150 + 216 + 720  # 4 bits each
    assert [layer["neuron"] for layer in facts["layers"]] == ["snn_dc", None, "snn_dc", "snn_dc"]
    assert (facts["bits"], facts["neurons"], facts["inputs"]) == ([4], ["snn_dc"], 784)
    odd = replace(network.layers[3], connection=Affine(np.ones((3, 3), np.int8), np.zeros(3, np.int32), 7))
    assert cards.describe(replace(network, layers=(odd,)))["weight_bytes"] == 8  # 63 bits


# ---- cards on the disk -----------------------------------------------------------------------------------------------


def test_a_card_comes_back_as_it_was_written(tmp_path):
    written = stand_in(tmp_path, "tiny-ct", random_network())
    assert cards.load_card(tmp_path / "tiny-ct.json") == written
    assert written.network["file_bytes"] == (tmp_path / "tiny-ct.spk").stat().st_size
    assert zoo.find_problems(tmp_path) == []


def test_a_pair_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    stand_in(tmp_path, "tiny-ct", random_network())
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    monkeypatch.setattr(Card, "to_json", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(SpikecError, match="cannot be written"):
        stand_in(tmp_path, "tiny-ct", random_network(5))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("content", ["", "[1]", "{", '{"schema": "spikec.card/99"}'])
def test_what_is_no_card_is_told(tmp_path, content):
    (tmp_path / "x.json").write_text(content)
    with pytest.raises(SpikecError, match=r"x\.json.*Make it again with 'spikec card'"):
        cards.load_card(tmp_path / "x.json")


def test_all_that_a_card_lacks_is_told_at_once(tmp_path):
    stand_in(tmp_path, "tiny-ct", random_network())
    path = tmp_path / "tiny-ct.json"
    value = json.loads(path.read_text())
    del value["licence"], value["data"]["source"], value["tests"][0]["synops"]
    path.write_text(json.dumps(value))
    with pytest.raises(SpikecError) as caught:
        cards.load_card(path)
    places = [problem.where.removeprefix(f"{path}: ") for problem in caught.value.problems]
    assert sorted(places) == ["data.source", "licence", "tests[0].synops"]
    path.write_text(json.dumps({**value, "tests": []}))
    with pytest.raises(SpikecError, match=r"tests\[0\]"):
        cards.load_card(path)


@pytest.mark.parametrize("name", ["mnist_dc", "Mnist", "mnist--dc", "7-up", "mnist-", ""])
def test_names_that_no_network_can_have(name):
    with pytest.raises(SpikecError, match="cannot be used"):
        zoo.identifier(name)
    assert zoo.identifier("mnist-dc-256") == "mnist_dc_256"


# ---- networks and cards belong together ------------------------------------------------------------------------------


def edit(root, change):
    path = root / "tiny-ct.json"
    value = json.loads(path.read_text())
    change(value)
    path.write_text(json.dumps(value))


def rename(root):
    for suffix in (".spk", ".json"):
        (root / f"tiny-ct{suffix}").rename(root / f"other{suffix}")


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (lambda root: (root / "tiny-ct.json").unlink(), "there is no card of this name"),
        (lambda root: (root / "tiny-ct.spk").unlink(), "there is no network of this name"),
        (lambda root: save(replace(random_network(5), name="tiny_ct"), root / "tiny-ct.spk"), "network.digest"),
        (lambda root: save(random_network(), root / "tiny-ct.spk"), "the network's name: is tiny, not tiny_ct"),
        (lambda root: edit(root, lambda card: card["network"].update(file_bytes=1)), "network.file_bytes: is 1, not"),
        (lambda root: edit(root, lambda card: card["network"]["layers"].pop()), "network.layers"),
        (lambda root: edit(root, lambda card: card["tests"][0]["rates"].pop("l0")), "tests[0].rates"),
        (lambda root: edit(root, lambda card: card["tests"][0]["heads"].pop("motion")), "tests[0].heads"),
        (
            lambda root: edit(root, lambda card: card["tests"][0]["heads"]["digit"]["quantized"].pop()),
            "tests[0].heads.digit: is 5, not 6",
        ),
        (lambda root: (root / "tiny-ct.spk").write_bytes(b"PK"), "is not a whole .spk file"),
        (rename, "name: is tiny-ct, not other"),
        (lambda root: edit(root, lambda card: card.update(name="tiny")), "name: is tiny, not tiny-ct"),
    ],
)
def test_a_network_and_a_card_that_do_not_belong_together(tmp_path, harm, told):
    stand_in(tmp_path, "tiny-ct", random_network())
    harm(tmp_path)
    assert told in "\n".join(map(str, zoo.find_problems(tmp_path)))


# ---- spikec zoo ------------------------------------------------------------------------------------------------------


def test_the_list(spikec, stand_ins):
    status, out, _ = spikec("zoo")
    assert status == 0
    for part in (
        "tiny-conv\n    does something (MNIST)\n    28x28-12c5-mp2-4c3s2p1-10, snn_dc, 4 steps, 4 bits",
        "36-20-12, snn_ct, 6 steps, 7 bits",
        "digit 83.30 %, motion 83.30 % (stand-in test, 10 images)",
        "2,000 synaptic operations an inference",
    ):
        assert part in out
    status, out, _ = spikec("zoo", "--json")
    networks = json.loads(out)["result"]["networks"]
    assert [item["card"]["name"] for item in networks] == zoo.names()
    assert all(item["flash"] > item["card"]["network"]["weight_bytes"] for item in networks)
    assert Path(networks[0]["path"]) == stand_ins / "tiny-conv.spk"


@pytest.mark.usefixtures("stand_ins")
def test_a_card_is_shown_whole(spikec):
    status, out, _ = spikec("zoo", "tiny-ct")
    card = zoo.card("tiny-ct")
    assert status == 0
    for part in (card.network["digest"], "A note.", "does something", "nowhere; none", "spikec train x.toml", "MIT"):
        assert part in out
    assert "83.30 %      83.30 ± 0.10 %" in out
    assert "9 of the first 10 right" in out
    answer = json.loads(spikec("zoo", "tiny-ct", "--json")[1])
    assert (answer["schema"], answer["command"]) == ("spikec/1", "zoo")
    assert answer["result"]["card"]["network"]["digest"] == card.network["digest"]


@pytest.mark.usefixtures("stand_ins")
def test_a_name_that_is_not_in_the_zoo(spikec):
    status, _, err = spikec("zoo", "tiny-tc")
    assert status == 2
    assert "'tiny-tc' is not in the zoo. Did you mean tiny-ct" in err


@pytest.mark.usefixtures("stand_ins")
def test_the_table(spikec):
    status, out, _ = spikec("zoo", "--markdown")
    lines = out.splitlines()
    assert status == 0
    assert len(lines) == 2 + 3
    assert {line.count("|") for line in lines} == {lines[0].count("|")}
    assert lines[2].startswith("| `tiny-conv` | does something | 28x28-12c5-mp2-4c3s2p1-10 | snn_dc | 4 | 4 | digit")


def test_damaged_cards_are_all_told(spikec, stand_ins):
    for name in ("tiny-ct", "tiny-conv"):
        (stand_ins / f"{name}.json").write_text("{")
    status, _, err = spikec("zoo")
    assert status == 2
    assert "tiny-ct.json" in err
    assert "tiny-conv.json" in err


def test_an_empty_zoo_says_so(spikec, tmp_path, monkeypatch):
    monkeypatch.setattr(zoo, "folder", lambda: tmp_path)
    assert "The zoo is empty" in spikec("zoo")[1]
    assert "The zoo is empty" in spikec("zoo", "--markdown")[1]
    assert json.loads(spikec("zoo", "--json")[1])["result"] == {"networks": []}


# ---- the benchmark ---------------------------------------------------------------------------------------------------


@pytest.fixture
def benchmark(stand_ins, monkeypatch):
    """The benchmark's main function, over a zoo that holds only tiny-ct, for recordings."""
    edit(stand_ins, lambda card: card["data"].update(set="NMNIST", title="N-MNIST"))
    for path in (*stand_ins.glob("tiny-conv.*"), *stand_ins.glob("tiny-dc-7.*")):
        path.unlink()
    monkeypatch.delenv("SPIKEC_DATA", raising=False)
    spec = importlib.util.spec_from_file_location("benchmark_of_the_zoo", ROOT / "benchmarks" / "zoo.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    return module


def test_the_benchmark_says_what_is_missing(benchmark, capsys, tmp_path):
    assert benchmark.main(["--board", "native"]) == 2
    assert "--data: is missing, and tiny-ct needs N-MNIST" in capsys.readouterr().err
    assert benchmark.main(["--board", "native", "--data", str(tmp_path / "none")]) == 2
    assert "does not exist" in capsys.readouterr().err


def test_the_benchmark_tells_boards_that_are_too_small(benchmark, capsys, tmp_path, monkeypatch):
    small = replace(benchmark.load_board("native"), ram=100)
    monkeypatch.setattr(benchmark, "load_board", lambda _: small)
    data = write_recordings(tmp_path, "Test", "Train")
    assert benchmark.main(["--board", "native", "--data", str(data), "--samples", "6"]) == 0
    assert "does not fit: network 'tiny_ct' needs about" in capsys.readouterr().out


@pytest.mark.slow
def test_the_benchmark_compares_every_number(benchmark, capsys, tmp_path):
    data = write_recordings(tmp_path, "Test", "Train")
    assert benchmark.main(["--board", "native", "--data", str(data), "--samples", "8"]) == 0
    out = capsys.readouterr().out
    assert "tiny-ct: 36-20-12, 6 steps, on 6 test samples and 2 training samples of N-MNIST" in out
    numbers = f"{8 * 6 * 32:,}"
    assert f"native 8 {numbers} {numbers} 0 " in " ".join(out.split())


# ---- the committed networks ------------------------------------------------------------------------------------------


def test_committed_networks_and_cards_belong_together():
    assert [str(problem) for problem in zoo.find_problems(zoo.folder())] == []


def test_committed_networks_come_from_recipes_that_are_there():
    lost = [card.name for card in zoo.cards() if not recipe_is_there(card)]
    assert not lost, f"their recipes are not in recipes/: {lost}"


def recipe_is_there(card):
    name = card.training["recipe"]
    return name is not None and (folder("recipes") / Path(name).relative_to("recipes")).is_file()


def test_the_documented_table_is_the_zoo_s():
    text = (ROOT / "docs" / "zoo.md").read_text()
    block = text.split("<!-- made by: spikec zoo --markdown -->\n")[1].split("\n<!-- end -->")[0]
    assert block == zoo_text.markdown(zoo.cards())


@pytest.mark.real_data
def test_committed_networks_answer_as_their_cards_say(real_data):
    """The first test samples, to the last answer: the same spikes must give the same number of right ones."""
    from trainer.card import probe

    for card in zoo.cards():
        if card.data["set"] not in REAL_SETS:
            continue
        network = load(zoo.folder() / f"{card.name}.spk")
        samples = load_samples(network, real_data, limit=card.tests[0]["probe"]["samples"], dataset=card.data["set"])
        found = probe(network, as_part(network, samples))
        told = [test["probe"] for test in card.tests if test["probe"]["inputs"] == found["inputs"]]
        if not told:
            absent(f"{real_data} holds other {card.data['title']} samples than those in the card of {card.name}")
        assert told[0] == found, card.name
        whole = next(test for test in card.tests if test["probe"] == told[0])
        for head, right in found["right"].items():
            assert within(right[-1], found["samples"], whole["heads"][head]["quantized"][-1]), (card.name, head)


def within(right, samples, accuracy):
    """Whether a part of a test set is as good as the whole is said to be, to five standard deviations."""
    return abs(right - samples * accuracy) <= 5 * math.sqrt(samples * accuracy * (1 - accuracy)) + 1
