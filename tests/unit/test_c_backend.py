"""The C backend: golden text, repeatability, names, and the errors for what it cannot make."""

import doctest
import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from ladder import random_conv_network, random_network

from codegen import __version__
from codegen.backends import c, ctext, support, templates
from codegen.backends.c import Options, library_plan, network_files, project_plan
from codegen.board import board_ids, load_board
from codegen.ir import Affine, Head, Layer, SnnCt, SnnDc, SpikecError
from codegen.resources import folder

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "cases"))
import golden


@pytest.mark.parametrize("make", golden.NETWORKS)
def test_golden_text(make):
    """``python tests/cases/golden.py`` refreshes it."""
    network = make()
    kept = golden.folder_of(network)
    expected = {path.relative_to(kept).as_posix(): path.read_text() for path in kept.rglob("*") if path.is_file()}
    assert golden.expected_files(network) == expected


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_generating_again_gives_the_same_bytes(seed):
    for make in (random_network, random_conv_network):
        assert network_files(make(seed)) == network_files(make(seed))
        assert library_plan(make(seed)).digest == library_plan(make(seed)).digest


def test_header_names_tool_network_digest_and_options_but_no_date_or_path():
    network = random_network(1)
    for text in network_files(network, options=Options("stem", "symbol")).values():
        head = text.split("*/")[0]
        for part in (__version__, network.name, network.digest, "stem=stem symbol=symbol"):
            assert part in head
        assert not re.search(r"\b(19|20)\d\d-\d\d", text)
        assert str(Path.cwd()) not in text


def test_no_line_is_longer_than_a_screen_except_tables_and_calls():
    for make in golden.NETWORKS:
        for path, text in network_files(make()).items():
            assert all(len(line) <= 140 for line in text.splitlines()), path


def test_unsound_networks_are_refused():
    with pytest.raises(SpikecError, match="0 steps"):
        network_files(replace(random_network(1), steps=0))


def test_more_layers_and_heads_than_a_byte_counts():
    layer = Layer("a", Affine(np.ones((1, 1), np.int8), np.zeros(1, np.int32), 2), SnnDc(np.zeros(1, np.int32)))
    network = golden.golden_dc()
    layers = tuple(replace(layer, name=f"l{i}") for i in range(256))
    heads = tuple(Head(f"h{i}", 0, 1, ("x",)) for i in range(256))
    encoding = replace(network.encoding, columns=1)
    with pytest.raises(SpikecError) as caught:
        network_files(replace(network, layers=layers, heads=heads, encoding=encoding))
    assert [str(problem) for problem in caught.value.problems] == [
        "layers: 256 layers. Firmware can have 255 at most",
        "heads: 256 heads. Firmware can have 255 at most",
    ]


@dataclass(frozen=True)
class Leaky(SnnCt):
    kind: ClassVar[str] = "leaky"


@dataclass(frozen=True)
class Conv(Affine):
    kind: ClassVar[str] = "conv"


def test_a_neuron_without_a_template():
    network = golden.golden_dc()
    layer = replace(network.layers[0], neuron=Leaky(network.layers[0].neuron.theta))
    with pytest.raises(SpikecError) as caught:
        network_files(replace(network, layers=(layer,)))
    assert str(caught.value) == (
        "layer only: the c backend has no template for neuron 'leaky'. It has: snn_ct, snn_dc (see 'spikec support')"
    )


def test_a_layer_without_a_layout_or_template():
    network = golden.golden_dc()
    old = network.layers[0].connection
    layer = replace(network.layers[0], connection=Conv(old.weight, old.bias, old.bits))
    with pytest.raises(
        SpikecError, match=r"connections of kind 'conv' have no layout in C. Known: affine, conv2d, max_pool2d"
    ):
        network_files(replace(network, layers=(layer,)))
    with pytest.raises(SpikecError, match=r"the c backend has no template for layer 'conv'. It has: affine, conv2d"):
        templates.template_of("c", "layers", "conv", "layer only")


def test_support_matrix():
    assert support.backends() == ["c", "verilog"]
    both = {"c": True, "verilog": True}
    assert support.matrix() == {
        "layers/affine": both,
        "layers/conv2d": both,
        "layers/max_pool2d": both,
        "neurons/snn_ct": both,
        "neurons/snn_dc": both,
    }


@pytest.mark.parametrize("name", ["spikec", "string", "stdint", "arduino"])
def test_libraries_cannot_shadow_headers(name):
    with pytest.raises(SpikecError, match=f"the name '{name}' cannot be a library's"):
        library_plan(replace(golden.golden_dc(), name=name))


@pytest.mark.parametrize("board", board_ids())
def test_projects_hold_all_that_they_need(board):
    description = load_board(board)
    files = project_plan(golden.golden_ct(), description, extra_files={"notes.txt": "mine\n"}).files
    for path in ("platformio.ini", "src/main.c", "src/network.c", "src/network.h", "src/network_tables.h"):
        assert path in files
    for source in (folder("firmware") / "core").glob("*.[ch]"):
        assert files[f"src/core/{source.name}"] == source.read_text()
    assert any(path.startswith("src/protocol/") for path in files)
    assert any(path.startswith("src/hal/") for path in files)
    assert ("platform/spikec_emulated/platform.json" in files) == (description.platform == "spikec_emulated")
    assert files["notes.txt"] == "mine\n"
    assert not any("__pycache__" in path for path in files)


def test_the_runtimes_version_and_lanes_are_the_generators():
    header = (folder("firmware") / "core" / "spikec.h").read_text()
    assert f"#define SPIKEC_RUNTIME_VERSION {c.RUNTIME_VERSION}\n" in header
    from codegen.passes.layouts.base import LANES, WRAP

    kernels = (folder("firmware") / "core" / "spikec_kernels.h").read_text()
    assert f"#define SPIKEC_LANES {LANES}u\n" in kernels
    assert f"#define SPIKEC_WRAP {WRAP}u\n" in kernels


def test_examples_in_docstrings():
    results = doctest.testmod(ctext)
    assert results.attempted > 0
    assert results.failed == 0
