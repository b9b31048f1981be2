"""Results: every difference found and described, lines that survive being killed, summaries from the folder alone."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from stream_helpers import (
    BOARD,
    NETWORK,
    FakeDevice,
    Faults,
    conv_network,
    frame_network,
    image_samples,
    make_samples,
    open_device,
    random_network,
)

from codegen.ir import EventBinning, SpikecError, simulate, simulate_batch
from hostctl.report import summary_text, write_report
from hostctl.report.content import content
from hostctl.results import FILE, Spread, read_run, run_stream, summarise
from hostctl.results import records as records_module
from hostctl.results.cause import Place, cause
from hostctl.results.films import Keeper, chosen, input_record
from hostctl.results.records import SampleRecord, Writer
from hostctl.results.summary import spread
from hostctl.samples import sample_of_spikes
from hostctl.stream import Patience

DATA = {"folder": "nmnist", "split": "Test"}


def run(tmp_path, *, faults=None, network=NETWORK, samples=None, folder="run", **options):
    samples = make_samples(20) if samples is None else samples
    with FakeDevice(network, tmp_path, faults) as fake, open_device(fake, network) as device:
        summary = run_stream(network, BOARD, device, samples, tmp_path / folder, **options)
    return summary, fake


def lines(tmp_path):
    return [json.loads(line) for line in (tmp_path / "run" / FILE).read_text().splitlines()]


@pytest.mark.parametrize("trace", [False, True])
def test_a_run_where_all_is_equal(tmp_path, trace):
    told = []
    options = {"seed": 3, "reversed": False, "all_events": False}
    summary, _ = run(
        tmp_path,
        trace=trace,
        options=options,
        data={"folder": "nmnist", "split": "Test"},
        build={"flash": 10_000, "ram": 2000},
        progress=lambda *args: told.append(args),
    )
    assert (summary.samples, summary.planned, summary.different) == (20, 20, 0)
    assert summary.mismatching_spikes == summary.mismatching_counts == summary.mismatching_final_membranes == 0
    assert summary.mismatching_membranes == (0 if trace else None)
    assert summary.first_differences == ()
    assert told[-1] == (20, 20, "all equal")
    assert len(told) == 20
    header, *results, session = lines(tmp_path)
    samples = [line for line in results if line["kind"] == "sample"]
    assert header["schema"] == "spikec.results/1"
    assert header["network"]["digest"] == NETWORK.digest
    described = {
        "name": "l1",
        "size": 12,
        "shape": [12],
        "inputs": 20,
        "label": "affine",
        "neuron": "snn_ct",
        "bits": 7,
        "most_synops": 12 * 20 * 6,
    }
    assert header["network"]["layers"][1] == described
    assert header["board"]["counter"]["unit"] == "ns"
    assert header["greeting"]["board"] == "fake"
    assert header["greeting"]["features"] == ["EVENTS", "FRAMES", "TRACE", "PIECES"]
    assert header["data"]["folder"] == "nmnist"
    assert header["options"] == {**options, "trace": trace}
    assert header["build"] == {"flash": 10_000, "ram": 2000}
    assert [sample["index"] for sample in samples] == list(range(20))
    assert session["finished"]
    assert session["link"]["frames_resent"] == 0


def test_convolutions_and_pooling_are_described_and_compared(tmp_path):
    data = {"folder": "mnist", "split": "Test"}
    summary, _ = run(tmp_path, network=conv_network(), samples=image_samples(6), trace=True, data=data)
    assert (summary.different, summary.mismatching_membranes) == (0, 0)
    page = write_report(tmp_path / "run", summary).read_text()
    layers = "conv1 5x5x4, conv2d 3x3, snn_ct, 7 bits; pool1 2x2x4, max_pool2d 2x2; out 10, affine, snn_ct, 7 bits"
    assert layers in page
    assert "7x7x1-5x5x4-2x2x4-10" in page
    spikes, membranes = (6 * 5 * n for n in (100 + 16 + 10, 100 + 10))
    assert f"agree in all {spikes:,} spikes and all {membranes:,} membranes" in page
    assert "7x7x1-5x5x4-2x2x4-10, 5 steps" in summary_text(summary)


def test_the_summary_is_right_and_comes_from_the_folder_alone(tmp_path):
    samples = make_samples(20)
    summary, _ = run(tmp_path, samples=samples)
    again = summarise(tmp_path / "run")
    assert again == summary
    assert json.loads(json.dumps(summary.to_json()))["schema"] == "spikec.summary/1"
    batch = simulate_batch(NETWORK, np.stack([sample.inputs(NETWORK) for sample in samples]))
    truth = np.array([sample.labels["digit"] for sample in samples])
    head = summary.heads[0]
    assert (head.name, head.samples) == ("digit", 20)
    assert head.curve_device == head.curve_reference
    assert head.curve_device == pytest.approx(tuple((batch.answers["digit"] == truth[:, None]).mean(axis=0)))
    assert head.accuracy_device == head.curve_device[-1]
    assert np.sum(head.confusion_device) == 20
    assert np.trace(head.confusion_device) == round(20 * head.accuracy_device)
    assert [sum(row) for row in head.confusion_device] == [2] * 10
    assert summary.latency.max == 1000 + len(samples[0].events)
    assert summary.latency_unit == "ns"
    assert summary.seconds_per_unit == 1e-6, "by the counter's rate that the device named"
    assert [layer.latency.median for layer in summary.layers] == [100, 200]
    assert summary.layers[0].spikes_per_step == pytest.approx(tuple(batch.layer_spikes[:, 0].mean(axis=0)))
    assert summary.synops.mean == pytest.approx(batch.synops.sum(axis=1).mean())
    assert summary.samples_per_s > 0
    assert summary.link["greetings"] == 1


def test_energy_is_an_estimate_or_nothing(tmp_path):
    summary, _ = run(tmp_path)
    assert summary.energy is None
    from codegen.board import load_board

    board = load_board("mps2_an386")
    with FakeDevice(NETWORK, tmp_path) as fake, open_device(fake) as device:
        summary = run_stream(NETWORK, board, device, make_samples(3), tmp_path / "other")
    assert summary.energy.kind == "estimated"
    assert summary.energy.joules_per_inference == pytest.approx(board.energy.joules(summary.latency.mean))
    assert summary.latency.mean == pytest.approx(1120 / 1.6)


def test_samples_without_labels_have_no_accuracy(tmp_path):
    samples = [replace(sample, labels={"digit": None, "motion": 1}) for sample in make_samples(4)]
    summary, _ = run(tmp_path, samples=samples)
    assert summary.heads[0].accuracy_device is None
    assert summary.heads[0].samples == 0
    assert summary.heads[1].accuracy_device is not None


def test_membrane_readout_knows_the_last_answer_only_without_trace(tmp_path):
    network = random_network(readout="membrane")
    summary, _ = run(tmp_path, network=network)
    assert summary.heads[0].curve_device[:-1] == (None,) * (network.steps - 1)
    assert summary.heads[0].accuracy_device == summary.heads[0].accuracy_reference
    summary, _ = run(tmp_path, network=network, folder="traced", trace=True)
    assert summary.heads[0].curve_device == summary.heads[0].curve_reference
    assert summary.different == 0


def test_images_through_frames(tmp_path):
    summary, _ = run(tmp_path, network=frame_network(), samples=image_samples(5), trace=True)
    assert (summary.samples, summary.different) == (5, 0)


@pytest.mark.parametrize("trace", [False, True])
def test_the_all_ones_input_is_measured_beside_the_samples(tmp_path, trace):
    summary, fake = run(tmp_path, worst=True, trace=trace)
    assert (summary.samples, summary.different, fake.computed) == (20, 0, 21)
    ones = simulate_batch(NETWORK, np.ones((1, 6, 36), bool))
    assert summary.worst.layer_synops == tuple(ones.synops[0])
    assert summary.worst.latency == 1000 + 6 * 36, "the fake device counts its events"
    assert summary.worst.layer_synops[0] == summary.layers[0].most_synops == 6 * 36 * 20
    assert summary.most_synops == 6 * (36 * 20 + 20 * 12) >= summary.worst.synops >= summary.synops.max
    assert summary.agrees
    again, fake = run(tmp_path, worst=True, resume=True, trace=trace)
    assert (again.worst, fake.computed) == (summary.worst, 0), "a run that goes on does not measure it again"


def test_a_device_that_fails_at_the_all_ones_input_only_is_no_success(tmp_path):
    def flip(index, result, trace):
        return (replace(result, **CHANGES["spike"](result)) if index == 20 else result), trace

    summary, _ = run(tmp_path, worst=True, faults=Faults(flip=flip), data=DATA)
    assert summary.different == 0
    assert not summary.agrees
    text = summary_text(summary)
    assert "0 mismatching spikes, but the all-ones input differs" in text
    assert "The all-ones input differs: layer l1, step 3, neuron 4: spike" in text
    assert 'class="verdict different"' in write_report(tmp_path / "run", summary).read_text()


def test_all_ones_reach_a_network_that_takes_frames(tmp_path):
    summary, _ = run(tmp_path, network=conv_network(), samples=image_samples(3), worst=True)
    conv, pool, out = summary.layers
    assert summary.worst.layer_synops[0] == conv.most_synops == 5 * 25 * 9 * 4
    assert (pool.most_synops, out.most_synops) == (0, 5 * 16 * 10)
    assert summary.agrees


@pytest.mark.parametrize("polarity", ["on", "off", "both", "merged"])
@pytest.mark.parametrize("block", [1, 2])
def test_a_sample_can_be_made_of_spikes(polarity, block):
    encoding = EventBinning(width=7, height=6, polarity=polarity, start_us=50, bin_us=300, downsample=block)
    network = random_network(sizes=(encoding.size, 12), encoding=encoding)
    spikes = np.random.default_rng(1).random((network.steps, encoding.size)) < 0.3
    assert np.array_equal(sample_of_spikes(network, spikes).inputs(network), spikes)


def test_the_first_inference_of_each_stretch_is_apart_from_the_steady_state(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, progress=stop_after(8), data=DATA)
    run(tmp_path, resume=True, data=DATA)
    path = tmp_path / "run" / FILE
    slow = []
    for value in lines(tmp_path):  # As a device that is slow after each start.
        if value["kind"] == "sample" and value["index"] in (0, 8):
            value |= {"ticks": 9000 + value["index"], "layer_ticks": [5000, 4000]}
        slow.append(json.dumps(value))
    path.write_text("\n".join(slow) + "\n")
    summary = summarise(tmp_path / "run")
    assert summary.latency_first == (9000, 9008)
    assert summary.latency_steady.max == 1120
    assert summary.latency.max == 9008
    assert summary.layers[0].latency_first == (5000, 5000)
    assert summary.layers[1].latency_steady.max == 200
    text = summary_text(summary)
    assert "each of 2 stretches of streaming has one" in text


def test_the_99th_percentile():
    assert spread(range(101)) == Spread(0, 50, 50, 95, 99, 100)


def changed(array, place, by):
    array = array.copy()
    array[place] = array[place] ^ True if array.dtype == bool else array[place] + by
    return array


CHANGES = {
    "spike": lambda result: {"spikes": changed(result.spikes, (3, 4), 1)},
    "count": lambda result: {"layer_spikes": changed(result.layer_spikes, (0, 2), 1)},
    "membrane": lambda result: {"membranes": changed(result.membranes, 5, 1)},
    "synops": lambda result: {"synops": (result.synops[0], result.synops[1] + 1)},
    "answer": lambda result: {"answers": ((result.answers[0] + 1) % 10, result.answers[1])},
}


def flipped(where):
    """A fault in the device's numbers, in sample 7."""

    def flip(index, result, trace):
        if index == 7 and where == "hidden spike":
            trace.spikes[0][2, 6] ^= True
        elif index == 7 and where == "hidden membrane":
            trace.membranes[0][1, 3] -= 2
        elif index == 7:
            result = replace(result, **CHANGES[where](result))
        return result, trace

    return Faults(flip=flip)


