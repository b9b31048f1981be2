"""One sample's result, gathered from the pieces that the device sends."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from codegen.ir import Network
from hostctl.protocol import Result, ResultPiece, TraceKind, TracePiece, unpack_spikes

_Key = tuple[int, int, bool]
_WIDTH = {TraceKind.MEMBRANE_I16: "<i2", TraceKind.MEMBRANE_I32: "<i4"}


@dataclass(frozen=True)
class DeviceTrace:
    """Every spike, bool (steps, n), and membrane after the step, int32 (steps, n), of every layer in order.

    Layers without neurons (pooling) have no membranes: (steps, 0).
    """

    spikes: list[NDArray[np.bool_]]
    membranes: list[NDArray[np.int32]]


@dataclass(frozen=True)
class DeviceResult:
    """What the device computed for the sample ``index``.

    ``ticks``, ``layer_ticks``: of the board's counter; ``synops``: synaptic operations of each layer;
    ``layer_spikes``: int64 (layers, steps); ``spikes``: the output layer's, bool (steps, out); ``membranes``: the
    output layer's after the last step, int32 (out,); ``answers``: class indices by head; ``wall_s``: host seconds from
    first byte to result.
    """

    index: int
    ticks: int
    layer_ticks: tuple[int, ...]
    synops: tuple[int, ...]
    layer_spikes: NDArray[np.int64]
    spikes: NDArray[np.bool_]
    membranes: NDArray[np.int32]
    answers: dict[str, int]
    trace: DeviceTrace | None = None
    wall_s: float = 0.0


@dataclass
class _Pieces:
    """Bytes that come in pieces, each perhaps twice."""

    total: int = -1
    parts: dict[int, bytes] = field(default_factory=dict)

    def add(self, total: int, offset: int, data: bytes) -> None:
        if total != self.total:
            self.total = total
            self.parts.clear()
        self.parts[offset] = data

    @property
    def whole(self) -> bool:
        return sum(map(len, self.parts.values())) == self.total

    def join(self) -> bytes:
        return b"".join(self.parts[offset] for offset in sorted(self.parts))


class Collector:
    """Gathers the pieces of one sample; ``expected_trace`` is how many trace blocks it must have to be whole."""

    def __init__(self, network: Network, trace: bool) -> None:
        self._network = network
        self._result = _Pieces()
        self._blocks: dict[_Key, tuple[TraceKind, _Pieces]] = {}
        blocks = sum(1 if layer.neuron is None else 2 for layer in network.layers)
        self._expected_blocks = network.steps * blocks if trace else 0

    def begin_again(self) -> None:
        """Forget the result, whose ticks belong to one computation; the sample is sent again.

        What came of its trace stays good: the same input gives the same numbers.
        """
        self._result = _Pieces()

    def add_trace(self, piece: TracePiece) -> None:
        """Take a piece of the trace. Raises ValueError for a layer, step or membranes that there are not."""
        if piece.layer >= len(self._network.layers) or piece.step >= self._network.steps:
            raise ValueError(f"a trace of layer {piece.layer}, step {piece.step}")
        if piece.kind != TraceKind.SPIKES and self._network.layers[piece.layer].neuron is None:
            raise ValueError(f"a trace of membranes of layer {piece.layer}, which has none")
        key = (piece.layer, piece.step, piece.kind == TraceKind.SPIKES)
        _, pieces = self._blocks.setdefault(key, (piece.kind, _Pieces()))
        pieces.add(piece.total, piece.offset, piece.data)

    def add_result(self, piece: ResultPiece) -> bool:
        """Take a piece of the result; says whether the result is whole."""
        self._result.add(piece.total, piece.offset, piece.data)
        return self._result.whole

    @property
    def trace_whole(self) -> bool:
        """Whether all of the trace has come (it comes before the result)."""
        if not self._expected_blocks:
            return True
        return len(self._blocks) == self._expected_blocks and all(p.whole for _, p in self._blocks.values())

    def finish(self, index: int, wall_s: float) -> DeviceResult:
        """Put all together. Raises ValueError when the sizes are not the network's."""
        body, network = Result.unpack(self._result.join()), self._network
        shape = (len(body.synops), *body.spikes.shape, len(body.answers))
        wanted = (len(network.layers), network.steps, network.out_size, len(network.heads))
        if shape != wanted:
            raise ValueError(f"a result with (layers, steps, outputs, heads) = {shape}, not {wanted}")
        return DeviceResult(
            index=index,
            ticks=body.ticks,
            layer_ticks=body.layer_ticks,
            synops=body.synops,
            layer_spikes=body.layer_spikes,
            spikes=body.spikes,
            membranes=body.membranes,
            answers={head.name: answer for head, answer in zip(network.heads, body.answers, strict=True)},
            trace=self._trace() if self._expected_blocks else None,
            wall_s=wall_s,
        )

    def _trace(self) -> DeviceTrace:
        layers = range(len(self._network.layers))
        return DeviceTrace([self._spikes(i) for i in layers], [self._membranes(i) for i in layers])

    def _spikes(self, layer: int) -> NDArray[np.bool_]:
        size = self._network.layers[layer].size
        rows = [self._row(layer, step, True, np.dtype(np.uint8), -(-size // 8)) for step in range(self._network.steps)]
        return unpack_spikes(np.stack(rows), size)

    def _membranes(self, layer: int) -> NDArray[np.int32]:
        size = self._network.layers[layer].size
        if self._network.layers[layer].neuron is None:
            return np.zeros((self._network.steps, 0), np.int32)
        rows = []
        for step in range(self._network.steps):
            dtype = np.dtype(_WIDTH[self._blocks[layer, step, False][0]])
            rows.append(self._row(layer, step, False, dtype, size).astype(np.int32))
        return np.stack(rows)

    def _row(self, layer: int, step: int, spikes: bool, dtype: np.dtype[np.generic], size: int) -> NDArray[np.generic]:
        data = self._blocks[layer, step, spikes][1].join()
        if len(data) != size * dtype.itemsize:
            raise ValueError(f"a trace of {len(data)} bytes for layer {layer}, which takes {size * dtype.itemsize}")
        return np.frombuffer(data, dtype)
