"""The REST application."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.transmission.pull.addresses import address_of
from sdmxmig.transmission.pull.holdings import Holdings
from sdmxmig.transmission.pull.openapi import description
from sdmxmig.transmission.pull.refusals import UNACCEPTABLE, UNKNOWN, NotAnswered
from sdmxmig.transmission.pull.registrations import ATOM_TYPE, feed
from sdmxmig.transmission.pull.service import Answer, Client, Service
from sdmxmig.web.sdmx.access import Access, Denied
from sdmxmig.web.sdmx.replies import HEADERS, asked_range, http_date, in_bounds, is_known, refused, wants_gzip
from sdmxmig.web.sdmx.streams import CHUNK, Stream

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from starlette.types import ASGIApp

ROOT = "/sdmx"
SAFE = ("GET", "HEAD")
METHODS = [*SAFE, "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
"""All are answered, those that would change something by a refusal."""
EMPTY, NOT_MODIFIED, PARTIAL, NO_SUCH_PART, FAILED = 204, 304, 206, 416, 500
LOOK_AGAIN = 2.0
"""Seconds between checks for new seals."""
OpenHoldings = Callable[[Path], Holdings]
SaveBug = Callable[[BaseException], None]


@dataclass(slots=True, eq=False)
class Desk:
    """The published content, reopened on change; earlier content stays for running answers."""

    open_holdings: OpenHoldings
    mark: Callable[[], str]
    _: KW_ONLY
    now: Callable[[], datetime]
    folder: tempfile.TemporaryDirectory[str] = field(default_factory=lambda: tempfile.TemporaryDirectory("-sdmx"))
    lock: threading.Lock = field(default_factory=threading.Lock)
    looked: float = 0.0
    marked: str = ""
    count: int = 0
    service: Service | None = None
    opened: datetime | None = None

    def current(self) -> tuple[Service, datetime]:
        with self.lock:
            moment = time.monotonic()
            if self.service is None or moment - self.looked >= LOOK_AGAIN:
                mark = self.mark()
                if self.service is None or mark != self.marked:
                    self._open()
                    self.marked = mark
                self.looked = time.monotonic()
            assert self.service is not None and self.opened is not None  # noqa: S101, PT018 - opened above
            return self.service, self.opened

    def _open(self) -> None:
        self.count += 1
        folder = Path(self.folder.name) / str(self.count)
        folder.mkdir()
        try:
            self.service, self.opened = Service(self.open_holdings(folder), folder), self.now()
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise


def application(desk: Desk, access: Access, save_bug: SaveBug, base: str = "") -> ASGIApp:
    """The service of a desk; `base` is its public address, else that by which it was asked counts."""
    pull = Pull(desk, access, save_bug, base)
    return Starlette(
        routes=[
            Route(f"{ROOT}/v1/{{path:path}}", pull.version_1, methods=METHODS),
            Route(f"{ROOT}/v2/{{path:path}}", pull.version_2, methods=METHODS),
            Route(f"{ROOT}/openapi.json", pull.described, methods=METHODS),
            Route(f"{ROOT}/atom.xml", pull.news, methods=METHODS),
        ]
    )


class Pull:
    """Serves REST requests."""

    def __init__(self, desk: Desk, access: Access, save_bug: SaveBug, base: str) -> None:
        self.desk, self.access, self.save_bug, self.base = desk, access, save_bug, base

    async def version_1(self, request: Request) -> Response:
        return await self.asked(request, 1)

    async def version_2(self, request: Request) -> Response:
        return await self.asked(request, 2)

    async def described(self, request: Request) -> Response:
        return await self.document(request, "application/json", lambda _, base: description(base))

    async def news(self, request: Request) -> Response:
        return await self.document(request, ATOM_TYPE, lambda service, base: feed(service.holdings, base))

    async def document(self, request: Request, media_type: str, make: Callable[[Service, str], bytes]) -> Response:
        """A document about the service."""
        if (denied := self.denied(request, 2)) is not None:
            return denied
        service, opened = await asyncio.to_thread(self.desk.current)
        content = make(service, self.base_of(request))
        tag = f'"{service.holdings.edition[:32]}"'
        headers = {**HEADERS, "etag": tag, "last-modified": http_date(opened), "cache-control": "no-cache"}
        if is_known(request.headers, (tag,), opened):
            return Response(status_code=NOT_MODIFIED, headers=headers)
        return Response(content, media_type=media_type, headers=headers)

    def base_of(self, request: Request) -> str:
        return self.base or f"{request.url.scheme}://{request.headers.get('host', '')}"

    def denied(self, request: Request, api: int) -> Response | None:
        """Why a request is not answered; None if it may be."""
        if request.method not in SAFE:
            error = SdmxmigError("Nothing can be changed here: the service is for reading.", hint="Ask with GET.")
            return refused(405, error, api=api, headers={"allow": ", ".join(SAFE)})
        try:
            self.access.check(request.headers, request.client.host if request.client else "")
        except Denied as denied:
            more = {"www-authenticate": "Bearer"} if denied.status == 401 else {}
            more |= {"retry-after": str(denied.again)} if denied.again else {}
            return refused(denied.status, SdmxmigError(denied.reason), api=api, headers=more)
        return None

    async def asked(self, request: Request, api: int) -> Response:
        if (denied := self.denied(request, api)) is not None:
            return denied
        try:
            return await self.answered(request, api)
        except NotAnswered as error:
            return refused(error.status, error, api=api)
        except SdmxmigError as error:
            return refused(UNACCEPTABLE, error, api=api)
        except OSError as error:
            return refused(503, SdmxmigError(f"The service cannot read what it serves ({error.strerror})."), api=api)
        except Exception as error:  # whatever fails is a bug of ours, of which no more is told than that it happened
            self.save_bug(error)
            return refused(FAILED, SdmxmigError("Something went wrong here; a report of it was saved."), api=api)

    async def answered(self, request: Request, api: int) -> Response:
        """The answer to a question."""
        headers = request.headers
        client = Client(
            api=api,
            accept=headers.get("accept", ""),
            accept_language=headers.get("accept-language", ""),
            base=self.base_of(request),
        )
        query = request.scope["query_string"].decode("ascii", "replace")
        address = address_of(request.path_params["path"], query)
        service, opened = await asyncio.to_thread(self.desk.current)
        tag = service.tag(address, client)
        tags = (f'"{tag}"', f'"{tag}-gzip"')
        fields = {**HEADERS, "last-modified": http_date(opened), "cache-control": "no-cache", "accept-ranges": "bytes"}
        if is_known(headers, tags, opened) and ("if-none-match" in headers):
            return Response(status_code=NOT_MODIFIED, headers={**fields, "etag": tags[0]})
        answer = await asyncio.to_thread(service.answer, address, client)
        if is_known(headers, tags, opened):
            return Response(status_code=NOT_MODIFIED, headers={**fields, "etag": tags[0]})
        if answer.is_empty:
            return nothing_found(api)
        fields |= {"content-language": answer.language} if answer.language else {}
        return await sent(request, answer, tags, fields)


def nothing_found(api: int) -> Response:
    if api == 1:
        error = SdmxmigError("There is nothing that fits the question.", hint="Ask for more.")
        return refused(UNKNOWN, error, api=api)
    return Response(status_code=EMPTY, headers=HEADERS)


async def sent(request: Request, answer: Answer, tags: tuple[str, str], fields: Mapping[str, str]) -> Response:
    wanted = asked_range(request.headers, tags[0])
    packed = wanted is None and wants_gzip(request.headers)
    headers = {**fields, "etag": tags[1] if packed else tags[0]}
    headers |= {"content-encoding": "gzip"} if packed else {}
    if request.method == "HEAD":
        return Response(headers={**headers, "content-type": answer.content_type})
    if wanted is not None:
        whole = await asyncio.to_thread(written, answer)
        size = whole.seek(0, 2)
        bounds = in_bounds(wanted, size)
        if bounds is None:
            whole.close()
            return Response(status_code=NO_SUCH_PART, headers={**headers, "content-range": f"bytes */{size}"})
        headers |= {"content-range": f"bytes {bounds[0]}-{bounds[1]}/{size}"}
        headers |= {"content-length": str(bounds[1] - bounds[0] + 1), "content-type": answer.content_type}
        return StreamingResponse(part_of(whole, *bounds), PARTIAL, headers=headers)
    stream = Stream(answer.write, packed=packed)
    await stream.begin()
    return StreamingResponse(stream.rest(), headers={**headers, "content-type": answer.content_type})


def written(answer: Answer) -> BinaryIO:
    whole = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 - closed when its part was sent
    try:
        answer.write(whole)
    except BaseException:  # what cannot be said is found out while it is written
        whole.close()
        raise
    return whole


async def part_of(whole: BinaryIO, start: int, end: int) -> AsyncIterator[bytes]:
    with whole:
        whole.seek(start)
        left = end - start + 1
        while left > 0:
            chunk = await asyncio.to_thread(whole.read, min(left, CHUNK))
            left -= len(chunk)
            yield chunk
