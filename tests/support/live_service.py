"""The small service on a port of this machine, for independent clients."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import uvicorn

from sdmxmig.transmission.pull.holdings import Holdings
from sdmxmig.web.sdmx.application import Access, ServiceCache, build_application
from sdmxmig.web.server import build_config

OPENED = datetime(2026, 1, 1, tzinfo=UTC)


@contextmanager
def live(open_holdings: Callable[[Path], Holdings], bugs: list[BaseException]) -> Iterator[str]:
    """Serve these holdings and yield the address."""
    cache = ServiceCache(open_holdings, lambda: "", now=lambda: OPENED)
    with socket.socket() as listening, cache.folder:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(build_config(build_application(cache, Access(), bugs.append)))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/sdmx"
        finally:
            server.should_exit = True
            thread.join(20)
