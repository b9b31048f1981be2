"""The AVR's kernels of dense layers on 1,000 random layers of odd shapes: equal to the reference, bit for bit.

All formats that hold a layer's weights take turns, with weights in flash and, of layers that fit, in RAM. A program
holds as many layers as near pointers reach.
"""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from bare_avr import DRIVER, core_objects, link, run

from codegen.ir import Affine, Layer, SnnCt, SnnDc
from codegen.ir.reference import exact_dtype, step_through
from codegen.passes.layouts import formats
from codegen.passes.layouts.affine import lay_out
from codegen.passes.widths import prove_width

pytestmark = pytest.mark.avr
LAYERS, QUICK = 1_000, 60
FLASH = 40_000
RAM = 6_800
"""Bytes of a layer in RAM, at most; the rest of 8 KiB is for the stack and what else there is."""
WRAP = 31
PART = "atmega2560"
EDGES = (8, 16, 24, 32, 48, 64)
LISTS = (113, 128, 241, 250, 255, 256, 257, 260, 512, 700, 1100)


@dataclass(frozen=True)
class Case:
    """A layer in a format, ``bits`` of its membranes, periods of its values, and spikes (steps, inputs).

    ``fast``: with its weights in RAM.
    """

    layer: Layer
    form: str
    bits: int
    bias_period: int
    theta_period: int
    spikes: np.ndarray
    fast: bool = False

    @property
    def weight_bytes(self):
        return lay_out(self.layer, self.bits, self.form).tables[0].values.nbytes


def both(seed):
    """A random layer with its weights in flash, and if they fit, in RAM."""
    case = random_case(seed)
    fast = replace(case, fast=True)
    return [case, fast] if ram([fast]) <= RAM else [case]


def _size(random):
    if random.random() < 0.3:
        return int(random.choice(EDGES)) + int(random.integers(-1, 2))
    return int(random.integers(1, 71))


def _weights(random, shape, limit):
    """All of them, the largest only, of one sign, few, or none."""
    kind = random.choice(["any", "any", "any", "signs", "high", "low", "sparse", "none"])
    weight = random.integers(-limit, limit + 1, shape)
    if kind == "signs":
        weight = np.where(weight < 0, -limit, limit)
    elif kind in ("high", "low"):
        weight = np.full(shape, limit if kind == "high" else -limit)
    elif kind in ("sparse", "none"):
        weight[random.random(shape) < (0.9 if kind == "sparse" else 1.0)] = 0
    return weight.astype(np.int8)


