"""The REST application: headers, error answers, and access by host, token and rate."""

from __future__ import annotations

import asyncio
import email.utils
import hashlib
import hmac
import io
import math
import queue
import re
import shutil
import tempfile
import threading
import time
import zlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import KW_ONLY, dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from sdmxmig.io.intake.files import read_bytes
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.text import escape_invisible
from sdmxmig.sdmx.formats.sdmx_ml.dialects import SDMX_21
from sdmxmig.sdmx.formats.sdmx_ml.header_writing import write_error
from sdmxmig.sdmx.model.artefacts import Text
from sdmxmig.sdmx.model.submission import ErrorMessage, Note
from sdmxmig.transmission.pull.holdings import Holdings
from sdmxmig.transmission.pull.negotiation import parse_weighted_values
from sdmxmig.transmission.pull.queries import UNACCEPTABLE, UNKNOWN, QueryError, parse_address
from sdmxmig.transmission.pull.service import GRAMMARS, Answer, Client, Service

MAX_CLIENTS = 10_000
"""Maximum number of clients counted; the one whose last request is oldest is forgotten."""
MIN_TOKEN_LENGTH = 16
BEARER = "bearer "


@dataclass(frozen=True, slots=True)
class AccessDenied(Exception):  # noqa: N818 - the name says what happened
    status: int
    reason: str
    _: KW_ONLY
    again: int = 0


@dataclass(slots=True)
class Rate:
    """A limit on requests per minute and client, which allows bursts."""

    per_minute: int
    _: KW_ONLY
    clock: Callable[[], float] = time.monotonic
    seen: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)

    def count(self, client: str) -> None:
        now = self.clock()
        left, last = self.seen.pop(client, (float(self.per_minute), now))
        left = min(float(self.per_minute), left + (now - last) * self.per_minute / 60)
        self.seen[client] = (left - 1 if left >= 1 else left, now)
        while len(self.seen) > MAX_CLIENTS:
            self.seen.popitem(last=False)
        if left < 1:
            again = math.ceil((1 - left) * 60 / self.per_minute)
            raise AccessDenied(429, f"At most {self.per_minute} requests a minute are answered.", again=again)


@dataclass(slots=True, kw_only=True)
class Access:
    """Access rules: hosts (empty: any), tokens and rate. `tokens` are hashes by holder; without tokens, it is open."""

    hosts: tuple[str, ...] = ()
    tokens: Mapping[str, bytes] = field(default_factory=dict)
    rate: Rate | None = None

    def check(self, headers: Mapping[str, str], client: str) -> None:
        if self.hosts and headers.get("host", "") not in self.hosts:
            raise AccessDenied(421, "The service is not reached under this name.")
        if self.rate:
            self.rate.count(client)
        if self.tokens and not self.holder(headers.get("authorization", "")):
            raise AccessDenied(401, "A token is needed: Authorization: Bearer TOKEN.")

    def holder(self, authorization: str) -> str:
        if authorization[: len(BEARER)].lower() != BEARER:
            return ""
        sent = hash_token(authorization[len(BEARER) :].strip())
        holders = [name for name, token in self.tokens.items() if hmac.compare_digest(token, sent)]
        return holders[0] if holders else ""


