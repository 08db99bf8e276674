"""The application: screens, their JSON versions, actions and documents. Internal errors show no details."""

from __future__ import annotations

import contextlib
import functools
import json
import mimetypes
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from python_multipart.multipart import parse_options_header
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from sdmxmig.catalogue.folders import find_shipped_folder
from sdmxmig.io.publishing.files import LockedError
from sdmxmig.primitives import text
from sdmxmig.primitives.errors import SdmxmigError
from sdmxmig.primitives.places import Place
from sdmxmig.statistics.comparison.groups import REGION_FILE as STUDY_FILE
from sdmxmig.web.guard import DOCUMENT_POLICY, PERSON_KEY, BrowserAccess, Guard, find_refusal, get_closing_headers
from sdmxmig.web.guidance import LANGUAGES, choose_preferred_language, format_tour_state
from sdmxmig.web.pages import NO_ROLE, WORKSPACE_FIELD, Fault, Pages, collect_roles, list_needed_roles, load_people
from sdmxmig.web.proxy import strip_prefix
from sdmxmig.web.screens import (
    Document,
    Redirect,
    Screen,
    ScreenContent,
    Visit,
    accounts,
    catalogue,
    data,
    deliveries,
    describe_error,
    findings,
    home,
    job,
    mapping,
    profile,
    region,
    report,
    settings,
    start,
    submission,
)
from sdmxmig.web.screens.mapping.work import read_shipped_words
from sdmxmig.web.workbench import OtherWorkspaceError, Upload, Workbench, Workbenches
from sdmxmig.workspace.folder import RESULTS
from sdmxmig.workspace.results import read_consistently
from sdmxmig.workspace.tasks.approvals import MissingRoleError, is_viewer
from sdmxmig.workspace.tasks.history import Conflict
from sdmxmig.workspace.tasks.messages import build_system_error
from sdmxmig.workspace.tasks.progress_listener import save_bug_report

Fill = Callable[[Screen, Visit, ScreenContent], object]


class CacheFiller:
    """Fills caches by language in a background thread while no page is being served."""

    def __init__(self, screens: Sequence[Screen], fill: Fill, is_in_use: Callable[[Path], bool]) -> None:
        ready = [screen for screen in screens if screen.rail and screen.of_workspace]
        self.screens = sorted(ready, key=lambda screen: screen.prepare is None)
        self.fill, self.is_in_use = fill, is_in_use
        self._begun: set[tuple[Path, str]] = set()
        self._one_at_a_time = threading.Lock()
        self._requests, self._last_answer = 0, 0.0

    @contextlib.contextmanager
    def pause_filling(self) -> Iterator[None]:
        """Pause the filling while a request is answered."""
        self._requests += 1
        try:
            yield
        finally:
            self._requests -= 1
            self._last_answer = time.monotonic()

    def wait_until_quiet(self) -> None:
        while self._requests or time.monotonic() < self._last_answer + QUIET_SECONDS:
            time.sleep(QUIET_SECONDS / 5)

    def begin(self, visit: Visit) -> None:
        about = (visit.workbench.folder, visit.language)
        if about in self._begun:
            return
        self._begun.add(about)
        beforehand = Visit(visit.workbench, language=visit.language)
        task = read_shipped_words if visit.workbench.at_start else functools.partial(self.fill_all, beforehand)
        threading.Thread(target=task, daemon=True).start()

    def fill_all(self, visit: Visit) -> None:
        with self._one_at_a_time:
            for screen in self.screens:
                self.wait_until_quiet()
                if not self.is_in_use(visit.workbench.folder):
                    return
                with contextlib.suppress(Exception):
                    if screen.prepare:
                        screen.prepare(visit)
                    self.fill(screen, visit, screen.show(visit))


SCREENS: tuple[Screen, ...] = (
    home.SCREEN,
    data.SCREEN,
    mapping.SCREEN,
    findings.SCREEN,
    accounts.SCREEN,
    profile.SCREEN,
    report.SCREEN,
    submission.SCREEN,
    catalogue.SCREEN,
    settings.SCREEN,
    region.SCREEN,
    start.SCREEN,
    deliveries.SCREEN,
    job.SCREEN,
    start.HELP,
    start.TOUR,
    start.END,
)
MAX_FILES, MAX_FIELDS, LONGEST_FILE_NAME = 20, 20_000, 255
UTF_8_NAMES = ("utf-8", "utf8")
BUG_STATUS = 500
RETRY_SECONDS = 5
QUIET_SECONDS = 0.5
"""Seconds without a request after which pages are prepared."""
Seen = TypeVar("Seen")
YEAR_SECONDS = 365 * 24 * 3600
LANGUAGE_COOKIE = "sdmxmig-language"
TOUR_COOKIE = "sdmxmig-tour"
STATIC_TYPES = {"web.css": "text/css; charset=utf-8", "web.js": "text/javascript", "htmx.min.js": "text/javascript"}