@pytest.mark.parametrize(
    ("where", "field", "words"),
    [
        ("spike", "mismatching_spikes", "layer l1, step 3, neuron 4: spike"),
        ("count", "mismatching_counts", "layer l0, step 2: "),
        ("membrane", "mismatching_final_membranes", "layer l1, last step, neuron 5: last membrane"),
        ("synops", "mismatching_synops", "layer l1: "),
        ("answer", "mismatching_answers", "head digit: answer"),
        ("hidden spike", "mismatching_spikes", "layer l0, step 2, neuron 6: spike"),
        ("hidden membrane", "mismatching_membranes", "layer l0, step 1, neuron 3: membrane"),
    ],
)
def test_every_single_difference_is_found_and_described(tmp_path, where, field, words):
    summary, _ = run(tmp_path, faults=flipped(where), trace="hidden" in where)
    assert summary.different == 1
    counted = {name: value for name, value in vars(summary).items() if name.startswith("mismatching") and value}
    assert counted == {field: 1}
    (first,) = summary.first_differences
    assert (first["index"], first["id"]) == (7, "Test/7/7.bin")
    assert first["text"].startswith(words)
    assert "on the device" in first["text"]
    assert "in the reference" in first["text"]


def test_what_led_to_the_first_difference_is_recorded(tmp_path):
    summary, _ = run(tmp_path, faults=flipped("hidden spike"), trace=True, data=DATA)
    (first,) = summary.first_differences
    sample = make_samples(20)[7]
    inputs, layer = sample.inputs(NETWORK), NETWORK.layers[0]
    trace = simulate(NETWORK, inputs)
    fired = int(trace.spikes[0][2, 6])
    assert first["place"] == {
        "layer": "l0", "step": 2, "neuron": 6, "quantity": "spike", "device": 1 - fired, "reference": fired
    }  # fmt: skip
    cause = first["cause"]
    weights = layer.connection.weight[6].astype(int)
    wanted = [[int(i), int(weights[i])] for i in np.flatnonzero(inputs[2]) if weights[i]]
    assert (cause["source"], cause["arrived"], cause["arrived_in_all"]) == ("input", wanted, len(wanted))
    assert (cause["bias"], cause["threshold"]) == (layer.connection.bias[6], layer.neuron.theta[6])
    assert [step["membrane"] for step in cause["history"]] == trace.membranes[0][:3, 6].tolist()
    assert [step["spike"] for step in cause["history"]] == trace.spikes[0][:3, 6].tolist()
    sums = layer.connection.current(inputs, np.int64)[:3, 6]
    assert [step["sum"] for step in cause["history"]] == sums.tolist()
    text = summary_text(summary)
    source, weight = wanted[0]
    assert f"in step 2 {len(wanted)} spikes came from the input: {source} ({weight:+d})" in text
    assert "What led to the first" in write_report(tmp_path / "run", summary).read_text()


