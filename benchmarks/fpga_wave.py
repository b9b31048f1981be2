"""Draw what the layers of a network do in each clock cycle of one sample: a wave through the pipeline.

    python benchmarks/fpga_wave.py --data DATA [--network nmnist-ct-256] [--banks 1] [--sample 0] [--cycles 180] -o OUT

The engine runs under Icarus, on a sample of the network's test data, and is held to the reference. Exits with 1 when
anything differs.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]

from benchmarks.fpga.bench import IcarusBench, differences  # noqa: E402
from codegen import zoo  # noqa: E402
from codegen.ir import Network, load  # noqa: E402
from codegen.passes.hardware import full_design  # noqa: E402
from hostctl.samples import load_samples  # noqa: E402

LEFT, TOP, WIDTH, PITCH, BAR = 110, 64, 980, 74, 26
SHADES = ("a", "b", "c", "d")


@dataclass(frozen=True)
class Cycle:
    """What a layer does in a cycle: rows of weights begun, whether a step begins, ends, and its spikes are there."""

    rows: int
    first: bool
    last: bool
    valid: bool


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulate and draw; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=os.environ.get("SPIKEC_DATA"), help="data folder [$SPIKEC_DATA]")
    parser.add_argument("--network", default="nmnist-ct-256", help="of dense layers: name or .spk file")
    parser.add_argument("--banks", type=int, default=1, help="spikes a cycle")
    parser.add_argument("--sample", type=int, default=0, help="which one of the test data")
    parser.add_argument("--cycles", type=int, default=180, help="that are drawn, from the sample's start")
    parser.add_argument("-o", "--out", type=Path, required=True, help="the picture")
    options = parser.parse_args(arguments)
    if options.data is None:
        parser.error("give the folder with the data: --data, or SPIKEC_DATA")
    network = load(zoo.network_path(options.network))
    sample = load_samples(network, options.data, split="Test", limit=options.sample + 1)[options.sample]
    inputs = sample.inputs(network)
    with tempfile.TemporaryDirectory(prefix="spikec-wave-") as folder:
        design = full_design(network, banks=options.banks, short=True)
        bench = IcarusBench(network, design, Path(folder), watcher=watcher(network))
        outcome = bench.run([inputs])[0]
        wave = read(network, (Path(folder) / "wave.txt").read_text())
    found = differences(network, inputs, outcome, traced=False)
    print("\n".join(found) or f"equal to the reference; {outcome.cycles} cycles, {int(inputs.sum())} input spikes")
    banks = "one spike" if options.banks == 1 else f"{options.banks} spikes"
    shown = f"the first {options.cycles} of {outcome.cycles} cycles"
    title = f"{options.network}, test sample {options.sample}, {banks} a cycle: {shown}"
    options.out.write_text(draw(network, wave, options.cycles, title), encoding="utf-8")
    return 1 if found else 0


def watcher(network: Network) -> str:
    """A module that writes a line for each cycle of the run: its number, then what each layer does."""
    watched = ["bench.engine.ticks"]
    for index, layer in enumerate(network.layers):
        front = f"bench.engine.{layer.name}"
        watched += [f"{front}.token_hit", f"{front}.token_first", f"{front}.token_last", f"bench.engine.valid[{index}]"]
    form = " ".join(["%0d", *(["%b"] * (len(watched) - 1))])
    lines = [
        "module wave;",
        "    integer file;",
        '    initial file = $fopen("wave.txt", "w");',
        f'    always @(posedge bench.clk) if (bench.engine.go) $fdisplay(file, "{form}", {", ".join(watched)});',
        "endmodule",
    ]
    return "\n".join([*lines, ""])


def read(network: Network, text: str) -> list[list[Cycle]]:
    """What each layer does, cycle by cycle."""
    layers: list[list[Cycle]] = [[] for _ in network.layers]
    for line in text.splitlines():
        words = line.split()[1:]
        for index, cycles in enumerate(layers):
            rows, first, last, valid = words[4 * index : 4 * index + 4]
            cycles.append(Cycle(rows.count("1"), first == "1", last == "1", valid == "1"))
    return layers


def draw(network: Network, wave: list[list[Cycle]], cycles: int, title: str) -> str:
    """The picture, as SVG: a line for each layer, a box for each step, a stroke for each cycle with rows."""
    scale = (WIDTH - LEFT - 20) / cycles
    bottom = TOP + PITCH * len(wave)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + 50}" role="img" aria-labelledby="t"'
        ' font-family="system-ui, -apple-system, \'Segoe UI\', sans-serif" font-size="13">',
        f'<title id="t">{title}</title>',
        "<style>.page{fill:#fff}text{fill:#1f2328}.small{fill:#57606a;font-size:11px}.grid{stroke:#d0d7de}"
        ".a{fill:#9ecbff}.b{fill:#ffd8a8}.c{fill:#b7e4c7}.d{fill:#e0c3fc}"
        ".row{stroke:#1f2328}.out{stroke:#cf222e;stroke-width:1.6}"
        "@media(prefers-color-scheme:dark){.page{fill:#0d1117}text{fill:#e6edf3}.small{fill:#9da7b3}.grid{stroke:#30363d}"
        ".a{fill:#1f4f82}.b{fill:#7a4b12}.c{fill:#1f5f3a}.d{fill:#573a80}.row{stroke:#e6edf3}.out{stroke:#ff7b72}}</style>",
        f'<rect class="page" width="{WIDTH}" height="{bottom + 50}" rx="8"/><text x="20" y="28">{title}</text>',
    ]
    for cycle in range(0, cycles + 1, 20):
        x = LEFT + cycle * scale
        parts.append(f'<path class="grid" d="M{x:.1f} {TOP - 10}V{bottom - 20}"/>')
        parts.append(f'<text class="small" x="{x:.1f}" y="{bottom - 4}" text-anchor="middle">{cycle}</text>')
    for index, (layer, line) in enumerate(zip(network.layers, wave, strict=True)):
        y = TOP + PITCH * index
        parts.append(f'<text x="20" y="{y + 18}">{layer.name}</text>')
        parts.append(f'<text class="small" x="50" y="{y + 18}">{layer.size} lanes</text>')
        parts += _layer(line[:cycles], y, scale)
    parts.append(
        f'<text class="small" x="20" y="{bottom + 28}">Clock cycles. Box: a time step, of one colour in all layers.'
        " Short stroke: weights are fetched for a spike. Long red stroke: the step's spikes are there.</text>"
    )
    return "\n".join([*parts, "</svg>", ""])


def _layer(line: Sequence[Cycle], y: int, scale: float) -> list[str]:
    """A layer's line, in the picture from ``y`` on."""
    boxes, strokes, outs, step, began = list[str](), list[str](), list[str](), -1, -1
    for cycle, now in enumerate(line):
        x = LEFT + cycle * scale
        if now.first:
            step, began = step + 1, cycle
        if began >= 0 and (now.last or cycle == len(line) - 1):
            left, shade = LEFT + began * scale, SHADES[step % len(SHADES)]
            boxes.append(
                f'<rect class="{shade}" x="{left:.1f}" y="{y}" width="{x + scale - left:.1f}" height="{BAR}"/>'
            )
            if x - left > 40:
                boxes.append(f'<text class="small" x="{left:.1f}" y="{y - 3}">step {step}</text>')
            began = -1
        if now.rows:
            strokes.append(f"M{x + scale / 2:.1f} {y + 8}v{BAR - 10}")
        if now.valid:
            outs.append(f"M{x + scale / 2:.1f} {y}v{BAR + 12}")
    return [
        *boxes,
        f'<path class="row" stroke-width="{0.45 * scale:.2f}" d="{"".join(strokes)}"/>',
        f'<path class="out" d="{"".join(outs)}"/>',
    ]


if __name__ == "__main__":
    sys.exit(main())
