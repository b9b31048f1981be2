"""Work in chunks on a few threads: numpy lets go of the interpreter in its loops, so threads are enough."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from threadpoolctl import threadpool_limits

Job = TypeVar("Job")
Result = TypeVar("Result")


@contextmanager
def parallel(
    work: Callable[[Job], Result], jobs: Iterable[Job], *, workers: int | None = None
) -> Iterator[Iterator[Result]]:
    """Give an iterator over the results of ``work`` on each job, in their order; by default a thread a core works.

    When the block ends early, by an error or Ctrl-C, what has not begun is left undone. Matrix products run on one
    thread meanwhile: they are small, and the jobs share the processor already.
    """
    pool = ThreadPoolExecutor(workers or os.cpu_count() or 1)
    try:
        with threadpool_limits(1):
            yield pool.map(work, jobs)
    finally:
        pool.shutdown(cancel_futures=True)
