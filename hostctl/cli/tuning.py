"""``spikec tune``, step by step: every format of every layer is built, run on the board and timed by its counter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from codegen.board import Board
from codegen.ir import Layer, Network
from codegen.passes.footprint import check_fit, estimate
from codegen.passes.formats import choose, choose_by
from codegen.passes.layouts import formats, lay_out
from codegen.tuning import Measured, Tuning
from hostctl.build import flash
from hostctl.cli.output import Output
from hostctl.cli.pipeline import build_firmware
from hostctl.results import Summary, run_stream
from hostctl.samples import Sample
from hostctl.transport.emulator import run_board


def rounds(network: Network, board: Board, fast: Sequence[str] = ()) -> Iterator[dict[str, str]]:
    """Formats for each build, all of which fit the board (by the estimate).

    Layers change theirs together, since each has a counter of its own; where that does not fit, one after the other,
    with all others as small as they can be. ``fast``: layers whose weights are in fast memory.
    """
    names = {layer.name: formats(layer) for layer in network.layers}
    small = choose_by(network, board, weight_bytes, fast)
    for number in range(max(map(len, names.values()))):
        together = {layer: forms[min(number, len(forms) - 1)] for layer, forms in names.items()}
        alone = [{**small, layer: form} for layer, form in together.items()]
        fitting = [chosen for chosen in (together, *alone) if estimate(network, board, chosen, fast=fast).fits(board)]
        yield from fitting[:1] if together in fitting else fitting


def weight_bytes(layer: Layer, form: str) -> int:
    """Bytes of a layer's weights in a format; their order does not depend on the membranes' width."""
    return sum(t.values.nbytes for t in lay_out(layer, 32, form).tables if t.name == "weight")


@dataclass(frozen=True)
class Bench:
    """Where and how everything is measured. ``port``: a real board's. ``fast``: layers with weights in fast memory."""

    out: Output
    network: Network
    board: Board
    samples: Sequence[Sample]
    folder: Path
    port: str | None = None
    offline: bool = False
    fast: tuple[str, ...] = ()

    def run(self, number: int, chosen: Mapping[str, str]) -> Summary:
        """Build with these formats, put it on the board, and compare every sample with the reference."""
        firmware = self.folder / f"round{number}" / "firmware"
        built = build_firmware(
            self.out,
            self.network,
            self.board,
            firmware,
            offline=self.offline,
            force=True,
            formats=chosen,
            fast=self.fast,
        )
        with ExitStack() as stack:
            port = self.port
            if self.board.emulated:
                port = stack.enter_context(run_board(self.board, built.elf)).port
            else:
                flash(firmware, self.board, port, log=self.out.note)
            assert port is not None
            advance = stack.enter_context(self.out.progress(f"measuring on {self.board.id}"))
            target = self.folder / f"round{number}" / "run"
            return run_stream(self.network, self.board, port, self.samples, target, force=True, progress=advance)


def tune(bench: Bench) -> tuple[Tuning, int]:
    """Measure, and choose what is fastest within the board's flash; also: on how many samples the board was wrong.

    Raises SpikecError when the network fits the board in no format.
    """
    network, board, fast = bench.network, bench.board, bench.fast
    measured: dict[tuple[str, str], Measured] = {}
    different = 0
    tried = list(rounds(network, board, fast))
    if not tried:
        check_fit(network, board, choose(network, board, fast), fast=fast)
    for number, chosen in enumerate(tried):
        bench.out.note(f"trying {', '.join(f'{layer} {form}' for layer, form in chosen.items() if form)}")
        summary = bench.run(number, chosen)
        different += summary.different
        for layer, seen in zip(network.layers, summary.layers, strict=True):
            form = chosen[layer.name]
            measured[layer.name, form] = Measured(layer.name, form, seen.latency.mean, weight_bytes(layer, form))
    found = choose_by(network, board, lambda layer, form: units(measured.get((layer.name, form))), fast)
    order = [layer.name for layer in network.layers]
    rows = sorted(measured.values(), key=lambda one: (order.index(one.layer), one.units))
    counter = board.counter
    tuning = Tuning(
        board=board.id,
        network=network.name,
        digest=network.digest,
        formats=found,
        fast=fast,
        unit=counter.unit,
        source=counter.source,
        samples=len(bench.samples),
        measured=tuple(rows),
    )
    return tuning, different


def units(measured: Measured | None) -> float | None:
    """What the counter said, if it was asked."""
    return None if measured is None else measured.units


def describe(tuning: Tuning, usual: Mapping[str, str]) -> str:
    """A table of all that was measured; ``usual``: the formats that would be taken without tuning."""
    lines = [f"{'layer':<16}{'format':<8}{tuning.unit + ' an inference':>28}{'weights':>12}"]
    for one in tuning.measured:
        marks = [
            word
            for word, formats in (("chosen", tuning.formats), ("usual", usual))
            if formats[one.layer] == one.form and one.form
        ]
        row = f"{one.layer:<16}{one.form or '-':<8}{one.units:>28,.0f}{one.weight_bytes:>10,} B"
        lines.append(f"{row}  {', '.join(marks)}".rstrip())
    if tuning.fast:
        lines.append(f"weights in fast memory: {', '.join(tuning.fast)}")
    lines.append(f"measured on {tuning.samples} samples: {tuning.source}")
    return "\n".join(lines)