def test_deeper_layers_and_pooling_tell_their_causes():
    network = conv_network()
    inputs = np.random.default_rng(4).random((5, 49)) < 0.5
    trace = simulate(network, inputs)
    neuron = int(np.flatnonzero(trace.spikes[1].any(axis=0))[0])
    step = int(np.flatnonzero(trace.spikes[1][:, neuron])[0])
    pooled = cause(network, inputs, Place(1, step, neuron, "spike", 0, 1))
    row, column, channel = neuron // 8, neuron // 4 % 2, neuron % 4
    window = [((2 * row + i) * 5 + 2 * column + j) * 4 + channel for i in (0, 1) for j in (0, 1)]
    assert [source for source, _ in pooled["arrived"]] == [x for x in window if trace.spikes[0][step, x]]
    assert pooled["source"] == "conv1"
    assert pooled["bias"] is pooled["threshold"] is pooled["history"][0]["sum"] is None
    dense = cause(network, inputs, Place(2, step, 3, "membrane", 0, 1))
    assert (dense["source"], dense["arrived_in_all"]) == ("pool1", np.count_nonzero(trace.spikes[1][step]))
    assert cause(network, inputs, Place(0, 0, None, "spikes", 3, 4)) is None


def test_a_difference_in_a_count_has_no_neuron(tmp_path):
    summary, _ = run(tmp_path, faults=flipped("count"), data=DATA)
    (first,) = summary.first_differences
    assert (first["place"]["layer"], first["place"]["neuron"], first["cause"]) == ("l0", None, None)
    assert "--trace finds the neuron" in summary_text(summary)


