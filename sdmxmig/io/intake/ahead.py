"""Parallel processing of pieces in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from sdmxmig.primitives.errors import InputError

WORKERS = 2
AHEAD = 3
"""How many results may wait for their use; memory is bounded by them."""

Piece = TypeVar("Piece")
Result = TypeVar("Result")


@contextmanager
def worker_threads() -> Iterator[ThreadPoolExecutor]:
    """Start daemon threads that are not joined.

    Joining could deadlock when the garbage collector ends a reading.
    """
    workers = ThreadPoolExecutor(WORKERS)
    try:
        yield workers
    finally:
        workers.shutdown(wait=False, cancel_futures=True)


def ahead(work: Callable[[Piece], Result], pieces: Iterable[Piece]) -> Iterator[Result]:
    """Yield results in order while others are computed; raises the first fault in place."""
    source, waiting, fault = iter(pieces), deque[Future[Result]](), None
    with worker_threads() as workers:
        while True:
            try:
                while fault is None and len(waiting) < AHEAD:
                    waiting.append(workers.submit(work, next(source)))
            except StopIteration:
                pass
            except InputError as error:  # what stands before it comes first, and may be at fault itself
                fault = error
            if not waiting:
                break
            yield waiting.popleft().result()
    if fault is not None:
        raise fault
