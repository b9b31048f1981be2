"""Reference results, simulated in chunks on another thread while the samples travel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
from threadpoolctl import threadpool_limits

from codegen.ir import Network, simulate, simulate_batch
from hostctl.results.compare import Reference
from hostctl.samples import Sample

CHUNK, TRACE_CHUNK = 64, 8
DEPTH = 3
"""Chunks that may be on their way: the line must never wait for the simulator, nor memory grow without bound."""


class ReferenceAhead:
    """Hands out samples to be streamed and, later, their reference results: each result once."""

    def __init__(self, network: Network, samples: Sequence[Sample], *, trace: bool) -> None:
        self._network = network
        self._trace = trace
        size = TRACE_CHUNK if trace else CHUNK
        self._chunks = [samples[i : i + size] for i in range(0, len(samples), size)]
        self._limits = threadpool_limits(
            1
        )  # Several BLAS threads on busy cores wait for each other for whole time slices.
        self._pool = ThreadPoolExecutor(1, "reference")
        self._futures: dict[int, Future[dict[int, Reference]]] = {}
        self._chunk_of = {sample.index: i for i, chunk in enumerate(self._chunks) for sample in chunk}
        self._left = [len(chunk) for chunk in self._chunks]

    def samples(self) -> Iterator[Sample]:
        """Give the samples in order; handing one out starts the simulation of the chunks that come next."""
        for i, chunk in enumerate(self._chunks):
            for later in range(i, min(i + DEPTH, len(self._chunks))):
                if later not in self._futures and self._left[later]:
                    self._futures[later] = self._pool.submit(self._simulate, self._chunks[later])
            yield from chunk

    def take(self, index: int) -> Reference:
        """Give the reference result of a sample; waits for it if need be."""
        chunk = self._chunk_of[index]
        reference = self._futures[chunk].result()[index]
        self._left[chunk] -= 1
        if not self._left[chunk]:
            del self._futures[chunk]
        return reference

    def close(self) -> None:
        """Stop simulating."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._limits.restore_original_limits()

    def _simulate(self, chunk: Sequence[Sample]) -> dict[int, Reference]:
        inputs = np.stack([sample.inputs(self._network) for sample in chunk])
        batch = simulate_batch(self._network, inputs)
        traces = [simulate(self._network, x) if self._trace else None for x in inputs]
        return {sample.index: Reference.row(batch, i, traces[i]) for i, sample in enumerate(chunk)}
