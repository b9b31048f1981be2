"""A network's engine as a Verilator model: samples in; spikes, membranes and cycles out, held to the reference."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from codegen.backends.verilog import block_files, engine_files
from codegen.backends.vtext import packed
from codegen.backends.vview import LayerView, layer_views
from codegen.ir import Network, fail, simulate
from codegen.passes.hardware import Design
from hostctl.fpga import verilator

_END = 0xFFFFFFFF
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Outcome:
    """What the engine says of one sample.

    ``cycles`` of the run; ``layer_cycles``, ``synops`` (layers,); ``layer_spikes`` (layers, steps); ``spikes`` bool
    (steps, out); ``membranes`` (out,); ``answers`` (heads,); ``trace``: spikes and membranes (steps, n) of each layer.
    """

    cycles: int
    layer_cycles: NDArray[np.int64]
    synops: NDArray[np.int64]
    layer_spikes: NDArray[np.int64]
    spikes: NDArray[np.bool_]
    membranes: NDArray[np.int32]
    answers: NDArray[np.int64]
    trace: list[tuple[NDArray[np.bool_], NDArray[np.int32]]]


class Bench:
    """A network's engine with a simulator around it, in ``folder``. Subclasses say which."""

    def __init__(self, network: Network, design: Design, folder: Path) -> None:
        self.network, self.folder = network, folder
        self.views = layer_views(network, design)
        self.files = engine_files(network, design) | block_files()
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in self.files.items():
            (folder / name).write_text(text)
        self.sources = sorted(name for name in self.files if name.endswith(".v"))

    def simulate(self, samples: NDArray[np.uint32], *, trace: bool, repeats: int, name: str) -> NDArray[np.uint32]:
        """Run samples, spelled out as bench.cpp says, and give what it says of them."""
        raise NotImplementedError

    def run(
        self, inputs: Sequence[NDArray[np.bool_]], *, trace: bool = False, repeats: int = 0, name: str = "run"
    ) -> list[Outcome]:
        """Run samples, bool (steps, inputs) each."""
        parts = [np.array([len(inputs)], np.uint32)]
        for spikes in inputs:
            step, index = np.nonzero(spikes)
            parts += [np.array([len(step)], np.uint32), (step | (index << 16)).astype(np.uint32)]
        values = self.simulate(np.concatenate(parts), trace=trace, repeats=repeats, name=name)
        at, outcomes = 0, []
        for _ in inputs:
            outcome, at = self._outcome(values, at)
            outcomes.append(outcome)
        return outcomes

    def _outcome(self, values: NDArray[np.uint32], at: int) -> tuple[Outcome, int]:
        network, steps = self.network, self.network.steps
        trace = [
            (np.zeros((steps, layer.size), np.bool_), np.zeros((steps, layer.size if layer.neuron else 0), np.int32))
            for layer in network.layers
        ]
        while values[at] != _END:
            layer, step = int(values[at]), int(values[at + 1])
            view, (spikes, membranes) = self.views[layer], trace[layer]
            count = view.turns * view.lanes
            both = values[at + 2 : at + 2 + 2 * count].reshape(view.turns, 2, view.lanes)
            spikes[step] = both[:, 0].reshape(-1)[: view.out_size]
            if membranes.size:
                membranes[step] = both[:, 1].reshape(-1)[: view.out_size].view(np.int32)
            at += 2 + 2 * count
        cycles = int(values[at + 1])
        at += 2
        layers = values[at : at + len(trace) * (3 + steps)].astype(np.int64).reshape(len(trace), 3 + steps)
        at += layers.size
        row = -(-network.out_size // 8)
        bytes_ = values[at : at + steps * row].astype(np.uint8).reshape(steps, row)
        at += bytes_.size
        membranes = values[at : at + network.out_size].view(np.int32)
        at += network.out_size
        answers = values[at : at + len(network.heads)].astype(np.int64)
        at += len(network.heads)
        spikes = np.unpackbits(bytes_, axis=1, bitorder="little", count=network.out_size).astype(np.bool_)
        synops = layers[:, 1] + (layers[:, 2] << 32)
        return Outcome(cycles, layers[:, 0], synops, layers[:, 3:], spikes, membranes, answers, trace), at


class VerilatorBench(Bench):
    """Compiled: slow to build, fast to run."""

    def __init__(self, network: Network, design: Design, folder: Path, *, optimise: str = "-O2") -> None:
        super().__init__(network, replace(design, probe=True), folder)
        (folder / "layers.inc").write_text(_layers(network, self.views))
        (folder / "bench.cpp").write_text((_HERE / "bench.cpp").read_text())
        words = ["--cc", "--exe", "-O3", "--x-assign", "fast", "--x-initial", "fast", "-CFLAGS", optimise]
        run_verilator(
            [*words, "--top-module", "spikec_engine", "-Wno-fatal", "-o", "bench", "bench.cpp", *self.sources], folder
        )
        status, lines = verilator.make(folder / "obj_dir" / "Vspikec_engine.mk", [f"OPT_FAST={optimise}"])
        if status:
            raise fail("verilator", "its model of the engine does not compile", "\n".join(lines[-30:]))

    def simulate(self, samples: NDArray[np.uint32], *, trace: bool, repeats: int, name: str) -> NDArray[np.uint32]:
        """See ``Bench.simulate``."""
        given, results = self.folder / f"{name}.in", self.folder / f"{name}.out"
        given.write_bytes(samples.tobytes())
        command = [str(self.folder / "obj_dir" / "bench"), str(given), str(results), str(int(trace)), str(repeats)]
        subprocess.run(command, check=True, cwd=self.folder)
        return np.fromfile(results, np.uint32)


class IcarusBench(Bench):
    """Interpreted: built at once, slow to run; and a second opinion.

    ``watcher``: Verilog of a module that looks at the module ``bench`` while it runs.
    """

    def __init__(self, network: Network, design: Design, folder: Path, *, watcher: str = "") -> None:
        super().__init__(network, replace(design, probe=True), folder)
        (folder / "watcher.v").write_text(watcher)
        (folder / "layers.vh").write_text(_layers_of_icarus(network, self.views))
        command = [
            "iverilog",
            "-g2005",
            "-Wall",
            "-Wno-timescale",
            "-o",
            "bench.vvp",
            str(_HERE / "bench.v"),
            "watcher.v",
            *self.sources,
        ]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise fail("iverilog", "cannot compile the engine", f"It said:\n{done.stderr[-4000:]}")

    def simulate(self, samples: NDArray[np.uint32], *, trace: bool, repeats: int, name: str) -> NDArray[np.uint32]:
        """See ``Bench.simulate``."""
        (self.folder / f"{name}.in").write_text("\n".join(map(str, samples)))
        command = ["vvp", "-n", "bench.vvp", f"+in={name}.in", f"+out={name}.out", f"+trace={int(trace)}"]
        done = subprocess.run(
            [*command, f"+repeats={repeats}"], cwd=self.folder, capture_output=True, text=True, check=True
        )
        if "in vain" in done.stdout:
            raise RuntimeError(done.stdout)
        return np.loadtxt(self.folder / f"{name}.out", dtype=np.int64).astype(np.uint32)


def differences(network: Network, inputs: NDArray[np.bool_], outcome: Outcome, *, traced: bool) -> list[str]:
    """What in an outcome is not as the reference has it; in words, the first of each kind."""
    truth = simulate(network, inputs)
    found = []

    def compare(what: str, is_: NDArray[np.generic], should: NDArray[np.generic]) -> None:
        wrong = np.argwhere(np.asarray(is_) != np.asarray(should))
        if len(wrong):
            place = tuple(int(i) for i in wrong[0])
            found.append(f"{what}: {len(wrong)} differ, first at {place}: {is_[place]} instead of {should[place]}")

    for i, layer in enumerate(network.layers):
        if traced:
            compare(f"{layer.name} spikes", outcome.trace[i][0], truth.spikes[i])
            compare(f"{layer.name} membranes", outcome.trace[i][1], truth.membranes[i])
        compare(f"{layer.name} spikes a step", outcome.layer_spikes[i], truth.spikes[i].sum(axis=1))
        before = inputs if i == 0 else truth.spikes[i - 1]
        compare(f"{layer.name} synops", outcome.synops[i : i + 1], layer.connection.synops(before[None]))
    compare("output spikes", outcome.spikes, truth.spikes[-1])
    compare("output membranes", outcome.membranes, truth.membranes[-1][-1])
    answers = np.array([truth.answers[head.name][-1] for head in network.heads])
    compare("answers", outcome.answers, answers)
    return found


def run_verilator(words: Sequence[str], folder: Path) -> None:
    """Run Verilator, strictly. Raises SpikecError with what it said when it minds anything."""
    status, lines = verilator.run(words, folder)
    if status:
        raise fail("verilator", "rejects the engine", "It said:\n" + "\n".join(lines[-60:]))


def _layers(network: Network, views: Sequence[LayerView]) -> str:
    """The part of the bench that knows the network."""
    turns = ", ".join(str(view.turns) for view in views)
    sizes = ", ".join(str(view.out_size) for view in views)
    lines = [
        f"enum {{ LAYERS = {len(views)}, STEPS = {network.steps}, HEADS = {len(network.heads)} }};",
        f"static const unsigned turns[] = {{{turns}}}, sizes[] = {{{sizes}}};",
        "static void put_turn(unsigned layer, unsigned turn)",
        "{",
        "    (void)turn;",
    ]
    for i, view in enumerate(views):
        spikes, values = f"top->probe_{view.name}_spikes", f"top->probe_{view.name}_values"
        bits = view.neurons.v_bits if view.neurons else 1
        lines += [
            f"    if (layer == {i}) {{",
            f"        for (unsigned i = 0; i < {view.lanes}; i++) put(part({spikes}, i) & 1);",
            f"        for (unsigned i = 0; i < {view.lanes}; i++) put(number({values}, i * {bits}, {bits}));",
            "    }",
        ]
    return "\n".join([*lines, "}", ""])


def _layers_of_icarus(network: Network, views: Sequence[LayerView]) -> str:
    """The same for bench.v."""
    lines = [f"localparam LAYERS = {len(views)}, STEPS = {network.steps}, HEADS = {len(network.heads)};"]
    for name, numbers in (("SIZES", [view.out_size for view in views]), ("TURNS", [view.turns for view in views])):
        lines.append(f"localparam [{16 * len(views) - 1}:0] {name} = {packed(numbers, 16)};")
    lines += ["task tell_turn;", "    begin"]
    for i, view in enumerate(views):
        spikes, values = f"engine.probe_{view.name}_spikes", f"engine.probe_{view.name}_values"
        bits = view.neurons.v_bits if view.neurons else 1
        each = f"        if (layer == {i}) for (lane = 0; lane < {view.lanes}; lane = lane + 1)"
        lines.append(f'{each} $fdisplay(results, "%0d", {spikes}[lane]);')
        lines.append(f'{each} $fdisplay(results, "%0d", $signed({values}[lane*{bits} +: {bits}]));')
    return "\n".join([*lines, "    end", "endtask", ""])
