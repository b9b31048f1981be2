"""The real host streams samples to the device in hardware, over the pins of a UART: the results are the C device's."""

import dataclasses
import pickle

import numpy as np
import pytest
from conversations import frames_of
from device_build import event_network, recording
from device_client import BEGIN, END, EVENTS, HELLO, RESULT, TRACE, begin, frame
from device_model import BOTH, HERE, RTL, SOURCES, WAIT, Model, Pair, piece
from test_blocks import run_bench

from hostctl.protocol import ResultPiece, TracePiece, pack_events
from hostctl.samples import Sample
from hostctl.stream.result import Collector

NETWORK = event_network()
MODEL = Model(
    NETWORK.name, NETWORK.steps, ((40, 2), (11, 2)), ((0, 9), (9, 11)), width=9, height=7, polarity=BOTH,
    start_us=500, bin_us=1000, max_payload=200, rx_bytes=1024, network_digest=NETWORK.digest,
)  # fmt: skip


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    return Pair(MODEL, tmp_path_factory.mktemp("line"))


def samples(count):
    return [Sample(i, f"sample {i}", {"digit": None, "motion": None}, recording(i, count=60)) for i in range(count)]


def in_c(pair, sample, trace):
    """What the C device gives for a sample, as the host reads it."""
    payloads = [begin(sample.index + 1, 0, int(trace)), *pack_events(sample.events, MODEL.max_payload), b""]
    kinds = [BEGIN, *[EVENTS] * (len(payloads) - 2), END]
    data = b"".join(frame(kind, i, payload) for i, (kind, payload) in enumerate(zip(kinds, payloads, strict=True)))
    answers = frames_of(b"".join(pair.in_c(piece(frame(HELLO, 0, b"abcd")) + piece(data) + WAIT)))
    collector = Collector(NETWORK, trace)
    for kind, _, payload in answers:
        if kind == TRACE:
            collector.add_trace(TracePiece.unpack(payload))
        elif kind == RESULT:
            collector.add_result(ResultPiece.unpack(payload))
    return collector.finish(sample.index, 0.0)


def assert_equal(ours, theirs):
    for field in dataclasses.fields(theirs):
        if field.name == "wall_s":
            continue
        a, b = getattr(ours, field.name), getattr(theirs, field.name)
        if field.name == "trace" and b is not None:
            for rows, others in zip(a.spikes + a.membranes, b.spikes + b.membranes, strict=True):
                np.testing.assert_array_equal(rows, others)
        else:
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(("noise", "trace"), [(0.0, False), (0.0, True), (0.0002, False)])
def test_the_host_gets_the_results_of_the_c_device(pair, tmp_path, noise, trace):
    todo = samples(2 if trace else 4)
    (tmp_path / "samples.pickle").write_bytes(pickle.dumps((NETWORK, todo)))
    (tmp_path / "greeting.hex").write_text((pair.folder / "greeting.hex").read_text())
    environment = {"BENCH_NOISE": str(noise), "BENCH_TRACE": str(int(trace)), "BENCH_FOLDER": str(tmp_path)}
    run_bench(
        tmp_path, "uart_bench", "blocks_line", ["the_host_streams_samples"], environment=environment,
        sources=[*SOURCES, HERE / "uart_bench.v"], includes=[RTL, pair.folder], run_in=tmp_path,
    )  # fmt: skip
    results, stats, damaged = pickle.loads((tmp_path / "results.pickle").read_bytes())
    assert (damaged > 0) == (noise > 0)
    assert (stats.frames_resent + stats.samples_resent > 0) == (noise > 0)
    assert sorted(result.index for result in results) == [sample.index for sample in todo]
    for result in results:
        assert_equal(result, in_c(pair, todo[result.index], trace))
