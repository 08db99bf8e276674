"""Office templates rendered in a confined process, with limits, and static HTML and SVG only.

Workspaces may come from strangers. ``python -m sdmxmig.reporting.outputs.sandboxed_templates`` receives a pickle and
returns JSON lines, so that untrusted content is never unpickled. The process has no environment, files or network, and
limited memory and time.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import os
import pickle
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import FrameType
from typing import Any

import jinja2
from jinja2 import filters, nodes, pass_context, pass_eval_context
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError
from jinja2.nodes import EvalContext
from jinja2.runtime import Context, markup_join
from jinja2.sandbox import ImmutableSandboxedEnvironment

from sdmxmig.io.intake.xml import stream_html
from sdmxmig.primitives.errors import DeclarationError, SdmxmigError
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.templating import find_error_place

MAX_CHARACTERS = 4_000_000
"""Maximum length of a value, and of all that a template writes."""
MAX_ITEMS = 100_000
"""Maximum length of a list, as in Jinja’s own sandbox for `range`."""
MAX_BITS = 4_096
PLAIN_TYPES = (str, int, float, Decimal, dt.date, type(None))
ALLOWED: Mapping[str, Sequence[str]] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
"""Names that templates may use, and elements and attributes that are allowed or refused."""


def check_length(length: int, limit: int = MAX_CHARACTERS) -> None:
    if length > limit:
        raise SecurityError(f"it would make a text or list of {length:,} parts; the limit is {limit:,}")


def require_plain_value(value: object) -> object:
    if isinstance(value, jinja2.Undefined):  # empty after an “if” without “else”; others name the undefined value
        return str(value)
    if not isinstance(value, PLAIN_TYPES):
        raise SecurityError(f"a {type(value).__name__} cannot be printed; write out its parts")
    return value


@pass_context
def _check_printed_value(_context: Context, value: object) -> object:
    return require_plain_value(value)


@pass_eval_context
def _join(context: EvalContext, value: Any, d: str = "", attribute: str | int | None = None) -> str:
    parts = list(value if attribute is None else map(filters.make_attrgetter(context.environment, attribute), value))
    check_length(
        sum(len(str(require_plain_value(part))) for part in parts) + len(str(require_plain_value(d))) * len(parts)
    )
    joined: str = filters.do_join(context, parts, d)
    return joined


@pass_eval_context
def _replace(context: EvalContext, s: str, old: str, new: str, count: int | None = None) -> str:
    text, sought, replacement = (str(require_plain_value(argument)) for argument in (s, old, new))
    check_length(len(text) + text.count(sought) * len(replacement))
    replaced: str = filters.do_replace(context, s, old, new, count=count)
    return replaced


def _require_plain_argument(function: Callable[..., Any]) -> Callable[..., Any]:
    first = 1 if hasattr(function, "jinja_pass_arg") else 0

    def on_text(*arguments: Any, **options: Any) -> Any:
        require_plain_value(arguments[first])
        return function(*arguments, **options)

    if first:
        on_text.jinja_pass_arg = function.jinja_pass_arg  # type: ignore[attr-defined]
    return on_text


class _Generator(CodeGenerator):
    """Jinja's code generator, but `~` is checked by the environment like other operators in a sandbox."""

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802 - the name is Jinja's
        self.write("environment.join_parts((")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))")


