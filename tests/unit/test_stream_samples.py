"""Samples: right labels, right spikes, every bad file named at once."""

import gzip
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stream_helpers import NETWORK, frame_network, random_network

from codegen.ir import EventBinning, Head, SpikecError, make_events, reverse_time, write_nmnist
from codegen.ir.images import bernoulli
from hostctl.protocol import unpack_spikes
from hostctl.samples import load_samples, samples_digest

DIGITS = tuple(str(d) for d in range(10))


def recordings(tmp_path, count=6, low=0):
    random = np.random.default_rng(0)
    for i in range(count):
        folder = tmp_path / "Test" / str(i % 3)
        folder.mkdir(parents=True, exist_ok=True)
        x, y, p = (random.integers(0, high, 50) for high in (6, 6, 2))
        write_nmnist(folder / f"{i:05d}.bin", make_events(x, y, np.sort(random.integers(low, 9000, 50)), p))
    return tmp_path


def motionless():
    network = random_network()
    return type(network)("still", network.encoding, network.steps, network.layers, (Head("digit", 0, 10, DIGITS),))


def test_recordings_in_order_with_labels(tmp_path):
    network = motionless()
    samples = load_samples(network, recordings(tmp_path))
    assert [sample.index for sample in samples] == list(range(6))
    assert [sample.id for sample in samples] == [f"Test/{i % 3}/{i:05d}.bin" for i in range(6)]
    assert [sample.labels for sample in samples] == [{"digit": i % 3} for i in range(6)]
    for sample in samples:
        assert (sample.events["p"] == 1).all()
        assert (sample.events["t"] < 6000).all()


def test_all_events_make_the_same_spikes(tmp_path):
    network = motionless()
    relevant = load_samples(network, recordings(tmp_path))
    everything = load_samples(network, tmp_path, all_events=True)
    for few, many in zip(relevant, everything, strict=True):
        assert len(few.events) < len(many.events) == 50
        assert np.array_equal(few.inputs(network), many.inputs(network))
    assert samples_digest(relevant) == samples_digest(everything)
    assert samples_digest(relevant[1:]) != samples_digest(relevant)


def test_a_motion_head_gets_every_recording_backwards_too(tmp_path):
    samples = load_samples(NETWORK, recordings(tmp_path))
    assert len(samples) == 12
    for forward, back in zip(samples[::2], samples[1::2], strict=True):
        assert back.id == f"{forward.id} reversed"
        assert (forward.labels["motion"], back.labels["motion"]) == (0, 1)
        assert forward.labels["digit"] == back.labels["digit"]
        assert np.array_equal(back.inputs(NETWORK), forward.inputs(NETWORK)[::-1])
    assert len(load_samples(NETWORK, tmp_path, reversed_too=False)) == 6
    assert len(load_samples(motionless(), tmp_path, reversed_too=True)) == 12


