"""Pieces of a file read side by side in threads, ahead of their use, by libraries that leave Python's lock."""

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
    """Threads that work side by side and are not waited for in the end.

    To wait may be for ever: the garbage collector ends a reading that nobody asks for any more wherever it likes, also
    while another thread begins and holds the locks of all threads.
    """
    workers = ThreadPoolExecutor(WORKERS)
    try:
        yield workers
    finally:
        workers.shutdown(wait=False, cancel_futures=True)


def ahead(work: Callable[[Piece], Result], pieces: Iterable[Piece]) -> Iterator[Result]:
    """The results for pieces in their order, while the next ones are worked on.

    The first fault is raised at its place in the order, be it of the work or of the pieces themselves.
    """
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