class GuardedEnvironment(ImmutableSandboxedEnvironment):
    code_generator_class = _Generator
    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self, sources: Mapping[str, str], words: Mapping[str, object], more: Mapping[str, Any]) -> None:
        super().__init__(
            loader=jinja2.FunctionLoader(lambda name: (sources[name], name, None) if name in sources else None),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            finalize=_check_printed_value,
            trim_blocks=True,
            lstrip_blocks=True,
            optimized=False,
        )
        filters = self.filters
        self.filters = {
            **{name: filters[name] for name in ALLOWED["on_any"]},
            **{name: _require_plain_argument(filters[name]) for name in ALLOWED["on_text"]},
            "join": _join,
            "replace": _replace,
            **more,
        }
        self.globals = {**{name: self.globals[name] for name in ALLOWED["globals"]}, **words}

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        if isinstance(obj, str):
            return attr in ALLOWED["methods"]
        return not isinstance(obj, int | float) and super().is_safe_attribute(obj, attr, value)

    def wrap_str_format(self, value: Any) -> None:
        """Disallow formatting, which would not limit the length of texts."""

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Calculate, unless the result would be too large."""
        if operator == "%" and isinstance(left, str):
            raise SecurityError("texts are not formatted with %; write them one after another")
        if operator in ("*", "**") and isinstance(left, int) and isinstance(right, int):
            bits = left.bit_length() * abs(right) if operator == "**" else left.bit_length() + right.bit_length()
            if bits > MAX_BITS:
                raise SecurityError(f"it would make a number of {bits:,} binary digits; the limit is {MAX_BITS:,}")
        elif operator == "*":
            for operand, times in ((left, right), (right, left)):
                if isinstance(times, int) and hasattr(operand, "__len__"):
                    check_length(len(operand) * times, MAX_CHARACTERS if isinstance(operand, str) else MAX_ITEMS)
        elif operator == "+" and hasattr(left, "__len__") and hasattr(right, "__len__"):
            check_length(len(left) + len(right), MAX_CHARACTERS if isinstance(left, str) else MAX_ITEMS)
        return super().call_binop(context, operator, left, right)

    def join_parts(self, parts: tuple[object, ...]) -> str:
        check_length(sum(len(str(require_plain_value(part))) for part in parts))
        return markup_join(parts)

    def written(self, name: str, values: Mapping[str, object]) -> str:
        pieces, length = [], 0
        running = self.get_template(name).generate(**values)
        for piece in running:
            pieces.append(piece)
            length += len(piece)
            if length > MAX_CHARACTERS:  # raised at the current line, so that it is named
                _raise_length_error(running)
        return "".join(pieces)


def _raise_length_error(running: Iterator[str]) -> None:
    running.throw(SecurityError(f"it writes more than {MAX_CHARACTERS:,} characters"))  # type: ignore[attr-defined]


MIB = 1 << 20
KEPT_VARIABLES = ("SYSTEMROOT", "SYSTEMDRIVE", "TEMP", "TMP")
POLL_SECONDS = 0.02
REPORT_SECONDS = 1
"""Seconds for reporting the template line before the process is killed."""


@dataclass(frozen=True, slots=True)
class TemplateLimits:
    seconds: float = 5
    mebibytes: int = 512


def fill_all(
    sources: Mapping[str, str],
    values: Mapping[str, Mapping[str, object]],
    *,
    words: Mapping[str, object],
    filters: Mapping[str, Callable[..., Any]],
    limits: TemplateLimits = TemplateLimits(),
) -> list[str]:
    request = pickle.dumps((dict(sources), [*values.items()], words, filters, limits))
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-P", "-m", __name__],
            input=request,
            capture_output=True,
            timeout=30 + 4 * limits.seconds,
            env=_build_environment(),
            check=False,
        )
        answered = done.stdout
    except subprocess.TimeoutExpired as error:
        answered = error.stdout or b""
    texts = []
    for line in answered.splitlines(keepends=True):
        if not line.endswith(b"\n"):  # ended while writing
            break
        answer = json.loads(line)
        if "text" not in answer:
            raise DeclarationError(answer["message"], Place(answer["file"], line=answer["line"]), answer["hint"])
        texts.append(answer["text"])
    if len(texts) < len(values):
        message = "The template was stopped: it takes too much time or memory, or nests too deep."
        raise DeclarationError(message, Place([*values][len(texts)]))
    return texts


def _build_environment() -> dict[str, str]:
    """Return the minimum environment of Python, with the folders of sdmxmig."""
    inherited = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    folders = os.pathsep.join(folder for folder in sys.path if folder)
    return {
        **inherited,
        "PYTHONPATH": folders,
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def fill(environment: GuardedEnvironment, name: str, values: Mapping[str, object], limits: TemplateLimits) -> str:
    """Fill a template; raise `DeclarationError` with the line of the innermost template."""
    try:
        return environment.written(name, values)
    except jinja2.TemplateSyntaxError as error:
        place = Place(error.name or name, line=error.lineno)
        raise DeclarationError(f"The template cannot be read: {error.message}", place) from None
    except jinja2.TemplateNotFound as error:
        message, hint = f"There is no template “{error.name}”.", "It may only use files in templates/report/."
        raise DeclarationError(message, find_error_place(error, name), hint) from None
    except jinja2.TemplateError as error:
        message = f"The template uses something that is not allowed: {error.message}."
        raise DeclarationError(message, find_error_place(error, name)) from None
    except RecursionError as error:
        message = "The template includes or calls itself without end, or nests too deep."
        raise DeclarationError(message, find_error_place(error, name)) from None
    except MemoryError as error:
        message = f"The template needs more than {limits.mebibytes} MiB of memory."
        raise DeclarationError(message, find_error_place(error, name)) from None
    except Exception as error:  # any error of a template is reported with its line
        raise DeclarationError(f"The template cannot be filled: {error}.", find_error_place(error, name)) from None


class _Answers:
    """Output lines, written one at a time, since the watchdog also writes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def give(self, **answer: object) -> None:
        with self._lock:
            sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
            sys.stdout.buffer.flush()

    def refuse(self, error: SdmxmigError) -> None:
        place = error.place or Place("")
        self.give(message=error.message, hint=error.hint, file=place.file, line=place.line)