def _values(random, size, spread):
    """A value for each neuron, and after how many they repeat."""
    period = int(random.choice([1, size, random.integers(1, size + 1)]))
    values = random.integers(-spread // 4, spread + 1, period)
    if random.random() < 0.2:
        extreme = [0, -1, 1, 32_767, -32_768, 32_768, -32_769, 1_000_000, -1_000_000]
        values[random.random(period) < random.choice([0.2, 1.0])] = random.choice(extreme)
    return np.resize(values, size).astype(np.int32), period


def random_case(seed):
    random = np.random.default_rng([seed, 31])
    outputs, inputs = _size(random), _size(random)
    long = random.random() < 0.06
    if long:
        outputs, inputs = int(random.integers(1, 25)), int(random.choice(LISTS))
    elif random.random() < 0.03:
        outputs, inputs = int(random.integers(250, 260)), int(random.integers(1, 12))
    bits, steps = int(random.integers(2, 9)), int(random.integers(1, 4))
    spread = int(2 ** (bits - 1) * np.sqrt(inputs)) + 1
    bias, bias_period = _values(random, outputs, spread)
    theta, theta_period = _values(random, outputs, spread)
    model = SnnCt if random.random() < 0.5 else SnnDc
    connection = Affine(_weights(random, (outputs, inputs), 2 ** (bits - 1) - 1), bias, bits)
    layer = Layer("layer", connection, model(theta))
    width = 32 if random.random() < 0.2 else prove_width(layer, steps).bits
    form = str(random.choice(formats(layer)))
    spikes = random.random((steps, inputs)) < (1.0 if long else random.choice([0.0, 0.02, 0.1, 0.5, 1.0]))
    return Case(layer, form, width, bias_period if model is SnnCt else outputs, theta_period, spikes)


def expected(case):
    """The words that the program must say of one layer."""
    layer, steps = case.layer, len(case.spikes)
    spikes, membranes = step_through(layer, case.spikes[None], exact_dtype(layer, steps))
    out = np.zeros((steps, -(-layer.size // 32) * 32), np.bool_)
    out[:, : layer.size] = spikes[0]
    words = np.packbits(out, axis=1, bitorder="little").view("<u4")
    active = case.spikes.sum(axis=1).astype("<u4")
    return np.column_stack([active, words, membranes[0].astype("<i4").view("<u4")]).astype("<u4").ravel().tolist()


def _table(name, kind, values):
    return f"static const {kind} {name}[] PROGMEM = {{{', '.join(map(str, np.ravel(values).tolist()))}}};\n"


def _repeated(values, period):
    """One period, and behind it what a kernel may read, where it is shorter than all."""
    return values if period == values.size else np.resize(values[:period], period + WRAP)


def in_c(number, case):
    """A layer's tables, its call, and how many bytes of flash it takes."""
    layer, kind = case.layer, f"int{case.bits}_t"
    layout = lay_out(layer, case.bits, case.form)
    tables = {table.name: table.values for table in layout.tables}
    inputs, outputs = layer.connection.in_size, layer.size
    bias = tables["bias"] if case.bias_period == outputs else _repeated(layer.connection.bias, case.bias_period)
    each = case.theta_period > 1
    theta = _repeated(layer.theta, case.theta_period) if each else layer.theta[:1]
    info = np.iinfo(f"i{case.bits // 8}")
    if not each:
        theta = np.clip(theta, info.min, info.max)
    spikes = np.zeros((len(case.spikes), -(-inputs // 32) * 32), np.bool_)
    spikes[:, :inputs] = case.spikes
    packed = np.packbits(spikes, axis=1, bitorder="little")
    names = [f"{what}_{number}" for what in ("weight", "bias", "theta", "spikes")]
    values = (tables["weight"], bias, theta, packed)
    text = "".join(map(_table, names, ("uint8_t", kind, kind, "uint8_t"), values))
    numbers = (inputs, outputs, layout.membranes, layout.numbers["row_bytes"], len(case.spikes))
    numbers += (int(isinstance(layer.neuron, SnnDc)), case.bias_period, case.theta_period * each)
    run = "RUN_FAST" if case.fast else "RUN"
    call = f"    {run}({case.form}, i{case.bits}, {', '.join(names)}, {', '.join(map(str, numbers))}) \\\n"
    flash = tables["weight"].size + packed.size + (bias.size + theta.size) * case.bits // 8 + 400
    return text, call, flash


def programs(cases):
    """Cases in groups that fit, with their text; those with weights in RAM have programs of their own."""
    for fast in (False, True):
        group, text, calls, size = [], "", "", 0
        for number, case in enumerate(case for case in cases if case.fast == fast):
            tables, call, flash = in_c(number, case)
            if group and (size + flash > FLASH or (fast and ram([*group, case]) > RAM)):
                yield group, layers_h(group, text, calls)
                group, text, calls, size = [], "", "", 0
            group, text, calls, size = [*group, case], text + tables, calls + call, size + flash
        if group:
            yield group, layers_h(group, text, calls)


def largest(group):
    """Of the layers of a program: inputs, neurons, and bytes of a table in RAM."""
    return (
        max(case.layer.connection.in_size for case in group),
        max(case.layer.size for case in group) + WRAP + 1,
        max(case.weight_bytes * case.fast for case in group),
    )


def ram(group):
    """Bytes of RAM that a program takes."""
    inputs, neurons, fast = largest(group)
    return 3 * inputs + 14 * neurons + fast


def layers_h(group, text, calls):
    names = ("MAX_INPUTS", "MAX_NEURONS", "FAST_BYTES")
    sizes = "".join(f"#define {name} {size}u\n" for name, size in zip(names, largest(group), strict=True))
    return f"#include <stdint.h>\n{sizes}{text}#define CALLS \\\n{calls}\n"


def differences(cases, folder, flags=("-O2",)):
    """The layers of which the chip says something else than the reference."""
    objects, found = core_objects(folder, PART, flags), []
    for group, text in programs(cases):
        (folder / "layers.h").write_text(text)
        link([DRIVER / "kernels_avr.c", *objects], folder / "kernels.elf", PART, [*flags, f"-I{folder}"])
        said, at = run(folder / "kernels.elf", PART), 0
        for case in group:
            right = expected(case)
            if said[at : at + len(right)] != right:
                shape = f"{case.layer.connection.in_size} -> {case.layer.size}"
                neuron = type(case.layer.neuron).__name__
                bits = f"{case.layer.connection.bits}-bit weights as {case.form}, {case.bits}-bit membranes"
                bits += ", in RAM" * case.fast
                found.append(f"{shape}, {neuron}, {bits}, periods {case.bias_period}, {case.theta_period}")
            at += len(right)
        assert len(said) == at
    return found


@pytest.mark.parametrize("flags", [("-O2",), ("-Os",)], ids=["fast", "small"])
def test_some_random_layers(flags, board_tools, tmp_path):
    board_tools(PART)
    assert differences([case for seed in range(QUICK) for case in both(seed)], tmp_path, flags) == []


@pytest.mark.slow
def test_a_thousand_random_layers(board_tools, tmp_path):
    board_tools(PART)
    assert differences([case for seed in range(LAYERS) for case in both(seed)], tmp_path) == []


def test_the_layers_are_as_odd_as_they_should_be():
    cases = [random_case(seed) for seed in range(LAYERS)]
    assert set(range(1, 71)) <= {case.layer.size for case in cases}
    assert {case.layer.connection.bits for case in cases} == set(range(2, 9))
    assert max(case.spikes.sum(axis=1).max() for case in cases) > 1_000
    kinds = {(case.form, type(case.layer.neuron), case.bits) for case in cases}
    assert len(kinds) == 5 * 2 * 2, "every format, both neurons, both widths"
    fast = [case for seed in range(LAYERS) for case in both(seed) if case.fast]
    assert len(fast) > 0.9 * LAYERS
    assert {(case.form, type(case.layer.neuron), case.bits) for case in fast} == kinds
    assert max(case.spikes.sum(axis=1).max() for case in fast) > 500
    kinds = {(type(case.layer.neuron), case.bits, case.theta_period > 1) for case in cases}
    assert len(kinds) == 8, "one threshold and many"


def test_a_single_changed_weight_is_seen(board_tools, tmp_path):
    """Proof that the comparison can fail."""
    board_tools(PART)
    case = next(case for case in map(random_case, range(LAYERS)) if case.spikes.all() and case.layer.size > 8)
    weight = case.layer.connection.weight.copy()
    weight[-1, -1] -= int(np.sign(weight[-1, -1])) or 1
    other = replace(case, layer=replace(case.layer, connection=replace(case.layer.connection, weight=weight)))
    (_, text), right = next(programs([other])), expected(case)
    (tmp_path / "layers.h").write_text(text)
    objects = core_objects(tmp_path, PART, ["-O2"])
    link([DRIVER / "kernels_avr.c", *objects], tmp_path / "kernels.elf", PART, ["-O2", f"-I{tmp_path}"])
    said = run(tmp_path / "kernels.elf", PART)
    assert len(said) == len(right)
    assert said != right
