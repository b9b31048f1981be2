"""Which hardware a network becomes on a board's chip: as many lanes as fit it, by the estimate of its area."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from codegen.board import Board
from codegen.fpga import Fpga
from codegen.ir import Network, Problem, SpikecError, Synapses
from codegen.ir.layers.affine import Affine
from codegen.passes.hardware import BANKS, Design, LayerDesign, check_design, make_design
from codegen.passes.hardware_area import estimate
from codegen.passes.hardware_fit import check_room

_HALF = 0.5
"""Share of a chip up to which more spikes a cycle are taken: they cost lanes' worth of LUTs and a slower clock."""

_DEEP = 128
"""Rows of a bank, below which its weights would be made of LUTs."""

Wanted = Mapping[str, int] | int | None
"""What a user wants: a number for all layers, numbers by layer's name, or nothing."""


def choose_design(network: Network, board: Board, lanes: Wanted = None, banks: Wanted = None) -> Design:
    """A board's design: the most ``lanes`` that fit its chip, and ``banks`` where there is plenty of room.

    What the user wants is taken as it is, fitting or not (``require_room`` tells); only what is left open is chosen.
    For a model, which has room for everything, all neurons work at once, one spike a cycle. Raises SpikecError where
    no choice fits the chip, with what the smallest lacks, or for lanes and banks that cannot be built.
    """
    assert board.fpga is not None
    fpga = board.fpga
    check_names(network, lanes, banks)
    if fpga.family == "sim" or (isinstance(lanes, int) and banks is not None):
        return laid_out(network, fpga, lanes, banks)
    candidates = list(_candidates(network, lanes))
    if _weights(network) > fpga.brams * fpga.bram_bits:
        candidates = candidates[-1:]  # No design holds them, so only the least shortage is of interest.
    designs = [laid_out(network, fpga, wanted, banks) for wanted in candidates]
    chosen = next((design for design in designs if fits(network, design, board)), None)
    if chosen is None:
        if isinstance(lanes, int):
            return designs[0]
        check_room(estimate(network, designs[-1], fpga), board, smallest=designs[-1].text(network))
        return designs[-1]
    return chosen if banks is not None else _more_banks(network, chosen, board)


def require_room(network: Network, design: Design, board: Board) -> None:
    """Raise SpikecError, with all that is short, where the estimate says that the design does not fit the chip."""
    if board.fpga is not None and board.fpga.family != "sim":
        check_room(estimate(network, design, board.fpga), board)


def fits(network: Network, design: Design, board: Board) -> bool:
    """Whether the design fits the board's chip, by the estimate."""
    try:
        require_room(network, design, board)
    except SpikecError:
        return False
    return True


def check_names(network: Network, *wanted: Wanted) -> None:
    """Raise SpikecError for names that no layer has."""
    known = [layer.name for layer in network.layers]
    names = [name for one in wanted if isinstance(one, Mapping) for name in one]
    problems = [
        Problem(f"layer {name}", f"is none of {network.name}'s", f"Its layers: {', '.join(known)}")
        for name in names
        if name not in known
    ]
    if problems:
        raise SpikecError(problems)


def laid_out(network: Network, fpga: Fpga, lanes: Wanted, banks: Wanted) -> Design:
    """The design of these lanes and banks with the pipeline and the memories' cuts that suit a chip."""
    short = fpga.family == "sim"
    cut = 1024 if fpga.bram_bits > 16_000 and not short else 0
    return make_design(
        network, lanes, 1 if banks is None else banks, short=short, rom_latency=1 if short else 3, cut=cut
    )


def _candidates(network: Network, lanes: Wanted) -> Iterator[Wanted]:
    """What ``lanes`` leaves open, from the most lanes to one: each layer's neurons shared out evenly over its turns."""
    if isinstance(lanes, int):
        yield lanes
        return
    given = dict(lanes or {})
    sizes = [layer.connection.out_shape[-1] for layer in network.layers if layer.name not in given]
    most = {-(-size // turns) for size in sizes for turns in range(1, size + 1)} or {1}
    for limit in sorted(most, reverse=True):
        yield given | {layer.name: _shared(layer.connection.kind, layer.connection.out_shape[-1], limit)
                       for layer in network.layers if layer.name not in given}  # fmt: skip


def _shared(kind: str, size: int, limit: int) -> int:
    """The lanes of a layer for as few turns as ``limit`` lanes take."""
    if kind == "max_pool2d":
        return size
    if kind == "conv2d":
        return next(lanes for lanes in range(min(limit, size), 0, -1) if size % lanes == 0)
    return -(-size // -(-size // limit))


def _more_banks(network: Network, design: Design, board: Board) -> Design:
    """The design with as many spikes a cycle as half of the chip's LUTs and all of its block RAMs allow."""
    fpga = board.fpga
    assert fpga is not None
    for banks in BANKS[:0:-1]:
        layers = tuple(
            LayerDesign(plan.lanes, banks if _takes(layer.connection, banks) else plan.banks)
            for layer, plan in zip(network.layers, design.layers, strict=True)
        )
        more = Design(layers, rom_latency=design.rom_latency, cut=design.cut)
        try:
            check_design(network, more)
        except SpikecError:
            continue
        need = estimate(network, more, fpga)
        if need.luts <= _HALF * fpga.luts and need.ffs <= _HALF * fpga.ffs and need.brams <= fpga.brams:
            return more
    return design


def _weights(network: Network) -> int:
    """Bits of all weights."""
    synapses = [layer.connection for layer in network.layers if isinstance(layer.connection, Synapses)]
    return sum(connection.weight.size * connection.bits for connection in synapses)


def _takes(connection: object, banks: int) -> bool:
    return isinstance(connection, Affine) and connection.in_size >= _DEEP * banks
