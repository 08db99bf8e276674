"""Many answers at once: each is sent to its end, however few threads there are."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO

from anyio.from_thread import start_blocking_portal

from sdmxmig.web.sdmx.application import CHUNK, MAX_CONCURRENT, MAX_WAITING, Stream

CLIENTS = 4 * MAX_CONCURRENT
PIECES = 2 * MAX_WAITING


def write(out: BinaryIO) -> None:
    """An answer of more chunks than wait for a client."""
    for _ in range(PIECES):
        out.write(b"x" * CHUNK)


async def received() -> int:
    """The size of an answer, as a client receives it."""
    stream = Stream(write, packed=False)
    await stream.begin()
    return sum([len(chunk) async for chunk in stream.rest()])


async def all_received() -> list[int]:
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(2))
    return await asyncio.wait_for(asyncio.gather(*(received() for _ in range(CLIENTS))), timeout=20)


def test_answers_are_written_while_others_wait() -> None:
    with start_blocking_portal() as portal:
        assert portal.call(all_received) == [PIECES * CHUNK] * CLIENTS
