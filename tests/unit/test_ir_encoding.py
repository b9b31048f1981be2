"""Binning of events against a loop over them, and images with their rate coding."""

import gzip

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegen.ir import EventBinning, SpikecError, SpikeFrames, make_events
from codegen.ir.encoding import encoding_from_json
from codegen.ir.images import bernoulli, downsampled, encode, levels, read_idx, read_mnist


def naive(encoding, events, steps):
    """The docstring of EventBinning, event by event."""
    spikes = np.zeros((steps, encoding.size), bool)
    _, columns, channels = encoding.shape
    for x, y, t, p in events.tolist():
        step = (t - encoding.start_us) // encoding.bin_us
        counts = {"on": p == 1, "off": p == 0, "both": True, "merged": True}[encoding.polarity]
        if counts and 0 <= step < steps:
            channel = p if encoding.polarity == "both" else 0
            pixel = y // encoding.downsample * columns + x // encoding.downsample
            spikes[step, pixel * channels + channel] = True
    return spikes


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["on", "off", "both", "merged"]),
    st.integers(1, 9), st.integers(1, 9), st.integers(1, 4),
    st.sampled_from([0, 1, 700]), st.sampled_from([1, 3, 1000]),
    st.integers(1, 6), st.integers(0, 2**32 - 1), st.integers(0, 60),
)  # fmt: skip
def test_binning(polarity, width, height, downsample, start_us, bin_us, steps, seed, count):
    encoding = EventBinning(width, height, polarity, start_us, bin_us, downsample)
    random = np.random.default_rng(seed)
    end = start_us + steps * bin_us
    events = make_events(
        random.integers(0, width, count), random.integers(0, height, count),
        np.sort(random.integers(0, end + bin_us + 1, count)), random.integers(0, 2, count),
    )  # fmt: skip
    spikes = encoding.encode(events, steps)
    assert spikes.dtype == np.bool_
    assert np.array_equal(spikes, naive(encoding, events, steps))
    assert np.array_equal(encoding.encode(encoding.relevant(events, steps), steps), spikes)


def test_times_beyond_16_bits_do_not_wrap():
    encoding = EventBinning(1, 1, "merged", bin_us=1_000_000)
    assert encoding.encode(make_events([0], [0], [2_147_483_647], [0]), 2148)[2147, 0]


def test_shapes():
    assert EventBinning(34, 34, "both", downsample=4).shape == (9, 9, 2)
    assert EventBinning().size == 1156
    assert SpikeFrames(2, 3, 5).shape == (3, 5, 2)
    assert SpikeFrames(2, 3, 5).size == 30


@pytest.mark.parametrize("encoding", [EventBinning(3, 4, "off", 5, 6, 7), SpikeFrames(1, 28, 28)])
def test_encodings_come_back_from_json(encoding):
    assert encoding_from_json(encoding.kind, encoding.to_json()) == encoding


def test_unknown_encodings_and_fields():
    with pytest.raises(KeyError):
        encoding_from_json("sound", {})
    with pytest.raises(TypeError):
        encoding_from_json("frames", {"colour": 1})


# ---- images ----------------------------------------------------------------------------------------------------------


def idx(array):
    header = bytes([0, 0, 8, array.ndim]) + b"".join(int(n).to_bytes(4, "big") for n in array.shape)
    return header + array.astype(np.uint8).tobytes()


def test_idx_plain_and_gzipped(tmp_path):
    array = np.arange(24).reshape(2, 3, 4)
    (tmp_path / "a").write_bytes(idx(array))
    (tmp_path / "b").write_bytes(gzip.compress(idx(array)))
    assert np.array_equal(read_idx(tmp_path / "a"), array)
    assert np.array_equal(read_idx(tmp_path / "b"), array)


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"", "is not an idx file of bytes"),
        (b"\0\0\x09\x01\0\0\0\0", "is not an idx file of bytes"),
        (b"\0\0\x08\x03\0\0", "is not an idx file of bytes"),
        (idx(np.zeros(5))[:-1], "holds 4 bytes of data, its header says (5,)"),
        (gzip.compress(idx(np.zeros(5)), mtime=0)[:-9], "cannot be read"),
    ],
)
def test_bad_idx(tmp_path, content, part):
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(SpikecError) as caught:
        read_idx(tmp_path / "a")
    assert part in str(caught.value)


@pytest.mark.parametrize("below", ["", "raw", "MNIST/raw"])
def test_mnist_is_found(tmp_path, below):
    root = tmp_path / below
    root.mkdir(parents=True, exist_ok=True)
    (root / "t10k-images-idx3-ubyte.gz").write_bytes(gzip.compress(idx(np.ones((2, 3, 3)))))
    (root / "t10k-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(np.array([7, 2]))))
    images, labels = read_mnist(tmp_path)
    assert images.shape == (2, 3, 3)
    assert labels.tolist() == [7, 2]


def test_no_mnist(tmp_path):
    with pytest.raises(SpikecError, match="holds no MNIST images"):
        read_mnist(tmp_path)
    with pytest.raises(SpikecError, match="does not exist"):
        read_mnist(tmp_path / "nowhere")


def test_bernoulli():
    images = np.full((3, 2, 2), 128, np.uint8)
    images[0], images[1, 0] = 0, 255
    spikes = bernoulli(images, 500, seed=1)
    assert spikes.shape == (3, 500, 4)
    assert not spikes[0].any()
    assert spikes[1, :, :2].all()
    assert abs(spikes[2].mean() - 128 / 255) < 0.05
    assert np.array_equal(bernoulli(images[2:], 500, seed=1, first=2), spikes[2:])
    assert not np.array_equal(bernoulli(images, 500, seed=2), spikes)


def test_levels_ask_between_those_before():
    assert levels(7).tolist() == [127, 63, 191, 31, 159, 95, 223]
    assert np.array_equal(levels(3), levels(7)[:3])  # The first steps do not depend on how many follow.
    assert len(set(levels(100).tolist())) == 100


def test_coding_by_thresholds():
    image = np.array([[[0, 64, 127], [128, 200, 255]]], np.uint8)
    spikes = encode(image, SpikeFrames(1, 2, 3, "threshold"), 3)
    assert spikes[0].astype(int).tolist() == [[0, 0, 0, 1, 1, 1], [0, 1, 1, 1, 1, 1], [0, 0, 0, 0, 1, 1]]


def test_downsampling_rounds_the_means_of_blocks():
    image = np.array([[[0, 1, 10], [0, 1, 20], [255, 255, 255]]], np.uint8)
    assert downsampled(image, 2)[0].tolist() == [[1, 8], [128, 64]]
    assert downsampled(image, 1) is image
    coded = encode(image, SpikeFrames(1, 2, 2, "bernoulli", 2), 4, seed=3, first=9)
    assert np.array_equal(coded, bernoulli(downsampled(image, 2), 4, 3, 9))