def hash_token(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()


def read_tokens(path: Path) -> dict[str, bytes]:
    tokens: dict[str, bytes] = {}
    for number, line in enumerate(read_bytes(path).decode("utf-8", "replace").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        name, _, token = line.strip().partition(" ")
        if len(token.strip()) < MIN_TOKEN_LENGTH or name in tokens:
            message = "A line has its own name, a blank and a token of at least 16 characters."
            raise SdmxmigError(message, Place(str(path), line=number), "Make one with: openssl rand -hex 24")
        tokens[name] = hash_token(token.strip())
    if not tokens:
        raise SdmxmigError("There is no token in this file.", Place(str(path)), "Write a line with a name and a token.")
    return tokens


CHUNK = 64 * 1024
MAX_WAITING = 8
"""Maximum number of chunks that wait for a slow client."""
CHUNK_SECONDS = 60.0
MAX_CONCURRENT = 12
GZIP_WINDOW = 16 + zlib.MAX_WBITS
WRITERS = ThreadPoolExecutor(MAX_CONCURRENT, thread_name_prefix="sdmx-answer")
READERS = ThreadPoolExecutor(MAX_CONCURRENT, thread_name_prefix="sdmx-reader")


class ClientDisconnected(Exception):  # noqa: N818 - the name says what happened
    """The client has disconnected."""


class Pipe(io.RawIOBase):
    def __init__(self, *, packed: bool) -> None:
        self.chunks: queue.Queue[bytes | BaseException | None] = queue.Queue(MAX_WAITING)
        self.buffer = bytearray()
        self.packer = zlib.compressobj(6, zlib.DEFLATED, GZIP_WINDOW) if packed else None
        self.abandoned = threading.Event()
        self.count = 0

    def writable(self) -> bool:
        return True

    def write(self, content: bytes | bytearray | memoryview) -> int:  # type: ignore[override]
        self.count += len(content)
        self.buffer += self.packer.compress(bytes(content)) if self.packer else content
        while len(self.buffer) >= CHUNK:
            self.put(bytes(self.buffer[:CHUNK]))
            del self.buffer[:CHUNK]
        return len(content)

    def tell(self) -> int:
        return self.count

    def put(self, chunk: bytes | BaseException | None) -> None:
        """Pass on a chunk, an error or the end when there is room."""
        waited = 0.0
        while not self.abandoned.is_set() and waited < CHUNK_SECONDS:
            try:
                self.chunks.put(chunk, timeout=1.0)
            except queue.Full:
                waited += 1.0
            else:
                return
        self.abandoned.set()
        raise ClientDisconnected

    def end(self) -> None:
        if self.packer:
            self.buffer += self.packer.flush()
        if self.buffer:
            self.put(bytes(self.buffer))
        self.put(None)


class Stream:
    """A streaming answer; `begin` waits for the first chunk and raises errors."""

    def __init__(self, write: Callable[[BinaryIO], None], *, packed: bool) -> None:
        self.pipe = Pipe(packed=packed)
        self.first: bytes | None = None
        self.turn: Future[None] = Future()
        WRITERS.submit(self._write, write)

    def _write(self, write: Callable[[BinaryIO], None]) -> None:
        if not self.turn.set_running_or_notify_cancel():
            return
        self.turn.set_result(None)
        try:
            try:
                write(cast("BinaryIO", self.pipe))
                self.pipe.end()
            except ClientDisconnected:
                raise
            except BaseException as error:
                self.pipe.put(error)
        except ClientDisconnected:
            pass

    def read_chunk(self) -> bytes | None:
        while True:
            try:
                chunk = self.pipe.chunks.get(timeout=1.0)
            except queue.Empty:
                if self.pipe.abandoned.is_set():
                    raise ClientDisconnected from None
                continue
            if isinstance(chunk, BaseException):
                raise chunk
            return chunk

    async def begin(self) -> None:
        await asyncio.wrap_future(self.turn)
        self.first = await self._next()

    async def _next(self) -> bytes | None:
        return await asyncio.get_running_loop().run_in_executor(READERS, self.read_chunk)

    async def rest(self) -> AsyncIterator[bytes]:
        try:
            chunk = self.first
            while chunk is not None:
                yield chunk
                try:
                    chunk = self._take_ready()
                except queue.Empty:
                    chunk = await self._next()
        finally:
            self.pipe.abandoned.set()

    def _take_ready(self) -> bytes | None:
        chunk = self.pipe.chunks.get_nowait()
        if isinstance(chunk, BaseException):
            raise chunk
        return chunk


ROOT_PATH = "/sdmx"
SAFE_METHODS = ("GET", "HEAD")
METHODS = [*SAFE_METHODS, "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
"""All methods are answered; those that would change something are refused."""
EMPTY, NOT_MODIFIED, PARTIAL, NO_SUCH_PART, FAILED = 204, 304, 206, 416, 500
CHECK_SECONDS = 2.0
OpenHoldings = Callable[[Path], Holdings]
SaveBug = Callable[[BaseException], None]


@dataclass(slots=True, eq=False)
class ServiceCache:
    """The published content, reopened when it changes; running answers keep the earlier content."""

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
            if self.service is None or moment - self.looked >= CHECK_SECONDS:
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


def build_application(cache: ServiceCache, access: Access, save_bug: SaveBug, base: str = "") -> ASGIApp:
    """Build the service; `base` is its public address, by default the requested one."""
    pull = RestEndpoints(cache, access, save_bug, base)
    return Starlette(
        routes=[
            Route(f"{ROOT_PATH}/v{api}/{{path:path}}", partial(pull.respond, api=api), methods=METHODS)
            for api in GRAMMARS
        ]
    )


class RestEndpoints:
    def __init__(self, cache: ServiceCache, access: Access, save_bug: SaveBug, base: str) -> None:
        self.cache, self.access, self.save_bug, self.base = cache, access, save_bug, base

    def find_base(self, request: Request) -> str:
        return self.base or f"{request.url.scheme}://{request.headers.get('host', '')}"

    def deny(self, request: Request, api: int) -> Response | None:
        if request.method not in SAFE_METHODS:
            error = SdmxmigError("This service is read-only.", hint="Use GET.")
            return build_refusal(405, error, api=api, headers={"allow": ", ".join(SAFE_METHODS)})
        try:
            self.access.check(request.headers, request.client.host if request.client else "")
        except AccessDenied as denied:
            more = {"www-authenticate": "Bearer"} if denied.status == 401 else {}
            more |= {"retry-after": str(denied.again)} if denied.again else {}
            return build_refusal(denied.status, SdmxmigError(denied.reason), api=api, headers=more)
        return None

    async def respond(self, request: Request, api: int) -> Response:
        if (denied := self.deny(request, api)) is not None:
            return denied
        try:
            return await self.answer(request, api)
        except QueryError as error:
            return build_refusal(error.status, error, api=api)
        except SdmxmigError as error:
            return build_refusal(UNACCEPTABLE, error, api=api)
        except OSError as error:
            return build_refusal(
                503, SdmxmigError(f"The service cannot read what it serves ({error.strerror})."), api=api
            )
        except Exception as error:  # errors here are bugs; their details are not shown
            self.save_bug(error)
            return build_refusal(FAILED, SdmxmigError("An internal error occurred; a report was saved."), api=api)

    async def answer(self, request: Request, api: int) -> Response:
        headers = request.headers
        client = Client(
            api=api,
            accept=headers.get("accept", ""),
            accept_language=headers.get("accept-language", ""),
            base=self.find_base(request),
        )
        query = request.scope["query_string"].decode("ascii", "replace")
        address = parse_address(request.path_params["path"], query)
        service, opened = await asyncio.to_thread(self.cache.current)
        tag = service.tag(address, client)
        tags = (f'"{tag}"', f'"{tag}-gzip"')
        fields = {
            **HEADERS,
            "last-modified": format_http_date(opened),
            "cache-control": "no-cache",
            "accept-ranges": "bytes",
        }
        if is_known(headers, tags, opened) and ("if-none-match" in headers):
            return Response(status_code=NOT_MODIFIED, headers={**fields, "etag": tags[0]})
        answer = await asyncio.to_thread(service.answer, address, client)
        if is_known(headers, tags, opened):
            return Response(status_code=NOT_MODIFIED, headers={**fields, "etag": tags[0]})
        if answer.is_empty:
            return build_no_match_response(api)
        fields |= {"content-language": answer.language} if answer.language else {}
        return await send_answer(request, answer, tags, fields)


def build_no_match_response(api: int) -> Response:
    if api == 1:
        error = SdmxmigError("No artefact matches the request.", hint="Widen the request.")
        return build_refusal(UNKNOWN, error, api=api)
    return Response(status_code=EMPTY, headers=HEADERS)


async def send_answer(request: Request, answer: Answer, tags: tuple[str, str], fields: Mapping[str, str]) -> Response:
    wanted = parse_range(request.headers, tags[0])
    packed = wanted is None and accepts_gzip(request.headers)
    headers = {**fields, "etag": tags[1] if packed else tags[0]}
    headers |= {"content-encoding": "gzip"} if packed else {}
    if request.method == "HEAD":
        return Response(headers={**headers, "content-type": answer.content_type})
    if wanted is not None:
        whole = await asyncio.to_thread(write_to_file, answer)
        size = whole.seek(0, 2)
        bounds = limit_range(wanted, size)
        if bounds is None:
            whole.close()
            return Response(status_code=NO_SUCH_PART, headers={**headers, "content-range": f"bytes */{size}"})
        headers |= {"content-range": f"bytes {bounds[0]}-{bounds[1]}/{size}"}
        headers |= {"content-length": str(bounds[1] - bounds[0] + 1), "content-type": answer.content_type}
        return StreamingResponse(find_part(whole, *bounds), PARTIAL, headers=headers)
    stream = Stream(answer.write, packed=packed)
    await stream.begin()
    return StreamingResponse(stream.rest(), headers={**headers, "content-type": answer.content_type})


def write_to_file(answer: Answer) -> BinaryIO:
    whole = cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 - closed when its part was sent
    try:
        answer.write(whole)
    except BaseException:  # unsupported content is found while writing
        whole.close()
        raise
    return whole


async def find_part(whole: BinaryIO, start: int, end: int) -> AsyncIterator[bytes]:
    with whole:
        whole.seek(start)
        left = end - start + 1
        while left > 0:
            chunk = await asyncio.to_thread(whole.read, min(left, CHUNK))
            left -= len(chunk)
            yield chunk


VARY_HEADERS = "Accept, Accept-Encoding, Accept-Language, Authorization"
XML_ERROR, JSON_ERROR = "application/xml", "application/json"
SDMX_CODES = {204: 100, 304: 100, 400: 140, 401: 110, 403: 110, 404: 100, 413: 130, 414: 140, 422: 150, 503: 503}
HEADERS = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "vary": VARY_HEADERS,
    "connection": "keep-alive",
}
JS_DATE = re.compile(
    r"[A-Z][a-z]{2} ([A-Z][a-z]{2} \d\d \d{4} \d\d:\d\d:\d\d)(?: GMT([+-]\d{4})?)?(?: \([^()]*\))?", re.ASCII
)
ISO_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT", re.ASCII)
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


def build_refusal(status: int, error: SdmxmigError, *, api: int, headers: Mapping[str, str] | None = None) -> Response:
    import msgspec

    sentence = escape_invisible(f"{error.message} {error.hint}".strip())
    code = str(SDMX_CODES.get(status, 500 if status >= 500 else 1000 + status))
    if api == 1:
        content = write_error(ErrorMessage((Note(code, Text.of(en=sentence)),)), SDMX_21)
        return Response(content, status, media_type=XML_ERROR, headers={**HEADERS, **(headers or {})})
    content = msgspec.json.encode({"errors": [{"code": int(code), "title": sentence}]})
    return Response(content, status, media_type=JSON_ERROR, headers={**HEADERS, **(headers or {})})


def format_http_date(moment: datetime) -> str:
    return email.utils.format_datetime(moment.replace(microsecond=0), usegmt=True)


def is_known(headers: Mapping[str, str], tags: tuple[str, ...], changed: datetime) -> bool:
    if "if-none-match" in headers:
        named = [name.strip().removeprefix("W/") for name in headers["if-none-match"].split(",")]
        return "*" in named or any(tag in named for tag in tags)
    since = parse_moment(headers.get("if-modified-since", ""))
    return since is not None and since >= changed.replace(microsecond=0)


def parse_moment(text: str) -> datetime | None:
    """Parse a header date, in UTC unless it has a zone; None if invalid.

    JavaScript clients, including the SDMX test kit, send ISO 8601 or ``Mon Nov 23 2026 10:00:00 GMT+0100 (Central
    European Time)``.
    """
    printed = JS_DATE.fullmatch(text)
    try:
        if printed:
            moment = datetime.strptime(f"{printed[1]} {printed[2] or '+0000'}", "%b %d %Y %H:%M:%S %z")
        elif ISO_MOMENT.match(text):
            moment = datetime.fromisoformat(text)
        else:
            moment = email.utils.parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def accepts_gzip(headers: Mapping[str, str]) -> bool:
    encodings = parse_weighted_values(headers.get("accept-encoding", ""))
    weights = {name.lower(): weight for name, _, weight in encodings}
    return weights.get("gzip", weights.get("*", 0.0)) > 0


def parse_range(headers: Mapping[str, str], tag: str) -> re.Match[str] | None:
    match = RANGE.fullmatch(headers.get("range", "").replace(" ", ""))
    condition = headers.get("if-range", "")
    if match is None or not (match[1] or match[2]) or condition not in ("", tag):
        return None
    return match


def limit_range(match: re.Match[str], size: int) -> tuple[int, int] | None:
    if not match[1]:
        count = min(int(match[2]), size)
        return (size - count, size - 1) if count else None
    start, end = int(match[1]), min(int(match[2] or size - 1), size - 1)
    return (start, end) if start <= end else None
