"""SDMX REST server, standalone or with the workbench."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import KW_ONLY, dataclass
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.transmission.pull.holdings import Holdings
from sdmxmig.web.sdmx.application import ROOT_PATH, Access, Rate, ServiceCache, build_application, read_tokens
from sdmxmig.web.server import LOOPBACK, Beside, build_config, listen
from sdmxmig.workspace.tasks.progress_listener import save_bug_report
from sdmxmig.workspace.tasks.published import collect_holdings, read_release_token
from sdmxmig.workspace.tasks.session import open_session, parse_moment

REQUESTS_PER_MINUTE = 600
NO_TOKENS_WARNING = "Other machines could send requests without a token."


@dataclass(frozen=True, slots=True)
class PublicAccess:
    """Settings for public access: host, address and tokens; `open` needs no token."""

    listen: str = LOOPBACK
    address: str = ""
    _: KW_ONLY
    tokens: Path | None = None
    open: bool = False
    per_minute: int = 0

    @property
    def is_local(self) -> bool:
        return self.listen == LOOPBACK and not self.address


def serve_sdmx(
    folder: Path, port: int, tell: Callable[[str], None], public: PublicAccess, *, with_confidential: bool
) -> None:
    access = build_access(public, port)
    with contextlib.closing(listen(port, public.listen)) as listening:
        port = listening.getsockname()[1]
        if public.is_local:
            access.hosts = list_hosts(port)
        cache = open_service_cache(folder, tell, with_confidential=with_confidential)
        cache.current()
        tell(describe_address(public.address or f"http://{public.listen}:{port}"))
        with cache.folder:
            asgi = build_application(cache, access, save_bug, public.address)
            with contextlib.suppress(KeyboardInterrupt):
                uvicorn.Server(build_config(asgi)).run(sockets=[listening])


@contextlib.contextmanager
def serve_with_workbench(
    folder: Path, tell: Callable[[str], None], public: PublicAccess, *, with_confidential: bool = False
) -> Iterator[Beside]:
    """Add the service of this workspace to a local workbench below ``/sdmx``."""
    if not public.is_local:
        raise SdmxmigError(
            "Other machines cannot reach the service that runs with the workbench.", hint="Leave out --with-workbench."
        )
    cache = open_service_cache(folder, tell, with_confidential=with_confidential)
    with cache.folder:
        cache.current()

        def beside(application: ASGIApp, port: int) -> ASGIApp:
            access = build_access(public, port)
            access.hosts = list_hosts(port)
            tell(describe_address(f"http://{LOOPBACK}:{port}"))
            return split_by_path(application, build_application(cache, access, save_bug))

        yield beside


def split_by_path(application: ASGIApp, service: ASGIApp) -> ASGIApp:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        is_below = scope["type"] == "http" and f"{scope['path']}/".startswith(f"{ROOT_PATH}/")
        await (service if is_below else application)(scope, receive, send)

    return answer


def list_hosts(port: int) -> tuple[str, str]:
    return f"{LOOPBACK}:{port}", f"localhost:{port}"


def describe_address(address: str) -> str:
    return f"The SDMX service is at {address}{ROOT_PATH}/v1 and {ROOT_PATH}/v2"


def build_access(public: PublicAccess, port: int) -> Access:
    tokens = read_tokens(public.tokens) if public.tokens else {}
    if not public.is_local and not tokens and not public.open:
        raise SdmxmigError(NO_TOKENS_WARNING, hint="Name a file of tokens with --token-file, or add --open-to-all.")
    if not public.is_local and not port:
        raise SdmxmigError("--port is missing.", hint="Other users need to know the port.")
    per_minute = public.per_minute or (0 if public.is_local else REQUESTS_PER_MINUTE)
    rate = Rate(per_minute) if per_minute else None
    return Access(tokens=tokens, rate=rate)


def open_service_cache(folder: Path, tell: Callable[[str], None], *, with_confidential: bool) -> ServiceCache:
    def open_holdings(target: Path) -> Holdings:
        session = open_session(folder, None, "")
        holdings = collect_holdings(session, target, with_confidential=with_confidential)
        for note in holdings.notes:
            tell(note)
        return holdings

    session = open_session(folder, None, "")
    return ServiceCache(open_holdings, lambda: read_release_token(session), now=lambda: parse_moment(""))


def save_bug(error: BaseException) -> None:
    with contextlib.suppress(OSError):
        save_bug_report(error, ["serve", "--sdmx"])