def test_a_difference_is_told_while_it_runs(tmp_path):
    told = []
    run(tmp_path, faults=flipped("spike"), progress=lambda *args: told.append(args[2]))
    assert told[0] == "all equal"
    assert told[-1] == "1 differ"


def test_an_interrupted_run_goes_on(tmp_path):
    with FakeDevice(NETWORK, tmp_path) as fake, open_device(fake) as device, pytest.raises(KeyboardInterrupt):
        run_stream(NETWORK, BOARD, device, make_samples(20), tmp_path / "run", progress=stop_after(8))
    assert len(read_run(tmp_path / "run").samples) == 8
    assert not read_run(tmp_path / "run").sessions[0].finished
    summary, fake = run(tmp_path, resume=True)
    assert (summary.samples, summary.different) == (20, 0)
    assert fake.computed == 12
    assert {sample.session for sample in read_run(tmp_path / "run").samples} == {0, 1}
    summary, fake = run(tmp_path, resume=True)
    assert fake.computed == 0
    assert summary.samples == 20


def stop_after(count):
    def progress(done, _total, _words):
        if done == count:
            raise KeyboardInterrupt

    return progress


HOST = """
import sys
from pathlib import Path
from stream_helpers import BOARD, NETWORK, make_samples
from hostctl.results import run_stream
port, folder = sys.argv[1:]
tell = lambda done, total, words: print(done, flush=True)
run_stream(NETWORK, BOARD, port, make_samples(600), Path(folder), progress=tell)
"""