@pytest.mark.parametrize("limit", [1, 4, 5, 100])
def test_the_limit_counts_samples(tmp_path, limit):
    told = []
    folder = recordings(tmp_path)
    samples = load_samples(NETWORK, folder, limit=limit, progress=lambda *args: told.append(args))
    assert len(samples) == min(limit, 12)
    assert told[-1][0] == told[-1][1] == -(-min(limit, 12) // 2)


def test_every_bad_file_is_named_at_once(tmp_path):
    folder = recordings(tmp_path) / "Test" / "0"
    (folder / "10000.bin").write_bytes(b"")
    (folder / "10001.bin").write_bytes(b"1234567")
    (folder / "10002.bin").write_bytes(b"%PDF-1.7 is no recording\n")
    write_nmnist(folder / "10003.bin", make_events([7], [3], [5], [1]))
    write_nmnist(folder / "10004.bin", make_events([1, 1], [3, 3], [500, 5], [1, 1]))
    (folder / "10005.bin").symlink_to(tmp_path / "nowhere")
    with pytest.raises(SpikecError) as caught:
        load_samples(NETWORK, tmp_path)
    text = str(caught.value)
    for number, words in enumerate(
        [
            "is empty",
            "no multiple of 5",
            "outside the 6x6 sensor",
            "(7, 3) is outside",
            "backwards from 500 to 5",
            "No such file",
        ]
    ):
        assert any(f"1000{number}.bin" in line and words in line for line in text.splitlines()), words


def test_folders_without_recordings(tmp_path):
    for folder, words in ((tmp_path / "none", "does not exist"), (tmp_path, "no N-MNIST")):
        with pytest.raises(SpikecError, match=words):
            load_samples(NETWORK, folder)


def write_images(folder, images, labels, name="MNIST"):
    place = folder / name / "raw"
    place.mkdir(parents=True)
    for kind, array in (("images-idx3", images), ("labels-idx1", labels)):
        head = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
        path = place / f"t10k-{kind}-ubyte.gz"
        path.write_bytes(gzip.compress(head + array.astype(np.uint8).tobytes()))


def test_images_are_coded_alike_for_device_and_reference(tmp_path):
    network = frame_network()
    images = np.random.default_rng(1).integers(0, 256, (8, 7, 7)).astype(np.uint8)
    write_images(tmp_path, images, np.arange(8))
    samples = load_samples(network, tmp_path, seed=5, limit=6)
    assert len(samples) == 6
    assert samples[3].id == "MNIST/Test/3"
    assert samples[3].labels == {"digit": 3}
    expected = bernoulli(images, network.steps, 5)
    for sample in samples:
        assert np.array_equal(sample.inputs(network), expected[sample.index])
        assert np.array_equal(unpack_spikes(sample.packed_frames(), 49), expected[sample.index])


def test_images_are_those_that_the_network_was_trained_on(tmp_path):
    for name, value in (("MNIST", 1), ("FashionMNIST", 2)):
        write_images(tmp_path, np.full((1, 7, 7), value), np.zeros(1), name)
    for annotations, wanted in (({}, 1), ({"dataset": "FashionMNIST"}, 2)):
        (sample,) = load_samples(replace(frame_network(), annotations=annotations), tmp_path)
        assert sample.image.max() == wanted


def test_images_of_another_size(tmp_path):
    write_images(tmp_path, np.zeros((2, 5, 5), np.uint8), np.zeros(2))
    with pytest.raises(SpikecError, match=r"5x5 pixels, network 'tiny' takes 49"):
        load_samples(frame_network(), tmp_path)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [(("3", "7"), [None, None, None, 0]), (("a", "b", "c"), [0, 1, 2, None]), (DIGITS, [0, 1, 2, 3])],
)
def test_labels_go_by_name_or_else_by_place(tmp_path, labels, expected):
    network = frame_network()
    heads = (Head("digit", 0, len(labels), labels),)
    network = type(network)("tiny", network.encoding, network.steps, network.layers, heads)
    write_images(tmp_path, np.zeros((4, 7, 7), np.uint8), np.arange(4))
    assert [sample.labels["digit"] for sample in load_samples(network, tmp_path)] == expected


@given(st.integers(1, 9), st.integers(1, 50), st.integers(0, 300), st.integers(0, 999))
def test_reversing_maps_bin_k_to_bin_steps_minus_1_minus_k(steps, bin_us, start, seed):
    random = np.random.default_rng(seed)
    times = np.sort(random.integers(0, start + steps * bin_us + 50, 40))
    events = make_events(random.integers(0, 6, 40), random.integers(0, 6, 40), times, random.integers(0, 2, 40))
    encoding = EventBinning(6, 6, "both", start, bin_us)
    back = reverse_time(events, start, start + steps * bin_us)
    assert (np.diff(back["t"]) >= 0).all()
    assert np.array_equal(encoding.encode(back, steps), encoding.encode(events, steps)[::-1])
    again = reverse_time(back, start, start + steps * bin_us)
    assert np.array_equal(again, events[(times >= start) & (times < start + steps * bin_us)])


@pytest.mark.real_data
def test_real_recordings(real_data):
    network = random_network(sizes=(1156, 30, 12), steps=16, encoding=EventBinning())
    samples = load_samples(network, real_data, limit=20)
    assert len(samples) == 20
    for forward, back in zip(samples[::2], samples[1::2], strict=True):
        assert 200 < len(forward.events) == len(back.events)
        assert np.array_equal(back.inputs(network), forward.inputs(network)[::-1])
