"""Office templates rendered in a confined process.

Workspaces may come from strangers. ``python -m sdmxmig.reporting.outputs.confined`` receives a pickle and returns JSON
lines, so foreign content is never unpickled. No environment, files or network; limited memory and time.
"""

from __future__ import annotations

import json
import math
import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import jinja2

from sdmxmig.primitives.errors import DeclarationError, SdmxmigError
from sdmxmig.primitives.places import Place
from sdmxmig.primitives.templating import place_of
from sdmxmig.reporting.outputs.guards import Guarded

MIB = 1 << 20
KEPT = ("SYSTEMROOT", "SYSTEMDRIVE", "TEMP", "TMP")
POLL = 0.02
GRACE = 1
"""Seconds for reporting the template line before the process is killed."""


@dataclass(frozen=True, slots=True)
class TemplateLimits:
    """Limits of templates: seconds, and MiB beyond the start."""

    seconds: float = 5
    mebibytes: int = 512


@dataclass(frozen=True, slots=True)
class TemplateJob:
    """One template with its values."""

    name: str
    values: Mapping[str, object]


def fill_all(
    sources: Mapping[str, str],
    jobs: Sequence[TemplateJob],
    *,
    words: Mapping[str, object],
    filters: Mapping[str, Callable[..., Any]],
    limits: TemplateLimits = TemplateLimits(),
) -> list[str]:
    """Render templates from `sources`.

    Raises `DeclarationError` with template and line.
    """
    request = pickle.dumps((dict(sources), [(job.name, dict(job.values)) for job in jobs], words, filters, limits))
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-P", "-m", __name__],
            input=request,
            capture_output=True,
            timeout=30 + 4 * limits.seconds,
            env=_environment(),
            check=False,
        )
        answered = done.stdout
    except subprocess.TimeoutExpired as error:
        answered = error.stdout or b""
    texts = []
    for line in answered.splitlines(keepends=True):
        if not line.endswith(b"\n"):  # it was ended while it wrote
            break
        answer = json.loads(line)
        if "text" not in answer:
            raise DeclarationError(answer["message"], Place(answer["file"], line=answer["line"]), answer["hint"])
        texts.append(answer["text"])
    if len(texts) < len(jobs):
        message = "The template was ended: it takes more time or memory than it may have, or nests too deep."
        raise DeclarationError(message, Place(jobs[len(texts)].name))
    return texts


def _environment() -> dict[str, str]:
    """As little as Python can start with, and the folders where it finds sdmxmig."""
    inherited = {name: os.environ[name] for name in KEPT if name in os.environ}
    folders = os.pathsep.join(folder for folder in sys.path if folder)
    return {
        **inherited,
        "PYTHONPATH": folders,
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def fill(environment: Guarded, name: str, values: Mapping[str, object], limits: TemplateLimits) -> str:
    """Fill one template; `DeclarationError` with the line of the innermost template if it cannot be filled."""
    try:
        return environment.written(name, values)
    except jinja2.TemplateSyntaxError as error:
        place = Place(error.name or name, line=error.lineno)
        raise DeclarationError(f"The template cannot be read: {error.message}", place) from None
    except jinja2.TemplateNotFound as error:
        message, hint = f"There is no template “{error.name}”.", "It may use what stands in templates/report/ only."
        raise DeclarationError(message, place_of(error, name), hint) from None
    except jinja2.TemplateError as error:
        message = f"The template asks for what it may not have: {error.message}."
        raise DeclarationError(message, place_of(error, name)) from None
    except RecursionError as error:
        message = "The template includes or calls itself without end, or nests too deep."
        raise DeclarationError(message, place_of(error, name)) from None
    except MemoryError as error:
        message = f"The template needs more memory than the {limits.mebibytes} MiB that it may have."
        raise DeclarationError(message, place_of(error, name)) from None
    except Exception as error:  # whatever a template does wrong is said with its line
        raise DeclarationError(f"The template cannot be filled: {error}.", place_of(error, name)) from None


class _Answers:
    """The lines that go out; one at a time, since the watch writes too."""

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
    environment, answers = Guarded(sources, words, filters), _Answers()
    at_work, ends = [jobs[0][0]], time.process_time() + limits.seconds
    threading.Thread(target=_watch, args=(answers, at_work, ends, limits), daemon=True).start()
    _confine(ends, limits)
    for name, values in jobs:
        at_work[0] = name
        try:
            answers.give(text=fill(environment, name, values, limits))
        except SdmxmigError as error:
            answers.refuse(error)
            return


def _watch(answers: _Answers, at_work: Sequence[str], ends: float, limits: TemplateLimits) -> None:
    while time.process_time() < ends:
        time.sleep(POLL)
    place = _line(sys._current_frames().get(threading.main_thread().ident or 0), at_work[0])
    answers.refuse(DeclarationError(f"The template takes longer than {limits.seconds:g} seconds.", place))
    os._exit(3)


def _line(frame: FrameType | None, name: str) -> Place:
    while frame is not None:
        template = frame.f_globals.get("__jinja_template__")
        if template is not None:
            return Place(Path(template.filename).name, line=template.get_corresponding_lineno(frame.f_lineno))
        frame = frame.f_back
    return Place(name)


def _confine(ends: float, limits: TemplateLimits) -> None:
    """Limit memory, time and files, where the system knows such limits."""
    try:
        import resource
    except ImportError:  # Windows: there the guards and the time must do
        return
    with suppress(OSError, ValueError):
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        size = pages * resource.getpagesize() + limits.mebibytes * MIB
        resource.setrlimit(resource.RLIMIT_AS, (size, size))
    with suppress(OSError, ValueError):
        seconds = math.ceil(ends + GRACE)
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


if __name__ == "__main__":
    main()