def test_an_interrupted_run_plays_the_samples_of_an_undisturbed_one(tmp_path):
    samples = make_samples(20)
    whole, _ = run(tmp_path, samples=samples, folder="whole", data=DATA)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, samples=samples, progress=stop_after(1), data=DATA)
    summary, _ = run(tmp_path, samples=samples, resume=True, data=DATA)
    films = [content(tmp_path / name, each)["films"] for name, each in (("whole", whole), ("run", summary))]
    assert films[0] == films[1]
    assert films[0][0]["spikes"] == [np.flatnonzero(step).tolist() for step in samples[0].inputs(NETWORK)]


@pytest.mark.parametrize("seed", range(20))
def test_the_lowest_of_each_kind_are_kept_in_any_order(seed):
    records = chance_records(seed, 30)
    order = np.random.default_rng(seed).permutation(len(records))
    first, second = Keeper(), Keeper()  # The run is interrupted after eight samples.
    kept = {records[i].index for k, i in enumerate(order) if (first if k < 8 else second).wants(records[i])}
    assert set(chosen(records)) <= kept


def chance_records(seed, count):
    """Records that are right or wrong, equal or different, by chance."""
    random = np.random.default_rng(seed + 100)
    records = []
    for i in range(count):
        wrong, different = (bool(random.integers(0, 5) == 0) for _ in range(2))
        answers = {"digit": [int(wrong)]}
        first = "spike" if different else None
        fields = (i, str(i), {"digit": 0}, answers, answers, [], [], 0, 0, None, 0, 0, 0, first, 0, [], [], 0.0, 0.0)
        records.append(SampleRecord(*fields))
    return records


def test_inputs_that_would_make_a_page_slow_are_not_kept():
    assert input_record(3, np.ones((4, 5000), bool)) is not None
    assert input_record(3, np.ones((4, 5001), bool)) is None


def test_a_killed_run_goes_on(tmp_path):
    """The host is killed without a chance to say goodbye, and another one takes over port and folder."""
    samples = make_samples(600)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parent), *sys.path])}
    with FakeDevice(NETWORK, tmp_path) as fake:
        command = [sys.executable, "-c", HOST, fake.port, str(tmp_path / "run")]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as host:
            for line in host.stdout:
                if int(line) == 40:
                    host.kill()
                    break
        kept = len(read_run(tmp_path / "run").samples)
        assert 40 <= kept < 600
        short = samples[: kept + 30]
        with open_device(fake) as device:
            with pytest.raises(SpikecError, match="samples was 600"):
                run_stream(NETWORK, BOARD, device, short, tmp_path / "run", resume=True)
            run_stream(NETWORK, BOARD, device, samples, tmp_path / "run", resume=True)
    assert sum(sample.session == 0 for sample in read_run(tmp_path / "run").samples) == kept
    summary = summarise(tmp_path / "run")
    assert (summary.samples, summary.different) == (600, 0)


@pytest.mark.parametrize("cut", [1, 7, 200])
def test_a_torn_last_line_is_done_again(tmp_path, cut):
    whole, _ = run(tmp_path)
    path = tmp_path / "run" / FILE
    rows = path.read_bytes().splitlines(keepends=True)[:-1]  # killed: no session line either
    path.write_bytes(b"".join(rows)[:-cut])
    assert summarise(tmp_path / "run").samples == 19
    summary, fake = run(tmp_path, resume=True)
    assert fake.computed == 1
    assert summary.samples == 20
    assert summary.heads == whole.heads


def test_a_torn_header_loses_nothing(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / FILE).write_text('{"kind":"header","sch')
    summary, _ = run(tmp_path, resume=True)
    assert summary.samples == 20


def test_resume_refuses_another_run_and_names_every_reason(tmp_path):
    run(tmp_path, options={"seed": 1})
    with pytest.raises(SpikecError) as caught:
        run(tmp_path, network=random_network(5), samples=make_samples(7), resume=True, options={"seed": 2}, trace=True)
    text = str(caught.value)
    for words in (
        "network was",
        "samples was 20, now it is 7",
        "digest was",
        "option seed was 1",
        "option trace was False",
    ):
        assert words in text
    assert len(read_run(tmp_path / "run").samples) == 20


