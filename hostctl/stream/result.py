"""One sample's result, gathered from the pieces that the device sends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from codegen.ir import Network
from hostctl.protocol import Result, ResultPiece, TraceKind, TracePiece, result_bytes, timing_bytes, unpack_spikes

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


class _Block:
    """Bytes that come in pieces, in any order, cut anywhere, each perhaps twice."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._data = bytearray(size)
        self._missing = bytearray(b"\1" * size)

    def add(self, offset: int, data: bytes) -> bool:
        """Take a piece; says whether anything of it is new. Raises ValueError when it does not lie within the block."""
        end = offset + len(data)
        if end > self.size:
            raise ValueError(f"bytes {offset} to {end} of {self.size}")
        new = 1 in self._missing[offset:end]
        self._data[offset:end] = data
        self._missing[offset:end] = bytes(len(data))
        return new

    def forget(self, start: int, stop: int) -> None:
        """Do as if the bytes from ``start`` to ``stop`` had not come."""
        self._missing[start:stop] = b"\1" * max(0, stop - start)

    @property
    def whole(self) -> bool:
        return 1 not in self._missing

    def join(self) -> bytes:
        return bytes(self._data)


class Collector:
    """Gathers the pieces of one sample's result, and of its trace where one is wanted."""

    def __init__(self, network: Network, trace: bool) -> None:
        self._network = network
        layers = len(network.layers)
        self._result = _Block(result_bytes(network.steps, network.out_size, layers, len(network.heads)))
        self._timing = timing_bytes(layers)
        self._blocks: dict[_Key, tuple[TraceKind, _Block]] = {}
        blocks = sum(1 if layer.neuron is None else 2 for layer in network.layers)
        self._expected_blocks = network.steps * blocks if trace else 0

    def begin_again(self) -> None:
        """Forget the ticks, which belong to one computation; the sample is sent again.

        All else that came stays good: the same input gives the same numbers.
        """
        self._result.forget(0, self._timing)

    def add_trace(self, piece: TracePiece) -> bool:
        """Take a piece of the trace; says whether anything of it is new.

        Raises ValueError for a layer, step or membranes that there are not, and for another size than theirs.
        """
        if piece.layer >= len(self._network.layers) or piece.step >= self._network.steps:
            raise ValueError(f"a trace of layer {piece.layer}, step {piece.step}")
        if piece.kind != TraceKind.SPIKES and self._network.layers[piece.layer].neuron is None:
            raise ValueError(f"a trace of membranes of layer {piece.layer}, which has none")
        neurons = self._network.layers[piece.layer].size
        size = neurons * np.dtype(_WIDTH[piece.kind]).itemsize if piece.kind in _WIDTH else -(-neurons // 8)
        if piece.total != size:
            raise ValueError(f"a trace of {piece.total} bytes for layer {piece.layer}, which takes {size}")
        key = (piece.layer, piece.step, piece.kind == TraceKind.SPIKES)
        kind, block = self._blocks.setdefault(key, (piece.kind, _Block(size)))
        if kind != piece.kind:
            raise ValueError(f"a trace of layer {piece.layer} in two widths")
        return block.add(piece.offset, piece.data)

    def add_result(self, piece: ResultPiece) -> bool:
        """Take a piece of the result; says whether anything of it is new. Raises ValueError for another size."""
        if piece.total != self._result.size:
            raise ValueError(f"a result of {piece.total} bytes instead of {self._result.size}")
        if piece.offset == 0:
            self._result.forget(min(len(piece.data), self._timing), self._timing)  # Of another computation, perhaps.
        return self._result.add(piece.offset, piece.data)

    @property
    def result_whole(self) -> bool:
        """Whether all of the result has come."""
        return self._result.whole

    @property
    def result_size(self) -> int:
        """Bytes of the whole result."""
        return self._result.size

    @property
    def trace_whole(self) -> bool:
        """Whether all of the trace has come (it comes before the result)."""
        if not self._expected_blocks:
            return True
        return len(self._blocks) == self._expected_blocks and all(block.whole for _, block in self._blocks.values())

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
        return np.frombuffer(self._blocks[layer, step, spikes][1].join(), dtype, size)