def main() -> None:
    sources, jobs, words, filters, limits = pickle.loads(sys.stdin.buffer.read())  # noqa: S301 - it is our own
    environment, answers = GuardedEnvironment(sources, words, filters), _Answers()
    at_work, ends = [jobs[0][0]], time.process_time() + limits.seconds
    threading.Thread(target=_watch_time, args=(answers, at_work, ends, limits), daemon=True).start()
    _limit_resources(ends, limits)
    for name, values in jobs:
        at_work[0] = name
        try:
            answers.give(text=fill(environment, name, values, limits))
        except SdmxmigError as error:
            answers.refuse(error)
            return


def _watch_time(answers: _Answers, at_work: Sequence[str], ends: float, limits: TemplateLimits) -> None:
    while time.process_time() < ends:
        time.sleep(POLL_SECONDS)
    place = _find_template_line(sys._current_frames().get(threading.main_thread().ident or 0), at_work[0])
    answers.refuse(DeclarationError(f"The template takes longer than {limits.seconds:g} seconds.", place))
    os._exit(3)


def _find_template_line(frame: FrameType | None, name: str) -> Place:
    while frame is not None:
        template = frame.f_globals.get("__jinja_template__")
        if template is not None:
            return Place(Path(template.filename).name, line=template.get_corresponding_lineno(frame.f_lineno))
        frame = frame.f_back
    return Place(name)


def _limit_resources(ends: float, limits: TemplateLimits) -> None:
    try:
        import resource
    except ImportError:  # Windows: only the sandbox and the time limit apply
        return
    with suppress(OSError, ValueError):
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        size = pages * resource.getpagesize() + limits.mebibytes * MIB
        resource.setrlimit(resource.RLIMIT_AS, (size, size))
    with suppress(OSError, ValueError):
        seconds = math.ceil(ends + REPORT_SECONDS)
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


if __name__ == "__main__":
    main()


WEB_PREFIXES = ("http://", "https://", "mailto:", "#")
INTERNAL_PREFIXES = ("#", "data:image/png;base64,", "data:image/svg+xml;base64,")


def require_static_html(html: str, name: str, *, style: bool = False) -> str:
    """Return the markup if it is static; raise `DeclarationError` otherwise."""
    if html.strip():
        stream_html(html, name, _Inspection(name, style=style))
    return html


class _Inspection:
    def __init__(self, name: str, *, style: bool) -> None:
        self._name = name
        self._acting = {*ALLOWED["acting"]} - ({"style"} if style else set())
        self._open: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._open.append(tag)
        if tag.rpartition(":")[2] in self._acting:
            self._refuse(f"It has the element <{tag}>.")
        for attribute, value in attributes.items():
            if attribute.startswith("on") or attribute == "srcdoc":
                self._refuse(f"The element <{tag}> has the attribute {attribute}, which can run code.")
            if attribute in ALLOWED["addresses"] and not value.strip().lower().startswith(
                WEB_PREFIXES if tag == "a" else INTERNAL_PREFIXES
            ):
                self._refuse(f"The element <{tag}> has the address “{value[:80]}”.")
            if attribute not in ALLOWED["addresses"]:
                self._check_style(value, tag)

    def end(self, _tag: str) -> None:
        if self._open:
            self._open.pop()

    def data(self, text: str) -> None:
        if self._open and self._open[-1] == "style":
            self._check_style(text, "style")
            if "@" in text or "\\" in text:
                self._refuse("Its style imports a file, or contains a backslash.")

    def _check_style(self, value: str, tag: str) -> None:
        parts = value.lower().replace(" ", "").split("url(")[1:]
        if any(not part.lstrip("\"'").startswith("#") for part in parts):
            self._refuse(f"The element <{tag}> fetches something by url(…).")

    def _refuse(self, message: str) -> None:
        hint = "Use only text, tables, drawings and links in sections and logos. They cannot run code or fetch files."
        raise DeclarationError(message, Place(self._name), hint)