def build_application(
    workbench: Workbench, screens: tuple[Screen, ...] = SCREENS, *, is_made_ready: bool = False
) -> Guard:
    pages, workbenches = Pages(screens), Workbenches(workbench)
    readiness = CacheFiller(screens, pages.screen, lambda folder: workbenches.workbench.folder == folder)
    routes = [Route("/static/{name}", serve_static)]
    for screen in screens:
        serve = functools.partial(ScreenEndpoints, workbenches, pages, screen, readiness if is_made_ready else None)
        routes += [
            Route(screen.path, serve(as_json=False).show),
            Route(f"/{screen.name}.json", serve(as_json=True).show),
            Route(f"/{screen.name}/do/{{action}}", serve(as_json=False).run_action, methods=["POST"]),
            Route(f"/{screen.name}/file/{{document:path}}", serve(as_json=False).give),
        ]
    choose = functools.partial(choose_language, access=workbench.access)
    routes.append(Route("/language", choose, methods=["POST"]))
    starlette = Starlette(
        routes=routes,
        exception_handlers={
            Exception: respond_to_bug,
            HTTPException: respond_to_error,
            ClientDisconnect: respond_to_disconnect,
        },
    )
    return Guard(ErrorCatcher(starlette), workbench.access)


class ScreenEndpoints:
    def __init__(
        self,
        workbenches: Workbenches,
        pages: Pages,
        screen: Screen,
        readiness: CacheFiller | None = None,
        *,
        as_json: bool,
    ) -> None:
        self.workbenches, self.pages, self.screen, self.as_json = workbenches, pages, screen, as_json
        self.readiness = readiness

    async def show(self, request: Request) -> Response:
        visit = self.visit(request)
        if visit.workbench.at_start and self.screen.of_workspace and not self.as_json:
            return RedirectResponse("/region" if (visit.workbench.base / STUDY_FILE).is_file() else "/start", 303)
        return await self.add_message(visit, self._shown)

    async def run_action(self, request: Request) -> Response:
        name = request.path_params["action"]
        action = self.screen.actions.get(name)
        if action is None:
            raise HTTPException(404)
        form, uploads = await read_form(request)
        token = form.pop(WORKSPACE_FIELD, "")
        visit = self.visit(request, form, uploads)

        def acted(visit: Visit) -> Response:
            self.check_workspace(visit, token)
            self.check_role(visit, name)
            return self.after(visit, action(visit))

        return await self.add_message(visit, acted)

    def after(self, visit: Visit, done: Redirect | ScreenContent) -> Response:
        if isinstance(done, ScreenContent):
            return respond_with_page(
                self.pages.screen(self.screen, replace(visit, asked=done.asked), done), done.status
            )
        if done.opened is not None:
            self.workbenches.open(done.opened, visit.by)
        response = RedirectResponse(build_path_after(done.path, done.done), 303)
        if done.tour is not None:
            place = format_tour_state(done.tour, self.workbenches.find_for_person(visit.by).token) if done.tour else ""
            keep_in_browser(response, visit.workbench.access, TOUR_COOKIE, place)
        return response

    async def give(self, request: Request) -> Response:
        name, _, rest = request.path_params["document"].partition("/")
        document = self.screen.documents.get(name)
        if document is None:
            raise HTTPException(404)
        visit = self.visit(request, {"path": rest})

        def gave(visit: Visit) -> Response:
            self.check_workspace(visit)
            return respond_with_file(read_consistent_results(visit, document))

        return await self.add_message(visit, gave)

    def check_workspace(self, visit: Visit, token: str = "") -> None:
        if not self.screen.of_workspace:
            return
        if visit.workbench.at_start:
            raise SdmxmigError("No workspace is open.", hint="Choose one on Start.")
        if token and token != visit.workbench.token:
            raise OtherWorkspaceError

    def check_role(self, visit: Visit, action: str) -> None:
        roles = list_needed_roles(self.screen.name, action, visit.form.get("command", "").strip())
        if visit.by and visit.roles.isdisjoint(roles):
            raise MissingRoleError(visit.by, roles or (NO_ROLE,))

    def admit_visit(self, visit: Visit) -> Visit:
        if not visit.by:
            return visit
        is_of_all = not self.screen.of_workspace and self.screen.rail
        return replace(visit, roles=collect_roles(visit.workbench, visit.by, of_workspace=not is_of_all))

    def refuse_visit(self, visit: Visit) -> Visit:
        people = load_people(visit.workbench, of_workspace=False) if visit.by else None
        is_open = not visit.by or (people is not None and is_viewer(people, visit.by))
        return visit if is_open else replace(visit, closed=self.pages.of_all)

    def visit(
        self,
        request: Request,
        form: Mapping[str, str] | None = None,
        uploads: Mapping[str, tuple[Upload, ...]] | None = None,
    ) -> Visit:
        by = request.scope.get(PERSON_KEY, "")
        return Visit(
            self.workbenches.find_for_person(by),
            asked=join_fields(request.query_params.multi_items()),
            form=form or {},
            uploads=uploads or {},
            language=detect_language(request),
            by=by,
            tour=request.cookies.get(TOUR_COOKIE, ""),
            page=self.page_of(request),
        )

    def page_of(self, request: Request) -> str:
        parts = urlsplit(request.headers.get("referer", ""))
        proxy = self.workbenches.workbench.access.proxy
        path = strip_prefix(parts.path, proxy.prefix if proxy else "")
        is_ours = parts.netloc == request.headers.get("host", "") and path in self.pages.paths
        return f"{path}?{parts.query}" if is_ours and parts.query else path if is_ours and path else ""

    async def add_message(self, visit: Visit, answer: Callable[[Visit], Response]) -> Response:
        with self.readiness.pause_filling() if self.readiness else contextlib.nullcontext():
            return await run_in_threadpool(self._build_answer, visit, answer)

    def _build_answer(self, visit: Visit, answer: Callable[[Visit], Response]) -> Response:
        try:
            visit = self.refuse_visit(visit)
            visit = self.admit_visit(visit)
            return answer(visit)
        except SdmxmigError as error:
            return self._build_error_page(visit, error)
        except OSError as error:
            return self._build_error_page(visit, build_system_error(error))
        except BaseException as error:
            return self._build_error_page(
                visit, save_bug(error, [str(visit.workbench.folder), self.screen.name]), BUG_STATUS
            )

    def _shown(self, visit: Visit) -> Response:
        self.check_workspace(visit)
        shown = read_consistent_results(visit, self.screen.show)
        if self.as_json:
            return respond_with_json({**shown.facts, "command": shown.command})
        html = self.pages.screen(self.screen, visit, shown)
        if self.readiness:
            self.readiness.begin(visit)
        return respond_with_page(html)

    def _build_error_page(self, visit: Visit, error: SdmxmigError, status: int = 0) -> Response:
        status = status or choose_status(error)
        if self.as_json:
            response = respond_with_json(describe_error(error), status)
        else:
            response = respond_with_page(self.pages.trouble(self.screen, visit, error), status)
        if isinstance(error, LockedError):
            response.headers["retry-after"] = str(RETRY_SECONDS)
        return response


