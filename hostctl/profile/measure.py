"""Run samples on an emulated board that counts, and sum up what it has counted by layer and phase."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from codegen.board import Board
from codegen.ir import Network, fail
from hostctl.profile.counts import Counts, read_counts, write_plan
from hostctl.profile.models import CycleModel, model_of, why_none
from hostctl.profile.phases import Kind, layer_of, phase_of
from hostctl.profile.program import Program, read_program
from hostctl.profile.table import Ledger, Row, Totals, unknown_kernels
from hostctl.results.ahead import ReferenceAhead
from hostctl.results.compare import compare
from hostctl.samples import Sample
from hostctl.stream import EMULATED, Device, DeviceResult, stream
from hostctl.transport.counting import counting_words, counts_cycles
from hostctl.transport.emulator import run_board

Progress = Callable[[int, int, str], None]
_ANSWER_S = 30.0
"""Counting makes an emulator some ten times slower: a device is given so long for a sample."""


@dataclass(frozen=True)
class LayerWork:
    """One layer over the whole run: synaptic operations, and the device's own counter in the board's units."""

    name: str
    synops: int
    own_counter: float


@dataclass(frozen=True)
class Profile:
    """What a network's work on a board is made of, summed over ``samples``; ``rows`` by layer and phase.

    ``functions``: (layer, phase, name, totals). ``model`` None: ``no_model`` says why. ``differences``: the first
    number of each sample that the reference has otherwise. ``unknown``: kernels of no known phase. ``elsewhere``:
    instructions outside every function.
    """

    board: Board
    network: Network
    samples: int
    layers: tuple[LayerWork, ...]
    rows: tuple[Row, ...]
    functions: tuple[tuple[int, str, str, Totals], ...]
    model: CycleModel | None
    no_model: str
    true_cycles: bool
    differences: tuple[str, ...]
    unknown: tuple[str, ...]
    elsewhere: int


def profile(
    network: Network,
    board: Board,
    elf: Path,
    samples: Sequence[Sample],
    *,
    progress: Progress | None = None,
    note: Callable[[str], None] | None = None,
) -> Profile:
    """Run ``samples`` on an emulated board with the firmware ``elf``, and count.

    Raises SpikecError for a board that nobody counts on, a tool that is missing, device trouble, and when the line lost
    frames, so that the device computed a step twice.
    """
    if not samples:
        raise fail("data", "there are no samples to run", "Choose another --split or a higher --limit")
    with tempfile.TemporaryDirectory(prefix="spikec-") as folder:
        plan, out = Path(folder) / "plan", Path(folder) / "counts"
        words = counting_words(board, plan, out)
        if not elf.is_file():
            raise fail(str(elf), "does not exist", "Build it first: spikec build")
        program = read_program(elf, board)
        write_plan(plan, program, [layer.name for layer in network.layers])
        with run_board(board, elf, words) as running:
            results, differences = _run(network, board, running.port, samples, progress, note)
        counts = read_counts(out)
    _check_steps(counts, program, len(samples) * network.steps)
    model = model_of(board.core)
    ledger = Ledger(program, counts, model, true_cycles=counts_cycles(board))
    return Profile(
        board=board,
        network=network,
        samples=len(samples),
        layers=tuple(_layer_work(network, board, results)),
        rows=tuple(ledger.rows()),
        functions=tuple(ledger.functions()),
        model=model,
        no_model="" if model else why_none(board.core),
        true_cycles=counts_cycles(board),
        differences=tuple(differences),
        unknown=tuple(unknown_kernels(program)),
        elsewhere=counts.elsewhere,
    )


def _run(
    network: Network,
    board: Board,
    port: str,
    samples: Sequence[Sample],
    progress: Progress | None,
    note: Callable[[str], None] | None,
) -> tuple[list[DeviceResult], list[str]]:
    """Stream the samples: results, and the first difference to the reference of each that has one."""
    ahead, results, differences = ReferenceAhead(network, samples, trace=False), list[DeviceResult](), list[str]()
    patience = replace(EMULATED, reply_s=_ANSWER_S)
    try:
        with Device.open(port, network, baud=board.baud, patience=patience, note=note or (lambda _: None)) as device:
            for result in stream(device, ahead.samples()):
                results.append(result)
                difference = compare(network, result, ahead.take(result.index)).first_difference
                if difference is not None:
                    differences.append(f"sample {result.index}: {difference}")
                if progress is not None:
                    progress(len(results), len(samples), "")
    finally:
        ahead.close()
    return results, differences


def _layer_work(network: Network, board: Board, results: Sequence[DeviceResult]) -> list[LayerWork]:
    return [
        LayerWork(
            layer.name,
            sum(result.synops[i] for result in results),
            sum(result.layer_ticks[i] for result in results) / board.counter.ticks_per_unit,
        )
        for i, layer in enumerate(network.layers)
    ]


def _check_steps(counts: Counts, program: Program, steps: int) -> None:
    """Every layer must have taken every step once: a sample that was sent again would count twice."""
    begun = {each.address: each.executed for each in counts.counts if each.layer}
    for function in program.functions:
        if phase_of(function)[0] is Kind.STEP and begun.get(function.start, 0) != steps:
            taken = begun.get(function.start, 0)
            what = f"layer {layer_of(function)} took {taken:,} steps, the samples have {steps:,}"
            raise fail("the line", f"{what}: frames were lost and sent again", "Try again, on a less busy computer")
