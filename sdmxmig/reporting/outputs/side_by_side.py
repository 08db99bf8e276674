"""Parallel writing of report files; PDFs in a separate process.

``python -m sdmxmig.reporting.outputs.side_by_side`` exchanges pickles.
"""

from __future__ import annotations

import gc
import os
import pickle
import subprocess
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from sdmxmig.primitives.errors import MissingLibrary, SdmxmigError
from sdmxmig.reporting.outputs import OUTPUTS, Page, pdf

SLOWEST = "pdf"
Made = bytes | MissingLibrary
FIRST = (
    "<html lang='ar'><title>.</title><p>a <b>b</b> ع <b>ع</b> 国 я</p><div class=\"drawing\">"
    "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'><desc>.</desc><text>ع</text></svg></div></html>"
)
"""A page with letters of all our scripts and a drawing."""


class Press:
    """Writes files of pages, with an optional process."""

    def __init__(self, process: subprocess.Popen[bytes] | None) -> None:
        self._process = process

    def write_all(
        self, pages: Mapping[str, Page], outputs: Mapping[str, Sequence[str]]
    ) -> Iterator[tuple[str, str, Made]]:
        """Write all files, or name missing libraries.

        Raises `SdmxmigError` for other failures.
        """
        process, self._process = self._process, None
        wanted = [(name, output) for name in pages for output in outputs[name]]
        printed = [name for name, output in wanted if output == SLOWEST]
        if process is None or not printed:
            yield from ((name, output, made_file(pages[name], output)) for name, output in wanted)
            return
        ask(process, [pages[name] for name in printed])
        done = {(name, output): made_file(pages[name], output) for name, output in wanted if output != SLOWEST}
        done |= {(name, SLOWEST): made for name, made in zip(printed, answers_of(process), strict=True)}
        yield from ((name, output, done[name, output]) for name, output in wanted)


@contextmanager
def press() -> Iterator[Press]:
    """Start a press while pages are being composed, on machines with several processors."""
    if (os.cpu_count() or 1) < 2:
        yield Press(None)
        return
    folders = os.pathsep.join(folder for folder in sys.path if folder)
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-P", "-m", __name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": folders},
        start_new_session=True,
    )
    try:
        yield Press(process)
    finally:
        with suppress(OSError), process:  # unread input is not an error
            process.kill()


def made_file(page: Page, output: str) -> Made:
    try:
        return OUTPUTS[output](page)
    except MissingLibrary as error:
        return error


def ask(process: subprocess.Popen[bytes], pages: Sequence[Page]) -> None:
    assert process.stdin is not None  # noqa: S101 - it was started so
    with suppress(OSError), process.stdin:
        pickle.dump(list(pages), process.stdin)


def answers_of(process: subprocess.Popen[bytes]) -> list[Made]:
    assert process.stdout is not None  # noqa: S101 - it was started so
    content = process.stdout.read()
    if not content:
        raise RuntimeError(f"The process that makes the {SLOWEST} ended with {process.wait()} and no word.")
    answer: Any = pickle.loads(content)  # noqa: S301 - it is our own
    if isinstance(answer, Exception):
        raise answer
    return answer  # type: ignore[no-any-return]


def get_ready() -> None:
    with suppress(SdmxmigError):  # missing libraries are reported when the page is ready
        pdf.write(Page(FIRST, ".", language="ar", direction="rtl", running="."))


def main() -> None:
    """Answer the request on standard input with files, or with the error."""
    gc.disable()  # it writes a few files and ends
    answer: object
    try:
        get_ready()
        pages: list[Page] = pickle.load(sys.stdin.buffer)  # noqa: S301 - it is our own
        answer = [made_file(page, SLOWEST) for page in pages]
    except SdmxmigError as error:
        answer = error
    except Exception:  # the caller reports bugs
        answer = RuntimeError(traceback.format_exc())
    sys.stdout.buffer.write(pickle.dumps(answer))
    sys.stdout.buffer.flush()
    os._exit(0)  # freeing every object one by one takes a second


if __name__ == "__main__":
    main()