def build_path_after(path: str, done: str) -> str:
    """Build a path with the message of the last action, without earlier messages.

    >>> build_path_after("/findings?severity=error&done=The+mapping+is+saved.", "The cell is corrected.")
    '/findings?severity=error&done=The+cell+is+corrected.'
    >>> build_path_after("/submission#deliveries", "Sending is cancelled.")
    '/submission?done=Sending+is+cancelled.#deliveries'
    """
    path, hash_sign, fragment = path.partition("#")
    bare, _, query = path.partition("?")
    pairs = [part for part in query.split("&") if part and part.partition("=")[0] != "done"]
    query = "&".join([*pairs, *([urlencode({"done": done})] if done else [])])
    return (f"{bare}?{query}" if query else bare) + hash_sign + fragment


def read_consistent_results(visit: Visit, look: Callable[[Visit], Seen]) -> Seen:
    """Read results, again if a command has replaced them meanwhile."""
    return read_consistently([visit.workbench.folder / RESULTS], lambda: look(visit))


def choose_status(error: SdmxmigError) -> int:
    if isinstance(error, MissingRoleError):
        return 403
    return 409 if isinstance(error, (Conflict, OtherWorkspaceError)) else 503 if isinstance(error, LockedError) else 422


def save_bug(error: BaseException, words: Sequence[str]) -> Fault:
    try:
        path = save_bug_report(error, ["open", *words])
    except OSError:
        return Fault(hint="A report could not be saved.")
    return Fault(Place(str(path)), "Please send this report to the maintainers; it contains none of your data files.")


