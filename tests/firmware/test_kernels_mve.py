"""Dense kernels of the Cortex-M55 on random layers: every membrane and every spike as numpy has them.

With MVE, and with the DSP extension alone. Tables and membranes end where the emulated memory ends: a kernel
that reads beyond them faults.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from bare import CORE, TARGETS, build, run
from ladder import STRICT

from codegen.ir import Affine, Layer, SnnDc
from codegen.passes.layouts import affine

PROGRAM = Path(__file__).parent / "kernel_cases.c"
FORMS = ("u7", "u8", "u4", "p4", "p2")
"""The formats of weights by their numbers in kernel_cases.c."""
WRAP = 31
"""SPIKEC_WRAP: values that repeat begin again behind their period."""
ENDS = ["-DTABLES_END=0x10080000u", "-DMEMBRANES_END=0x30080000u"]
"""Where the ITCM and the DTCM end on the mps3_an547."""


@dataclass
class Case:
    """A layer and a step: weights (size, inputs), one bit a spike, and all the kernels' arguments."""

    weight: np.ndarray
    bits: int
    form: str
    spikes: np.ndarray
    membrane: np.ndarray
    bias: np.ndarray
    theta: np.ndarray
    from_bias: bool
    ct: bool
    each: bool

    @property
    def size(self):
        return len(self.weight)

    def periodic(self, values):
        """The values of a table for all neurons."""
        return np.resize(values, self.size).astype(np.int64)

    def packed(self):
        """As kernel_cases.c reads it."""
        layer = Layer(
            "layer", Affine(self.weight, np.zeros(self.size, np.int32), self.bits), SnnDc(np.zeros(self.size))
        )
        (rows,) = (table.values for table in affine.lay_out(layer, 16, self.form).tables if table.name == "weight")
        dtype = self.membrane.dtype
        bias = self.bias if self.from_bias else _table(self.bias, self.size)
        theta = _table(self.theta, self.size)
        numbers = [self.weight.shape[1], self.size, len(self.membrane), rows.shape[1], dtype.itemsize == 4]
        numbers += [
            FORMS.index(self.form),
            self.from_bias,
            self.ct,
            self.each,
            len(self.bias),
            len(self.theta),
            len(bias),
            len(theta),
            self.theta[0],
        ]
        spikes = np.packbits(self.spikes, bitorder="little").tobytes()
        parts = [np.array(numbers, "<i4"), rows, bias, theta, self.membrane]
        words = -(-len(self.spikes) // 32)
        return b"".join(part.tobytes() for part in parts) + spikes.ljust(4 * words, b"\0")

    def expected(self):
        """Membranes with their padding, and spikes."""
        v = (self.bias if self.from_bias else self.membrane).astype(np.int64)
        own = v[: self.size] + self.weight.astype(np.int64) @ self.spikes
        theta = self.periodic(self.theta if self.each else self.theta[:1])
        if self.ct:
            own += self.periodic(self.bias)
        spikes = own > theta
        if self.ct:
            own -= np.where(spikes, theta, 0)
        v[: self.size] = own
        assert np.all(v == v.astype(self.membrane.dtype)), "a case that no network can have"
        return v, spikes


def _table(values, size):
    return values if len(values) >= size else np.concatenate([values, np.resize(values, WRAP)]).astype(values.dtype)


def random_case(seed):
    """Any shape, width and weight that a layer can have."""
    rng = np.random.default_rng([seed, 3])
    edges = [15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65, 95, 96, 97, 127, 128, 129, 143, 144, 145, 256]
    size = int(rng.integers(1, 71)) if rng.random() < 0.7 else int(rng.choice(edges))
    many = [*edges, 200, 252, 253, 254, 300, 505, 511, 700] if size < 100 else edges
    inputs = int(rng.integers(1, 71)) if rng.random() < 0.7 else int(rng.choice(many))
    bits = int(rng.integers(2, 9))
    most = 2 ** (bits - 1) - 1
    weight = rng.integers(-most, most + 1, (size, inputs)).astype(np.int8)
    kind = rng.random()
    if kind < 0.3:
        weight[:] = most if kind < 0.1 else -most if kind < 0.2 else weight // most * most
    spikes = rng.random(inputs) < rng.choice([0, 0.05, 0.3, 0.9, 1.0])
    sums = int(np.abs(weight.astype(np.int64)).sum(axis=1).max())
    wide = bool(rng.random() < 0.5 or sums > 32_000)
    room = ((1 << 31) - 1 if wide else 32_767) - sums
    connection = Affine(weight, np.zeros(size, np.int32), bits)
    forms = affine.formats(connection)
    form = forms[-1] if rng.random() < 0.4 else str(rng.choice(forms))
    return _with_neurons(rng, weight, bits, form, spikes, np.dtype("<i4" if wide else "<i2"), room // 4)


def _with_neurons(rng, weight, bits, form, spikes, dtype, room):
    lanes = next(known.lanes for known in affine.FORMATS if known.name == form)
    size, padded = len(weight), -(-len(weight) // lanes) * lanes
    ct = bool(rng.random() < 0.5)
    from_bias = not ct and bool(rng.random() < 0.5)
    each = bool(rng.random() < 0.5)
    reach = int(rng.choice([room, min(room, 200)]))
    periods = [size, size, 1, 3, 8, int(rng.integers(1, size + 1))]
    bias_period, theta_period = (min(size, int(rng.choice(periods))) for _ in range(2))
    membrane = rng.integers(-reach, reach + 1, padded)
    bias = rng.integers(-reach, reach + 1, padded if from_bias else bias_period)
    low = -reach
    if not ct and rng.random() < 0.2:
        low, reach = np.iinfo(dtype).min, np.iinfo(dtype).max
    theta = rng.integers(low, reach + 1, theta_period)
    if rng.random() < 0.1:
        theta[:] = rng.choice([low, reach])
    arrays = (membrane.astype(dtype), bias.astype(dtype), theta.astype(dtype))
    return Case(weight, bits, form, spikes, *arrays, from_bias=from_bias, ct=ct, each=each)


def differences(cases, said):
    """What the kernels say otherwise than numpy, one line a case."""
    at, lines = 0, []

    def take(dtype, count):
        nonlocal at
        values = np.frombuffer(said, dtype, count, at)
        at += values.nbytes
        return values

    for index, case in enumerate(cases):
        membranes, spikes = case.expected()
        count, sound = take("<u4", 2).tolist()
        got = take(case.membrane.dtype, len(membranes))
        bits = np.unpackbits(take("<u4", -(-case.size // 32)).view(np.uint8), bitorder="little")
        wrong = [] if sound else ["wrote beyond its arrays"]
        wrong += [] if count == case.spikes.sum() else [f"counted {count} spikes"]
        wrong += [] if np.array_equal(got, membranes) else ["membranes differ"]
        wrong += [] if np.array_equal(np.flatnonzero(bits), np.flatnonzero(spikes)) else ["spikes differ"]
        lines += [f"case {index}, {case.weight.shape}, {case.form}: {text}" for text in wrong]
    assert at == len(said), "the program said more, or less"
    return lines


@pytest.fixture(scope="module")
def cases():
    return [random_case(seed) for seed in range(1000)]


def test_the_cases_are_of_all_kinds(cases):
    for name in ("from_bias", "ct", "each"):
        assert 100 < sum(getattr(case, name) for case in cases) < 900
    assert {case.bits for case in cases} == set(range(2, 9))
    assert min(sum(case.form == form for case in cases) for form in FORMS) >= 50
    assert {case.size for case in cases} >= set(range(1, 71))
    assert 200 < sum(case.membrane.dtype.itemsize == 4 for case in cases) < 800
    assert sum(case.spikes.sum() > 252 for case in cases) >= 10, "lists longer than a chunk"
    shares = [case.expected()[1].mean() for case in cases]
    assert sum(0 < share < 1 for share in shares) > 400


@pytest.mark.arm
@pytest.mark.usefixtures("arm_tools")
@pytest.mark.parametrize(
    ("core", "flags"),
    [
        ("cortex-m55", ["-O2"]),
        ("cortex-m55", ["-Os"]),
        ("cortex-m55-dsp", ["-O2"]),
    ],
    ids=["mve", "mve-Os", "dsp"],
)
def test_random_layers(cases, tmp_path, core, flags):
    files = [*sorted(CORE.glob("*.c")), PROGRAM]
    build(TARGETS[core], files, tmp_path / "cases.elf", [*STRICT, *flags, *ENDS])
    said = run(TARGETS[core], tmp_path / "cases.elf", b"".join(case.packed() for case in cases), timeout=100)
    assert differences(cases, said) == []


def test_a_difference_is_seen(cases):
    case = cases[0]
    membranes, spikes = case.expected()
    words = np.packbits(spikes, bitorder="little").tobytes().ljust(4 * -(-case.size // 32), b"\0")
    good = np.array([case.spikes.sum(), 1], "<u4").tobytes() + membranes.astype(case.membrane.dtype).tobytes()
    assert differences([case], good + words) == []
    membranes[-1] += 1
    bad = good[:8] + membranes.astype(case.membrane.dtype).tobytes()
    assert any("membranes differ" in line for line in differences([case], bad + words))