def test_results_are_not_overwritten_unless_asked(tmp_path):
    run(tmp_path)
    with pytest.raises(SpikecError, match=r"another run.*--resume.*--force"):
        run(tmp_path)
    before = (tmp_path / "run" / FILE).read_bytes()
    run(tmp_path, force=True)
    assert (tmp_path / "run" / (FILE + ".old")).read_bytes() == before


def test_no_samples(tmp_path):
    with pytest.raises(SpikecError, match="no samples"):
        run(tmp_path, samples=[])


def test_a_port_is_opened_and_given_back(tmp_path):
    notes = []
    with FakeDevice(NETWORK, tmp_path, Faults(log=b"hello")) as fake:
        for folder in ("a", "b"):
            summary = run_stream(NETWORK, BOARD, fake.port, make_samples(3), tmp_path / folder, note=notes.append)
            assert summary.samples == 3
    assert notes == ["device: hello"] * 2


def test_device_trouble_keeps_what_has_arrived(tmp_path):
    # Each sample is BEGIN, EVENTS, EVENTS, END: the device falls silent in the sixth.
    patience = Patience(greeting_s=0.1, reply_s=0.1, greetings=2, pings=1)
    with (
        FakeDevice(NETWORK, tmp_path, Faults(stop_at=23)) as fake,
        open_device(fake, patience=patience) as device,
        pytest.raises(SpikecError, match="last heard"),
    ):
        run_stream(NETWORK, BOARD, device, make_samples(20), tmp_path / "run")
    assert 3 <= len(read_run(tmp_path / "run").samples) < 20
    summary, _ = run(tmp_path, resume=True)
    assert (summary.samples, summary.different) == (20, 0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "cannot be read"),
        ("", "does not begin with a header"),
        ("[1]\n", "line 1: is damaged"),
        ('{"kind":"sample"}\n', "does not begin with a header"),
        ('{"kind":"header","schema":"spikec.results/9"}\n', "has schema 'spikec.results/9'"),
        ('{"kind":"header","schema":"spikec.results/1"}\n', "lacks fields"),
    ],
)
def test_files_that_are_no_results(tmp_path, text, words):
    if text is not None:
        (tmp_path / FILE).write_text(text)
    with pytest.raises(SpikecError, match=words):
        summarise(tmp_path)


def test_damage_in_the_middle_is_not_passed_over(tmp_path):
    run(tmp_path)
    path = tmp_path / "run" / FILE
    rows = path.read_text().splitlines()
    rows[4] = rows[4][:30]
    path.write_text("\n".join(rows) + "\n")
    with pytest.raises(SpikecError, match="line 5: is damaged"):
        summarise(tmp_path / "run")


def test_fields_and_lines_of_later_versions_are_ignored(tmp_path):
    run(tmp_path)
    path = tmp_path / "run" / FILE
    rows = [{**json.loads(line), "future": 1} for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps(row) + "\n" for row in [*rows, {"kind": "note", "text": "hi"}]))
    assert summarise(tmp_path / "run").samples == 20


def test_a_run_killed_before_its_first_result_has_a_summary(tmp_path):
    run(tmp_path)
    path = tmp_path / "run" / FILE
    path.write_text(path.read_text().splitlines()[0] + "\n")
    summary = summarise(tmp_path / "run")
    assert (summary.samples, summary.samples_per_s, summary.latency.max) == (0, 0.0, 0.0)
    json.dumps(summary.to_json(), allow_nan=False)


def test_lines_reach_the_disk_every_second_and_at_the_end(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(records_module.os, "fsync", synced.append)
    clock = [0.0]
    monkeypatch.setattr(records_module.time, "monotonic", lambda: clock[0])
    with Writer(tmp_path / "new" / "file") as writer:
        writer.add(records_module.SessionRecord(0, 1, 1.0, True))
        assert synced == []
        assert (tmp_path / "new" / "file").read_text().endswith("\n"), "but flushed at once"
        clock[0] = 1.5
        writer.add(records_module.SessionRecord(0, 1, 1.0, True))
        assert len(synced) == 1
    assert len(synced) == 2


def test_places_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SpikecError, match="cannot be written"):
        Writer(tmp_path / "file" / "below")
    full = open("/dev/full", "wb", buffering=0)  # noqa: PTH123, SIM115
    with Writer(tmp_path / "ok") as writer, full:
        kept, writer._file = writer._file, full
        with pytest.raises(SpikecError, match=r"No space left.*--resume"):
            writer.add(records_module.SessionRecord(0, 1, 1.0, True))
        writer._file = kept