class ErrorCatcher:
    """Catches all unexpected errors and saves them without showing their content."""

    def __init__(self, application: ASGIApp) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with contextlib.suppress(Exception):  # Starlette has answered and saved it by `bug`, and raises it again
            await self.application(scope, receive, send)


async def read_form(request: Request) -> tuple[dict[str, str], dict[str, tuple[Upload, ...]]]:
    """Read a form in UTF-8, since other encodings could hide invalid text."""
    _, options = parse_options_header(request.headers.get("content-type", ""))
    if options.get(b"charset", b"utf-8").decode("latin-1").lower() not in UTF_8_NAMES:
        raise HTTPException(400)
    texts: list[tuple[str, str]] = []
    uploads: dict[str, tuple[Upload, ...]] = {}
    async with request.form(max_files=MAX_FILES, max_fields=MAX_FIELDS) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                if value.filename:
                    file_name = value.filename.replace("\\", "/").rpartition("/")[2][-LONGEST_FILE_NAME:]
                    uploads[name] = (*uploads.get(name, ()), Upload(file_name, await value.read()))
            else:
                texts.append((name, value))
    return join_fields(texts), uploads


def join_fields(texts: Iterable[tuple[str, str]]) -> dict[str, str]:
    fields: dict[str, list[str]] = {}
    for name, value in texts:
        fields.setdefault(name, []).append(value)
    return {name: "\n".join(values) for name, values in fields.items()}


def detect_language(request: Request) -> str:
    return choose_preferred_language(
        request.headers.get("accept-language", ""), request.cookies.get(LANGUAGE_COOKIE, "")
    )


async def choose_language(request: Request, access: BrowserAccess) -> Response:
    form, _ = await read_form(request)
    language = text.choose_language(form.get("language", ""), LANGUAGES) or "en"
    back = form.get("back", "/")
    is_path = back.startswith("/") and not back.startswith(("//", "/\\"))
    response = RedirectResponse(quote(back, safe="/?=&.%") if is_path else "/", 303)
    keep_in_browser(response, access, LANGUAGE_COOKIE, language, seconds=YEAR_SECONDS)
    return response


def keep_in_browser(
    response: Response, access: BrowserAccess, name: str, value: str, *, seconds: int | None = None
) -> None:
    response.set_cookie(
        name,
        value,
        path=f"{access.proxy.prefix}/" if access.proxy else "/",
        secure=access.scheme == "https",
        httponly=True,
        samesite="strict",
        max_age=seconds,
    )


async def serve_static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in STATIC_TYPES:
        raise HTTPException(404)
    content = await run_in_threadpool((find_shipped_folder("templates") / "web" / name).read_bytes)
    return Response(content, media_type=STATIC_TYPES[name], headers={"cache-control": "max-age=3600"})


def respond_with_page(html: str, status: int = 200) -> Response:
    return Response(html.encode(), status, media_type="text/html; charset=utf-8")


def respond_with_json(facts: Mapping[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(facts, ensure_ascii=False).encode(), status, media_type="application/json")


def respond_with_file(document: Document) -> Response:
    media_type = document.media_type or mimetypes.guess_type(document.name)[0] or "application/octet-stream"
    way = "inline" if document.shown else "attachment"
    headers = {"content-disposition": f"{way}; filename*=UTF-8''{quote(document.name)}"}
    if document.shown:
        headers["content-security-policy"] = document.policy or DOCUMENT_POLICY
    return Response(document.content, media_type=media_type, headers=headers)


async def respond_to_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 400
    reason = {404: "There is no such page.", 405: "This page does not accept this kind of request."}.get(
        status, "The form cannot be read."
    )
    return build_refusal(request, reason, status)


async def respond_to_disconnect(request: Request, _error: Exception) -> Response:
    return build_refusal(request, "The request is too large or too slow.", 413)


def build_refusal(request: Request, reason: str, status: int) -> Response:
    content, media_type = find_refusal(reason, request.headers)
    return Response(content, status, media_type=media_type, headers=get_closing_headers(request.method))


async def respond_to_bug(request: Request, error: Exception) -> Response:
    fault = await run_in_threadpool(save_bug, error, [request.method])
    return Response(f"{fault.message} {fault.place or ''}\n", BUG_STATUS, media_type="text/plain; charset=utf-8")
